//! Experiments from one line of settings, and what their clocks were.

use airloop::baseband::checks::{CheckFailure, CheckSpec, check_mean};
use airloop::baseband::statistics::Moments;
use airloop::config::{Node, overrides::parse_set};
use airloop::experiment::{Experiment, ExperimentError, Loader};
use airloop::report::Fidelity;
use airloop::run::{Trial, TrialContext};
use rayon::prelude::*;
use std::path::Path;

/// 150 subcarriers of 256, 30 kHz apart, without fading: room for filters in band and prefix.
pub const GRID: &str = "ofdm.numerology=custom; ofdm.sample_rate_hz=7.68e6; ofdm.fft_size=256; \
                        ofdm.cyclic_prefix_samples=48; ofdm.used_subcarriers=150; channel.model=awgn; \
                        scheme.kind=full-inversion";

pub const RATE_HZ: f64 = 7.68e6;

/// Returns the settings of a Gaussian payload.
pub fn gaussian(devices: usize, length: usize) -> String {
    format!("payload.source=gaussian; payload.devices={devices}; payload.length={length}")
}

/// Makes an experiment from lists of `path=value`; later ones prevail.
pub fn load(settings: &[&str]) -> Experiment {
    try_load(settings).unwrap_or_else(|e| panic!("{settings:?}: {e}"))
}

/// Makes an experiment, or says why not.
pub fn try_load(settings: &[&str]) -> Result<Experiment, ExperimentError> {
    let mut node = Node::parse_toml("", Path::new("test.toml")).unwrap();
    for setting in settings.iter().flat_map(|list| list.split(';')).filter(|s| !s.trim().is_empty()) {
        let (path, value) = parse_set(setting.trim()).unwrap_or_else(|e| panic!("{setting}: {e}"));
        node.set(&path, value).unwrap();
    }
    Loader::default().load(&node)
}

/// Runs the first trials at waveform fidelity, with a server that is off its own beacon.
pub fn trials_off(experiment: &Experiment, count: u64, server_cfo_hz: f64) -> Vec<Trial> {
    let mut context = TrialContext::new(experiment, Fidelity::Waveform).unwrap();
    context.server_cfo_hz = server_cfo_hz;
    (0..count).into_par_iter().map(|trial| context.run(trial).unwrap()).collect()
}

/// Runs the first trials at waveform fidelity.
pub fn trials(experiment: &Experiment, count: u64) -> Vec<Trial> {
    trials_off(experiment, count, 0.0)
}

/// Returns the mean error per device.
pub fn error(trials: &[Trial]) -> Moments {
    Moments::of(trials.iter().map(Trial::mse_per_device))
}

/// Holds a mean against a formula, within a share of it; as controls the formula one decibel up and down must fail.
#[track_caller]
pub fn assert_mean(what: &str, found: &Moments, expected: f64, detects: f64) {
    println!(
        "{what}: {:.5e} against {expected:.5e}, standard error {:.1e}",
        found.mean,
        found.standard_error()
    );
    let spec = CheckSpec { alpha: 1e-6, detects: detects * expected };
    check_mean(found, expected, spec).unwrap_or_else(|e| panic!("{what}: {e}"));
    for wrong in [expected * 0.794, expected * 1.259] {
        let control = check_mean(found, wrong, spec);
        assert!(matches!(control, Err(CheckFailure::Disagrees(_))), "{what}: the control passed");
    }
}
