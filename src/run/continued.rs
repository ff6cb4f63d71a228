//! Rounds that go on in time, one a call, with what devices remember from one to the next.

use super::RunError;
use super::interruptible::Interruptible;
use super::loss::Losses;
use super::measurement::Measurement;
use super::trial::{Trial, TrialContext, TrialVectors};
use crate::scheme::Round;
use airloop_baseband::Complex32;
use std::sync::atomic::AtomicBool;

/// When a round is, and what devices remember of those before.
#[derive(Clone, Debug, Default)]
pub struct Moment {
    /// The round's index: that of its noise, and of channels that do not move.
    pub index: u64,
    /// The absolute symbol at which it begins.
    pub first_symbol: usize,
    /// What devices have not sent so far, a vector each in unit-power units and sending order; none where nothing is remembered.
    pub memory: Vec<Vec<f32>>,
    /// Memory that the estimate may lie in.
    pub spare: Vec<f32>,
}

/// What a round gave.
#[derive(Clone, Debug)]
pub struct Continued {
    /// What it measured.
    pub trial: Trial,
    /// Its vectors; the truth is left out where the round was carried in parts.
    pub vectors: TrialVectors,
    /// The absolute symbol after it.
    pub end_symbol: usize,
    /// What devices have not sent.
    pub memory: Vec<Vec<f32>>,
}

impl TrialContext<'_> {
    /// Runs the round of a moment.
    ///
    /// # Errors
    /// When the payload cannot be read, the transport fails, or the user interrupts.
    pub fn run_round(&self, moment: Moment, interrupted: &AtomicBool) -> Result<Continued, RunError> {
        if self.is_parted() {
            return self.run_parted(moment, interrupted);
        }
        let Moment { index, first_symbol, memory, .. } = moment;
        let experiment = self.experiment;
        if let Some(misaligned) = self.misaligned() {
            let (trial, vectors) = misaligned.run_with_vectors(self, index)?;
            let end_symbol = first_symbol + trial.account.symbols;
            return Ok(Continued { trial, vectors, end_symbol, memory });
        }
        let mut round = Interruptible::new(self.opening().begin(index), interrupted);
        if !memory.is_empty() {
            round.remember(memory);
        }
        let mut measured = Measurement::new(experiment);
        let mut losses = Losses::new(experiment)?;
        let mut medium = self.medium(index, first_symbol)?;
        medium.carry(&mut round, experiment.needs())?;
        if round.is_interrupted() {
            return Err(RunError::Interrupted);
        }
        let outcome = round.finish()?;
        measured.add(index, &outcome, medium.tally())?;
        if let (Some(losses), Some(watch)) = (&mut losses, medium.watch()) {
            losses.add(watch, &medium.tally())?;
        }
        let grids = medium.kept().map(<[Complex32]>::to_vec);
        Ok(Continued {
            trial: Trial { privacy: losses.map(|losses| losses.finish()), ..measured.finish() },
            vectors: TrialVectors { estimate: outcome.estimate, truth: outcome.truth, grids },
            end_symbol: medium.timeline().end(),
            memory: round.take_memory(),
        })
    }
}
