//! A round planned before it is sent, and read from what was captured.

use super::LabError;
use super::pilots::Responses;
use crate::experiment::Experiment;
use crate::medium::Medium;
use crate::report::{Fidelity, Report};
use crate::run::TrialContext;
use crate::run::passes::{Captured, Collector};
use crate::run::shared::report_of_round;
use crate::synchronisation::RoundClocks;
use airloop_baseband::{Burst, Complex32, SampleIndex};

/// What was read of a round.
pub struct Reading {
    /// The report.
    pub report: Report,
    /// Estimate of the sum of the devices' unit-power values.
    pub estimate: Vec<f32>,
    /// The sum itself.
    pub truth: Vec<f32>,
}

/// A round whose channels were measured.
pub struct Plan<'a> {
    context: TrialContext<'a>,
    gain: f32,
    collected: Collector,
}

/// Checks that a lab can plan an experiment.
///
/// # Errors
/// [`LabError::Unplannable`] says what it cannot.
pub fn plannable(experiment: &Experiment) -> Result<TrialContext<'_>, LabError> {
    let context = TrialContext::new(experiment, Fidelity::Radio)?;
    let refuse = |why| Err(LabError::Unplannable(why));
    if !experiment.needs().transmits {
        return refuse("the scheme sends no slots of samples: a lab has nothing to carry");
    }
    if context.has_clocks() || !experiment.receiver.is_ideal() {
        return refuse(
            "[impairments], [receiver] and [sync] are emulated ones: radios of a lab have their own; leave them out",
        );
    }
    if experiment.rounds > 1 {
        return refuse("rounds > 1: a lab run carries one round");
    }
    if experiment.link.antennas().links() > 1 {
        return refuse("a lab run takes one antenna a radio");
    }
    Ok(context)
}

impl<'a> Plan<'a> {
    /// Goes through the round without radios: what would be sent.
    ///
    /// # Errors
    /// When the payload cannot be read.
    pub fn new(context: TrialContext<'a>, responses: &Responses) -> Result<Self, LabError> {
        let context = context.with_measured(responses.rows.clone());
        let experiment = context.experiment;
        let sample_rate_hz = experiment.numerology.sample_rate_hz();
        let mut round = context.opening().begin(0);
        let collector = Collector { sample_rate_hz, ..Collector::default() };
        let mut medium = context.over((0, 0), RoundClocks::default(), collector);
        medium.carry(round.as_mut(), experiment.needs()).map_err(crate::run::RunError::from)?;
        Ok(Self { gain: responses.gain, collected: medium.into_transport(), context })
    }

    /// Returns how long the round is, in samples.
    pub fn length_samples(&self) -> u64 {
        self.collected.end
    }

    /// Returns what each device sends in a round that the server hears from an index on.
    pub fn bursts(&self, heard: SampleIndex) -> Vec<(usize, Burst)> {
        let sent = self.collected.sent.iter().enumerate();
        let sends = sent.filter(|(_, bursts)| !bursts.is_empty());
        sends.map(|(device, bursts)| (device, laid_out(heard, bursts))).collect()
    }

    /// Reads what the server heard.
    ///
    /// # Errors
    /// When the scheme answers what it hears within the round.
    pub fn read(self, heard: &[Complex32]) -> Result<Reading, LabError> {
        let experiment = self.context.experiment;
        let scaled = heard.iter().map(|x| x / self.gain).collect();
        let mut round = self.context.opening().begin(0);
        let captured = Captured::new(self.collected, scaled);
        let mut medium = self.context.over((0, 0), RoundClocks::default(), captured);
        medium.carry(round.as_mut(), experiment.needs()).map_err(crate::run::RunError::from)?;
        let outcome = round.finish().map_err(crate::run::RunError::from)?;
        let report = report_of_round(experiment, &outcome, &medium)?;
        Ok(Reading { report, estimate: outcome.estimate, truth: outcome.truth })
    }
}

/// Lays the bursts of a round side by side, from an index on.
fn laid_out(start: SampleIndex, bursts: &[Burst]) -> Burst {
    let end = bursts.last().map_or(0, Burst::end);
    let first = bursts.first().map_or(0, |burst| burst.start);
    let mut samples = vec![Complex32::default(); (end - first) as usize];
    for burst in bursts {
        samples[(burst.start - first) as usize..][..burst.samples.len()].copy_from_slice(&burst.samples);
    }
    Burst { start: start + first, samples }
}
