//! What is measured against closed forms; a truth that is 10 % off must be seen.

use super::estimates::{Estimator, Scalar};
use super::jackknife::{Measured, jackknife};
use super::*;
use crate::config::Node;
use crate::experiment::Loader;
use airloop_baseband::checks::{CheckFailure, CheckSpec, check_mean};
use airloop_baseband::special::bessel_j0;
use airloop_channels::{PathKind, PathSpec, Profile};
use std::f64::consts::{PI, TAU};

mod draws;
mod holes;

fn text(channel: &str, ofdm: &str) -> String {
    format!(
        "seed = 11\n[payload]\nsource = \"gaussian\"\ndevices = 2\nlength = 40\n[channel]\n{channel}\n[ofdm]\n{ofdm}\n\
         [link]\nsnr_db = 20.0\n[scheme]\nkind = \"truncated-inversion\"\nthreshold = 0.1\n"
    )
}

fn load(text: &str) -> Experiment {
    Loader::default().load(&Node::parse_toml(text, "sound.toml".as_ref()).unwrap()).unwrap()
}

pub(super) fn experiment(channel: &str, ofdm: &str) -> Experiment {
    load(&text(channel, ofdm))
}

pub(super) fn config(draws: usize) -> SoundConfig {
    SoundConfig { fidelity: Fidelity::Symbol, device: 1, draws: Some(draws), snr_db: None }
}

/// What draws of an experiment say, with its plan and truth.
fn sounded(experiment: &Experiment, draws: usize) -> (SoundingPlan, Truth, Vec<Measured>) {
    let (plan, truth, sums) = heard(experiment, draws);
    let estimator = Estimator::new(&plan);
    let measured = jackknife(&sums, |sums| estimator.of(sums));
    (plan, truth, measured)
}

/// The sums of draws of an experiment, with its plan and truth.
fn heard(experiment: &Experiment, draws: usize) -> (SoundingPlan, Truth, Vec<Group>) {
    let (plan, fading) = plan(experiment).unwrap();
    let air = air(experiment, &config(draws), (&plan, &fading)).unwrap();
    let sums = measure(&air, &plan, &groups(draws as u64, MOST_GROUPS)).unwrap();
    (plan, Truth::of(&fading), sums)
}

/// Asserts that a figure agrees with one value, and disagrees with another.
#[track_caller]
fn agrees(measured: &Measured, truth: f64, wrong: f64, detects: f64) {
    let spec = CheckSpec { alpha: 1e-6, detects };
    let moments = measured.moments.unwrap();
    if let Err(failure) = check_mean(&moments, truth, spec) {
        panic!("{failure}");
    }
    let control = check_mean(&moments, wrong, spec);
    assert!(matches!(control, Err(CheckFailure::Disagrees(_))), "{control:?}");
}

/// The truth of a profile whose delays are longer by a factor.
fn stretched(truth: &Truth, factor: f64) -> Truth {
    let paths = truth.paths().iter().map(|p| PathSpec { delay_s: factor * p.delay_s, ..*p }).collect();
    Truth::of(&Fading::with_max_doppler(Profile::new(paths).unwrap(), truth.max_doppler_hz()))
}

/// Holds what is measured of a static profile against its closed forms.
fn holds_against_its_profile(model: &str, spread_s: f64) {
    let channel = format!("model = \"{model}\"\ndelay_spread_s = {spread_s:e}");
    let (plan, truth, measured) = sounded(&experiment(&channel, ""), 4000);
    let wrong = stretched(&truth, 1.1);
    assert!((truth.rms_delay_spread_s() / spread_s - 1.0).abs() < 1e-3, "the table's own spread is 1");
    let variance = |truth: &Truth| truth.rms_delay_spread_s().powi(2);
    let spread = &measured[Scalar::DelayVariance as usize];
    agrees(spread, variance(&truth), variance(&wrong), 0.19 * variance(&truth));
    let mean_s = truth.mean_delay_s();
    agrees(&measured[Scalar::MeanDelay as usize], mean_s, 1.1 * mean_s, 0.1 * mean_s);
    // Where the correlation falls most steeply, 10 % show best.
    let places = Estimator::new(&plan).places;
    let spacing_hz = plan.numerology.subcarrier_spacing_hz();
    let lag = (truth.coherence_bandwidth_hz(0.6) / spacing_hz).round();
    let magnitude = |truth: &Truth| truth.frequency_correlation(lag * spacing_hz).norm();
    let at = &measured[places.frequency.start + lag as usize];
    agrees(at, magnitude(&truth), magnitude(&wrong), magnitude(&truth) - magnitude(&wrong));
    let width = &measured[Scalar::CoherenceBandwidth50 as usize];
    let truth_hz = truth.coherence_bandwidth_hz(0.5);
    agrees(width, truth_hz, wrong.coherence_bandwidth_hz(0.5), 0.1 * truth_hz);
    agrees(&measured[Scalar::MeanPower as usize], 1.0, 1.1, 0.1);
    agrees(&measured[Scalar::NoisePower as usize], 0.01, 0.011, 1e-3);
}

#[test]
fn delay_spread_and_correlation_of_tdl_c_are_those_of_its_paths() {
    holds_against_its_profile("tdl-c", 300e-9);
}

#[test]
fn delay_spread_and_correlation_of_the_exponential_profile_are_those_of_its_paths() {
    holds_against_its_profile("exponential", 400e-9);
}

#[test]
fn a_band_shows_the_paths_through_its_window() {
    let channel = "model = \"tdl-c\"\ndelay_spread_s = 1e-6";
    let (plan, truth, measured) = sounded(&experiment(channel, ""), 2000);
    let places = Estimator::new(&plan).places;
    let windowed = Estimator::new(&plan).of(&truth.sums(&plan));
    let peak = places.profile.clone().max_by(|a, b| windowed[*a].total_cmp(&windowed[*b])).unwrap();
    agrees(&measured[peak], windowed[peak], 1.26 * windowed[peak], 0.25 * windowed[peak]);
    // A lone path shows its power at its own delay.
    let lone = Truth::of(&Fading::with_max_doppler(Profile::flat(0.0), 0.0));
    let shown = Estimator::new(&plan).of(&lone.sums(&plan));
    assert!((shown[places.profile.start + plan.delays.gate.0] - 1.0).abs() < 1e-5);
    assert!(shown[Scalar::DelayVariance as usize].abs() < 1e-3 * plan.delay_resolution_s().powi(2));
}

#[test]
fn a_moving_channel_has_the_correlation_and_the_spectrum_of_jakes() {
    let channel = "model = \"tdl-c\"\ndelay_spread_s = 1e-6\ndoppler_hz = 100.0";
    let ofdm = "numerology = \"custom\"\nsample_rate_hz = 7.68e6\nfft_size = 256\ncyclic_prefix_samples = 64\n\
                used_subcarriers = 200";
    let (plan, truth, sums) = heard(&experiment(channel, ofdm), 96);
    let estimator = Estimator::new(&plan);
    let (doppler, places) = (plan.doppler.as_ref().unwrap(), estimator.places.clone());
    let measured = jackknife(&sums, |sums| estimator.of(sums));
    let f_d = 100.0;
    let j0 = |f_d: f64, lag: usize| bessel_j0(TAU * f_d * lag as f64 / doppler.rate_hz);
    for lag in [8, 11, 14] {
        agrees(&measured[places.time.start + lag], j0(f_d, lag), j0(1.1 * f_d, lag), 0.06);
    }
    let variance = &measured[Scalar::DopplerVariance as usize];
    agrees(variance, 0.5 * f_d * f_d, 0.5 * (0.9 * f_d).powi(2), 0.095 * f_d * f_d);
    // The share of power within a shift is (2/pi) arcsin(f/f_D).
    let bins = (0.85 * f_d / doppler.step_hz()) as usize;
    let middle = places.doppler.start + doppler.reach;
    let within = |estimates: &[f64]| {
        let power = |range: Range<usize>| estimates[range].iter().sum::<f64>();
        power(middle - bins..middle + bins + 1) / power(places.doppler.clone())
    };
    let share = jackknife(&sums, |sums| vec![within(&estimator.of(sums))]);
    let arcsine = |f_d: f64| 2.0 / PI * ((bins as f64 + 0.5) * doppler.step_hz() / f_d).asin();
    agrees(&share[0], arcsine(f_d), arcsine(1.1 * f_d), arcsine(f_d) - arcsine(1.1 * f_d));
    // Outside there is nothing, and the end lies where the same window shows that of the truth.
    let beyond = middle + (1.3 * f_d / doppler.step_hz()) as usize;
    let trace = 0.02 / (PI * f_d);
    agrees(&measured[beyond], 0.0, trace, trace);
    let end_hz = measured[Scalar::MaxDoppler as usize].value;
    let shown_hz = Estimator::new(&plan).of(&truth.sums(&plan))[Scalar::MaxDoppler as usize];
    let resolution_hz = plan.doppler_resolution_hz().unwrap();
    assert!((end_hz - shown_hz).abs() < 0.5 * resolution_hz, "{end_hz} {shown_hz}");
    assert!((shown_hz - f_d).abs() < 1.5 * resolution_hz, "{shown_hz} against {f_d}");
    assert!((0.9 * end_hz - shown_hz).abs() > 0.5 * resolution_hz, "10 % would not be seen");
}

#[test]
fn a_line_of_sight_turns_at_its_own_shift_and_is_told_from_what_scatters() {
    let channel = "model = \"tdl-d\"\ndelay_spread_s = 1e-6\ndoppler_hz = 100.0";
    let ofdm = "numerology = \"custom\"\nsample_rate_hz = 7.68e6\nfft_size = 256\ncyclic_prefix_samples = 64\n\
                used_subcarriers = 200";
    let (plan, truth, measured) = sounded(&experiment(channel, ofdm), 64);
    let places = Estimator::new(&plan).places;
    let sight = truth.k_factor() / (1.0 + truth.k_factor());
    let turns = |lag: usize| 100.0 * lag as f64 / plan.doppler.as_ref().unwrap().rate_hz;
    let real = |share: f64, lag: usize| {
        (1.0 - sight) * bessel_j0(TAU * turns(lag)) + sight * (TAU * share * turns(lag)).cos()
    };
    agrees(&measured[places.time.start + 20], real(0.7, 20), real(0.77, 20), 0.1);
    agrees(&measured[Scalar::MeanDoppler as usize], 70.0 * sight, 77.0 * sight, 6.0);
    // The line stands tens of decibels above the scattering, whose end is still that of its spectrum.
    let end_hz = measured[Scalar::MaxDoppler as usize].value;
    assert!((end_hz - 100.0).abs() < 2.0 * plan.doppler_resolution_hz().unwrap(), "{end_hz}");
}

#[test]
fn the_k_factor_of_a_rician_channel_is_found() {
    let ofdm = "numerology = \"custom\"\nsample_rate_hz = 1.92e6\nfft_size = 64\ncyclic_prefix_samples = 4\n\
                used_subcarriers = 32";
    let experiment = experiment("model = \"rician\"\nk_factor_db = 6.0205999", ofdm);
    let (_, truth, measured) = sounded(&experiment, 60_000);
    assert!((truth.k_factor() - 4.0).abs() < 1e-6);
    let squared = |k: f64| (k / (k + 1.0)).powi(2);
    let share = &measured[Scalar::SteadyShareSquared as usize];
    agrees(share, squared(4.0), squared(4.4), squared(4.4) - squared(4.0));
}

#[test]
fn clustered_channels_are_held_against_the_paths_that_were_drawn() {
    let clustered = experiment("model = \"cdl-c\"\ndelay_spread_s = 3e-7\nspeed_m_s = 3.0", "");
    let report = sound(&clustered, &config(6)).unwrap();
    let figure = |name: &str| report.figures.iter().find(|f| f.name == name).unwrap();
    for name in ["mean_power", "mean_delay_s", "rms_delay_spread_s"] {
        let (measured, truth) = (figure(name).measured.unwrap(), figure(name).truth.unwrap());
        // Few draws, but the same ones: noise alone is between them, and that the band cannot part close paths of one draw.
        assert!((measured / truth - 1.0).abs() < 0.1, "{name}: {measured} {truth}");
    }
    for name in ["mean_power", "rms_doppler_spread_hz", "k_factor"] {
        let (measured, known) = (figure(name).measured.unwrap(), figure(name).truth_windowed.unwrap());
        let doubt = 0.02 * known + if name == "k_factor" { 0.1 } else { 0.0 };
        assert!((measured - known).abs() < doubt, "{name}: {measured} {known}");
    }
    let correlation = report.curves.iter().find(|curve| curve.kind == "time-correlation-magnitude").unwrap();
    let off = |(measured, known): (&f64, &f64)| (measured - known).abs();
    let most = correlation.measured.iter().zip(&correlation.truth).map(off).fold(0.0, f64::max);
    let fallen = correlation.truth.iter().copied().fold(1.0, f64::min);
    assert!(most < 0.02 && fallen < 0.8, "{most} {fallen}");
    assert!(
        figure("coherence_time_90_s").truth.is_none() && !figure("coherence_time_90_s").truth_is_infinite
    );
    assert_eq!(figure("max_doppler_hz").truth, Some(3.0 * 3.5e9 / airloop_channels::SPEED_OF_LIGHT_M_S));
}

#[test]
fn roots_of_correlations_are_those_of_the_closed_forms() {
    let two = |second: f64| {
        let path = |delay_s, power| PathSpec { delay_s, power, kind: PathKind::Rayleigh };
        let profile = Profile::new(vec![path(0.0, 1.0), path(1e-6, second)]).unwrap();
        Truth::of(&Fading::with_max_doppler(profile, 100.0))
    };
    // |R(df)| of two equal paths is |cos(pi df tau)|; J0(x) is the sum over k of (-x^2/4)^k / (k!)^2.
    let equal = two(1.0);
    assert!((equal.coherence_bandwidth_hz(0.5) / (1e6 / 3.0) - 1.0).abs() < 1e-9);
    let series = |x: f64| {
        let terms = (1..30).scan(1.0, |term, k| {
            *term *= -x * x / 4.0 / f64::from(k * k);
            Some(*term)
        });
        1.0 + terms.sum::<f64>()
    };
    for level in [0.5, 0.9] {
        let root = TAU * 100.0 * equal.coherence_time_s(level);
        assert!((series(root) - level).abs() < 1e-9 && series(0.99 * root) > level + 1e-3, "{root}");
    }
    assert_eq!(two(0.1).coherence_bandwidth_hz(0.5), f64::INFINITY);
    assert_eq!(stretched(&equal, 0.0).coherence_bandwidth_hz(0.9), f64::INFINITY);
    assert!((equal.rms_doppler_spread_hz() - 100.0 / 2f64.sqrt()).abs() < 1e-9);
}

#[test]
fn the_waveform_hears_the_channel_that_the_grid_hears() {
    let experiment = experiment("model = \"tdl-c\"\ndelay_spread_s = 1e-7\ndoppler_hz = 20.0", "");
    let (plan, fading) = plan(&experiment).unwrap();
    let heard = |fidelity, draw| {
        let config = SoundConfig { fidelity, ..config(1) };
        air::SoundingAir::new(&experiment, &config, (&plan, &fading), 1e-9).unwrap().hear(draw).unwrap()
    };
    let (grid, samples) = (heard(Fidelity::Symbol, 3), heard(Fidelity::Waveform, 3));
    let error = |a: &[airloop_baseband::Complex32]| {
        let off: f32 = a.iter().zip(&samples).map(|(a, b)| (a - b).norm_sqr()).sum();
        off / samples.iter().map(|b| b.norm_sqr()).sum::<f32>()
    };
    // What is left is the motion within a symbol: (2 pi f_D T)^2 / 24 of -61 dB.
    assert!(error(&grid) < 2e-6, "{}", error(&grid));
    assert!(error(&heard(Fidelity::Symbol, 4)) > 0.1, "another draw passes");
}

#[test]
fn motion_within_a_symbol_shows_as_no_delay() {
    let channel = "model = \"tdl-d\"\ndelay_spread_s = 1e-7\ndoppler_hz = 1000.0";
    let experiment = experiment(channel, "bandwidth_hz = 5e6\nsubcarrier_spacing_hz = 15e3");
    let report = |fidelity, draws| {
        let config = SoundConfig { fidelity, ..config(draws) };
        sound(&experiment, &config).unwrap()
    };
    let (grid, samples) = (report(Fidelity::Symbol, 8), report(Fidelity::Waveform, 8));
    let mean_s = |report: &SoundReport| {
        let figure = report.figures.iter().find(|figure| figure.name == "mean_delay_s").unwrap();
        figure.measured.unwrap()
    };
    // The same draws: what is between them is noise and what motion does. A chirp would turn the line of sight's shift of
    // 0.7 f_D into a delay of f T/B, 10 ns.
    let moved_s = 700.0 / 15e3 / grid.bandwidth_hz;
    let off_s = (mean_s(&samples) - mean_s(&grid)).abs();
    assert!(off_s < 0.1 * moved_s, "{off_s:e} of {moved_s:e}");
    assert!(moved_s > 5e-9, "control: a chirp would not be seen, {moved_s:e}");
}

#[test]
fn noise_leaves_no_coherence_bandwidth_beyond_reach() {
    let text = text("model = \"epa\"", "bandwidth_hz = 10e6\nsubcarrier_spacing_hz = 15e3");
    let report = |seed: u64, snr_db: f64| {
        let experiment = load(&text.replace("seed = 11", &format!("seed = {seed}")));
        sound(&experiment, &SoundConfig { snr_db: Some(snr_db), ..config(256) }).unwrap()
    };
    let mut told = 0;
    for seed in 1..4 {
        for snr_db in [-10.0, 20.0] {
            let report = report(seed, snr_db);
            for figure in report.figures.iter().filter(|figure| figure.name.starts_with("coherence")) {
                let ends = [figure.low, figure.measured, figure.high];
                let told_here: Vec<f64> = ends.iter().flatten().copied().collect();
                assert!(
                    told_here.is_sorted() && told_here.iter().all(|hz| (0.0..=4.666e6).contains(hz)),
                    "{figure:?}"
                );
                told += usize::from(snr_db > 0.0 && figure.measured.is_some());
            }
            let is_warned =
                report.warnings.iter().any(|warning| warning.contains("is in doubt by more than half"));
            let is_lost = report.figures.iter().any(|f| f.name.starts_with("coherence") && f.reach.is_none());
            assert_eq!(is_warned, is_lost);
        }
    }
    assert!(told >= 3, "at 20 dB they are told: {told}");
}

#[test]
fn what_cannot_be_sounded_is_refused() {
    let said =
        |experiment: &Experiment, config: SoundConfig| sound(experiment, &config).unwrap_err().to_string();
    let rayleigh = experiment("model = \"rayleigh\"", "");
    assert!(said(&rayleigh, SoundConfig { device: 2, ..config(4) }).contains("devices 0 to 1"));
    assert!(said(&rayleigh, config(0)).contains("--draws 0: a number from 1 to 1000000"));
    let theory = SoundConfig { fidelity: Fidelity::Theory, ..config(4) };
    assert!(said(&rayleigh, theory).contains("symbol or waveform is expected"));
    let elements = experiment("model = \"rayleigh\"\nfading = \"per-element\"", "");
    assert!(said(&elements, config(4)).contains("has no impulse response"));
    let narrow = "numerology = \"custom\"\nsample_rate_hz = 1e6\nfft_size = 64\ncyclic_prefix_samples = 4\n\
                  used_subcarriers = 12";
    assert!(said(&experiment("model = \"rayleigh\"", narrow), config(4)).contains("at least 32 are needed"));
}

#[test]
fn narrow_bands_and_short_prefixes_are_warned_of() {
    let ofdm = "numerology = \"custom\"\nsample_rate_hz = 1.92e6\nfft_size = 64\ncyclic_prefix_samples = 4\n\
                used_subcarriers = 32";
    let narrow = experiment("model = \"tdl-c\"\ndelay_spread_s = 1e-7", ofdm);
    let report = sound(&narrow, &config(8)).unwrap();
    assert!(report.is_static && report.doppler_resolution_hz.is_none());
    assert!(report.warnings[0].contains("shows the window rather than the paths"), "{:?}", report.warnings);
    let bands = report.delay_resolution_s * 33.0 * 30e3;
    assert!((bands - 1.0).abs() < 1e-9, "with the hole at the carrier: {bands}");
    let wide = sound(&experiment("model = \"tdl-c\"\ndelay_spread_s = 1e-7", ""), &config(256)).unwrap();
    assert!(wide.warnings.is_empty(), "{:?}", wide.warnings);
    // Paths after the prefix of 2.3 us disturb samples, not grids.
    let late = experiment("model = \"tdl-c\"\ndelay_spread_s = 1e-6", "");
    assert!(sound(&late, &config(256)).unwrap().warnings.is_empty());
    let waveform = SoundConfig { fidelity: Fidelity::Waveform, ..config(256) };
    let warnings = sound(&late, &waveform).unwrap().warnings;
    assert!(warnings.len() == 1 && warnings[0].contains("after the cyclic prefix"), "{warnings:?}");
}
