//! Several antennas: combining by a server that knows all channels, and aggregation beams.
//!
//! Zero-forcing of K devices over N antennas leaves `1/((N - K) SNR)`, the mean of an inverse complex Wishart matrix. One device over
//! N antennas has a gain of Gamma(N), so MMSE and MRC leave `E[1/(1 + SNR g)]` and beams `E[1/(SNR g)] = 1/((N - 1) SNR)`.

use crate::agreement::*;
use crate::setup::*;
use airloop::baseband::special::integrate_to_infinity;
use airloop::ladder::law::{Law, symbol_against_theory, waveform_against_symbol};
use airloop::report::{Fidelity, TheoryKind};
use std::sync::atomic::AtomicBool;
use std::time::Instant;

/// Twelve subcarriers in a transform of 16.
const SMALLER: &str =
    "ofdm.sample_rate_hz=4.8e5; ofdm.fft_size=16; ofdm.cyclic_prefix_samples=8; ofdm.used_subcarriers=12";

fn combining(combiner: &str, antennas: usize, snr_db: f64) -> String {
    format!(
        "scheme.kind=receive-combining; scheme.combiner={combiner}; link.receive_antennas={antennas}; link.snr_db={snr_db}"
    )
}

fn forcing((receive, device, streams): (usize, usize, usize), snr_db: f64) -> String {
    format!(
        "scheme.kind=uniform-forcing; scheme.streams={streams}; link.receive_antennas={receive}; \
         link.device_antennas={device}; link.snr_db={snr_db}"
    )
}

#[test]
fn zero_forcing_leaves_the_mean_of_an_inverse_wishart_matrix() {
    for (devices, antennas, snr_db, fidelity, channel, count) in [
        (3, 8, 5.0, Fidelity::Symbol, RAYLEIGH, 4000),
        (1, 4, 0.0, Fidelity::Symbol, RAYLEIGH, 4000),
        (3, 8, 5.0, Fidelity::Waveform, SELECTIVE, 12_000),
    ] {
        let since = Instant::now();
        let what = format!("zero-forcing, K = {devices}, N = {antennas}, {fidelity:?}");
        let experiment =
            load(&[&gaussian(devices, 96), channel, &combining("zero-forcing", antennas, snr_db)]);
        let of = |left: usize| 1.0 / (left as f64 * ratio(snr_db));
        let found = trials(&experiment, fidelity, count);
        assert_error(&what, &found, of(antennas - devices), since);
        // The control: as if every device took no antenna's worth of freedom.
        assert_differs(&what, found.iter().map(|t| t.mse_per_device()), of(antennas - devices + 1));
        let theory = report(&experiment, Fidelity::Theory);
        assert_eq!(theory.theory_kind, Some(TheoryKind::Ensemble));
        assert_equal(&what, theory.metrics.mse_per_device.unwrap().mean.unwrap(), of(antennas - devices));
    }
}

#[test]
fn zero_forcing_weighs_unequal_devices_by_their_own_power() {
    let since = Instant::now();
    let link = "scheme.kind=receive-combining; scheme.combiner=zero-forcing; link.receive_antennas=8; \
                link.snr_db_per_device=[0, 10, 20]";
    let experiment = load(&[&gaussian(3, 96), RAYLEIGH, link]);
    let expected = (1.0 + 0.1 + 0.01) / (5.0 * 3.0);
    assert_error("near and far", &trials(&experiment, Fidelity::Symbol, 2500), expected, since);
    let theory = report(&experiment, Fidelity::Theory).metrics.mse_per_device.unwrap().mean.unwrap();
    assert_equal("near and far", theory, expected);
}

#[test]
fn one_device_has_the_error_of_its_gain() {
    for (antennas, snr_db) in [(1, 3.0), (2, 0.0), (4, 10.0)] {
        let snr = ratio(snr_db);
        let density = |g: f64| {
            let factorial: f64 = (1..antennas).map(f64::from).product();
            g.powi(antennas - 1) * (-g).exp() / factorial
        };
        let expected = integrate_to_infinity(|g| density(g) / (1.0 + snr * g), 0.0, 1e-10);
        for combiner in ["mmse", "mrc"] {
            let since = Instant::now();
            let what = format!("{combiner}, N = {antennas}, {snr_db} dB");
            let scheme = combining(combiner, antennas as usize, snr_db);
            let experiment = load(&[&gaussian(1, 96), RAYLEIGH, &scheme]);
            let found = trials(&experiment, Fidelity::Symbol, 4000);
            assert_error(&what, &found, expected, since);
            assert_differs(
                &what,
                found.iter().map(|t| t.mse_per_device()),
                1.0 / (1.0 + snr * f64::from(antennas)),
            );
        }
    }
}

#[test]
fn beams_reach_the_gain_of_one_device() {
    // Rows or columns of Gaussians: E 1/|h|^2 = 1/(n - 1). Two beams of a 5 by 2 channel: tr E (H^H H)^-1 = 2/(5 - 2).
    for (shape, expected, length) in [
        ((6, 1, 1), 1.0 / 5.0, 96),
        ((1, 5, 1), 1.0 / 4.0, 96),
        ((5, 2, 2), 2.0 / 3.0, 192),
        ((2, 5, 2), 2.0 / 3.0, 192),
    ] {
        let since = Instant::now();
        let experiment = load(&[&gaussian(1, length), RAYLEIGH, &forcing(shape, 7.0)]);
        assert_eq!(experiment.layout_symbols(), 1, "beams share an element");
        let found = trials(&experiment, Fidelity::Symbol, 2500);
        assert_error(&format!("{shape:?}"), &found, expected / ratio(7.0), since);
        assert_differs(
            "one antenna more",
            found.iter().map(|t| t.mse_per_device()),
            0.9 * expected / ratio(7.0),
        );
    }
}

#[test]
fn one_antenna_is_full_inversion_and_more_are_better() {
    let settings = |scheme: &str| load(&[&gaussian(5, 96), SELECTIVE, scheme]);
    let (single, inverted) =
        (settings(&forcing((1, 1, 1), 10.0)), settings("scheme.kind=full-inversion; link.snr_db=10"));
    for (one, other) in
        trials(&single, Fidelity::Symbol, 40).iter().zip(trials(&inverted, Fidelity::Symbol, 40))
    {
        assert!((one.mse_per_device() / other.mse_per_device() - 1.0).abs() < 1e-4);
    }
    assert!(report(&single, Fidelity::Symbol).metrics.mse_per_device.unwrap().mean.is_none());
    let four = settings(&forcing((4, 1, 1), 10.0));
    let mean = |found: &[airloop::run::Trial]| {
        found.iter().map(|t| t.mse_per_device()).sum::<f64>() / found.len() as f64
    };
    let refined = mean(&trials(&four, Fidelity::Symbol, 200));
    let centroid = settings(&format!("{}; scheme.beamformer=centroid", forcing((4, 1, 1), 10.0)));
    assert!(refined < mean(&trials(&centroid, Fidelity::Symbol, 200)));
}

#[test]
fn beams_that_others_chose_may_miss_a_device_so_that_no_mean_exists() {
    let exists = |devices: usize, antennas: (usize, usize, usize), beamformer: &str| {
        let beams = format!("{}; scheme.beamformer={beamformer}; stop.trials=4", forcing(antennas, 10.0));
        let found = report(&load(&[&gaussian(devices, 24), RAYLEIGH, &beams]), Fidelity::Symbol);
        found.metrics.mse_per_device.unwrap().mean.is_some()
    };
    // Of one antenna a device, seen through the beam of all, the gain is below e with a chance in proportion to e: E[1/g] diverges.
    assert!(!exists(3, (2, 1, 1), "centroid") && !exists(3, (4, 2, 2), "centroid"));
    assert!(exists(3, (2, 1, 1), "refined") && exists(1, (2, 1, 1), "centroid"));
    assert!(exists(3, (2, 2, 1), "centroid") && exists(3, (4, 2, 2), "refined"));
}

#[test]
fn the_laws_of_the_ladder_hold_for_all_antennas() {
    let never = AtomicBool::new(false);
    let zero_forcing = combining("zero-forcing", 5, 0.0);
    let (mrc, mmse) = (combining("mrc", 4, 0.0), combining("mmse", 3, -5.0));
    let (beam, beams) = (forcing((4, 2, 1), 0.0), forcing((3, 2, 2), 0.0));
    let imperfect = "link.csi=imperfect; link.csi_error=0.05";
    let uplink = "link.csi=estimated; pilots.sounding=uplink; pilots.snr_db=15; pilots.estimator=ls";
    let fed_back = "link.csi_bits=8";
    let moving = "channel.model=tdl-a; channel.delay_spread_s=1e-7; channel.speed_m_s=30; rounds=2";
    for settings in [
        &[SELECTIVE, &mrc, "payload.correlation=0.3"][..],
        &[SELECTIVE, &mmse, "link.snr_spread_db=10; budget.elements=300"],
        &[moving, &zero_forcing],
        &[SELECTIVE, &mmse, imperfect],
        &[SELECTIVE, &mrc, uplink],
        &[SELECTIVE, &beam, "link.snr_spread_db=6"],
        &["channel.model=tdl-a; channel.delay_spread_s=1e-7; channel.speed_m_s=30", &beams],
        &[SELECTIVE, &forcing((3, 1, 1), 0.0), uplink, fed_back],
    ] {
        let since = Instant::now();
        let experiment = load(&[&[SMALLER, &gaussian(3, 24)[..]], settings].concat());
        let (law, _) = symbol_against_theory(&experiment, &never).unwrap();
        println!("{settings:?}: {law:?}, {:.2} s", since.elapsed().as_secs_f64());
        assert!(law.holds(), "{settings:?}: {law:?}");
    }
    for scheme in [&combining("mmse", 5, 5.0), &forcing((3, 2, 2), 5.0)] {
        let experiment = load(&[&gaussian(3, 192), SELECTIVE, scheme]);
        let law = waveform_against_symbol(&experiment).unwrap();
        let Law::Equality(_) = &law else { panic!("{law:?}") };
        assert!(law.holds(), "{law:?}");
    }
}
