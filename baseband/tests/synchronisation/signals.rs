//! Preambles, noise, and delays by the sum of sinc functions.

use airloop_baseband::checks::{CheckFailure, CheckPass};
use airloop_baseband::synchronisation::{Preamble, PreambleDesign, Sequence, zadoff_chu_extended};
use airloop_baseband::{Complex32, Complex64, Purpose, Seeds};
use std::f64::consts::{PI, TAU};

/// A Zadoff-Chu sequence on the middle `used` bins.
pub fn on_bins(used: i32, fft_size: usize, repetitions: usize, prefix: usize) -> Preamble {
    let bins: Vec<i32> = (-used / 2..used - used / 2).collect();
    let values = zadoff_chu_extended(25, bins.len()).unwrap();
    Preamble::on_bins(&values, &bins, fft_size, repetitions, prefix).unwrap()
}

/// Zadoff-Chu chips over the whole band.
pub fn chips(root: usize, chips: usize, repetitions: usize) -> Preamble {
    let sequence = Sequence::ZadoffChu { root };
    PreambleDesign { sequence, chips, oversampling: 1, repetitions, prefix_samples: 0 }.build().unwrap()
}

/// White noise of unit power.
pub fn noise(trial: u64, count: usize) -> Vec<Complex32> {
    let mut samples = vec![Complex32::default(); count];
    Seeds::new(77).stream(Purpose::Noise, trial, 0).fill_complex_gaussian(0, 1.0, &mut samples);
    samples
}

/// `count` samples of `amplitude s(n - start) exp(j 2 pi frequency (n - start))`, interpolated between samples by sinc.
pub fn received(
    preamble: &Preamble,
    start: f64,
    frequency: f64,
    amplitude: Complex64,
    count: usize,
) -> Vec<Complex32> {
    let whole = start.round();
    let fraction = start - whole;
    // sin(pi (k - fraction)) is the same for all k but for its sign.
    let sine = -(PI * fraction).sin();
    let sinc = |k: i64| {
        let sign = if k % 2 == 0 { 1.0 } else { -1.0 };
        if fraction == 0.0 { f64::from(k == 0) } else { sign * sine / (PI * (k as f64 - fraction)) }
    };
    let sample = |n: usize| {
        let offset = n as i64 - whole as i64;
        let known = preamble.samples().iter().enumerate();
        let delayed: Complex64 =
            known.map(|(m, s)| Complex64::new(s.re.into(), s.im.into()) * sinc(offset - m as i64)).sum();
        let sample = delayed * amplitude * Complex64::cis(TAU * frequency * (n as f64 - start));
        Complex32::new(sample.re as f32, sample.im as f32)
    };
    (0..count).map(sample).collect()
}

/// Returns `amplitude * signal + noise`.
pub fn noisy(signal: &[Complex32], amplitude: f32, trial: u64) -> Vec<Complex32> {
    let mut samples = noise(trial, signal.len());
    for (sample, signal) in samples.iter_mut().zip(signal) {
        *sample += signal * amplitude;
    }
    samples
}

/// Asserts that a check failed by disagreement.
#[track_caller]
pub fn assert_disagrees(outcome: Result<CheckPass, CheckFailure>) {
    assert!(matches!(outcome, Err(CheckFailure::Disagrees(_))), "{outcome:?}");
}
