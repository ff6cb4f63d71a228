//! Demappers against an exhaustive search over all points.

use super::{add_noise, linear, send};
use airloop_baseband::{Complex32, Purpose, Seeds};
use airloop_coding::constellation::LLR_LIMIT;
use airloop_coding::{CodingError, Demapping, Modulation, NoiseVariance};

/// Not a multiple of a block.
const SYMBOLS: usize = 117;

/// Returns the LLRs of the symbol at `index` by a search over all points, in double precision.
fn exhaustive(modulation: Modulation, method: Demapping, z: Complex32, v: f32, index: u64) -> Vec<f64> {
    let order = modulation.bits_per_symbol();
    let exponents: Vec<f64> = (0..1usize << order)
        .map(|label| {
            let bits: Vec<u8> = (0..order).map(|p| (label >> (order - 1 - p) & 1) as u8).collect();
            let mut x = [Complex32::ZERO];
            modulation.map(&bits, index, &mut x).unwrap();
            let (re, im) = (f64::from(z.re) - f64::from(x[0].re), f64::from(z.im) - f64::from(x[0].im));
            -(re * re + im * im) / f64::from(v)
        })
        .collect();
    let log_sum = |p: usize, value: usize| {
        let kept = || (0..exponents.len()).filter(move |label| label >> (order - 1 - p) & 1 == value);
        let most = kept().map(|label| exponents[label]).fold(f64::NEG_INFINITY, f64::max);
        match method {
            Demapping::MaxLog => most,
            Demapping::Exact => most + kept().map(|label| (exponents[label] - most).exp()).sum::<f64>().ln(),
        }
    };
    let limit = f64::from(LLR_LIMIT);
    (0..order).map(|p| (log_sum(p, 0) - log_sum(p, 1)).clamp(-limit, limit)).collect()
}

/// Received points, some of them far out, and noise variances about a mean.
fn receive(modulation: Modulation, snr_db: f64) -> (Vec<Complex32>, Vec<f32>) {
    let mut points = send(modulation, SYMBOLS, 1).points;
    let mut scales = vec![0.0; SYMBOLS];
    Seeds::new(7).stream(Purpose::Fading, 0, 0).fill_uniform(0, &mut scales);
    add_noise(&mut points, 1.0 / linear(snr_db), 1);
    points[3] *= 3.0;
    points[11] *= -7.0;
    (points, scales.iter().map(|u| (0.3 + 1.4 * u) / linear(snr_db) as f32).collect())
}

/// What rounding may do: coordinates are single numbers, and the points of the search are rounded too.
fn tolerance(method: Demapping, z: Complex32, v: f32, llr: f64) -> f64 {
    let squares = f64::from((z.norm_sqr() + 1.0) / v);
    let roundings = if method == Demapping::Exact { 1.0 } else { 4.0 };
    1e-5 + 1e-6 * llr.abs() + roundings * f64::from(f32::EPSILON) * squares
}

#[test]
fn demappers_equal_the_exhaustive_search() {
    let mut differences = 0;
    for (modulation, method) in Modulation::ALL.iter().flat_map(|&m| Demapping::ALL.map(|d| (m, d))) {
        let order = modulation.bits_per_symbol();
        for snr_db in [-10.0, 5.0, 18.0, 40.0] {
            let (received, variances) = receive(modulation, snr_db);
            let mut llrs = vec![f32::NAN; SYMBOLS * order];
            let noise = NoiseVariance::PerSymbol(&variances);
            method.demap(modulation, &received, noise, 5, &mut llrs).unwrap();
            for (i, symbol) in llrs.chunks(order).enumerate() {
                let (z, v) = (received[i], variances[i]);
                let expected = exhaustive(modulation, method, z, v, 5 + i as u64);
                let other = Demapping::ALL[usize::from(method == Demapping::Exact)];
                let others = exhaustive(modulation, other, z, v, 5 + i as u64);
                for p in 0..order {
                    let error = (f64::from(symbol[p]) - expected[p]).abs();
                    let allowed = tolerance(method, z, v, expected[p]);
                    assert!(
                        error <= allowed,
                        "{modulation} {method} {snr_db} dB, symbol {i} bit {p}: {} is not {}, allowed {allowed:e}",
                        symbol[p],
                        expected[p]
                    );
                    let apart = (expected[p] - others[p]).abs();
                    let levels = f64::from(1u32 << modulation.bits_per_dimension());
                    assert!(apart <= (0.5 * levels).max(1.0).ln() + 1e-9, "max-log is near");
                    differences += usize::from(apart > 100.0 * allowed);
                }
            }
        }
    }
    // The comparison tells one method from the other.
    assert!(differences > 1000, "{differences}");
}

#[test]
fn blocks_and_kinds_of_noise_do_not_matter() {
    for (modulation, method) in Modulation::ALL.iter().flat_map(|&m| Demapping::ALL.map(|d| (m, d))) {
        let order = modulation.bits_per_symbol();
        let (received, _) = receive(modulation, 8.0);
        let demap = |count: usize, noise: NoiseVariance<'_>| {
            let mut llrs = vec![f32::NAN; count * order];
            method.demap(modulation, &received[..count], noise, 0, &mut llrs).unwrap();
            llrs
        };
        let whole = demap(SYMBOLS, NoiseVariance::Common(0.2));
        assert!(whole.iter().any(|&llr| llr > 1.0) && whole.iter().any(|&llr| llr < -1.0));
        for count in [0, 1, 2, 15, 16, 17, 33, SYMBOLS] {
            assert_eq!(demap(count, NoiseVariance::PerSymbol(&vec![0.2; count])), whole[..count * order]);
        }
    }
}

#[test]
fn unusual_noise_and_points_give_finite_ratios() {
    for (modulation, method) in Modulation::ALL.iter().flat_map(|&m| Demapping::ALL.map(|d| (m, d))) {
        let order = modulation.bits_per_symbol();
        let sent = send(modulation, SYMBOLS, 2);
        let demap = |received: &[Complex32], v: f32| {
            let mut llrs = vec![f32::NAN; SYMBOLS * order];
            method.demap(modulation, received, NoiseVariance::Common(v), 0, &mut llrs).unwrap();
            llrs
        };
        for v in [f32::INFINITY, f32::NAN] {
            assert!(demap(&sent.points, v).iter().all(|&llr| llr == 0.0), "{modulation} {method}");
        }
        for v in [0.0, -1.0, 1e-38, f32::NEG_INFINITY] {
            let llrs = demap(&sent.points, v);
            for (&llr, &bit) in llrs.iter().zip(&sent.bits) {
                assert_eq!(llr, if bit == 0 { LLR_LIMIT } else { -LLR_LIMIT }, "{modulation} {method} {v}");
            }
        }
        let unknown = Complex32::new(f32::NAN, f32::NAN);
        assert!(demap(&[unknown; SYMBOLS], 0.1).iter().all(|&llr| llr == 0.0), "{modulation} {method}");
        for value in [0.0, f32::INFINITY, f32::NEG_INFINITY, f32::MAX, 1e-40] {
            for v in [f32::INFINITY, 1e30, 0.1, 0.0] {
                let llrs = demap(&[Complex32::new(value, -value); SYMBOLS], v);
                assert!(llrs.iter().all(|llr| llr.abs() <= LLR_LIMIT), "{modulation} {method} {value} {v}");
            }
        }
    }
}

#[test]
fn decisions_are_signs_and_nearest_points() {
    for modulation in Modulation::ALL {
        let order = modulation.bits_per_symbol();
        let sent = send(modulation, SYMBOLS, 3);
        let mut bits = vec![9; SYMBOLS * order];
        modulation.decide(&sent.points, 0, &mut bits).unwrap();
        assert_eq!(bits, sent.bits, "{modulation} without noise");
        let (received, _) = receive(modulation, 10.0);
        modulation.decide(&received, 1, &mut bits).unwrap();
        let mut llrs = vec![0.0; bits.len()];
        Demapping::MaxLog.demap(modulation, &received, NoiseVariance::Common(0.1), 1, &mut llrs).unwrap();
        for (&bit, &llr) in bits.iter().zip(&llrs) {
            assert_eq!(bit == 1, llr < 0.0, "{modulation}");
        }
        let mut nearest = vec![Complex32::ZERO; SYMBOLS];
        modulation.map(&bits, 1, &mut nearest).unwrap();
        for (i, (z, chosen)) in received.iter().zip(&nearest).enumerate() {
            for label in 0..1usize << order {
                let other: Vec<u8> = (0..order).map(|p| (label >> p & 1) as u8).collect();
                let mut x = [Complex32::ZERO];
                modulation.map(&other, 1 + i as u64, &mut x).unwrap();
                assert!((z - chosen).norm() <= (z - x[0]).norm() * 1.000_01, "{modulation}");
            }
        }
    }
}

#[test]
fn buffers_of_other_lengths_are_refused() {
    let received = [Complex32::ZERO; 4];
    let demap = |variances: &[f32], llrs: &mut [f32]| {
        Demapping::Exact.demap(Modulation::Qam16, &received, NoiseVariance::PerSymbol(variances), 0, llrs)
    };
    let length = |what, given, expected| Err(CodingError::Length { what, given, expected });
    assert_eq!(demap(&[1.0; 4], &mut [0.0; 15]), length("LLRs", 15, 16));
    assert_eq!(demap(&[1.0; 5], &mut [0.0; 16]), length("noise variances", 5, 4));
    assert_eq!("max-log".parse(), Ok(Demapping::MaxLog));
    assert!("maxlog".parse::<Demapping>().is_err());
}
