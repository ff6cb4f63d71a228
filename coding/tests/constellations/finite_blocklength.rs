//! The normal approximation.

use super::linear;
use airloop_baseband::checks::{CheckSpec, check_mean};
use airloop_baseband::special::{integrate, q_function};
use airloop_baseband::statistics::Moments;
use airloop_baseband::{Complex32, Purpose, Seeds};
use airloop_coding::Modulation;
use airloop_coding::rates::{Metric, NormalApproximation, Signal, snr_for_block_error_rate};
use std::f64::consts::{LOG2_E, TAU};

const BPSK: Signal = Signal::Constellation(Modulation::Bpsk, Metric::Symbolwise);
const QPSK: Signal = Signal::Constellation(Modulation::Qpsk, Metric::Bitwise);

/// The information density of a codeword of constant power under the output distribution of capacity, symbol by symbol,
/// has the dispersion as its variance.
#[test]
fn gaussian_dispersion_is_that_of_the_information_density() {
    for snr in [0.3f64, 4.0, 50.0] {
        let mut noise = vec![Complex32::ZERO; 1_000_000];
        Seeds::new(3).stream(Purpose::Noise, 0, 0).fill_complex_gaussian(0, 1.0, &mut noise);
        let sent = snr.sqrt();
        let density = |n: &Complex32| {
            let (re, im) = (f64::from(n.re), f64::from(n.im));
            let received = (sent + re).powi(2) + im * im;
            snr.ln_1p() * LOG2_E + LOG2_E * (received / (1.0 + snr) - re * re - im * im)
        };
        let right = Signal::Gaussian.information(snr);
        let squares = Moments::of(noise.iter().map(|n| (density(n) - right.bits).powi(2)));
        let spec = CheckSpec { alpha: 1e-6, detects: 0.05 };
        check_mean(&Moments::of(noise.iter().map(density)), right.bits, spec).unwrap();
        check_mean(&squares, right.dispersion, spec).unwrap();
        // The dispersion of a real channel at the same SNR is half of it.
        assert!(check_mean(&squares, 0.5 * right.dispersion, spec).is_err());
    }
}

#[test]
fn binary_signals_equal_a_direct_integral() {
    // Real channel use with the SNR r: i = 1 - log2(1 + exp(-2 r - 2 sqrt(r) w)).
    for (eb_n0_db, n) in [(1.0, 128), (3.0, 128), (2.0, 1000)] {
        let r = linear(eb_n0_db);
        let density = |w: f64| 1.0 - LOG2_E * (-2.0 * r - 2.0 * r.sqrt() * w).exp().ln_1p();
        let mean = |f: &dyn Fn(f64) -> f64| {
            integrate(|w| f(w) * (-0.5 * w * w).exp() / TAU.sqrt(), -10.0, 10.0, 1e-11)
        };
        let capacity = mean(&density);
        let dispersion = mean(&|w| (density(w) - capacity).powi(2));
        let (uses, k) = (f64::from(n), 0.5 * f64::from(n));
        let expected = q_function((uses * capacity - k + 0.5 * uses.log2()) / (uses * dispersion).sqrt());
        // As BPSK the noise of the other dimension is not seen: Es/N0 = r/2. Rate 1/2, so that r is Eb/N0.
        let bpsk = NormalApproximation::new(BPSK, 0.5 * r, n as u64).block_error_rate(k);
        let qpsk = NormalApproximation::new(QPSK, r, n as u64 / 2).block_error_rate(k);
        assert!((bpsk / expected - 1.0).abs() < 1e-7, "{bpsk:e}, expected {expected:e}");
        assert!((qpsk / expected - 1.0).abs() < 1e-7, "{qpsk:e}, expected {expected:e}");
    }
}

#[test]
fn capacity_is_the_limit_of_long_blocks() {
    let signal = Signal::Gaussian;
    let (snr, capacity) = (3.0, 2.0);
    let gap = |symbols: u64| {
        capacity - NormalApproximation::new(signal, snr, symbols).information_bits(1e-3) / symbols as f64
    };
    // V = (1 - 1/16) log2(e)^2 and Q^-1(1e-3) = 3.0902.
    let n = 1e8f64;
    let expected = ((15.0 / 16.0f64).sqrt() * LOG2_E * 3.090_232_306 * n.sqrt() - 0.5 * (2.0 * n).log2()) / n;
    assert!((gap(100_000_000) / expected - 1.0).abs() < 1e-6, "{:e}, {expected:e}", gap(100_000_000));
    assert!((gap(1_000_000) / gap(100_000_000) / 10.0 - 1.0).abs() < 0.01);
}

#[test]
fn inverses_return_and_more_signal_errs_less() {
    let qam = Signal::Constellation(Modulation::Qam64, Metric::Bitwise);
    for signal in [Signal::Gaussian, BPSK, QPSK, qam] {
        for (symbols, rate, target) in [(100, 0.3, 1e-2), (2000, 0.75, 1e-4), (300, 0.02, 0.1)] {
            let k = rate * symbols as f64 * signal.most_bits().min(4.0);
            let snr = snr_for_block_error_rate(signal, symbols, k, target);
            let here = NormalApproximation::new(signal, snr, symbols);
            assert!((here.block_error_rate(k) / target - 1.0).abs() < 1e-6, "{signal:?} {symbols} {rate}");
            assert!((here.information_bits(target) / k - 1.0).abs() < 1e-8, "{signal:?} {symbols} {rate}");
            let better = NormalApproximation::new(signal, 1.1 * snr, symbols).block_error_rate(k);
            assert!(better < target, "{signal:?} {symbols} {rate}");
        }
    }
    // Gaussian signals need least.
    let needed = |signal| snr_for_block_error_rate(signal, 500, 1500.0, 1e-2);
    assert!(needed(Signal::Gaussian) < needed(qam));
}

#[test]
fn impossible_blocks_are_told() {
    assert_eq!(snr_for_block_error_rate(QPSK, 100, 300.0, 0.1), f64::INFINITY);
    for (symbols, k, target) in
        [(0, 10.0, 0.1), (10, 0.0, 0.1), (10, f64::NAN, 0.1), (10, 5.0, 0.0), (10, 5.0, 1.0)]
    {
        assert!(snr_for_block_error_rate(QPSK, symbols, k, target).is_nan(), "{symbols} {k} {target}");
    }
    let certain = NormalApproximation::new(QPSK, f64::INFINITY, 128);
    assert_eq!((certain.block_error_rate(200.0), certain.block_error_rate(300.0)), (0.0, 1.0));
    assert!(certain.information_bits(0.0).is_nan());
    assert_eq!(NormalApproximation::new(QPSK, 0.01, 128).information_bits(1e-9), 0.0);
    assert_eq!(snr_for_block_error_rate(QPSK, 128, 1.0, 0.1), 0.0);
}
