//! Lengths of variable codes.

use super::*;
use airloop_baseband::checks::{CheckFailure, CheckSpec, check_mean, detects_share};
use airloop_baseband::statistics::Moments;

fn lengths(config: QuantiserConfig, values: &[f32], trials: u64) -> Moments {
    let quantiser = quantiser(config, values.len(), None);
    let mut message = Message::default();
    Moments::of((0..trials).map(|trial| {
        quantiser.encode(values, stream(trial), &mut Memory::default(), &mut message);
        message.bits.len() as f64
    }))
}

/// The expected length of the dense form is a sum over values: each has one of two levels with known chances.
#[test]
fn dense_codes_are_as_long_as_the_chances_of_levels_say() {
    let n = 1000;
    let values = gaussian(n, 3);
    let norm = values.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>().sqrt();
    for levels in [1u32, 5, 32, 1000] {
        let bits = |level: f64| f64::from(elias::length(level as u64 + 1)) + f64::from(u8::from(level > 0.0));
        let expected = |v: &f32| {
            let position = f64::from(v.abs()) * f64::from(levels) / norm;
            let (below, up) = (position.floor(), position.fract());
            (1.0 - up) * bits(below) + up * bits(below + 1.0)
        };
        // Two numbers of ten bits say where the packet lies, 32 bits are the norm.
        let right = 20.0 + 32.0 + values.iter().map(expected).sum::<f64>();
        let config = QuantiserConfig::Qsgd { levels, bucket: n, coding: LevelCoding::EliasDense };
        let seen = lengths(config, &values, 300);
        let spec = CheckSpec { alpha: 1e-6, detects: detects_share(right, 0.01) };
        println!("s = {levels}: {}", check_mean(&seen, right, spec).unwrap());
        assert!(matches!(check_mean(&seen, right + 20.0, spec), Err(CheckFailure::Disagrees(_))), "{levels}");
    }
}

/// The paper's theorem 3.2 to first order: `(3 + 3/2 log2(2 (s^2 + n)/(s (s + sqrt n)))) s (s + sqrt n) + 32` bits, and its lemma
/// of `s (s + sqrt n)` nonzero levels, for any vector; a vector of equal magnitudes comes close to the latter.
#[test]
fn sparse_codes_are_shorter_than_the_paper_s_bound() {
    let n = 10_000;
    for (values, kind) in [(gaussian(n, 1), "gaussian"), (vec![1.0; n], "flat")] {
        for levels in [1u32, 3, 10] {
            let config = QuantiserConfig::Qsgd { levels, bucket: n, coding: LevelCoding::EliasSparse };
            let quantiser = quantiser(config, n, None);
            let (mut bits, mut nonzeros) = (0.0, 0.0);
            for trial in 0..20 {
                let (message, out) = carried(&quantiser, &values, trial);
                bits += message.bits.len() as f64 / 20.0;
                nonzeros += out.iter().filter(|o| **o != 0.0).count() as f64 / 20.0;
            }
            let (s, n) = (f64::from(levels), n as f64);
            let most = s * (s + n.sqrt());
            let bound = (3.0 + 1.5 * (2.0 * (s * s + n) / most).log2()) * most + 32.0;
            println!("{kind}, s = {levels}: {nonzeros} nonzero of {most}, {bits:.0} bits of {bound:.0}");
            assert!(nonzeros < most && bits < bound, "{kind} {levels}");
            assert!(nonzeros > 0.5 * most && bits > 0.3 * bound, "{kind} {levels}");
        }
    }
}

#[test]
fn sparse_vectors_take_their_positions_and_values() {
    let (n, kept) = (20_000, 200);
    let values = gaussian(n, 2);
    let bits = |positions, values_of| {
        let config = QuantiserConfig::TopK { kept, positions, values: values_of, error_feedback: false };
        carried(&quantiser(config, n, None), &values, 0).0.bits.len()
    };
    let header = 3 * 15;
    assert_eq!(bits(Some(Coding::Bitmap), KeptValues::Float), header + n + 32 * kept);
    assert_eq!(bits(Some(Coding::Fixed), KeptValues::Float), header + 15 * kept + 32 * kept);
    assert_eq!(
        bits(Some(Coding::Fixed), KeptValues::Stochastic { bits: 5 }),
        header + 15 * kept + 32 + 5 * kept
    );
    // log2 C(n, k), from the sum of logarithms.
    let arrangements: f64 = (0..kept).map(|i| ((n - i) as f64 / (i + 1) as f64).log2()).sum();
    let positions = bits(Some(Coding::Enumerative), KeptValues::Float) - header - 32 * kept;
    assert!((arrangements..arrangements + 3.0).contains(&(positions as f64)), "{positions} {arrangements}");
    assert_eq!(bits(None, KeptValues::Float), header + 2 + positions + 32 * kept);
}
