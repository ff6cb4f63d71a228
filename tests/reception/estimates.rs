//! Least squares and linear interpolation, against closed forms and a slow loop.

use crate::common::{Paths, layout, receive, signals, stream, transmit, wide};
use airloop::baseband::checks::{CheckFailure, CheckSpec, check_mean, detects_share};
use airloop::baseband::statistics::Moments;
use airloop::baseband::{Complex32, Complex64, Purpose};
use airloop::link::channel_estimation::{
    ChannelEstimate, ChannelEstimator, EstimationError, Interpolation, Responses,
};
use airloop::link::precoding::Precoder;
use airloop::link::slot_layout::SlotLayout;

const USED: usize = 48;

fn linear(layout: &SlotLayout, receive: usize, noise: f64) -> ChannelEstimator {
    ChannelEstimator::new(layout, receive, &Interpolation::Linear, noise).unwrap()
}

/// Returns each trial's mean square error of observations over a flat static channel.
fn observed_errors(groups: usize, layers: usize, noise: f32) -> Moments {
    let (layout, antennas) = (layout(USED, 2, groups, layers), layers);
    let signals = signals(&layout);
    let mut estimator = linear(&layout, antennas, noise.into());
    let mut estimate = ChannelEstimate::new();
    let flat = Paths { paths: vec![(0.0, 1.0)], max_doppler_hz: 0.0 };
    let precoder = Precoder::identity(antennas, layers).unwrap();
    Moments::of((0..1500).map(|trial| {
        let responses = flat.draw(antennas * antennas, USED, trial);
        let channel = Responses::new(&responses, antennas, antennas, USED);
        let (_, received) = transmit((&layout, &signals), (&channel, &precoder), noise, trial);
        estimator.estimate(&received, &signals, &mut estimate);
        let last = layers - 1;
        let count = if last % 2 == 1 { USED / 4 } else { USED / 2 };
        let mut sum = 0.0;
        for (q, i) in (0..2).flat_map(|q| (0..count).map(move |i| (q, i))) {
            let (k, z) = estimator.observation(0, last, q, i);
            let truth = wide(channel.row(0, last, 0)[k]) / (layers as f64).sqrt();
            sum += (wide(z) - truth).norm_sqr();
        }
        sum / (2 * count) as f64
    }))
}

#[test]
fn least_squares_has_the_error_of_its_noise() {
    // Alone: N0 / boost^2. Two layers on the same pilots: half of that.
    for (groups, layers, share) in
        [(1, 1, 1.0), (2, 1, 0.5), (1, 2, 0.5), (2, 2, 0.25), (2, 3, 0.5), (2, 4, 0.25)]
    {
        let noise = 0.2f32;
        let moments = observed_errors(groups, layers, noise);
        let expected = f64::from(noise) * share;
        let spec = CheckSpec { alpha: 1e-6, detects: detects_share(expected, 0.05) };
        check_mean(&moments, expected, spec).unwrap_or_else(|error| panic!("{groups} {layers}: {error}"));
        let control = check_mean(&moments, 1.08 * expected, spec);
        assert!(matches!(control, Err(CheckFailure::Disagrees(_))), "{control:?}");
    }
}

/// Interpolates on straight lines, pilot by pilot.
fn slow_line(points: &[(usize, Complex64)], at: usize) -> Complex64 {
    let before = points.iter().rev().find(|(k, _)| *k <= at);
    let after = points.iter().find(|(k, _)| *k >= at);
    match (before, after) {
        (Some((_, z)), None) | (None, Some((_, z))) => *z,
        (Some((a, x)), Some((b, y))) if b > a => x + (y - x) * ((at - a) as f64 / (b - a) as f64),
        (Some((_, z)), Some(_)) => *z,
        (None, None) => panic!("there are pilots"),
    }
}

#[test]
fn linear_interpolation_equals_a_slow_loop() {
    for (pilots, groups, layers, used) in [
        (1, 1, 1, 48),
        (2, 2, 2, 48),
        (3, 2, 3, 68),
        (4, 2, 4, 24),
        (2, 1, 2, 4),
        (1, 2, 1, 4),
        (4, 1, 1, 612),
    ] {
        let layout = layout(used, pilots, groups, layers);
        let signals = signals(&layout);
        let responses = Paths::new(300.0).draw(16, used, 3);
        let channel = Responses::new(&responses, 4, 4, used);
        let precoder = Precoder::identity(4, layers).unwrap();
        let (_, received) = transmit((&layout, &signals), (&channel, &precoder), 0.1, 3);
        let mut estimator = linear(&layout, 4, 0.1);
        let mut estimate = ChannelEstimate::new();
        estimator.estimate(&received, &signals, &mut estimate);
        for (r, layer) in (0..4).flat_map(|r| (0..layers).map(move |l| (r, l))) {
            let count = if layers > layer / 2 * 2 + 1 { used / 4 } else { used / 2 };
            for k in 0..used {
                let over_time: Vec<(usize, Complex64)> = (0..pilots)
                    .map(|q| {
                        let points: Vec<(usize, Complex64)> = (0..count)
                            .map(|i| estimator.observation(r, layer, q, i))
                            .map(|(k, z)| (k, wide(z)))
                            .collect();
                        (layout.pilot_symbols()[q], slow_line(&points, k))
                    })
                    .collect();
                for symbol in 0..14 {
                    let expected = slow_line(&over_time, symbol);
                    let got = wide(estimate.at(r, layer, symbol, k));
                    assert!(
                        (got - expected).norm() < 1e-5,
                        "{layers} layers, {symbol} {k}: {got} {expected}"
                    );
                }
            }
        }
    }
}

#[test]
fn a_channel_on_straight_lines_is_found_without_error() {
    let layout = layout(USED, 2, 2, 1);
    let signals = signals(&layout);
    let responses: Vec<Complex32> = (0..14 * USED)
        .map(|e| Complex32::new(0.1 * (e / USED) as f32 - 1.0, 0.02 * (e % USED) as f32))
        .collect();
    let channel = Responses::new(&responses, 1, 1, USED);
    let sent =
        crate::common::grids(&layout, &signals, &vec![Complex32::new(1.0, 0.0); layout.data_elements()]);
    let received = receive(&channel, &sent, 0.0, stream(Purpose::Noise, 0));
    let mut estimate = ChannelEstimate::new();
    linear(&layout, 1, 0.0).estimate(&received, &signals, &mut estimate);
    for symbol in 2..12 {
        for k in 0..USED - 1 {
            let error = (estimate.at(0, 0, symbol, k) - responses[symbol * USED + k]).norm();
            assert!(error < 1e-5, "{symbol} {k}: {error}");
        }
    }
}

#[test]
fn perfect_knowledge_is_the_channel_behind_the_precoder() {
    let responses = Paths::new(100.0).draw(6, 24, 1);
    let channel = Responses::new(&responses, 3, 2, 24);
    let matrix = [(0.5, 0.1), (-0.3, 0.2), (0.0, 0.7), (0.2, 0.2)].map(|(a, b)| Complex64::new(a, b));
    let precoder = Precoder::grouped(2, 1, 12, &matrix);
    let mut estimate = ChannelEstimate::new();
    estimate.fill_perfect(&channel, &precoder);
    for (r, symbol, k) in (0..3).flat_map(|r| (0..14).flat_map(move |s| (0..24).map(move |k| (r, s, k)))) {
        let weights = &matrix[k / 12 * 2..][..2];
        let expected =
            wide(channel.row(r, 0, symbol)[k]) * weights[0] + wide(channel.row(r, 1, symbol)[k]) * weights[1];
        assert!((wide(estimate.at(r, 0, symbol, k)) - expected).norm() < 1e-6, "{r} {symbol} {k}");
    }
    assert!(estimate.error_variances(0).is_none());
}

#[test]
fn bad_estimators_are_refused_in_words() {
    let layout = layout(24, 1, 2, 3);
    let of = |receive, noise| ChannelEstimator::new(&layout, receive, &Interpolation::Linear, noise).err();
    assert_eq!(of(2, 0.1), Some(EstimationError::TooFewAntennas { layers: 3, receive: 2 }));
    let said = of(3, -1.0).unwrap().to_string();
    assert!(said.contains("noise variance is -1; a finite number of at least 0 is expected"), "{said}");
    assert!(of(3, f64::NAN).is_some());
}
