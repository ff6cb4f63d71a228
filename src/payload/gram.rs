//! Inner products of the devices' values: what the error of an imperfect sum depends on.

/// Inner products per value, `G_ij = sum_n u_i[n] u_j[n] / N`, in full or as the two sums that most formulas need.
#[derive(Clone, Debug, PartialEq)]
pub struct Gram {
    power: Vec<f64>,
    total: f64,
    full: Option<Vec<f64>>,
}

impl Gram {
    /// Makes a Gram matrix from each device's mean square, the mean square of the sum, and the K x K products if known.
    pub fn new(power: Vec<f64>, total: f64, full: Option<Vec<f64>>) -> Self {
        Self { power, total, full }
    }

    /// Makes the matrix of unit-power devices with pairwise correlation `correlation`.
    pub fn uniform(devices: usize, correlation: f64) -> Self {
        let k = devices as f64;
        Self { power: vec![1.0; devices], total: k + correlation * k * (k - 1.0), full: None }
    }

    /// Returns all products times `factor`.
    #[must_use]
    pub fn scaled(self, factor: f64) -> Self {
        let times = |v: Vec<f64>| v.into_iter().map(|x| x * factor).collect::<Vec<_>>();
        Self { power: times(self.power), total: self.total * factor, full: self.full.map(times) }
    }

    /// Returns the number of devices.
    pub fn devices(&self) -> usize {
        self.power.len()
    }

    /// Returns the mean square of one device's values.
    pub fn power(&self, device: usize) -> f64 {
        self.power[device]
    }

    /// Returns the trace: the sum of the devices' mean squares.
    pub fn trace(&self) -> f64 {
        self.power.iter().sum()
    }

    /// Returns the sum of all entries: the mean square of the sum.
    pub fn total(&self) -> f64 {
        self.total
    }

    /// Returns the mean correlation of two different devices.
    ///
    /// ```text
    /// r = (sum_ij G_ij - tr G) / ((K - 1) tr G)
    /// ```
    pub fn mean_correlation(&self) -> Option<f64> {
        let (k, trace) = (self.devices() as f64, self.trace());
        (k > 1.0 && trace > 0.0).then(|| (self.total - trace) / ((k - 1.0) * trace))
    }

    /// Returns `e^T G e`; where only the sums are known, off-diagonal products are taken as `r sqrt(G_ii G_jj)` with one
    /// common `r`.
    pub fn quadratic(&self, e: &[f64]) -> f64 {
        let k = self.devices();
        if let Some(full) = &self.full {
            let rows = full.chunks_exact(k).zip(e);
            return rows.map(|(row, ei)| ei * dot(row, e)).sum();
        }
        let square: f64 = self.power.iter().zip(e).map(|(g, e)| g * e * e).sum();
        let linear: f64 = self.power.iter().zip(e).map(|(g, e)| g.sqrt() * e).sum();
        let roots: f64 = self.power.iter().map(|g| g.sqrt()).sum();
        let off = roots * roots - self.trace();
        let common = if off > 0.0 { (self.total - self.trace()) / off } else { 0.0 };
        (1.0 - common) * square + common * linear * linear
    }
}

/// Inner product in eight lanes, summed in a fixed order.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    let mut lanes = [0.0f64; 8];
    for (a, b) in a.iter().zip(b) {
        for l in 0..8 {
            lanes[l] += a[l] * b[l];
        }
    }
    let rest: f64 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    lanes.iter().sum::<f64>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quadratic_forms_of_uniform_correlation_follow_the_formula() {
        // aircomp: MSE = (1 - r) sum e^2 + r (sum e)^2
        let e = [0.1, -0.4, 0.7];
        let value = Gram::uniform(3, 0.3).quadratic(&e);
        let expected = 0.7 * (0.01 + 0.16 + 0.49) + 0.3 * 0.4f64.powi(2);
        assert!((value - expected).abs() < 1e-14);
        let full = Gram::new(vec![1.0; 3], 4.8, Some(vec![1.0, 0.3, 0.3, 0.3, 1.0, 0.3, 0.3, 0.3, 1.0]));
        assert!((full.quadratic(&e) - expected).abs() < 1e-14);
        assert!((full.mean_correlation().unwrap() - 0.3).abs() < 1e-14);
    }
}
