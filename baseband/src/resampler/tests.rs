use super::*;
use crate::{Purpose, Seeds};
use num_complex::Complex64;
use std::f64::consts::TAU;

/// Samples of a period.
const PERIOD: usize = 512;

/// A periodic signal of bins `-bins` to `bins`, known between its samples.
struct Periodic {
    bins: i64,
    spectrum: Vec<Complex32>,
}

impl Periodic {
    fn new(share: f64, seed: u64) -> Self {
        let bins = (share * PERIOD as f64 / 2.0).floor() as i64;
        let mut spectrum = vec![Complex32::default(); 2 * bins as usize + 1];
        Seeds::new(seed).stream(Purpose::Payload, 0, 0).fill_complex_gaussian(0, 1.0, &mut spectrum);
        Self { bins, spectrum }
    }

    /// Returns the signal at a whole number of samples and a fraction.
    fn at(&self, (whole, fraction): (i64, f64)) -> Complex64 {
        let position = whole.rem_euclid(PERIOD as i64) as f64 + fraction;
        let turn = Complex64::cis(TAU * position / PERIOD as f64);
        let mut phasor = turn.powi(-(self.bins as i32));
        let mut sum = Complex64::default();
        for z in &self.spectrum {
            sum += Complex64::new(z.re.into(), z.im.into()) * phasor;
            phasor *= turn;
        }
        sum
    }

    fn samples(&self, start: i64, count: usize) -> Vec<Complex32> {
        let period: Vec<Complex64> = (0..PERIOD as i64).map(|n| self.at((n, 0.0))).collect();
        let sample = |i| period[(start + i as i64).rem_euclid(PERIOD as i64) as usize];
        (0..count).map(sample).map(|z| Complex32::new(z.re as f32, z.im as f32)).collect()
    }
}

/// Returns the rms error of resampled samples against the signal at positions moved by `shift`, relative to it, in dB.
fn error_db(resampler: &Resampler, signal: &Periodic, positions: &Positions, first: i64, shift: f64) -> f64 {
    let mut out = vec![Complex32::default(); 3001];
    let inputs = resampler.inputs(positions, first..first + out.len() as i64);
    let samples = signal.samples(inputs.start, (inputs.end - inputs.start) as usize);
    resampler.apply(positions, inputs.start as u64, &samples, first, &mut out);
    let (mut error, mut power) = (0.0, 0.0);
    for (n, y) in (first..).zip(&out) {
        let (whole, fraction) = positions.at(n);
        let expected = signal.at((whole, fraction + shift));
        error += (expected - Complex64::new(y.re.into(), y.im.into())).norm_sqr();
        power += expected.norm_sqr();
    }
    10.0 * (error / power).log10()
}

#[test]
fn a_periodic_signal_is_what_its_spectrum_says_between_its_samples() {
    for (share, accuracy_db) in [(0.3, -60.0), (0.6, -80.0), (0.8, -80.0), (0.9, -85.0)] {
        let resampler = Resampler::new(share, accuracy_db);
        assert!(resampler.worst_error_db() <= accuracy_db, "{share}: {}", resampler.worst_error_db());
        let signal = Periodic::new(share, 71);
        for (offset, rate) in [
            (0.5, 0.0),
            (-17.37, 0.0),
            (0.25, 2e-5),
            (3.9, -1e-4),
            (0.01, 3.1e-4),
            (-0.6, -1e-3),
            (0.0, 1e-3),
        ] {
            let positions = Positions::new(offset, rate, 100_000).unwrap();
            for first in [100_000, 5_000_001] {
                let db = error_db(&resampler, &signal, &positions, first, 0.0);
                println!("{share} {offset} {rate:e} {first}: {db:.1} dB, {} taps", resampler.length());
                assert!(db <= resampler.worst_error_db(), "{share} {offset} {rate} {first}: {db}");
            }
        }
        // Control: positions a hundredth of a sample off are seen.
        let positions = Positions::new(0.5, 2e-5, 100_000).unwrap();
        assert!(error_db(&resampler, &signal, &positions, 100_000, 0.01) > resampler.worst_error_db() + 6.0);
    }
}

#[test]
fn a_band_without_empty_edges_is_not_promised() {
    assert!(Resampler::new(1.0, -80.0).worst_error_db() > -20.0);
    assert_eq!(Resampler::new(1.0, -80.0).length(), MAX_LENGTH);
    assert!(Resampler::new(0.94, -90.0).worst_error_db() <= -90.0, "the limit of the promise");
}

#[test]
fn lengths_follow_the_empty_share_of_the_band() {
    for (share, most) in [(300.0 / 512.0, 18), (612.0 / 1024.0, 18), (3276.0 / 4096.0, 34)] {
        let resampler = Resampler::new(share, -80.0);
        assert!(
            resampler.worst_error_db() <= -80.0 && resampler.length() <= most,
            "{share} {}",
            resampler.length()
        );
    }
}

fn noise(count: usize, seed: u64) -> Vec<Complex32> {
    let mut samples = vec![Complex32::default(); count];
    Seeds::new(seed).stream(Purpose::Noise, 0, 0).fill_complex_gaussian(0, 1.0, &mut samples);
    samples
}

/// Resamples into all outputs that the inputs reach.
fn resampled(
    resampler: &Resampler,
    positions: &Positions,
    start: u64,
    samples: &[Complex32],
) -> (i64, Vec<Complex32>) {
    let outputs = resampler.outputs(positions, start as i64..start as i64 + samples.len() as i64);
    let mut out = vec![Complex32::default(); (outputs.end - outputs.start) as usize];
    resampler.apply(positions, start, samples, outputs.start, &mut out);
    (outputs.start, out)
}

#[test]
fn pieces_add_up_to_the_whole_and_keep_its_bytes_inside() {
    const START: u64 = 7919;
    let (resampler, samples) = (Resampler::new(0.6, -80.0), noise(5000, 72));
    let half = resampler.length() as i64 / 2;
    for (offset, rate) in [(5.0, 0.0), (-3.3, 0.0), (0.7, 4e-5), (-250.2, -2.2e-4), (0.0, 9e-4)] {
        let positions = Positions::new(offset, rate, 40).unwrap();
        let (first, whole) = resampled(&resampler, &positions, START, &samples);
        for piece in [1, 13, 997, 1536] {
            let mut sum = vec![Complex32::default(); whole.len()];
            for (i, part) in samples.chunks(piece).enumerate() {
                let start = START + (i * piece) as u64;
                let (begin, out) = resampled(&resampler, &positions, start, part);
                for (n, y) in (begin..).zip(&out) {
                    if let Some(sum) = usize::try_from(n - first).ok().and_then(|i| sum.get_mut(i)) {
                        *sum += y;
                    } else {
                        assert_eq!(*y, Complex32::default(), "outside of the outputs of the whole");
                    }
                    let position = positions.at(n).0;
                    let inside = start as i64 + half..start as i64 + part.len() as i64 - half - 1;
                    assert!(!inside.contains(&position) || *y == whole[(n - first) as usize], "{n}");
                }
            }
            let worst = sum.iter().zip(&whole).map(|(a, b)| (a - b).norm()).fold(0.0, f32::max);
            assert!(worst <= 1e-5, "{offset} {rate} {piece}: {worst}");
        }
        let shifted = whole.iter().zip(&whole[1..]).map(|(a, b)| (a - b).norm()).fold(0.0, f32::max);
        assert!(shifted > 1.0, "a control passes");
    }
}

#[test]
fn whole_positions_return_the_very_samples() {
    let (resampler, samples) = (Resampler::new(0.6, -80.0), noise(300, 73));
    for shift in [-41, -1, 0, 1, 299] {
        let positions = Positions::new(f64::from(shift), 0.0, 5).unwrap();
        let (first, out) = resampled(&resampler, &positions, 1000, &samples);
        assert!(first == 1000 - i64::from(shift) && out == samples, "{shift}");
        // A range that only overlaps the inputs is zero outside of them.
        let mut part = vec![Complex32::new(9.0, 9.0); 200];
        resampler.apply(&positions, 1000, &samples, first - 100, &mut part);
        assert!(part[..100].iter().all(|y| *y == Complex32::default()) && part[100..] == samples[..100]);
    }
    // A drifting position is whole at its origin only.
    let positions = Positions::new(0.0, 1e-4, 1280).unwrap();
    let mut out = vec![Complex32::default(); 2];
    resampler.apply(&positions, 1000, &samples, 1280, &mut out);
    assert!(out[0] == samples[280] && out[1] != samples[281]);
}

#[test]
fn ranges_hold_all_inputs_and_outputs_of_each_other_and_little_more() {
    let resampler = Resampler::new(0.6, -80.0);
    for (offset, rate) in [(0.0, 0.0), (-7.0, 0.0), (2.4, 0.0), (-9.1, 1e-3), (1e4, -3e-4)] {
        let positions = Positions::new(offset, rate, 1000).unwrap();
        let outputs = resampler.outputs(&positions, 500_000..500_100);
        let mut out = vec![Complex32::default(); (outputs.end - outputs.start) as usize + 200];
        resampler.apply(&positions, 500_000, &noise(100, 74), outputs.start - 100, &mut out);
        let inside = 100..out.len() - 100;
        for (i, y) in out.iter().enumerate() {
            assert!(inside.contains(&i) || *y == Complex32::default(), "{offset} {rate} {i}");
        }
        let reached = out.iter().filter(|y| **y != Complex32::default()).count();
        assert!(reached + 5 >= inside.len(), "{offset} {rate}: {reached} of {}", inside.len());
        let inputs = resampler.inputs(&positions, outputs.clone());
        assert!(inputs.contains(&500_000) && inputs.contains(&500_099), "{inputs:?}");
    }
    assert!(resampler.outputs(&Positions::new(0.5, 0.0, 0).unwrap(), 5..5).is_empty());
    assert!(resampler.inputs(&Positions::new(0.5, 0.0, 0).unwrap(), 5..5).is_empty());
}

#[test]
fn positions_beyond_their_limits_are_refused() {
    for (offset, rate) in [(f64::NAN, 0.0), (0.0, f64::NAN), (2e9, 0.0), (0.0, 2e-3), (f64::INFINITY, 0.0)] {
        assert!(Positions::new(offset, rate, 0).is_none(), "{offset} {rate}");
    }
    let positions = Positions::new(-12.5, 1e-3, 77).unwrap();
    let (whole, fraction) = positions.at(100_000);
    let back = positions.inverse().at(whole);
    let expected = 100_000.0 - fraction / (1.0 + 1e-3);
    assert!((back.0 as f64 + back.1 - expected).abs() < 1e-9, "{back:?}");
    assert_eq!((positions.offset_samples(), positions.rate_offset(), positions.origin()), (-12.5, 1e-3, 77));
}
