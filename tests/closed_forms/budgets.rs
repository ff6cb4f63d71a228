//! `[budget]` for analog schemes: a surplus repeats the values, a lack sends a random part of them.

use crate::agreement::*;
use crate::setup::*;
use airloop::experiment::Experiment;
use airloop::report::Fidelity;
use airloop::run::TrialContext;
use std::time::Instant;

const DEVICES: usize = 6;
const INVERSION: &str = "scheme.kind=full-inversion";
const TRUNCATED: &str = "scheme.kind=truncated-inversion; scheme.threshold=0.2; scheme.scale=plain";

/// 960 values of 6 devices are 480 elements, 10 symbols a pass.
fn make(channel: &str, scheme: &str, symbols: f64) -> Experiment {
    let budget = format!("link.snr_db=3; budget.airtime_s={}", symbols * 80.0 / 1.92e6);
    load(&[&gaussian(DEVICES, 960), channel, scheme, &budget])
}

/// The noise of one pass in the estimate, a device: `E1/(K SNR)`, or `1/(K SNR)` without fading.
fn noise(inverse: f64) -> f64 {
    inverse / (DEVICES as f64 * ratio(3.0))
}

fn assert_all(what: &str, experiment: &Experiment, fidelity: Fidelity, count: u64, expected: f64) {
    let since = Instant::now();
    assert_error(&format!("{fidelity}, {what}"), &trials(experiment, fidelity, count), expected, since);
    let theory = report(experiment, Fidelity::Theory).metrics.mse_per_device.unwrap().mean.unwrap();
    assert_equal(what, theory, expected);
}

#[test]
fn a_surplus_is_spent_on_whole_repetitions() {
    let zeta = (-0.2f64).exp();
    for (symbols, passes) in [(10.0, 1.0), (19.9, 1.0), (35.0, 3.0), (80.0, 8.0)] {
        let experiment = make(AWGN, INVERSION, symbols);
        assert_all(
            &format!("AWGN, {symbols} symbols"),
            &experiment,
            Fidelity::Symbol,
            256,
            noise(1.0) / passes,
        );
        let account = &trials(&experiment, Fidelity::Symbol, 1)[0].account;
        assert_eq!((account.elements, account.symbols), (480 * passes as u64, 10 * passes as usize));
        // Independent fades in each pass average out too: (1 - zeta)^2 + (zeta (1 - zeta) + v)/R.
        let expected = (1.0 - zeta).powi(2) + (zeta * (1.0 - zeta) + noise(e1(0.2))) / passes;
        let experiment = make(RAYLEIGH, TRUNCATED, symbols);
        assert_all(&format!("Rayleigh, {symbols} symbols"), &experiment, Fidelity::Symbol, 512, expected);
    }
    assert_all("AWGN, 3 passes", &make(AWGN, INVERSION, 35.0), Fidelity::Waveform, 256, noise(1.0) / 3.0);
    // A static channel fades alike in every pass: 1 - zeta + v/R.
    let experiment = make(SELECTIVE, TRUNCATED, 35.0);
    assert_all("static, 3 passes", &experiment, Fidelity::Waveform, 5500, 1.0 - zeta + noise(e1(0.2)) / 3.0);
}

#[test]
fn a_lack_sends_a_random_part_scaled_up() {
    let zeta = (-0.2f64).exp();
    for symbols in [9, 4, 1] {
        // Two values an element; sent values have the weight (1 + e)/f - 1 and the noise v/f^2, the others the weight -1.
        let f = (symbols * 96) as f64 / 960.0;
        let experiment = make(AWGN, INVERSION, f64::from(symbols));
        let expected = (1.0 / f - 1.0) + noise(1.0) / f;
        assert_all(&format!("AWGN, share {f}"), &experiment, Fidelity::Symbol, 2048, expected);
        let report = report(&experiment, Fidelity::Symbol);
        assert!(report.warnings.iter().any(|w| w.code == "budget-too-small"));
        assert!((report.airtime_s.unwrap() * 1.92e6 / 80.0 - f64::from(symbols)).abs() < 1e-9);
        let (mean, variance) = (zeta - 1.0, zeta * (1.0 - zeta));
        let sent = variance / (f * f) + ((1.0 + mean) / f - 1.0).powi(2);
        let expected = f * sent + (1.0 - f) + noise(e1(0.2)) / f;
        let experiment = make(RAYLEIGH, TRUNCATED, f64::from(symbols));
        assert_all(&format!("Rayleigh, share {f}"), &experiment, Fidelity::Symbol, 2048, expected);
    }
    let (f, experiment) = (0.4, make(AWGN, INVERSION, 4.0));
    assert_all("AWGN, share .4", &experiment, Fidelity::Waveform, 1024, (1.0 / f - 1.0) + noise(1.0) / f);
}

#[test]
fn the_random_part_is_unbiased_and_changes_from_trial_to_trial() {
    let experiment = make(AWGN, INVERSION, 4.0);
    let context = TrialContext::new(&experiment, Fidelity::Symbol).unwrap();
    let since = Instant::now();
    let mut times = vec![0u32; 960];
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>();
    let mut share = |trial: u64| {
        let (_, vectors) = context.run_with_vectors(trial).unwrap();
        let sent = vectors.estimate.iter().enumerate().filter(|(_, e)| **e != 0.0);
        assert_eq!(sent.map(|(i, _)| times[i] += 1).count(), 384);
        dot(&vectors.estimate, &vectors.truth) / dot(&vectors.truth, &vectors.truth)
    };
    let shares: Vec<f64> = (0..1000).map(&mut share).collect();
    assert_mean("estimate's share of the truth", shares, 1.0, since);
    // Each value is sent in .4 of 1000 trials, standard deviation 15.5; six of them among 960 values.
    assert!(times.iter().all(|t| (*t as f64 - 400.0).abs() < 6.0 * 15.5), "{times:?}");
}

#[test]
fn scales_and_thresholds_that_are_optimal_count_the_repeated_noise() {
    // 3 passes over a static channel: v/3 takes the place of v. LMMSE: 1 - zeta^2/(zeta + v/3), without fading zeta = 1.
    let zeta = (-0.2f64).exp();
    let lmmse = format!("{TRUNCATED}; scheme.scale=lmmse");
    let v = noise(1.0) / 3.0;
    assert_all("lmmse, AWGN", &make(AWGN, &lmmse, 35.0), Fidelity::Symbol, 256, v / (1.0 + v));
    let expected = 1.0 - zeta * zeta / (zeta + noise(e1(0.2)) / 3.0);
    assert_all("lmmse, static", &make(SELECTIVE, &lmmse, 35.0), Fidelity::Symbol, 5500, expected);
    // Best plain threshold: d/dg [1 - zeta + E1(g)/(3 K SNR)] = 0 at g = 1/(3 K SNR).
    let g = noise(1.0) / 3.0;
    let best = make(SELECTIVE, &format!("{TRUNCATED}; scheme.threshold=best"), 35.0);
    let theory = report(&best, Fidelity::Theory).metrics.mse_per_device.unwrap().mean.unwrap();
    assert_equal("best, static", theory, 1.0 - (-g).exp() + noise(e1(g)) / 3.0);
}
