//! The search for a preamble: correlation by overlap-save, over the energy of the window.

mod kernels;

use super::{DetectionLaw, Preamble};
use num_complex::Complex32;
use rustfft::{Fft, FftPlanner};
use std::sync::Arc;

/// How the periods of a preamble are put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Combining {
    /// One correlation with the whole preamble, prefix included.
    ///
    /// The most sensitive while the carrier offset is well below `fs/(2 L)`, L the length of the preamble.
    Coherent,
    /// The sum of squared correlations with each period, without the prefix.
    ///
    /// For offsets up to about `fs/(2 P)`, P the period: the phase between periods may be anything. It needs some dB more
    /// than coherent combining without an offset, and shows side peaks one period off.
    NonCoherent,
}

/// The largest statistic of a search.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Peak {
    /// Where a preamble with this peak begins, prefix included, in samples from the first of the window.
    pub start_samples: usize,
    /// The statistic there, 0 to 1.
    pub statistic: f32,
}

/// A search for one preamble.
///
/// ```text
/// coherent:      t(n) = |sum over l < L of conj(s[l]) x[n + l]|^2 / (E_s sum over l < L of |x[n + l]|^2)
/// non-coherent:  t(n) = sum over r < R of |sum over l < P of conj(p[l]) x[q + r P + l]|^2
///                       / (E_p sum over l < R P of |x[q + l]|^2),   q = n + prefix
/// ```
///
/// The generalised likelihood ratio for an unknown amplitude, or one a period, in white noise of unknown power: the share
/// of the window's energy that the preamble explains, so that neither gain nor noise power enters the threshold of
/// [`law`](Self::law). Over a multipath channel the largest statistic belongs to the strongest path that the bandwidth
/// resolves, not to the first. A window 110 dB or more below its surroundings counts as silent, with the statistic 0.
pub struct PreambleSearch {
    forward: Arc<dyn Fft<f32>>,
    inverse: Arc<dyn Fft<f32>>,
    /// Conjugate transform of what is correlated, so scaled that its energy and the transforms' gain are 1.
    template: Vec<Complex32>,
    lead_samples: usize,
    segment_samples: usize,
    segments: usize,
}

impl PreambleSearch {
    /// Prepares a search over windows of any length.
    pub fn new(preamble: &Preamble, combining: Combining) -> Self {
        Self::for_windows(preamble, combining, usize::MAX)
    }

    /// Prepares a search that is fast for windows of up to `longest` samples.
    pub(super) fn for_windows(preamble: &Preamble, combining: Combining, longest: usize) -> Self {
        let (template, lead_samples, segments) = match combining {
            Combining::Coherent => (preamble.samples(), 0, 1),
            Combining::NonCoherent => (preamble.period(), preamble.prefix_samples(), preamble.repetitions()),
        };
        let block = block_length(segments * template.len(), longest);
        let mut planner = FftPlanner::new();
        let (forward, inverse) = (planner.plan_fft_forward(block), planner.plan_fft_inverse(block));
        let energy: f64 = template.iter().map(|sample| f64::from(sample.norm_sqr())).sum();
        let scale = (1.0 / (block as f64 * energy.sqrt())) as f32;
        let mut spectrum = template.to_vec();
        spectrum.resize(block, Complex32::ZERO);
        forward.process(&mut spectrum);
        spectrum.iter_mut().for_each(|bin| *bin = bin.conj() * scale);
        let segment_samples = template.len();
        Self { forward, inverse, template: spectrum, lead_samples, segment_samples, segments }
    }

    /// Returns the law of the statistic, with thresholds and probabilities.
    pub fn law(&self) -> DetectionLaw {
        DetectionLaw::new(self.window_samples(), self.segments)
    }

    /// Returns the length of the transforms.
    pub fn block_samples(&self) -> usize {
        self.template.len()
    }

    /// Returns how many samples one statistic looks at.
    fn window_samples(&self) -> usize {
        self.segments * self.segment_samples
    }

    /// Returns at how many places a preamble can begin in a window and lie inside it whole.
    pub fn lags(&self, samples: usize) -> usize {
        (samples + 1).saturating_sub(self.lead_samples + self.window_samples())
    }

    /// Returns the statistic at every place where a preamble can begin; empty for too short a window.
    pub fn statistics(&self, samples: &[Complex32]) -> Vec<f32> {
        let mut all = Vec::with_capacity(self.lags(samples.len()));
        self.visit(samples, true, |_, statistics| all.extend_from_slice(statistics));
        all
    }

    /// Returns where a preamble explains most energy, among places with half of the largest statistic or more.
    ///
    /// A window that holds a part of a preamble and little else may explain a larger share, but less energy; a loud burst
    /// may have more energy, but explains a small share of it.
    pub(super) fn most_energetic(&self, samples: &[Complex32]) -> Option<usize> {
        let statistics = self.statistics(samples);
        let most = kernels::largest(&statistics);
        let (mut best, mut place) = (0.0, None);
        self.visit(samples, false, |first, energies| {
            for (lag, (&energy, &statistic)) in energies.iter().zip(&statistics[first..]).enumerate() {
                if statistic >= 0.5 * most && energy > best {
                    (best, place) = (energy, Some(first + lag));
                }
            }
        });
        place
    }

    /// Returns the largest statistic, the first of equals; `None` if the window is too short, silent or not finite.
    pub fn strongest(&self, samples: &[Complex32]) -> Option<Peak> {
        let mut best: Option<Peak> = None;
        self.visit(samples, true, |first, statistics| {
            let most = kernels::largest(statistics);
            if most > best.map_or(0.0, |peak| peak.statistic) {
                let place = statistics.iter().position(|&statistic| statistic == most).unwrap_or(0);
                best = Some(Peak { start_samples: first + place, statistic: most });
            }
        });
        best
    }

    /// Hands the statistics over block by block, with the place of the first; not `normalised`, the energies explained.
    fn visit(&self, samples: &[Complex32], normalised: bool, mut take: impl FnMut(usize, &[f32])) {
        let lags = self.lags(samples.len());
        let (block, window) = (self.template.len(), self.window_samples());
        let hop = block - window + 1;
        let scratch = self.forward.get_immutable_scratch_len().max(self.inverse.get_inplace_scratch_len());
        let mut scratch = vec![Complex32::ZERO; scratch];
        let mut spectrum = vec![Complex32::ZERO; block];
        let mut padded = Vec::new();
        let mut statistics = vec![0.0; hop.min(lags)];
        for first in (0..lags).step_by(hop) {
            let input = &samples[first + self.lead_samples..];
            let input = if input.len() >= block {
                &input[..block]
            } else {
                padded.clear();
                padded.extend_from_slice(input);
                padded.resize(block, Complex32::ZERO);
                &padded
            };
            self.forward.process_immutable_with_scratch(input, &mut spectrum, &mut scratch);
            kernels::multiply(&mut spectrum, &self.template);
            self.inverse.process_with_scratch(&mut spectrum, &mut scratch);
            let statistics = &mut statistics[..hop.min(lags - first)];
            kernels::powers(&spectrum, statistics);
            for segment in 1..self.segments {
                kernels::add_powers(&spectrum[segment * self.segment_samples..], statistics);
            }
            if normalised {
                kernels::divide_by_energies(input, window, statistics);
            }
            take(first, statistics);
        }
    }
}

/// Returns the length of the transforms that makes a search fastest, for statistics of `window` samples each.
fn block_length(window: usize, longest: usize) -> usize {
    let least = (3 * window).next_power_of_two().max(256);
    let cost = |block: &usize| (*block as f64).log2() * *block as f64 / (block - window + 1) as f64;
    // Beyond 2^13 the buffers leave the nearest caches: measured, that costs more than the smaller overlap gains.
    let most = longest.checked_next_power_of_two().unwrap_or(usize::MAX).min(1 << 13);
    let candidates = std::iter::successors(Some(least), |block| Some(2 * block)).take(4);
    let fits = candidates.filter(|block| *block <= least.max(most));
    fits.min_by(|a, b| cost(a).total_cmp(&cost(b))).unwrap_or(least)
}
