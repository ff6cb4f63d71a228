//! What a clustered model is made of.

use super::angles::AngleScaling;
use crate::array::Array;
use crate::error::{ChannelError, within};

/// Where devices go, which gives each ray its Doppler shift.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Travel {
    /// All towards one direction of the frame in which the table gives arrival angles.
    Towards {
        /// Azimuth in degrees.
        azimuth_deg: f64,
        /// Zenith angle in degrees; 90 is level.
        zenith_deg: f64,
    },
    /// Level, towards an azimuth drawn for each trial and device.
    Random,
}

/// By how much the server sees a device's rays turned in azimuth; the table looks along azimuth 0.
#[derive(Clone, Debug, PartialEq)]
pub enum ServerAzimuth {
    /// As the table has it: all devices in one direction.
    Table,
    /// Device `k` by entry `k` in degrees, beginning anew after the last.
    Each(Vec<f64>),
    /// Uniform within half a sector to either side, drawn for each trial and device.
    Sector {
        /// Width of the sector in degrees; 360 is all around.
        width_deg: f64,
    },
}

/// The amplitudes of rays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RayAmplitudes {
    /// As the standard has it: equal, with random phases.
    ///
    /// A cluster is then a sum of 20 phasors: `E|a|^4 / (E|a|^2)^2 = 2 - 1/20`, too few deep fades for Rayleigh's 2.
    Standard,
    /// Complex Gaussian, independent for each ray and pair of polarisations: a cluster is then exactly Rayleigh between
    /// single isotropic elements, and Gaussian given the coupling of rays between any others.
    Gaussian,
}

impl RayAmplitudes {
    /// Returns "standard" or "gaussian".
    ///
    /// # Errors
    /// When the name is another.
    pub fn named(name: &str) -> Result<Self, ChannelError> {
        match name {
            "standard" => Ok(Self::Standard),
            "gaussian" => Ok(Self::Gaussian),
            _ => Err(ChannelError::UnknownName {
                what: "amplitude of rays",
                name: name.into(),
                known: "standard, gaussian",
            }),
        }
    }
}

/// All that a clustered model needs.
#[derive(Clone, Debug, PartialEq)]
pub struct ClusteredConfig {
    /// "cdl-a" to "cdl-e".
    pub profile: String,
    /// Rms delay spread by which the table's delays are multiplied, in seconds.
    pub delay_spread_s: f64,
    /// Carrier frequency in hertz.
    pub carrier_hz: f64,
    /// Speed of devices in metres a second; 0 for static links.
    pub speed_m_s: f64,
    /// The server's array.
    pub receive_array: Array,
    /// The array of every device.
    pub device_array: Array,
    /// Where devices go.
    pub travel: Travel,
    /// Where devices stand, seen from the server.
    pub server_azimuth: ServerAzimuth,
    /// Amplitudes of rays.
    pub rays: RayAmplitudes,
    /// Means and spreads of angles.
    pub scaling: AngleScaling,
}

impl ClusteredConfig {
    /// Returns static links of single isotropic vertical elements, standard rays, the table's angles, and travel along
    /// azimuth 0 once a speed is given.
    pub fn new(profile: &str, delay_spread_s: f64, carrier_hz: f64) -> Self {
        Self {
            profile: profile.into(),
            delay_spread_s,
            carrier_hz,
            speed_m_s: 0.0,
            receive_array: Array::single(),
            device_array: Array::single(),
            travel: Travel::Towards { azimuth_deg: 0.0, zenith_deg: 90.0 },
            server_azimuth: ServerAzimuth::Table,
            rays: RayAmplitudes::Standard,
            scaling: AngleScaling::default(),
        }
    }

    /// Checks what the tables do not.
    pub(super) fn check(&self) -> Result<(), ChannelError> {
        const TURN: &str = "-360 to 360 degrees";
        within("delay_spread_s", self.delay_spread_s, 0.0..=f64::MAX, "at least 0 and finite")?;
        within("carrier_hz", self.carrier_hz, f64::MIN_POSITIVE..=f64::MAX, "above 0 and finite")?;
        within("speed_m_s", self.speed_m_s, 0.0..=f64::MAX, "at least 0 and finite")?;
        if let Travel::Towards { azimuth_deg, zenith_deg } = self.travel {
            within("travel azimuth", azimuth_deg, -360.0..=360.0, TURN)?;
            within("travel zenith angle", zenith_deg, 0.0..=180.0, "0 to 180 degrees")?;
        }
        match &self.server_azimuth {
            ServerAzimuth::Table => {}
            ServerAzimuth::Each(azimuths_deg) => {
                if azimuths_deg.is_empty() {
                    let (name, expected) = ("server azimuths", "at least one azimuth, best one a device");
                    return Err(ChannelError::OutOfRange { name, value: 0.0, expected });
                }
                for azimuth_deg in azimuths_deg {
                    within("server azimuth", *azimuth_deg, -360.0..=360.0, TURN)?;
                }
            }
            ServerAzimuth::Sector { width_deg } => {
                within("sector width", *width_deg, 0.0..=360.0, "0 to 360 degrees")?;
            }
        }
        Ok(())
    }
}
