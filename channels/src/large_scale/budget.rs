//! The link budget: from transmit power and losses to the SNR of a resource element.

use airloop_baseband::units::db_from_power;

/// Boltzmann constant, in joules a kelvin (SI, exact).
pub const BOLTZMANN_J_PER_K: f64 = 1.380_649e-23;

/// Returns the power of thermal noise, in dBm.
///
/// ```text
/// 10 lg(k temperature_k bandwidth_hz / 1 mW):  at 290 K -173.975 dBm in one hertz
/// ```
pub fn thermal_noise_dbm(temperature_k: f64, bandwidth_hz: f64) -> f64 {
    db_from_power(BOLTZMANN_J_PER_K * temperature_k * bandwidth_hz / 1e-3)
}

/// What a resource element receives of a device, and of noise.
///
/// ```text
/// received_dbm = transmit_power_dbm - 10 lg(used_subcarriers) + antenna_gain_dbi - loss_db
/// noise_dbm    = 10 lg(k temperature_k subcarrier_spacing_hz / 1 mW) + noise_figure_db
/// snr_db       = received_dbm - noise_dbm
/// ```
///
/// A device's total transmit power at full budget is spread evenly over the subcarriers it uses; transforms are unitary, so
/// that the noise of an element is that of one subcarrier spacing. By hand: 23 dBm over 612 subcarriers of 30 kHz, gains of
/// 8 dBi in all, 110 dB of loss, a noise figure of 5 dB at 290 K give
/// `23 - 27.868 + 8 - 110 = -106.868 dBm` over `-129.204 + 5 = -124.204 dBm`: 17.336 dB.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ElementBudget {
    /// Width of a subcarrier, in hertz.
    pub subcarrier_spacing_hz: f64,
    /// Subcarriers that share a device's power.
    pub used_subcarriers: usize,
    /// Gain of the server's and the device's antennas together, in dBi.
    pub antenna_gain_dbi: f64,
    /// Noise figure of the server's receiver, in decibels.
    pub noise_figure_db: f64,
    /// Temperature that the noise figure refers to, in kelvin.
    pub temperature_k: f64,
}

impl ElementBudget {
    /// Returns the noise power of an element, in dBm.
    pub fn noise_dbm(&self) -> f64 {
        thermal_noise_dbm(self.temperature_k, self.subcarrier_spacing_hz) + self.noise_figure_db
    }

    /// Returns the mean power that an element receives of a device, in dBm.
    pub fn received_dbm(&self, transmit_power_dbm: f64, loss_db: f64) -> f64 {
        transmit_power_dbm - db_from_power(self.used_subcarriers as f64) + self.antenna_gain_dbi - loss_db
    }

    /// Returns the mean SNR of an element, in decibels.
    pub fn snr_db(&self, transmit_power_dbm: f64, loss_db: f64) -> f64 {
        self.received_dbm(transmit_power_dbm, loss_db) - self.noise_dbm()
    }
}
