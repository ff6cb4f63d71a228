//! The network: 64 pixels, 128 rectified units, 10 digits; softmax and cross-entropy.

use crate::data::{PIXELS, Samples};
use airloop::baseband::{Purpose, Seeds};

const HIDDEN: usize = 128;
const CLASSES: usize = 10;
/// Where the parts end in the row of parameters: W1 (64 x 128), b1, W2 (128 x 10), b2.
const ENDS: [usize; 4] =
    [PIXELS * HIDDEN, (PIXELS + 1) * HIDDEN, (PIXELS + 1 + CLASSES) * HIDDEN, PARAMETERS];
/// Parameters of the network.
pub const PARAMETERS: usize = (PIXELS + 1 + CLASSES) * HIDDEN + CLASSES;

/// A network, all parameters in one row.
pub struct Network {
    /// W1, b1, W2, b2.
    pub parameters: Vec<f32>,
}

/// Returns W1, b1, W2 and b2 out of a row of parameters.
fn parts(row: &[f32]) -> [&[f32]; 4] {
    [&row[..ENDS[0]], &row[ENDS[0]..ENDS[1]], &row[ENDS[1]..ENDS[2]], &row[ENDS[2]..]]
}

impl Network {
    /// Draws weights of variance 2 over the number of inputs; biases are 0.
    pub fn new(seeds: &Seeds) -> Self {
        let mut parameters = vec![0.0; PARAMETERS];
        seeds.stream(Purpose::Payload, 0, 0).fill_gaussian(0, &mut parameters);
        let scales = [(2.0 / PIXELS as f32).sqrt(), 0.0, (2.0 / HIDDEN as f32).sqrt(), 0.0];
        let mut start = 0;
        for (end, scale) in ENDS.into_iter().zip(scales) {
            parameters[start..end].iter_mut().for_each(|p| *p *= scale);
            start = end;
        }
        Self { parameters }
    }

    /// Writes the gradient of the mean cross-entropy over the samples.
    pub fn gradient(&self, samples: &Samples, out: &mut [f32]) {
        out.fill(0.0);
        let share = 1.0 / samples.labels.len() as f32;
        let [_, _, w2, _] = parts(&self.parameters);
        let (first, second) = out.split_at_mut(ENDS[1]);
        let ((g1, gb1), (g2, gb2)) = (first.split_at_mut(ENDS[0]), second.split_at_mut(HIDDEN * CLASSES));
        for (pixels, label) in samples.iter() {
            let (hidden, mut slope) = self.forward(pixels);
            let largest = slope.iter().copied().fold(f32::MIN, f32::max);
            slope.iter_mut().for_each(|s| *s = (*s - largest).exp());
            let total: f32 = slope.iter().sum();
            slope.iter_mut().for_each(|s| *s *= share / total);
            slope[label] -= share;
            let mut back = [0.0f32; HIDDEN];
            let rows = g2.chunks_exact_mut(CLASSES).zip(w2.chunks_exact(CLASSES));
            for ((h, b), (g, w)) in hidden.iter().zip(&mut back).zip(rows) {
                if *h > 0.0 {
                    add_scaled(g, *h, &slope);
                    *b = w.iter().zip(&slope).map(|(w, s)| w * s).sum();
                }
            }
            for (g, pixel) in g1.chunks_exact_mut(HIDDEN).zip(pixels) {
                add_scaled(g, *pixel, &back);
            }
            add_scaled(gb1, 1.0, &back);
            add_scaled(gb2, 1.0, &slope);
        }
    }

    /// Takes a step against a direction.
    pub fn descend(&mut self, step: f64, direction: &[f64]) {
        self.parameters.iter_mut().zip(direction).for_each(|(p, d)| *p -= (step * d) as f32);
    }

    /// Returns the share of samples that are recognised.
    pub fn accuracy(&self, samples: &Samples) -> f64 {
        let right = |(pixels, label): &(&[f32], usize)| {
            let scores = self.forward(pixels).1;
            (0..CLASSES).all(|c| c == *label || scores[c] < scores[*label])
        };
        samples.iter().filter(right).count() as f64 / samples.labels.len() as f64
    }

    /// Returns the rectified units and the scores of the digits.
    fn forward(&self, pixels: &[f32]) -> ([f32; HIDDEN], [f32; CLASSES]) {
        let [w1, b1, w2, b2] = parts(&self.parameters);
        let (mut hidden, mut scores) = ([0.0; HIDDEN], [0.0; CLASSES]);
        hidden.copy_from_slice(b1);
        scores.copy_from_slice(b2);
        w1.chunks_exact(HIDDEN).zip(pixels).for_each(|(w, pixel)| add_scaled(&mut hidden, *pixel, w));
        hidden.iter_mut().for_each(|h| *h = h.max(0.0));
        w2.chunks_exact(CLASSES).zip(&hidden).for_each(|(w, h)| add_scaled(&mut scores, *h, w));
        (hidden, scores)
    }
}

fn add_scaled(sum: &mut [f32], factor: f32, row: &[f32]) {
    if factor != 0.0 {
        sum.iter_mut().zip(row).for_each(|(s, r)| *s += factor * r);
    }
}
