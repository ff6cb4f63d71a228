//! The resampler's kernel: a sinc under Kaiser's window, in a table of phases.

use super::UPDATE_DRIFT;
use crate::special::bessel_i0_scaled;
use std::f64::consts::PI;

/// Longest kernel tried.
pub(super) const MAX_LENGTH: usize = 128;

/// Phases a sample; the kernel is linear between them.
const PHASES: usize = 512;

/// Phases before 0 and after 1, for positions that drift across a whole sample within an update interval.
const MARGIN: usize = 4;

/// Coefficients by phase: `table[phase][j]` belongs to the input `j - (length/2 - 1)` samples after the whole position.
#[derive(Clone, Debug)]
pub(super) struct Kernel {
    length: usize,
    worst_error_db: f64,
    table: Vec<f32>,
}

/// A kernel as a function.
#[derive(Clone, Copy)]
struct Window {
    length: usize,
    beta: f64,
}

impl Kernel {
    /// Chooses the length and fills the table.
    pub(super) fn new(occupied_share: f64, accuracy_db: f64) -> Self {
        let mut window = Window::new(2, occupied_share);
        let mut worst_error_db = window.error_db(occupied_share);
        while worst_error_db > accuracy_db && window.length < MAX_LENGTH {
            window = Window::new(window.length + 2, occupied_share);
            worst_error_db = window.error_db(occupied_share);
        }
        let length = window.length;
        let mut table = Vec::with_capacity((PHASES + 2 * MARGIN + 1) * length);
        for phase in 0..=PHASES + 2 * MARGIN {
            let fraction = (phase as f64 - MARGIN as f64) / PHASES as f64;
            table.extend((0..length).map(|j| window.coefficient(fraction, j) as f32));
        }
        Self { length, worst_error_db, table }
    }

    /// Returns the number of coefficients of an output.
    pub(super) fn length(&self) -> usize {
        self.length
    }

    /// Returns the bound of the error over the occupied band, in decibels of the signal.
    pub(super) fn worst_error_db(&self) -> f64 {
        self.worst_error_db
    }

    /// Writes the coefficients of a position `fraction` after a whole one, which may miss 0 to 1 by the drift of an update.
    #[inline(always)]
    pub(super) fn coefficients(&self, fraction: f64, out: &mut [f32; MAX_LENGTH]) {
        let phase = fraction * PHASES as f64 + MARGIN as f64;
        let row = (phase as usize).min(PHASES + 2 * MARGIN - 1);
        let part = (phase - row as f64) as f32;
        let (low, high) = self.table[row * self.length..(row + 2) * self.length].split_at(self.length);
        for ((out, low), high) in out.iter_mut().zip(low).zip(high) {
            *out = low + part * (high - low);
        }
    }
}

impl Window {
    /// Chooses Kaiser's `beta` for a length and the gap between the occupied band and its first image.
    ///
    /// ```text
    /// A = 7.95 + 14.36 L (1 - share),   beta = 0.1102 (A - 8.7) above 50 dB,
    ///                                   beta = 0.5842 (A - 21)^0.4 + 0.07886 (A - 21) from 21 to 50 dB
    /// ```
    fn new(length: usize, occupied_share: f64) -> Self {
        let attenuation_db = 7.95 + 14.36 * length as f64 * (1.0 - occupied_share);
        let above = (attenuation_db - 21.0).max(0.0);
        let beta = if attenuation_db > 50.0 {
            0.1102 * (attenuation_db - 8.7)
        } else {
            0.5842 * above.powf(0.4) + 0.07886 * above
        };
        Self { length, beta }
    }

    /// Returns the kernel at a distance in samples; exactly 1 at 0, and 0 at other whole numbers.
    fn value(&self, distance: f64) -> f64 {
        let share = 2.0 * distance / self.length as f64;
        if distance == 0.0 {
            return 1.0;
        }
        if distance == distance.trunc() || share.abs() >= 1.0 {
            return 0.0;
        }
        let inner = self.beta * (1.0 - share * share).sqrt();
        let taper = bessel_i0_scaled(inner) / bessel_i0_scaled(self.beta) * (inner - self.beta).exp();
        (PI * distance).sin() / (PI * distance) * taper
    }

    /// Returns coefficient `j` of a position `fraction` after a whole one.
    fn coefficient(&self, fraction: f64, j: usize) -> f64 {
        self.value(fraction + self.length as f64 / 2.0 - 1.0 - j as f64)
    }

    /// Returns the bound of the error: the kernel's at half a sample, and linear interpolation over phases and updates,
    /// `(2 pi f step)^2 / 8` each.
    fn error_db(&self, occupied_share: f64) -> f64 {
        let kernel = (0..=64).map(|i| self.error(PI * occupied_share * f64::from(i) / 64.0, 0.5));
        let steps = UPDATE_DRIFT * UPDATE_DRIFT + 1.0 / (PHASES * PHASES) as f64;
        let linear = (PI * occupied_share).powi(2) * steps / 8.0;
        20.0 * (kernel.fold(0.0, f64::max) + linear).log10()
    }

    /// Returns the error at an angular frequency a sample and a fraction, relative to the signal.
    fn error(&self, frequency: f64, fraction: f64) -> f64 {
        let (mut re, mut im) = (-1.0, 0.0);
        for j in 0..self.length {
            let angle = frequency * (j as f64 + 1.0 - self.length as f64 / 2.0 - fraction);
            let coefficient = self.coefficient(fraction, j);
            re += coefficient * angle.cos();
            im += coefficient * angle.sin();
        }
        re.hypot(im)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fraction_is_as_good_as_half_a_sample() {
        for share in [0.3, 0.6, 0.8] {
            let window = Window::new(Kernel::new(share, -80.0).length, share);
            let bound_db = window.error_db(share);
            for fraction in (1..20).map(|i| f64::from(i) / 20.0) {
                let worst = (0..=50).map(|i| window.error(PI * share * f64::from(i) / 50.0, fraction));
                let worst_db = 20.0 * worst.fold(0.0, f64::max).log10();
                assert!(worst_db <= bound_db, "{share} {fraction}: {worst_db} of {bound_db}");
            }
            // Control: outside the band the kernel is far from exact.
            assert!(window.error(PI * 0.95, 0.5) > 0.1, "{share}");
        }
    }
}
