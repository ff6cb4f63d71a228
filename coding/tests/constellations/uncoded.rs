//! Error rates without a code: closed forms against hard decisions of noisy points.

use super::{add_noise, linear, send};
use airloop_baseband::checks::{CheckFailure, CheckSpec, check_rate, detects_share};
use airloop_baseband::special::{integrate_to_infinity, q_function};
use airloop_baseband::{Complex32, Purpose, Seeds};
use airloop_coding::Modulation;
use airloop_coding::rates::{BitErrorRate, symbol_error_rate, symbol_error_rate_rayleigh};
use std::f64::consts::FRAC_1_PI;

/// Symbols of a simulation, and of a piece of it.
const PIECES: u64 = 15;
const PIECE: usize = 100_000;

/// Counts errors of one bit a symbol, in turn, which are independent, and of symbols.
#[derive(Clone, Copy, Default)]
struct Errors {
    bits: u64,
    symbols: u64,
}

/// Counts errors in noise (`branches = 0`) or over Rayleigh fading with maximum-ratio combining.
fn simulate(modulation: Modulation, snr: f64, branches: u64) -> Errors {
    let order = modulation.bits_per_symbol();
    let mut errors = Errors::default();
    let (mut decided, mut h) = (vec![0; PIECE * order], vec![Complex32::ZERO; PIECE]);
    for piece in 0..PIECES {
        let sent = send(modulation, PIECE, 100 + piece);
        let mut received = sent.points.clone();
        if branches == 0 {
            add_noise(&mut received, 1.0 / snr, 100 + piece);
        } else {
            let (mut sum, mut gain) = (vec![Complex32::ZERO; PIECE], vec![0.0; PIECE]);
            for branch in 0..branches {
                let trial = branch << 32 | piece;
                Seeds::new(8).stream(Purpose::Fading, trial, 0).fill_complex_gaussian(0, 1.0, &mut h);
                let mut y: Vec<Complex32> = h.iter().zip(&sent.points).map(|(h, x)| h * x).collect();
                add_noise(&mut y, 1.0 / snr, trial);
                for i in 0..PIECE {
                    sum[i] += h[i].conj() * y[i];
                    gain[i] += h[i].norm_sqr();
                }
            }
            received = sum.iter().zip(&gain).map(|(sum, gain)| sum / gain).collect();
        }
        modulation.decide(&received, 0, &mut decided).unwrap();
        for i in 0..PIECE {
            let symbol = i * order..(i + 1) * order;
            let bit = i * order + i % order;
            errors.bits += u64::from(decided[bit] != sent.bits[bit]);
            errors.symbols += u64::from(decided[symbol.clone()] != sent.bits[symbol]);
        }
    }
    errors
}

/// Checks simulated bits and symbols against closed forms, which must fail at an SNR that is 0.2 dB off.
fn compare(modulation: Modulation, snr_db: f64, branches: u32) {
    let errors = simulate(modulation, linear(snr_db), u64::from(branches));
    let closed = BitErrorRate::new(modulation);
    for (offset_db, right) in [(0.0, true), (-0.2, false), (0.2, false)] {
        let snr = linear(snr_db + offset_db);
        let expected = match branches {
            0 => [closed.in_noise(snr), symbol_error_rate(modulation, snr)],
            _ => [closed.in_rayleigh(snr, branches), symbol_error_rate_rayleigh(modulation, snr, branches)],
        };
        for (count, expected) in [errors.bits, errors.symbols].into_iter().zip(expected) {
            let spec = CheckSpec { alpha: 1e-6, detects: detects_share(expected, 0.045) };
            let outcome = check_rate(count, PIECES * PIECE as u64, expected, spec);
            let disagrees = matches!(outcome, Err(CheckFailure::Disagrees(_)));
            assert!(
                if right { outcome.is_ok() } else { disagrees },
                "{modulation} {branches} branches, {offset_db} dB off: {outcome:?}"
            );
        }
    }
}

#[test]
fn errors_in_noise_follow_closed_forms() {
    for (modulation, snr_db) in Modulation::ALL.into_iter().zip([2.0, 3.0, 5.5, 11.0, 16.0, 21.0, 26.0]) {
        compare(modulation, snr_db, 0);
    }
}

#[test]
fn errors_in_rayleigh_fading_follow_closed_forms() {
    for (modulation, snr_db) in Modulation::ALL.into_iter().zip([9.0, 10.0, 12.0, 18.0, 23.0, 28.0, 33.0]) {
        compare(modulation, snr_db, 1);
    }
}

#[test]
fn combined_branches_follow_closed_forms() {
    compare(Modulation::Bpsk, 1.0, 2);
    compare(Modulation::Qam64, 12.0, 3);
}

/// Asserts a relative agreement.
#[track_caller]
fn assert_close(value: f64, expected: f64, tolerance: f64) {
    assert!((value / expected - 1.0).abs() < tolerance, "{value:e}, expected {expected:e}");
}

#[test]
fn sums_equal_published_expressions() {
    for snr_db in [-5.0, 4.0, 13.0, 22.0] {
        let snr = linear(snr_db);
        assert_close(
            BitErrorRate::new(Modulation::Bpsk).in_noise(snr),
            q_function((2.0 * snr).sqrt()),
            1e-13,
        );
        assert_close(BitErrorRate::new(Modulation::Qpsk).in_noise(snr), q_function(snr.sqrt()), 1e-13);
        // Cho & Yoon 2002, 16-QAM: bits of both weights, written with Q.
        let q = |distance: f64| q_function(distance * (0.2 * snr).sqrt());
        let [first, second] =
            [0, 2].map(|p| BitErrorRate::of_bit(Modulation::Qam16, p).unwrap().in_noise(snr));
        assert_close(first, 0.5 * (q(1.0) + q(3.0)), 1e-13);
        assert_close(second, q(1.0) + 0.5 * (q(3.0) - q(5.0)), 1e-13);
        assert_close(BitErrorRate::new(Modulation::Qam16).in_noise(snr), 0.5 * (first + second), 1e-13);
        let fading = BitErrorRate::new(Modulation::Bpsk).in_rayleigh(snr, 1);
        assert_close(fading, 0.5 * (1.0 - (snr / (1.0 + snr)).sqrt()), 1e-11);
    }
    assert_eq!(BitErrorRate::of_bit(Modulation::Qam16, 4), None);
    assert!(BitErrorRate::new(Modulation::Qpsk).in_rayleigh(1.0, 0).is_nan());
}

#[test]
fn fading_rates_are_means_over_gains() {
    for modulation in [Modulation::Bpsk, Modulation::Qam16, Modulation::Qam1024] {
        let closed = BitErrorRate::new(modulation);
        for (snr_db, branches) in [(-3.0, 1), (10.0, 1), (10.0, 2), (20.0, 4)] {
            let snr = linear(snr_db);
            let factorial: f64 = (1..branches).map(f64::from).product();
            let density = |g: f64| g.powi(branches as i32 - 1) * (-g).exp() / factorial;
            let mean = integrate_to_infinity(|g| density(g) * closed.in_noise(snr * g), 0.0, 1e-9);
            assert_close(closed.in_rayleigh(snr, branches), mean, 1e-7);
            let symbols =
                integrate_to_infinity(|g| density(g) * symbol_error_rate(modulation, snr * g), 0.0, 1e-9);
            assert_close(symbol_error_rate_rayleigh(modulation, snr, branches), symbols, 1e-7);
        }
    }
}

#[test]
fn squared_tails_have_their_closed_mean() {
    // Simon & Alouini: E Q(sqrt(2 c g))^2 = 1/4 - m/pi arctan(1/m), m = sqrt(c/(1 + c)); QPSK has c = snr/2.
    let snr = 7.0f64;
    let m = (0.5 * snr / (1.0 + 0.5 * snr)).sqrt();
    let expected = (1.0 - m) - (0.25 - m * FRAC_1_PI * (1.0 / m).atan());
    assert_close(symbol_error_rate_rayleigh(Modulation::Qpsk, snr, 1), expected, 1e-10);
}

#[test]
fn extremes_have_their_limits() {
    for modulation in Modulation::ALL {
        let closed = BitErrorRate::new(modulation);
        assert_close(closed.in_noise(0.0), 0.5, 1e-12);
        assert_close(closed.in_rayleigh(0.0, 3), 0.5, 1e-12);
        assert_eq!(closed.in_noise(f64::INFINITY), 0.0);
        // Each bit error is a symbol error, and a symbol error is at least one.
        for snr_db in [0.0, 10.0, 25.0] {
            let (bits, symbols) =
                (closed.in_noise(linear(snr_db)), symbol_error_rate(modulation, linear(snr_db)));
            let order = modulation.bits_per_symbol() as f64;
            assert!(bits <= symbols * (1.0 + 1e-12) && symbols <= order * bits * (1.0 + 1e-12));
        }
    }
}
