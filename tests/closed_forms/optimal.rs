//! Optimal power control and full power: the formula given the channels, and its mean over Rayleigh fading as printed.
//!
//! ```text
//! c_k = sqrt(P_k) |h_k| ascending, a_l = sum_{i<=l} c_i / (s2 + sum_{i<=l} c_i^2)
//! optimal: a = max_l a_l, e_k = min(a c_k, 1) - 1;     full power: a = a_K, e_k = a c_k - 1
//! error of the sum = sum_ij e_i e_j G_ij + a^2 s2 for payloads of Gram matrix G
//! ```

use crate::agreement::*;
use crate::setup::*;
use airloop::baseband::checks::{CheckFailure, CheckSpec, check_paired};
use airloop::baseband::statistics::Moments;
use airloop::experiment::Experiment;
use airloop::ofdm::SlotShape;
use airloop::report::{Fidelity, TheoryKind};
use airloop::run::TrialContext;
use airloop::theory::conditional::{Conditional, Slot};
use rayon::prelude::*;
use std::time::Instant;

/// Returns `e` for the devices in ascending order, and `a^2 s2`.
fn misalignment(optimal: bool, amplitudes: &mut [f64], s2: f64) -> (Vec<f64>, f64) {
    amplitudes.sort_by(f64::total_cmp);
    let scale = |l: usize| {
        let (sum, square): (f64, f64) =
            amplitudes[..l].iter().fold((0.0, s2), |(sum, square), c| (sum + c, square + c * c));
        sum / square
    };
    let k = amplitudes.len();
    let a = if optimal { (1..=k).map(scale).fold(0.0, f64::max) } else { scale(k) };
    let e = amplitudes.iter().map(|c| if optimal { (a * c).min(1.0) - 1.0 } else { a * c - 1.0 });
    (e.collect(), a * a * s2)
}

/// Returns the formula's error per device for one trial's channels; correlation `r` between all pairs.
fn formula(context: &TrialContext<'_>, trial: u64, optimal: bool, snr: &[f64], r: f64) -> f64 {
    let numerology = &context.experiment.numerology;
    let elements = context.experiment.payload.length() / 2;
    let mut gains = context.gains(trial);
    let known = gains.all(SlotShape { first_symbol: 0, symbols: elements.div_ceil(numerology.used()) });
    let mut sum = 0.0;
    for element in 0..elements {
        let (symbol, subcarrier) = (element / numerology.used(), element % numerology.used());
        let gain = |k: usize| known.link(k).row(symbol)[subcarrier];
        let amplitude = |k: usize| f64::from(gain(k).re).hypot(f64::from(gain(k).im)) * snr[k].sqrt();
        let mut c: Vec<f64> = (0..snr.len()).map(amplitude).collect();
        let (e, noise) = misalignment(optimal, &mut c, 1.0);
        let (linear, square): (f64, f64) = e.iter().fold((0.0, 0.0), |(l, s), e| (l + e, s + e * e));
        sum += (1.0 - r) * square + r * linear * linear + noise;
    }
    sum / (elements * snr.len()) as f64
}

/// Returns theory's own value for one trial's channels; payloads of at most one slot.
fn theory(experiment: &Experiment, context: &TrialContext<'_>, trial: u64) -> f64 {
    let setting = experiment.setting();
    let mut conditional = Conditional::new(&setting).unwrap();
    let segment = experiment.segments().at(0).unwrap();
    let mut gains = context.gains(trial);
    let known = gains.all(segment.shape);
    conditional.add(&Slot {
        known: &known,
        truth: None,
        first_value: 0,
        values: segment.values,
        payload: None,
    });
    conditional.finish().errors.mse_per_device.unwrap()
}

#[test]
fn the_catalogue_s_exact_gains_give_its_figures() {
    // g_k = -ln(1 - (k - .5)/20), 10 dB: a* = .7546328, 3 at full power, sum error l* - (sum c)^2/(s2 + sum c^2) = 1.0819618.
    let mut c: Vec<f64> =
        (1..=20).map(|k| (-10.0 * (1.0 - (f64::from(k) - 0.5) / 20.0).ln()).sqrt()).collect();
    let (e, noise) = misalignment(true, &mut c, 1.0);
    assert_eq!(e.iter().filter(|e| **e < 0.0).count(), 3);
    assert!((noise.sqrt() - 0.754_632_8).abs() < 1e-7);
    assert!((e.iter().map(|e| e * e).sum::<f64>() + noise - 1.081_961_8).abs() < 1e-7);
}

#[test]
fn the_mean_over_rayleigh_fading_is_the_printed_one() {
    // K = 20: optimal .170738, .0544717, .0156659 and full power .243594, .208047, .204297 at 0, 10 and 20 dB, printed with
    // a standard error below 1e-4 of their own.
    for (scheme, printed) in [
        ("optimal-power", [0.170_738, 0.054_471_7, 0.015_665_9]),
        ("full-power", [0.243_594, 0.208_047, 0.204_297]),
    ] {
        for (snr_db, printed) in [0, 10, 20].into_iter().zip(printed) {
            let settings = format!("link.snr_db={snr_db}; scheme.kind={scheme}");
            let since = Instant::now();
            let block = load(&[&gaussian(20, 960), RAYLEIGH, &settings]);
            assert_error(
                &format!("symbol, {settings}"),
                &trials(&block, Fidelity::Symbol, 512),
                printed,
                since,
            );
            let since = Instant::now();
            let selective = load(&[&gaussian(20, 96), SELECTIVE, &settings]);
            let count = if scheme == "full-power" { 3500 } else { 6500 };
            let found = trials(&selective, Fidelity::Waveform, count);
            assert_error(&format!("waveform, {settings}"), &found, printed, since);
        }
    }
}

/// What sets a case apart: scheme, channel, SNR of each device, correlation.
struct Case {
    optimal: bool,
    channel: &'static str,
    snr_db: Vec<f64>,
    correlation: f64,
}

impl Case {
    fn experiment(&self) -> Experiment {
        let kind = if self.optimal { "optimal-power" } else { "full-power" };
        let link =
            format!("link.snr_db_per_device={:?}; payload.correlation={}", self.snr_db, self.correlation);
        // 960 values are 10 symbols, less than a slot.
        load(&[&gaussian(self.snr_db.len(), 960), self.channel, &link, &format!("scheme.kind={kind}")])
    }
}

fn cases() -> Vec<Case> {
    let case = |optimal, channel, snr_db: &[f64], correlation| Case {
        optimal,
        channel,
        snr_db: snr_db.into(),
        correlation,
    };
    let mut cases = Vec::new();
    for optimal in [true, false] {
        cases.push(case(optimal, RAYLEIGH, &[10.0; 20], 0.0));
        cases.push(case(optimal, SELECTIVE, &[0.0; 8], 0.0));
        cases.push(case(optimal, SELECTIVE, &[20.0; 5], 0.4));
        cases.push(case(
            optimal,
            "channel.model=rician; channel.k_factor_db=3",
            &[0.0, 5.0, 10.0, 15.0],
            0.0,
        ));
    }
    cases
}

#[test]
fn theory_symbol_and_waveform_agree_trial_by_trial() {
    for case in cases() {
        let experiment = case.experiment();
        let snr: Vec<f64> = case.snr_db.iter().map(|db| ratio(*db)).collect();
        let rungs: &[Fidelity] = if case.channel == RAYLEIGH {
            &[Fidelity::Symbol]
        } else {
            &[Fidelity::Symbol, Fidelity::Waveform]
        };
        for fidelity in rungs {
            let since = Instant::now();
            let context = TrialContext::new(&experiment, *fidelity).unwrap();
            let one = |trial: u64| {
                let by_hand = formula(&context, trial, case.optimal, &snr, case.correlation);
                // Powers and gains reach theory in double precision of the same single-precision channels.
                assert_equal("theory", theory(&experiment, &context, trial), by_hand);
                (context.run(trial).unwrap().mse_per_device(), by_hand)
            };
            let pairs: Vec<(f64, f64)> = (0..1024).into_par_iter().map(one).collect();
            let mean = pairs.iter().map(|p| p.1).sum::<f64>() / pairs.len() as f64;
            let spec = CheckSpec { alpha: ALPHA, detects: 0.03 * mean };
            let differences = |factor: f64| Moments::of(pairs.iter().map(|p| p.0 - factor * p.1));
            let pass = check_paired(&differences(1.0), spec).unwrap();
            let (what, seconds) = (experiment.scheme.name.as_str(), since.elapsed().as_secs_f64());
            println!(
                "{fidelity}, {what}, {}, r {}: mean {mean:.5e}, {pass}, {seconds:.2} s",
                case.channel, case.correlation
            );
            for factor in [0.97, 1.03] {
                assert!(matches!(check_paired(&differences(factor), spec), Err(CheckFailure::Disagrees(_))));
            }
        }
    }
}

#[test]
fn the_theory_rung_averages_the_formula_over_the_symbol_rung_s_channels() {
    for case in cases() {
        let mut experiment = case.experiment();
        experiment.stop.rule = airloop::experiment::sections::Rule::Trials(100);
        let snr: Vec<f64> = case.snr_db.iter().map(|db| ratio(*db)).collect();
        let context = TrialContext::new(&experiment, Fidelity::Symbol).unwrap();
        let by_hand =
            (0..100).map(|t| formula(&context, t, case.optimal, &snr, case.correlation)).sum::<f64>() / 100.0;
        let report = report(&experiment, Fidelity::Theory);
        assert_eq!(report.theory_kind, Some(TheoryKind::Conditional));
        assert_equal("mean over trials", report.metrics.mse_per_device.unwrap().mean.unwrap(), by_hand);
    }
}
