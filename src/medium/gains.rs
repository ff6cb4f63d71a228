//! The channels of one trial as the grid sees them: one frequency response a device and symbol.

use super::{Knowledge, LinkState};
use crate::ofdm::{Numerology, SlotShape};
use airloop_baseband::{Complex32, Purpose, Seeds};
use airloop_channels::{Fading, Marginal, Steering, Taps, TimeGrid};
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
    devices: usize,
    kind: Kind,
    nodes: Vec<Complex32>,
    path_gains: Vec<Complex32>,
    states: Vec<Complex32>,
}

#[derive(Clone, Debug)]
enum Kind {
    /// One response a device, for the whole trial.
    Static(Vec<Complex32>),
    Moving { taps: Vec<Taps>, steering: Arc<Steering>, max_doppler_hz: f64 },
    PerElement { k_factor: f64, seeds: Seeds, trial: u64 },
}

impl GridGains {
    /// Draws the channels of a trial.
    pub fn draw(
        model: &ChannelModel,
        numerology: Arc<Numerology>,
        seeds: &Seeds,
        trial: u64,
        devices: usize,
    ) -> Self {
        let kind = match model {
            ChannelModel::PerElement { k_factor } => {
                Kind::PerElement { k_factor: *k_factor, seeds: *seeds, trial }
            }
            ChannelModel::Taps { fading, steering } => {
                let taps = fading.draw(seeds, trial, 0..devices);
                if fading.max_doppler_hz() > 0.0 {
                    let max_doppler_hz = fading.max_doppler_hz();
                    Kind::Moving { taps, steering: Arc::clone(steering), max_doppler_hz }
                } else {
                    Kind::Static(static_responses(&taps, steering))
                }
            }
        };
        let empty = Vec::new;
        Self { numerology, devices, kind, nodes: empty(), path_gains: empty(), states: empty() }
    }

    /// Returns whether one response holds for all symbols.
    pub fn is_static(&self) -> bool {
        matches!(self.kind, Kind::Static(_))
    }

    /// Writes one device's response over a slot into `out`: one row when static, else one a symbol.
    pub fn respond(&mut self, device: usize, shape: SlotShape, out: &mut Vec<Complex32>) {
        let used = self.numerology.used();
        out.clear();
        match &self.kind {
            Kind::Static(rows) => out.extend_from_slice(&rows[device * used..(device + 1) * used]),
            Kind::PerElement { k_factor, seeds, trial } => {
                out.resize(used * shape.symbols, Complex32::default());
                let (los, scattered) = (k_factor / (k_factor + 1.0), 1.0 / (k_factor + 1.0));
                let stream = seeds.stream(Purpose::Fading, *trial, device as u64 + 2);
                stream.fill_complex_gaussian((shape.first_symbol * used) as u64, scattered as f32, out);
                out.iter_mut().for_each(|h| h.re += los.sqrt() as f32);
            }
            Kind::Moving { taps, steering, max_doppler_hz } => {
                let centre = |s: usize| self.numerology.symbol_centre_s(shape.first_symbol + s);
                let span_s = centre(shape.symbols - 1) - centre(0);
                let longest_s = (8.0 * INTERPOLATION_ERROR).sqrt() / (std::f64::consts::TAU * max_doppler_hz);
                let intervals = (span_s / longest_s).ceil() as usize;
                let step_s = if intervals == 0 { 0.0 } else { span_s / intervals as f64 };
                let grid = TimeGrid { start_s: centre(0), step_s, count: intervals + 1 };
                let taps = &taps[device];
                self.path_gains.resize(grid.count * taps.paths(), Complex32::default());
                taps.gains(grid, &mut self.path_gains);
                if shape.symbols == 1 {
                    out.resize(used, Complex32::default());
                    steering.respond(&self.path_gains, out);
                    return;
                }
                self.nodes.resize(grid.count * used, Complex32::default());
                steering.respond(&self.path_gains, &mut self.nodes);
                out.reserve(used * shape.symbols);
                for s in 0..shape.symbols {
                    let place = (centre(s) - grid.start_s) / step_s;
                    let node = (place as usize).min(intervals - 1);
                    let weight = (place - node as f64) as f32;
                    let pair = &self.nodes[node * used..(node + 2) * used];
                    let (now, next) = pair.split_at(used);
                    out.extend(now.iter().zip(next).map(|(a, b)| a + (b - a) * weight));
                }
            }
        }
    }

    /// Computes all devices' responses over a slot.
    pub fn all(&mut self, shape: SlotShape) -> Knowledge<'_> {
        let used = self.numerology.used();
        if !self.is_static() {
            let mut states = std::mem::take(&mut self.states);
            let mut row = Vec::new();
            states.clear();
            for device in 0..self.devices {
                self.respond(device, shape, &mut row);
                states.extend_from_slice(&row);
            }
            self.states = states;
        }
        let rows = if let Kind::Static(rows) = &self.kind { rows } else { &self.states };
        Knowledge::new(rows, self.devices, used, shape.symbols)
    }

    /// Returns a device's state from the last call of [`GridGains::all`], or from the static responses.
    pub fn state(&self, device: usize, shape: SlotShape) -> LinkState<'_> {
        let rows = if let Kind::Static(rows) = &self.kind { rows } else { &self.states };
        Knowledge::new(rows, self.devices, self.numerology.used(), shape.symbols).link(device)
    }

    /// Returns the number of devices.
    pub fn devices(&self) -> usize {
        self.devices
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
