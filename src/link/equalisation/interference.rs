//! Noise that antennas share: its covariance, and the whitening that makes it noise of unit variance again.

use crate::link::channel_estimation::PilotResiduals;
use crate::link::channel_estimation::planes::add_scaled;
use airloop_baseband::linear::factor;
use airloop_baseband::{Complex32, Complex64};
use std::ops::Range;

/// The covariance of noise and interference between antennas, one matrix a group of subcarriers.
///
/// From residuals it is the mean over the group's samples, mixed with its own trace so that few samples still give a matrix
/// with an
/// inverse:
///
/// ```text
/// R = (1 - a) R_mean + a trace(R_mean) / antennas I,   a = antennas / (antennas + independent samples)
/// ```
#[derive(Clone, Debug)]
pub struct InterferenceCovariance {
    receive: usize,
    group_subcarriers: usize,
    subcarriers: usize,
    /// `[group, antenna, antenna]`.
    matrices: Vec<Complex64>,
}

impl InterferenceCovariance {
    /// Makes room for the matrices of groups of so many subcarriers (12 a resource block), all zero.
    pub fn new(receive: usize, subcarriers: usize, group_subcarriers: usize) -> Self {
        let group_subcarriers = group_subcarriers.clamp(1, subcarriers.max(1));
        let groups = subcarriers.div_ceil(group_subcarriers);
        let matrices = vec![Complex64::default(); groups * receive * receive];
        Self { receive, group_subcarriers, subcarriers, matrices }
    }

    /// Takes the covariance of a slot from its residuals.
    pub fn measure(&mut self, residuals: &PilotResiduals) {
        let antennas = self.receive;
        for group in 0..self.groups() {
            let range = self.range(group);
            let matrix = &mut self.matrices[group * antennas * antennas..(group + 1) * antennas * antennas];
            let samples = residuals.covariance(&range, matrix);
            let loading = antennas as f64 / (antennas as f64 + samples);
            let mean: f64 = (0..antennas).map(|r| matrix[r * antennas + r].re).sum::<f64>() / antennas as f64;
            matrix.iter_mut().for_each(|entry| *entry *= 1.0 - loading);
            (0..antennas).for_each(|r| matrix[r * antennas + r] += loading * mean);
        }
    }

    /// Returns the number of groups.
    pub fn groups(&self) -> usize {
        self.subcarriers.div_ceil(self.group_subcarriers)
    }

    /// Returns the subcarriers of a group.
    pub fn range(&self, group: usize) -> Range<usize> {
        group * self.group_subcarriers..((group + 1) * self.group_subcarriers).min(self.subcarriers)
    }

    /// Returns the number of antennas.
    pub fn receive(&self) -> usize {
        self.receive
    }

    /// Returns the matrix of a group, row by row.
    pub fn matrix(&self, group: usize) -> &[Complex64] {
        let size = self.receive * self.receive;
        &self.matrices[group * size..(group + 1) * size]
    }

    /// Returns the matrix of a group, row by row, to be written by a receiver that knows it.
    pub fn matrix_mut(&mut self, group: usize) -> &mut [Complex64] {
        let size = self.receive * self.receive;
        &mut self.matrices[group * size..(group + 1) * size]
    }
}

/// Filters over antennas that make noise white, of variance 1.
#[derive(Clone, Debug, Default)]
pub(super) struct Whitening {
    /// `[group, antenna, antenna]`, lower triangular: the inverse of the covariance's Cholesky factor.
    filters: Vec<Complex32>,
    lower: Vec<Complex64>,
}

impl Whitening {
    /// Prepares filters for a covariance; `added` is the variance that errors of estimation add to each antenna, by group.
    ///
    /// A matrix without inverse is replaced by its trace.
    pub fn prepare(&mut self, covariance: &InterferenceCovariance, added: impl Fn(Range<usize>) -> f64) {
        let n = covariance.receive;
        self.filters.clear();
        for group in 0..covariance.groups() {
            self.lower.clear();
            self.lower.extend_from_slice(covariance.matrix(group));
            let mean: f64 = (0..n).map(|r| self.lower[r * n + r].re).sum::<f64>() / n as f64;
            let added = added(covariance.range(group));
            (0..n).for_each(|r| self.lower[r * n + r] += added + 1e-12);
            if !factor(n, &mut self.lower) {
                let diagonal = (mean.abs() + added).sqrt().max(1e-6);
                let diagonal = if diagonal.is_finite() { diagonal } else { 1e6 };
                self.lower.fill(Complex64::default());
                (0..n).for_each(|r| self.lower[r * n + r] = diagonal.into());
            }
            invert(n, &mut self.lower);
            let single = |c: &Complex64| Complex32::new(c.re as f32, c.im as f32);
            self.filters.extend(self.lower.iter().map(single));
        }
    }

    /// Writes one whitened row: `out = sum_(s <= r) filter_rs rows_s`, the rows of antennas `distance` apart.
    pub fn apply(
        &self,
        covariance: &InterferenceCovariance,
        antenna: usize,
        (rows, distance): ((&[f32], &[f32]), usize),
        (re, im): (&mut [f32], &mut [f32]),
    ) {
        let n = covariance.receive;
        re.fill(0.0);
        im.fill(0.0);
        for group in 0..covariance.groups() {
            let range = covariance.range(group);
            for other in 0..=antenna {
                let filter = self.filters[(group * n + antenna) * n + other];
                let from = other * distance + range.start..other * distance + range.end;
                let row = (&rows.0[from.clone()], &rows.1[from]);
                add_scaled(filter, row, (&mut re[range.clone()], &mut im[range.clone()]));
            }
        }
    }
}

/// Replaces a lower triangular matrix by its inverse, with zeros above the diagonal.
fn invert(n: usize, lower: &mut [Complex64]) {
    for j in 0..n {
        lower[j * n + j] = lower[j * n + j].inv();
        for i in j + 1..n {
            // Column j of the inverse stands in rows j to i - 1 already; row i is the factor's up to its diagonal.
            let sum: Complex64 = (j..i).map(|k| lower[i * n + k] * lower[k * n + j]).sum();
            lower[i * n + j] = -sum / lower[i * n + i];
        }
        lower[j * n + j + 1..(j + 1) * n].fill(Complex64::default());
    }
}
