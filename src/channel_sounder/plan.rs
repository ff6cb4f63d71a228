//! When and how finely a link is sounded.

use super::quiet::{Delays, Hole, Quiet};
use super::{SoundError, window};
use crate::ofdm::Numerology;
use std::sync::Arc;

/// Soundings of one draw of a channel that moves, and how many of them fall into one period of the maximum Doppler shift.
const MOVING_SOUNDINGS: usize = 1024;
const SOUNDINGS_A_PERIOD: f64 = 32.0;

/// Of soundings in a row, every so many show a delay profile: their channels are nearly the same.
const PROFILE_EVERY: usize = 4;

/// Soundings of one draw of a channel that stands still.
const STATIC_SOUNDINGS: usize = 2;

/// Fewest subcarriers with which noise can be told from the channel.
const LEAST_SUBCARRIERS: usize = 32;

/// Subcarriers whose changes over time are looked at.
const TIME_SUBCARRIERS: usize = 64;

/// Resolutions that are looked at beyond the first and the last delay, and beyond the Doppler shifts.
const GUARD: f64 = 4.0;

/// Symbols over which the mean duration of a symbol is taken: whole periods of all longer prefixes.
const MEAN_SYMBOLS: usize = 2240;

/// How a link is sounded, and where its delays and Doppler shifts are looked for.
#[derive(Clone, Debug)]
pub struct SoundingPlan {
    /// The numerology.
    pub numerology: Arc<Numerology>,
    /// Soundings of one draw.
    pub soundings: usize,
    /// Symbols from one sounding to the next.
    pub every_symbols: usize,
    /// The same in seconds, on average.
    pub step_s: f64,
    /// How delays are looked at.
    pub delays: DelayPlan,
    /// How Doppler shifts are looked at; `None` for a channel that stands still.
    pub doppler: Option<DopplerPlan>,
}

/// How delays are looked at: a windowed transform over the used band.
#[derive(Clone, Debug)]
pub struct DelayPlan {
    /// Subcarriers from the first used one to the last.
    pub span: usize,
    /// Of these, those that are used.
    pub positions: Vec<usize>,
    /// Size of the transform to delays.
    pub transform: usize,
    /// Size of that from which the correlation comes.
    pub lag_transform: usize,
    /// From one delay to the next.
    pub step_s: f64,
    /// Bins before and after delay 0 in which paths are looked for.
    pub gate: (usize, usize),
    /// What tells noise from paths.
    pub(super) quiet: Quiet,
    /// The carrier, where it is not used.
    pub(super) hole: Option<Hole>,
    /// Weights of the subcarriers.
    pub weights: Vec<f32>,
    /// Of the soundings, every so many are transformed.
    pub every: usize,
    /// Number of lags of the correlation, 0 included, in subcarriers.
    pub lags: usize,
}

/// How Doppler shifts are looked at: a windowed transform over the soundings of a draw.
#[derive(Clone, Debug)]
pub struct DopplerPlan {
    /// Size of the transform.
    pub transform: usize,
    /// Soundings a second.
    pub rate_hz: f64,
    /// Bins either side of 0 in which shifts are looked for.
    pub reach: usize,
    /// Weights of the soundings.
    pub weights: Vec<f32>,
    /// Used subcarriers that are looked at.
    pub columns: Vec<usize>,
    /// Number of lags of the correlation, 0 included, in soundings.
    pub lags: usize,
}

impl SoundingPlan {
    /// Plans the sounding of a channel of that maximum Doppler shift, whose last path comes at `latest_s`.
    ///
    /// ```text
    /// soundings a period of the Doppler shift: 32, or as many as there are symbols;   32 periods a draw
    /// delays looked at: -4/B to (the longer of prefix and last path) + 4/B
    /// shifts looked at: to twice the maximum and 4 resolutions more
    /// ```
    ///
    /// # Errors
    /// When the used band is too narrow.
    pub fn new(numerology: &Arc<Numerology>, max_doppler_hz: f64, latest_s: f64) -> Result<Self, SoundError> {
        let used = numerology.used();
        if used < LEAST_SUBCARRIERS {
            return Err(SoundError::TooNarrow { used, least: LEAST_SUBCARRIERS });
        }
        let symbol_s = numerology.duration_s(MEAN_SYMBOLS) / MEAN_SYMBOLS as f64;
        let (mut every_symbols, mut soundings, mut doppler) = (1, STATIC_SOUNDINGS, None);
        if max_doppler_hz > 0.0 {
            let period_symbols = 1.0 / (max_doppler_hz * symbol_s);
            every_symbols = ((period_symbols / SOUNDINGS_A_PERIOD) as usize).max(1);
            soundings = MOVING_SOUNDINGS;
            doppler = Some(DopplerPlan::new(used, every_symbols as f64 * symbol_s, max_doppler_hz));
        }
        let every = if doppler.is_some() { PROFILE_EVERY } else { 1 };
        Ok(Self {
            delays: DelayPlan::new(numerology, latest_s, every),
            numerology: Arc::clone(numerology),
            soundings,
            every_symbols,
            step_s: every_symbols as f64 * symbol_s,
            doppler,
        })
    }

    /// Returns the band that is sounded, in hertz.
    pub fn bandwidth_hz(&self) -> f64 {
        self.delays.span as f64 * self.numerology.subcarrier_spacing_hz()
    }

    /// Returns the delay resolution in seconds: `1/B`.
    pub fn delay_resolution_s(&self) -> f64 {
        1.0 / self.bandwidth_hz()
    }

    /// Returns the Doppler resolution in hertz: one over the duration of a draw.
    pub fn doppler_resolution_hz(&self) -> Option<f64> {
        self.doppler.as_ref().map(|doppler| doppler.rate_hz / self.soundings as f64)
    }

    /// Returns the absolute symbol of a sounding.
    pub fn symbol(&self, sounding: usize) -> usize {
        sounding * self.every_symbols
    }
}

impl DelayPlan {
    fn new(numerology: &Numerology, latest_s: f64, every: usize) -> Self {
        let offsets = numerology.offsets();
        let positions: Vec<usize> = offsets.iter().map(|k| (k - offsets[0]) as usize).collect();
        let span = positions[positions.len() - 1] + 1;
        // The profile is sampled at least four times a resolution; at twice the span no lag of the correlation wraps around.
        let (transform, lag_transform) = ((4 * span).next_power_of_two(), (2 * span).next_power_of_two());
        let step_s = 1.0 / (transform as f64 * numerology.subcarrier_spacing_hz());
        let guard = (GUARD * transform as f64 / span as f64).ceil() as usize;
        let prefix_s = numerology.shortest_prefix_samples() as f64 / numerology.sample_rate_hz();
        let after = (prefix_s.max(latest_s) / step_s).ceil() as usize + guard;
        // Later delays cannot be told from those before the first path.
        let gate = (guard, after.min(transform - guard - 1));
        let margin = 1.0 / span as f64;
        let last = prefix_s.max(latest_s) * numerology.subcarrier_spacing_hz() + margin;
        let expected = Delays { first: -margin, last: last.min(1.0 - margin) };
        let weights = window::weights(span);
        Self {
            lags: span / 2,
            span,
            quiet: Quiet::new(&positions, expected),
            hole: Hole::of(&positions, expected),
            positions,
            transform,
            lag_transform,
            step_s,
            gate,
            weights,
            every,
        }
    }

    /// Returns the number of delays that are looked at.
    pub fn bins(&self) -> usize {
        self.gate.0 + self.gate.1 + 1
    }

    /// Returns the delay of a bin, in seconds.
    pub fn delay_s(&self, bin: usize) -> f64 {
        (bin as f64 - self.gate.0 as f64) * self.step_s
    }
}

impl DopplerPlan {
    fn new(used: usize, step_s: f64, max_doppler_hz: f64) -> Self {
        let transform = 2 * MOVING_SOUNDINGS;
        let reach_hz = 2.0 * max_doppler_hz + GUARD / (MOVING_SOUNDINGS as f64 * step_s);
        let reach = ((reach_hz * step_s * transform as f64).ceil() as usize).min(transform / 2 - 1);
        let columns = (0..used).step_by(used.div_ceil(TIME_SUBCARRIERS)).collect();
        Self {
            transform,
            rate_hz: 1.0 / step_s,
            reach,
            weights: window::weights(MOVING_SOUNDINGS),
            columns,
            lags: MOVING_SOUNDINGS / 4,
        }
    }

    /// Returns the number of Doppler shifts that are looked at.
    pub fn bins(&self) -> usize {
        2 * self.reach + 1
    }

    /// Returns from one shift to the next, in hertz.
    pub fn step_hz(&self) -> f64 {
        self.rate_hz / self.transform as f64
    }

    /// Returns the Doppler shift of a bin, in hertz.
    pub fn shift_hz(&self, bin: usize) -> f64 {
        (bin as f64 - self.reach as f64) * self.step_hz()
    }
}
