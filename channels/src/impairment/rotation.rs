//! A phasor that turns with the absolute sample index.

use super::{SampleClock, Warp};
use crate::rotor::unit_phasor;
use airloop_baseband::Complex32;
use multiversion::multiversion;

/// Samples that share a phasor computed in double precision, at absolute multiples of their number.
const BLOCK: usize = 64;

/// Turns samples by `phase_turns + turns_per_sample (n - origin)`.
#[derive(Clone, Debug)]
pub(super) struct Rotation {
    phase_turns: f64,
    turns_per_sample: f64,
    origin: i64,
    /// `exp(j 2 pi turns_per_sample i)` within a block.
    steps: [Complex32; BLOCK],
}

impl Rotation {
    pub(super) fn new(warp: Warp, clock: SampleClock) -> Self {
        let step = |i| phasor(warp.turns_per_sample * i as f64);
        Self {
            phase_turns: warp.phase_turns,
            turns_per_sample: warp.turns_per_sample,
            origin: clock.origin as i64,
            steps: std::array::from_fn(step),
        }
    }

    pub(super) fn is_identity(&self) -> bool {
        self.phase_turns == 0.0 && self.turns_per_sample == 0.0
    }

    /// Turns samples whose first has the absolute index `first`.
    pub(super) fn apply(&self, first: i64, samples: &mut [Complex32]) {
        if !self.is_identity() {
            turn(self, first, samples);
        }
    }
}

fn phasor(turns: f64) -> Complex32 {
    let (re, im) = unit_phasor(turns);
    Complex32::new(re as f32, im as f32)
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw", "x86_64+avx2", "aarch64+neon"))]
fn turn(rotation: &Rotation, first: i64, mut samples: &mut [Complex32]) {
    let mut n = first;
    while !samples.is_empty() {
        let skipped = n.rem_euclid(BLOCK as i64);
        let begin = n - skipped - rotation.origin;
        let start = phasor(rotation.phase_turns + rotation.turns_per_sample * begin as f64);
        let steps = &rotation.steps[skipped as usize..];
        let (block, rest) = samples.split_at_mut(steps.len().min(samples.len()));
        for (x, step) in block.iter_mut().zip(steps) {
            let re = start.re * step.re - start.im * step.im;
            let im = start.re * step.im + start.im * step.re;
            *x = Complex32::new(x.re * re - x.im * im, x.re * im + x.im * re);
        }
        n += block.len() as i64;
        samples = rest;
    }
}
