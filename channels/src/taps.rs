//! One link's realised impulse response: path delays and complex gains as functions of time.

use crate::rotor::unit_phasor;
use airloop_baseband::Complex32;
use multiversion::multiversion;
use std::sync::Arc;

/// Evenly spaced instants.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TimeGrid {
    /// First instant, in seconds.
    pub start_s: f64,
    /// Spacing, in seconds; 0 for a single instant.
    pub step_s: f64,
    /// Number of instants, at least 1.
    pub count: usize,
}

/// The realised impulse response of one link: a pure function of time, so that any instant can be asked for.
///
/// ```text
/// h(tau, t) = sum_p a_p(t) delta(tau - tau_p),   a_p(t) = sum_i A_pi exp(j 2 pi f_pi t)
/// ```
///
/// `A_pi` are complex Gaussian for a Rayleigh path, so `a_p(t)` is exactly Gaussian at every instant.
#[derive(Clone, Debug)]
pub struct Taps {
    pub(crate) delays_s: Arc<[f64]>,
    pub(crate) sinusoids: usize,
    pub(crate) amplitude_re: Vec<f64>,
    pub(crate) amplitude_im: Vec<f64>,
    pub(crate) doppler_hz: Vec<f64>,
    pub(crate) max_doppler_hz: f64,
}

impl Taps {
    /// Returns the path delays in seconds.
    pub fn delays_s(&self) -> &[f64] {
        &self.delays_s
    }

    /// Returns the number of paths.
    pub fn paths(&self) -> usize {
        self.delays_s.len()
    }

    /// Returns the largest Doppler shift of any path, in hertz; 0 for a static link.
    pub fn max_doppler_hz(&self) -> f64 {
        self.max_doppler_hz
    }

    /// Writes the path gains at every instant of `grid`: `out[instant * paths + path]`.
    ///
    /// # Panics
    /// When `out` is not `grid.count * paths` long.
    pub fn gains(&self, grid: TimeGrid, out: &mut [Complex32]) {
        assert_eq!(out.len(), grid.count * self.paths(), "one gain an instant and path");
        for path in 0..self.paths() {
            let range = path * self.sinusoids..(path + 1) * self.sinusoids;
            let wave = Wave {
                re: &self.amplitude_re[range.clone()],
                im: &self.amplitude_im[range.clone()],
                doppler_hz: &self.doppler_hz[range],
            };
            sum_of_sinusoids(wave, grid, out, (path, self.paths()));
        }
    }
}

/// The sinusoids of one path.
#[derive(Clone, Copy)]
struct Wave<'a> {
    re: &'a [f64],
    im: &'a [f64],
    doppler_hz: &'a [f64],
}

/// Sinusoids worked on at once.
const LANES: usize = 16;

/// Sums the sinusoids of one path at every instant; `place` is (path, paths).
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw", "x86_64+avx2", "aarch64+neon"))]
fn sum_of_sinusoids(wave: Wave<'_>, grid: TimeGrid, out: &mut [Complex32], place: (usize, usize)) {
    let (path, paths) = place;
    for i in 0..grid.count {
        out[i * paths + path] = Complex32::default();
    }
    let chunks = wave.re.chunks(LANES).zip(wave.im.chunks(LANES)).zip(wave.doppler_hz.chunks(LANES));
    for ((re, im), doppler_hz) in chunks {
        let (mut zr, mut zi) = ([0.0f64; LANES], [0.0f64; LANES]);
        let (mut wr, mut wi) = ([1.0f64; LANES], [0.0f64; LANES]);
        let mut f = [0.0f64; LANES];
        zr[..re.len()].copy_from_slice(re);
        zi[..im.len()].copy_from_slice(im);
        f[..doppler_hz.len()].copy_from_slice(doppler_hz);
        for l in 0..LANES {
            let (c, s) = unit_phasor(f[l] * grid.start_s);
            (zr[l], zi[l]) = (zr[l] * c - zi[l] * s, zr[l] * s + zi[l] * c);
        }
        if grid.count > 1 {
            for l in 0..LANES {
                (wr[l], wi[l]) = unit_phasor(f[l] * grid.step_s);
            }
        }
        for i in 0..grid.count {
            let (mut sum_re, mut sum_im) = (0.0, 0.0);
            for l in 0..LANES {
                sum_re += zr[l];
                sum_im += zi[l];
            }
            out[i * paths + path] += Complex32::new(sum_re as f32, sum_im as f32);
            for l in 0..LANES {
                (zr[l], zi[l]) = (zr[l] * wr[l] - zi[l] * wi[l], zr[l] * wi[l] + zi[l] * wr[l]);
            }
        }
    }
}
