//! Experiments from one line of settings, and their trials.

use airloop::config::{Node, overrides::parse_set};
use airloop::experiment::{Experiment, Loader};
use airloop::report::{Fidelity, Report};
use airloop::run::{RunOptions, Trial, TrialContext, run};
use rayon::prelude::*;
use std::path::Path;

/// A small grid: 48 subcarriers in a transform of 64 with a prefix of 16 samples, 30 kHz apart.
pub const GRID: &str = "ofdm.numerology=custom; ofdm.sample_rate_hz=1.92e6; ofdm.fft_size=64; \
                    ofdm.cyclic_prefix_samples=16; ofdm.used_subcarriers=48";

/// Every element independent, Rayleigh.
pub const RAYLEIGH: &str = "channel.model=rayleigh; channel.fading=per-element";

/// A Rayleigh channel that differs from subcarrier to subcarrier, with taps on whole samples inside the prefix.
pub const SELECTIVE: &str = "channel.model=exponential; channel.delay_spread_s=1e-6; channel.delays=rounded";

/// Gains of 1.
pub const AWGN: &str = "channel.model=awgn";

/// Returns the settings of a Gaussian payload that is drawn anew in every trial.
pub fn gaussian(devices: usize, length: usize) -> String {
    format!("payload.source=gaussian; payload.devices={devices}; payload.length={length}")
}

/// Makes an experiment on the small grid from lists of `path=value`, each list divided by semicolons; later ones prevail.
pub fn load(settings: &[&str]) -> Experiment {
    load_with(&Loader::default(), &[&[GRID], settings].concat())
}

/// Makes an experiment from nothing but the settings.
pub fn load_with(loader: &Loader, settings: &[&str]) -> Experiment {
    let mut node = Node::parse_toml("", Path::new("test.toml")).unwrap();
    for setting in settings.iter().flat_map(|list| list.split(';')).filter(|s| !s.trim().is_empty()) {
        let (path, value) = parse_set(setting.trim()).unwrap_or_else(|e| panic!("{setting}: {e}"));
        node.set(&path, value).unwrap();
    }
    loader.load(&node).unwrap_or_else(|e| panic!("{settings:?}: {e}"))
}

/// Runs the first trials of an experiment.
pub fn trials(experiment: &Experiment, fidelity: Fidelity, count: u64) -> Vec<Trial> {
    let context = TrialContext::new(experiment, fidelity).unwrap();
    (0..count).into_par_iter().map(|trial| context.run(trial).unwrap()).collect()
}

/// Runs an experiment at a rung.
pub fn report(experiment: &Experiment, fidelity: Fidelity) -> Report {
    run(experiment, fidelity, &RunOptions::default()).unwrap()
}

/// Returns the path of the shipped gradients: 20 devices of 9,610 values, and how many samples each was trained on.
pub fn gradients() -> String {
    format!("{}/experiments/data/digits_mlp_gradients.safetensors", env!("CARGO_MANIFEST_DIR"))
}

/// Returns the settings that send the shipped gradients.
pub fn shipped() -> String {
    format!("payload.source=file; payload.path=\"{}\"; payload.tensor=gradients", gradients())
}

/// Reads a tensor of the shipped file, byte by byte as the format's own page says, as raw little-endian chunks.
pub fn raw_tensor(name: &str) -> Vec<u8> {
    let bytes = std::fs::read(gradients()).unwrap();
    let header = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    let parsed: serde_json::Value = serde_json::from_slice(&bytes[8..8 + header]).unwrap();
    let offset = |i: usize| 8 + header + parsed[name]["data_offsets"][i].as_u64().unwrap() as usize;
    bytes[offset(0)..offset(1)].to_vec()
}

/// Returns the shipped gradients, one vector a device.
pub fn raw_gradients() -> Vec<Vec<f64>> {
    let value = |b: &[u8]| f64::from(f32::from_le_bytes(b.try_into().unwrap()));
    let all: Vec<f64> = raw_tensor("gradients").chunks_exact(4).map(value).collect();
    all.chunks_exact(9610).map(<[f64]>::to_vec).collect()
}

/// Returns the inner product per value.
pub fn product(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>() / a.len() as f64
}

/// Returns the sum over devices, value by value.
pub fn sum_of(rows: &[Vec<f64>]) -> Vec<f64> {
    (0..rows[0].len()).map(|n| rows.iter().map(|row| row[n]).sum()).collect()
}
