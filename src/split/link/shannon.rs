//! Rates of ideal codes in noise: Shannon's formula.

use super::{LinkError, LinkRates, Payload, Transfer};
use airloop_baseband::seeds::{Purpose, Seeds};

/// A band for each device.
///
/// ```text
/// r = B log2(1 + P g / (B N0))
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Shannon {
    /// Width of a device's band B, in hertz.
    pub bandwidth_hz: f64,
    /// Noise density N0, in watts a hertz.
    pub noise_w_hz: f64,
    /// Transmit power P for each device, in watts.
    pub power_w: Vec<f64>,
    /// Mean power gain g = |h|^2 of each device's channel.
    pub gain: Vec<f64>,
    /// Where gains are drawn anew each round, with an exponential law (Rayleigh fading), the root of the draws.
    pub fading: Option<Seeds>,
}

impl Shannon {
    /// Returns a device's rate at a power gain, in bit/s.
    pub fn rate_at(&self, device: usize, gain: f64) -> f64 {
        let noise_w = self.bandwidth_hz * self.noise_w_hz;
        self.bandwidth_hz * (self.power_w[device] * gain / noise_w).ln_1p() / std::f64::consts::LN_2
    }

    /// Returns a device's SNR at its mean gain.
    pub fn snr(&self, device: usize) -> f64 {
        self.power_w[device] * self.gain[device] / (self.bandwidth_hz * self.noise_w_hz)
    }
}

impl LinkRates for Shannon {
    fn rate_bps(&mut self, transfer: &Transfer) -> Result<f64, LinkError> {
        let Transfer { round, device, payload } = *transfer;
        let fade = self.fading.map_or(1.0, |seeds| {
            let down = matches!(payload, Payload::Gradients | Payload::AdapterDown);
            let stream = seeds.stream(Purpose::Fading, round, 2 * device as u64 + u64::from(down));
            -(-stream.uniform(0)).ln_1p()
        });
        Ok(self.rate_at(device, fade * self.gain[device]))
    }
}
