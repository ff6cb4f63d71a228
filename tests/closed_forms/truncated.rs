//! Truncated inversion over Rayleigh fading: `g` threshold, `zeta = exp(-g)`, `v = E1(g) / (K SNR)` at average power.

use crate::agreement::*;
use crate::setup::*;
use airloop::experiment::Experiment;
use airloop::report::warnings::of_waveform;
use airloop::report::{Fidelity, TheoryKind};
use std::time::Instant;

/// A receive scale and a power constraint.
struct Variant {
    scale: &'static str,
    power: &'static str,
}

const VARIANTS: [Variant; 6] = [
    Variant { scale: "plain", power: "average" },
    Variant { scale: "unbiased", power: "average" },
    Variant { scale: "lmmse", power: "average" },
    Variant { scale: "plain", power: "peak" },
    Variant { scale: "unbiased", power: "peak" },
    Variant { scale: "lmmse", power: "peak" },
];

/// Devices, SNR in decibels, threshold.
const SETTINGS: [(usize, f64, f64); 3] = [(20, 10.0, 0.05), (20, 10.0, 0.5), (10, 0.0, 0.2)];

impl Variant {
    fn experiment(&self, (devices, snr_db, threshold): (usize, f64, f64), rest: &[&str]) -> Experiment {
        let Self { scale, power } = self;
        let scheme = format!(
            "scheme.kind=truncated-inversion; scheme.threshold={threshold}; scheme.scale={scale}; \
             scheme.power_constraint={power}; link.snr_db={snr_db}"
        );
        load(&[&[&gaussian(devices, 960)[..], &scheme], rest].concat())
    }

    /// Returns the error per device of independent unit-power values.
    ///
    /// ```text
    /// plain: 1 - zeta + v;   unbiased: (1 - zeta)/zeta + v/zeta^2;   lmmse: 1 - zeta^2/(zeta + v)
    /// v = E1(g)/(K SNR) at average power, where E|b|^2 = rho0 E1(g) = P;   v = 1/(g K SNR) at peak power, rho0 = P g
    /// ```
    fn formula(&self, (devices, snr_db, g): (usize, f64, f64)) -> f64 {
        let inverse = if self.power == "average" { e1(g) } else { 1.0 / g };
        let (zeta, v) = ((-g).exp(), inverse / (devices as f64 * ratio(snr_db)));
        match self.scale {
            "plain" => 1.0 - zeta + v,
            "unbiased" => (1.0 - zeta) / zeta + v / (zeta * zeta),
            _ => 1.0 - zeta * zeta / (zeta + v),
        }
    }
}

#[test]
fn the_formula_gives_the_catalogue_s_figures() {
    let plain = &VARIANTS[0];
    // K = 20, 10 dB: g = .05 -> .0611101, .5 -> .396268, 1/(K SNR) = .005 -> .0286180;  K = 10: g = .05 -> .0734496.
    for (setting, printed) in [
        ((20, 10.0, 0.05), 0.061_110_1),
        ((20, 10.0, 0.5), 0.396_268),
        ((20, 10.0, 0.005), 0.028_618_0),
        ((10, 10.0, 0.05), 0.073_449_6),
    ] {
        let value = plain.formula(setting);
        assert!((value / printed - 1.0).abs() < 2e-6, "{setting:?}: {value} {printed}");
    }
}

#[test]
fn every_scale_and_constraint_hits_its_formula_at_symbol_fidelity() {
    for variant in &VARIANTS {
        for setting in SETTINGS {
            let since = Instant::now();
            let trials = trials(&variant.experiment(setting, &[RAYLEIGH]), Fidelity::Symbol, 512);
            let what = format!("symbol, {} {} {setting:?}", variant.scale, variant.power);
            assert_error(&what, &trials, variant.formula(setting), since);
        }
    }
}

#[test]
fn the_figures_of_the_catalogue_are_hit_at_symbol_fidelity() {
    for (setting, printed) in
        [((20, 10.0, 0.5), 0.396_268), ((10, 10.0, 0.05), 0.073_449_6), ((20, 10.0, 0.05), 0.061_110_1)]
    {
        let since = Instant::now();
        let trials = trials(&VARIANTS[0].experiment(setting, &[RAYLEIGH, "seed=2"]), Fidelity::Symbol, 512);
        assert_error(&format!("symbol, printed, {setting:?}"), &trials, printed, since);
    }
}

#[test]
fn the_best_threshold_is_found_and_no_other_does_better() {
    let since = Instant::now();
    // g* = 1/(K SNR) = .005 for the plain scale at average power: .0286180 at K = 20 and 10 dB.
    let best = load(&[
        &gaussian(20, 960),
        RAYLEIGH,
        "link.snr_db=10; scheme.kind=truncated-inversion; scheme.threshold=best; scheme.scale=plain",
    ]);
    let found = trials(&best, Fidelity::Symbol, 1024);
    assert_error("symbol, best threshold", &found, 0.028_618_0, since);
    // Noise 0.3 dB off, 7 % of the v = .0236: the control must fail.
    let wrong = 1.0 - (-0.005f64).exp() + e1(0.005) / 200.0 * ratio(0.3);
    assert_differs("noise 0.3 dB off", found.iter().map(|t| t.mse_per_device()), wrong);
    for variant in &VARIANTS {
        let scheme = format!(
            "link.snr_db=10; scheme.kind=truncated-inversion; scheme.threshold=best; scheme.scale={}; \
             scheme.power_constraint={}",
            variant.scale, variant.power
        );
        let theory = report(&load(&[&gaussian(20, 960), RAYLEIGH, &scheme]), Fidelity::Theory);
        let value = theory.metrics.mse_per_device.unwrap().mean.unwrap();
        // The least of the formula over a fine grid of thresholds.
        let grid = (0..20_000).map(|i| variant.formula((20, 10.0, 1e-6 * 1.0008f64.powi(i).min(4e6))));
        let least = grid.fold(f64::INFINITY, f64::min);
        assert!((value / least - 1.0).abs() < 1e-6, "{scheme}: {value} {least}");
    }
}

#[test]
fn every_scale_and_constraint_hits_its_formula_at_waveform_fidelity() {
    for (variant, setting) in VARIANTS.iter().zip(SETTINGS.iter().cycle()) {
        let since = Instant::now();
        // 20 devices on 2 symbols; each trial draws new taps, so trials are independent although subcarriers are not.
        let experiment = variant.experiment(*setting, &["payload.length=96", SELECTIVE]);
        assert_eq!(of_waveform(&experiment), [], "the channel ends inside the prefix");
        let trials = trials(&experiment, Fidelity::Waveform, 8000);
        let what = format!("waveform, {} {} {setting:?}", variant.scale, variant.power);
        assert_error(&what, &trials, variant.formula(*setting), since);
    }
}

#[test]
fn theory_is_the_formula() {
    for variant in &VARIANTS {
        for setting in SETTINGS {
            for channel in [RAYLEIGH, SELECTIVE] {
                let theory = report(&variant.experiment(setting, &[channel]), Fidelity::Theory);
                let value = theory.metrics.mse_per_device.unwrap();
                assert_eq!(theory.theory_kind, Some(TheoryKind::Ensemble));
                assert_eq!((value.mean, value.mean), (value.low, value.high));
                assert_equal(&format!("{setting:?}"), value.mean.unwrap(), variant.formula(setting));
            }
        }
    }
}

#[test]
fn theory_s_nmse_knows_that_the_target_s_energy_is_random() {
    // The error of value n is beta s + w with beta = sum e/K (s the sum, w independent of it), so over N values
    //   NMSE = E beta^2 + (E e^2 + v - E beta^2) N/(N - 2),   E beta^2 = (1 - zeta)^2 + zeta (1 - zeta)/K,
    // since the sum of N squared Gaussians has E[1/chi^2] = 1/(N - 2): 7 % at N = 30.
    let since = Instant::now();
    let (k, g, n): (f64, f64, f64) = (5.0, 0.1, 30.0);
    let (zeta, v) = ((-g).exp(), e1(g) / (k * ratio(0.0)));
    let beta2 = (1.0 - zeta).powi(2) + zeta * (1.0 - zeta) / k;
    let formula = beta2 + (1.0 - zeta + v - beta2) * n / (n - 2.0);
    let experiment = VARIANTS[0].experiment((5, 0.0, g), &["payload.length=30", RAYLEIGH]);
    let theory = report(&experiment, Fidelity::Theory).metrics.nmse.unwrap().mean.unwrap();
    assert_equal("nmse", theory, formula);
    let trials = trials(&experiment, Fidelity::Symbol, 40_000);
    assert_mean("symbol, nmse of 30 values", trials.iter().map(|t| t.nmse()), formula, since);
    assert_differs("without N/(N - 2)", trials.iter().map(|t| t.nmse()), 1.0 - zeta + v);
}
