//! The estimator of a link: filters prepared once, applied slot by slot.

use super::estimate::ChannelEstimate;
use super::frequency_filter::{self, FrequencyFilter};
use super::pilots::{Comb, observe};
use super::planes::{Planes, add_scaled};
use super::time_filter::{self, TimeFilter};
use super::wiener::{FilteredPowers, WienerConfig, Window, error_variance, noise_share, time_weights};
use super::{EstimationError, check_number};
use crate::link::reference_signals::{ReferenceSignals, boost};
use crate::link::slot_layout::SlotLayout;
use airloop_baseband::Complex32;
use std::sync::Arc;

/// How the channel between pilots is found.
#[derive(Clone, Debug, PartialEq)]
pub enum Interpolation {
    /// On straight lines over subcarriers, then over symbols; beyond the outermost pilots their estimates hold.
    Linear,
    /// With the least mean square error for given statistics.
    Wiener(WienerConfig),
}

/// Estimates the channel of each layer at each antenna, slot by slot, without allocating.
#[derive(Clone, Debug)]
pub struct ChannelEstimator {
    pub(super) layout: SlotLayout,
    pub(super) receive: usize,
    /// One a group of layers that share pilots.
    frequency: Vec<FrequencyFilter>,
    time: TimeFilter,
    /// The error's variance `[group, row, subcarrier]`, and its sum over layers.
    group_errors: Vec<f32>,
    error: Arc<[f32]>,
    /// Observations of the slot last estimated: row `(layer * receive + r) * pilot symbols + q`.
    pub(super) observations: Planes,
    filtered: Planes,
}

impl ChannelEstimator {
    /// Prepares an estimator for a noise variance per element and antenna.
    ///
    /// With linear interpolation the error that it claims is that of noise alone; what the channel bends between pilots is not
    /// in it.
    ///
    /// # Errors
    /// When a number is out of range, or there are more layers than antennas.
    pub fn new(
        layout: &SlotLayout,
        receive: usize,
        interpolation: &Interpolation,
        noise_variance: f64,
    ) -> Result<Self, EstimationError> {
        check_number("noise variance", noise_variance, Some(0.0), "a finite number of at least 0")?;
        let layers = layout.layers();
        if receive < layers {
            return Err(EstimationError::TooFewAntennas { layers, receive });
        }
        if let Interpolation::Wiener(config) = interpolation {
            config.check()?;
        }
        let pilots = layout.pilot_symbols();
        let combs: Vec<Comb> = (0..layers).step_by(2).map(|layer| Comb::of(layout, layer)).collect();
        let boost = f64::from(boost(layout));
        let design = |share: f64| -> Vec<Design> {
            let of = |comb: &Comb| {
                let noise = noise_variance * comb.noise_share(boost);
                Design::new(*comb, layout.subcarriers(), interpolation, (noise, share))
            };
            combs.iter().map(of).collect()
        };
        let mut designs = design(1.0);
        let time = match interpolation {
            Interpolation::Linear => {
                TimeFilter::new(layout.symbols(), pilots.len(), time_filter::linear(pilots))
            }
            Interpolation::Wiener(config) => {
                let weights = |designs: &[Design]| {
                    let solve = time_weights(config, pilots, designs[0].mean());
                    TimeFilter::new(layout.symbols(), pilots.len(), solve)
                };
                // What the second stage takes off the noise, the first one need not.
                designs = design(noise_share(config, pilots, &weights(&designs)));
                weights(&designs)
            }
        };
        let mut group_errors = Vec::new();
        for design in &designs {
            for row in 0..time.rows() {
                group_errors.extend(design.errors(interpolation, pilots, (row, time.weights(row))));
            }
        }
        let plane = time.rows() * layout.subcarriers();
        let of_layers = |at: usize| (0..layers).map(|layer| group_errors[layer / 2 * plane + at]).sum();
        Ok(Self {
            layout: layout.clone(),
            receive,
            frequency: designs.into_iter().map(|design| design.filter).collect(),
            error: (0..plane).map(of_layers).collect(),
            group_errors,
            observations: Planes::zeros(layers * receive * pilots.len(), layout.subcarriers() / 2),
            filtered: Planes::zeros(pilots.len(), layout.subcarriers()),
            time,
        })
    }

    /// Estimates the channels of a slot received as `[antenna, symbol, subcarrier]`; `signals` are prepared for that slot.
    ///
    /// # Panics
    /// When the grid is not that of the layout and the antennas.
    pub fn estimate(
        &mut self,
        received: &[Complex32],
        signals: &ReferenceSignals,
        out: &mut ChannelEstimate,
    ) {
        assert_eq!(received.len(), self.receive * self.layout.elements(), "a grid of every antenna");
        let (layers, rows, pilots) = (self.layout.layers(), self.time.rows(), self.filtered.rows());
        out.reset(self.receive, layers, rows, self.layout.subcarriers());
        out.set_error(&self.error);
        for (r, received) in received.chunks_exact(self.layout.elements()).enumerate() {
            for layer in 0..layers {
                let first = (layer * self.receive + r) * pilots;
                observe((&self.layout, signals), layer, received, (&mut self.observations, first));
                let filter = &self.frequency[layer / 2];
                for q in 0..pilots {
                    filter.apply(self.observations.row(first + q), self.filtered.row_mut(q));
                }
                for row in 0..rows {
                    let to = out.planes.row_mut((r * layers + layer) * rows + row);
                    combine(self.time.weights(row), &self.filtered, to);
                }
            }
        }
    }

    /// Returns the variance of the error that an estimate is expected to have, for one layer at one antenna.
    pub fn error_variance(&self, layer: usize, symbol: usize, subcarrier: usize) -> f32 {
        let row = if self.time.rows() == 1 { 0 } else { symbol };
        self.group_errors[(layer / 2 * self.time.rows() + row) * self.layout.subcarriers() + subcarrier]
    }

    /// Returns the least-squares observation of a layer at an antenna, of the slot last estimated, and the subcarrier it is
    /// for.
    ///
    /// With two layers on the same pilots the subcarrier is the middle one of three that it spans.
    pub fn observation(
        &self,
        receive: usize,
        layer: usize,
        pilot_symbol: usize,
        index: usize,
    ) -> (usize, Complex32) {
        let row = (layer * self.receive + receive) * self.filtered.rows() + pilot_symbol;
        (Comb::of(&self.layout, layer).position(index), self.observations.at(row, index))
    }
}

/// Writes the weighted sum of rows.
fn combine(weights: &[f32], rows: &Planes, (re, im): (&mut [f32], &mut [f32])) {
    if let [1.0] = weights {
        let row = rows.row(0);
        re.copy_from_slice(row.0);
        im.copy_from_slice(row.1);
        return;
    }
    re.fill(0.0);
    im.fill(0.0);
    for (q, weight) in weights.iter().enumerate().filter(|(_, weight)| **weight != 0.0) {
        add_scaled((*weight).into(), rows.row(q), (&mut *re, &mut *im));
    }
}

/// The filter of a group over subcarriers, and what it makes of channel and noise at each.
struct Design {
    filter: FrequencyFilter,
    powers: Vec<FilteredPowers>,
}

impl Design {
    fn new(
        comb: Comb,
        subcarriers: usize,
        interpolation: &Interpolation,
        (noise, share): (f64, f64),
    ) -> Self {
        match interpolation {
            Interpolation::Linear => {
                let filter = FrequencyFilter::new(comb, subcarriers, 2, frequency_filter::linear(comb));
                let gain = |k| filter.coefficients(k).0.iter().map(|a| f64::from(a.norm_sqr())).sum::<f64>();
                let powers = |k| FilteredPowers { noise: noise * gain(k), ..FilteredPowers::default() };
                Self { powers: (0..subcarriers).map(powers).collect(), filter }
            }
            Interpolation::Wiener(config) => {
                let window = Window::new(config, comb, noise, share);
                let solve = |k: usize, start: usize, out: &mut [_]| window.solve(k, start, out);
                let filter = FrequencyFilter::new(comb, subcarriers, config.taps, solve);
                let powers = (0..subcarriers).map(|k| window.powers(&filter, k)).collect();
                Self { powers, filter }
            }
        }
    }

    fn mean(&self) -> FilteredPowers {
        let mean = |of: fn(&FilteredPowers) -> f64| {
            self.powers.iter().map(of).sum::<f64>() / self.powers.len() as f64
        };
        FilteredPowers { channel: mean(|p| p.channel), noise: mean(|p| p.noise), cross: mean(|p| p.cross) }
    }

    fn errors(
        &self,
        interpolation: &Interpolation,
        pilots: &[usize],
        (row, weights): (usize, &[f32]),
    ) -> impl Iterator<Item = f32> {
        let gain: f64 = weights.iter().map(|b| f64::from(b * b)).sum();
        self.powers.iter().map(move |powers| match interpolation {
            Interpolation::Linear => (powers.noise * gain) as f32,
            Interpolation::Wiener(config) => error_variance(config, pilots, (row, weights), *powers) as f32,
        })
    }
}
