//! Aggregation beams (uniform forcing): all devices arrive alike on every beam, with the least noise that the weakest allows.

use super::Antennas;
use super::centroid::centroid;
use super::misfit::Misfit;
use airloop_baseband::Complex64;
use airloop_channels::{max_min_beam, weakest_gain};

/// Beams of one element, and what they cost.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Aggregation {
    /// Orthonormal beams `F`, `[stream, receive antenna]`.
    pub beams: Vec<Complex64>,
    /// `eta = max_k tr((F^H H_k H_k^H F)^-1) / P_k`: the noise on each stream is `eta` times that of an antenna; infinite where a
    /// device cannot reach all beams.
    pub noise_factor: f64,
}

/// Finds aggregation beams.
///
/// ```text
/// A = sqrt(eta) F,   F^H F = I_L,   B_k = (A^H H_k)^H (A^H H_k H_k^H A)^-1,   A^H H_k B_k = I_L for every device
/// eta = max_k tr((F^H H_k H_k^H F)^-1) / P_k:   the weakest device spends its budget, |B_k|^2 <= P_k
/// error of the sum on each stream: s2 eta
/// ```
///
/// The search begins at the centroid of the devices' signal spaces, turned a little where that misses a device. One beam ascends by
/// [`max_min_beam()`], devices of several antennas turning to it in between. Several descend on the Grassmann manifold along the
/// gradient of `log |t|_p` with `t_k = tr(..)/P_k` and p = 8, 64, 512 in turn, which is the largest `t_k` within `K^(1/512)`; the best
/// seen by their true `eta` are kept. The problem is not convex: what is found is a local optimum.
///
/// Sources: Chen, Qin, Wei, "A Uniform-Forcing Transceiver Design for Over-the-Air Function Computation", IEEE WCL 7(6), 2018 (one
/// beam); Zhu, Huang, IEEE IoT-J 6(4), 2019 (several). Gradients on the Grassmann manifold: Edelman, Arias, Smith, SIAM J. Matrix
/// Anal. Appl. 20(2), 1998.
#[derive(Clone, Debug)]
pub struct AggregationBeamformer {
    antennas: Antennas,
    streams: usize,
    refine: bool,
    misfit: Misfit,
    terms: Vec<f64>,
    gradient: Vec<Complex64>,
    /// Channels times the square roots of budgets.
    weighted: Vec<Complex64>,
}

/// Powers of the smooth maximum, and descents with each.
const SCHEDULE: [(f64, usize); 3] = [(8.0, 12), (64.0, 12), (512.0, 12)];

/// Most halvings of a step.
const HALVINGS: usize = 20;

/// Most turns between beam and devices of several antennas.
const TURNS: usize = 20;

/// A search that gains less than this share is done.
const DONE: f64 = 1e-5;

impl AggregationBeamformer {
    /// Makes a beamformer for `streams` beams, at most as many as either end has antennas; without `refine` the centroid is the
    /// answer.
    pub fn new(antennas: Antennas, streams: usize, refine: bool) -> Self {
        Self {
            antennas,
            streams,
            refine,
            misfit: Misfit::default(),
            terms: Vec::new(),
            gradient: Vec::new(),
            weighted: Vec::new(),
        }
    }

    /// Returns the number of beams.
    pub fn streams(&self) -> usize {
        self.streams
    }

    /// Returns the antennas.
    pub fn antennas(&self) -> Antennas {
        self.antennas
    }

    /// Writes the beams for the channels `[device, receive, device antenna]` of one element; `found` may hold those of a neighbour,
    /// where the search then begins too.
    pub fn design(&mut self, channels: &[Complex64], power: &[f64], found: &mut Aggregation) {
        let mut best = centroid(self.antennas, channels, power, self.streams);
        let mut noise_factor = self.noise_factor(channels, power, &best);
        if self.refine && noise_factor.is_infinite() {
            // Beams right across a device cannot tell which way leads to it.
            nudge(self.antennas.receive, &mut best);
            noise_factor = self.noise_factor(channels, power, &best);
        }
        if self.refine && self.antennas.receive > 1 {
            if !found.beams.is_empty() {
                let neighbour = self.noise_factor(channels, power, &found.beams);
                if neighbour < noise_factor {
                    best.copy_from_slice(&found.beams);
                    noise_factor = neighbour;
                }
            }
            if self.streams == 1 {
                best = self.ascend(channels, power, &best);
                noise_factor = self.noise_factor(channels, power, &best);
            } else if noise_factor.is_finite() {
                (best, noise_factor) = self.descend(channels, power, (best, noise_factor));
            }
        }
        (found.beams, found.noise_factor) = (best, noise_factor);
    }

    /// Writes a device's precoder `B_k` for unit-power values, `[device antenna, stream]`, and returns `|B_k|^2`.
    pub fn precoder(&mut self, channel: &[Complex64], found: &Aggregation, out: &mut Vec<Complex64>) -> f64 {
        let trace = self.misfit.see(self.antennas, channel, &found.beams);
        self.misfit.precoder(self.streams, out);
        let scale = 1.0 / found.noise_factor.sqrt();
        out.iter_mut().for_each(|b| *b *= scale);
        trace / found.noise_factor
    }

    fn noise_factor(&mut self, channels: &[Complex64], power: &[f64], beams: &[Complex64]) -> f64 {
        self.see_all(channels, power, beams);
        self.terms.iter().copied().fold(0.0, f64::max)
    }

    /// Fills in `t_k` of every device.
    fn see_all(&mut self, channels: &[Complex64], power: &[f64], beams: &[Complex64]) {
        self.terms.clear();
        for (channel, power) in channels.chunks_exact(self.antennas.links()).zip(power) {
            self.terms.push(self.misfit.see(self.antennas, channel, beams) / power);
        }
    }

    /// Returns `log |t|_p`.
    fn smooth(&self, p: f64) -> f64 {
        let most = self.terms.iter().copied().fold(0.0, f64::max);
        most.ln() + self.terms.iter().map(|t| (t / most).powf(p)).sum::<f64>().ln() / p
    }

    /// Returns the beam that raises the weakest device's gain from that of `start` to a local maximum.
    ///
    /// Devices of several antennas send what the beam hears best, `H_k^H f / |H_k^H f|`, and are then devices of one: turn by turn
    /// no gain falls.
    fn ascend(&mut self, channels: &[Complex64], power: &[f64], start: &[Complex64]) -> Vec<Complex64> {
        let (receive, device) = (self.antennas.receive, self.antennas.device);
        let (mut beam, mut reached) = (start.to_vec(), 0.0);
        for _ in 0..TURNS {
            self.weighted.clear();
            for (channel, power) in channels.chunks_exact(receive * device).zip(power) {
                let towards: Vec<Complex64> = (0..device)
                    .map(|t| (0..receive).map(|r| channel[r * device + t].conj() * beam[r]).sum())
                    .collect();
                let norm = towards.iter().map(Complex64::norm_sqr).sum::<f64>().sqrt();
                let scale = if norm > 0.0 { power.sqrt() / norm } else { 0.0 };
                for row in channel.chunks_exact(device) {
                    self.weighted
                        .push(row.iter().zip(&towards).map(|(h, v)| h * v).sum::<Complex64>() * scale);
                }
            }
            let devices: Vec<&[Complex64]> = self.weighted.chunks_exact(receive).collect();
            beam = max_min_beam(&devices, &beam);
            let gain = weakest_gain(&devices, &beam);
            if device == 1 || gain <= reached * (1.0 + DONE) {
                break;
            }
            reached = gain;
        }
        beam
    }

    fn descend(
        &mut self,
        channels: &[Complex64],
        power: &[f64],
        (begin, noise_factor): (Vec<Complex64>, f64),
    ) -> (Vec<Complex64>, f64) {
        let (mut beams, mut best) = (begin.clone(), (begin, noise_factor));
        let (mut next, mut step) = (beams.clone(), 0.5);
        for (p, descents) in SCHEDULE {
            self.see_all(channels, power, &beams);
            let mut value = self.smooth(p);
            for _ in 0..descents {
                let slope = self.gradient(channels, power, (&beams, p));
                if slope < 1e-14 {
                    break;
                }
                let mut gained = 0.0;
                for _ in 0..HALVINGS {
                    for ((next, beam), g) in next.iter_mut().zip(&beams).zip(&self.gradient) {
                        *next = beam - step * g;
                    }
                    orthonormalise(self.antennas.receive, &mut next);
                    self.see_all(channels, power, &next);
                    let there = self.smooth(p);
                    if there < value - 0.1 * step * slope {
                        gained = value - there;
                        value = there;
                        break;
                    }
                    step *= 0.5;
                }
                if gained == 0.0 {
                    step = 0.5;
                    break;
                }
                beams.copy_from_slice(&next);
                let most = self.terms.iter().copied().fold(0.0, f64::max);
                if most < best.1 {
                    best = (beams.clone(), most);
                }
                step *= 2.0;
                if gained < DONE {
                    break;
                }
            }
        }
        best
    }

    /// Writes the gradient of `log |t|_p` along the manifold and returns its square.
    ///
    /// ```text
    /// d log |t|_p / d F^* = -sum_k w_k H_k V_k M_k^-2 / P_k / t_k,   w_k = t_k^p / sum t^p,   then (I - F F^H)
    /// ```
    fn gradient(&mut self, channels: &[Complex64], power: &[f64], (beams, p): (&[Complex64], f64)) -> f64 {
        let receive = self.antennas.receive;
        self.see_all(channels, power, beams);
        let most = self.terms.iter().copied().fold(0.0, f64::max);
        let all: f64 = self.terms.iter().map(|t| (t / most).powf(p)).sum();
        self.gradient.clear();
        self.gradient.resize(beams.len(), Complex64::default());
        let terms = std::mem::take(&mut self.terms);
        for ((channel, power), t) in channels.chunks_exact(self.antennas.links()).zip(power).zip(&terms) {
            let weight = (t / most).powf(p) / all;
            // Devices far from the weakest pull too little to be seen.
            if weight > 1e-9 {
                self.misfit.see(self.antennas, channel, beams);
                self.misfit.pull(self.antennas, channel, -weight / (power * t), &mut self.gradient);
            }
        }
        self.terms = terms;
        for gradient in self.gradient.chunks_exact_mut(receive) {
            for beam in beams.chunks_exact(receive) {
                let along: Complex64 = beam.iter().zip(&*gradient).map(|(f, g)| f.conj() * g).sum();
                gradient.iter_mut().zip(beam).for_each(|(g, f)| *g -= along * f);
            }
        }
        self.gradient.iter().map(Complex64::norm_sqr).sum()
    }
}

/// Turns beams a little, all antennas differently.
fn nudge(size: usize, vectors: &mut [Complex64]) {
    for (i, x) in vectors.iter_mut().enumerate() {
        *x += Complex64::from_polar(0.1, (i * i + i / size) as f64);
    }
    orthonormalise(size, vectors);
}

/// Makes vectors orthonormal, one after the other.
fn orthonormalise(size: usize, vectors: &mut [Complex64]) {
    for i in 0..vectors.len() / size {
        let (before, rest) = vectors.split_at_mut(i * size);
        let vector = &mut rest[..size];
        for other in before.chunks_exact(size) {
            let along: Complex64 = other.iter().zip(&*vector).map(|(f, g)| f.conj() * g).sum();
            vector.iter_mut().zip(other).for_each(|(g, f)| *g -= along * f);
        }
        let norm = vector.iter().map(Complex64::norm_sqr).sum::<f64>().sqrt();
        vector.iter_mut().for_each(|x| *x /= norm);
    }
}

#[cfg(test)]
#[path = "aggregation_tests.rs"]
mod tests;
