//! Least squares: what each pilot says, averaged over pilot symbols, linear between pilot subcarriers.

use airloop_baseband::Complex32;

/// The interpolation of one used subcarrier: two pilots and the weight of the second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Between {
    /// Index of the pilot before, among the pilots.
    pub before: usize,
    /// Index of the pilot after; the same at the edge, where the value is held.
    pub after: usize,
    /// Weight of the pilot after.
    pub weight: f64,
}

/// Linear interpolation between pilots, for every used subcarrier.
///
/// ```text
/// h_hat[f] = (1 - w) y[p] + w y[p+1],   w = (f - f_p) / (f_{p+1} - f_p);   held beyond the last pilot
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct LeastSquares {
    places: Vec<Between>,
    spacing: usize,
}

impl LeastSquares {
    /// Makes the weights for used subcarriers at these frequencies, with a pilot on every `spacing`-th.
    pub fn new(frequencies_hz: &[f64], spacing: usize) -> Self {
        let last = (frequencies_hz.len() - 1) / spacing;
        let place = |index: usize| {
            let before = index / spacing;
            if before == last {
                return Between { before, after: before, weight: 0.0 };
            }
            let (low, high) = (frequencies_hz[before * spacing], frequencies_hz[(before + 1) * spacing]);
            Between { before, after: before + 1, weight: (frequencies_hz[index] - low) / (high - low) }
        };
        Self { places: (0..frequencies_hz.len()).map(place).collect(), spacing }
    }

    /// Returns the interpolation of each used subcarrier.
    pub fn places(&self) -> &[Between] {
        &self.places
    }

    /// Writes the estimate from pilot observations `[pilot symbol, used subcarrier]`.
    pub fn estimate(&self, observed: &[Complex32], out: &mut Vec<Complex32>) {
        let used = self.places.len();
        let symbols = observed.len() / used;
        let scale = 1.0 / symbols as f32;
        out.clear();
        out.resize(used, Complex32::default());
        if self.spacing == 1 {
            for row in observed.chunks_exact(used) {
                out.iter_mut().zip(row).for_each(|(out, y)| *out += y * scale);
            }
            return;
        }
        let average = |pilot: usize| -> Complex32 {
            let column = observed[pilot * self.spacing..].iter().step_by(used);
            column.sum::<Complex32>() * scale
        };
        let pilots: Vec<Complex32> = (0..used.div_ceil(self.spacing)).map(average).collect();
        for (out, place) in out.iter_mut().zip(&self.places) {
            let (before, after) = (pilots[place.before], pilots[place.after]);
            *out = before + (after - before) * place.weight as f32;
        }
    }
}
