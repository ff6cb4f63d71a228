//! How the elements of an array are polarised.

use crate::error::{ChannelError, within};

/// The slants of the elements at each position: one, or two for a dual-polarised array.
///
/// ```text
/// F_theta = sqrt(A) cos(slant),   F_phi = sqrt(A) sin(slant)
/// ```
///
/// Source: 3GPP TR 38.901, clause 7.3.2, polarisation model 2 (equations 7.3-4 and 7.3-5): slant 0 is vertical, 90 degrees
/// horizontal, and the slant does not change with the direction.
#[derive(Clone, Debug, PartialEq)]
pub struct Polarisation {
    slants_deg: Vec<f64>,
}

impl Polarisation {
    /// Returns all elements vertical.
    pub fn vertical() -> Self {
        Self { slants_deg: vec![0.0] }
    }

    /// Returns all elements at one slant in degrees.
    ///
    /// # Errors
    /// When the slant lies outside -180 to 180 degrees.
    pub fn single(slant_deg: f64) -> Result<Self, ChannelError> {
        let expected = "a slant of -180 to 180 degrees";
        Ok(Self { slants_deg: vec![within("polarisation slant", slant_deg, -180.0..=180.0, expected)?] })
    }

    /// Returns a polarisation by name.
    ///
    /// ```text
    /// "vertical" 0,   "horizontal" 90,   "cross" +45 and -45,   "dual" 0 and 90 degrees
    /// ```
    ///
    /// # Errors
    /// When the name is another.
    pub fn named(name: &str) -> Result<Self, ChannelError> {
        let slants_deg = match name {
            "vertical" => vec![0.0],
            "horizontal" => vec![90.0],
            "cross" => vec![45.0, -45.0],
            "dual" => vec![0.0, 90.0],
            _ => {
                return Err(ChannelError::UnknownName {
                    what: "polarisation",
                    name: name.into(),
                    known: "vertical, horizontal, cross, dual, or a slant in degrees",
                });
            }
        };
        Ok(Self { slants_deg })
    }

    /// Returns the slants in degrees.
    pub fn slants_deg(&self) -> &[f64] {
        &self.slants_deg
    }
}
