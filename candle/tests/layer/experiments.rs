//! Experiments that the tests share.

use airloop::live::Link;
use airloop::report::Fidelity;
use candle_core::{Device, Tensor};

/// Truncated inversion over a Rayleigh channel.
pub const FADING: &str = "channel = { model = \"rayleigh\" }\nlink = { snr_db = 5.0 }\n\
                          scheme = { kind = \"truncated-inversion\", threshold = 0.05 }";
/// Amplitudes that follow a frequency-selective channel, which is not inverted.
pub const UNEVEN: &str = "channel = { model = \"tdl-a\", delay_spread_s = 500e-9 }\nlink = { snr_db = 5.0 }\n\
                          scheme = { kind = \"phase-only\" }";
/// A link whose devices know their channels with an error, so that phases are left.
pub const INEXACT: &str = "channel = { model = \"rayleigh\" }\n\
                           link = { snr_db = 5.0, csi = \"imperfect\", csi_error = 0.1 }\nscheme = { kind = \"phase-only\" }";
/// Eight bits a value.
pub const DIGITAL: &str = "channel = { model = \"awgn\" }\nlink = { snr_db = 15.0 }\nmcs = { index = 10 }\nharq = { transmissions = 4 }\n\
     scheme = { kind = \"digital\", bits = 8 }";

const GRID: &str = "ofdm = { numerology = \"custom\", sample_rate_hz = 1.92e6, fft_size = 64, \
                    cyclic_prefix_samples = 16, used_subcarriers = 48 }";

/// Makes a link on a small grid; the same tables and seed repeat the same bytes.
pub fn link(tables: &str, seed: u64) -> Link {
    link_at(tables, seed, Fidelity::Symbol)
}

/// Makes a link at a fidelity.
pub fn link_at(tables: &str, seed: u64, fidelity: Fidelity) -> Link {
    let grid = if tables.contains("mcs") { "" } else { GRID };
    Link::from_toml(&format!("seed = {seed}\n{grid}\n{tables}"), fidelity).expect("the tables are TOML")
}

/// Returns values between -1.2 and 1.2 without a pattern.
pub fn values(length: usize) -> Vec<f32> {
    (0..length).map(|i| (((i * 7919 + 13) % 241) as f32 - 120.0) / 100.0).collect()
}

/// Makes a tensor of values.
pub fn tensor(values: &[f32]) -> Tensor {
    Tensor::new(values, &Device::Cpu).expect("a row of values")
}
