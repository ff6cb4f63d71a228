//! Taps as a frequency response: path gains times steering phases, one matrix product for several instants.

use airloop_baseband::Complex32;
use multiversion::multiversion;
use std::ops::Range;

/// The phases `exp(-j 2 pi f_k tau_p)` of every path and frequency, laid out for a vectorised product.
#[derive(Clone, Debug)]
pub struct Steering {
    paths: usize,
    frequencies: usize,
    /// Real parts of every frequency, path after path, each path padded so that whole chunks can be read anywhere.
    re: Vec<f32>,
    /// Imaginary parts, laid out alike.
    im: Vec<f32>,
    padded: usize,
}

/// Frequencies worked on at once.
const LANES: usize = 16;

/// Most instants whose sums are kept in registers during one pass over the phases.
const INSTANTS: usize = 6;

impl Steering {
    /// Makes the phases for path delays in seconds and frequencies in hertz (relative to the carrier).
    pub fn new(delays_s: &[f64], frequencies_hz: &[f64]) -> Self {
        let padded = frequencies_hz.len() + LANES;
        let mut re = vec![0.0; padded * delays_s.len()];
        let mut im = re.clone();
        for (p, delay) in delays_s.iter().enumerate() {
            for (k, frequency) in frequencies_hz.iter().enumerate() {
                let (sin, cos) = (-std::f64::consts::TAU * frequency * delay).sin_cos();
                let at = p * padded + k;
                (re[at], im[at]) = (cos as f32, sin as f32);
            }
        }
        Self { paths: delays_s.len(), frequencies: frequencies_hz.len(), re, im, padded }
    }

    /// Returns the number of frequencies.
    pub fn frequencies(&self) -> usize {
        self.frequencies
    }

    /// Returns the same phases with every `stride`-th frequency side by side: first those of index 0, `stride`,
    /// `2 stride`, ..., then those of index 1, `stride + 1`, ... ([`comb`] tells where each begins).
    #[must_use]
    pub fn combed(&self, stride: usize) -> Self {
        let mut combed = self.clone();
        for path in 0..self.paths {
            let row = path * self.padded..path * self.padded + self.frequencies;
            for (from, to) in [(&self.re, &mut combed.re), (&self.im, &mut combed.im)] {
                let from = &from[row.clone()];
                let order =
                    (0..stride.min(self.frequencies)).flat_map(|first| from[first..].iter().step_by(stride));
                to[row.clone()].iter_mut().zip(order).for_each(|(to, from)| *to = *from);
            }
        }
        combed
    }

    /// Writes the response at every instant: `out[instant * frequencies + k] = sum_p gains[instant * paths + p] e_pk`.
    ///
    /// # Panics
    /// When the lengths do not fit each other.
    pub fn respond(&self, gains: &[Complex32], out: &mut [Complex32]) {
        self.respond_in(0..self.frequencies, gains, out);
    }

    /// As [`Steering::respond`] for a range of the frequencies: `out[instant * columns.len() + k - columns.start]`.
    ///
    /// # Panics
    /// When the lengths do not fit each other or the range leaves the frequencies.
    pub fn respond_in(&self, columns: Range<usize>, gains: &[Complex32], out: &mut [Complex32]) {
        assert!(columns.end <= self.frequencies, "columns are frequencies");
        assert_eq!(gains.len() * columns.len(), out.len() * self.paths, "gains and responses fit");
        if columns.is_empty() {
            return;
        }
        product(self, columns, gains, out);
    }
}

impl Steering {
    /// Writes what every path has of every row, the adjoint of [`Steering::respond`]:
    /// `out[row * paths + p] = sum_k rows[row * frequencies + k] e_pk^*`.
    ///
    /// # Panics
    /// When the lengths do not fit each other.
    pub fn project(&self, rows: &[Complex32], out: &mut [Complex32]) {
        assert_eq!(rows.len() * self.paths, out.len() * self.frequencies, "rows and paths fit");
        // Rows with real and imaginary parts apart, padded with zeros to whole chunks.
        let width = self.frequencies.next_multiple_of(LANES);
        let (mut re, mut im) = (vec![0.0f32; ROWS * width], vec![0.0f32; ROWS * width]);
        let groups = rows.chunks(ROWS * self.frequencies).zip(out.chunks_mut(ROWS * self.paths));
        for (rows, out) in groups {
            let count = rows.len() / self.frequencies;
            for (row, y) in rows.chunks_exact(self.frequencies).enumerate() {
                for (k, y) in y.iter().enumerate() {
                    (re[row * width + k], im[row * width + k]) = (y.re, y.im);
                }
            }
            let parts = (&re[..count * width], &im[..count * width]);
            match count {
                ROWS => project::<ROWS>(self, parts, out),
                _ => {
                    for (row, out) in out.chunks_exact_mut(self.paths).enumerate() {
                        let range = row * width..(row + 1) * width;
                        project::<1>(self, (&re[range.clone()], &im[range]), out);
                    }
                }
            }
        }
    }
}

/// Rows projected in one pass over the phases.
const ROWS: usize = 4;

/// The adjoint product for `N` rows of whole chunks.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw", "x86_64+avx2", "aarch64+neon"))]
fn project<const N: usize>(steering: &Steering, (re, im): (&[f32], &[f32]), out: &mut [Complex32]) {
    let width = re.len() / N;
    for p in 0..steering.paths {
        let (mut sum_re, mut sum_im) = ([[0.0f32; LANES]; N], [[0.0f32; LANES]; N]);
        for begin in (0..width).step_by(LANES) {
            let at = p * steering.padded + begin;
            let c: &[f32; LANES] = steering.re[at..at + LANES].try_into().expect("whole chunk");
            let s: &[f32; LANES] = steering.im[at..at + LANES].try_into().expect("whole chunk");
            for i in 0..N {
                let at = i * width + begin;
                let a: &[f32; LANES] = re[at..at + LANES].try_into().expect("whole chunk");
                let b: &[f32; LANES] = im[at..at + LANES].try_into().expect("whole chunk");
                for l in 0..LANES {
                    sum_re[i][l] += a[l] * c[l] + b[l] * s[l];
                    sum_im[i][l] += b[l] * c[l] - a[l] * s[l];
                }
            }
        }
        for i in 0..N {
            out[i * steering.paths + p] = Complex32::new(sum_re[i].iter().sum(), sum_im[i].iter().sum());
        }
    }
}

/// Returns where in a comb of `count` frequencies those of index `first`, `first + stride`, ... lie.
pub fn comb(count: usize, stride: usize, first: usize) -> Range<usize> {
    let begin = |first: usize| first * (count / stride) + first.min(count % stride);
    begin(first)..begin(first + 1)
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw", "x86_64+avx2", "aarch64+neon"))]
fn product(steering: &Steering, columns: Range<usize>, gains: &[Complex32], out: &mut [Complex32]) {
    let (paths, width) = (steering.paths, columns.len());
    let mut left = gains.len() / paths;
    let (mut gains, mut out) = (gains, out);
    while left > 0 {
        // Groups of even size: five instants go at once, seven as four and three.
        let count = left.div_ceil(left.div_ceil(INSTANTS));
        let (now, later) = out.split_at_mut(count * width);
        match count {
            1 => group::<1>(steering, columns.start, &gains[..paths], now),
            2 => group::<2>(steering, columns.start, &gains[..2 * paths], now),
            3 => group::<3>(steering, columns.start, &gains[..3 * paths], now),
            4 => group::<4>(steering, columns.start, &gains[..4 * paths], now),
            5 => group::<5>(steering, columns.start, &gains[..5 * paths], now),
            _ => group::<6>(steering, columns.start, &gains[..6 * paths], now),
        }
        (gains, out) = (&gains[count * paths..], later);
        left -= count;
    }
}

/// The product for `N` instants: every phase is loaded once and used `N` times.
#[inline(always)]
fn group<const N: usize>(steering: &Steering, first: usize, gains: &[Complex32], out: &mut [Complex32]) {
    let (paths, width) = (steering.paths, out.len() / N);
    for begin in (0..width).step_by(LANES) {
        let (mut re, mut im) = ([[0.0f32; LANES]; N], [[0.0f32; LANES]; N]);
        for p in 0..paths {
            let at = p * steering.padded + first + begin;
            let c: &[f32; LANES] = steering.re[at..at + LANES].try_into().expect("whole chunk");
            let s: &[f32; LANES] = steering.im[at..at + LANES].try_into().expect("whole chunk");
            for i in 0..N {
                let gain = gains[i * paths + p];
                for l in 0..LANES {
                    re[i][l] += gain.re * c[l] - gain.im * s[l];
                    im[i][l] += gain.re * s[l] + gain.im * c[l];
                }
            }
        }
        for i in 0..N {
            let out = &mut out[i * width + begin..(i + 1) * width];
            if let Some(out) = out.first_chunk_mut::<LANES>() {
                for l in 0..LANES {
                    out[l] = Complex32::new(re[i][l], im[i][l]);
                }
            } else {
                for (l, out) in out.iter_mut().enumerate() {
                    *out = Complex32::new(re[i][l], im[i][l]);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use airloop_baseband::Complex64;

    #[test]
    fn equals_the_direct_transform() {
        let delays = [0.0, 37e-9, 155e-9, 1.2e-6];
        let frequencies: Vec<f64> = (-51..50).map(|k| f64::from(k) * 30e3).collect();
        let gains: Vec<Complex32> =
            (0..28).map(|i| Complex32::new((i as f32).sin(), (2.0 * i as f32).cos())).collect();
        let mut out = vec![Complex32::default(); 7 * frequencies.len()];
        Steering::new(&delays, &frequencies).respond(&gains, &mut out);
        for instant in 0..7 {
            for (k, f) in frequencies.iter().enumerate() {
                let mut direct = Complex64::default();
                for (p, d) in delays.iter().enumerate() {
                    let g = gains[instant * 4 + p];
                    let phase = Complex64::from_polar(1.0, -std::f64::consts::TAU * f * d);
                    direct += Complex64::new(g.re.into(), g.im.into()) * phase;
                }
                let got = out[instant * frequencies.len() + k];
                let error = (direct - Complex64::new(got.re.into(), got.im.into())).norm();
                assert!(error < 1e-5, "{instant} {k} {error}");
            }
        }
    }

    #[test]
    fn projecting_is_the_adjoint_of_responding() {
        let frequencies: Vec<f64> = (-51..50).map(|k| f64::from(k) * 30e3).collect();
        let steering = Steering::new(&[0.0, 37e-9, 155e-9, 1.2e-6, 2e-6], &frequencies);
        let wave = |n: usize, a: f32| -> Vec<Complex32> {
            (0..n).map(|i| a * (i * i) as f32).map(|x| Complex32::new(x.sin(), (x + 1.0).cos())).collect()
        };
        // Six rows: a group of four and two on their own.
        let (gains, rows) = (wave(6 * 5, 1.3), wave(6 * 101, 0.7));
        let (mut responses, mut projected) = (rows.clone(), gains.clone());
        steering.respond(&gains, &mut responses);
        steering.project(&rows, &mut projected);
        for row in 0..6 {
            let inner = |a: &[Complex32], b: &[Complex32]| -> Complex32 {
                a.iter().zip(b).map(|(a, b)| a.conj() * b).sum()
            };
            let of_rows = inner(&responses[row * 101..(row + 1) * 101], &rows[row * 101..(row + 1) * 101]);
            let of_paths = inner(&gains[row * 5..(row + 1) * 5], &projected[row * 5..(row + 1) * 5]);
            assert!(of_rows.norm() > 1.0, "the rows are not orthogonal by chance: {of_rows}");
            assert!((of_rows - of_paths).norm() < 1e-5 * of_rows.norm(), "{row}: {of_rows} {of_paths}");
        }
    }

    #[test]
    fn a_comb_holds_the_same_responses_in_another_order() {
        let frequencies: Vec<f64> = (0..61).map(|k| f64::from(k) * 30e3).collect();
        let steering = Steering::new(&[0.0, 1e-7, 3e-7], &frequencies);
        let gains: Vec<Complex32> = (0..6).map(|i| Complex32::new(i as f32, 1.0)).collect();
        let mut whole = vec![Complex32::default(); 2 * 61];
        steering.respond(&gains, &mut whole);
        for stride in [1, 4, 20, 61, 100] {
            let combed = steering.combed(stride);
            for first in 0..stride {
                let columns = comb(61, stride, first);
                let mut part = vec![Complex32::default(); 2 * columns.len()];
                combed.respond_in(columns, &gains, &mut part);
                let direct = whole.chunks(61).flat_map(|row| row.iter().skip(first).step_by(stride));
                assert!(part.iter().eq(direct), "{stride} {first}");
            }
        }
    }
}
