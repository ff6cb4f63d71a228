//! Channels that move: path gains at a few instants of a slot, and responses interpolated between them.

use super::paths::DrawnPaths;
use crate::ofdm::{Numerology, SlotShape};
use airloop_baseband::Complex32;
use airloop_channels::{Steering, TimeGrid};
use std::sync::Arc;

/// Bound of the error of interpolating responses linearly in time, relative to the gain (-100 dB).
const INTERPOLATION_ERROR: f64 = 1e-5;

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

/// The instants of a slot at which path gains are computed; between them responses vary linearly.
#[derive(Clone, Copy, Debug)]
pub(super) struct Nodes<'a> {
    numerology: &'a Numerology,
    shape: SlotShape,
    /// How much earlier than the symbols the channel is asked for.
    age_s: f64,
    grid: TimeGrid,
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
        let longest_s = (8.0 * INTERPOLATION_ERROR).sqrt() / (std::f64::consts::TAU * max_doppler_hz);
        let intervals = (span_s / longest_s).ceil() as usize;
        let step_s = if intervals == 0 { 0.0 } else { span_s / intervals as f64 };
        let grid = TimeGrid { start_s: centre_s(0) - age_s, step_s, count: intervals + 1 };
        Nodes { numerology, shape, age_s, grid }
    }

    /// Returns the node before a symbol's centre, and the weight of the node after it.
    fn place(&self, symbol: usize) -> (usize, f32) {
        if self.grid.count == 1 {
            return (0, 0.0);
        }
        let centre_s = self.numerology.symbol_centre_s(self.shape.first_symbol + symbol);
        let place = (centre_s - self.age_s - self.grid.start_s) / self.grid.step_s;
        let node = (place as usize).min(self.grid.count - 2);
        (node, (place - node as f64) as f32)
    }

    /// Writes the row of a symbol, interpolated between the rows of the nodes.
    fn interpolate(&self, symbol: usize, rows: &[Complex32], out: &mut [Complex32]) {
        let (node, weight) = self.place(symbol);
        let width = out.len();
        let now = &rows[node * width..(node + 1) * width];
        let next = if self.grid.count == 1 { now } else { &rows[(node + 1) * width..(node + 2) * width] };
        blend(now, next, weight, out);
    }
}

/// Writes `now + (next - now) weight`.
#[multiversion::multiversion(targets(
    "x86_64+avx512f+avx512vl+avx512dq+avx512bw",
    "x86_64+avx2",
    "aarch64+neon"
))]
fn blend(now: &[Complex32], next: &[Complex32], weight: f32, out: &mut [Complex32]) {
    for ((out, now), next) in out.iter_mut().zip(now).zip(next) {
        out.re = now.re + (next.re - now.re) * weight;
        out.im = now.im + (next.im - now.im) * weight;
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
