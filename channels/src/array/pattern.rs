//! What one antenna element radiates.

use crate::error::ChannelError;

/// The power pattern of an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ElementPattern {
    /// 0 dBi in every direction.
    Isotropic,
    /// The directional element of 3GPP TR 38.901, table 7.3-1.
    Tr38901,
}

/// Beamwidth at 3 dB, in degrees, in both planes.
const BEAMWIDTH_DEG: f64 = 65.0;

/// Attenuation behind the element, and limit of the vertical side lobes, in dB.
const FLOOR_DB: f64 = 30.0;

/// Gain on the axis of the directional element, in dBi.
const MAXIMUM_GAIN_DBI: f64 = 8.0;

impl ElementPattern {
    /// Returns the pattern "isotropic" or "tr38901".
    ///
    /// # Errors
    /// When the name is another.
    pub fn named(name: &str) -> Result<Self, ChannelError> {
        match name {
            "isotropic" => Ok(Self::Isotropic),
            "tr38901" => Ok(Self::Tr38901),
            _ => Err(ChannelError::UnknownName {
                what: "element pattern",
                name: name.into(),
                known: "isotropic, tr38901",
            }),
        }
    }

    /// Returns the gain in dBi towards an azimuth of -180 to 180 degrees and a zenith angle of the element's own frame.
    ///
    /// ```text
    /// A_v = min(12 ((zenith - 90)/65)^2, 30),   A_h = min(12 (azimuth/65)^2, 30)
    /// gain = 8 - min(A_v + A_h, 30)
    /// ```
    ///
    /// Source: 3GPP TR 38.901, table 7.3-1.
    pub fn gain_dbi(self, azimuth_deg: f64, zenith_deg: f64) -> f64 {
        let loss = |degrees: f64| (12.0 * (degrees / BEAMWIDTH_DEG).powi(2)).min(FLOOR_DB);
        match self {
            Self::Isotropic => 0.0,
            Self::Tr38901 => MAXIMUM_GAIN_DBI - (loss(zenith_deg - 90.0) + loss(azimuth_deg)).min(FLOOR_DB),
        }
    }

    /// Returns the field's magnitude towards a unit vector of the element's own frame.
    pub(super) fn amplitude(self, [x, y, z]: [f64; 3]) -> f64 {
        let azimuth_deg = y.atan2(x).to_degrees();
        let zenith_deg = z.clamp(-1.0, 1.0).acos().to_degrees();
        (std::f64::consts::LN_10 / 20.0 * self.gain_dbi(azimuth_deg, zenith_deg)).exp()
    }
}
