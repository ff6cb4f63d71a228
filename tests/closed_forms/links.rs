//! Power budgets: receive SNR, devices of different SNR, and a power that spreads over the bandwidth.

use crate::agreement::*;
use crate::setup::*;
use airloop::report::Fidelity;
use std::time::Instant;

const TRUNCATED: &str = "scheme.kind=truncated-inversion; scheme.threshold=0.2; scheme.scale=plain";

/// `1 - zeta + E1(g)/(K SNR)` at g = .2, where the SNR is the weakest device's.
fn formula(devices: usize, weakest_db: f64) -> f64 {
    1.0 - (-0.2f64).exp() + e1(0.2) / (devices as f64 * ratio(weakest_db))
}

#[test]
fn the_receive_snr_is_the_weakest_device_s_over_e1() {
    // rho0/s2 = SNR_min / E1(g) at average power, SNR_min g at peak power, SNR_min without fading.
    let db = |x: f64| 10.0 * x.log10();
    for (link, channel, power, expected) in [
        ("link.snr_db=10", RAYLEIGH, "average", 10.0 - db(e1(0.2))),
        ("link.snr_db=10", RAYLEIGH, "peak", 10.0 + db(0.2)),
        ("link.snr_db=10", AWGN, "average", 10.0),
        ("link.snr_db=10; link.snr_spread_db=6", RAYLEIGH, "average", 7.0 - db(e1(0.2))),
        ("link.snr_db_per_device=[3, 8, 12, 20]", SELECTIVE, "average", 3.0 - db(e1(0.2))),
        // Scheduling without the weakest device gains the 5 dB to the next.
        ("link.snr_db_per_device=[8, 8, 12, 20]", SELECTIVE, "average", 8.0 - db(e1(0.2))),
    ] {
        let constraint = format!("scheme.power_constraint={power}");
        let mut experiment = load(&[&gaussian(4, 96), link, channel, TRUNCATED, &constraint]);
        experiment.stop.rule = airloop::experiment::sections::Rule::Trials(2);
        for fidelity in [Fidelity::Theory, Fidelity::Symbol] {
            let found = report(&experiment, fidelity).receive_snr_db.unwrap();
            // Amplitudes in single precision: 2^-24, twice in a power, is 5e-7 dB.
            assert!((found - expected).abs() < 1e-6, "{fidelity}, {link}, {channel}: {found} {expected}");
        }
    }
}

#[test]
fn the_weakest_device_sets_the_error_of_truncated_inversion() {
    for (devices, link, weakest_db) in [
        (4, "link.snr_db_per_device=[0, 5, 10, 15]", 0.0),
        (10, "link.snr_db=10; link.snr_spread_db=20", 0.0),
        (10, "link.snr_db=10; link.snr_spread_db=0", 10.0),
        (3, "link.snr_db_per_device=[20, -5, 20]", -5.0),
    ] {
        let since = Instant::now();
        let experiment = load(&[&gaussian(devices, 960), link, RAYLEIGH, TRUNCATED]);
        let found = trials(&experiment, Fidelity::Symbol, 1024);
        assert_error(&format!("symbol, {link}"), &found, formula(devices, weakest_db), since);
        let theory = report(&experiment, Fidelity::Theory).metrics.mse_per_device.unwrap().mean.unwrap();
        assert_equal(link, theory, formula(devices, weakest_db));
    }
    let since = Instant::now();
    let link = "link.snr_db_per_device=[0, 5, 10, 15]";
    let experiment = load(&[&gaussian(4, 96), link, SELECTIVE, TRUNCATED]);
    let found = trials(&experiment, Fidelity::Waveform, 12_000);
    assert_error("waveform, per device", &found, formula(4, 0.0), since);
    // The control: the mean of the decibels.
    assert_differs("mean SNR", found.iter().map(|t| t.mse_per_device()), formula(4, 7.5));
}

#[test]
fn a_fixed_total_power_thins_out_as_the_bandwidth_grows() {
    // snr_db = 6 holds over 5 MHz: an element of a channel of B has the SNR 10^.6 5e6/B, so NMSE = B/(K 5e6 10^.6).
    let settings = "link.snr_db=6; link.snr_bandwidth_hz=5e6; scheme.kind=full-inversion";
    for bandwidth_hz in [5e6, 10e6, 20e6, 40e6] {
        let since = Instant::now();
        let grid = format!("ofdm.bandwidth_hz={bandwidth_hz}");
        let make = |length| {
            let settings = [&gaussian(4, length)[..], AWGN, settings, &grid];
            load_with(&airloop::experiment::Loader::default(), &settings)
        };
        let expected = bandwidth_hz / (4.0 * 5e6 * ratio(6.0));
        let experiment = make(4000);
        assert_error(&grid, &trials(&experiment, Fidelity::Symbol, 128), expected, since);
        assert_error(&grid, &trials(&make(2000), Fidelity::Waveform, 128), expected, since);
        let theory = report(&experiment, Fidelity::Theory).metrics.mse_per_device.unwrap().mean.unwrap();
        assert_equal(&grid, theory, expected);
    }
    // Without snr_bandwidth_hz the SNR of an element is the same in every bandwidth.
    for bandwidth_hz in [5e6, 40e6] {
        let grid = format!("ofdm.bandwidth_hz={bandwidth_hz}; link.snr_db=6; scheme.kind=full-inversion");
        let experiment =
            load_with(&airloop::experiment::Loader::default(), &[&gaussian(4, 4000), AWGN, &grid]);
        let found = trials(&experiment, Fidelity::Symbol, 128);
        assert_error(&grid, &found, 1.0 / (4.0 * ratio(6.0)), Instant::now());
    }
}
