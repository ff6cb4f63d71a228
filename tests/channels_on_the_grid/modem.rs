//! The modem against direct transforms, its scaling, and its prefixes against the standard.

use super::{UNIT, mean_power, rounding_bound, wide, worst_distance};
use airloop::ofdm::{Modem, Numerology};
use airloop_baseband::checks::{CheckFailure, CheckSpec, check_mean};
use airloop_baseband::statistics::Moments;
use airloop_baseband::{Complex32, Complex64, Purpose, Seeds};
use std::f64::consts::TAU;
use std::sync::Arc;
use std::time::Instant;

/// Numerologies of all four spacings, and custom ones with and without the carrier.
fn numerologies() -> Vec<Arc<Numerology>> {
    let nr = |mhz: f64, khz: f64, ghz: f64| Numerology::nr(mhz * 1e6, khz * 1e3, ghz * 1e9).unwrap();
    let custom = |fft_size, prefix, used, dc| Numerology::custom(20e6, fft_size, prefix, used, dc).unwrap();
    let all = [
        nr(5.0, 15.0, 3.5),
        nr(20.0, 30.0, 3.5),
        nr(50.0, 60.0, 3.5),
        nr(50.0, 120.0, 28.0),
        custom(256, 64, 192, false),
        custom(240, 11, 101, true),
        custom(64, 16, 64, true),
    ];
    all.into_iter().map(Arc::new).collect()
}

fn gaussian(seed: u64, count: usize) -> Vec<Complex32> {
    let mut values = vec![Complex32::default(); count];
    Seeds::new(seed).stream(Purpose::Payload, 0, 0).fill_complex_gaussian(0, 1.0, &mut values);
    values
}

/// Roundings of a transform: one a stage, and the scale's.
fn transform_roundings(numerology: &Numerology) -> f64 {
    (numerology.fft_size() as f64).log2() + 2.0
}

#[test]
fn demodulating_what_was_modulated_gives_it_back_from_any_window_inside_the_prefix() {
    for n in numerologies() {
        for advance in [0, 5, n.shortest_prefix_samples()] {
            let mut modem = Modem::new(Arc::clone(&n), advance);
            let grid = gaussian(1, 20 * n.used());
            let mut sent = Vec::new();
            modem.modulate(9, &grid, &mut sent);
            let mut samples = vec![Complex32::new(9.0, 9.0); advance];
            samples.extend_from_slice(&sent);
            let mut received = vec![Complex32::default(); grid.len()];
            modem.demodulate(9, &samples, &mut received);
            let bound = rounding_bound(2.0 * transform_roundings(&n));
            assert!(worst_distance(&grid, &received) <= bound, "{} {advance}", n.fft_size());
            // Control: a window one sample off turns the phases.
            samples.remove(0);
            samples.push(Complex32::default());
            modem.demodulate(9, &samples, &mut received);
            assert!(worst_distance(&grid, &received) > 1e3 * bound, "a shifted window passes");
        }
    }
}

#[test]
fn both_directions_equal_the_direct_transform() {
    for n in numerologies() {
        let size = n.fft_size();
        let root = (size as f64).sqrt();
        let turn = |k: i64, m: i64| {
            Complex64::from_polar(1.0 / root, TAU * (k * m).rem_euclid(size as i64) as f64 / size as f64)
        };
        let mut modem = Modem::new(Arc::clone(&n), 0);
        let grid = gaussian(2, n.used());
        let mut samples = Vec::new();
        modem.modulate(3, &grid, &mut samples);
        let prefix = n.prefix_samples(3) as i64;
        let bound = rounding_bound(transform_roundings(&n));
        let synthesis = |offset: i64| {
            let sample = |(i, x): (usize, &Complex32)| {
                let terms = grid.iter().zip(n.offsets());
                let direct: Complex64 =
                    terms.map(|(z, k)| wide(*z) * turn(i64::from(*k) + offset, i as i64 - prefix)).sum();
                (direct - wide(*x)).norm()
            };
            samples.iter().enumerate().map(sample).fold(0.0, f64::max)
        };
        assert!(synthesis(0) <= bound, "{size}: {:e} of {bound:e}", synthesis(0));
        assert!(synthesis(1) > 1e3 * bound, "a grid shifted by a subcarrier passes");
        let noise = gaussian(3, samples.len());
        let mut read = vec![Complex32::default(); n.used()];
        modem.demodulate(3, &noise, &mut read);
        for (y, k) in read.iter().zip(n.offsets()) {
            let window = noise[prefix as usize..].iter().enumerate();
            let direct: Complex64 = window.map(|(m, x)| wide(*x) * turn(-i64::from(*k), m as i64)).sum();
            assert!((direct - wide(*y)).norm() <= bound, "{size} {k}");
        }
    }
}

#[test]
fn noise_keeps_its_power_and_signals_have_their_share_of_the_transform() {
    let clock = Instant::now();
    let spec = CheckSpec { alpha: 1e-6, detects: 0.01 };
    let n = Arc::new(Numerology::nr(20e6, 30e3, 3.5e9).unwrap());
    let mut modem = Modem::new(Arc::clone(&n), 4);
    let noise = gaussian(4, n.symbol_start(1700));
    let mut read = vec![Complex32::default(); 1699 * n.used()];
    modem.demodulate(0, &noise, &mut read);
    let powers = Moments::of(read.iter().map(|z| wide(*z).norm_sqr()));
    check_mean(&powers, 1.0, spec).unwrap();
    assert!(matches!(check_mean(&powers, 1.01, spec), Err(CheckFailure::Disagrees(_))));
    println!(
        "noise: {} samples, {:.2} s; power {:.5}",
        powers.count,
        clock.elapsed().as_secs_f64(),
        powers.mean
    );
    for n in numerologies() {
        let mut modem = Modem::new(Arc::clone(&n), 0);
        for symbol in 0..15 {
            let grid = gaussian(5 + symbol as u64, n.used());
            let mut samples = Vec::new();
            modem.modulate(symbol, &grid, &mut samples);
            let share = n.used() as f64 / n.fft_size() as f64;
            let ratio = mean_power(&samples[n.prefix_samples(symbol)..]) / (mean_power(&grid) * share);
            // Parseval: energies to twice the transform's relative rounding.
            let bound = 2.0 * UNIT * transform_roundings(&n);
            assert!((ratio - 1.0).abs() <= bound, "{ratio}");
        }
    }
}

#[test]
fn the_prefix_is_a_copy_of_the_tail() {
    for n in numerologies() {
        let mut modem = Modem::new(Arc::clone(&n), 0);
        let mut samples = Vec::new();
        modem.modulate(26, &gaussian(6, 5 * n.used()), &mut samples);
        let base = n.symbol_start(26);
        assert_eq!(samples.len(), n.symbol_start(31) - base);
        for symbol in 26..31 {
            let (start, end) = (n.symbol_start(symbol) - base, n.symbol_start(symbol + 1) - base);
            let (prefix, size) = (n.prefix_samples(symbol), n.fft_size());
            assert_eq!(end - start, prefix + size);
            assert_eq!(samples[start..start + prefix], samples[end - prefix..end]);
            assert_ne!(samples[start..start + prefix], samples[end - prefix - 1..end - 1]);
        }
    }
}

/// TS 38.211, clause 5.3.1: `N_CP = 144 kappa 2^-mu`, and `16 kappa` more at `l = 0` and `l = 7 2^mu` of a
/// subframe, with `kappa = 64` and the time unit `1 / (480 kHz 4096)`.
#[test]
fn prefixes_are_those_of_the_standard_with_a_longer_one_each_half_millisecond() {
    let settings =
        [(20e6, 15e3, 3.5e9, 0), (100e6, 30e3, 3.5e9, 1), (100e6, 60e3, 3.5e9, 2), (400e6, 120e3, 28e9, 3)];
    for (bandwidth_hz, spacing_hz, carrier_hz, mu) in settings {
        let n = Numerology::nr(bandwidth_hz, spacing_hz, carrier_hz).unwrap();
        let subframe = 14 << mu;
        let mut time_s = 0.0;
        for symbol in 0..2 * subframe {
            let place = symbol % subframe;
            let longer = place == 0 || place == 7 << mu;
            let units = 144.0 * 64.0 / f64::from(1 << mu) + if longer { 16.0 * 64.0 } else { 0.0 };
            let prefix_s = units / (480e3 * 4096.0);
            let rate = n.sample_rate_hz();
            assert!((n.symbol_start(symbol) as f64 / rate - time_s).abs() < 1e-12, "{spacing_hz} {symbol}");
            assert!(
                (n.prefix_samples(symbol) as f64 / rate - prefix_s).abs() < 1e-12,
                "{spacing_hz} {symbol}"
            );
            if longer {
                assert!(
                    (time_s / 0.5e-3 - (time_s / 0.5e-3).round()).abs() < 1e-9,
                    "at half milliseconds only"
                );
            }
            time_s += prefix_s + 1.0 / spacing_hz;
        }
        assert!((time_s - 2e-3).abs() < 1e-12);
        assert!(
            n.prefix_samples(0) > n.prefix_samples(1) && n.prefix_samples(1) == n.shortest_prefix_samples()
        );
    }
}
