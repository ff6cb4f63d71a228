//! Information of constellations and of fading channels.

use super::{add_noise, linear, rows, send};
use airloop_baseband::checks::{CheckSpec, check_mean};
use airloop_baseband::special::integrate_to_infinity;
use airloop_baseband::statistics::Moments;
use airloop_coding::rates::{
    Metric, Signal, ergodic_capacity_rayleigh, gaussian_capacity, gaussian_capacity_snr,
    outage_capacity_rayleigh, outage_probability_rayleigh, snr_for_information,
};
use airloop_coding::{Demapping, Modulation, NoiseVariance};
use std::f64::consts::{LN_2, LOG2_E};

const METRICS: [Metric; 2] = [Metric::Symbolwise, Metric::Bitwise];

#[test]
fn information_equals_adaptive_quadrature() {
    let mut count = 0;
    for row in rows(include_str!("../data/information.csv")) {
        let modulation: Modulation = row[0].parse().unwrap();
        let numbers: Vec<f64> = row[1..].iter().map(|cell| cell.parse().unwrap()).collect();
        for (metric, expected) in METRICS.into_iter().zip(numbers[1..].chunks(2)) {
            let found = Signal::Constellation(modulation, metric).information(linear(numbers[0]));
            assert!((found.bits - expected[0]).abs() < 1e-9, "{row:?}: {found:?}");
            assert!((found.dispersion - expected[1]).abs() < 1e-8, "{row:?}: {found:?}");
            count += 1;
        }
    }
    assert_eq!(count, 50);
}

#[test]
fn information_equals_that_of_simulated_ratios() {
    for (modulation, snr_db) in
        [(Modulation::Bpsk, -3.0), (Modulation::Qam64, 11.0), (Modulation::Qam256, 14.0)]
    {
        let (order, variance) = (modulation.bits_per_symbol(), 1.0 / linear(snr_db));
        let mut sent = send(modulation, 400_000, 9);
        add_noise(&mut sent.points, variance, 9);
        let mut llrs = vec![0.0; sent.bits.len()];
        let noise = NoiseVariance::Common(variance as f32);
        Demapping::Exact.demap(modulation, &sent.points, noise, 0, &mut llrs).unwrap();
        let known = |(&llr, &bit): (&f32, &u8)| {
            let right = if bit == 0 { f64::from(llr) } else { -f64::from(llr) };
            1.0 - LOG2_E * (-right).exp().ln_1p()
        };
        let of_symbol = |(llrs, bits): (&[f32], &[u8])| llrs.iter().zip(bits).map(known).sum::<f64>();
        let densities: Vec<f64> = llrs.chunks(order).zip(sent.bits.chunks(order)).map(of_symbol).collect();
        let right = Signal::Constellation(modulation, Metric::Bitwise).information(linear(snr_db));
        let spec = CheckSpec { alpha: 1e-6, detects: 0.03 };
        let moments = Moments::of(densities.iter().copied());
        check_mean(&moments, right.bits, spec).unwrap();
        let squares = Moments::of(densities.iter().map(|i| (i - right.bits).powi(2)));
        check_mean(&squares, right.dispersion, CheckSpec { alpha: 1e-6, detects: 0.12 }).unwrap();
        // Half a decibel off, or the symbols' information in place of the bits'.
        let off = Signal::Constellation(modulation, Metric::Bitwise).information(linear(snr_db + 0.5));
        assert!(check_mean(&moments, off.bits, spec).is_err());
        if modulation == Modulation::Qam256 {
            let symbolwise =
                Signal::Constellation(modulation, Metric::Symbolwise).information(linear(snr_db));
            assert!(check_mean(&moments, symbolwise.bits, spec).is_err());
        }
    }
}

#[test]
fn known_limits_are_met() {
    // Half a bit by antipodal signals: Eb/N0 = 0.187 dB, with Es = Eb/2.
    let bpsk = Signal::Constellation(Modulation::Bpsk, Metric::Symbolwise);
    let eb_n0_db = 10.0 * (snr_for_information(bpsk, 0.5) / 0.5).log10();
    assert!((eb_n0_db - 0.187).abs() < 5e-4, "{eb_n0_db}");
    // Two dimensions of half the energy each.
    let qpsk = Signal::Constellation(Modulation::Qpsk, Metric::Bitwise);
    for snr in [0.01, 1.0, 8.0] {
        let (one, two) = (bpsk.information(snr), qpsk.information(2.0 * snr));
        assert!((two.bits - 2.0 * one.bits).abs() < 1e-10);
        assert!((two.dispersion - 2.0 * one.dispersion).abs() < 1e-10);
    }
    // The least energy a bit is ln 2 (-1.59 dB) for symbols, more for the bits of 16-QAM.
    for modulation in Modulation::ALL {
        let slope = |metric| Signal::Constellation(modulation, metric).information(1e-7).bits / 1e-7;
        assert!((slope(Metric::Symbolwise) * LN_2 - 1.0).abs() < 1e-6, "{modulation}");
        let expected = if modulation.bits_per_dimension() == 1 { 1.0 } else { 0.8 };
        if modulation.bits_per_dimension() <= 2 {
            assert!((slope(Metric::Bitwise) * LN_2 - expected).abs() < 1e-6, "{modulation}");
        }
    }
}

#[test]
fn information_is_ordered_and_its_slope_is_its_derivative() {
    for modulation in Modulation::ALL {
        let most = modulation.bits_per_symbol() as f64;
        let mut last = [0.0; 2];
        for step in -4..=12 {
            let snr = linear(3.0 * f64::from(step) + 1.3);
            let [symbolwise, bitwise] =
                METRICS.map(|metric| Signal::Constellation(modulation, metric).information(snr));
            assert!(bitwise.bits <= symbolwise.bits + 1e-10 && symbolwise.bits < gaussian_capacity(snr));
            assert!(symbolwise.bits < most + 1e-12);
            for (place, metric) in METRICS.into_iter().enumerate() {
                let signal = Signal::Constellation(modulation, metric);
                let (here, delta) = ([symbolwise, bitwise][place], 1e-3 * snr);
                assert!(here.bits >= last[place] - 1e-12, "{modulation} {metric:?} {snr}");
                last[place] = here.bits;
                let difference = signal.information(snr + delta).bits - signal.information(snr - delta).bits;
                let error = (difference / (2.0 * delta) - here.slope).abs() * snr;
                assert!(error < 1e-5, "{modulation} {metric:?} {snr}: {error:e}");
            }
        }
        let certain = Signal::Constellation(modulation, Metric::Bitwise).information(f64::INFINITY);
        assert_eq!((certain.bits, certain.dispersion), (most, 0.0));
    }
}

#[test]
fn inverses_return() {
    for modulation in Modulation::ALL {
        for signal in METRICS.map(|metric| Signal::Constellation(modulation, metric)) {
            for share in [1e-4, 0.3, 0.9, 0.999] {
                let bits = share * signal.most_bits();
                let snr = snr_for_information(signal, bits);
                assert!((signal.information(snr).bits - bits).abs() < 1e-10, "{signal:?} {bits}");
            }
            assert_eq!(snr_for_information(signal, signal.most_bits()), f64::INFINITY);
            assert_eq!(snr_for_information(signal, 0.0), 0.0);
            assert!(snr_for_information(signal, -1.0).is_nan());
        }
    }
    for snr in [1e-9, 0.4, 1e6] {
        assert!((gaussian_capacity_snr(gaussian_capacity(snr)) / snr - 1.0).abs() < 1e-12);
    }
    assert!(Signal::Gaussian.information(-0.1).bits.is_nan());
}

#[test]
fn fading_capacities_are_means_over_gains() {
    for snr in [0.01, 1.0, 100.0] {
        let mean = integrate_to_infinity(|g| (-g).exp() * gaussian_capacity(snr * g), 0.0, 1e-11);
        assert!((ergodic_capacity_rayleigh(snr) / mean - 1.0).abs() < 1e-9);
        for outage in [0.001, 0.1, 0.7] {
            let bits = outage_capacity_rayleigh(outage, snr);
            assert!((outage_probability_rayleigh(bits, snr, 1) / outage - 1.0).abs() < 1e-10);
        }
        // Two branches: the sum g has the distribution 1 - (1 + g) exp(-g).
        let g: f64 = 1.7;
        let expected = 1.0 - (1.0 + g) * (-g).exp();
        assert!(
            (outage_probability_rayleigh(gaussian_capacity(snr * g), snr, 2) / expected - 1.0).abs() < 1e-11
        );
    }
    assert_eq!(ergodic_capacity_rayleigh(0.0), 0.0);
}
