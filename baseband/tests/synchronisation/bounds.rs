//! The bounds against closed forms and sums in the time domain.

use crate::signals::{chips, on_bins};
use airloop_baseband::Complex64;
use airloop_baseband::synchronisation::bounds::{
    cfo_variance_hz2, repetition_cfo_variance_hz2, timing_variance_s2,
};
use airloop_baseband::synchronisation::{Preamble, SynchronisationBounds, zadoff_chu};
use std::f64::consts::PI;

const SAMPLE_RATE_HZ: f64 = 30.72e6;

/// The centred rms bandwidth in cycles a sample, from the aperiodic autocorrelation.
///
/// ```text
/// integral of f   exp(j 2 pi f k) = (-1)^k / (j 2 pi k),   of f^2: (-1)^k / (2 pi^2 k^2) and 1/12 at k = 0
/// ```
fn rms_bandwidth(preamble: &Preamble) -> f64 {
    let samples: Vec<Complex64> =
        preamble.samples().iter().map(|s| Complex64::new(s.re.into(), s.im.into())).collect();
    let at = |lag: usize| samples.iter().zip(&samples[lag..]).map(|(a, b)| a.conj() * b).sum::<Complex64>();
    let energy = at(0).re;
    let (mut first, mut second) = (0.0, energy / 12.0);
    for lag in 1..samples.len() {
        let sign = if lag % 2 == 0 { 1.0 } else { -1.0 };
        // |X(f)|^2 = r(0) + sum of 2 Re(r(k) exp(-j 2 pi f k)), whose integrals against f and f^2 are these.
        let correlation = at(lag);
        let k = lag as f64;
        first -= 2.0 * correlation.im * sign / (2.0 * PI * k);
        second += 2.0 * correlation.re * sign / (2.0 * PI * PI * k * k);
    }
    (second / energy - (first / energy).powi(2)).sqrt()
}

#[test]
fn the_bandwidth_is_that_of_the_autocorrelation() {
    for preamble in [on_bins(150, 256, 4, 18), on_bins(30, 256, 1, 0), chips(25, 509, 2)] {
        let bounds = SynchronisationBounds::new(&preamble, SAMPLE_RATE_HZ);
        let bandwidth_hz = rms_bandwidth(&preamble) * SAMPLE_RATE_HZ;
        assert!((preamble.rms_bandwidth_hz(SAMPLE_RATE_HZ) / bandwidth_hz - 1.0).abs() < 3e-3);
        let energy_over_noise = 10.0 * preamble.samples().len() as f64;
        let expected = timing_variance_s2(energy_over_noise, bandwidth_hz);
        assert!((bounds.timing_variance_s2(10.0) / expected - 1.0).abs() < 6e-3);
    }
}

#[test]
fn an_uncentred_band_has_the_bandwidth_of_a_centred_one() {
    let values = vec![Complex64::ONE; 60];
    let bandwidth_hz = |first: i32| {
        let bins: Vec<i32> = (first..first + 60).collect();
        Preamble::on_bins(&values, &bins, 512, 8, 0).unwrap().rms_bandwidth_hz(1.0)
    };
    assert!((bandwidth_hz(20) / bandwidth_hz(-30) - 1.0).abs() < 0.02);
}

#[test]
fn constant_modulus_gives_the_bound_of_a_tone() {
    for preamble in [chips(25, 509, 2), chips(1, 101, 1)] {
        let bounds = SynchronisationBounds::new(&preamble, SAMPLE_RATE_HZ);
        let expected = cfo_variance_hz2(2.0, preamble.samples().len(), SAMPLE_RATE_HZ);
        assert!((bounds.cfo_variance_hz2(2.0) / expected - 1.0).abs() < 1e-5);
    }
}

#[test]
fn unknown_content_costs_the_ends_of_the_periods() {
    // A period of one sample is a tone; two long periods lose 4/3, and 1 - 1/R^2 in general.
    let tone = cfo_variance_hz2(3.0, 64, 1e6);
    assert!((repetition_cfo_variance_hz2(3.0, 1, 64, 1e6) / tone - 1.0).abs() < 1e-12);
    for repetitions in [2usize, 3, 8] {
        let known = cfo_variance_hz2(3.0, 4096 * repetitions, 1e6);
        let unknown = repetition_cfo_variance_hz2(3.0, 4096, repetitions, 1e6);
        let loss = 1.0 / (1.0 - 1.0 / (repetitions * repetitions) as f64);
        assert!((unknown / known / loss - 1.0).abs() < 1e-6);
    }
}

#[test]
fn a_chirp_mistakes_delay_for_frequency() {
    let coupling = |preamble: &Preamble| SynchronisationBounds::new(preamble, SAMPLE_RATE_HZ).coupling();
    let chirp = |repetitions| Preamble::of_period(&zadoff_chu(1, 509, 255).unwrap(), repetitions, 0).unwrap();
    // Not 1: the ends of the burst tell the delay.
    assert!(coupling(&chirp(1)) > 0.85);
    // Begun elsewhere the sweep wraps in the middle: 1/4, by the integral of time and frequency over both halves.
    assert!((coupling(&chips(1, 509, 1)) - 0.25).abs() < 0.02);
    assert!(coupling(&chirp(4)) < 0.1);
    assert!(coupling(&on_bins(150, 256, 4, 18)) < 0.02);
}
