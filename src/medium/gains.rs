//! The channels of one trial as the grid sees them: one frequency response a device and symbol.

use super::knowledge::own_offset;
use super::{Knowledge, LinkState};
use crate::ofdm::{Numerology, SlotShape};
use airloop_baseband::{Complex32, Purpose, Seeds};
use airloop_channels::response::comb;
use airloop_channels::{Fading, Marginal, Steering, Taps, TimeGrid};
use std::ops::Range;
use std::sync::Arc;

/// Bound of the error of interpolating responses linearly in time, relative to the gain (-100 dB).
const INTERPOLATION_ERROR: f64 = 1e-5;

/// How gains arise.
#[derive(Clone, Debug)]
pub enum ChannelModel {
    /// From the taps of a fading model.
    Taps {
        /// The model.
        fading: Fading,
        /// Its phases on the used subcarriers.
        steering: Arc<Steering>,
    },
    /// Independent in every resource element, with the given marginal's Rician factor.
    PerElement {
        /// The Rician factor, linear.
        k_factor: f64,
    },
}

impl ChannelModel {
    /// Makes the model of a fading process on a numerology's subcarriers.
    pub fn taps(fading: Fading, numerology: &Numerology) -> Self {
        let delays: Vec<f64> = fading.profile().paths().iter().map(|p| p.delay_s).collect();
        let steering = Arc::new(Steering::new(&delays, &numerology.frequencies_hz()));
        Self::Taps { fading, steering }
    }

    /// Returns the distribution of the power gain of an element.
    pub fn marginal(&self) -> Marginal {
        match self {
            Self::Taps { fading, .. } => fading.marginal(),
            Self::PerElement { k_factor } => Marginal::rician(*k_factor),
        }
    }
}

/// The realised channels of one trial.
#[derive(Clone, Debug)]
pub struct GridGains {
    numerology: Arc<Numerology>,
    /// One a device, or one a device and receive antenna: antennas of a device side by side.
    links: usize,
    kind: Kind,
    scratch: Scratch,
    /// What [`GridGains::all`] or [`GridGains::own`] computed last.
    states: Vec<Complex32>,
}

#[derive(Clone, Debug)]
enum Kind {
    /// One response a device, for the whole trial.
    Static(Vec<Complex32>),
    Moving(Moving),
    PerElement {
        /// Power of the constant part and of the random part.
        powers: (f64, f64),
        seeds: Seeds,
        trial: u64,
    },
}

/// Taps that move, and phases that make responses of them.
#[derive(Clone, Debug)]
struct Moving {
    taps: Vec<Taps>,
    steering: Arc<Steering>,
    /// The phases with every K-th subcarrier side by side, once they are asked for.
    combed: Option<Steering>,
    max_doppler_hz: f64,
}

/// Working memory.
#[derive(Clone, Debug, Default)]
struct Scratch {
    path_gains: Vec<Complex32>,
    moved: Vec<Complex32>,
    rows: Vec<Complex32>,
}

/// The instants of a slot at which path gains are computed; between them responses vary linearly.
#[derive(Clone, Copy, Debug)]
struct Nodes<'a> {
    numerology: &'a Numerology,
    shape: SlotShape,
    /// How much earlier than the symbols the channel is asked for.
    age_s: f64,
    grid: TimeGrid,
}

impl Nodes<'_> {
    fn of(numerology: &Numerology, shape: SlotShape, max_doppler_hz: f64, age_s: f64) -> Nodes<'_> {
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
    /// Computes the path gains of a device at the centre of every symbol into `scratch.moved`.
    fn move_paths(&self, device: usize, nodes: Nodes<'_>, scratch: &mut Scratch) {
        let taps = &self.taps[device];
        let paths = taps.paths();
        scratch.path_gains.resize(nodes.grid.count * paths, Complex32::default());
        taps.gains(nodes.grid, &mut scratch.path_gains);
        scratch.moved.resize(nodes.shape.symbols * paths, Complex32::default());
        for (symbol, out) in scratch.moved.chunks_exact_mut(paths).enumerate() {
            nodes.interpolate(symbol, &scratch.path_gains, out);
        }
    }

    /// Writes a device's responses. Responses are linear in the path gains: what is fewer is interpolated last.
    fn respond(&self, device: usize, nodes: Nodes<'_>, scratch: &mut Scratch, out: &mut [Complex32]) {
        if nodes.grid.count >= nodes.shape.symbols {
            self.move_paths(device, nodes, scratch);
            return self.steering.respond(&scratch.moved, out);
        }
        let (taps, used) = (&self.taps[device], self.steering.frequencies());
        scratch.path_gains.resize(nodes.grid.count * taps.paths(), Complex32::default());
        taps.gains(nodes.grid, &mut scratch.path_gains);
        scratch.rows.resize(nodes.grid.count * used, Complex32::default());
        self.steering.respond(&scratch.path_gains, &mut scratch.rows);
        for (symbol, out) in out.chunks_exact_mut(used).enumerate() {
            nodes.interpolate(symbol, &scratch.rows, out);
        }
    }
}

impl GridGains {
    /// Draws the channels of a trial.
    pub fn draw(
        model: &ChannelModel,
        numerology: Arc<Numerology>,
        seeds: &Seeds,
        trial: u64,
        links: usize,
    ) -> Self {
        let kind = match model {
            ChannelModel::PerElement { k_factor } => {
                let powers = (k_factor / (k_factor + 1.0), 1.0 / (k_factor + 1.0));
                Kind::PerElement { powers, seeds: *seeds, trial }
            }
            ChannelModel::Taps { fading, steering } => {
                let taps = fading.draw(seeds, trial, 0..links);
                let (steering, max_doppler_hz) = (Arc::clone(steering), fading.max_doppler_hz());
                if max_doppler_hz > 0.0 {
                    Kind::Moving(Moving { taps, steering, combed: None, max_doppler_hz })
                } else {
                    Kind::Static(static_responses(&taps, &steering))
                }
            }
        };
        Self { numerology, links, kind, scratch: Scratch::default(), states: Vec::new() }
    }

    /// Draws the scattered part alone of the channels of a trial: what [`GridGains::draw`] draws, less any line of sight.
    pub fn draw_scattered(
        model: &ChannelModel,
        numerology: Arc<Numerology>,
        seeds: &Seeds,
        trial: u64,
        links: usize,
    ) -> Self {
        let mut gains = Self::draw(model, numerology, seeds, trial, links);
        match (&mut gains.kind, model) {
            (Kind::PerElement { powers, .. }, _) => powers.0 = 0.0,
            (Kind::Moving(moving), ChannelModel::Taps { fading, .. }) => {
                moving.taps.iter_mut().for_each(|taps| fading.strike_line_of_sight(taps));
            }
            (Kind::Static(rows), ChannelModel::Taps { fading, steering }) => {
                let mut taps = fading.draw(seeds, trial, 0..links);
                taps.iter_mut().for_each(|taps| fading.strike_line_of_sight(taps));
                *rows = static_responses(&taps, steering);
            }
            (_, ChannelModel::PerElement { .. }) => {}
        }
        gains
    }

    /// Returns whether one response holds for all symbols.
    pub fn is_static(&self) -> bool {
        matches!(self.kind, Kind::Static(_))
    }

    /// Writes one link's response over a slot into `out`: one row when static, else one a symbol.
    pub fn respond(&mut self, link: usize, shape: SlotShape, out: &mut Vec<Complex32>) {
        self.respond_earlier(link, shape, 0.0, out);
    }

    /// As [`GridGains::respond`], for the channel as it was `age_s` before each symbol.
    pub fn respond_earlier(&mut self, link: usize, shape: SlotShape, age_s: f64, out: &mut Vec<Complex32>) {
        let rows = if self.is_static() { 1 } else { shape.symbols };
        out.resize(rows * self.numerology.used(), Complex32::default());
        self.write(link, shape, age_s, out);
    }

    fn write(&mut self, device: usize, shape: SlotShape, age_s: f64, out: &mut [Complex32]) {
        let used = self.numerology.used();
        match &self.kind {
            Kind::Static(rows) => out.copy_from_slice(&rows[device * used..(device + 1) * used]),
            Kind::PerElement { powers: (los, scattered), seeds, trial } => {
                let stream = seeds.stream(Purpose::Fading, *trial, device as u64 + 2);
                stream.fill_complex_gaussian((shape.first_symbol * used) as u64, *scattered as f32, out);
                out.iter_mut().for_each(|h| h.re += los.sqrt() as f32);
            }
            Kind::Moving(moving) => {
                let nodes = Nodes::of(&self.numerology, shape, moving.max_doppler_hz, age_s);
                moving.respond(device, nodes, &mut self.scratch, out);
            }
        }
    }

    /// Computes all devices' responses over a slot.
    pub fn all(&mut self, shape: SlotShape) -> Knowledge<'_> {
        let used = self.numerology.used();
        if !self.is_static() {
            let mut states = std::mem::take(&mut self.states);
            let stride = shape.symbols * used;
            states.resize(self.links * stride, Complex32::default());
            for (device, rows) in states.chunks_exact_mut(stride).enumerate() {
                self.write(device, shape, 0.0, rows);
            }
            self.states = states;
        }
        let rows = if let Kind::Static(rows) = &self.kind { rows } else { &self.states };
        Knowledge::new(rows, self.links, used, shape.symbols)
    }

    /// Computes each device's responses at its own elements of a slot only: those of index `device` modulo the number of
    /// devices, counted from the start of the round, of which the slot's first symbol is number `first_symbol`.
    pub fn own(&mut self, shape: SlotShape, first_symbol: usize) -> Knowledge<'_> {
        if self.is_static() {
            return self.all(shape);
        }
        let (used, devices) = (self.numerology.used(), self.links);
        let width = used.div_ceil(devices);
        self.states.clear();
        self.states.resize(devices * shape.symbols * width, Complex32::default());
        for device in 0..devices {
            let mut states = std::mem::take(&mut self.states);
            let rows = &mut states[device * shape.symbols * width..(device + 1) * shape.symbols * width];
            self.write_own(device, (shape, first_symbol), rows);
            self.states = states;
        }
        Knowledge::of_own(&self.states, devices, used, shape.symbols)
    }

    fn write_own(&mut self, device: usize, (shape, first_symbol): (SlotShape, usize), out: &mut [Complex32]) {
        let (used, devices) = (self.numerology.used(), self.links);
        let width = used.div_ceil(devices);
        let first = |symbol: usize| own_offset(device, devices, (first_symbol + symbol) * used);
        let Kind::Moving(moving) = &mut self.kind else {
            let mut rows = std::mem::take(&mut self.scratch.rows);
            self.respond(device, shape, &mut rows);
            for (symbol, (out, row)) in out.chunks_exact_mut(width).zip(rows.chunks_exact(used)).enumerate() {
                let own = row.iter().skip(first(symbol)).step_by(devices);
                out.iter_mut().zip(own).for_each(|(out, h)| *out = *h);
            }
            self.scratch.rows = rows;
            return;
        };
        if moving.combed.is_none() {
            moving.combed = Some(moving.steering.combed(devices));
        }
        let nodes = Nodes::of(&self.numerology, shape, moving.max_doppler_hz, 0.0);
        moving.move_paths(device, nodes, &mut self.scratch);
        let paths = moving.taps[device].paths();
        let Some(combed) = &moving.combed else { return };
        // Symbols whose own subcarriers are the same go together, so that the phases are read once for all of them.
        let period = devices / common_divisor(devices, used);
        let Scratch { path_gains, moved, rows } = &mut self.scratch;
        for begin in 0..period.min(shape.symbols) {
            let columns: Range<usize> = comb(used, devices, first(begin));
            let count = columns.len();
            let symbols = (begin..shape.symbols).step_by(period);
            path_gains.clear();
            symbols.clone().for_each(|s| path_gains.extend_from_slice(&moved[s * paths..(s + 1) * paths]));
            rows.resize(symbols.len() * count, Complex32::default());
            combed.respond_in(columns, path_gains, rows);
            for (i, symbol) in symbols.enumerate() {
                out[symbol * width..][..count].copy_from_slice(&rows[i * count..(i + 1) * count]);
            }
        }
    }

    /// Returns a device's state from the last call of [`GridGains::all`], or from the static responses.
    pub fn state(&self, device: usize, shape: SlotShape) -> LinkState<'_> {
        let rows = if let Kind::Static(rows) = &self.kind { rows } else { &self.states };
        Knowledge::new(rows, self.links, self.numerology.used(), shape.symbols).link(device)
    }

    /// Returns the number of links.
    pub fn links(&self) -> usize {
        self.links
    }
}

fn static_responses(taps: &[Taps], steering: &Steering) -> Vec<Complex32> {
    let used = steering.frequencies();
    let mut rows = vec![Complex32::default(); taps.len() * used];
    let now = TimeGrid { start_s: 0.0, step_s: 0.0, count: 1 };
    // Devices stand in for instants, so that several share one pass over the phases.
    let mut gains = Vec::new();
    for taps in taps {
        let at = gains.len();
        gains.resize(at + taps.paths(), Complex32::default());
        taps.gains(now, &mut gains[at..]);
    }
    steering.respond(&gains, &mut rows);
    rows
}

fn common_divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { common_divisor(b, a % b) }
}
