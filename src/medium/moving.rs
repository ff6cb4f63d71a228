//! Channels that move: path gains at a few instants of a slot, and responses interpolated between them.

use super::paths::DrawnPaths;
use crate::ofdm::{Numerology, SlotShape};
use airloop_baseband::Complex32;
use airloop_channels::{Steering, TimeGrid};
use std::sync::Arc;

/// Bound of the error of interpolating responses in time, relative to the gain (-100 dB).
const INTERPOLATION_ERROR: f64 = 1e-5;

/// Most instants of one polynomial.
const MAX_NODES: usize = 6;

/// Taps that move, and phases that make responses of them.
#[derive(Clone, Debug)]
pub(super) struct Moving {
    pub(super) paths: DrawnPaths,
    pub(super) steering: Arc<Steering>,
    /// The phases with every K-th subcarrier side by side, once they are asked for.
    pub(super) combed: Option<Steering>,
    pub(super) max_doppler_hz: f64,
}

/// Working memory.
#[derive(Clone, Debug, Default)]
pub(super) struct Scratch {
    pub(super) path_gains: Vec<Complex32>,
    pub(super) moved: Vec<Complex32>,
    pub(super) rows: Vec<Complex32>,
    /// What is mixed into the path gains.
    other: Vec<Complex32>,
}

/// The instants of a slot at which path gains are computed. Between them responses are a polynomial through all of them, or
/// linear from one to the next where that would take more than [`MAX_NODES`].
///
/// ```text
/// error of n instants at spacing h  <=  (2 pi f_D h)^n / (4 n)
/// ```
///
/// relative to the gain: the remainder of a tone's polynomial, with `(n - 1)!/4 h^n` as bound of the product of distances.
#[derive(Clone, Copy, Debug)]
pub(super) struct Nodes<'a> {
    numerology: &'a Numerology,
    shape: SlotShape,
    /// How much earlier than the symbols the channel is asked for.
    age_s: f64,
    grid: TimeGrid,
    /// Instants that a symbol's response is made of.
    stencil: usize,
}

impl Nodes<'_> {
    pub(super) fn of(
        numerology: &Numerology,
        shape: SlotShape,
        max_doppler_hz: f64,
        age_s: f64,
    ) -> Nodes<'_> {
        let centre_s = |s: usize| numerology.symbol_centre_s(shape.first_symbol + s);
        let span_s = centre_s(shape.symbols - 1) - centre_s(0);
        let turn = std::f64::consts::TAU * max_doppler_hz;
        let error = |n: &usize| (turn * span_s / (n - 1) as f64).powi(*n as i32) / (4 * n) as f64;
        let (intervals, stencil) = if span_s == 0.0 {
            (0, 1)
        } else if let Some(n) = (2..=MAX_NODES).find(|n| error(n) <= INTERPOLATION_ERROR) {
            (n - 1, n)
        } else {
            ((span_s * turn / (8.0 * INTERPOLATION_ERROR).sqrt()).ceil() as usize, 2)
        };
        let step_s = if intervals == 0 { 0.0 } else { span_s / intervals as f64 };
        let grid = TimeGrid { start_s: centre_s(0) - age_s, step_s, count: intervals + 1 };
        Nodes { numerology, shape, age_s, grid, stencil }
    }

    /// Returns the first node that a symbol's response is made of, and the weights of that and the next ones.
    fn place(&self, symbol: usize) -> (usize, [f32; MAX_NODES]) {
        let mut weights = [0.0; MAX_NODES];
        if self.stencil == 1 {
            weights[0] = 1.0;
            return (0, weights);
        }
        let centre_s = self.numerology.symbol_centre_s(self.shape.first_symbol + symbol);
        let place = (centre_s - self.age_s - self.grid.start_s) / self.grid.step_s;
        let node = (place as usize).min(self.grid.count - self.stencil);
        let at = place - node as f64;
        for (i, weight) in weights[..self.stencil].iter_mut().enumerate() {
            let others = (0..self.stencil).filter(|j| *j != i);
            *weight = others.map(|j| (at - j as f64) / (i as f64 - j as f64)).product::<f64>() as f32;
        }
        (node, weights)
    }

    /// Writes the row of a symbol, interpolated between the rows of the nodes.
    fn interpolate(&self, symbol: usize, rows: &[Complex32], out: &mut [Complex32]) {
        let (node, weights) = self.place(symbol);
        let width = out.len();
        blend(&rows[node * width..(node + self.stencil) * width], &weights[..self.stencil], out);
    }
}

/// Writes the weighted sum of rows.
#[multiversion::multiversion(targets(
    "x86_64+avx512f+avx512vl+avx512dq+avx512bw",
    "x86_64+avx2",
    "aarch64+neon"
))]
fn blend(rows: &[Complex32], weights: &[f32], out: &mut [Complex32]) {
    let mut rows = rows.chunks_exact(out.len()).zip(weights);
    // A pass over two rows and one for each further are faster than all in one: rows stay in the nearest cache.
    match (rows.next(), rows.next()) {
        (Some((a, u)), Some((b, v))) => {
            for ((out, a), b) in out.iter_mut().zip(a).zip(b) {
                out.re = a.re * u + b.re * v;
                out.im = a.im * u + b.im * v;
            }
        }
        (only, _) => only.into_iter().for_each(|(row, _)| out.copy_from_slice(row)),
    }
    for (row, weight) in rows {
        for (out, x) in out.iter_mut().zip(row) {
            out.re += x.re * weight;
            out.im += x.im * weight;
        }
    }
}

impl Moving {
    fn write_path_gains(&self, device: usize, grid: TimeGrid, scratch: &mut Scratch) {
        let Scratch { path_gains, other, .. } = scratch;
        path_gains.resize(grid.count * self.paths.count(), Complex32::default());
        self.paths.gains(device, grid, path_gains, other);
    }

    /// Computes the path gains of a device at the centre of every symbol into `scratch.moved`.
    pub(super) fn move_paths(&self, device: usize, nodes: Nodes<'_>, scratch: &mut Scratch) {
        let paths = self.paths.count();
        self.write_path_gains(device, nodes.grid, scratch);
        scratch.moved.resize(nodes.shape.symbols * paths, Complex32::default());
        for (symbol, out) in scratch.moved.chunks_exact_mut(paths).enumerate() {
            nodes.interpolate(symbol, &scratch.path_gains, out);
        }
    }

    /// Writes a device's responses. Responses are linear in the path gains: what is fewer is interpolated last.
    pub(super) fn respond(
        &self,
        device: usize,
        nodes: Nodes<'_>,
        scratch: &mut Scratch,
        out: &mut [Complex32],
    ) {
        if nodes.grid.count >= nodes.shape.symbols {
            self.move_paths(device, nodes, scratch);
            return self.steering.respond(&scratch.moved, out);
        }
        let used = self.steering.frequencies();
        self.write_path_gains(device, nodes.grid, scratch);
        scratch.rows.resize(nodes.grid.count * used, Complex32::default());
        self.steering.respond(&scratch.path_gains, &mut scratch.rows);
        for (symbol, out) in out.chunks_exact_mut(used).enumerate() {
            nodes.interpolate(symbol, &scratch.rows, out);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use airloop_baseband::Seeds;
    use airloop_channels::{Fading, Profile};

    /// Returns the error of a slot's responses relative to those computed at the symbols' centres, as a root mean square.
    fn error(symbols: usize, max_doppler_hz: f64) -> f64 {
        let numerology = Numerology::nr(10e6, 15e3, 3.5e9).unwrap();
        let profile = Profile::tdl("tdl-d", 300e-9).unwrap();
        let delays: Vec<f64> = profile.paths().iter().map(|p| p.delay_s).collect();
        let fading = Fading::new(profile, 299_792_458.0, max_doppler_hz);
        let paths = DrawnPaths::draw(&fading, (&Seeds::new(1), 0), 6, 0.0);
        let steering = Arc::new(Steering::new(&delays, &numerology.frequencies_hz()));
        let used = numerology.used();
        let moving = Moving { paths, steering, combed: None, max_doppler_hz };
        let shape = SlotShape { first_symbol: 23, symbols };
        let nodes = Nodes::of(&numerology, shape, max_doppler_hz, 1e-4);
        let (mut error, mut power) = (0.0, 0.0);
        let mut out = vec![Complex32::default(); symbols * used];
        for device in 0..6 {
            moving.respond(device, nodes, &mut Scratch::default(), &mut out);
            for (symbol, row) in out.chunks_exact(used).enumerate() {
                let start_s = numerology.symbol_centre_s(23 + symbol) - 1e-4;
                let now = TimeGrid { start_s, step_s: 0.0, count: 1 };
                let mut gains = vec![Complex32::default(); delays.len()];
                moving.paths.gains(device, now, &mut gains, &mut Vec::new());
                let mut exact = vec![Complex32::default(); used];
                moving.steering.respond(&gains, &mut exact);
                error += row.iter().zip(&exact).map(|(a, b)| f64::from((a - b).norm_sqr())).sum::<f64>();
                power += exact.iter().map(|h| f64::from(h.norm_sqr())).sum::<f64>();
            }
        }
        (error / power).sqrt()
    }

    #[test]
    fn responses_between_instants_are_those_of_the_channel_to_the_stated_error() {
        // Rounding of 14 paths and six rows beside the interpolation's own error.
        let bound = INTERPOLATION_ERROR + 20f64.sqrt() * f64::from(f32::EPSILON);
        for symbols in [1, 2, 5, 14] {
            for max_doppler_hz in [1.0, 9.3, 40.0, 100.0, 350.0, 1000.0, 9000.0] {
                let found = error(symbols, max_doppler_hz);
                assert!(found <= bound, "{symbols} symbols at {max_doppler_hz} Hz: {found:.2e}");
            }
        }
        // Control: fewer instants than the bound asks for are seen.
        assert!(error(14, 350.0) < 0.1 * (std::f64::consts::TAU * 350.0 * 0.93e-3).powi(2) / 8.0);
    }
}
