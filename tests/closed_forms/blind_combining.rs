//! Blind combining: K devices and M receive antennas, `(K + 1/SNR)/M` for independent values and `1/M + 1/(K M SNR)` for
//! identical ones over Rayleigh channels.

use crate::agreement::*;
use crate::setup::*;
use airloop::config::{Node, overrides::parse_set};
use airloop::experiment::Loader;
use airloop::ladder::law::{Law, symbol_against_theory, waveform_against_symbol};
use airloop::report::{Fidelity, TheoryKind};
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

/// The NMSE of independent and of identical values.
type Printed = (f64, f64);

/// Devices, antennas, SNR in decibels; and the catalogue's figures where it has them.
const SETTINGS: [(usize, usize, f64, Option<Printed>); 3] =
    [(5, 16, 0.0, Some((0.375, 0.075))), (20, 64, 10.0, Some((0.314_063, 0.015_703_1))), (3, 4, 10.0, None)];

const BLIND: &str = "scheme.kind=blind-combining";

fn link(antennas: usize, snr_db: f64) -> String {
    format!("link.receive_antennas={antennas}; link.snr_db={snr_db}")
}

/// Error per device of independent values; a constant part of power `s` leaves `E|h|^4 = 2 - s^2`.
fn formula((devices, antennas, snr_db): (usize, usize, f64), s: f64) -> f64 {
    (devices as f64 - s * s + 1.0 / ratio(snr_db)) / antennas as f64
}

#[test]
fn the_catalogue_s_figures_are_hit_at_symbol_fidelity() {
    for (devices, antennas, snr_db, printed) in SETTINGS {
        let k = devices as f64;
        for correlation in [0.0, 0.5, 1.0] {
            let since = Instant::now();
            let r = format!("payload.correlation={correlation}");
            let experiment = load(&[
                &gaussian(devices, 96),
                RAYLEIGH,
                BLIND,
                &link(antennas, snr_db),
                &r,
                "link.csi=none",
            ]);
            // Errors of two devices are uncorrelated: the error of the sum does not depend on the correlation.
            let expected = formula((devices, antennas, snr_db), 0.0);
            let what = format!("K = {devices}, M = {antennas}, r = {correlation}");
            // Identical values over 1280 links would take too long.
            if devices < 20 || correlation == 0.0 {
                let count = if devices < 20 { 12_000 } else { 1900 };
                assert_error(&what, &trials(&experiment, Fidelity::Symbol, count), expected, since);
            }
            let theory = report(&experiment, Fidelity::Theory);
            assert_eq!(theory.theory_kind, Some(TheoryKind::Ensemble));
            let value = theory.metrics.mse_per_device.unwrap().mean.unwrap();
            assert_equal(&what, value, expected);
            if let (Some((independent, identical)), false) = (printed, correlation == 0.5) {
                // Of the sum's power: K for independent values, K^2 for identical ones.
                let (nmse, printed) =
                    if correlation == 0.0 { (value, independent) } else { (value / k, identical) };
                assert!((nmse / printed - 1.0).abs() < 3e-6, "{what}: {nmse} {printed}");
            }
        }
    }
}

#[test]
fn nmse_of_short_payloads_knows_which_part_follows_the_target() {
    // sum_k e_k = (1/M) sum_n |S_n|^2 - K is real with variance K^2/M, so beta = sum e/K has 1/M whatever the correlation
    // of values 0 or 1; the rest sees E[1/S]: N/(N - 2) = 15/14.
    for (correlation, target) in [(0.0, 1.0), (1.0, 5.0)] {
        let since = Instant::now();
        let r = format!("payload.correlation={correlation}");
        let experiment = load(&[&gaussian(5, 30), RAYLEIGH, BLIND, &link(4, 0.0), &r]);
        let all = formula((5, 4, 0.0), 0.0) / target;
        let expected = 0.25 + (all - 0.25) * 30.0 / 28.0;
        let found = trials(&experiment, Fidelity::Symbol, 30_000);
        assert_mean(&format!("N = 30, r = {correlation}"), found.iter().map(|t| t.nmse()), expected, since);
        let theory = report(&experiment, Fidelity::Theory).metrics.nmse.unwrap().mean.unwrap();
        assert_equal("theory", theory, expected);
    }
}

#[test]
fn a_line_of_sight_of_random_phase_lowers_the_fourth_moment() {
    let since = Instant::now();
    let kappa = ratio(6.0);
    let s = kappa / (kappa + 1.0);
    let experiment =
        load(&[&gaussian(3, 96), "channel.model=rician; channel.k_factor_db=6", BLIND, &link(8, 0.0)]);
    let expected = formula((3, 8, 0.0), s);
    let theory = report(&experiment, Fidelity::Theory).metrics.mse_per_device.unwrap().mean.unwrap();
    assert_equal("theory, Rician", theory, expected);
    let found = trials(&experiment, Fidelity::Symbol, 30_000);
    assert_error("symbol, Rician", &found, expected, since);
    assert_differs("Rayleigh", found.iter().map(|t| t.mse_per_device()), formula((3, 8, 0.0), 0.0));
}

#[test]
fn without_fading_nothing_tells_devices_apart() {
    // All channels are 1, so the combiner multiplies with K: e = K - 1, noise K^2/(M SNR) of the sum.
    let since = Instant::now();
    let experiment = load(&[&gaussian(3, 960), AWGN, BLIND, &link(4, 0.0)]);
    let expected = 4.0 + 3.0 / 4.0;
    assert_error("AWGN", &trials(&experiment, Fidelity::Symbol, 256), expected, since);
    let theory = report(&experiment, Fidelity::Theory);
    assert_eq!(theory.theory_kind, Some(TheoryKind::Conditional));
    assert_equal("AWGN", theory.metrics.mse_per_device.unwrap().mean.unwrap(), expected);
}

#[test]
fn unequal_budgets_do_not_weigh_devices() {
    let since = Instant::now();
    let near_far = "link.snr_db_per_device=[0, 10, 20]; link.receive_antennas=8";
    let experiment = load(&[&gaussian(3, 96), RAYLEIGH, BLIND, near_far]);
    let found = trials(&experiment, Fidelity::Symbol, 3000);
    assert_error(near_far, &found, formula((3, 8, 0.0), 0.0), since);
    let theory = report(&experiment, Fidelity::Theory).metrics.mse_per_device.unwrap().mean.unwrap();
    assert_equal(near_far, theory, formula((3, 8, 0.0), 0.0));
}

#[test]
fn the_formula_holds_at_waveform_fidelity() {
    let (since, setting) = (Instant::now(), (3, 4, 10.0));
    let experiment = load(&[&gaussian(3, 96), SELECTIVE, BLIND, &link(4, 10.0)]);
    let found = trials(&experiment, Fidelity::Waveform, 18_000);
    assert_error("waveform, K = 3, M = 4", &found, formula(setting, 0.0), since);
    // The control: as if antennas beyond the first were not heard.
    assert_differs("one antenna", found.iter().map(|t| t.mse_per_device()), formula((3, 1, 10.0), 0.0));
}

#[test]
fn the_laws_of_the_ladder_hold_for_all_antennas() {
    let never = AtomicBool::new(false);
    for settings in [
        &[SELECTIVE, "payload.correlation=0.3"][..],
        &["channel.model=tdl-a; channel.delay_spread_s=1e-7; channel.speed_m_s=30; rounds=2"],
        &["channel.model=rician; channel.k_factor_db=3; budget.elements=200"],
    ] {
        let experiment = load(
            &[&[&gaussian(3, 96)[..], BLIND, "link.snr_db=-10; link.receive_antennas=4"], settings].concat(),
        );
        let (law, _) = symbol_against_theory(&experiment, &never).unwrap();
        println!("{settings:?}: {law:?}");
        assert!(law.holds(), "{settings:?}: {law:?}");
    }
    let experiment = load(&[&gaussian(3, 192), SELECTIVE, BLIND, &link(5, 5.0)]);
    let law = waveform_against_symbol(&experiment).unwrap();
    let Law::Equality(equality) = &law else { panic!("{law:?}") };
    // 192 values are 2 symbols of 48 subcarriers: at 5 antennas, in 4 trials.
    assert_eq!(equality.values, 2 * 48 * 5 * 4);
    assert!(law.holds(), "{law:?}");
}

#[test]
fn other_schemes_say_that_they_listen_to_one_antenna() {
    let load = |scheme: &str| {
        let mut node = Node::parse_toml("", Path::new("test.toml")).unwrap();
        let settings = format!("{}; {RAYLEIGH}; {scheme}; {}", gaussian(3, 96), link(4, 0.0));
        for setting in settings.split(';') {
            let (path, value) = parse_set(setting.trim()).unwrap();
            node.set(&path, value).unwrap();
        }
        Loader::default().load(&node)
    };
    for scheme in ["optimal-power", "phase-only", "full-inversion", "full-power"] {
        let error = load(&format!("scheme.kind={scheme}")).unwrap_err().to_string();
        let expected = format!(
            "4 antennas are of no use to scheme.kind = \"{scheme}\", which listens to one; schemes that combine \
             antennas: "
        );
        let (_, combining) = error.split_once(&expected).unwrap_or_else(|| panic!("{error}"));
        assert!(error.contains("link.receive_antennas") && combining.contains("blind-combining"), "{error}");
    }
    assert!(load(BLIND).is_ok());
}
