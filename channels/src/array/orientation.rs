//! How an array is turned against the global frame.

use crate::error::{ChannelError, within};

/// An array's bearing, downtilt and slant, in degrees: rotations about z, the new y and the new x.
///
/// ```text
/// R = R_z(bearing) R_y(downtilt) R_x(slant)
/// ```
///
/// Source: 3GPP TR 38.901, equation 7.1-2 (alpha, beta, gamma).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Orientation {
    bearing_deg: f64,
    downtilt_deg: f64,
    slant_deg: f64,
}

impl Orientation {
    /// Makes an orientation.
    ///
    /// # Errors
    /// When an angle lies outside -360 to 360 degrees.
    pub fn new(bearing_deg: f64, downtilt_deg: f64, slant_deg: f64) -> Result<Self, ChannelError> {
        let turn = |name, value| within(name, value, -360.0..=360.0, "-360 to 360 degrees");
        Ok(Self {
            bearing_deg: turn("bearing_deg", bearing_deg)?,
            downtilt_deg: turn("downtilt_deg", downtilt_deg)?,
            slant_deg: turn("slant_deg", slant_deg)?,
        })
    }

    /// Returns bearing, downtilt and slant, in degrees.
    pub fn angles_deg(self) -> [f64; 3] {
        [self.bearing_deg, self.downtilt_deg, self.slant_deg]
    }

    /// Returns a vector of the array's frame in the global one.
    pub fn turned(self, [x, y, z]: [f64; 3]) -> [f64; 3] {
        let [axis_x, axis_y, axis_z] = self.axes();
        std::array::from_fn(|i| x * axis_x[i] + y * axis_y[i] + z * axis_z[i])
    }

    /// Returns the axes x, y and z of the array's frame in the global one: the columns of equation 7.1-4.
    pub(super) fn axes(self) -> [[f64; 3]; 3] {
        let [(sa, ca), (sb, cb), (sc, cc)] = self.angles_deg().map(|degrees| degrees.to_radians().sin_cos());
        [
            [ca * cb, sa * cb, -sb],
            [ca * sb * sc - sa * cc, sa * sb * sc + ca * cc, cb * sc],
            [ca * sb * cc + sa * sc, sa * sb * cc - ca * sc, cb * cc],
        ]
    }
}
