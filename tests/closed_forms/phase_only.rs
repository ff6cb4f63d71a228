//! Phase-only precoding: with `m = E|h|` the error of a device is `1/m^2 - 1` and the noise `s2/(P m^2)`, unbiased.

use crate::agreement::*;
use crate::setup::*;
use airloop::baseband::statistics::Moments;
use airloop::ladder::law::{symbol_against_theory, waveform_against_symbol};
use airloop::report::{Fidelity, TheoryKind};
use std::f64::consts::PI;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

const UNBIASED: &str = "scheme.kind=phase-only";
const PLAIN: &str = "scheme.kind=phase-only; scheme.scale=plain";

/// Devices and SNR in decibels.
const SETTINGS: [(usize, f64); 3] = [(20, 10.0), (5, 0.0), (10, 20.0)];

/// Mean amplitude of a Rayleigh channel.
fn rayleigh() -> f64 {
    PI.sqrt() / 2.0
}

/// Error per device of independent unit-power values, unbiased, where `m` is what phase correction leaves.
fn unbiased(m: f64, (devices, snr_db): (usize, f64)) -> f64 {
    1.0 / (m * m) - 1.0 + 1.0 / (devices as f64 * ratio(snr_db) * m * m)
}

/// The same without the division: `E(|h| - 1)^2 = 2 - 2 m`.
fn plain(m: f64, (devices, snr_db): (usize, f64)) -> f64 {
    2.0 - 2.0 * m + 1.0 / (devices as f64 * ratio(snr_db))
}

fn link(snr_db: f64) -> String {
    format!("link.snr_db={snr_db}")
}

#[test]
fn both_scales_hit_their_formula_at_symbol_fidelity() {
    for setting in SETTINGS {
        for (scheme, formula) in
            [(UNBIASED, unbiased(rayleigh(), setting)), (PLAIN, plain(rayleigh(), setting))]
        {
            let since = Instant::now();
            let experiment = load(&[&gaussian(setting.0, 960), RAYLEIGH, scheme, &link(setting.1)]);
            let found = trials(&experiment, Fidelity::Symbol, 1024);
            assert_error(&format!("symbol, {scheme}, {setting:?}"), &found, formula, since);
            let theory = report(&experiment, Fidelity::Theory);
            assert_eq!(theory.theory_kind, Some(TheoryKind::Ensemble));
            assert_equal(scheme, theory.metrics.mse_per_device.unwrap().mean.unwrap(), formula);
        }
    }
}

#[test]
fn the_catalogue_s_figure_is_hit() {
    // 50 devices, g = 1, sigma_w^2/E_N = .1/.02: about m mean(g) the mean errs by .00429204 + .002 = .00629204; the
    // unbiased estimate of the sum by K^2/m^2 times that.
    let since = Instant::now();
    let snr_db = 10.0 * 0.2f64.log10();
    let experiment = load(&[&gaussian(50, 960), RAYLEIGH, UNBIASED, &link(snr_db), "payload.correlation=1"]);
    let found = trials(&experiment, Fidelity::Symbol, 1024);
    let m2 = PI / 4.0;
    let of_mean = |mse_per_device: f64| mse_per_device / 50.0 * m2;
    assert_mean("printed", found.iter().map(|t| of_mean(t.mse_per_device())), 0.006_292_04, since);
    let theory = report(&experiment, Fidelity::Theory).metrics.mse_per_device.unwrap().mean.unwrap();
    assert!((of_mean(theory) / 0.006_292_04 - 1.0).abs() < 1e-6, "{theory}");
}

#[test]
fn nmse_of_short_identical_payloads_knows_which_part_follows_the_target() {
    // The misalignment multiplies the target itself, only the noise sees E[1/S]: N/(N - 2) = 15/14 at N = 30.
    let since = Instant::now();
    let m2 = PI / 4.0;
    let experiment = load(&[&gaussian(4, 30), RAYLEIGH, UNBIASED, &link(0.0), "payload.correlation=1"]);
    let formula = (1.0 / m2 - 1.0) / 4.0 + 1.0 / (16.0 * m2) * 30.0 / 28.0;
    let found = trials(&experiment, Fidelity::Symbol, 40_000);
    assert_mean("nmse, N = 30", found.iter().map(|t| t.nmse()), formula, since);
    assert_equal(
        "theory",
        report(&experiment, Fidelity::Theory).metrics.nmse.unwrap().mean.unwrap(),
        formula,
    );
}

#[test]
fn rician_and_constant_channels_have_their_own_mean_amplitude() {
    // E|h| = sqrt(pi/(4 (kappa + 1))) exp(-kappa) 1F1(3/2; 1; kappa), by its series.
    let kappa = ratio(5.0);
    let (mut term, mut sum) = (1.0, 1.0);
    for n in 0..200 {
        let n = f64::from(n);
        term *= (1.5 + n) / ((n + 1.0) * (n + 1.0)) * kappa;
        sum += term;
    }
    let m = (PI / (4.0 * (kappa + 1.0))).sqrt() * (-kappa).exp() * sum;
    let rician = "channel.model=rician; channel.k_factor_db=5; channel.fading=per-element";
    for (channel, m) in [(rician, m), (AWGN, 1.0)] {
        for (scheme, formula) in [(UNBIASED, unbiased(m, (5, 0.0))), (PLAIN, plain(m, (5, 0.0)))] {
            let since = Instant::now();
            let experiment = load(&[&gaussian(5, 960), channel, scheme, &link(0.0)]);
            assert_error(channel, &trials(&experiment, Fidelity::Symbol, 512), formula, since);
            let theory = report(&experiment, Fidelity::Theory).metrics.mse_per_device.unwrap();
            assert_equal(channel, theory.mean.unwrap(), formula);
        }
    }
}

#[test]
fn an_imperfect_phase_costs_the_square_root_of_the_knowledge() {
    // h = h_hat + e, E|h_hat|^2 = 1 - q: E[h conj(h_hat)/|h_hat|] = E|h_hat| = sqrt(1 - q) sqrt(pi)/2, and E|h|^2 stays 1.
    for q in [0.1f64, 0.4] {
        let m = (1.0 - q).sqrt() * rayleigh();
        let knowledge = format!("link.csi=imperfect; link.csi_error={q}");
        for (scheme, formula) in [(UNBIASED, unbiased(m, (10, 10.0))), (PLAIN, plain(m, (10, 10.0)))] {
            let since = Instant::now();
            let experiment = load(&[&gaussian(10, 960), RAYLEIGH, scheme, &link(10.0), &knowledge]);
            let found = trials(&experiment, Fidelity::Symbol, 1024);
            assert_error(&format!("{scheme}, q = {q}"), &found, formula, since);
            let theory = report(&experiment, Fidelity::Theory).metrics.mse_per_device.unwrap();
            assert_equal(scheme, theory.mean.unwrap(), formula);
        }
        // Identical values, short: the misalignment multiplies the target's own pairs, only the noise does not follow them.
        let since = Instant::now();
        let experiment =
            load(&[&gaussian(10, 30), RAYLEIGH, UNBIASED, &link(10.0), &knowledge, "payload.correlation=1"]);
        let formula = (1.0 / (m * m) - 1.0) / 10.0 + 1.0 / (100.0 * ratio(10.0) * m * m) * 30.0 / 28.0;
        let found = trials(&experiment, Fidelity::Symbol, 20_000);
        assert_mean(&format!("identical, q = {q}"), found.iter().map(|t| t.nmse()), formula, since);
        assert_equal(
            "theory",
            report(&experiment, Fidelity::Theory).metrics.nmse.unwrap().mean.unwrap(),
            formula,
        );
    }
}

#[test]
fn unequal_budgets_do_not_weigh_devices() {
    let since = Instant::now();
    let near_far = "link.snr_db_per_device=[0, 5, 10, 15]";
    let experiment = load(&[&gaussian(4, 960), RAYLEIGH, UNBIASED, near_far]);
    let found = trials(&experiment, Fidelity::Symbol, 1024);
    assert_error(near_far, &found, unbiased(rayleigh(), (4, 0.0)), since);
    // The control: the mean of the decibels.
    assert_differs("mean SNR", found.iter().map(|t| t.mse_per_device()), unbiased(rayleigh(), (4, 7.5)));
    let theory = report(&experiment, Fidelity::Theory);
    assert_equal(
        "theory",
        theory.metrics.mse_per_device.unwrap().mean.unwrap(),
        unbiased(rayleigh(), (4, 0.0)),
    );
    // The power that is used is that of the weakest: the mean over devices of P_min/P_k.
    let used = (1.0 + ratio(-5.0) + ratio(-10.0) + ratio(-15.0)) / 4.0;
    assert_equal("power", theory.power_used_mean.unwrap(), used);
    let simulated = Moments::of(found.iter().map(|t| t.account.power_used_mean));
    assert!((simulated.mean / used - 1.0).abs() < 0.02, "{}", simulated.mean);
}

#[test]
fn repeated_passes_average_noise_over_one_channel_and_all_over_independent_ones() {
    // 48 values in a budget of 3 symbols of 48 elements: 3 passes.
    let m2 = PI / 4.0;
    for (channel, passes) in [(RAYLEIGH, 3.0), (SELECTIVE, 1.0)] {
        let since = Instant::now();
        let experiment = load(&[&gaussian(6, 96), channel, UNBIASED, &link(0.0), "budget.elements=144"]);
        let formula = (1.0 / m2 - 1.0) / passes + 1.0 / (6.0 * m2 * 3.0);
        let theory = report(&experiment, Fidelity::Theory).metrics.mse_per_device.unwrap();
        assert_equal(channel, theory.mean.unwrap(), formula);
        assert_error(channel, &trials(&experiment, Fidelity::Symbol, 10_000), formula, since);
    }
}

#[test]
fn the_formula_holds_at_waveform_fidelity() {
    for setting in [(20, 10.0), (5, 0.0)] {
        let since = Instant::now();
        let experiment = load(&[&gaussian(setting.0, 96), SELECTIVE, UNBIASED, &link(setting.1)]);
        let found = trials(&experiment, Fidelity::Waveform, 8000);
        assert_error(&format!("waveform, {setting:?}"), &found, unbiased(rayleigh(), setting), since);
    }
}

#[test]
fn truly_random_phases_leave_nothing_of_the_sum() {
    // t = |h| exp(j phi) has no mean: E|t/m - 1|^2 = 1/m^2 + 1 a device, and the estimate of identical values errs by all of
    // them.
    let turned = format!("impairments.phase_rad={{ uniform = [{}, {PI}] }}", -PI);
    let m2 = PI / 4.0;
    let noise = 1.0 / (5.0 * ratio(10.0) * m2);
    let settings = [&gaussian(5, 48)[..], SELECTIVE, UNBIASED, &link(10.0)];
    let since = Instant::now();
    let independent = load(&[&settings[..], &[&turned]].concat());
    let found = trials(&independent, Fidelity::Waveform, 16_000);
    assert_error("random phases", &found, 1.0 / m2 + 1.0 + noise, since);
    assert_differs(
        "aligned phases",
        found.iter().map(|t| t.mse_per_device()),
        unbiased(m2.sqrt(), (5, 10.0)),
    );
    let since = Instant::now();
    let identical = load(&[&settings[..], &[&turned, "payload.correlation=1"]].concat());
    let found = trials(&identical, Fidelity::Waveform, 30_000);
    let formula = 1.0 + 1.0 / (5.0 * m2) + noise / 5.0;
    assert_mean("random phases, identical", found.iter().map(|t| t.mse_per_device() / 5.0), formula, since);
}

#[test]
fn the_laws_of_the_ladder_hold() {
    let never = AtomicBool::new(false);
    for settings in [
        &["channel.speed_m_s=30; channel.model=tdl-a; channel.delay_spread_s=1e-7"][..],
        &["channel.model=rician; channel.k_factor_db=3; link.csi=imperfect; link.csi_error=0.1"],
        &[RAYLEIGH, "rounds=3; payload.round_decay=0.7; scheme.scale=plain"],
    ] {
        let experiment = load(&[&[&gaussian(4, 96)[..], UNBIASED, "link.snr_db=-10"], settings].concat());
        let (law, _) = symbol_against_theory(&experiment, &never).unwrap();
        println!("{settings:?}: {law:?}");
        assert!(law.holds(), "{settings:?}: {law:?}");
    }
    let waveform = waveform_against_symbol(&load(&[&gaussian(4, 192), SELECTIVE, UNBIASED, "link.snr_db=5"]));
    let waveform = waveform.unwrap();
    assert!(waveform.holds(), "{waveform:?}");
}
