//! The random part of one device: how rays are coupled, their polarisation matrices, and their Doppler shifts.

use super::ClusteredModel;
use super::angles::RAYS;
use super::config::{RayAmplitudes, ServerAzimuth, Travel};
use super::table::Angle;
use crate::array::Directions;
use crate::profile::PathKind;
use crate::rotor::unit_phasor;
use crate::taps::LANES;
use airloop_baseband::{Complex32, Purpose, Seeds, Stream};
use multiversion::multiversion;

/// Streams of fading that are the clusters' own; each device has its substream.
const COUPLING: u64 = 64;
const POLARISATION: u64 = 65;
const GEOMETRY: u64 = 66;

/// Returns where a ray lies in a row over all rays: eight paths side by side, as taps have them.
pub(super) fn place(path: usize, ray: usize) -> usize {
    (path / LANES * RAYS + ray) * LANES + path % LANES
}

/// One device's rays, each row laid out by [`place`]; where there is no ray the matrix is zero.
pub(super) struct Rays {
    /// Directions at the server.
    pub(super) server: Directions,
    /// Directions at the device.
    pub(super) device: Directions,
    /// Real and imaginary parts of the matrix from the device's (zenith, azimuth) field to the server's, in the order
    /// zenith to zenith, azimuth to zenith, zenith to azimuth, azimuth to azimuth; mean powers included.
    pub(super) matrix: [Vec<f64>; 8],
    /// Doppler shifts in hertz.
    pub(super) doppler_hz: Vec<f64>,
    uniforms: Vec<f32>,
    gaussians: Vec<Complex32>,
}

impl Rays {
    pub(super) fn zeros(count: usize) -> Self {
        Self {
            server: Directions::zeros(count),
            device: Directions::zeros(count),
            matrix: std::array::from_fn(|_| vec![0.0; count]),
            doppler_hz: vec![0.0; count],
            uniforms: Vec::new(),
            gaussians: Vec::new(),
        }
    }

    /// Draws the rays of a device in one trial.
    pub(super) fn draw(&mut self, model: &ClusteredModel, seeds: &Seeds, trial: u64, device: usize) {
        let stream = |part| seeds.stream(Purpose::Fading, trial, part).substream(device as u64);
        let geometry = stream(GEOMETRY);
        self.couple(model, stream(COUPLING), turn(model, geometry, device));
        self.shift(model, geometry);
        self.polarise(model, stream(POLARISATION));
        self.specular(model, geometry);
    }

    /// Couples the angles of each cluster at random (clause 7.7.1, step 2), and turns them at the server.
    fn couple(&mut self, model: &ClusteredModel, stream: Stream, turn: (f64, f64)) {
        let [aod, aoa, zod, zoa] = Angle::ALL.map(|angle| &model.phasors[angle as usize]);
        for (path, spec) in model.profile.paths().iter().enumerate() {
            if spec.kind == PathKind::LineOfSight {
                let (first, at) = (path * RAYS, place(path, 0));
                self.server.set(at, product(aod[first], turn), zod[first]);
                self.device.set(at, aoa[first], zoa[first]);
                continue;
            }
            let order = |which| stream.substream((3 * path + which) as u64).permutation(RAYS);
            let orders = [order(0), order(1), order(2)];
            for ray in 0..RAYS {
                let [b, c, d] = [0, 1, 2].map(|which| path * RAYS + orders[which][ray] as usize);
                let at = place(path, ray);
                self.server.set(at, product(aod[path * RAYS + ray], turn), zod[c]);
                self.device.set(at, aoa[b], zoa[d]);
            }
        }
    }

    /// Sets the Doppler shifts: `v / lambda` times the cosine between a ray and the travel (equation 7.5-22).
    fn shift(&mut self, model: &ClusteredModel, geometry: Stream) {
        let (azimuth, zenith) = match model.config.travel {
            Travel::Towards { azimuth_deg, zenith_deg } => (phasor(azimuth_deg), phasor(zenith_deg)),
            Travel::Random => (unit_phasor(geometry.uniform(1)), (0.0, 1.0)),
        };
        let towards =
            [zenith.1 * azimuth.0, zenith.1 * azimuth.1, zenith.0].map(|x| x * model.max_doppler_hz);
        for (i, shift_hz) in self.doppler_hz.iter_mut().enumerate() {
            *shift_hz = self.device.unit(i).iter().zip(towards).map(|(r, v)| r * v).sum();
        }
    }

    /// Draws the polarisation matrices (clause 7.5, step 10, and equation 7.5-22), whatever the layout.
    fn polarise(&mut self, model: &ClusteredModel, stream: Stream) {
        let paths = model.profile.paths().len();
        let cross = (1.0 / model.cross_polarisation_ratio).sqrt();
        let weights = [1.0, cross, cross, 1.0];
        let numbers = 4 * paths * RAYS;
        let rays =
            (0..paths).flat_map(|path| (0..RAYS).map(move |ray| (path * RAYS + ray, place(path, ray))));
        match model.config.rays {
            RayAmplitudes::Standard => {
                self.uniforms.resize(numbers, 0.0);
                stream.fill_uniform(0, &mut self.uniforms);
                for (ray, at) in rays {
                    for entry in 0..4 {
                        self.matrix[2 * entry][at] = f64::from(self.uniforms[4 * ray + entry]);
                    }
                }
                for (entry, weight) in weights.into_iter().enumerate() {
                    let (re, im) = self.matrix.split_at_mut(2 * entry + 1);
                    turns_to_phasors(&model.amplitudes, weight, &mut re[2 * entry], &mut im[0]);
                }
            }
            RayAmplitudes::Gaussian => {
                self.gaussians.resize(numbers, Complex32::default());
                stream.fill_complex_gaussian(0, 1.0, &mut self.gaussians);
                for (ray, at) in rays {
                    for (entry, weight) in weights.into_iter().enumerate() {
                        let (scale, g) = (weight * model.amplitudes[at], self.gaussians[4 * ray + entry]);
                        self.matrix[2 * entry][at] = scale * f64::from(g.re);
                        self.matrix[2 * entry + 1][at] = scale * f64::from(g.im);
                    }
                }
            }
        }
    }

    /// Sets the specular path: no change of polarisation but the azimuth field's sign (equation 7.5-29), one random phase
    /// in place of the distance's.
    fn specular(&mut self, model: &ClusteredModel, geometry: Stream) {
        let (cos, sin) = unit_phasor(geometry.uniform(0));
        for (path, spec) in model.profile.paths().iter().enumerate() {
            if spec.kind == PathKind::LineOfSight {
                let at = place(path, 0);
                let (re, im) = (model.amplitudes[at] * cos, model.amplitudes[at] * sin);
                for (row, value) in self.matrix.iter_mut().zip([re, im, 0.0, 0.0, 0.0, 0.0, -re, -im]) {
                    row[at] = value;
                }
            }
        }
    }
}

/// Returns by how much the server sees a device turned, as `(cos, sin)`.
fn turn(model: &ClusteredModel, geometry: Stream, device: usize) -> (f64, f64) {
    match &model.config.server_azimuth {
        ServerAzimuth::Table => (1.0, 0.0),
        ServerAzimuth::Each(azimuths_deg) => phasor(azimuths_deg[device % azimuths_deg.len()]),
        ServerAzimuth::Sector { width_deg } => phasor((geometry.uniform(2) - 0.5) * width_deg),
    }
}

/// Returns cosine and sine of an angle in degrees.
pub(super) fn phasor(degrees: f64) -> (f64, f64) {
    unit_phasor(degrees / 360.0)
}

fn product((a, b): (f64, f64), (c, d): (f64, f64)) -> (f64, f64) {
    (a * c - b * d, a * d + b * c)
}

/// Replaces turns in `re` by weighted phasors `weight amplitude exp(j 2 pi turns)`.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw", "x86_64+avx2", "aarch64+neon"))]
fn turns_to_phasors(amplitudes: &[f64], weight: f64, re: &mut [f64], im: &mut [f64]) {
    for ((amplitude, re), im) in amplitudes.iter().zip(re).zip(im) {
        let (cos, sin) = unit_phasor(*re);
        (*re, *im) = (weight * amplitude * cos, weight * amplitude * sin);
    }
}
