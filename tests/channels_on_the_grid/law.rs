//! The law of the ladder: with taps inside the prefix and its own physics off, waveform equals symbol.

use super::{experiment, rounding_bound, wide, worst_distance};
use airloop::experiment::Experiment;
use airloop::medium::{ChannelModel, WaveformPath};
use airloop::report::Fidelity;
use airloop::run::{RunOptions, Trial, TrialContext, run};
use airloop_baseband::Complex32;
use std::time::Instant;

pub(super) const CHANNELS: [&str; 9] =
    ["tdl-a", "tdl-b", "tdl-c", "tdl-d", "tdl-e", "rayleigh", "rician", "awgn", "exponential"];

pub(super) const SCHEMES: [&str; 4] = [
    "kind = \"truncated-inversion\"\nthreshold = 0.1",
    "kind = \"full-inversion\"",
    "kind = \"optimal-power\"",
    "kind = \"full-power\"",
];

/// A numerology's keys, its used subcarriers, and a delay spread of which 20.7 (tdl-e) fit its prefix.
pub(super) type Grid = (&'static str, usize, f64);

pub(super) const GRIDS: [Grid; 6] = [
    ("bandwidth_hz = 10e6\nsubcarrier_spacing_hz = 15e3", 624, 200e-9),
    ("bandwidth_hz = 20e6\nsubcarrier_spacing_hz = 30e3", 612, 100e-9),
    ("bandwidth_hz = 40e6\nsubcarrier_spacing_hz = 60e3", 612, 50e-9),
    ("bandwidth_hz = 100e6\nsubcarrier_spacing_hz = 120e3", 792, 25e-9),
    (CUSTOM, 192, 150e-9),
    (CUSTOM_WITH_CARRIER, 901, 200e-9),
];

const CUSTOM: &str = "numerology = \"custom\"\nsample_rate_hz = 20e6\nfft_size = 256\n\
                      cyclic_prefix_samples = 64\nused_subcarriers = 192\ndc = false";

const CUSTOM_WITH_CARRIER: &str = "numerology = \"custom\"\nsample_rate_hz = 18e6\nfft_size = 1200\n\
                                   cyclic_prefix_samples = 90\nused_subcarriers = 901\ndc = true";

/// Makes an experiment of 17 symbols (a whole slot and a part of one, the last symbol not full).
pub(super) fn setting(channel: &str, delays: &str, grid: Grid, scheme: &str, devices: usize) -> Experiment {
    let (ofdm, used, spread_s) = grid;
    let length = 2 * 17 * used - 5;
    let model = match channel {
        "rician" => "model = \"rician\"\nk_factor_db = 3.0".to_string(),
        "rayleigh" | "awgn" => format!("model = \"{channel}\""),
        _ => format!("model = \"{channel}\"\ndelay_spread_s = {spread_s:e}\ndelays = \"{delays}\""),
    };
    let carrier_hz = if ofdm.contains("120e3") { 28e9 } else { 3.5e9 };
    experiment(&format!(
        "[payload]\nsource = \"gaussian\"\ndevices = {devices}\nlength = {length}\n[ofdm]\n{ofdm}\n\
         [channel]\n{model}\ncarrier_hz = {carrier_hz:e}\n[link]\nsnr_db = 20.0\nsnr_spread_db = 6.0\n\
         [scheme]\n{scheme}\n[stop]\ntrials = 4\n"
    ))
}

/// Runs one trial at a rung on the draws that both rungs share.
fn grids(experiment: &Experiment, fidelity: Fidelity, trial: u64) -> (Trial, Vec<Complex32>) {
    grids_by(experiment, (fidelity, WaveformPath::PerSample), trial)
}

/// As [`grids`], with samples made by the path.
pub(super) fn grids_by(
    experiment: &Experiment,
    (fidelity, path): (Fidelity, WaveformPath),
    trial: u64,
) -> (Trial, Vec<Complex32>) {
    let mut context = TrialContext::new(experiment, fidelity).unwrap().paired();
    context.path = path;
    let (trial, vectors) = context.run_with_vectors(trial).unwrap();
    (trial, vectors.grids.unwrap())
}

/// Returns the power of all devices' signals per element: what they sent, times the mean gain.
pub(super) fn signal_power(experiment: &Experiment, trial: &Trial) -> f64 {
    let budget: f64 = experiment.budget.power.iter().sum();
    budget * trial.account.power_used_mean * trial.tally.gain / trial.tally.gain_count as f64
}

/// Bound of the distance of two received elements.
///
/// Roundings: each stage of two transforms, each path in filter and response, each device in both sums, and
/// eight for scales, the precoded value and the noise.
pub(super) fn law_bound(experiment: &Experiment, trial: &Trial) -> f64 {
    let paths = match &experiment.channel {
        ChannelModel::Taps { fading, .. } => fading.profile().paths().len(),
        ChannelModel::PerElement { .. } => unreachable!("channels here have taps"),
    };
    let stages = (experiment.numerology.fft_size() as f64).log2();
    let count = 2.0 * stages + 2.0 * paths as f64 + 2.0 * experiment.payload.devices() as f64 + 8.0;
    // The strongest precoder stands out of the mean power; its element's response is rounded like any other.
    let peak = trial.account.power_peak.max(1.0);
    rounding_bound(count) * (peak * signal_power(experiment, trial) + experiment.budget.noise_power).sqrt()
}

#[test]
fn with_whole_sample_delays_inside_the_prefix_waveform_equals_symbol_to_rounding() {
    let (clock, mut runs, mut worst) = (Instant::now(), 0, 0.0f64);
    for (c, channel) in CHANNELS.into_iter().enumerate() {
        for (g, grid) in GRIDS.into_iter().enumerate() {
            let devices = [1, 5, 12][(c + g) % 3];
            let experiment = setting(channel, "rounded", grid, SCHEMES[(c + g) % 4], devices);
            for trial in 0..2 {
                let (symbol, below) = grids(&experiment, Fidelity::Symbol, trial);
                let (_, above) = grids(&experiment, Fidelity::Waveform, trial);
                assert_eq!(below.len(), 17 * grid.1);
                let ratio = worst_distance(&below, &above) / law_bound(&experiment, &symbol);
                assert!(ratio <= 1.0, "{channel} {} {:?}: {ratio}", grid.0, experiment.scheme.name);
                (worst, runs) = (worst.max(ratio), runs + 1);
            }
        }
    }
    println!("law: {runs} trials, {:.2} s; worst {worst:.3} of the bound", clock.elapsed().as_secs_f64());
}

#[test]
fn every_scheme_keeps_the_law_on_one_channel() {
    for scheme in SCHEMES {
        let experiment = setting("tdl-c", "rounded", GRIDS[1], scheme, 7);
        let (symbol, below) = grids(&experiment, Fidelity::Symbol, 5);
        let (waveform, above) = grids(&experiment, Fidelity::Waveform, 5);
        let bound = law_bound(&experiment, &symbol);
        assert!(worst_distance(&below, &above) <= bound, "{scheme}");
        // The precoders agree too: both rungs hand the scheme the same knowledge.
        assert_eq!(symbol.account, waveform.account);
        // Control: another trial is another grid.
        assert!(worst_distance(&below, &grids(&experiment, Fidelity::Waveform, 6).1) > 1e3 * bound);
    }
}

#[test]
fn fractional_delays_at_symbol_against_rounded_ones_at_waveform_break_the_law() {
    for grid in [GRIDS[0], GRIDS[1], GRIDS[3], GRIDS[4]] {
        for channel in ["tdl-a", "tdl-d", "exponential"] {
            let rounded = setting(channel, "rounded", grid, SCHEMES[3], 3);
            let (symbol, below) =
                grids(&setting(channel, "fractional", grid, SCHEMES[3], 3), Fidelity::Symbol, 0);
            let (_, above) = grids(&rounded, Fidelity::Waveform, 0);
            let ratio = worst_distance(&below, &above) / law_bound(&rounded, &symbol);
            assert!(ratio > 1e3, "a control passes: {channel} {}: {ratio}", grid.0);
        }
    }
}

/// Returns the largest mean error of a used subcarrier over the device's power, in decibels.
fn worst_subcarrier_db(experiment: &Experiment, other: &Experiment) -> f64 {
    let used = experiment.numerology.used();
    let (mut error, mut reference) = (vec![0.0; used], 0.0);
    for trial in 0..3 {
        let (symbol, below) = grids(experiment, Fidelity::Symbol, trial);
        let (_, above) = grids(other, Fidelity::Waveform, trial);
        for (i, (a, b)) in below.iter().zip(&above).enumerate() {
            error[i % used] += (wide(*a) - wide(*b)).norm_sqr();
        }
        reference += (below.len() / used) as f64 * signal_power(experiment, &symbol);
    }
    10.0 * (error.into_iter().fold(0.0, f64::max) / reference).log10()
}

#[test]
fn with_fractional_delays_the_error_is_at_most_minus_60_db_of_the_devices_power_per_subcarrier() {
    let clock = Instant::now();
    let grids = [
        GRIDS[0],
        (GRIDS[1].0, GRIDS[1].1, 40e-9),
        ("bandwidth_hz = 100e6\nsubcarrier_spacing_hz = 30e3", 3276, 60e-9),
        ("bandwidth_hz = 60e6\nsubcarrier_spacing_hz = 30e3", 1944, 15e-9),
        ("bandwidth_hz = 40e6\nsubcarrier_spacing_hz = 60e3", 612, 20e-9),
        ("bandwidth_hz = 100e6\nsubcarrier_spacing_hz = 120e3", 792, 10e-9),
        (CUSTOM, 192, 50e-9),
    ];
    for grid in grids {
        let mut worst = f64::NEG_INFINITY;
        for (c, channel) in
            ["tdl-a", "tdl-b", "tdl-c", "tdl-d", "tdl-e", "exponential"].into_iter().enumerate()
        {
            let scheme = SCHEMES[c % 4];
            let experiment = setting(channel, "fractional", grid, scheme, 1);
            let error_db = worst_subcarrier_db(&experiment, &experiment);
            assert!(error_db <= -60.0, "{channel} {}: {error_db:.1} dB", grid.0);
            worst = worst.max(error_db);
            let rounded = setting(channel, "rounded", grid, scheme, 1);
            let control_db = worst_subcarrier_db(&experiment, &rounded);
            assert!(control_db > -60.0, "a control passes: {channel} {}: {control_db:.1} dB", grid.0);
        }
        println!("{:?}: worst {worst:.1} dB, {:.2} s so far", grid.0, clock.elapsed().as_secs_f64());
    }
}

#[test]
fn too_short_a_prefix_breaks_the_law_and_is_warned_of() {
    let warned = |experiment: &Experiment| {
        let report = run(experiment, Fidelity::Waveform, &RunOptions::default()).unwrap();
        report.warnings.iter().any(|warning| warning.code == "prefix-shorter-than-channel")
    };
    for channel in ["tdl-c", "exponential"] {
        for (prefix, breaks) in [(64, false), (8, true)] {
            let keys =
                CUSTOM.replace("cyclic_prefix_samples = 64", &format!("cyclic_prefix_samples = {prefix}"));
            let grid = (keys.leak() as &str, 192, 100e-9);
            let experiment = setting(channel, "rounded", grid, SCHEMES[3], 3);
            let (symbol, below) = grids(&experiment, Fidelity::Symbol, 0);
            let (_, above) = grids(&experiment, Fidelity::Waveform, 0);
            let ratio = worst_distance(&below, &above) / law_bound(&experiment, &symbol);
            assert_eq!(ratio > 1.0, breaks, "{channel}, {prefix} samples: {ratio}");
            assert!(!breaks || ratio > 1e3, "{channel}: {ratio}");
            assert_eq!(warned(&experiment), breaks, "{channel}, {prefix} samples");
        }
    }
}
