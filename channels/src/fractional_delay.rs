//! Delays that are no whole number of samples, for signals that leave a part of the band empty.

use std::sync::Arc;

/// Designs short filters that delay a signal by a fraction of a sample, with least squared error over the occupied band.
///
/// ```text
/// minimise over h:  integral over |f| < share/2 of |sum_n h_n exp(-j 2 pi f n) - exp(-j 2 pi f mu)|^2
///                   + 1e-9 |h|^2
/// ```
///
/// The normal equations are the sinc matrix of the band. The length is the shortest even one whose worst error at half a
/// sample reaches the accuracy asked for, 128 taps at most; a band without empty edges cannot be delayed exactly, and
/// [`FractionalDelay::worst_error_db`] then says what is reached. Source of the method: Laakso et al., "Splitting the
/// unit delay", IEEE Signal Processing Magazine 13(1), 1996, section on least squares design.
#[derive(Clone, Debug)]
pub struct FractionalDelay {
    occupied_share: f64,
    length: usize,
    /// Cholesky factor of the normal equations.
    factor: Arc<[f64]>,
    worst_error_db: f64,
}

/// Weight of the whole band in the design: keeps the equations well conditioned.
const RIDGE: f64 = 1e-9;

/// Longest filter tried.
const MAX_LENGTH: usize = 128;

/// A delay closer than this to a whole sample is taken as whole.
const WHOLE: f64 = 1e-9;

impl FractionalDelay {
    /// Chooses the length for a signal in `|f| <= occupied_share / 2` of the sample rate.
    pub fn new(occupied_share: f64, accuracy_db: f64) -> Self {
        let occupied_share = occupied_share.clamp(0.01, 1.0);
        let mut design = Self { occupied_share, length: 0, factor: Arc::new([]), worst_error_db: 0.0 };
        while design.length < MAX_LENGTH {
            design.length += 2;
            design.factor = band_matrix_factor(design.length, occupied_share, RIDGE).into();
            design.worst_error_db = design.error_db(0.5);
            if design.worst_error_db <= accuracy_db {
                break;
            }
        }
        design
    }

    /// Returns the number of taps of a fractional filter.
    pub fn length(&self) -> usize {
        self.length
    }

    /// Returns the largest error over the occupied band at half a sample, in decibels of the signal.
    pub fn worst_error_db(&self) -> f64 {
        self.worst_error_db
    }

    /// Returns the index of the first tap and the taps that delay by `delay_samples`; a whole delay is a single one.
    pub fn kernel(&self, delay_samples: f64) -> (i64, Vec<f64>) {
        let whole = delay_samples.round();
        if (delay_samples - whole).abs() < WHOLE {
            return (whole as i64, vec![1.0]);
        }
        let floor = delay_samples.floor();
        let before = self.length as i64 / 2 - 1;
        (floor as i64 - before, self.design(before as f64 + delay_samples - floor))
    }

    fn design(&self, delay: f64) -> Vec<f64> {
        let (n, b) = (self.length, self.occupied_share);
        let mut taps: Vec<f64> = (0..n).map(|i| b * sinc(b * (i as f64 - delay))).collect();
        solve_factored(n, &self.factor, &mut taps);
        taps
    }

    fn error_db(&self, fraction: f64) -> f64 {
        let before = self.length / 2 - 1;
        let delay = before as f64 + fraction;
        let taps = self.design(delay);
        let worst = (0..=64).map(|i| {
            let w = std::f64::consts::PI * self.occupied_share * f64::from(i) / 64.0;
            let (mut re, mut im) = (-(w * delay).cos(), (w * delay).sin());
            for (n, h) in taps.iter().enumerate() {
                re += h * (w * n as f64).cos();
                im -= h * (w * n as f64).sin();
            }
            re * re + im * im
        });
        10.0 * worst.fold(1e-30, f64::max).log10()
    }
}

pub(crate) fn sinc(x: f64) -> f64 {
    let y = std::f64::consts::PI * x;
    if y.abs() < 1e-12 { 1.0 } else { y.sin() / y }
}

/// Returns the lower Cholesky factor, `[row, column]`, of the sinc matrix of a band with a ridge on its diagonal.
pub(crate) fn band_matrix_factor(n: usize, share: f64, ridge: f64) -> Vec<f64> {
    let entry =
        |i: usize, j: usize| share * sinc(share * (i as f64 - j as f64)) + if i == j { ridge } else { 0.0 };
    let mut l = vec![0.0; n * n];
    for i in 0..n {
        for j in 0..=i {
            let dot: f64 = (0..j).map(|k| l[i * n + k] * l[j * n + k]).sum();
            let rest = entry(i, j) - dot;
            l[i * n + j] = if i == j { rest.max(RIDGE * 1e-3).sqrt() } else { rest / l[j * n + j] };
        }
    }
    l
}

/// Solves a system of a factored matrix in place.
pub(crate) fn solve_factored(n: usize, l: &[f64], x: &mut [f64]) {
    for i in 0..n {
        let dot: f64 = (0..i).map(|k| l[i * n + k] * x[k]).sum();
        x[i] = (x[i] - dot) / l[i * n + i];
    }
    for i in (0..n).rev() {
        let dot: f64 = (i + 1..n).map(|k| l[k * n + i] * x[k]).sum();
        x[i] = (x[i] - dot) / l[i * n + i];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reaches_the_accuracy_for_the_bands_of_nr_and_says_so_where_it_cannot() {
        for share in [300.0 / 512.0, 612.0 / 1024.0, 3276.0 / 4096.0] {
            let design = FractionalDelay::new(share, -80.0);
            assert!(design.worst_error_db() <= -80.0 && design.length() <= 40, "{share} {design:?}");
        }
        assert!(FractionalDelay::new(1.0, -80.0).worst_error_db() > -40.0);
    }

    #[test]
    fn every_fraction_is_as_good_as_the_worst() {
        let design = FractionalDelay::new(0.6, -80.0);
        for i in 1..20 {
            let delay = f64::from(i) / 20.0;
            assert!(design.error_db(delay) <= design.worst_error_db() + 1.0, "{delay}");
        }
    }

    #[test]
    fn whole_delays_are_exact() {
        let design = FractionalDelay::new(0.6, -80.0);
        assert_eq!(design.kernel(7.0), (7, vec![1.0]));
        let (first, taps) = design.kernel(7.5);
        assert_eq!(first + taps.len() as i64 / 2 - 1, 7);
    }
}
