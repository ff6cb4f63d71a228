//! The error that noise and silent devices leave when all else is perfect.

use crate::theory::ReceiveScale;
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

    /// Returns the error for independent payloads of unit power.
    ///
    /// ```text
    /// zeta = P(g >= threshold),   v = E[1/g; g >= threshold] / (K SNR)  (average power)  or  1/(threshold K SNR)  (peak)
    /// plain 1 - zeta + v;   unbiased (1 - zeta)/zeta + v/zeta^2;   lmmse 1 - zeta^2/(zeta + v);   constant channel: zeta = 1, v = 1/(K SNR)
    /// ```
    ///
    /// `devices_snr` is K times the SNR of an element, times the passes over the payload.
    pub fn nmse(&self, k_factor: f64, devices_snr: f64) -> f64 {
        let marginal = Marginal::rician(k_factor);
        let (share, spent) = if marginal.is_constant() {
            (1.0, 1.0)
        } else if self.average_power {
            (marginal.active_share(self.threshold), marginal.truncated_inverse(self.threshold))
        } else {
            (marginal.active_share(self.threshold), 1.0 / self.threshold)
        };
        let noise = spent / devices_snr;
        match self.scale {
            ReceiveScale::Plain => 1.0 - share + noise,
            ReceiveScale::Unbiased => (1.0 - share) / share + noise / (share * share),
            ReceiveScale::Lmmse => 1.0 - share * share / (share + noise),
        }
    }

    /// Returns the formula of the scale, in words of the plan.
    pub fn formula(&self, k_factor: f64) -> &'static str {
        match self.scale {
            ReceiveScale::Lmmse if k_factor.is_infinite() => "1/(1 + K SNR)",
            _ if k_factor.is_infinite() => "1/(K SNR)",
            ReceiveScale::Plain => "1 - zeta + v",
            ReceiveScale::Unbiased => "(1 - zeta)/zeta + v/zeta^2",
            ReceiveScale::Lmmse => "1 - zeta^2/(zeta + v)",
        }
    }
}

/// Returns the K times SNR at which the best inversion leaves `nmse`.
pub fn devices_snr_needed(nmse: f64, k_factor: f64) -> f64 {
    let of = |inverse: f64| Inversion::best(1.0 / inverse).nmse(k_factor, 1.0 / inverse);
    super::allowed::largest(of, nmse, 1e-12, 1e3).map_or(0.0, |inverse| 1.0 / inverse)
}
