//! The amplitudes of all rays between two antennas.

use super::angles::RAYS;
use super::rays::Rays;
use crate::array::Responses;
use crate::taps::{LANES, Taps};
use multiversion::multiversion;
use std::sync::Arc;

/// What comes of a device: its rays, the responses at both ends, and the field that one of its elements makes.
pub(super) struct Scratch {
    pub(super) rays: Rays,
    pub(super) server: Responses,
    pub(super) device: Responses,
    /// Per element of the device, the field at the server: real and imaginary part along zenith, then along azimuth.
    fields: Vec<[Vec<f64>; 4]>,
}

impl Scratch {
    pub(super) fn new(paths: usize, (server, device): (usize, usize)) -> Self {
        let count = paths.next_multiple_of(LANES) * RAYS;
        Self {
            rays: Rays::zeros(count),
            server: Responses::zeros(server, count),
            device: Responses::zeros(device, count),
            fields: (0..device).map(|_| std::array::from_fn(|_| vec![0.0; count])).collect(),
        }
    }

    /// Sends every element of the device through the polarisation matrices.
    pub(super) fn excite(&mut self) {
        for (element, field) in self.fields.iter_mut().enumerate() {
            let [a, b, c, d, e, f, g, h] = &self.rays.matrix;
            let sent = self.device.element(element);
            let [theta_re, theta_im, phi_re, phi_im] = field;
            row([a, b, c, d], sent, (theta_re, theta_im));
            row([e, f, g, h], sent, (phi_re, phi_im));
        }
    }

    /// Makes the taps between an element of the server and one of the device.
    pub(super) fn taps(
        &self,
        (server, device): (usize, usize),
        delays_s: &Arc<[f64]>,
        max_doppler_hz: f64,
    ) -> Taps {
        let received = self.server.element(server);
        let field = self.fields[device].each_ref().map(Vec::as_slice);
        let moving = max_doppler_hz > 0.0;
        let mut taps = Taps::zero(Arc::clone(delays_s), if moving { RAYS } else { 1 }, max_doppler_hz);
        if moving {
            row(field, received, (&mut taps.amplitude_re, &mut taps.amplitude_im));
            taps.doppler_hz.copy_from_slice(&self.rays.doppler_hz);
        } else {
            sum_of_rays(field, received, (&mut taps.amplitude_re, &mut taps.amplitude_im));
        }
        taps
    }
}

/// Four parts over all rays: a field, or a row of matrices; real and imaginary part along zenith, then along azimuth.
type Parts<'a> = [&'a [f64]; 4];

/// Computes `zenith * zenith' + azimuth * azimuth'` of every ray.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw", "x86_64+avx2", "aarch64+neon"))]
fn row(left: Parts, right: Parts, (re, im): (&mut [f64], &mut [f64])) {
    let count = re.len();
    let im = &mut im[..count];
    let ([a, b, c, d], [e, f, g, h]) = (left.map(|part| &part[..count]), right.map(|part| &part[..count]));
    for i in 0..count {
        re[i] = a[i] * e[i] - b[i] * f[i] + c[i] * g[i] - d[i] * h[i];
        im[i] = a[i] * f[i] + b[i] * e[i] + c[i] * h[i] + d[i] * g[i];
    }
}

/// As [`row`], summed over the rays of each path.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw", "x86_64+avx2", "aarch64+neon"))]
fn sum_of_rays(left: Parts, right: Parts, (re, im): (&mut [f64], &mut [f64])) {
    let chunks = |parts: Parts<'_>, at: usize| -> [[f64; LANES]; 4] {
        parts.map(|part| *part[at..].first_chunk::<LANES>().expect("whole chunks"))
    };
    let paths = re.as_chunks_mut::<LANES>().0.iter_mut().zip(im.as_chunks_mut::<LANES>().0);
    for (group, (re, im)) in paths.enumerate() {
        for ray in 0..RAYS {
            let at = (group * RAYS + ray) * LANES;
            let ([a, b, c, d], [e, f, g, h]) = (chunks(left, at), chunks(right, at));
            for l in 0..LANES {
                re[l] += a[l] * e[l] - b[l] * f[l] + c[l] * g[l] - d[l] * h[l];
                im[l] += a[l] * f[l] + b[l] * e[l] + c[l] * h[l] + d[l] * g[l];
            }
        }
    }
}
