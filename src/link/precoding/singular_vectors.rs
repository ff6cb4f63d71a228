//! Precoding along the singular vectors of a known channel.

use super::precoder::{Precoder, check_layers};
use super::{PrecodingError, water_filling};
use crate::link::channel_estimation::Responses;
use airloop_baseband::Complex64;
use airloop_baseband::linear::eigen;

/// How the power of 1 is shared between layers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PowerRule {
    /// Equally.
    Equal,
    /// So that the capacity is largest over noise of this variance; layers that are not worth it get nothing.
    WaterFilling {
        /// The noise variance per antenna.
        noise_variance: f64,
    },
}

/// Precoding along the strongest right singular vectors of the channel: eigenvectors of its mean covariance in a group.
///
/// ```text
/// Q = mean over the group of H^H H,   W = [v_1 sqrt(p_1) ... v_L sqrt(p_L)],   Q v_l = lambda_l v_l,  lambda falling
/// ```
///
/// In a group over which the channel does not change, layers arrive orthogonal. Source: Telatar, "Capacity of multi-antenna
/// Gaussian
/// channels", European Transactions on Telecommunications 10 (1999).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SingularVectors {
    /// Layers.
    pub layers: usize,
    /// Subcarriers that share a matrix; `None` for all.
    pub group_subcarriers: Option<usize>,
    /// How layers share the power.
    pub power: PowerRule,
}

impl SingularVectors {
    /// Makes the precoder of a channel.
    ///
    /// # Errors
    /// When there are more layers than antennas at either end, or than four.
    pub fn precoder(&self, channel: &Responses<'_>) -> Result<Precoder, PrecodingError> {
        let (transmit, used) = (channel.transmit(), channel.subcarriers());
        check_layers(self.layers, transmit, channel.receive())?;
        let size = self.group_subcarriers.unwrap_or(used).clamp(1, used);
        let mut matrices = Vec::new();
        for begin in (0..used).step_by(size) {
            let covariance = covariance(channel, begin..(begin + size).min(used));
            let eigen = eigen(transmit, &covariance);
            let gains: Vec<f64> = eigen.values[..self.layers].iter().map(|value| value.max(0.0)).collect();
            let powers = match self.power {
                PowerRule::Equal => vec![1.0 / self.layers as f64; self.layers],
                PowerRule::WaterFilling { noise_variance } => water_filling(&gains, noise_variance, 1.0),
            };
            for t in 0..transmit {
                let layer = |l: usize| eigen.vectors[l * transmit + t] * powers[l].sqrt();
                matrices.extend((0..self.layers).map(layer));
            }
        }
        Ok(Precoder::grouped(transmit, self.layers, size, &matrices))
    }
}

/// Returns the mean of `H^H H` over subcarriers and rows.
fn covariance(channel: &Responses<'_>, subcarriers: std::ops::Range<usize>) -> Vec<Complex64> {
    let transmit = channel.transmit();
    let count = (channel.rows() * subcarriers.len()) as f64;
    let mut sum = vec![Complex64::default(); transmit * transmit];
    for (r, row) in (0..channel.receive()).flat_map(|r| (0..channel.rows()).map(move |row| (r, row))) {
        for i in 0..transmit {
            let x = &channel.row(r, i, row)[subcarriers.clone()];
            for j in 0..=i {
                let y = &channel.row(r, j, row)[subcarriers.clone()];
                let products = x.iter().zip(y).map(|(x, y)| x.conj() * y);
                sum[i * transmit + j] +=
                    products.map(|p| Complex64::new(f64::from(p.re), f64::from(p.im))).sum::<Complex64>()
                        / count;
            }
        }
    }
    for i in 0..transmit {
        for j in 0..i {
            sum[j * transmit + i] = sum[i * transmit + j].conj();
        }
    }
    sum
}
