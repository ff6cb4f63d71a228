//! Preparing: a source is surveyed, and its values are brought to unit power and into sending order.

use super::nomographic::Mapping;
use super::source::{Source, SourceError, Synthetic};
use super::stored::{CHUNK, Rows, Stored};
use super::survey::{Products, Survey, Surveyor, extent};
use super::{
    Function, Gram, Interleave, Majority, Normalisation, PARALLEL_VALUES, Payload, Preparation, moments,
    votes,
};
use airloop_baseband::Seeds;
use rayon::prelude::*;

/// Sources up to this many values are scaled and spread once, in memory.
const READY_VALUES: usize = 1 << 26;

/// How values came.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// Drawn anew in every round.
    Drawn,
    /// Named by an experiment, whose errors are related to their aggregate: there must be one.
    Named,
    /// Handed over for one round, in which all may be zero, or cancel.
    HandedOver,
}

/// What a survey found, with what the function makes of values.
struct Surveyed {
    survey: Survey,
    mapping: Option<Mapping>,
    majority: Option<Majority>,
}

impl Payload {
    /// Prepares a payload: reads it once for its powers, means and correlation.
    ///
    /// # Errors
    /// When the source cannot be read, holds values that are not finite, or is zero throughout.
    pub fn new(source: Source, preparation: &Preparation, seeds: Seeds) -> Result<Self, SourceError> {
        let shape = (source.devices(), source.length());
        if let Some(synthetic) = source.synthetic() {
            let surveyed = drawn(synthetic, preparation)?;
            let mut payload = Self::of_survey(surveyed, shape, (preparation, Origin::Drawn), seeds)?;
            payload.source = Some(source);
            return Ok(payload);
        }
        let surveyed = stored(&source, preparation, Products::All)?;
        let mut payload = Self::of_survey(surveyed, shape, (preparation, Origin::Named), seeds)?;
        if shape.0 * shape.1 <= READY_VALUES {
            payload.make_ready(&source, Vec::new())?;
        }
        if payload.maxima.as_ref().is_some_and(|maxima| maxima.iter().all(|x| *x == 0.0)) {
            return Err(SourceError::Cancels);
        }
        payload.source = Some(source);
        Ok(payload)
    }

    /// Prepares a payload of an array, device after device, that is read now and not kept. Products of pairs of devices, which
    /// only theory asks for, are not computed.
    ///
    /// All values may be zero, or cancel: the aggregate is then known, and no error can be related to it.
    ///
    /// # Errors
    /// When the array is no whole rows, or holds values that are not finite or outside a function's domain.
    pub fn of_rows(
        (devices, values): (usize, &[f32]),
        preparation: Preparation,
        seeds: Seeds,
    ) -> Result<Self, SourceError> {
        let rows = Rows::new(devices, values)?;
        let surveyed = stored(&rows, &preparation, Products::Sums)?;
        let origin = Origin::HandedOver;
        let mut payload = Self::of_survey(surveyed, (devices, rows.length()), (&preparation, origin), seeds)?;
        payload.make_ready(&rows, Vec::new())?;
        payload.again = Some(preparation);
        Ok(payload)
    }

    /// Prepares other values of the same devices as these were, in their memory; other weights of a mean may go with them.
    ///
    /// # Errors
    /// When this payload was not handed over as rows or is of another shape, and as [`Payload::of_rows`].
    pub fn again(&mut self, values: &[f32], weights: Option<&[f64]>) -> Result<(), SourceError> {
        let (devices, length) = self.shape;
        let mut preparation = self.again.clone().ok_or(SourceError::NotHandedOver)?;
        if let Some(weights) = weights {
            preparation = preparation.weighted(weights, devices)?;
        }
        let rows = Rows::new(devices, values)?;
        if rows.length() != length {
            let (found, expected) = (values.len(), devices * length);
            return Err(SourceError::WrongSize { found, devices, length, expected });
        }
        let spread = preparation.interleave;
        preparation.interleave = false;
        let surveyed = stored(&rows, &preparation, Products::Sums)?;
        let origin = Origin::HandedOver;
        let mut payload = Self::of_survey(surveyed, self.shape, (&preparation, origin), self.seeds)?;
        preparation.interleave = spread;
        payload.interleave = self.interleave.take();
        payload.make_ready(&rows, self.ready.take().unwrap_or_default())?;
        payload.again = self.again.take();
        *self = payload;
        Ok(())
    }

    fn of_survey(
        Surveyed { survey, mapping, majority }: Surveyed,
        (devices, length): (usize, usize),
        (preparation, origin): (&Preparation, Origin),
        seeds: Seeds,
    ) -> Result<Self, SourceError> {
        let synthetic = origin == Origin::Drawn;
        let weights = weights(preparation, devices);
        let power_of = |k: usize| survey.gram.power(k);
        if let (Some(majority), true) = (&majority, origin != Origin::HandedOver)
            && survey.gram.trace() <= 0.0
        {
            return Err(SourceError::NobodyVotes { limit: majority.abstain_below });
        }
        // Votes are sent as they are.
        let sigma2 = if majority.is_some() {
            1.0
        } else if synthetic && mapping.is_none() {
            weights.iter().map(|w| w * w).fold(0.0, f64::max)
        } else {
            match preparation.normalisation {
                Normalisation::GlobalRms => (0..devices).map(power_of).sum::<f64>() / devices as f64,
                _ => (0..devices).map(power_of).fold(0.0, f64::max),
            }
        };
        if sigma2 <= 0.0 && mapping.is_some() {
            return Err(SourceError::NothingMapped);
        }
        if sigma2 <= 0.0 && origin != Origin::HandedOver {
            return Err(SourceError::AllZero);
        }
        // Of silence nothing but the side information arrives: that all is zero.
        let (sigma2, loud) = if sigma2 > 0.0 { (sigma2, 1.0) } else { (1.0, 0.0) };
        let sigma = sigma2.sqrt();
        let divisor = match &preparation.function {
            Function::Sum | Function::Majority { .. } | Function::Nomographic(_) => 1.0,
            Function::Mean => devices as f64,
            Function::WeightedMean(weights) => weights.iter().sum(),
        };
        let gram = survey.gram.scaled(1.0 / sigma2);
        let distance = |(range, mean): (&(f64, f64), &f64)| (range.1 - mean).max(mean - range.0) / sigma;
        let largest = survey.range.iter().zip(&survey.means).map(distance).collect();
        let target = gram.total() + (survey.means.iter().sum::<f64>() / sigma).powi(2);
        let linear = majority.is_none() && mapping.is_none();
        if origin == Origin::Named && linear && target <= 1e-14 * gram.trace() {
            return Err(SourceError::Cancels);
        }
        let per_device = preparation.normalisation == Normalisation::PerDevice;
        Ok(Self {
            shape: (devices, length),
            interleave: (preparation.interleave && !synthetic).then(|| Interleave::new(length, &seeds)),
            multiplier: weights.iter().map(|w| w / sigma).collect(),
            mean: survey.means.iter().map(|m| m / sigma).collect(),
            power: (0..devices).map(|k| gram.power(k)).collect(),
            largest,
            unit: loud * sigma / divisor,
            offset: survey.means.iter().sum::<f64>() / divisor,
            per_device_budget: per_device && !synthetic && majority.is_none(),
            majority,
            mapping,
            maxima: None,
            gram,
            ready: None,
            seeds,
            source: None,
            again: None,
        })
    }

    /// Puts all values in sending order and at unit power into memory, and what does not change from round to round with them.
    fn make_ready(&mut self, stored: &dyn Stored, mut memory: Vec<f32>) -> Result<(), SourceError> {
        let (devices, length) = self.shape;
        memory.resize(devices * length, 0.0);
        let prepare = |device: usize, (part, out): (usize, &mut [f32])| {
            self.read_stored(stored, (device, part * CHUNK), out)?;
            self.bring_to_unit_power(device, out);
            Ok::<(), SourceError>(())
        };
        if stored.in_memory() && memory.len() >= PARALLEL_VALUES {
            memory.par_chunks_exact_mut(length).enumerate().try_for_each(|(device, row)| {
                row.par_chunks_mut(CHUNK).enumerate().try_for_each(|part| prepare(device, part))
            })?;
        } else {
            memory.chunks_exact_mut(length).enumerate().try_for_each(|(device, row)| {
                row.chunks_mut(CHUNK).enumerate().try_for_each(|part| prepare(device, part))
            })?;
        }
        self.ready = Some(memory);
        if !self.mapping.is_some_and(|mapping| mapping.function().is_largest()) {
            return Ok(());
        }
        self.maxima = Some(self.largest_values(|device, row| self.read_stored(stored, (device, 0), row))?);
        Ok(())
    }

    /// Writes a device's own values in sending order, from a position.
    fn read_stored(
        &self,
        stored: &dyn Stored,
        (device, start): (usize, usize),
        out: &mut [f32],
    ) -> Result<(), SourceError> {
        match &self.interleave {
            Some(interleave) => {
                interleave.gather(start, out, |from, window| stored.read(device, from, window))
            }
            None => stored.read(device, start, out),
        }
    }
}

fn weights(preparation: &Preparation, devices: usize) -> Vec<f64> {
    match &preparation.function {
        Function::WeightedMean(weights) => weights.clone(),
        _ => vec![1.0; devices],
    }
}

fn stored(
    stored: &dyn Stored,
    preparation: &Preparation,
    products: Products,
) -> Result<Surveyed, SourceError> {
    let center = preparation.center;
    let weights = weights(preparation, stored.devices());
    let surveyor = Surveyor { stored, weights: &weights, center, products };
    match preparation.function {
        Function::Nomographic(function) => {
            let mapping = Mapping::of_range(function, stored.devices(), extent(stored, function)?);
            let survey = surveyor.survey(|_, row| mapping.map(row))?;
            Ok(Surveyed { survey, mapping: Some(mapping), majority: None })
        }
        Function::Majority { abstain_below } => {
            let (survey, limits) = votes::survey_stored(stored, abstain_below, products)?;
            Ok(voted(survey, Majority { limits: Some(limits), abstain_below }))
        }
        _ => Ok(Surveyed { survey: surveyor.survey(|_, _| {})?, mapping: None, majority: None }),
    }
}

fn drawn(synthetic: &Synthetic, preparation: &Preparation) -> Result<Surveyed, SourceError> {
    match preparation.function {
        Function::Nomographic(function) => {
            let (survey, mapping) = moments::survey(synthetic, function, preparation.center)?;
            Ok(Surveyed { survey, mapping: Some(mapping), majority: None })
        }
        Function::Majority { abstain_below } => {
            let (survey, limits) = votes::survey_drawn(synthetic, abstain_below)?;
            Ok(voted(survey, Majority { limits, abstain_below }))
        }
        _ => {
            let survey = linear(synthetic, &weights(preparation, synthetic.devices))?;
            Ok(Surveyed { survey, mapping: None, majority: None })
        }
    }
}

fn voted(survey: Survey, majority: Majority) -> Surveyed {
    Surveyed { survey, mapping: None, majority: Some(majority) }
}

/// Returns what is known of drawn values without drawing them.
fn linear(s: &Synthetic, weights: &[f64]) -> Result<Survey, SourceError> {
    if s.distribution == super::source::Distribution::Lognormal {
        return Err(SourceError::OnlyMapped);
    }
    let power: Vec<f64> = weights.iter().map(|w| w * w).collect();
    let sum: f64 = weights.iter().sum();
    let trace: f64 = power.iter().sum();
    let total = (1.0 - s.correlation) * trace + s.correlation * sum * sum;
    let range = vec![(0.0, 0.0); s.devices];
    Ok(Survey { means: vec![0.0; s.devices], range, gram: Gram::new(power, total, None) })
}
