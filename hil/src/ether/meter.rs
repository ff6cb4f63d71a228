//! Levels of samples as they pass.

use super::metrics::Level;
use airloop_baseband::Complex32;
use std::array::from_fn;

/// Least length of air that a level describes, in seconds; at most a quarter and a block more.
const SPAN_S: f64 = 0.02;
/// Parts of it that are given up one by one.
const PARTS: usize = 4;
/// Sums that are kept side by side, so that they can be taken at once.
const LANES: usize = 16;

/// Sums over some samples.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    span: u64,
    energy: f64,
    peak: f32,
    full_scale: u64,
}

/// A meter of one channel.
#[derive(Clone, Debug)]
pub struct Meter {
    /// The part that grows, and those before it.
    tallies: [Tally; PARTS + 1],
    part_samples: u64,
}

impl Meter {
    /// Makes a meter for a sample rate.
    pub fn new(sample_rate_hz: f64) -> Self {
        let part_samples = ((SPAN_S / PARTS as f64 * sample_rate_hz).ceil() as u64).max(1);
        Self { tallies: Default::default(), part_samples }
    }

    /// Adds so many samples of time, of which those not given are zero.
    pub fn add(&mut self, samples: &[Complex32], span: u64) {
        if self.tallies[0].span >= self.part_samples {
            self.tallies.rotate_right(1);
            self.tallies[0] = Tally::default();
        }
        let (energy, peak) = sums(samples);
        let tally = &mut self.tallies[0];
        tally.span += span;
        tally.energy += energy;
        tally.peak = tally.peak.max(peak);
        if peak >= 1.0 {
            let full = |x: &&Complex32| x.re.abs().max(x.im.abs()) >= 1.0;
            tally.full_scale += samples.iter().filter(full).count() as u64;
        }
    }

    /// Returns the level of the last about 20 ms; `None` before any time has passed.
    pub fn level(&self) -> Option<Level> {
        let over = |of: fn(&Tally) -> u64| self.tallies.iter().map(of).sum::<u64>() as f64;
        let span = over(|tally| tally.span);
        (span > 0.0).then(|| Level {
            mean_power: self.tallies.iter().map(|tally| tally.energy).sum::<f64>() / span,
            peak: self.tallies.iter().map(|tally| tally.peak).fold(0.0, f32::max).into(),
            full_scale_share: over(|tally| tally.full_scale) / span,
        })
    }
}

/// Returns the energy and the largest magnitude of a component.
fn sums(samples: &[Complex32]) -> (f64, f32) {
    let (mut energy, mut peaks) = (0.0, [0.0_f32; LANES]);
    // Sums of singles stay short.
    for block in bytemuck::cast_slice::<Complex32, f32>(samples).chunks(256 * LANES) {
        let mut lanes = [0.0_f32; LANES];
        let (whole, rest) = block.as_chunks::<LANES>();
        for x in whole {
            lanes = from_fn(|i| lanes[i] + x[i] * x[i]);
            peaks = from_fn(|i| if x[i].abs() > peaks[i] { x[i].abs() } else { peaks[i] });
        }
        for (i, x) in rest.iter().enumerate() {
            lanes[i] += x * x;
            peaks[i] = peaks[i].max(x.abs());
        }
        energy += lanes.iter().copied().map(f64::from).sum::<f64>();
    }
    (energy, peaks.into_iter().fold(0.0, f32::max))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn energy_and_peak_are_those_of_plain_sums() {
        for count in [0, 1, 7, 8, 9, 4096, 5003] {
            let at = |i: usize| Complex32::new((i as f32 * 0.7).sin(), (i as f32 * 1.3).cos() * 0.5);
            let samples: Vec<Complex32> = (0..count).map(at).collect();
            let energy: f64 = samples.iter().map(|x| f64::from(x.re).powi(2) + f64::from(x.im).powi(2)).sum();
            let peak = samples.iter().flat_map(|x| [x.re.abs(), x.im.abs()]).fold(0.0, f32::max);
            let (found, highest) = sums(&samples);
            assert!((found - energy).abs() <= 1e-5 * energy, "{count}: {found} {energy}");
            assert_eq!(highest, peak, "{count}");
        }
    }

    #[test]
    fn a_level_is_that_of_known_samples_and_silence_counts() {
        let mut meter = Meter::new(1e6);
        assert_eq!(meter.level(), None);
        // |x|^2 = 0.25 half of the time, one sample of a hundred at full scale.
        let mut samples = vec![Complex32::new(0.3, -0.4); 100];
        samples[50] = Complex32::new(0.0, -1.0);
        meter.add(&samples, 200);
        let level = meter.level().unwrap();
        assert!((level.mean_power - (99.0 * 0.25 + 1.0) / 200.0).abs() < 1e-6, "{level:?}");
        assert_eq!((level.peak, level.full_scale_share), (1.0, 1.0 / 200.0));
    }

    #[test]
    fn what_was_20_ms_and_a_part_ago_is_forgotten() {
        // 20 ms are 20000 samples, a part of them 5000.
        let mut meter = Meter::new(1e6);
        meter.add(&[Complex32::new(3.0, 0.0)], 1000);
        for _ in 0..24 {
            assert_eq!(meter.level().unwrap().peak, 3.0);
            meter.add(&[], 1000);
        }
        assert_eq!(meter.level().unwrap().peak, 3.0);
        meter.add(&[], 1000);
        let silent = Level { mean_power: 0.0, peak: 0.0, full_scale_share: 0.0 };
        assert_eq!(meter.level(), Some(silent));
    }

    #[test]
    fn samples_that_are_no_numbers_do_not_stay() {
        let mut meter = Meter::new(1000.0);
        meter.add(&[Complex32::new(f32::NAN, f32::INFINITY)], 5);
        assert!(!meter.level().unwrap().mean_power.is_finite());
        (0..5).for_each(|_| meter.add(&[Complex32::new(0.5, 0.0); 5], 5));
        assert_eq!(meter.level().unwrap().mean_power, 0.25);
    }
}
