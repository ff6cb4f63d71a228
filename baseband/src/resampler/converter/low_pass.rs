//! The low-pass of a rate conversion: a sinc under Kaiser's window, as long as its stop band asks for.

use crate::special::bessel_i0_scaled;
use std::f64::consts::{PI, TAU};

/// The low-pass as a function of time, in input samples.
#[derive(Clone, Copy, Debug)]
pub(super) struct LowPass {
    /// Twice the cutoff, in shares of the input rate.
    share: f64,
    /// Inputs within it, an even number.
    pub(super) length: usize,
    beta: f64,
}

impl LowPass {
    /// Chooses length and taper; returns the stop band that is reached, in decibels.
    pub(super) fn design(share: f64, occupied_share: f64, stop_band_db: f64) -> (Self, f64) {
        let transition = share * (1.0 - occupied_share);
        let mut length = 2 * ((-stop_band_db - 7.95).max(1.0) / (28.72 * transition)).ceil() as usize;
        loop {
            let filter = Self::new(share, length, transition);
            let reached_db = filter.stop_band_db(share * (1.0 - 0.5 * occupied_share));
            if reached_db <= stop_band_db {
                return (filter, reached_db);
            }
            length += (length / 32).max(1) * 2;
        }
    }

    /// Makes the low-pass of a length, with Kaiser's `beta` for the attenuation that a transition of that length allows.
    fn new(share: f64, length: usize, transition: f64) -> Self {
        let attenuation_db = 7.95 + 14.36 * length as f64 * transition;
        let above = (attenuation_db - 21.0).max(0.0);
        let beta = if attenuation_db > 50.0 {
            0.1102 * (attenuation_db - 8.7)
        } else {
            0.5842 * above.powf(0.4) + 0.07886 * above
        };
        Self { share, length, beta }
    }

    /// Returns its value at a time in input samples.
    pub(super) fn at(&self, time: f64) -> f64 {
        let part = 2.0 * time / self.length as f64;
        if part.abs() >= 1.0 {
            return 0.0;
        }
        let inner = self.beta * (1.0 - part * part).sqrt();
        let taper = bessel_i0_scaled(inner) / bessel_i0_scaled(self.beta) * (inner - self.beta).exp();
        let x = PI * self.share * time;
        self.share * if x.abs() < 1e-9 { 1.0 } else { x.sin() / x } * taper
    }

    /// Returns the largest response from a frequency on, to four times the band, in decibels.
    fn stop_band_db(&self, edge: f64) -> f64 {
        const FINE: usize = 16;
        let step = self.share.recip() / FINE as f64;
        let count = (0.5 * self.length as f64 / step) as usize;
        let taps: Vec<f64> = (0..=count).map(|i| step * self.at(i as f64 * step)).collect();
        let response = |f: f64| {
            let (sin, cos) = (TAU * f * step).sin_cos();
            let (mut re, mut im) = (1.0, 0.0);
            let mut sum = taps[0];
            for tap in &taps[1..] {
                (re, im) = (re * cos - im * sin, re * sin + im * cos);
                sum += 2.0 * tap * re;
            }
            sum.abs()
        };
        20.0 * self.stop_band(edge).map(response).fold(1e-9, f64::max).log10()
    }

    /// Returns frequencies from one on to four times the band, several a side lobe, close to each other where lobes are highest.
    fn stop_band(&self, edge: f64) -> impl Iterator<Item = f64> {
        let points = 16 * self.length.min(512);
        let last = 4.0 * self.share;
        (0..=points).map(move |i| edge + (last - edge) * (i as f64 / points as f64).powi(2))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stop_bands_are_looked_at_up_to_four_times_the_band_and_between_all_zeros() {
        for (share, length) in [(1.0, 40), (1.0, 400), (0.125, 3200), (1.0 / 256.0, 100_000)] {
            let (filter, edge) = (LowPass::new(share, length, 0.02 * share), 0.51 * share);
            let points: Vec<f64> = filter.stop_band(edge).collect();
            assert!(points[0] == edge && (points[points.len() - 1] / (4.0 * share) - 1.0).abs() < 1e-12);
            // Side lobes are as wide as the inverse of the length.
            let lobe = 1.0 / length as f64;
            assert!(points.windows(2).all(|w| w[1] - w[0] < 0.5 * lobe), "{share} {length}");
            assert!(points[1] - points[0] < 1e-3 * lobe);
        }
    }
}
