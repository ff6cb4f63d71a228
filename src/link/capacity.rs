//! What the channel of a slot could carry.

use super::channel_estimation::Responses;
use super::precoding::water_filling;
use crate::scheme::digital::ideal_bits;
use airloop_baseband::Complex64;
use airloop_baseband::linear::eigen;

/// Subcarriers from one matrix to the next, where there are several transmit antennas.
const EVERY: usize = 12;

/// Computes capacities without allocating anew.
#[derive(Clone, Debug, Default)]
pub struct Capacity {
    gains: Vec<f32>,
}

impl Capacity {
    /// Returns the mean capacity of an element of a slot, in bit, for noise over the power of an element.
    ///
    /// ```text
    /// one transmit antenna:  mean of log2(1 + sum_r |h_r|^2 / noise), over all elements
    /// several:               mean of sum_i log2(1 + p_i lambda_i / noise), power by water-filling over the eigenvalues of H^H H,
    ///                        over every twelfth subcarrier of the middle symbol
    /// ```
    ///
    /// The transmitter knows the channel in the second; whatever precoder it has, its rate is below. Source: Telatar, European
    /// Transactions on Telecommunications 10 (1999).
    pub fn of(&mut self, channel: &Responses<'_>, noise: f64) -> f64 {
        if channel.transmit() == 1 {
            self.of_one_antenna(channel, noise)
        } else {
            of_matrices(channel, noise)
        }
    }

    fn of_one_antenna(&mut self, channel: &Responses<'_>, noise: f64) -> f64 {
        let mut bits = 0.0;
        for row in 0..channel.rows() {
            self.gains.clear();
            self.gains.extend(channel.row(0, 0, row).iter().map(|h| h.norm_sqr()));
            for r in 1..channel.receive() {
                let more = channel.row(r, 0, row);
                self.gains.iter_mut().zip(more).for_each(|(gain, h)| *gain += h.norm_sqr());
            }
            bits += ideal_bits(1.0 / noise, &self.gains);
        }
        bits / (channel.rows() * channel.subcarriers()) as f64
    }
}

fn of_matrices(channel: &Responses<'_>, noise: f64) -> f64 {
    let (transmit, row) = (channel.transmit(), channel.rows() / 2);
    let (mut bits, mut count) = (0.0, 0);
    for subcarrier in (0..channel.subcarriers()).step_by(EVERY) {
        let mut gram = vec![Complex64::default(); transmit * transmit];
        for r in 0..channel.receive() {
            let h = |t: usize| channel.row(r, t, row)[subcarrier];
            for (at, g) in gram.iter_mut().enumerate() {
                let product = h(at / transmit).conj() * h(at % transmit);
                *g += Complex64::new(f64::from(product.re), f64::from(product.im));
            }
        }
        let gains: Vec<f64> = eigen(transmit, &gram).values.iter().map(|value| value.max(0.0)).collect();
        let powers = water_filling(&gains, noise, 1.0);
        bits += gains.iter().zip(&powers).map(|(gain, power)| (power * gain / noise).ln_1p()).sum::<f64>();
        count += 1;
    }
    bits / (f64::from(count) * std::f64::consts::LN_2)
}
