//! The sounder of one trial: it hears pilots, and gives what is known of the channels slot by slot.

use super::config::{KnowledgeSource, quantiser_step};
use super::mmse::Mmse;
use super::model::{KnowledgeModel, Prepared};
use super::pilots::PilotAir;
use crate::medium::{ChannelModel, GridGains, Knowledge, LinkState, MediumError};
use crate::ofdm::{Numerology, SlotShape};
use airloop_baseband::units::amplitude_from_db;
use airloop_baseband::{Complex32, Complex64, Purpose, Seeds, Stream};
use std::sync::Arc;

/// What devices know of their channels in one trial.
pub struct Sounder {
    model: Arc<KnowledgeModel>,
    numerology: Arc<Numerology>,
    channel: ChannelModel,
    pilots: Option<Box<dyn PilotAir>>,
    /// Imperfect knowledge: the channels as they are known.
    imperfect: Option<GridGains>,
    /// Reciprocity's error of each link, which those of a device share.
    mismatch: Vec<Complex32>,
    quantiser: Stream,
    noise: Stream,
    /// What the pilots gave, `[link, part, subcarrier]`: one part by least squares, those of [`Mmse::parts`] by the
    /// Wiener filter.
    estimates: Vec<Complex32>,
    /// First pilot symbol of the last sounding.
    sounded_at: usize,
    weights: PartWeights,
    rows: Vec<Complex32>,
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
        let links = model.links();
        let imperfect = match model.config.source {
            KnowledgeSource::Imperfect { error } if error > 0.0 => {
                let share = error / (1.0 - channel.marginal().line_of_sight_share());
                let draws = (seeds, trial);
                Some(GridGains::draw_known(channel, Arc::clone(numerology), draws, links, share))
            }
            _ => None,
        };
        let errors = seeds.stream(Purpose::Impairment, trial, 0);
        let mismatch = |device: usize| {
            let draw = |i: usize| errors.gaussian((2 * device + i) as u64);
            let amplitude = amplitude_from_db(model.config.reciprocity_error_db * draw(0));
            let z = Complex64::from_polar(amplitude, model.config.reciprocity_error_rad * draw(1));
            Complex32::new(z.re as f32, z.im as f32)
        };
        Self {
            mismatch: (0..links).map(|link| mismatch(model.device_of(link))).collect(),
            model: Arc::clone(model),
            numerology: Arc::clone(numerology),
            channel: channel.clone(),
            pilots,
            imperfect,
            quantiser: seeds.stream(Purpose::Quantiser, trial, u64::MAX),
            noise: seeds.stream(Purpose::Pilot, trial, 1),
            estimates: Vec::new(),
            sounded_at: 0,
            weights: PartWeights::default(),
            rows: Vec::new(),
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
        let (mut observed, mut row, mut looks) = (Vec::new(), Vec::new(), Vec::new());
        for link in 0..self.model.links() {
            let at = first_symbol + self.model.pilot_symbol(link);
            let shape = SlotShape { first_symbol: at, symbols: pilots.symbols };
            air.hear(gains, link, shape, &mut observed)?;
            if let Some(bits) = self.model.config.bits {
                let step = quantiser_step(bits, 1.0 + pilots.noise);
                let place = (at * used) as u64;
                quantise(&self.quantiser.substream(link as u64), place, step as f32, &mut observed);
            }
            match self.model.prepared() {
                Prepared::LeastSquares(estimator) => {
                    estimator.estimate(&observed, &mut row);
                    self.estimates.extend_from_slice(&row);
                }
                Prepared::Mmse(_) => looks.extend_from_slice(&observed),
                Prepared::Nothing | Prepared::PerElement(_) => {}
            }
        }
        if let (Prepared::Mmse(estimator), ChannelModel::Taps { steering, .. }) =
            (self.model.prepared(), &self.channel)
        {
            let (mut alpha, mut gains) = (Vec::new(), Vec::new());
            estimator.solve(&looks, (used, pilots.symbols), &mut alpha);
            estimator.part_gains(&alpha, &mut gains);
            let rows = self.model.links() * estimator.parts();
            self.estimates.resize(rows * used, Complex32::default());
            steering.respond(&gains, &mut self.estimates);
        }
        Ok(())
    }

    /// Writes what is known of a link's channel over a slot: one row, or one a symbol.
    pub fn known(&mut self, gains: &mut GridGains, link: usize, shape: SlotShape, out: &mut Vec<Complex32>) {
        let used = self.numerology.used();
        let config = self.model.config;
        match (&config.source, self.model.prepared()) {
            (KnowledgeSource::Estimated(pilots), Prepared::PerElement(shrink)) => {
                // An element of its own fading is sounded on its own: as many noisy looks as pilot symbols.
                gains.respond(link, shape, out);
                let noise = (pilots.noise / pilots.symbols as f64) as f32;
                let place = (shape.first_symbol * used) as u64;
                self.noise.substream(link as u64).add_complex_gaussian(place, noise, out);
                if let Some(bits) = config.bits {
                    // The mean of as many quantised looks has that share of the variance.
                    let step = quantiser_step(bits, 1.0 + pilots.noise) / (pilots.symbols as f64).sqrt();
                    quantise(&self.quantiser.substream(link as u64), place, step as f32, out);
                }
                out.iter_mut().for_each(|h| *h *= *shrink as f32);
            }
            (KnowledgeSource::Estimated(_), Prepared::Mmse(estimator)) => {
                let symbols = if gains.is_static() { 1 } else { shape.symbols };
                let first = self.sounded_at + self.model.pilot_symbol(link);
                let begin_s = self.numerology.symbol_centre_s(first) - config.age_s;
                let lag_s = |s| self.numerology.symbol_centre_s(shape.first_symbol + s) - begin_s;
                let weights = self.weights.at(estimator, (first, shape.first_symbol, symbols), lag_s);
                let parts = estimator.parts();
                let rows = &self.estimates[link * parts * used..(link + 1) * parts * used];
                out.resize(symbols * used, Complex32::default());
                for (weights, out) in weights.chunks_exact(parts).zip(out.chunks_exact_mut(used)) {
                    combine(weights, rows, out);
                }
            }
            (KnowledgeSource::Estimated(_), _) => {
                out.clear();
                out.extend_from_slice(&self.estimates[link * used..(link + 1) * used]);
            }
            _ => {
                let gains = self.imperfect.as_mut().unwrap_or(gains);
                gains.respond_earlier(link, shape, config.age_s, out);
                if let Some(bits) = config.bits {
                    let place = (shape.first_symbol * used) as u64;
                    let step = quantiser_step(bits, 1.0) as f32;
                    // One row for all symbols is fed back once.
                    let place = if out.len() == used { 0 } else { place };
                    quantise(&self.quantiser.substream(link as u64), place, step, out);
                }
            }
        }
        let mismatch = self.mismatch[link];
        if mismatch != Complex32::new(1.0, 0.0) {
            out.iter_mut().for_each(|h| *h *= mismatch);
        }
    }

    /// Computes what is known of all devices' channels over a slot.
    pub fn all(&mut self, gains: &mut GridGains, shape: SlotShape) -> Knowledge<'_> {
        let mut rows = std::mem::take(&mut self.rows);
        rows.clear();
        let mut row = Vec::new();
        for link in 0..self.model.links() {
            self.known(gains, link, shape, &mut row);
            rows.extend_from_slice(&row);
        }
        self.rows = rows;
        Knowledge::new(&self.rows, self.model.links(), self.numerology.used(), shape.symbols)
    }

    /// Returns the states of a device's `links` links from the last call of [`Sounder::all`].
    pub fn states_of(&self, device: usize, links: usize, shape: SlotShape) -> LinkState<'_> {
        let all = Knowledge::new(&self.rows, self.model.links(), self.numerology.used(), shape.symbols);
        all.links_of(device, links)
    }
}

/// The weights of an estimator's parts over the symbols of a slot, `[symbol, part]`; devices that sound together share them.
#[derive(Clone, Debug, Default)]
struct PartWeights {
    /// First pilot symbol, first symbol and number of symbols of what is held.
    held: Option<(usize, usize, usize)>,
    weights: Vec<Complex32>,
}

impl PartWeights {
    fn at(
        &mut self,
        estimator: &Mmse,
        place: (usize, usize, usize),
        lag_s: impl Fn(usize) -> f64,
    ) -> &[Complex32] {
        if self.held != Some(place) {
            self.weights.clear();
            (0..place.2).for_each(|symbol| estimator.part_weights(lag_s(symbol), &mut self.weights));
            self.held = Some(place);
        }
        &self.weights
    }
}

/// Writes the weighted sum of rows.
#[multiversion::multiversion(targets(
    "x86_64+avx512f+avx512vl+avx512dq+avx512bw",
    "x86_64+avx2",
    "aarch64+neon"
))]
fn combine(weights: &[Complex32], rows: &[Complex32], out: &mut [Complex32]) {
    out.fill(Complex32::default());
    for (weight, row) in weights.iter().zip(rows.chunks_exact(out.len())) {
        for (out, part) in out.iter_mut().zip(row) {
            out.re += weight.re * part.re - weight.im * part.im;
            out.im += weight.re * part.im + weight.im * part.re;
        }
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
    round_dithered(&uniform, step, values);
}

#[multiversion::multiversion(targets(
    "x86_64+avx512f+avx512vl+avx512dq+avx512bw",
    "x86_64+avx2",
    "aarch64+neon"
))]
fn round_dithered(uniform: &[f32], step: f32, values: &mut [Complex32]) {
    let round = |x: f32, d: f32| step * ((x / step + d).round_ties_even() - d);
    for (z, d) in values.iter_mut().zip(uniform.as_chunks::<2>().0) {
        *z = Complex32::new(round(z.re, d[0] - 0.5), round(z.im, d[1] - 0.5));
    }
}
