//! Error floors: the NMSE that one imperfection alone leaves, however little noise there is.
//!
//! Every device's value arrives multiplied by a factor `c_k`, independent between devices and 1 when all is well. With
//! `e = c - 1`, averaged over the elements of a frame:
//!
//! ```text
//! independent data:  NMSE = E|e|^2
//! identical data:    NMSE = |E e|^2 + (E|e|^2 - |E e|^2)/K
//! ```
//!
//! Small floors of independent causes add. `spread` says how an imperfection varies over devices, `misalignment` has phase,
//! time, frequency and power, `knowledge` what devices know of their channels.

pub mod knowledge;
pub mod misalignment;
pub mod spread;

pub use spread::Spread;

/// The statistics of `e = c - 1`, averaged over the elements of a frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Floor {
    /// `E|e|^2`.
    pub mean_square: f64,
    /// `|E e|^2`, the mean taken over devices on each element.
    pub squared_mean: f64,
}

impl Floor {
    /// Returns the NMSE for data that are independent between devices.
    pub fn independent(&self) -> f64 {
        self.mean_square
    }

    /// Returns the NMSE for data that are the same on all devices.
    pub fn identical(&self, devices: usize) -> f64 {
        self.squared_mean + (self.mean_square - self.squared_mean) / devices as f64
    }
}
