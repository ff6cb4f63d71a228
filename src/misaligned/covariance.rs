//! Second moments of the devices' symbols: what an LMMSE receiver knows beforehand, and what misalignment costs.

use crate::payload::Gram;
use airloop_baseband::Complex64;

/// Covariance of the devices' symbols at one instant, `R_ij = E s_i s_j*`; real, and none between instants.
///
/// Symbols of two reals, `s = (u1 + j u2)/sqrt 2`, have the covariance of the reals.
#[derive(Clone, Debug, PartialEq)]
pub struct DeviceCovariance {
    power: Vec<f64>,
    off: OffDiagonal,
}

/// Products of different devices.
#[derive(Clone, Debug, PartialEq)]
enum OffDiagonal {
    None,
    /// `R_ij = r sqrt(R_ii R_jj)` for all pairs.
    Common(f64),
    /// All entries, row by row.
    Full(Vec<f64>),
}

/// Most devices for which a Gram matrix holds all products.
const FULL_DEVICES: usize = 128;

/// Share of the largest power below which what is left of a device counts as a sum of earlier ones.
const DEPENDENT: f64 = 1e-12;

impl DeviceCovariance {
    /// Makes the covariance of independent symbols of unit power.
    pub fn independent(devices: usize) -> Self {
        Self { power: vec![1.0; devices], off: OffDiagonal::None }
    }

    /// Makes the covariance of a payload: its inner products per value.
    ///
    /// Beyond 128 devices, and for drawn payloads, all pairs have one correlation.
    pub fn of_gram(gram: &Gram) -> Self {
        let devices = gram.devices();
        let power: Vec<f64> = (0..devices).map(|k| gram.power(k)).collect();
        let roots: f64 = power.iter().map(|p| p.sqrt()).sum();
        let pairs = roots * roots - gram.trace();
        let common = if pairs > 0.0 { (gram.total() - gram.trace()) / pairs } else { 0.0 };
        let off = if devices > FULL_DEVICES {
            if common == 0.0 { OffDiagonal::None } else { OffDiagonal::Common(common) }
        } else {
            let mut full = vec![0.0; devices * devices];
            let mut pair = vec![0.0; devices];
            for i in 0..devices {
                pair[i] = 1.0;
                full[i * devices + i] = power[i];
                for j in 0..i {
                    pair[j] = 1.0;
                    let product = 0.5 * (gram.quadratic(&pair) - power[i] - power[j]);
                    pair[j] = 0.0;
                    full[i * devices + j] = product;
                    full[j * devices + i] = product;
                }
                pair[i] = 0.0;
            }
            let diagonal = (0..devices * devices).all(|at| {
                let (i, j) = (at / devices, at % devices);
                i == j || full[at].abs() <= 1e-14 * (power[i] * power[j]).sqrt()
            });
            if diagonal { OffDiagonal::None } else { OffDiagonal::Full(full) }
        };
        Self { power, off }
    }

    /// Returns the number of devices.
    pub fn devices(&self) -> usize {
        self.power.len()
    }

    /// Returns an entry.
    pub fn entry(&self, i: usize, j: usize) -> f64 {
        match &self.off {
            _ if i == j => self.power[i],
            OffDiagonal::None => 0.0,
            OffDiagonal::Common(r) => r * (self.power[i] * self.power[j]).sqrt(),
            OffDiagonal::Full(full) => full[i * self.power.len() + j],
        }
    }

    /// Returns the trace: the sum of the devices' powers.
    pub fn trace(&self) -> f64 {
        self.power.iter().sum()
    }

    /// Returns the power of a weighted sum of symbols.
    ///
    /// ```text
    /// E |sum_k e_k s_k|^2 = sum_ij e_i R_ij e_j*
    /// ```
    pub fn quadratic(&self, e: &[Complex64]) -> f64 {
        let square: f64 = self.power.iter().zip(e).map(|(p, e)| p * e.norm_sqr()).sum();
        match &self.off {
            OffDiagonal::None => square,
            OffDiagonal::Common(r) => {
                let linear: Complex64 = self.power.iter().zip(e).map(|(p, e)| e * p.sqrt()).sum();
                (1.0 - r) * square + r * linear.norm_sqr()
            }
            OffDiagonal::Full(full) => {
                let rows = full.chunks_exact(e.len()).zip(e);
                let product = |row: &[f64]| row.iter().zip(e).map(|(r, e)| e * r).sum::<Complex64>();
                rows.map(|(row, e)| (e.conj() * product(row)).re).sum()
            }
        }
    }

    /// Returns whether no two devices are correlated.
    pub(super) fn is_diagonal(&self) -> bool {
        self.off == OffDiagonal::None
    }

    /// Returns the lower triangle `F`, row by row, with `R = F F^T` for devices in the order given.
    ///
    /// The column of a device that is a sum of earlier ones is zero.
    pub(super) fn factor(&self, order: &[usize]) -> Vec<f64> {
        let k = order.len();
        let least = DEPENDENT * self.power.iter().copied().fold(0.0, f64::max);
        let mut f = vec![0.0; k * k];
        for j in 0..k {
            let (done, rest) = f.split_at_mut((j + 1) * k);
            let row = &mut done[j * k..];
            let left = self.entry(order[j], order[j]) - row[..j].iter().map(|x| x * x).sum::<f64>();
            if left <= least {
                continue;
            }
            row[j] = left.sqrt();
            for (i, below) in rest.chunks_exact_mut(k).enumerate() {
                let product: f64 = row[..j].iter().zip(&below[..j]).map(|(a, b)| a * b).sum();
                below[j] = (self.entry(order[j + 1 + i], order[j]) - product) / row[j];
            }
        }
        f
    }
}
