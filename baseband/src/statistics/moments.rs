//! The first two moments of a sample.

/// The size, mean and variance of a sample of trials.
///
/// ```text
/// mean = 1/n * sum of x,   variance = 1/(n - 1) * sum of (x - mean)^2
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moments {
    /// How many values.
    pub count: u64,
    /// Their mean; NaN for none.
    pub mean: f64,
    /// Their unbiased variance; NaN for fewer than two.
    pub variance: f64,
}

impl Moments {
    /// Returns the moments of the values given.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut running = RunningMoments::default();
        values.into_iter().for_each(|value| running.push(value));
        running.moments()
    }

    /// Returns the standard error of the mean, `sqrt(variance / count)`; NaN for fewer than two values.
    pub fn standard_error(&self) -> f64 {
        (self.variance / self.count as f64).sqrt()
    }
}

/// Moments as they build up, one value or one batch at a time.
///
/// ```text
/// push:   d = x - mean;       mean += d/n;             squares += d (x - new mean)
/// merge:  d = mean' - mean;   mean += d n'/(n + n');   squares += squares' + d^2 n n'/(n + n')
/// ```
///
/// Welford, Technometrics 4 (1962) 419-420; Chan, Golub & LeVeque, The American Statistician 37 (1983) 242-247.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct RunningMoments {
    count: u64,
    mean: f64,
    squares: f64,
}

impl RunningMoments {
    pub(super) fn push(&mut self, value: f64) {
        self.count += 1;
        let off = value - self.mean;
        self.mean += off / self.count as f64;
        self.squares += off * (value - self.mean);
    }

    pub(super) fn merge(&mut self, other: &Self) {
        if self.count == 0 {
            *self = *other;
        } else if other.count > 0 {
            let (here, there) = (self.count as f64, other.count as f64);
            let off = other.mean - self.mean;
            self.count += other.count;
            self.mean += off * (there / (here + there));
            self.squares += other.squares + off * off * (here * (there / (here + there)));
        }
    }

    pub(super) fn moments(&self) -> Moments {
        Moments {
            count: self.count,
            mean: if self.count > 0 { self.mean } else { f64::NAN },
            variance: if self.count > 1 { self.squares / (self.count - 1) as f64 } else { f64::NAN },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_of_known_values() {
        let moments = Moments::of([2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]);
        assert_eq!((moments.count, moments.mean), (8, 5.0));
        assert!((moments.variance - 32.0 / 7.0).abs() < 1e-15);
        assert!((moments.standard_error() - (4.0f64 / 7.0).sqrt()).abs() < 1e-15);
    }

    #[test]
    fn a_large_offset_costs_no_digits() {
        let moments = Moments::of((0..1000).map(|k| 1e9 + f64::from(k % 2)));
        assert!((moments.mean - 1e9 - 0.5).abs() < 1e-6);
        assert!((moments.variance - 250.0 / 999.0).abs() < 1e-6);
    }

    #[test]
    fn merged_parts_equal_the_whole() {
        let values: Vec<f64> = (0..1000).map(|k| (f64::from(k) * 0.7).sin() + 3.0).collect();
        let whole = Moments::of(values.iter().copied());
        let mut merged = RunningMoments::default();
        for chunk in values.chunks(77) {
            let mut part = RunningMoments::default();
            chunk.iter().for_each(|&value| part.push(value));
            merged.merge(&part);
        }
        let merged = merged.moments();
        assert_eq!(merged.count, 1000);
        assert!((merged.mean / whole.mean - 1.0).abs() < 1e-14);
        assert!((merged.variance / whole.variance - 1.0).abs() < 1e-13);
    }

    #[test]
    fn too_few_values_have_no_moments() {
        assert!(Moments::of([]).mean.is_nan());
        assert!(Moments::of([1.0]).variance.is_nan());
    }
}
