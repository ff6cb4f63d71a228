//! From what a receiver got to the privacy that devices lost.

use super::gaussian;
use serde::Serialize;

/// Which two data sets must be hard to tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Neighbours {
    /// One device's update becomes any other of at most the same norm: it moves by up to twice the norm.
    Replace,
    /// One device's update is there or is not: it moves by up to the norm.
    AddRemove,
}

impl Neighbours {
    /// Returns how far an update may move, in clip norms.
    pub fn factor(self) -> f64 {
        match self {
            Self::Replace => 2.0,
            Self::AddRemove => 1.0,
        }
    }
}

/// What cannot be metered.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PrivacyError {
    /// A delta that is no probability.
    #[error("delta = {delta}: a number strictly between 0 and 1 is expected, for example 1e-5")]
    Delta {
        /// The delta given.
        delta: f64,
    },
    /// A clip norm that bounds nothing.
    #[error("clip_norm = {clip_norm}: a positive, finite bound on the norm of a device's update is expected")]
    ClipNorm {
        /// The norm given.
        clip_norm: f64,
    },
    /// A noise power that is none.
    #[error("noise_power = {noise_power}: a finite power from 0 is expected")]
    NoisePower {
        /// The power given.
        noise_power: f64,
    },
    /// An amplitude that is none.
    #[error("amplitudes[{device}] = {amplitude}: a finite amplitude from 0 is expected")]
    Amplitude {
        /// The device.
        device: usize,
        /// Its amplitude.
        amplitude: f64,
    },
    /// A round of other devices than the meter's.
    #[error("{given} amplitudes for {devices} devices; one each is expected")]
    Devices {
        /// Devices of the meter.
        devices: usize,
        /// Amplitudes given.
        given: usize,
    },
    /// A meter for nobody.
    #[error("devices = 0: at least one device is expected")]
    NoDevices,
}

/// What one receiver got in one round.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PrivacyRound<'a> {
    /// Each device's amplitude at the receiver for an element of unit power: `|h_k b_k|` at the server, `|g_k b_k|` at an
    /// eavesdropper with channels `g_k`. Where it differs from element to element, the largest gives an upper bound.
    pub amplitudes: &'a [f64],
    /// Bound on the Euclidean norm of all the values that a device sends in the round, in unit-power units.
    pub clip_norm: f64,
    /// Noise power of that receiver per resource element, as measured.
    pub noise_power: f64,
    /// Which two data sets are neighbours.
    pub neighbours: Neighbours,
}

impl PrivacyRound<'_> {
    /// Returns each device's sensitivity over the standard deviation of the noise, per real dimension.
    ///
    /// ```text
    /// x = (u1 + j u2)/sqrt(2):   mu_k = f C a_k / sqrt(2) / sqrt(noise_power / 2),   f = 2 (replace) or 1 (add-remove)
    /// ```
    ///
    /// The phase at which an element arrives is of no account: circular noise has the same power in every direction. Zero for
    /// a device that was silent, infinite for one that is received without noise. R passes over the values count as R rounds.
    ///
    /// # Errors
    /// When a number is negative or not finite.
    pub fn mu(&self) -> Result<Vec<f64>, PrivacyError> {
        let (clip_norm, noise_power) = (self.clip_norm, self.noise_power);
        if !(clip_norm > 0.0 && clip_norm.is_finite()) {
            return Err(PrivacyError::ClipNorm { clip_norm });
        }
        if !(noise_power >= 0.0 && noise_power.is_finite()) {
            return Err(PrivacyError::NoisePower { noise_power });
        }
        let moved = self.neighbours.factor() * clip_norm / noise_power.sqrt();
        let of = |(device, &amplitude): (usize, &f64)| match amplitude {
            0.0 => Ok(0.0),
            a if a > 0.0 && a.is_finite() => Ok(a * moved),
            _ => Err(PrivacyError::Amplitude { device, amplitude }),
        };
        self.amplitudes.iter().enumerate().map(of).collect()
    }
}

/// What devices lost, in one round or in total.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PrivacyLoss {
    /// Each device's mu.
    pub mu: Vec<f64>,
    /// Each device's epsilon at the meter's delta.
    pub epsilon: Vec<f64>,
    /// The device that lost most.
    pub worst_device: usize,
}

impl PrivacyLoss {
    /// Returns the epsilon of the device that lost most: the one that holds for all.
    pub fn worst_epsilon(&self) -> f64 {
        self.epsilon[self.worst_device]
    }

    fn new(mu: Vec<f64>, delta: f64) -> Self {
        let mut epsilon = Vec::with_capacity(mu.len());
        for (k, &of) in mu.iter().enumerate() {
            // Aligned devices share one amplitude.
            let same = k > 0 && mu[k - 1] == of;
            epsilon.push(if same { epsilon[k - 1] } else { gaussian::epsilon(delta, of) });
        }
        let worst_device = (0..mu.len()).fold(0, |worst, k| if mu[k] > mu[worst] { k } else { worst });
        Self { mu, epsilon, worst_device }
    }
}

/// Sums the losses of rounds at one receiver: the server has a meter, and so has each eavesdropper.
#[derive(Clone, Debug, PartialEq)]
pub struct Meter {
    delta: f64,
    total: Vec<f64>,
    rounds: usize,
}

impl Meter {
    /// Begins to count, for a fixed delta, which holds for a round and for the total alike.
    ///
    /// # Errors
    /// When delta is no probability or there are no devices.
    pub fn new(delta: f64, devices: usize) -> Result<Self, PrivacyError> {
        if !(delta > 0.0 && delta < 1.0) {
            return Err(PrivacyError::Delta { delta });
        }
        if devices == 0 {
            return Err(PrivacyError::NoDevices);
        }
        Ok(Self { delta, total: vec![0.0; devices], rounds: 0 })
    }

    /// Counts a round and returns what it alone cost.
    ///
    /// # Errors
    /// When a number is negative or not finite, or the round is of other devices; then it is not counted.
    pub fn add(&mut self, round: &PrivacyRound<'_>) -> Result<PrivacyLoss, PrivacyError> {
        let mu = round.mu()?;
        if mu.len() != self.total.len() {
            return Err(PrivacyError::Devices { devices: self.total.len(), given: mu.len() });
        }
        for (total, of) in self.total.iter_mut().zip(&mu) {
            *total = gaussian::composed([*total, *of]);
        }
        self.rounds += 1;
        Ok(PrivacyLoss::new(mu, self.delta))
    }

    /// Returns what all rounds together cost.
    pub fn total(&self) -> PrivacyLoss {
        PrivacyLoss::new(self.total.clone(), self.delta)
    }

    /// Returns the number of rounds counted.
    pub fn rounds(&self) -> usize {
        self.rounds
    }
}

#[cfg(test)]
#[path = "meter_tests.rs"]
mod tests;
