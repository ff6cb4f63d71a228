//! The error that noise and silent devices leave when all else is perfect.

use super::Weights;
use crate::theory::ReceiveScale;
use crate::theory::floors::{Floor, knowledge};
use airloop_channels::Marginal;

/// Truncated inversion, the coherent scheme that a plan is for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Inversion {
    /// Gain below which a device is silent; of no account over a constant channel.
    pub threshold: f64,
    /// Whether the budget holds on average over fading (otherwise at every element).
    pub average_power: bool,
    /// How the received sum is scaled.
    pub scale: ReceiveScale,
}

impl Inversion {
    /// Returns the inversion of least error for independent payloads, plainly scaled: threshold `1/(K SNR)`.
    pub fn best(devices_snr: f64) -> Self {
        Self { threshold: 1.0 / devices_snr, average_power: true, scale: ReceiveScale::Plain }
    }

    /// Returns the NMSE of a payload in which errors weigh what `weights` says.
    ///
    /// ```text
    /// zeta = P(g >= threshold),   v = E[1/g; g >= threshold] / (K SNR)  (average power)  or  1/(threshold K SNR)  (peak)
    /// c = 1 (plain),  1/zeta (unbiased),  zeta/(zeta + v) (lmmse);   constant channel: zeta = 1, v = 1/(K SNR)
    /// e = c - 1 with probability zeta, else -1:   E e = c zeta - 1,   E e^2 = c^2 zeta - 2 c zeta + 1,   noise c^2 v
    /// independent payloads: plain 1 - zeta + v;   unbiased (1 - zeta)/zeta + v/zeta^2;   lmmse 1 - zeta^2/(zeta + v)
    /// ```
    ///
    /// `devices_snr` is K times the SNR of an element, times the passes over the payload.
    pub fn nmse(&self, k_factor: f64, devices_snr: f64, weights: &Weights) -> f64 {
        self.estimated_nmse(0.0, k_factor, devices_snr, weights)
    }

    /// As [`Inversion::nmse`], when what is inverted is a least mean square error estimate whose error has the power `error`.
    ///
    /// ```text
    /// g' gain of the estimate over 1 - q:   zeta = P(g' >= threshold/(1-q)),   I = E[1/g'; ...]/(1-q),   v = I/(K SNR) or as above
    /// e = c h/h_hat - 1:   E e = c zeta - 1,   E e^2 = c^2 (zeta + q I) - 2 c zeta + 1,   lmmse c = zeta/(zeta + q I + v)
    /// ```
    pub fn estimated_nmse(&self, error: f64, k_factor: f64, devices_snr: f64, weights: &Weights) -> f64 {
        let Reach { share, inverse, noise, c } = self.reach(error, k_factor, devices_snr);
        let squared_mean = (1.0 - c * share).powi(2);
        let mean_square = c * c * (share + error * inverse) - 2.0 * c * share + 1.0;
        weights.nmse(Floor { mean_square, squared_mean }) + weights.noise * c * c * noise
    }

    /// Returns what an error of the devices that send weighs in the estimate: `c^2 zeta`.
    pub fn weight_of_senders(&self, k_factor: f64, devices_snr: f64) -> f64 {
        let Reach { share, c, .. } = self.reach(0.0, k_factor, devices_snr);
        c * c * share
    }

    /// Returns what the inversion of an estimate reaches, whose error has the power `error`.
    pub(crate) fn reach(&self, error: f64, k_factor: f64, devices_snr: f64) -> Reach {
        let (marginal, rest) = (knowledge::estimated(error, k_factor), 1.0 - error);
        let threshold = self.threshold / rest;
        let (share, inverse) = if Marginal::rician(k_factor).is_constant() {
            (1.0, 1.0)
        } else {
            (marginal.active_share(threshold), marginal.truncated_inverse(threshold) / rest)
        };
        let constant = Marginal::rician(k_factor).is_constant();
        let spent = if self.average_power || constant { inverse } else { 1.0 / self.threshold };
        let noise = spent / devices_snr;
        let c = match self.scale {
            ReceiveScale::Plain => 1.0,
            ReceiveScale::Unbiased => 1.0 / share,
            ReceiveScale::Lmmse => share / (share + error * inverse + noise),
        };
        Reach { share, inverse, noise, c }
    }

    /// Returns the formula of the scale, in words of the plan.
    pub fn formula(&self, k_factor: f64, weights: &Weights) -> &'static str {
        match self.scale {
            ReceiveScale::Lmmse if !weights.are_one() => "W (E e^2 - (E e)^2) + (E e)^2 + W N c^2 v",
            _ if k_factor.is_infinite() && !weights.are_one() => "W N/(K SNR)",
            ReceiveScale::Plain if !weights.are_one() => "W zeta (1 - zeta) + (1 - zeta)^2 + W N v",
            ReceiveScale::Unbiased if !weights.are_one() => "W (1 - zeta)/zeta + W N v/zeta^2",
            ReceiveScale::Lmmse if k_factor.is_infinite() => "1/(1 + K SNR)",
            _ if k_factor.is_infinite() => "1/(K SNR)",
            ReceiveScale::Plain => "1 - zeta + v",
            ReceiveScale::Unbiased => "(1 - zeta)/zeta + v/zeta^2",
            ReceiveScale::Lmmse => "1 - zeta^2/(zeta + v)",
        }
    }
}

/// What an inversion reaches: share of devices that send, mean inverse gain of theirs, noise a device, receive factor.
pub(crate) struct Reach {
    /// Share of the devices that send.
    pub share: f64,
    /// Mean inverse gain of those, the others counted as 0.
    pub inverse: f64,
    /// Noise of the estimate per device, before the receive factor.
    pub noise: f64,
    /// The receive factor over that of plain scaling.
    pub c: f64,
}

/// Returns the K times SNR at which the best inversion leaves `nmse`.
pub fn devices_snr_needed(nmse: f64, k_factor: f64, weights: &Weights) -> f64 {
    let of = |inverse: f64| Inversion::best(1.0 / inverse).nmse(k_factor, 1.0 / inverse, weights);
    super::allowed::largest(of, nmse, 1e-12, 1e3).map_or(0.0, |inverse| 1.0 / inverse)
}
