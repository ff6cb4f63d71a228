//! Where devices stand: shapes of a cell around its server.

use crate::error::ChannelError;
use airloop_baseband::Stream;
use std::f64::consts::TAU;

/// Points tried for one device before a hexagon is given up; the chance to miss as often is below 1e-100 unless next to
/// nothing of the hexagon is left.
const MAX_TRIES: u64 = 1 << 14;

/// The shape of a cell, the server at its origin.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Layout {
    /// Uniform over a disc.
    Disc {
        /// Its radius, in metres.
        radius_m: f64,
    },
    /// Uniform over an annulus.
    Annulus {
        /// Its inner radius, in metres.
        inner_radius_m: f64,
        /// Its outer radius, in metres.
        radius_m: f64,
    },
    /// Uniform over a regular hexagon with a corner on the positive x axis.
    Hexagon {
        /// Distance of its corners, in metres.
        radius_m: f64,
    },
    /// Given points, in metres.
    Positions {
        /// One `[x, y]` a device.
        points: Vec<[f64; 2]>,
        /// Radius of the cell, in metres, if it has one.
        radius_m: Option<f64>,
    },
}

impl Layout {
    /// Places devices; each is a function of its own substream, so that adding one moves no other.
    ///
    /// ```text
    /// disc, annulus: r = sqrt(r_0^2 + u (radius_m^2 - r_0^2)),  r_0 = max(inner_radius_m, min_distance_m),  angle 2 pi v
    /// hexagon: points of the disc about it until one lies within, at least min_distance_m away
    /// ```
    ///
    /// # Errors
    /// When a radius is no positive number or nothing of the cell lies beyond `min_distance_m`; for positions, when one lies
    /// outside the cell or too near, or there is not one for each device.
    pub fn place(
        &self,
        devices: usize,
        min_distance_m: f64,
        stream: &Stream,
    ) -> Result<Vec<[f64; 2]>, ChannelError> {
        match self {
            Self::Disc { radius_m } => scatter(devices, (min_distance_m, *radius_m), stream, |_| true),
            Self::Annulus { inner_radius_m, radius_m } => {
                scatter(devices, (inner_radius_m.max(min_distance_m), *radius_m), stream, |_| true)
            }
            Self::Hexagon { radius_m } => {
                scatter(devices, (min_distance_m, *radius_m), stream, |p| in_hexagon(p, *radius_m))
            }
            Self::Positions { points, radius_m } => {
                check_points(points, devices, (min_distance_m, radius_m.unwrap_or(f64::INFINITY)))?;
                Ok(points.clone())
            }
        }
    }

    /// Returns the distance of the farthest point of the cell, in metres; of given points, their own where no radius is given.
    pub fn radius_m(&self) -> f64 {
        match self {
            Self::Disc { radius_m } | Self::Annulus { radius_m, .. } | Self::Hexagon { radius_m } => {
                *radius_m
            }
            Self::Positions { points, radius_m } => {
                radius_m.unwrap_or_else(|| points.iter().map(|p| p[0].hypot(p[1])).fold(0.0, f64::max))
            }
        }
    }
}

fn check_radii(nearest_m: f64, radius_m: f64) -> Result<(), ChannelError> {
    if radius_m.is_finite() && radius_m > nearest_m && nearest_m >= 0.0 {
        return Ok(());
    }
    Err(ChannelError::OutOfRange {
        name: "radius_m",
        value: radius_m,
        expected: "a radius larger than inner_radius_m and min_distance_m is expected: nothing of the cell is left",
    })
}

/// Places each device at the first of its points on a ring that lies within the cell.
fn scatter(
    devices: usize,
    (nearest_m, radius_m): (f64, f64),
    stream: &Stream,
    within: impl Fn([f64; 2]) -> bool,
) -> Result<Vec<[f64; 2]>, ChannelError> {
    check_radii(nearest_m, radius_m)?;
    let inner = nearest_m * nearest_m;
    let place = |device: usize| {
        let own = stream.substream(device as u64);
        let point = |k: u64| {
            let r = (inner + own.uniform(2 * k) * (radius_m * radius_m - inner)).sqrt();
            let (sin, cos) = (TAU * own.uniform(2 * k + 1)).sin_cos();
            [r * cos, r * sin]
        };
        (0..MAX_TRIES).map(point).find(|p| within(*p)).ok_or(ChannelError::OutOfRange {
            name: "min_distance_m",
            value: nearest_m,
            expected: "next to nothing of the hexagon lies farther away; a smaller one is expected",
        })
    };
    (0..devices).map(place).collect()
}

/// Returns whether a point lies in a regular hexagon with a corner at `(radius_m, 0)`.
fn in_hexagon([x, y]: [f64; 2], radius_m: f64) -> bool {
    let root = 3f64.sqrt();
    y.abs() <= root / 2.0 * radius_m && root * x.abs() + y.abs() <= root * radius_m
}

fn check_points(
    points: &[[f64; 2]],
    devices: usize,
    (nearest_m, farthest_m): (f64, f64),
) -> Result<(), ChannelError> {
    if points.len() != devices {
        return Err(ChannelError::WrongPositions { found: points.len(), devices });
    }
    for (device, [x_m, y_m]) in points.iter().copied().enumerate() {
        let distance_m = x_m.hypot(y_m);
        // Also false where a coordinate is no number.
        let inside = distance_m >= nearest_m && distance_m <= farthest_m && distance_m.is_finite();
        if !inside {
            return Err(ChannelError::OutsideCell { device, x_m, y_m, distance_m, nearest_m, farthest_m });
        }
    }
    Ok(())
}
