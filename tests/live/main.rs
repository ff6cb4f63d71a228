//! The link as a call: rounds that go on in time, arrays that are sent.

mod large;
mod link;
mod rounds;
mod values;

use airloop::config::Node;
use airloop::report::Fidelity;
use std::path::Path;

/// A small grid: 48 subcarriers 30 kHz apart.
const GRID: &str = "[ofdm]\nnumerology = \"custom\"\nsample_rate_hz = 1.92e6\nfft_size = 64\n\
                        cyclic_prefix_samples = 16\nused_subcarriers = 48\n";
const STATIC: &str = "[channel]\nmodel = \"rayleigh\"\n";
const MOVING: &str = "[channel]\nmodel = \"tdl-a\"\ndelay_spread_s = 100e-9\nspeed_m_s = 30.0\n";
const LINK: &str = "[link]\nsnr_db = 15.0\n";
const INVERSION: &str = "[scheme]\nkind = \"truncated-inversion\"\nthreshold = 0.2\n";
const RUNGS: [Fidelity; 2] = [Fidelity::Symbol, Fidelity::Waveform];

/// Joins tables to an experiment.
fn file(tables: &[&str]) -> String {
    tables.concat()
}

fn tree(text: &str) -> Node {
    Node::parse_toml(text, Path::new("test.toml")).unwrap()
}

/// Values that are neither smooth nor sorted, of mean square near 1 and different powers by device.
fn values(devices: usize, length: usize, salt: usize) -> Vec<f32> {
    let value = |i: usize| ((i * 7919 + salt * 104_729) % 2003) as f32 / 578.0 - 1.732;
    (0..devices * length).map(|i| value(i) * (1.0 + 0.3 * (i / length) as f32)).collect()
}

/// `|a - b|^2 / |b|^2`.
fn relative(a: &[f64], b: &[f64]) -> f64 {
    let error: f64 = a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum();
    error / b.iter().map(|b| b * b).sum::<f64>()
}
