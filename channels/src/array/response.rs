//! The response of every element to many directions at once.

use super::{Array, ElementPattern};
use crate::rotor::unit_phasor;
use multiversion::multiversion;

/// Many directions in the global frame, by cosine and sine of their angles; all zero where there is none.
pub(crate) struct Directions {
    pub(crate) cos_azimuth: Vec<f64>,
    pub(crate) sin_azimuth: Vec<f64>,
    pub(crate) cos_zenith: Vec<f64>,
    pub(crate) sin_zenith: Vec<f64>,
}

impl Directions {
    /// Makes places for `count` directions.
    pub(crate) fn zeros(count: usize) -> Self {
        let zeros = || vec![0.0; count];
        Self { cos_azimuth: zeros(), sin_azimuth: zeros(), cos_zenith: zeros(), sin_zenith: zeros() }
    }

    /// Sets a direction from `(cos, sin)` of its azimuth and of its zenith angle.
    pub(crate) fn set(&mut self, at: usize, azimuth: (f64, f64), zenith: (f64, f64)) {
        (self.cos_azimuth[at], self.sin_azimuth[at]) = azimuth;
        (self.cos_zenith[at], self.sin_zenith[at]) = zenith;
    }

    /// Returns the unit vector of a direction.
    pub(crate) fn unit(&self, at: usize) -> [f64; 3] {
        let across = self.sin_zenith[at];
        [across * self.cos_azimuth[at], across * self.sin_azimuth[at], self.cos_zenith[at]]
    }

    fn count(&self) -> usize {
        self.cos_azimuth.len()
    }
}

/// Fields of all elements in many directions.
pub(crate) struct Responses {
    directions: usize,
    /// Real and imaginary part along zenith, then along azimuth, of each element: four runs over directions.
    parts: Vec<f64>,
    /// Field along zenith and along azimuth of an element that stands in the middle and has no slant.
    field: [Vec<f64>; 2],
}

impl Responses {
    /// Makes places for the fields of `elements` in so many directions.
    pub(crate) fn zeros(elements: usize, directions: usize) -> Self {
        let parts = vec![0.0; 4 * elements * directions];
        Self { directions, parts, field: [vec![0.0; directions], vec![0.0; directions]] }
    }

    /// Returns an element's field: real and imaginary part along zenith, then along azimuth.
    pub(crate) fn element(&self, element: usize) -> [&[f64]; 4] {
        let part = |c| &self.parts[(4 * element + c) * self.directions..][..self.directions];
        [part(0), part(1), part(2), part(3)]
    }
}

impl Array {
    /// Computes the response of every element to every direction.
    pub(crate) fn respond(&self, directions: &Directions, out: &mut Responses) {
        let [axis_x, axis_y, up] = self.orientation.axes();
        let [theta, phi] = &mut out.field;
        field_of_upright(directions, up, (theta, phi));
        if self.pattern != ElementPattern::Isotropic {
            for i in 0..directions.count() {
                let unit = directions.unit(i);
                let along = |axis: [f64; 3]| axis[0] * unit[0] + axis[1] * unit[1] + axis[2] * unit[2];
                let amplitude = self.pattern.amplitude([along(axis_x), along(axis_y), along(up)]);
                theta[i] *= amplitude;
                phi[i] *= amplitude;
            }
        }
        let slants =
            self.polarisation.slants_deg().iter().flat_map(|s| self.positions.iter().map(move |p| (s, p)));
        for ((slant_deg, position), parts) in slants.zip(out.parts.chunks_exact_mut(4 * out.directions)) {
            let position = self.orientation.turned(*position);
            let (sin, cos) = slant_deg.to_radians().sin_cos();
            element(directions, position, (theta, phi), (cos, sin), parts);
        }
    }
}

/// Computes the field of a vertical element whose own vertical is `up`, by the angle psi between the two frames.
///
/// ```text
/// F_theta = cos(psi) = -up . theta_hat / |.|,   F_phi = sin(psi) = -up . phi_hat / |.|,   equations 7.1-12 to 7.1-15
/// ```
///
/// Along the element's own vertical, where psi is arbitrary, it is zero.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw", "x86_64+avx2", "aarch64+neon"))]
fn field_of_upright(directions: &Directions, up: [f64; 3], (theta, phi): (&mut [f64], &mut [f64])) {
    let count = theta.len();
    let phi = &mut phi[..count];
    let (ca, sa) = (&directions.cos_azimuth[..count], &directions.sin_azimuth[..count]);
    let (cz, sz) = (&directions.cos_zenith[..count], &directions.sin_zenith[..count]);
    for i in 0..count {
        let along_zenith = cz[i] * (ca[i] * up[0] + sa[i] * up[1]) - sz[i] * up[2];
        let along_azimuth = ca[i] * up[1] - sa[i] * up[0];
        let norm = (along_zenith * along_zenith + along_azimuth * along_azimuth).sqrt();
        let pole = norm < 1e-12;
        let scale = if pole { 0.0 } else { -1.0 / norm };
        theta[i] = along_zenith * scale + f64::from(u8::from(pole));
        phi[i] = along_azimuth * scale;
    }
}

/// Computes the response of one element from the upright field, its slant as `(cos, sin)`, and its position.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw", "x86_64+avx2", "aarch64+neon"))]
fn element(
    directions: &Directions,
    position: [f64; 3],
    (theta, phi): (&[f64], &[f64]),
    (cos, sin): (f64, f64),
    parts: &mut [f64],
) {
    let count = parts.len() / 4;
    let (theta, phi) = (&theta[..count], &phi[..count]);
    let (ca, sa) = (&directions.cos_azimuth[..count], &directions.sin_azimuth[..count]);
    let (cz, sz) = (&directions.cos_zenith[..count], &directions.sin_zenith[..count]);
    let (zenith, azimuth) = parts.split_at_mut(2 * count);
    let (theta_re, theta_im) = zenith.split_at_mut(count);
    let (phi_re, phi_im) = azimuth.split_at_mut(count);
    for i in 0..count {
        let turns = sz[i] * (ca[i] * position[0] + sa[i] * position[1]) + cz[i] * position[2];
        let (c, s) = unit_phasor(turns);
        let along_zenith = theta[i] * cos - phi[i] * sin;
        let along_azimuth = phi[i] * cos + theta[i] * sin;
        (theta_re[i], theta_im[i]) = (along_zenith * c, along_zenith * s);
        (phi_re[i], phi_im[i]) = (along_azimuth * c, along_azimuth * s);
    }
}
