//! Mean powers of paths between antennas: arrays and polarisation change what the profile alone would give.

use super::ClusteredModel;
use super::angles::RAYS;
use super::rays::phasor;
use super::table::Angle;
use crate::array::{Array, Directions, Responses};
use crate::profile::PathKind;
use airloop_baseband::Complex64;

/// The fields of elements at one end along zenith and along azimuth, `path * elements + element`.
struct End {
    /// Mean powers over all rays.
    powers: Vec<[f64; 2]>,
    /// The first ray's fields.
    fields: Vec<[Complex64; 2]>,
}

impl ClusteredModel {
    /// Returns the mean power of every path of every link of a device whose rays the server sees turned by
    /// `server_azimuth_deg`: `link * paths + path`, with links as in [`ClusteredModel::draw`].
    ///
    /// ```text
    /// cluster      P (Z_r Z_t + (Z_r A_t + A_r Z_t)/XPR + A_r A_t),   Z, A means of |F_theta|^2, |F_phi|^2 over all 20 x 20
    /// specular     P |F_theta,r F_theta,t - F_phi,r F_phi,t|^2        pairs of azimuth and zenith angle of the cluster
    /// ```
    ///
    /// The total is 1 between vertical isotropic elements; slants lose what the cross-polarisation ratio holds back, and
    /// directional elements gain what they point at.
    pub fn mean_powers(&self, server_azimuth_deg: f64) -> Vec<f64> {
        let config = &self.config;
        let (receive, transmit) = (config.receive_array.elements(), config.device_array.elements());
        let server = self.end(&config.receive_array, Angle::DepartureAzimuth, server_azimuth_deg);
        let device = self.end(&config.device_array, Angle::ArrivalAzimuth, 0.0);
        let mut powers = Vec::with_capacity(receive * transmit * self.profile.paths().len());
        for link in 0..receive * transmit {
            for (p, path) in self.profile.paths().iter().enumerate() {
                let (r, t) = (p * receive + link / transmit, p * transmit + link % transmit);
                powers.push(
                    path.power
                        * match path.kind {
                            PathKind::LineOfSight => {
                                let ([a, b], [c, d]) = (server.fields[r], device.fields[t]);
                                (a * c - b * d).norm_sqr()
                            }
                            PathKind::Rayleigh => {
                                let ([a, b], [c, d]) = (server.powers[r], device.powers[t]);
                                a * c + (a * d + b * c) / self.cross_polarisation_ratio + b * d
                            }
                        },
                );
            }
        }
        powers
    }

    /// Averages the fields of one end over its azimuth (`angle`) and zenith angles.
    fn end(&self, array: &Array, angle: Angle, turn_deg: f64) -> End {
        const PAIRS: usize = RAYS * RAYS;
        let (azimuths, zeniths) = (&self.angles_deg[angle as usize], &self.angles_deg[angle as usize + 2]);
        let mut directions = Directions::zeros(PAIRS);
        let mut responses = Responses::zeros(array.elements(), PAIRS);
        let mut end = End { powers: Vec::new(), fields: Vec::new() };
        for (azimuths, zeniths) in azimuths.chunks_exact(RAYS).zip(zeniths.chunks_exact(RAYS)) {
            for pair in 0..PAIRS {
                let (azimuth_deg, zenith_deg) = (azimuths[pair / RAYS], zeniths[pair % RAYS]);
                directions.set(pair, phasor(azimuth_deg + turn_deg), phasor(zenith_deg));
            }
            array.respond(&directions, &mut responses);
            for element in 0..array.elements() {
                let [a, b, c, d] = responses.element(element);
                let mean = |re: &[f64], im: &[f64]| {
                    re.iter().zip(im).map(|(re, im)| re * re + im * im).sum::<f64>() / PAIRS as f64
                };
                end.powers.push([mean(a, b), mean(c, d)]);
                end.fields.push([Complex64::new(a[0], b[0]), Complex64::new(c[0], d[0])]);
            }
        }
        end
    }
}
