//! Taps as a frequency response: path gains times steering phases, one matrix product for several instants.

use airloop_baseband::Complex32;
use multiversion::multiversion;

/// The phases `exp(-j 2 pi f_k tau_p)` of every path and frequency, laid out for a vectorised product.
#[derive(Clone, Debug)]
pub struct Steering {
    paths: usize,
    frequencies: usize,
    /// For each path, interleaved `re, im` of every frequency, padded to whole chunks.
    phase: Vec<f32>,
    /// The same times `j`: `-im, re`.
    quadrature: Vec<f32>,
    padded: usize,
}

/// Floats worked on at once: columns of the product kept in registers.
const CHUNK: usize = 32;

/// Instants worked on at once.
const INSTANTS: usize = 4;

impl Steering {
    /// Makes the phases for path delays in seconds and frequencies in hertz (relative to the carrier).
    pub fn new(delays_s: &[f64], frequencies_hz: &[f64]) -> Self {
        let padded = (2 * frequencies_hz.len()).next_multiple_of(CHUNK);
        let mut phase = vec![0.0; padded * delays_s.len()];
        let mut quadrature = phase.clone();
        for (p, delay) in delays_s.iter().enumerate() {
            for (k, frequency) in frequencies_hz.iter().enumerate() {
                let (im, re) = (-std::f64::consts::TAU * frequency * delay).sin_cos();
                let at = p * padded + 2 * k;
                (phase[at], phase[at + 1]) = (re as f32, im as f32);
                (quadrature[at], quadrature[at + 1]) = (-im as f32, re as f32);
            }
        }
        Self { paths: delays_s.len(), frequencies: frequencies_hz.len(), phase, quadrature, padded }
    }

    /// Returns the number of frequencies.
    pub fn frequencies(&self) -> usize {
        self.frequencies
    }

    /// Writes the response at every instant: `out[instant * frequencies + k] = sum_p gains[instant * paths + p] e_pk`.
    ///
    /// # Panics
    /// When the lengths do not fit each other.
    pub fn respond(&self, gains: &[Complex32], out: &mut [Complex32]) {
        assert_eq!(gains.len() * self.frequencies, out.len() * self.paths, "gains and responses fit");
        let groups = gains.chunks(INSTANTS * self.paths).zip(out.chunks_mut(INSTANTS * self.frequencies));
        for (gains, out) in groups {
            product(self, gains, out);
        }
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw", "x86_64+avx2", "aarch64+neon"))]
fn product(steering: &Steering, gains: &[Complex32], out: &mut [Complex32]) {
    let (paths, frequencies) = (steering.paths, steering.frequencies);
    let instants = gains.len() / paths;
    for chunk in 0..steering.padded / CHUNK {
        let mut sum = [[0.0f32; CHUNK]; INSTANTS];
        for p in 0..paths {
            let at = p * steering.padded + chunk * CHUNK;
            let phase: &[f32; CHUNK] = steering.phase[at..at + CHUNK].try_into().expect("whole chunk");
            let quadrature: &[f32; CHUNK] =
                steering.quadrature[at..at + CHUNK].try_into().expect("whole chunk");
            for (i, sum) in sum.iter_mut().enumerate() {
                let gain = if i < instants { gains[i * paths + p] } else { Complex32::default() };
                for c in 0..CHUNK {
                    sum[c] += gain.re * phase[c] + gain.im * quadrature[c];
                }
            }
        }
        let first = chunk * CHUNK / 2;
        let width = (CHUNK / 2).min(frequencies - first);
        for (i, sum) in sum.iter().take(instants).enumerate() {
            let out = &mut out[i * frequencies + first..][..width];
            for (k, out) in out.iter_mut().enumerate() {
                *out = Complex32::new(sum[2 * k], sum[2 * k + 1]);
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
}
