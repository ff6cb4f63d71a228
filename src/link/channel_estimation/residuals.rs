//! Noise and interference, from what pilots leave over.

use super::estimator::ChannelEstimator;
use super::pilots::Comb;
use crate::link::reference_signals::boost;
use crate::link::slot_layout::SlotLayout;
use airloop_baseband::{Complex32, Complex64};
use std::ops::Range;

/// Weights of the third difference, which a channel of second order over four pilots passes without trace.
const DIFFERENCE: [f32; 4] = [1.0, -3.0, 3.0, -1.0];

/// Energy of the weights.
const ENERGY: f32 = 20.0;

/// Correlation of neighbouring third differences: independent values are fewer by this, `1 + 2 (15^2 + 6^2 + 1^2) / 20^2`.
const OVERLAP: f64 = 2.31;

/// Samples of noise and interference at the pilots of one slot, of the variance that a data element has.
///
/// Where a group of pilots is empty (no more than two layers, two groups without data), its elements hold nothing else: the
/// samples are unbiased, `antennas pilot_symbols subcarriers / 2` independent ones. Elsewhere they are third differences over
/// neighbouring observations `z`,
///
/// ```text
/// v_i = (z_i - 3 z_(i+1) + 3 z_(i+2) - z_(i+3)) / sqrt(20 s),   s the noise of an observation over that of an element
/// ```
///
/// of which 1 in 2.31 is independent. A channel that bends leaves `sum_p power_p (2 sin(pi d spacing delay_p))^6 / (20 s)` in them,
/// with observations `d` subcarriers apart. For TDL-C of 300 ns at 30 kHz this is 39 dB below the channel where a layer has its pilots
/// alone, but only 20 dB where two share them: there a receiver that knows the noise does better to say so.
#[derive(Clone, Debug)]
pub struct PilotResiduals {
    receive: usize,
    /// Samples of one antenna, stream after stream; those of the next antenna follow.
    values: Vec<Complex32>,
    streams: Vec<Stream>,
    /// Samples of one antenna.
    count: usize,
    empty: bool,
}

/// Samples of one pilot symbol and layer at one antenna: at subcarriers `first + i spacing`.
#[derive(Clone, Copy, Debug)]
struct Stream {
    first: usize,
    spacing: usize,
    begin: usize,
    count: usize,
}

impl PilotResiduals {
    /// Prepares room for the samples of a layout.
    pub fn new(layout: &SlotLayout, receive: usize) -> Self {
        let empty = layout.config().groups_without_data == 2 && layout.layers() <= 2;
        let pilots = layout.pilot_symbols().len();
        let mut streams = Vec::new();
        let mut count = 0;
        let mut push = |first, spacing, of: usize| {
            streams.push(Stream { first, spacing, begin: count, count: of });
            count += of;
        };
        for _ in 0..pilots {
            if empty {
                push(1, 2, layout.subcarriers() / 2);
            } else {
                for comb in (0..layout.layers()).map(|layer| Comb::of(layout, layer)) {
                    let first = comb.position(0) + 3 * comb.spacing() / 2;
                    push(first, comb.spacing(), comb.count.saturating_sub(3));
                }
            }
        }
        Self { receive, values: vec![Complex32::default(); receive * count], streams, count, empty }
    }

    /// Takes the samples of the slot that the estimator saw last.
    ///
    /// # Panics
    /// When the estimator is of another layout or number of antennas.
    pub fn measure(&mut self, received: &[Complex32], estimator: &ChannelEstimator) {
        let (layout, receive) = (&estimator.layout, estimator.receive);
        assert_eq!(receive, self.receive, "an estimator of as many antennas");
        let layers = if self.empty { 1 } else { layout.layers() };
        assert_eq!(
            self.streams.len(),
            layout.pilot_symbols().len() * layers,
            "an estimator of the same layout"
        );
        let used = layout.subcarriers();
        for r in 0..receive {
            let values = &mut self.values[r * self.count..(r + 1) * self.count];
            for (at, stream) in self.streams.iter().enumerate() {
                let values = &mut values[stream.begin..stream.begin + stream.count];
                let (q, layer) = (at / layers, at % layers);
                if self.empty {
                    let symbol = layout.pilot_symbols()[q];
                    let row = &received[(r * layout.symbols() + symbol) * used..][..used];
                    values.iter_mut().zip(row.as_chunks::<2>().0).for_each(|(v, pair)| *v = pair[1]);
                    continue;
                }
                let share = Comb::of(layout, layer).noise_share(boost(layout).into()) as f32;
                let scale = 1.0 / (ENERGY * share).sqrt();
                let row = (layer * receive + r) * layout.pilot_symbols().len() + q;
                let (re, im) = estimator.observations.row(row);
                let difference =
                    |z: &[f32]| z.iter().zip(DIFFERENCE).map(|(z, w)| z * w).sum::<f32>() * scale;
                for (v, (re, im)) in values.iter_mut().zip(re.windows(4).zip(im.windows(4))) {
                    *v = Complex32::new(difference(re), difference(im));
                }
            }
        }
    }

    /// Returns the number of independent complex samples of all antennas, of which a mean of powers is made.
    pub fn degrees_of_freedom(&self) -> f64 {
        self.receive as f64 * self.independent(self.count)
    }

    fn independent(&self, samples: usize) -> f64 {
        if self.empty { samples as f64 } else { samples as f64 / OVERLAP }
    }

    /// Returns the variance of noise and interference per element and antenna; `None` without samples (fewer than four pilots).
    pub fn noise_variance(&self) -> Option<f64> {
        let mut energy = 0.0;
        for block in self.values.chunks(64) {
            energy += f64::from(block.iter().map(Complex32::norm_sqr).sum::<f32>());
        }
        (self.count > 0).then(|| energy / self.values.len() as f64)
    }

    /// Adds up the covariance between antennas `[receive, receive]` at the samples of a range of subcarriers, and returns how
    /// many
    /// independent samples it is the mean of.
    pub(in crate::link) fn covariance(&self, subcarriers: &Range<usize>, out: &mut [Complex64]) -> f64 {
        out.fill(Complex64::default());
        let mut samples = 0;
        for stream in &self.streams {
            let index = |k: usize| k.saturating_sub(stream.first).div_ceil(stream.spacing).min(stream.count);
            let (a, b) = (stream.begin + index(subcarriers.start), stream.begin + index(subcarriers.end));
            samples += b - a;
            for i in 0..self.receive {
                let x = &self.values[i * self.count + a..i * self.count + b];
                for j in 0..=i {
                    let y = &self.values[j * self.count + a..j * self.count + b];
                    let sum: Complex32 = x.iter().zip(y).map(|(x, y)| x * y.conj()).sum();
                    out[i * self.receive + j] += Complex64::new(f64::from(sum.re), f64::from(sum.im));
                }
            }
        }
        for i in 0..self.receive {
            for j in 0..=i {
                let mean = out[i * self.receive + j] / samples.max(1) as f64;
                out[i * self.receive + j] = mean;
                out[j * self.receive + i] = mean.conj();
            }
        }
        self.independent(samples)
    }
}
