//! The linear-time joint receivers against dense block receivers.

use super::super::{DeviceCovariance, FrameReceiver, Receiver, Setting, mean_square_error, symbol_errors};
use super::oracle::{Dense, Matrix};
use super::setting;
use crate::payload::Gram;
use airloop_baseband::{Complex32, Complex64, Purpose, Seeds};
use std::sync::Arc;

/// Settings whose devices can all be told apart.
fn settings() -> Vec<Setting> {
    let mut uneven = setting(&[0.62, 0.11, 0.4], &[0.3, -1.2, 2.0], 0.05, 9);
    uneven.gains[1] *= 0.4;
    vec![
        setting(&[0.0, 0.5], &[0.0, 0.0], 0.1, 6),
        setting(&[0.25, 0.0, 0.9], &[0.0, 1.0, 2.5], 1.0, 11),
        uneven,
        setting(&[0.7], &[1.0], 0.2, 3),
        setting(&[0.0, 0.3, 0.6, 0.9], &[0.1; 4], 0.01, 1),
    ]
}

/// Returns how far a receiver's estimates of several random frames are from dense weights, over the largest estimate.
fn distance(setting: &Setting, receiver: Receiver, weights: &Matrix) -> f64 {
    let ready = FrameReceiver::new(setting, receiver).unwrap();
    let (frames, samples) = (11, ready.samples());
    let mut grids = vec![Complex32::default(); frames * samples];
    Seeds::new(3).stream(Purpose::Noise, 0, 0).fill_complex_gaussian(0, 1.0, &mut grids);
    let mut found = vec![Complex32::default(); frames * setting.symbols];
    ready.estimate(&grids, &mut found);
    let (mut worst, mut largest) = (0.0f64, 0.0f64);
    for (grid, found) in grids.chunks(samples).zip(found.chunks(setting.symbols)) {
        for (l, found) in found.iter().enumerate() {
            let wide = |y: &Complex32| Complex64::new(y.re.into(), y.im.into());
            let expected: Complex64 = grid.iter().enumerate().map(|(i, y)| weights.at(l, i) * wide(y)).sum();
            worst = worst.max((wide(found) - expected).norm());
            largest = largest.max(expected.norm());
        }
    }
    worst / largest
}

#[track_caller]
fn assert_equal(found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert!((found / expected - 1.0).abs() < tolerance, "{found} {expected}");
    }
}

/// Bound of an estimate that passes through single precision once, and of double precision along a frame.
const SINGLE: f64 = 1e-6;
const DOUBLE: f64 = 1e-9;

#[test]
fn sum_product_is_block_maximum_likelihood() {
    for setting in settings() {
        let dense = Dense::new(&setting, setting.bank().unwrap().symbol_times(setting.symbols));
        let (weights, errors) = dense.maximum_likelihood();
        assert_equal(&symbol_errors(&setting, Receiver::MaximumLikelihood).unwrap(), &errors, DOUBLE);
        assert!(distance(&setting, Receiver::MaximumLikelihood, &weights) < SINGLE);
        // The control: the other receiver is not within the bound.
        assert!(distance(&setting, Receiver::Lmmse, &weights) > 100.0 * SINGLE);
    }
}

#[test]
fn lmmse_is_the_dense_one() {
    for setting in settings() {
        let dense = Dense::new(&setting, setting.bank().unwrap().symbol_times(setting.symbols));
        let (weights, errors) = dense.lmmse();
        assert_equal(&symbol_errors(&setting, Receiver::Lmmse).unwrap(), &errors, DOUBLE);
        assert!(distance(&setting, Receiver::Lmmse, &weights) < SINGLE);
        assert!(distance(&setting, Receiver::MaximumLikelihood, &weights) > 100.0 * SINGLE);
    }
}

#[test]
fn lmmse_knows_how_devices_are_correlated() {
    let full = vec![1.0, 0.6, -0.2, 0.6, 0.5, 0.1, -0.2, 0.1, 0.8];
    let grams = [
        Gram::uniform(3, 0.7),
        // Equal symbols: a singular covariance.
        Gram::uniform(3, 1.0),
        Gram::new(vec![1.0, 0.5, 0.8], 2.3 + 2.0 * 0.5, Some(full)),
    ];
    let mut independent = setting(&[0.2, 0.0, 0.55], &[0.0, 0.8, -0.4], 0.3, 7);
    let plain = mean_square_error(&independent, Receiver::Lmmse).unwrap();
    for gram in grams {
        independent.covariance = Arc::new(DeviceCovariance::of_gram(&gram));
        let (weights, errors) = Dense::new(&independent, 8).lmmse();
        let found = symbol_errors(&independent, Receiver::Lmmse).unwrap();
        assert_equal(&found, &errors, DOUBLE);
        assert!(distance(&independent, Receiver::Lmmse, &weights) < SINGLE);
        assert!((found.iter().sum::<f64>() / 7.0 - plain).abs() > 0.01, "correlation must matter");
    }
}

#[test]
fn devices_of_equal_delay_are_one() {
    // Their samples of length zero do not exist, and a sum of devices of one gain is as good as one device.
    let four = setting(&[0.5, 0.0, 0.5, 0.0], &[0.4, 0.0, 0.4, 0.0], 0.1, 6);
    let dense = Dense::new(&four, 7);
    assert_eq!(dense.samples(), 14);
    assert_equal(&symbol_errors(&four, Receiver::Lmmse).unwrap(), &dense.lmmse().1, DOUBLE);
    let two = Dense::new(&setting(&[0.5, 0.0], &[0.4, 0.0], 0.1, 6), 7);
    let (_, errors) = two.maximum_likelihood();
    assert_equal(&symbol_errors(&four, Receiver::MaximumLikelihood).unwrap(), &errors, DOUBLE);
    // Two devices that cannot be told apart and differ in phase: c = sum h* / sum |h|^2 is the best without a prior.
    let crossed = setting(&[0.0, 0.0], &[0.0, 1.0], 0.1, 4);
    let c = (1.0 + Complex64::from_polar(1.0, -1.0)) / 2.0;
    let error =
        (c - 1.0).norm_sqr() + (c * Complex64::from_polar(1.0, 1.0) - 1.0).norm_sqr() + 0.1 * c.norm_sqr();
    assert_equal(&symbol_errors(&crossed, Receiver::MaximumLikelihood).unwrap(), &[error; 4], DOUBLE);
}

#[test]
fn the_order_of_devices_does_not_matter() {
    let (delays, phases) = ([0.6, 0.0, 0.3], [0.5, -0.2, 1.0]);
    for receiver in super::RECEIVERS {
        let error = |order: [usize; 3]| {
            let pick = |list: [f64; 3]| order.map(|k| list[k]);
            mean_square_error(&setting(&pick(delays), &pick(phases), 0.1, 20), receiver).unwrap()
        };
        assert!((error([0, 1, 2]) / error([2, 0, 1]) - 1.0).abs() < 1e-9);
    }
}

#[test]
fn the_tail_tells_something() {
    // Without the tail two devices have as many samples as symbols, and the sum is its own last sample.
    let found =
        symbol_errors(&setting(&[0.0, 0.5], &[0.0, 0.0], 0.1, 5), Receiver::MaximumLikelihood).unwrap();
    assert!(found.iter().all(|error| *error < 0.2 - 1e-3), "{found:?}");
}
