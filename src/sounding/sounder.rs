//! The sounder of one trial: it hears pilots, and gives what is known of the channels slot by slot.

use super::config::{KnowledgeSource, quantiser_step};
use super::model::{KnowledgeModel, Prepared};
use super::pilots::PilotAir;
use crate::medium::{ChannelModel, GridGains, Knowledge, LinkState, MediumError};
use crate::ofdm::{Numerology, SlotShape};
use airloop_baseband::units::amplitude_from_db;
use airloop_baseband::{Complex32, Complex64, Purpose, Seeds, Stream};
use std::sync::Arc;

/// Labels of the roots from which knowledge draws.
const COPY: u64 = 1;

/// What devices know of their channels in one trial.
pub struct Sounder {
    model: Arc<KnowledgeModel>,
    numerology: Arc<Numerology>,
    channel: ChannelModel,
    pilots: Option<Box<dyn PilotAir>>,
    /// For imperfect knowledge: the scattered part of the channels, and an independent copy of it.
    parts: Option<(GridGains, GridGains)>,
    /// Reciprocity's error of each device.
    mismatch: Vec<Complex32>,
    quantiser: Stream,
    noise: Stream,
    estimates: Vec<Estimate>,
    /// First pilot symbol of the last sounding.
    sounded_at: usize,
    rows: Vec<Complex32>,
    scratch: Vec<Complex32>,
}

/// What a device's pilots gave.
#[derive(Clone, Debug)]
enum Estimate {
    /// One response for all symbols until the next sounding.
    Row(Vec<Complex32>),
    /// Coefficients from which path gains are predicted.
    Paths(Vec<Complex64>),
}

impl Sounder {
    /// Makes the sounder of a trial; `pilots` is the air of pilots, where knowledge is estimated.
    pub fn new(
        model: &Arc<KnowledgeModel>,
        channel: &ChannelModel,
        numerology: &Arc<Numerology>,
        (seeds, trial): (&Seeds, u64),
        pilots: Option<Box<dyn PilotAir>>,
    ) -> Self {
        let devices = model.devices();
        let imperfect = matches!(model.config.source, KnowledgeSource::Imperfect { error } if error > 0.0);
        let parts = imperfect.then(|| {
            let draw = |seeds: &Seeds| {
                GridGains::draw_scattered(channel, Arc::clone(numerology), seeds, trial, devices)
            };
            (draw(seeds), draw(&seeds.branch(COPY)))
        });
        let errors = seeds.stream(Purpose::Impairment, trial, 0);
        let mismatch = |device: usize| {
            let draw = |i: usize| errors.gaussian((2 * device + i) as u64);
            let amplitude = amplitude_from_db(model.config.reciprocity_error_db * draw(0));
            let z = Complex64::from_polar(amplitude, model.config.reciprocity_error_rad * draw(1));
            Complex32::new(z.re as f32, z.im as f32)
        };
        Self {
            mismatch: (0..devices).map(mismatch).collect(),
            model: Arc::clone(model),
            numerology: Arc::clone(numerology),
            channel: channel.clone(),
            pilots,
            parts,
            quantiser: seeds.stream(Purpose::Quantiser, trial, u64::MAX),
            noise: seeds.stream(Purpose::Pilot, trial, 1),
            estimates: Vec::new(),
            sounded_at: 0,
            rows: Vec::new(),
            scratch: Vec::new(),
        }
    }

    /// Sounds all channels, in symbols from `first_symbol` on.
    ///
    /// # Errors
    /// When a transport fails.
    pub fn sound(&mut self, gains: &mut GridGains, first_symbol: usize) -> Result<(), MediumError> {
        self.sounded_at = first_symbol;
        let (Some(pilots), Some(air)) = (self.model.config.pilots(), self.pilots.as_mut()) else {
            return Ok(());
        };
        let used = self.numerology.used();
        self.estimates.clear();
        let mut observed = Vec::new();
        for device in 0..self.model.devices() {
            let at = first_symbol + self.model.pilot_symbol(device);
            let shape = SlotShape { first_symbol: at, symbols: pilots.symbols };
            air.hear(gains, device, shape, &mut observed)?;
            if let Some(bits) = self.model.config.bits {
                let step = quantiser_step(bits, 1.0 + pilots.noise);
                let place = (at * used) as u64;
                quantise(&self.quantiser.substream(device as u64), place, step as f32, &mut observed);
            }
            self.estimates.push(match self.model.prepared() {
                Prepared::LeastSquares(estimator) => {
                    let mut row = Vec::new();
                    estimator.estimate(&observed, &mut row);
                    Estimate::Row(row)
                }
                Prepared::Mmse(estimator) => {
                    let mut alpha = Vec::new();
                    estimator.solve(&observed, used, &mut alpha);
                    if gains.is_static() {
                        let mut row = vec![Complex32::default(); used];
                        self.scratch.resize(estimator.paths(), Complex32::default());
                        estimator.predict(&alpha, 0.0, &mut self.scratch);
                        respond(&self.channel, &self.scratch, &mut row);
                        Estimate::Row(row)
                    } else {
                        Estimate::Paths(alpha)
                    }
                }
                Prepared::Nothing | Prepared::PerElement(_) => Estimate::Row(Vec::new()),
            });
        }
        Ok(())
    }

    /// Writes what is known of a device's channel over a slot: one row, or one a symbol.
    pub fn known(
        &mut self,
        gains: &mut GridGains,
        device: usize,
        shape: SlotShape,
        out: &mut Vec<Complex32>,
    ) {
        let used = self.numerology.used();
        let config = self.model.config;
        match (&config.source, self.model.prepared()) {
            (KnowledgeSource::Estimated(pilots), Prepared::PerElement(shrink)) => {
                // An element of its own fading is sounded on its own: as many noisy looks as pilot symbols.
                gains.respond(device, shape, out);
                let noise = (pilots.noise / pilots.symbols as f64) as f32;
                let place = (shape.first_symbol * used) as u64;
                self.noise.substream(device as u64).add_complex_gaussian(place, noise, out);
                if let Some(bits) = config.bits {
                    // The mean of as many quantised looks has that share of the variance.
                    let step = quantiser_step(bits, 1.0 + pilots.noise) / (pilots.symbols as f64).sqrt();
                    quantise(&self.quantiser.substream(device as u64), place, step as f32, out);
                }
                out.iter_mut().for_each(|h| *h *= *shrink as f32);
            }
            (KnowledgeSource::Estimated(_), prepared) => match (&self.estimates[device], prepared) {
                (Estimate::Row(row), _) => {
                    out.clear();
                    out.extend_from_slice(row);
                }
                (Estimate::Paths(alpha), Prepared::Mmse(estimator)) => {
                    out.resize(shape.symbols * used, Complex32::default());
                    let first = self.sounded_at + self.model.pilot_symbol(device);
                    let begin_s = self.numerology.symbol_centre_s(first) - config.age_s;
                    let mut paths = vec![Complex32::default(); shape.symbols * estimator.paths()];
                    for (symbol, gains) in paths.chunks_exact_mut(estimator.paths()).enumerate() {
                        let now_s = self.numerology.symbol_centre_s(shape.first_symbol + symbol);
                        estimator.predict(alpha, now_s - begin_s, gains);
                    }
                    respond(&self.channel, &paths, out);
                }
                (Estimate::Paths(_), _) => {}
            },
            (source, _) => {
                gains.respond_earlier(device, shape, config.age_s, out);
                if let (KnowledgeSource::Imperfect { error }, Some((own, copy))) = (source, &mut self.parts) {
                    let scattered = 1.0 - self.channel.marginal().line_of_sight_share();
                    let share = error / scattered;
                    let mix = (share * (1.0 - share)).sqrt() as f32;
                    own.respond_earlier(device, shape, config.age_s, &mut self.scratch);
                    out.iter_mut().zip(&self.scratch).for_each(|(h, s)| *h -= s * share as f32);
                    copy.respond_earlier(device, shape, config.age_s, &mut self.scratch);
                    out.iter_mut().zip(&self.scratch).for_each(|(h, s)| *h += s * mix);
                }
                if let Some(bits) = config.bits {
                    let place = (shape.first_symbol * used) as u64;
                    let step = quantiser_step(bits, 1.0) as f32;
                    // One row for all symbols is fed back once.
                    let place = if out.len() == used { 0 } else { place };
                    quantise(&self.quantiser.substream(device as u64), place, step, out);
                }
            }
        }
        let mismatch = self.mismatch[device];
        if mismatch != Complex32::new(1.0, 0.0) {
            out.iter_mut().for_each(|h| *h *= mismatch);
        }
    }

    /// Computes what is known of all devices' channels over a slot.
    pub fn all(&mut self, gains: &mut GridGains, shape: SlotShape) -> Knowledge<'_> {
        let mut rows = std::mem::take(&mut self.rows);
        rows.clear();
        let mut row = Vec::new();
        for device in 0..self.model.devices() {
            self.known(gains, device, shape, &mut row);
            rows.extend_from_slice(&row);
        }
        self.rows = rows;
        Knowledge::new(&self.rows, self.model.devices(), self.numerology.used(), shape.symbols)
    }

    /// Returns a device's state from the last call of [`Sounder::all`].
    pub fn state(&self, device: usize, shape: SlotShape) -> LinkState<'_> {
        Knowledge::new(&self.rows, self.model.devices(), self.numerology.used(), shape.symbols).link(device)
    }
}

/// Writes the responses of path gains, instant after instant.
fn respond(channel: &ChannelModel, path_gains: &[Complex32], rows: &mut [Complex32]) {
    if let ChannelModel::Taps { steering, .. } = channel {
        steering.respond(path_gains, rows);
    }
}

/// Quantises real and imaginary parts to multiples of a step with subtractive dither.
///
/// ```text
/// q(x) = step (round(x/step + d) - d),   d uniform in (-1/2, 1/2):  the error is uniform and independent of x
/// ```
fn quantise(dither: &Stream, place: u64, step: f32, values: &mut [Complex32]) {
    let mut uniform = vec![0.0f32; 2 * values.len()];
    dither.fill_uniform(2 * place, &mut uniform);
    for (z, d) in values.iter_mut().zip(uniform.as_chunks::<2>().0) {
        let round = |x: f32, d: f32| step * ((x / step + d).round() - d);
        *z = Complex32::new(round(z.re, d[0] - 0.5), round(z.im, d[1] - 0.5));
    }
}
