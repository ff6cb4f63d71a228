//! The way of a round through its slots, as theory walks it: the channels that the symbol rung draws, and what is known of them.

use super::RunError;
use super::trial::TrialContext;
use crate::medium::{GridGains, Knowledge, Timeline};
use crate::ofdm::{Segment, Segments};
use crate::sounding::Sounder;
use crate::theory::Prediction;
use airloop_baseband::Complex32;

/// A walk through the slots of a round.
pub(super) struct Walk {
    gains: GridGains,
    /// `None`: devices know the channels themselves.
    sounder: Option<Sounder>,
    segments: Segments,
    timeline: Timeline,
    symbol: usize,
    rows: Vec<Complex32>,
}

impl Walk {
    /// Begins at the first slot of a round, given by its index and the absolute symbol at which it begins.
    pub fn new(context: &TrialContext<'_>, (index, first_symbol): (u64, usize)) -> Self {
        Self {
            gains: context.gains(index),
            sounder: context.sounder(index),
            segments: context.experiment.segments(),
            timeline: context.timeline(first_symbol),
            symbol: 0,
            rows: Vec::new(),
        }
    }

    /// Returns where values lie.
    pub fn segments(&self) -> &Segments {
        &self.segments
    }

    /// Returns the absolute symbol after the slots walked so far.
    pub fn end(&self) -> usize {
        self.timeline.end()
    }

    /// Visits the next slot that begins before symbol `last` of the round, with what is known of the channels and, where
    /// that is something else, the channels; returns whether there was one.
    ///
    /// # Errors
    /// When sounding or the visitor fails.
    pub fn step(
        &mut self,
        last: usize,
        visit: impl FnOnce(Segment, &Knowledge<'_>, Option<&Knowledge<'_>>) -> Result<(), RunError>,
    ) -> Result<bool, RunError> {
        let Some(segment) = self.segments.at(self.symbol).filter(|_| self.symbol < last) else {
            return Ok(false);
        };
        self.symbol += segment.shape.symbols;
        let (shape, sounded) = self.timeline.place(segment.shape.symbols);
        let Some(sounder) = &mut self.sounder else {
            visit(segment, &self.gains.all(shape), None)?;
            return Ok(true);
        };
        if let Some(first_symbol) = sounded {
            sounder.sound(&mut self.gains, first_symbol)?;
        }
        let all = self.gains.all(shape);
        let (links, subcarriers, symbols) = (all.devices(), all.subcarriers(), all.symbols());
        self.rows.clear();
        self.rows.extend_from_slice(all.rows());
        let truth = Knowledge::new(&self.rows, links, subcarriers, symbols);
        visit(segment, &sounder.all(&mut self.gains, shape), Some(&truth))?;
        Ok(true)
    }
}

/// Returns the mean prediction over the rounds of a trial; `predict` is given a round's index and the absolute symbol at which it begins,
/// and says where it ends.
///
/// # Errors
/// What `predict` reports.
pub fn over_rounds(
    context: &TrialContext<'_>,
    trial: u64,
    mut predict: impl FnMut((u64, usize)) -> Result<(Prediction, usize), RunError>,
) -> Result<Prediction, RunError> {
    let (mut rounds, mut first_symbol) = (Vec::new(), 0);
    for index in context.rounds(trial) {
        let (prediction, end) = predict((index, first_symbol))?;
        rounds.push(prediction);
        first_symbol = end;
    }
    Ok(Prediction::mean(&rounds))
}
