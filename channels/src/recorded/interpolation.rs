//! Gains between the instants at which they were recorded.

use crate::fractional_delay::{band_matrix_factor, sinc, solve_factored};

/// Share of half the recording's own sample rate up to which its content is interpolated as exactly as the bounds say.
///
/// ```text
/// |f| <= share / (2 step_s),   share = CONTENT_SHARE min(1, (T - 1)/11)^2 of T instants
/// ```
pub const CONTENT_SHARE: f64 = 0.4;

/// Bound of the error of interpolation inside a recording, in decibels of the gain.
pub const INNER_ERROR_DB: f64 = -90.0;

/// Bound in the first and the last spacing of a recording, and up to a tenth of a spacing outside, in decibels of the gain.
pub const EDGE_ERROR_DB: f64 = -74.0;

/// Most samples that an interpolated gain is made of.
pub(super) const MAX_LENGTH: usize = 12;

/// Smallest share: a single sample has no content that moves.
const LEAST_SHARE: f64 = 1e-3;

/// Weight of frequencies beyond the content in the design.
const RIDGE: f64 = 1e-12;

/// Interpolates a series of samples with least squared error over its content.
///
/// ```text
/// minimise over w:  integral over |f| < share/2 of |sum_n w_n exp(j 2 pi f n) - exp(j 2 pi f x)|^2 + 1e-12 |w|^2
/// ```
///
/// `x` is the place among the 12 nearest samples, in the middle between them but for the ends of a recording, where it is out of
/// the middle. Fewer samples than 12 are taken all. The normal equations are those of fractional delays (Laakso et al., 1996).
#[derive(Clone, Debug)]
pub(super) struct Interpolation {
    length: usize,
    share: f64,
    factor: Vec<f64>,
}

/// Weights of an interpolated gain.
pub(super) type Weights = [f64; MAX_LENGTH];

/// Returns the share of half the sample rate that the content of so many instants takes at most.
pub(super) fn content_share(times: usize) -> f64 {
    CONTENT_SHARE * ((times.min(MAX_LENGTH) - 1) as f64 / (MAX_LENGTH - 1) as f64).powi(2)
}

impl Interpolation {
    /// Prepares interpolation of so many samples.
    pub fn new(times: usize) -> Self {
        let length = times.min(MAX_LENGTH);
        let share = content_share(times).max(LEAST_SHARE);
        Self { length, share, factor: band_matrix_factor(length, share, RIDGE) }
    }

    /// Returns the samples that a gain is made of.
    pub fn length(&self) -> usize {
        self.length
    }

    /// Returns the first of the samples around a position among `times` of them, without an end where they go round.
    pub fn first(&self, position: f64, times: Option<usize>) -> i64 {
        let centred = position.floor() as i64 - (self.length as i64 - 1) / 2;
        times.map_or(centred, |times| centred.clamp(0, (times - self.length) as i64))
    }

    /// Returns the weights of a place among the samples.
    pub fn weights(&self, place: f64) -> Weights {
        let mut weights = [0.0; MAX_LENGTH];
        if place == place.round() && (0.0..self.length as f64).contains(&place) {
            weights[place as usize] = 1.0;
            return weights;
        }
        let of = |n: usize| self.share * sinc(self.share * (n as f64 - place));
        weights[..self.length].iter_mut().enumerate().for_each(|(n, w)| *w = of(n));
        solve_factored(self.length, &self.factor, &mut weights[..self.length]);
        weights
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use airloop_baseband::Complex64;

    /// The largest error over tones up to a share of half the sample rate, in decibels.
    fn error_db(interpolation: &Interpolation, place: f64, share: f64) -> f64 {
        let weights = interpolation.weights(place);
        let error = |i: i32| {
            let w = std::f64::consts::PI * share * f64::from(i) / 50.0;
            let sum: Complex64 =
                weights.iter().enumerate().map(|(n, a)| Complex64::cis(w * n as f64) * a).sum();
            (sum - Complex64::cis(w * place)).norm()
        };
        20.0 * (-50..=50).map(error).fold(1e-30, f64::max).log10()
    }

    #[test]
    fn the_bounds_hold_for_all_content_at_every_place() {
        let interpolation = Interpolation::new(40);
        assert_eq!((interpolation.length(), interpolation.first(20.5, Some(40))), (12, 15));
        assert_eq!((interpolation.first(0.2, Some(40)), interpolation.first(39.0, Some(40))), (0, 28));
        for tenth in -1..=111 {
            let place = f64::from(tenth) / 10.0 + 1e-3;
            let edge = !(1.0..=10.0).contains(&place);
            let bound_db = if edge { EDGE_ERROR_DB } else { INNER_ERROR_DB };
            let found_db = error_db(&interpolation, place, CONTENT_SHARE);
            assert!(found_db <= bound_db, "{place}: {found_db} of {bound_db}");
        }
        // Control: content up to nine tenths is not interpolated.
        assert!(error_db(&interpolation, 5.5, 0.9) > -25.0);
    }

    #[test]
    fn samples_are_returned_as_they_are_and_few_samples_are_all_used() {
        let interpolation = Interpolation::new(3);
        assert_eq!(interpolation.weights(2.0)[..3], [0.0, 0.0, 1.0]);
        assert_eq!((interpolation.length(), interpolation.first(1.9, Some(3))), (3, 0));
        for times in 2..MAX_LENGTH {
            for tenth in -1..=(10 * times - 9) as i32 {
                let place = f64::from(tenth) / 10.0 + 1e-3;
                let found_db = error_db(&Interpolation::new(times), place, content_share(times));
                assert!(found_db <= EDGE_ERROR_DB - 10.0, "{times} {place}: {found_db}");
            }
        }
        // Control: their content is less than that of many.
        assert!(error_db(&interpolation, 0.5, CONTENT_SHARE) > -40.0);
    }
}
