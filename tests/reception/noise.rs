//! Noise measured at pilots: without bias, and of as many degrees of freedom as it says.

use crate::common::{Paths, layout, signals, transmit};
use airloop::baseband::checks::{CheckFailure, CheckSpec, check_mean, detects_share};
use airloop::baseband::statistics::Moments;
use airloop::link::channel_estimation::{
    ChannelEstimate, ChannelEstimator, Interpolation, PilotResiduals, Responses,
};
use airloop::link::precoding::Precoder;

const USED: usize = 72;
const NOISE: f64 = 0.03;

/// Returns the estimates of many slots over a channel with short delays, and their degrees of freedom.
fn measured(groups: usize, layers: usize, antennas: usize) -> (Vec<f64>, f64) {
    let layout = layout(USED, 2, groups, layers);
    let signals = signals(&layout);
    let mut estimator = ChannelEstimator::new(&layout, antennas, &Interpolation::Linear, NOISE).unwrap();
    let mut estimate = ChannelEstimate::new();
    let mut residuals = PilotResiduals::new(&layout, antennas);
    let paths = Paths { paths: vec![(0.0, 0.6), (100e-9, 0.3), (250e-9, 0.1)], max_doppler_hz: 100.0 };
    let precoder = Precoder::identity(layers, layers).unwrap();
    let estimates = (0..1300).map(|trial| {
        let responses = paths.draw(antennas * layers, USED, trial);
        let channel = Responses::new(&responses, antennas, layers, USED);
        let (_, received) = transmit((&layout, &signals), (&channel, &precoder), NOISE as f32, trial);
        estimator.estimate(&received, &signals, &mut estimate);
        residuals.measure(&received, &estimator);
        residuals.noise_variance().unwrap()
    });
    (estimates.collect(), residuals.degrees_of_freedom())
}

#[test]
fn noise_is_measured_without_bias() {
    for (groups, layers, antennas) in [(2, 1, 1), (1, 1, 1), (1, 2, 2), (2, 2, 2), (2, 3, 3), (2, 4, 4)] {
        let (estimates, freedom) = measured(groups, layers, antennas);
        let spec = CheckSpec { alpha: 1e-6, detects: detects_share(NOISE, 0.05) };
        let moments = Moments::of(estimates.iter().copied());
        check_mean(&moments, NOISE, spec).unwrap_or_else(|error| panic!("{groups} {layers}: {error}"));
        let control = check_mean(&moments, 1.05 * NOISE, spec);
        assert!(matches!(control, Err(CheckFailure::Disagrees(_))), "{control:?}");
        // The mean of n independent exponential powers has the variance N0^2 / n.
        let spread = Moments::of(estimates.iter().map(|x| (x / NOISE - 1.0).powi(2) * freedom));
        let spec = CheckSpec { alpha: 1e-6, detects: 0.45 };
        check_mean(&spread, 1.0, spec).unwrap_or_else(|error| panic!("{groups} {layers}, freedom: {error}"));
        let control = check_mean(&spread, 1.5, spec);
        assert!(matches!(control, Err(CheckFailure::Disagrees(_))), "{control:?}");
    }
}

#[test]
fn too_few_pilots_tell_nothing() {
    let of = |used, groups, layers| PilotResiduals::new(&layout(used, 1, groups, layers), 2).noise_variance();
    assert!(of(4, 1, 2).is_none() && of(12, 1, 2).is_none());
    assert!(of(16, 1, 2).is_some() && of(4, 2, 1).is_some());
}
