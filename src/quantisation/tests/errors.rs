//! Mean and mean square of what quantisation leaves.

use super::*;
use airloop_baseband::checks::{CheckFailure, CheckPass, CheckSpec, check_mean, detects_share};
use airloop_baseband::statistics::Moments;

const LENGTH: usize = 400;

/// Returns the errors of a vector over trials, each projected on the same random signs, and their squares summed.
fn errors(config: QuantiserConfig, values: &[f32], trials: u64) -> (Moments, Moments) {
    let quantiser = quantiser(config, values.len(), None);
    let errors: Vec<(f64, f64)> = (0..trials)
        .map(|trial| {
            let (_, out) = carried(&quantiser, values, trial);
            let errors = values.iter().zip(&out).map(|(v, o)| f64::from(*o) - f64::from(*v));
            let signs = (0..).map(|i: u64| {
                if Seeds::new(1).stream(Purpose::Phase, 0, 0).word(i) & 1 == 0 { 1.0 } else { -1.0 }
            });
            errors.zip(signs).fold((0.0, 0.0), |(sum, square), (e, sign)| (sum + sign * e, square + e * e))
        })
        .collect();
    (Moments::of(errors.iter().map(|e| e.0)), Moments::of(errors.iter().map(|e| e.1)))
}

fn fails(outcome: Result<CheckPass, CheckFailure>) -> bool {
    matches!(outcome, Err(CheckFailure::Disagrees(_)))
}

/// The squared error of rounding at random between levels a step apart, from the chances of both: `a` above the lower level a
/// value goes up with the chance `a` and down with `1 - a`.
fn between_levels(position: f64, step: f64) -> f64 {
    let a = position.fract();
    step * step * (a * (1.0 - a).powi(2) + (1.0 - a) * a.powi(2))
}

/// Returns the expected squared error of a vector, from the definitions.
fn expected(config: QuantiserConfig, values: &[f32]) -> f64 {
    let largest = values.iter().fold(0.0, |m: f64, v| m.max(f64::from(v.abs())));
    let uniform = |bits: u32| 2.0 * largest / f64::from((1u32 << bits) - 1);
    match config {
        QuantiserConfig::Dithered { bits, subtractive: true } => {
            values.len() as f64 * uniform(bits).powi(2) / 12.0
        }
        QuantiserConfig::Dithered { bits, .. } | QuantiserConfig::StochasticUniform { bits } => {
            let of = |v: &f32| between_levels((f64::from(*v) + largest) / uniform(bits), uniform(bits));
            values.iter().map(of).sum()
        }
        QuantiserConfig::Qsgd { levels, bucket, .. } => {
            let of_bucket = |bucket: &[f32]| -> f64 {
                let norm = bucket.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>().sqrt();
                let step = norm / f64::from(levels);
                bucket.iter().map(|v| between_levels(f64::from(v.abs()) / step, step)).sum()
            };
            values.chunks(bucket.min(values.len())).map(of_bucket).sum()
        }
        _ => f64::NAN,
    }
}

#[test]
fn unbiased_quantisers_err_as_their_formulas_say() {
    let values = gaussian(LENGTH, 5);
    let power: f64 = values.iter().map(|v| f64::from(*v).powi(2)).sum();
    for config in all().into_iter().filter(QuantiserConfig::is_unbiased) {
        let right = expected(config, &values);
        let formula = quantiser(config, LENGTH, None).mean_square_error(&values);
        assert!((formula - right).abs() <= 1e-5 * right, "{config:?}: {formula} {right}");
        // With 24 bits and 2^15 levels single precision itself is seen.
        if right < 1e-8 * power {
            continue;
        }
        let (mean, square) = errors(config, &values, 600);
        let scale = right.sqrt();
        let spec = CheckSpec { alpha: 1e-6, detects: 0.35 * scale };
        check_mean(&mean, 0.0, spec).unwrap_or_else(|e| panic!("{config:?}: {e}"));
        assert!(fails(check_mean(&mean, 0.5 * scale, spec)), "{config:?}");
        let spec = CheckSpec { alpha: 1e-6, detects: detects_share(right, 0.1) };
        println!(
            "{} {}",
            config.name(),
            check_mean(&square, right, spec).unwrap_or_else(|e| panic!("{config:?}: {e}"))
        );
        // Control: an eighth of a bit less.
        assert!(fails(check_mean(&square, right * 1.19, spec)), "{config:?}");
    }
}

#[test]
fn qsgd_keeps_the_bound_of_its_paper() {
    // min(n/s^2, sqrt(n)/s) |v|^2 for any vector: also for those that come close to it. Equal values lie on level sqrt(n)/s.
    let n = 256;
    let flat = vec![1.0f32; n];
    let mut close = flat.clone();
    close.iter_mut().skip(1).for_each(|v| *v = 0.03);
    for values in [gaussian(n, 1), flat, close] {
        let power: f64 = values.iter().map(|v| f64::from(*v).powi(2)).sum();
        for levels in [1, 2, 5, 16, 100] {
            let config = QuantiserConfig::Qsgd { levels, bucket: n, coding: LevelCoding::Fixed };
            let (n, s) = (n as f64, f64::from(levels));
            let (error, bound) =
                (quantiser(config, 256, None).mean_square_error(&values), (n / (s * s)).min(n.sqrt() / s));
            assert!(
                error <= bound * power && (error > 0.0 || levels == 16),
                "{levels}: {error} {}",
                bound * power
            );
        }
    }
    // One level: norm |v_i| - v_i^2 for every value, from P(1) = |v_i|/norm.
    let values = gaussian(n, 2);
    let norm = values.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>().sqrt();
    let right: f64 = values.iter().map(|v| norm * f64::from(v.abs()) - f64::from(*v).powi(2)).sum();
    let config = QuantiserConfig::Qsgd { levels: 1, bucket: n, coding: LevelCoding::EliasSparse };
    assert!((quantiser(config, n, None).mean_square_error(&values) / right - 1.0).abs() < 1e-6);
}

#[test]
fn deterministic_quantisers_leave_what_they_say() {
    let values = gaussian(LENGTH, 6);
    for config in all().into_iter().filter(|config| !config.is_unbiased()) {
        let quantiser = quantiser(config, LENGTH, None);
        let (_, out) = carried(&quantiser, &values, 0);
        let error: f64 = values.iter().zip(&out).map(|(v, o)| f64::from(v - o).powi(2)).sum();
        let formula = quantiser.mean_square_error(&values);
        let random = matches!(config, QuantiserConfig::TopK { values: KeptValues::Stochastic { .. }, .. });
        // The quantised part is random, about a hundredth of the whole.
        assert!(
            (error / formula - 1.0).abs() < if random { 0.02 } else { 1e-5 },
            "{config:?}: {error} {formula}"
        );
        if let QuantiserConfig::TopK { kept, values: KeptValues::Float, .. } = config {
            assert_eq!(out.iter().filter(|o| **o != 0.0).count(), kept);
            assert!(values.iter().zip(&out).all(|(v, o)| *o == 0.0 || v == o));
            let power: f64 = values.iter().map(|v| f64::from(*v).powi(2)).sum();
            assert!(error < (1.0 - kept as f64 / LENGTH as f64) * power);
        }
    }
}

#[test]
fn dither_on_bits_is_that_of_the_ideal_link() {
    let values = gaussian(9000, 7);
    for (bits, subtractive) in [(1, true), (6, true), (24, true), (4, false)] {
        let quantiser = quantiser(QuantiserConfig::Dithered { bits, subtractive }, values.len(), None);
        let (_, out) = carried(&quantiser, &values, 3);
        let largest = values.iter().fold(0.0, |m: f64, v| m.max(f64::from(v.abs())));
        let ideal = DitheredQuantiser {
            largest,
            step: step(largest, bits),
            weight: 1.0,
            taken_off: f64::from(u8::from(subtractive)),
        };
        let (mut uniforms, mut sums) = (vec![0.0; values.len()], vec![0.0; values.len()]);
        stream(3).fill_uniform(0, &mut uniforms);
        ideal.add_arrived(&values, &uniforms, &mut sums);
        assert_eq!(out, sums, "{bits}");
    }
}

#[test]
fn zeros_stay_zeros() {
    for config in all() {
        let (_, out) = carried(&quantiser(config, 70, None), &[0.0; 70], 1);
        assert!(out.iter().all(|o| *o == 0.0), "{config:?}: {out:?}");
    }
}

#[test]
fn parameters_out_of_range_are_refused() {
    let new = |config| Quantiser::new(config, 100, None).unwrap_err().to_string();
    let qsgd = |levels, bucket| QuantiserConfig::Qsgd { levels, bucket, coding: LevelCoding::Fixed };
    let top_k = |kept| QuantiserConfig::TopK {
        kept,
        positions: None,
        values: KeptValues::Stochastic { bits: 17 },
        error_feedback: true,
    };
    let cases = [
        (
            QuantiserConfig::Dithered { bits: 25, subtractive: true },
            "25 bits a value are out of range: 1 to 24",
        ),
        (QuantiserConfig::StochasticUniform { bits: 0 }, "0 bits a value are out of range: 1 to 16"),
        (qsgd(0, 1), "0 levels are out of range: 1 to 32768"),
        (qsgd(1, 0), "a bucket of 0 values"),
        (top_k(101), "101 values to keep are out of range: 1 to 100"),
        (top_k(1), "17 bits a value are out of range: 1 to 16"),
    ];
    for (config, message) in cases {
        assert!(new(config).starts_with(message), "{}", new(config));
    }
    let small = Quantiser::new(QSGD, 100, Some(35)).unwrap_err();
    assert_eq!(small, QuantisationError::PacketTooSmall { bits: 35, least: 36 });
    assert!(matches!(Quantiser::new(QSGD, 0, None), Err(QuantisationError::Length { length: 0, .. })));
}
