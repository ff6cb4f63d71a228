//! The channels of one trial as the grid sees them: one frequency response a device and symbol.

use super::knowledge::own_offset;
use super::moving::{Moving, Nodes, Scratch};
use super::paths::DrawnPaths;
use super::per_element::PerElement;
use super::{Knowledge, LinkState};
use crate::ofdm::{Numerology, SlotShape};
use airloop_baseband::{Complex32, Seeds};
use airloop_channels::response::comb;
use airloop_channels::{Fading, Marginal, Steering, TimeGrid};
use std::ops::Range;
use std::sync::Arc;

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
    PerElement(PerElement),
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
        Self::draw_known(model, numerology, (seeds, trial), links, 0.0)
    }

    /// Draws what is known of the channels that [`GridGains::draw`] draws, when a share `s` of the scattered power is an
    /// error that is independent of what is known: `(1 - s) h + sqrt(s (1 - s)) h'` with an independent copy `h'`.
    pub fn draw_known(
        model: &ChannelModel,
        numerology: Arc<Numerology>,
        (seeds, trial): (&Seeds, u64),
        links: usize,
        share: f64,
    ) -> Self {
        let kind = match model {
            ChannelModel::PerElement { k_factor } => {
                let powers = (k_factor / (k_factor + 1.0), 1.0 / (k_factor + 1.0));
                Kind::PerElement(PerElement { powers, seeds: *seeds, trial, share })
            }
            ChannelModel::Taps { fading, steering } => {
                let paths = DrawnPaths::draw(fading, (seeds, trial), links, share);
                let (steering, max_doppler_hz) = (Arc::clone(steering), fading.max_doppler_hz());
                if max_doppler_hz > 0.0 {
                    Kind::Moving(Moving { paths, steering, combed: None, max_doppler_hz })
                } else {
                    Kind::Static(static_responses(&paths, links, &steering))
                }
            }
        };
        Self { numerology, links, kind, scratch: Scratch::default(), states: Vec::new() }
    }

    /// Takes measured responses, `[link, used subcarrier]`, that hold for all symbols.
    pub fn measured(numerology: Arc<Numerology>, rows: Vec<Complex32>) -> Self {
        let links = rows.len() / numerology.used();
        let (scratch, states) = (Scratch::default(), Vec::new());
        Self { numerology, links, kind: Kind::Static(rows), scratch, states }
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
            Kind::PerElement(elements) => elements.write(device, shape.first_symbol * used, out),
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
        let paths = moving.paths.count();
        let Some(combed) = &moving.combed else { return };
        // Symbols whose own subcarriers are the same go together, so that the phases are read once for all of them.
        let period = devices / common_divisor(devices, used);
        let Scratch { path_gains, moved, rows, .. } = &mut self.scratch;
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

    /// Returns the states of `links` links of a device, as [`GridGains::state`] does of one.
    pub fn states_of(&self, device: usize, links: usize, shape: SlotShape) -> LinkState<'_> {
        let rows = if let Kind::Static(rows) = &self.kind { rows } else { &self.states };
        Knowledge::new(rows, self.links, self.numerology.used(), shape.symbols).links_of(device, links)
    }

    /// Returns the number of links.
    pub fn links(&self) -> usize {
        self.links
    }
}

fn static_responses(paths: &DrawnPaths, links: usize, steering: &Steering) -> Vec<Complex32> {
    let mut rows = vec![Complex32::default(); links * steering.frequencies()];
    let now = TimeGrid { start_s: 0.0, step_s: 0.0, count: 1 };
    // Links stand in for instants, so that several share one pass over the phases.
    let (mut gains, mut other) = (vec![Complex32::default(); links * paths.count()], Vec::new());
    for (link, gains) in gains.chunks_exact_mut(paths.count()).enumerate() {
        paths.gains(link, now, gains, &mut other);
    }
    steering.respond(&gains, &mut rows);
    rows
}

fn common_divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { common_divisor(b, a % b) }
}
