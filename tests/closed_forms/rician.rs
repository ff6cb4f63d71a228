//! Truncated inversion over Rician fading, whose formula is an integral, done here from the density alone.

use crate::agreement::*;
use crate::setup::*;
use airloop::report::Fidelity;
use std::time::Instant;

/// Returns `exp(-x) I0(x)` from `I0(x) = 1/pi integral of exp(x cos t) dt over 0..pi`; the trapezoid rule converges fast.
fn i0_scaled(x: f64) -> f64 {
    let steps = 200;
    let point =
        |i: usize| (x * ((i as f64 + 0.5) * std::f64::consts::PI / f64::from(steps as u32)).cos() - x).exp();
    (0..steps).map(point).sum::<f64>() / steps as f64
}

/// Returns `P(g >= t)` and `E[1/g; g >= t]` for a unit-mean gain of Rician factor `kappa`.
///
/// ```text
/// f(g) = (kappa + 1) exp(-kappa - (kappa + 1) g) I0(2 sqrt(kappa (kappa + 1) g))
/// ```
///
/// integrated over `x = ln g`, where `f(g)/g dg = f(e^x) dx`.
fn integrals(kappa: f64, t: f64) -> (f64, f64) {
    let density = |g: f64| {
        let x = 2.0 * (kappa * (kappa + 1.0) * g).sqrt();
        (kappa + 1.0) * (x - kappa - (kappa + 1.0) * g).exp() * i0_scaled(x)
    };
    let (from, to) = (t.ln(), 50f64.ln());
    let share = simpson(|x| x.exp() * density(x.exp()), from, to, 4000);
    (share, simpson(|x| density(x.exp()), from, to, 4000))
}

fn settings(k_factor_db: f64, threshold: f64, scale: &str, snr_db: f64) -> String {
    format!(
        "channel.model=rician; channel.k_factor_db={k_factor_db}; link.snr_db={snr_db}; \
         scheme.kind=truncated-inversion; scheme.threshold={threshold}; scheme.scale={scale}"
    )
}

#[test]
fn the_integrals_are_right_where_they_are_known() {
    // Almost no line of sight: Rayleigh.
    let (share, inverse) = integrals(1e-9, 0.05);
    assert!((share / (-0.05f64).exp() - 1.0).abs() < 1e-7 && (inverse / e1(0.05) - 1.0).abs() < 1e-7);
    // All mass, and unit mean by E[g] = integral of g^2 f(g)/g.
    assert!((integrals(10.0, 1e-9).0 - 1.0).abs() < 1e-7);
}

#[test]
fn truncated_inversion_hits_the_integral() {
    for (k_factor_db, g, scale, snr_db) in [
        (0.0, 0.05, "plain", 10.0),
        (6.0, 0.3, "unbiased", 0.0),
        (10.0, 0.5, "lmmse", -10.0),
        (3.0, 0.1, "plain", 0.0),
    ] {
        let (zeta, inverse) = integrals(ratio(k_factor_db), g);
        let v = inverse / (12.0 * ratio(snr_db));
        let expected = match scale {
            "plain" => 1.0 - zeta + v,
            "unbiased" => (1.0 - zeta) / zeta + v / (zeta * zeta),
            _ => 1.0 - zeta * zeta / (zeta + v),
        };
        let settings = settings(k_factor_db, g, scale, snr_db);
        let since = Instant::now();
        let elements = load(&[&gaussian(12, 960), "channel.fading=per-element", &settings]);
        assert_error(
            &format!("symbol, {settings}"),
            &trials(&elements, Fidelity::Symbol, 1024),
            expected,
            since,
        );
        // Rayleigh's formula at the same threshold is another: the control.
        let rayleigh = 1.0 - (-g).exp() + e1(g) / (12.0 * ratio(snr_db));
        let errors = trials(&elements, Fidelity::Symbol, 128);
        assert_differs("Rayleigh", errors.iter().map(|t| t.mse_per_device()), rayleigh);
        let theory = report(&elements, Fidelity::Theory).metrics.mse_per_device.unwrap().mean.unwrap();
        assert_equal(&settings, theory, expected);
        if g < 0.3 {
            continue;
        }
        // Flat: one gain a device and trial.
        let since = Instant::now();
        let block = load(&[&gaussian(12, 96), &settings]);
        assert_error(
            &format!("waveform, {settings}"),
            &trials(&block, Fidelity::Waveform, 20_000),
            expected,
            since,
        );
    }
}

#[test]
fn the_best_threshold_is_the_same_for_every_fading() {
    // d/dg [1 - zeta + E[1/g; >= g]/(K SNR)] = f(g) - f(g)/(g K SNR) = 0 at g = 1/(K SNR).
    let g = 1.0 / 12.0;
    let (zeta, inverse) = integrals(ratio(3.0), g);
    let settings = settings(3.0, 0.1, "plain", 0.0);
    let best = load(&[&gaussian(12, 960), &settings, "scheme.threshold=best"]);
    let theory = report(&best, Fidelity::Theory).metrics.mse_per_device.unwrap().mean.unwrap();
    assert_equal("best", theory, 1.0 - zeta + inverse / 12.0);
}
