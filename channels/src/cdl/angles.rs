//! The angles of all rays, their spreads, and their scaling to spreads asked for.

use super::table::{Angle, Table};
use crate::error::{ChannelError, within};
use crate::profile::{PathKind, Profile};
use airloop_baseband::Complex64;

/// Rays of a cluster.
pub(crate) const RAYS: usize = 20;

/// Offsets of the rays from their cluster, on both sides, for an rms spread of 1 (3GPP TR 38.901, table 7.5-3).
const OFFSETS: [f64; RAYS / 2] =
    [0.0447, 0.1413, 0.2492, 0.3715, 0.5129, 0.6797, 0.8844, 1.1481, 1.5195, 2.1551];

/// Power-weighted mean and spread of one kind of angle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AngularSpread {
    /// Mean angle in degrees, `arg S`.
    pub mean_deg: f64,
    /// Circular spread in degrees, `sqrt(-2 ln |S|)`.
    pub spread_deg: f64,
}

/// What one kind of angle is scaled to; what is not given stays as the table has it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct AngleTarget {
    /// Mean angle in degrees.
    pub mean_deg: Option<f64>,
    /// Spread in degrees, 0 to 180.
    pub spread_deg: Option<f64>,
}

/// Desired means and spreads of the four kinds of angles; by default those of the table.
///
/// ```text
/// scaled = desired spread / table's spread * (angle - table's mean) + desired mean,   differences within half a turn
/// ```
///
/// It acts on every ray, offsets included; zenith angles are then clipped to 0 to 180 degrees. The table's mean and spread
/// are circular and include the specular path ([`AngularSpread`]). As the formula is linear and the spread circular, the
/// spread reached is near the one asked for, not equal: within 5 % in CDL-A to CDL-C, 29 % above it for CDL-E's arrival
/// azimuth at 10 degrees, whose few far rays count more in small angles; [`super::ClusteredModel::angular_spreads`]
/// returns what is reached.
///
/// Source: 3GPP TR 38.901, clause 7.7.5.1 (equation 7.7-5) and annex A.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct AngleScaling {
    /// Azimuth at the server (AOD).
    pub departure_azimuth: AngleTarget,
    /// Azimuth at the device (AOA).
    pub arrival_azimuth: AngleTarget,
    /// Zenith angle at the server (ZOD).
    pub departure_zenith: AngleTarget,
    /// Zenith angle at the device (ZOA).
    pub arrival_zenith: AngleTarget,
}

impl AngleScaling {
    fn target(&self, angle: Angle) -> AngleTarget {
        match angle {
            Angle::DepartureAzimuth => self.departure_azimuth,
            Angle::ArrivalAzimuth => self.arrival_azimuth,
            Angle::DepartureZenith => self.departure_zenith,
            Angle::ArrivalZenith => self.arrival_zenith,
        }
    }
}

/// Returns the angles of all rays in degrees, `path * RAYS + ray`, by [`Angle`]; the specular path's are all equal.
///
/// ```text
/// angle of ray m = angle of the cluster + spread of the cluster * offset of ray m      (7.7-0a)
/// ```
///
/// # Errors
/// When a desired mean or spread is out of range.
pub(super) fn ray_angles(
    table: &Table,
    profile: &Profile,
    scaling: &AngleScaling,
) -> Result<[Vec<f64>; 4], ChannelError> {
    let mut angles = Angle::ALL.map(|angle| {
        let spread = table.spreads_deg[angle as usize];
        let rays = table.clusters.iter().flat_map(|cluster| {
            let spread = if cluster.kind == PathKind::LineOfSight { 0.0 } else { spread };
            let centre = cluster.angles_deg[angle as usize];
            OFFSETS.into_iter().flat_map(move |offset| [centre + spread * offset, centre - spread * offset])
        });
        rays.collect::<Vec<f64>>()
    });
    for angle in Angle::ALL {
        scale(&mut angles[angle as usize], profile, angle, scaling.target(angle))?;
    }
    Ok(angles)
}

/// Returns the circular mean and spread of angles in degrees, `path * RAYS + ray`.
///
/// ```text
/// S = sum of power exp(j angle) / sum of power          (3GPP TR 38.901, annex A, equation A-1)
/// ```
pub(super) fn angular_spread(angles_deg: &[f64], profile: &Profile) -> AngularSpread {
    let mut sum = Complex64::default();
    for (path, rays) in profile.paths().iter().zip(angles_deg.chunks_exact(RAYS)) {
        let rays: Complex64 = rays.iter().map(|a| Complex64::from_polar(1.0, a.to_radians())).sum();
        sum += rays * (path.power / RAYS as f64);
    }
    let spread = (-2.0 * sum.norm().min(1.0).ln()).sqrt();
    AngularSpread { mean_deg: sum.arg().to_degrees(), spread_deg: spread.to_degrees() }
}

fn scale(
    angles_deg: &mut [f64],
    profile: &Profile,
    angle: Angle,
    target: AngleTarget,
) -> Result<(), ChannelError> {
    if target == AngleTarget::default() {
        return Ok(());
    }
    let zenith = matches!(angle, Angle::DepartureZenith | Angle::ArrivalZenith);
    let model = angular_spread(angles_deg, profile);
    let mean_deg = match (target.mean_deg, zenith) {
        (None, _) => model.mean_deg,
        (Some(mean), true) => within("mean zenith angle", mean, 0.0..=180.0, "0 to 180 degrees")?,
        (Some(mean), false) => within("mean azimuth", mean, -360.0..=360.0, "-360 to 360 degrees")?,
    };
    let spread_deg = match target.spread_deg {
        None => model.spread_deg,
        Some(spread) => within("angular spread", spread, 0.0..=180.0, "0 to 180 degrees")?,
    };
    for angle in angles_deg.iter_mut() {
        let difference = (*angle - model.mean_deg + 180.0).rem_euclid(360.0) - 180.0;
        let scaled = spread_deg / model.spread_deg * difference + mean_deg;
        *angle = if zenith { scaled.clamp(0.0, 180.0) } else { scaled };
    }
    Ok(())
}
