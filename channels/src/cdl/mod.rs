//! Clustered delay lines: paths made of rays with angles, heard and sent by antenna arrays.
//!
//! Source: 3GPP TR 38.901, clause 7.7.1 (CDL-A to CDL-E) with steps 10 and 11 of clause 7.5. Neither the splitting of the
//! strongest two clusters into sub-clusters of step 11 nor cluster-wise shadowing applies: clause 7.7.1, step 4, treats every
//! row as a weaker cluster (equation 7.5-22), for the tables already hold the sub-clusters as rows of equal angles.
//!
//! Direction: the tables' departure is at the server (base station) and their arrival at the device, as in the downlink.
//! Devices transmit, and reciprocity leaves angles, delays and Doppler shifts as they are: the server hears at the angles of
//! departure, a device sends into the angles of arrival, and the device moves.

mod angles;
mod config;
mod power;
mod rays;
mod synthesis;
mod table;
#[cfg(test)]
mod tests;

use crate::SPEED_OF_LIGHT_M_S;
use crate::error::ChannelError;
use crate::marginal::Marginal;
use crate::profile::{PathKind, PathSpec, Profile};
use crate::taps::{LANES, Taps};
use airloop_baseband::Seeds;
use angles::RAYS;
pub use angles::{AngleScaling, AngleTarget, AngularSpread};
pub use config::{ClusteredConfig, RayAmplitudes, ServerAzimuth, Travel};
use std::ops::Range;
use std::sync::Arc;
use synthesis::Scratch;

/// A clustered delay line between a server's array and the arrays of moving devices.
///
/// ```text
/// a_n(t) = sqrt(P_n / 20) sum_m F_r(AOD, ZOD)^T M_nm F_t(AOA, ZOA) exp(j 2 pi (r_r . d_r + r_t . d_t + r_t . v t / lambda))
/// M_nm = [e^(j Phi), e^(j Phi) / sqrt(XPR); e^(j Phi) / sqrt(XPR), e^(j Phi)],   four phases Phi of their own
/// ```
///
/// The powers `P_n` sum to 1, so that single vertical isotropic elements have unit mean power. The specular path of CDL-D
/// and CDL-E is a path of its own, at the delay of the first cluster, with `M = diag(1, -1)` and one random phase.
/// Validity: arrays small against distances; all elements of a device move alike.
///
/// Source: 3GPP TR 38.901, clause 7.7.1, equations 7.5-22, 7.5-29 and 7.7-0a.
#[derive(Clone, Debug)]
pub struct ClusteredModel {
    config: ClusteredConfig,
    profile: Profile,
    delays_s: Arc<[f64]>,
    max_doppler_hz: f64,
    cross_polarisation_ratio: f64,
    /// Angles of rays in degrees by [`table::Angle`], `path * RAYS + ray`.
    angles_deg: [Vec<f64>; 4],
    /// Their `(cos, sin)`.
    phasors: [Vec<(f64, f64)>; 4],
    /// Square roots of the rays' mean powers, laid out by [`rays::place`].
    amplitudes: Vec<f64>,
}

impl ClusteredModel {
    /// Makes a model.
    ///
    /// # Errors
    /// When the profile is unknown or a value is out of range.
    pub fn new(config: ClusteredConfig) -> Result<Self, ChannelError> {
        config.check()?;
        let table = table::Table::named(&config.profile)?;
        let paths = table.clusters.iter().map(|cluster| PathSpec {
            delay_s: cluster.delay * config.delay_spread_s,
            power: cluster.power,
            kind: cluster.kind,
        });
        let profile = Profile::new(paths.collect())?;
        let angles_deg = angles::ray_angles(&table, &profile, &config.scaling)?;
        let mut amplitudes = vec![0.0; profile.paths().len().next_multiple_of(LANES) * RAYS];
        for (p, path) in profile.paths().iter().enumerate() {
            let rays = if path.kind == PathKind::LineOfSight { 1 } else { RAYS };
            (0..rays).for_each(|ray| amplitudes[rays::place(p, ray)] = (path.power / rays as f64).sqrt());
        }
        Ok(Self {
            delays_s: profile.paths().iter().map(|path| path.delay_s).collect(),
            max_doppler_hz: config.speed_m_s * config.carrier_hz / SPEED_OF_LIGHT_M_S,
            cross_polarisation_ratio: table.cross_polarisation_ratio,
            phasors: angles_deg.each_ref().map(|a| a.iter().map(|a| rays::phasor(*a)).collect()),
            angles_deg,
            amplitudes,
            profile,
            config,
        })
    }

    /// Returns the model with every delay rounded to a whole number of samples at `sample_rate_hz`.
    #[must_use]
    pub fn rounded_to_samples(self, sample_rate_hz: f64) -> Self {
        let profile = self.profile.rounded_to_samples(sample_rate_hz);
        let delays_s = profile.paths().iter().map(|path| path.delay_s).collect();
        Self { profile, delays_s, ..self }
    }

    /// Returns what the model was made of.
    pub fn config(&self) -> &ClusteredConfig {
        &self.config
    }

    /// Returns the power delay profile, the specular path first where there is one.
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// Returns the maximum Doppler shift `v f_c / c` in hertz.
    pub fn max_doppler_hz(&self) -> f64 {
        self.max_doppler_hz
    }

    /// Returns the number of links of a device: elements of the server times elements of the device.
    pub fn links(&self) -> usize {
        self.config.receive_array.elements() * self.config.device_array.elements()
    }

    /// Returns the distribution of `|H|^2` between single vertical isotropic elements: exact for
    /// [`RayAmplitudes::Gaussian`], and close to it for [`RayAmplitudes::Standard`], whose deep fades are fewer.
    pub fn marginal(&self) -> Marginal {
        Marginal::rician(self.profile.k_factor())
    }

    /// Returns mean and spread of the angles of departure azimuth (AOD), arrival azimuth (AOA), departure zenith (ZOD)
    /// and arrival zenith (ZOA), all rays and the specular path by power, after scaling.
    ///
    /// Source: 3GPP TR 38.901, annex A.
    pub fn angular_spreads(&self) -> [AngularSpread; 4] {
        self.angles_deg.each_ref().map(|angles| angles::angular_spread(angles, &self.profile))
    }

    /// Draws the taps of all links of a range of devices in one trial. The draw of a device does not depend on the range.
    ///
    /// ```text
    /// link = (device * receive_antennas + r) * device_antennas + t,   devices counted from the range's start
    /// ```
    ///
    /// All links of a device share its rays; their coupling, phases, and random directions are new in each trial.
    pub fn draw(&self, seeds: &Seeds, trial: u64, devices: Range<usize>) -> Vec<Taps> {
        let (receive, transmit) = (&self.config.receive_array, &self.config.device_array);
        let elements = (receive.elements(), transmit.elements());
        let mut scratch = Scratch::new(self.profile.paths().len(), elements);
        let mut taps = Vec::with_capacity(devices.len() * self.links());
        for device in devices {
            scratch.rays.draw(self, seeds, trial, device);
            receive.respond(&scratch.rays.server, &mut scratch.server);
            transmit.respond(&scratch.rays.device, &mut scratch.device);
            scratch.excite();
            for link in 0..self.links() {
                let pair = (link / elements.1, link % elements.1);
                taps.push(scratch.taps(pair, &self.delays_s, self.max_doppler_hz));
            }
        }
        taps
    }
}
