//! Update-scaled precoding: `n` of K devices are active with probability `zeta = exp(-g)` each, the server divides by `n`.

use crate::agreement::*;
use crate::setup::*;
use airloop::experiment::Experiment;
use airloop::ladder::law::{symbol_against_theory, waveform_against_symbol};
use airloop::report::{Fidelity, TheoryKind};
use std::sync::atomic::AtomicBool;
use std::time::Instant;

/// Devices, SNR in decibels, threshold.
const SETTINGS: [(usize, f64, f64); 3] = [(20, 10.0, 0.05), (20, 10.0, 0.5), (5, 0.0, 0.2)];

const COTAF: &str = "scheme.kind=cotaf";

/// A payload that shrinks, over a channel of gain 1.
const SHRINKING: &str = "payload.round_decay=0.5; link.snr_db=3";

fn scheme(snr_db: f64, threshold: f64) -> String {
    format!("{COTAF}; scheme.threshold={threshold}; link.snr_db={snr_db}")
}

/// `P(n = 0)`, `P(n > 0)`, `E[1/n; n > 0]`, `E[1/n^2; n > 0]` of a binomial `n`, its probabilities one from the other.
fn moments(devices: usize, zeta: f64) -> [f64; 4] {
    let mut p = (1.0 - zeta).powf(devices as f64);
    let mut sums = [p, 0.0, 0.0, 0.0];
    for n in 1..=devices {
        p *= (devices + 1 - n) as f64 / n as f64 * zeta / (1.0 - zeta);
        for (power, sum) in sums[1..].iter_mut().enumerate() {
            *sum += p / (n as f64).powf(power as f64);
        }
    }
    sums
}

/// Error per device of independent values: `E[K/n - 1; n > 0] + P(n = 0) + K v E[1/n^2; n > 0]`, `v = 1/(g SNR)`.
fn independent((devices, snr_db, g): (usize, f64, f64)) -> f64 {
    let ([nobody, some, inverse, square], k) = (moments(devices, (-g).exp()), devices as f64);
    k * inverse - some + nobody + k * square / (g * ratio(snr_db))
}

/// NMSE of identical values: `v E[1/n^2; n > 0] + P(n = 0)`.
fn identical((devices, snr_db, g): (usize, f64, f64)) -> f64 {
    let [nobody, _, _, square] = moments(devices, (-g).exp());
    square / (g * ratio(snr_db)) + nobody
}

fn theory(experiment: &Experiment) -> f64 {
    let report = report(experiment, Fidelity::Theory);
    assert_eq!(report.theory_kind, Some(TheoryKind::Ensemble));
    report.metrics.mse_per_device.unwrap().mean.unwrap()
}

#[test]
fn the_mean_over_active_devices_hits_its_formula() {
    for setting in SETTINGS {
        let (devices, snr_db, threshold) = setting;
        let scheme = scheme(snr_db, threshold);
        let since = Instant::now();
        let experiment = load(&[&gaussian(devices, 960), RAYLEIGH, &scheme]);
        let found = trials(&experiment, Fidelity::Symbol, 1024);
        assert_error(&format!("independent, {setting:?}"), &found, independent(setting), since);
        assert_equal("theory", theory(&experiment), independent(setting));
        let since = Instant::now();
        let experiment = load(&[&gaussian(devices, 960), RAYLEIGH, &scheme, "payload.correlation=1"]);
        let found = trials(&experiment, Fidelity::Symbol, 1024);
        let of_sum = found.iter().map(|t| t.mse_per_device() / devices as f64);
        assert_mean(&format!("identical, {setting:?}"), of_sum, identical(setting), since);
        assert_equal("theory", theory(&experiment) / devices as f64, identical(setting));
    }
}

#[test]
fn dividing_by_the_mean_number_instead_would_show() {
    // (1 - zeta)/(K zeta) + v/(K zeta)^2: what truncated inversion with the unbiased scale makes of identical values.
    let (devices, snr_db, g) = (5usize, 0.0, 0.2);
    let zeta = (-0.2f64).exp();
    let wrong = (1.0 - zeta) / (5.0 * zeta) + 1.0 / (g * ratio(snr_db) * 25.0 * zeta * zeta);
    let experiment = load(&[&gaussian(devices, 960), RAYLEIGH, &scheme(snr_db, g), "payload.correlation=1"]);
    let found = trials(&experiment, Fidelity::Symbol, 1024);
    assert_differs("K zeta", found.iter().map(|t| t.mse_per_device() / 5.0), wrong);
}

#[test]
fn imperfect_knowledge_leaves_its_error_on_every_active_device() {
    // h = h_hat + e: active where |h_hat|^2 >= g, zeta = exp(-g'), g' = g/(1 - q); E|h/h_hat|^2 of an active device is
    // 1 + q E1(g')/((1 - q) zeta).
    let since = Instant::now();
    let (k, snr_db, g, q) = (10.0f64, 10.0, 0.2f64, 0.1f64);
    let (other, zeta) = (g / (1.0 - q), (-g / (1.0 - q)).exp());
    let square_ratio = 1.0 + q / (1.0 - q) * e1(other) / zeta;
    let [nobody, some, inverse, square] = moments(10, zeta);
    let formula = k * inverse * square_ratio - some + nobody + k * square / (g * ratio(snr_db));
    let knowledge = format!("link.csi=imperfect; link.csi_error={q}");
    let experiment = load(&[&gaussian(10, 960), RAYLEIGH, &scheme(snr_db, g), &knowledge]);
    assert_error("q = .1", &trials(&experiment, Fidelity::Symbol, 512), formula, since);
    assert_equal("theory", theory(&experiment), formula);
}

#[test]
fn noise_follows_the_largest_update() {
    // AWGN: the mean's noise per value is s2 max_k E|D_k|^2 / (K^2 P), here over the power of the true mean.
    let rows = raw_gradients();
    let k = rows.len() as f64;
    let power = |row: &Vec<f64>| product(row, row);
    let largest = rows.iter().map(power).fold(0.0, f64::max);
    let mean_square = rows.iter().map(power).sum::<f64>() / k;
    let sum = sum_of(&rows);
    for normalisation in ["global-max", "global-rms", "per-device"] {
        let since = Instant::now();
        let normalised = format!("payload.normalisation={normalisation}");
        let experiment = load(&[&shipped(), &normalised, AWGN, COTAF, "link.snr_db=10"]);
        let formula = largest / ratio(10.0) / product(&sum, &sum);
        let found = trials(&experiment, Fidelity::Symbol, 64);
        assert_mean(normalisation, found.iter().map(|t| t.nmse()), formula, since);
        assert_equal(
            normalisation,
            report(&experiment, Fidelity::Theory).metrics.nmse.unwrap().mean.unwrap(),
            formula,
        );
        assert_differs("mean", found.iter().map(|t| t.nmse()), formula * mean_square / largest);
        // No device exceeds its budget, whatever the unit of the values.
        assert!(found.iter().all(|t| t.account.power_used_mean < 1.0), "{normalisation}");
    }
}

#[test]
fn errors_relative_to_shrinking_updates_do_not_depend_on_the_round() {
    // With a fixed normalisation noise weighs 4^t times more in round t; here the mean over the first rounds.
    let v = 1.0 / (5.0 * ratio(3.0));
    for rounds in 1..=4 {
        let count = format!("rounds={rounds}");
        let growth = (0..rounds).map(|t| 4f64.powi(t)).sum::<f64>() / f64::from(rounds);
        for (scheme, formula) in [("scheme.kind=full-inversion", v * growth), (COTAF, v)] {
            let since = Instant::now();
            let experiment = load(&[&gaussian(5, 960), AWGN, SHRINKING, &count, scheme]);
            let found = trials(&experiment, Fidelity::Symbol, 400);
            assert_error(&format!("{scheme}, {rounds} rounds"), &found, formula, since);
            let report = report(&experiment, Fidelity::Theory);
            assert_equal(scheme, report.metrics.mse_per_device.unwrap().mean.unwrap(), formula);
        }
    }
}

#[test]
fn the_sum_of_shrinking_updates_is_spared_the_noise_of_a_fixed_scale() {
    // Over R rounds: R v against v sum_t 4^-t, of the target's sum_t 4^-t; N/(N - 2) for the drawn target.
    let v = 1.0 / (5.0 * ratio(3.0)) * 960.0 / 958.0;
    let energy = 1.0 + 0.25 + 0.0625;
    for (scheme, formula) in [("scheme.kind=full-inversion", 3.0 * v / energy), (COTAF, v)] {
        let since = Instant::now();
        let experiment = load(&[&gaussian(5, 960), AWGN, SHRINKING, "rounds=3", scheme]);
        let found = trials(&experiment, Fidelity::Symbol, 800);
        // N/(N - 2) is of values of equal variance: the sum of the rounds' targets has the variance of one Gaussian.
        assert_mean(scheme, found.iter().filter_map(|t| t.errors.nmse_accumulated), formula, since);
    }
}

#[test]
fn truncated_inversion_pays_for_rounds_and_this_does_not() {
    let (devices, snr_db, g) = (10, 10.0, 0.2f64);
    let rounds = "payload.round_decay=0.5; rounds=3";
    let truncated = "scheme.kind=truncated-inversion; scheme.threshold=0.2; scheme.scale=plain; \
                     scheme.power_constraint=peak; link.snr_db=10";
    let fixed = 1.0 - (-g).exp() + 7.0 / (10.0 * g * ratio(snr_db));
    for (scheme, formula) in
        [(truncated.to_string(), fixed), (scheme(snr_db, g), independent((devices, snr_db, g)))]
    {
        let since = Instant::now();
        let experiment = load(&[&gaussian(devices, 960), RAYLEIGH, rounds, &scheme]);
        let found = trials(&experiment, Fidelity::Symbol, 800);
        assert_error(&scheme, &found, formula, since);
        let report = report(&experiment, Fidelity::Theory);
        assert_equal(&scheme, report.metrics.mse_per_device.unwrap().mean.unwrap(), formula);
        // Updates that shrink leave power unused, unless they are scaled: zeta' = E1(g) g of the peak, times 1 or 21/48.
        let used = g * e1(g) * if scheme.starts_with(COTAF) { 1.0 } else { (1.0 + 0.25 + 0.0625) / 3.0 };
        assert_equal(&scheme, report.power_used_mean.unwrap(), used);
        let spent = found.iter().map(|t| t.account.power_used_mean);
        assert_mean("power", spent, used, since);
    }
}

#[test]
fn the_formula_holds_at_waveform_fidelity() {
    for setting in [(20, 10.0, 0.05), (10, 10.0, 0.2)] {
        let since = Instant::now();
        let experiment = load(&[&gaussian(setting.0, 96), SELECTIVE, &scheme(setting.1, setting.2)]);
        let found = trials(&experiment, Fidelity::Waveform, 10_000);
        assert_error(&format!("waveform, {setting:?}"), &found, independent(setting), since);
    }
}

#[test]
fn the_laws_of_the_ladder_hold() {
    let never = AtomicBool::new(false);
    for settings in [
        &[RAYLEIGH, "rounds=3; payload.round_decay=0.7"][..],
        &["channel.speed_m_s=30; channel.model=tdl-a; channel.delay_spread_s=1e-7; rounds=2"],
        &[SELECTIVE, "link.csi=imperfect; link.csi_error=0.1; budget.elements=200"],
    ] {
        let experiment = load(&[&[&gaussian(4, 96)[..], &scheme(-10.0, 0.3)], settings].concat());
        let (law, _) = symbol_against_theory(&experiment, &never).unwrap();
        println!("{settings:?}: {law:?}");
        assert!(law.holds(), "{settings:?}: {law:?}");
    }
    let law = waveform_against_symbol(&load(&[&gaussian(4, 192), SELECTIVE, &scheme(5.0, 0.2)])).unwrap();
    assert!(law.holds(), "{law:?}");
}
