//! One link's realised impulse response: path delays and complex gains as functions of time.

use crate::recorded::Series;
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

/// Paths worked on at once.
pub(crate) const LANES: usize = 8;

/// Most sinusoids of a path.
pub(crate) const MAX_SINUSOIDS: usize = 24;

/// The realised impulse response of one link: a pure function of time, so that any instant can be asked for.
///
/// ```text
/// h(tau, t) = sum_p a_p(t) delta(tau - tau_p),   a_p(t) = sum_i A_pi exp(j 2 pi f_pi t)
/// ```
///
/// Taps come from one of three sources. Of a profile, `A_pi` are complex Gaussian for a Rayleigh path, so that `a_p(t)` is
/// exactly Gaussian at every instant, and of constant modulus for a line of sight. Of clusters, `A_pi` are those of rays, by
/// [`RayAmplitudes`](crate::cdl::RayAmplitudes). Of a recording, `a_p(t)` are its samples in time, interpolated.
#[derive(Clone, Debug)]
pub struct Taps {
    pub(crate) delays_s: Arc<[f64]>,
    pub(crate) sinusoids: usize,
    /// `A_pi` and `f_pi` at [`Taps::place`]: eight paths side by side, so that a sum over sinusoids is one over vectors.
    pub(crate) amplitude_re: Vec<f64>,
    pub(crate) amplitude_im: Vec<f64>,
    pub(crate) doppler_hz: Vec<f64>,
    pub(crate) max_doppler_hz: f64,
    /// Samples in time, in place of sinusoids.
    series: Option<Series>,
}

impl Taps {
    /// Makes taps that are zero throughout.
    pub(crate) fn zero(delays_s: Arc<[f64]>, sinusoids: usize, max_doppler_hz: f64) -> Self {
        debug_assert!(sinusoids <= MAX_SINUSOIDS);
        let zeros = vec![0.0; delays_s.len().next_multiple_of(LANES) * sinusoids];
        let (amplitude_re, amplitude_im) = (zeros.clone(), zeros.clone());
        Self {
            delays_s,
            sinusoids,
            amplitude_re,
            amplitude_im,
            doppler_hz: zeros,
            max_doppler_hz,
            series: None,
        }
    }

    /// Makes taps whose gains are a series of samples.
    pub(crate) fn recorded(delays_s: Arc<[f64]>, series: Series, max_doppler_hz: f64) -> Self {
        Self { series: Some(series), ..Self::zero(delays_s, 0, max_doppler_hz) }
    }

    /// Multiplies all gains of sinusoids by a factor.
    pub(crate) fn scale(&mut self, factor: f64) {
        for part in [&mut self.amplitude_re, &mut self.amplitude_im] {
            part.iter_mut().for_each(|a| *a *= factor);
        }
    }

    /// Returns where a sinusoid of a path lies.
    pub(crate) fn place(&self, path: usize, sinusoid: usize) -> usize {
        (path / LANES * self.sinusoids + sinusoid) * LANES + path % LANES
    }

    /// Returns the path delays in seconds.
    pub fn delays_s(&self) -> &[f64] {
        &self.delays_s
    }

    /// Returns the number of paths.
    pub fn paths(&self) -> usize {
        self.delays_s.len()
    }

    /// Returns the largest Doppler shift of any path, in hertz, or of a recording that of a Jakes spectrum as fast; 0 for a
    /// static link.
    pub fn max_doppler_hz(&self) -> f64 {
        self.max_doppler_hz
    }

    /// Returns the taps as they are `offset_s` later: `h'(t) = h(t + offset_s)`.
    #[must_use]
    pub fn shifted(&self, offset_s: f64) -> Self {
        let mut taps = self.clone();
        if let Some(series) = &mut taps.series {
            series.shift(offset_s);
        } else if offset_s != 0.0 {
            for ((re, im), f) in
                taps.amplitude_re.iter_mut().zip(&mut taps.amplitude_im).zip(&self.doppler_hz)
            {
                let (cos, sin) = unit_phasor(f * offset_s);
                (*re, *im) = (*re * cos - *im * sin, *re * sin + *im * cos);
            }
        }
        taps
    }

    /// Writes the path gains at every instant of `grid`: `out[instant * paths + path]`.
    ///
    /// # Panics
    /// When `out` is not `grid.count * paths` long.
    pub fn gains(&self, grid: TimeGrid, out: &mut [Complex32]) {
        assert_eq!(out.len(), grid.count * self.paths(), "one gain an instant and path");
        self.gains_of_grids(&[grid.start_s], (grid.step_s, grid.count), out);
    }

    /// Writes the path gains of several grids one after the other, which differ in their starts: each is computed anew.
    ///
    /// # Panics
    /// When `out` is not as long as all grids.
    pub(crate) fn gains_of_grids(
        &self,
        starts_s: &[f64],
        (step_s, count): (f64, usize),
        out: &mut [Complex32],
    ) {
        assert_eq!(out.len(), starts_s.len() * count * self.paths(), "one gain an instant and path");
        if out.is_empty() {
            return;
        }
        let Some(series) = &self.series else {
            return sum_of_sinusoids(self, starts_s, (step_s, count), out);
        };
        for (start_s, out) in starts_s.iter().zip(out.chunks_exact_mut(count * self.paths())) {
            series.gains(TimeGrid { start_s: *start_s, step_s, count }, out);
        }
    }
}

/// Instants worked on at once.
const INSTANTS: usize = 4;

/// A complex vector over eight paths.
type Lanes = ([f64; LANES], [f64; LANES]);

/// Sums the sinusoids of every path at every instant. Phasors turn by a product from one instant to the next.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw", "x86_64+avx2", "aarch64+neon"))]
fn sum_of_sinusoids(taps: &Taps, starts_s: &[f64], (step_s, count): (f64, usize), out: &mut [Complex32]) {
    let paths = taps.paths();
    let stride = taps.sinusoids * LANES;
    for first in (0..paths).step_by(LANES) {
        let range = first * taps.sinusoids..first * taps.sinusoids + stride;
        let doppler_hz = taps.doppler_hz[range.clone()].as_chunks::<LANES>().0;
        let re = taps.amplitude_re[range.clone()].as_chunks::<LANES>().0;
        let im = taps.amplitude_im[range].as_chunks::<LANES>().0;
        let mut z = [([0.0f64; LANES], [0.0f64; LANES]); MAX_SINUSOIDS];
        let mut turn = z;
        if count > 1 {
            turn.iter_mut().zip(doppler_hz).for_each(|(turn, f)| *turn = phasors(f, step_s));
        }
        let width = LANES.min(paths - first);
        for (start_s, out) in starts_s.iter().zip(out.chunks_exact_mut(count * paths)) {
            for (i, f) in doppler_hz.iter().enumerate() {
                let start = phasors(f, *start_s);
                for l in 0..LANES {
                    z[i].0[l] = re[i][l] * start.0[l] - im[i][l] * start.1[l];
                    z[i].1[l] = re[i][l] * start.1[l] + im[i][l] * start.0[l];
                }
            }
            for group in out.chunks_mut(INSTANTS * paths) {
                if group.len() == paths {
                    write(&step::<1>(&mut z[..taps.sinusoids], &turn), group, (paths, first, width));
                } else {
                    write(&step::<INSTANTS>(&mut z[..taps.sinusoids], &turn), group, (paths, first, width));
                }
            }
        }
    }
}

/// Returns `exp(j 2 pi f t)` for eight frequencies.
#[inline(always)]
fn phasors(frequencies_hz: &[f64; LANES], time_s: f64) -> Lanes {
    let mut lanes = ([0.0f64; LANES], [0.0f64; LANES]);
    for ((cos, sin), f) in lanes.0.iter_mut().zip(&mut lanes.1).zip(frequencies_hz) {
        (*cos, *sin) = unit_phasor(f * time_s);
    }
    lanes
}

/// Writes sums at the places of their paths: `width` of them from `first` on, of `paths` in a row.
#[inline(always)]
fn write(sums: &[Lanes], group: &mut [Complex32], (paths, first, width): (usize, usize, usize)) {
    for (row, sum) in group.chunks_exact_mut(paths).zip(sums) {
        for (l, out) in row[first..first + width].iter_mut().enumerate() {
            *out = Complex32::new(sum.0[l] as f32, sum.1[l] as f32);
        }
    }
}

/// Returns the sums at the next instants, and turns the phasors on.
#[inline(always)]
fn step<const N: usize>(z: &mut [Lanes], turn: &[Lanes]) -> [Lanes; N] {
    let mut sums = [([0.0f64; LANES], [0.0f64; LANES]); N];
    for ((re, im), (c, s)) in z.iter_mut().zip(turn) {
        for sum in &mut sums {
            for l in 0..LANES {
                sum.0[l] += re[l];
                sum.1[l] += im[l];
                (re[l], im[l]) = (re[l] * c[l] - im[l] * s[l], re[l] * s[l] + im[l] * c[l]);
            }
        }
    }
    sums
}
