//! What a set of beams asks of each device: the power it takes to arrive alike on all of them.

use super::Antennas;
use airloop_baseband::Complex64;
use airloop_baseband::linear::{factor, solve_factored};

/// Working memory for one device and one set of beams.
#[derive(Clone, Debug, Default)]
pub(super) struct Misfit {
    /// `V = H^H F`, `[device antenna, stream]`.
    seen: Vec<Complex64>,
    /// `M = V^H V = F^H H H^H F`, and its factor.
    matrix: Vec<Complex64>,
    /// `M^-1`, column after column.
    inverse: Vec<Complex64>,
}

impl Misfit {
    /// Works out `V`, `M` and its inverse for a device's channel `[receive, device]` and beams `[stream, receive]`; returns
    /// `tr M^-1`, infinite where the device cannot reach all beams.
    pub fn see(&mut self, antennas: Antennas, channel: &[Complex64], beams: &[Complex64]) -> f64 {
        let (receive, device) = (antennas.receive, antennas.device);
        let streams = beams.len() / receive;
        self.seen.clear();
        for t in 0..device {
            for beam in beams.chunks_exact(receive) {
                let entry = (0..receive).map(|r| channel[r * device + t].conj() * beam[r]).sum();
                self.seen.push(entry);
            }
        }
        if streams == 1 {
            let power: f64 = self.seen.iter().map(Complex64::norm_sqr).sum();
            self.inverse.clear();
            self.inverse.push(Complex64::from(1.0 / power));
            return 1.0 / power;
        }
        self.matrix.clear();
        self.matrix.resize(streams * streams, Complex64::default());
        for row in self.seen.chunks_exact(streams) {
            for i in 0..streams {
                for j in 0..streams {
                    self.matrix[i * streams + j] += row[i].conj() * row[j];
                }
            }
        }
        self.inverse.clear();
        self.inverse.resize(streams * streams, Complex64::default());
        if !factor(streams, &mut self.matrix) {
            return f64::INFINITY;
        }
        for (i, column) in self.inverse.chunks_exact_mut(streams).enumerate() {
            column[i] = Complex64::from(1.0);
            solve_factored(streams, &self.matrix, column);
        }
        (0..streams).map(|i| self.inverse[i * streams + i].re).sum()
    }

    /// Adds `factor H V M^-2` to a gradient `[stream, receive]`, after [`Misfit::see`].
    pub fn pull(&self, antennas: Antennas, channel: &[Complex64], factor: f64, gradient: &mut [Complex64]) {
        let (receive, device) = (antennas.receive, antennas.device);
        let streams = gradient.len() / receive;
        for (l, gradient) in gradient.chunks_exact_mut(receive).enumerate() {
            for t in 0..device {
                let seen = &self.seen[t * streams..(t + 1) * streams];
                let mut turned = Complex64::default();
                for (i, v) in seen.iter().enumerate() {
                    // (M^-2)_il = sum_j (M^-1)_ij (M^-1)_jl; column l holds the rows.
                    let squared: Complex64 = (0..streams)
                        .map(|j| self.inverse[j * streams + i] * self.inverse[l * streams + j])
                        .sum();
                    turned += v * squared;
                }
                for (r, gradient) in gradient.iter_mut().enumerate() {
                    *gradient += factor * channel[r * device + t] * turned;
                }
            }
        }
    }

    /// Writes the precoder `V M^-1`, `[device antenna, stream]`, after [`Misfit::see`].
    pub fn precoder(&self, streams: usize, out: &mut Vec<Complex64>) {
        out.clear();
        for seen in self.seen.chunks_exact(streams) {
            let of = |l: usize| {
                seen.iter()
                    .zip(&self.inverse[l * streams..(l + 1) * streams])
                    .map(|(v, m)| v * m)
                    .sum::<Complex64>()
            };
            out.extend((0..streams).map(of));
        }
    }
}
