//! Payloads that are not independent and Gaussian: correlated, uniform, and the shipped gradients.

use crate::agreement::*;
use crate::setup::*;
use airloop::report::Fidelity;
use std::time::Instant;

fn truncated(threshold: f64, scale: &str, snr_db: f64) -> String {
    format!(
        "link.snr_db={snr_db}; scheme.kind=truncated-inversion; scheme.threshold={threshold}; scheme.scale={scale}"
    )
}

/// Mean and mean square of `e = c A - 1` with P(A = 1) = zeta, and the noise `c^2 E1(g)/SNR` of the sum.
fn statistics(g: f64, scale: &str, snr_db: f64) -> (f64, f64, f64) {
    let zeta = (-g).exp();
    let c = if scale == "unbiased" { 1.0 / zeta } else { 1.0 };
    (c * zeta - 1.0, c * c * zeta - 2.0 * c * zeta + 1.0, c * c * e1(g) / ratio(snr_db))
}

/// `MSE_sum = (1 - r) sum e^2 + r |sum e|^2 + noise`, with `E|sum e|^2 = K var + K^2 mean^2`.
fn correlated(k: f64, r: f64, (mean, square, noise): (f64, f64, f64)) -> f64 {
    let sum_squared = k * (square - mean * mean) + (k * mean).powi(2);
    ((1.0 - r) * k * square + r * sum_squared + noise) / k
}

#[test]
fn correlated_values_turn_a_common_bias_into_error() {
    for (devices, r, g, scale, source) in [
        (10, 0.5, 0.2, "plain", "gaussian"),
        (10, 0.1, 0.05, "plain", "gaussian"),
        (10, 1.0, 0.2, "unbiased", "gaussian"),
        (20, 0.3, 0.5, "unbiased", "gaussian"),
        (10, 0.25, 0.2, "plain", "uniform"),
        (10, 0.0, 0.2, "plain", "uniform"),
        (5, 1.0, 0.1, "plain", "uniform"),
    ] {
        let payload = format!("payload.correlation={r}; payload.source={source}");
        let scheme = truncated(g, scale, 5.0);
        let expected = correlated(f64::from(devices), r, statistics(g, scale, 5.0));
        let what = format!("{source}, K {devices}, r {r}, {scheme}");
        let since = Instant::now();
        let experiment = load(&[&gaussian(devices as usize, 960), &payload, RAYLEIGH, &scheme]);
        assert_error(
            &format!("symbol, {what}"),
            &trials(&experiment, Fidelity::Symbol, 1024),
            expected,
            since,
        );
        let theory = report(&experiment, Fidelity::Theory).metrics.mse_per_device.unwrap().mean.unwrap();
        assert_equal(&what, theory, expected);
    }
    let since = Instant::now();
    let settings = [&gaussian(10, 96), "payload.correlation=0.5", SELECTIVE, &truncated(0.2, "plain", 5.0)];
    let found = trials(&load(&settings), Fidelity::Waveform, 12_000);
    let expected = correlated(10.0, 0.5, statistics(0.2, "plain", 5.0));
    assert_error("waveform, r .5", &found, expected, since);
    let independent = correlated(10.0, 0.0, statistics(0.2, "plain", 5.0));
    assert_differs("independent", found.iter().map(|t| t.mse_per_device()), independent);
}

#[test]
fn identical_sources_have_the_catalogue_s_error() {
    // Divided by K zeta, NMSE of the mean against the one common value: (1 - zeta)/(K zeta) + v/(K zeta^2), v = E1/SNR here
    // for the noise of one device; the target's power is K^2, so nmse = mse_per_device/K.
    let since = Instant::now();
    let (k, g) = (10.0, 0.2f64);
    let zeta = (-g).exp();
    let expected = (1.0 - zeta) / (k * zeta) + e1(g) / ratio(5.0) / (k * k * zeta * zeta);
    let settings = [&gaussian(10, 960), "payload.correlation=1", RAYLEIGH, &truncated(g, "unbiased", 5.0)];
    let found = trials(&load(&settings), Fidelity::Symbol, 1024);
    assert_mean("nmse, identical", found.iter().map(|t| t.nmse()), expected * 960.0 / 958.0, since);
}

#[test]
fn the_shipped_gradients_follow_the_trace_and_the_total_of_their_gram_matrix() {
    // Divided by the rms of the largest device: MSE per value = var(e) tr G + mean(e)^2 1'G1 + noise;
    // per device of unit power that over tr G, NMSE that over 1'G1.
    let rows = raw_gradients();
    let powers: Vec<f64> = rows.iter().map(|row| product(row, row)).collect();
    let largest = powers.iter().copied().fold(0.0, f64::max);
    let sum = sum_of(&rows);
    let (trace, total) = (powers.iter().sum::<f64>() / largest, product(&sum, &sum) / largest);
    for (g, scale, snr_db) in [(0.05, "plain", 10.0), (0.3, "unbiased", 0.0), (0.5, "plain", 20.0)] {
        let (mean, square, noise) = statistics(g, scale, snr_db);
        let error = (square - mean * mean) * trace + mean * mean * total + noise;
        let scheme = truncated(g, scale, snr_db);
        for (channel, fidelity, count) in
            [(RAYLEIGH, Fidelity::Symbol, 512), (SELECTIVE, Fidelity::Waveform, 1024)]
        {
            if fidelity == Fidelity::Waveform && snr_db > 0.0 {
                continue;
            }
            let since = Instant::now();
            let experiment = load(&[&shipped(), channel, &scheme]);
            let found = trials(&experiment, fidelity, count);
            assert_error(&format!("{fidelity}, gradients, {scheme}"), &found, error / trace, since);
            let nmse = found.iter().map(|t| t.nmse());
            assert_mean(&format!("{fidelity}, gradients, nmse"), nmse, error / total, since);
            let theory = report(&experiment, Fidelity::Theory).metrics;
            assert_equal("mse", theory.mse_per_device.unwrap().mean.unwrap(), error / trace);
            assert_equal("nmse", theory.nmse.unwrap().mean.unwrap(), error / total);
        }
    }
}
