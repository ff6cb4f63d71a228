//! Aggregation as a call: the vectors of K devices in, the estimate of their aggregate and a report out.

use super::clock::{Clock, ClockError};
use crate::config::{ConfigError, Node};
use crate::experiment::sections::SchemeKind;
use crate::experiment::{Experiment, ExperimentError, Handed, Loader};
use crate::payload::{Source, SourceError};
use crate::report::{Fidelity, Report, warnings};
use crate::run::continued::{Continued, Moment};
use crate::run::equipment::Equipment;
use crate::run::trial::TrialContext;
use crate::run::{RunError, point};
use crate::scheme::coded_digital::CodedPlan;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// The air that an experiment describes, for loops that train: it goes on in time from round to round.
///
/// Round `i` is round `i` of one trial without end. Noise, and channels that do not move, are drawn anew in every round; channels
/// that move are drawn once and are seen at the time of each round, so that a later round finds them aged. Rounds follow one another
/// at once, or `interval_s` apart. What devices have not sent (error feedback) they remember. The same seed and the same calls give
/// the same bytes, on any number of threads.
///
/// In memory: one copy of the values, as they are sent.
pub struct Air {
    tree: Node,
    fidelity: Fidelity,
    clock: Clock,
    /// Label of the branch of the seed, where it is not the seed itself.
    branch: Option<u64>,
    ready: Option<Ready>,
    /// Number and first symbol of the last round.
    last: Option<(u64, usize)>,
    interrupted: Arc<AtomicBool>,
    /// What devices have not sent, in the values' own units and sending order.
    memory: Vec<Vec<f32>>,
    /// Memory of the estimate of the round before.
    spare: Vec<f32>,
}

/// What is kept from call to call, for values of one shape.
struct Ready {
    experiment: Experiment,
    equipment: Arc<Equipment>,
    /// Whether the call before gave weights.
    weighted: bool,
}

/// What may be said of a round.
#[derive(Clone, Copy, Debug, Default)]
pub struct RoundOptions<'a> {
    /// Its number; the next one, if nothing is said.
    pub round: Option<u64>,
    /// Weights of the devices in the mean.
    pub weights: Option<&'a [f64]>,
}

/// A precision that estimates are wanted in.
pub trait Precision: Copy + Send {
    /// Rounds a value to it.
    fn of(value: f64) -> Self;
}

impl Precision for f64 {
    fn of(value: f64) -> Self {
        value
    }
}

impl Precision for f32 {
    fn of(value: f64) -> Self {
        value as Self
    }
}

/// What a round gave.
#[derive(Clone, Debug)]
pub struct Aggregate {
    /// Estimate of the aggregate (what `payload.function` says), N values in their own order and units; of a majority the
    /// decisions: +1, -1, or 0 where the statistic is 0, as for votes that a short budget left out.
    pub estimate: Vec<f64>,
    /// Error, airtime, energy and doubts of this round.
    pub report: Report,
    /// Number of the round.
    pub round: u64,
    /// When it began, in seconds.
    pub start_s: f64,
}

/// What is said of a round whose estimate has been written elsewhere.
#[derive(Clone, Debug)]
pub struct Reception {
    /// Error, airtime, energy and doubts of this round.
    pub report: Report,
    /// Number of the round.
    pub round: u64,
    /// When it began, in seconds.
    pub start_s: f64,
}

impl Reception {
    fn with(self, estimate: Vec<f64>) -> Aggregate {
        let Self { report, round, start_s } = self;
        Aggregate { estimate, report, round, start_s }
    }
}

impl Air {
    /// Makes an air from an experiment as TOML; `[payload]` may name a function, but needs no source.
    ///
    /// # Errors
    /// When the text is no TOML.
    pub fn from_toml(text: &str, fidelity: Fidelity) -> Result<Self, RunError> {
        let wrap = |e: ConfigError| RunError::Experiment(ExperimentError::from(e));
        Ok(Self::from_tree(Node::parse_toml(text, Path::new("experiment")).map_err(wrap)?, fidelity))
    }

    /// Makes an air from an experiment's tree; its sweep, curves and number of rounds are left aside.
    pub fn from_tree(mut tree: Node, fidelity: Fidelity) -> Self {
        ["sweep", "curve", "rounds"].iter().for_each(|key| drop(tree.take(key)));
        let (clock, memory, spare) = (Clock::default(), Vec::new(), Vec::new());
        let interrupted = Arc::new(AtomicBool::new(false));
        Self { tree, fidelity, clock, branch: None, ready: None, last: None, interrupted, memory, spare }
    }

    /// Ends a round between its slots when a flag is set; the round is then as if it had not been.
    #[must_use]
    pub fn interrupted_by(self, interrupted: Arc<AtomicBool>) -> Self {
        Self { interrupted, ..self }
    }

    /// Draws everything from a branch of the seed: an air of the same experiment that is independent.
    #[must_use]
    pub fn branched(self, label: u64) -> Self {
        Self { branch: Some(label), ..self }
    }

    /// Lets rounds begin so far apart (or at the end of the one before, if that is later), in place of one upon the other.
    ///
    /// # Errors
    /// When the interval is not positive and finite.
    pub fn every_s(self, interval_s: f64) -> Result<Self, ClockError> {
        Ok(Self { clock: Clock::new(Some(interval_s))?, ..self })
    }

    /// Returns the rung.
    pub fn fidelity(&self) -> Fidelity {
        self.fidelity
    }

    /// Returns the number of the next round.
    pub fn next_round(&self) -> u64 {
        self.clock.next_round()
    }

    /// Returns when the next round can begin, in seconds; 0 before the first.
    pub fn time_s(&self) -> f64 {
        self.ready.as_ref().map_or(0.0, |ready| self.clock.time_s(&ready.experiment.numerology))
    }

    /// Lets time pass before the next round: what devices compute, for example.
    ///
    /// # Errors
    /// When the time is negative or not finite.
    pub fn wait(&mut self, wait_s: f64) -> Result<(), ClockError> {
        self.clock.wait(wait_s)
    }

    /// Aggregates the vectors of `devices` devices, laid one after the other in `values`.
    ///
    /// # Errors
    /// When the values do not make whole vectors or are not finite, the round is over, the experiment is wrong, or the user interrupts.
    pub fn aggregate(
        &mut self,
        devices: usize,
        values: &[f32],
        options: RoundOptions<'_>,
    ) -> Result<Aggregate, RunError> {
        let mut estimate = vec![0.0; values.len().checked_div(devices).unwrap_or(0)];
        let reception = self.aggregate_into(devices, values, options, &mut estimate)?;
        Ok(reception.with(estimate))
    }

    /// Aggregates as [`Air::aggregate`] does, and writes the estimate where it is wanted, in the precision that is wanted.
    ///
    /// # Errors
    /// As [`Air::aggregate`], and when `out` has not the length of a device's vector.
    pub fn aggregate_into<T: Precision>(
        &mut self,
        devices: usize,
        values: &[f32],
        options: RoundOptions<'_>,
        out: &mut [T],
    ) -> Result<Reception, RunError> {
        let ready = self.take(Handed { devices, values, weights: options.weights })?;
        check_room(out.len(), ready.experiment.payload.length())?;
        self.run(ready, options.round, out)
    }

    /// Aggregates the rows of any source of stored values.
    ///
    /// # Errors
    /// When the source cannot be read, the round is over, or the experiment is wrong.
    pub fn aggregate_source(&mut self, source: Source, round: Option<u64>) -> Result<Aggregate, RunError> {
        let ready = self.load(Loader::with_source(source))?;
        let mut estimate = vec![0.0; ready.experiment.payload.length()];
        Ok(self.run(ready, round, &mut estimate)?.with(estimate))
    }

    /// Carries other values over the channels of the last round, with its precoders and receiver but without its noise; the round
    /// stays the last one. Of a scheme that scales every value by a gain of the channel alone, that is the product with the
    /// gains, and so its own adjoint.
    ///
    /// # Errors
    /// When no round has been, or as [`Air::aggregate_into`].
    pub fn retrace_into<T: Precision>(
        &mut self,
        devices: usize,
        values: &[f32],
        out: &mut [T],
    ) -> Result<(), RunError> {
        let (index, first_symbol) = self.last.ok_or(ClockError::NoRound)?;
        let ready = self.take(Handed { devices, values, weights: None })?;
        check_room(out.len(), ready.experiment.payload.length())?;
        let equipment = Arc::clone(&ready.equipment);
        let mut context = TrialContext::equipped(&ready.experiment, self.fidelity, equipment)?.endless();
        context.noise_factor = 0.0;
        let moment =
            Moment { index, first_symbol, memory: Vec::new(), spare: std::mem::take(&mut self.spare) };
        let sent = context.run_round(moment, &self.interrupted)?.vectors.estimate;
        restore(&ready.experiment, &sent, out);
        (self.ready, self.spare) = (Some(ready), sent);
        Ok(())
    }

    /// Makes the values the experiment's payload.
    fn take(&mut self, rows: Handed<'_>) -> Result<Ready, RunError> {
        let plain = rows.weights.is_some();
        if let Some(ready) = self.ready.take_if(|ready| ready.weighted == plain && ready.fits(rows)) {
            return ready.exchange(rows);
        }
        Ok(Ready { weighted: plain, ..self.load(Loader::with_rows(rows))? })
    }

    /// Makes the experiment of some values.
    pub(super) fn experiment(&self, loader: Loader<'_>) -> Result<Experiment, RunError> {
        let loader = match self.branch {
            Some(label) => loader.branched(label),
            None => loader,
        };
        Ok(loader.load(&self.tree)?)
    }

    /// Returns the number and the first symbol of the next round.
    pub(super) fn next(&self, experiment: &Experiment) -> Result<(u64, usize), ClockError> {
        self.clock.begin(None, 0, &experiment.numerology)
    }

    fn load(&mut self, loader: Loader<'_>) -> Result<Ready, RunError> {
        let experiment = self.experiment(loader)?;
        let devices = |ready: &Ready| ready.experiment.payload.devices();
        let equipment = match self.ready.take_if(|ready| devices(ready) == experiment.payload.devices()) {
            Some(ready) => ready.equipment,
            None => Arc::new(Equipment::new(&experiment, self.fidelity)?),
        };
        Ok(Ready { experiment, equipment, weighted: false })
    }

    fn run<T: Precision>(
        &mut self,
        ready: Ready,
        round: Option<u64>,
        out: &mut [T],
    ) -> Result<Reception, RunError> {
        let Ready { experiment, equipment, .. } = &ready;
        let (payload, numerology) = (&experiment.payload, &experiment.numerology);
        let (index, first_symbol) = self.clock.begin(round, planned_symbols(experiment), numerology)?;
        refuse_change(&self.memory, (payload.devices(), payload.length()))?;
        let context = TrialContext::equipped(experiment, self.fidelity, Arc::clone(equipment))?.endless();
        let unit = payload.unit();
        let memory = if unit > 0.0 { scaled(&self.memory, 1.0 / unit) } else { Vec::new() };
        let moment = Moment { index, first_symbol, memory, spare: std::mem::take(&mut self.spare) };
        let Continued { trial, vectors, end_symbol, memory } =
            context.run_round(moment, &self.interrupted)?;
        if unit > 0.0 {
            self.memory = scaled(&memory, unit);
        }
        restore(experiment, &vectors.estimate, out);
        let report = point::report_of_trial(experiment, self.fidelity, &trial);
        let start_s = numerology.duration_s(first_symbol);
        self.clock.end(index, (first_symbol, end_symbol), numerology);
        (self.ready, self.last, self.spare) = (Some(ready), Some((index, first_symbol)), vectors.estimate);
        Ok(Reception { report, round: index, start_s })
    }
}

impl Ready {
    /// Returns whether values can take the place of those of the round before: whether they have their shape, and nothing but the
    /// payload depends on them.
    fn fits(&self, rows: Handed<'_>) -> bool {
        let payload = &self.experiment.payload;
        let bound =
            matches!(self.experiment.scheme.kind, SchemeKind::DigitalAircomp(_) | SchemeKind::Misaligned(_))
                || payload.has_own_budgets()
                || self.experiment.privacy.is_some();
        let shape = (payload.devices(), payload.devices() * payload.length());
        !bound && payload.is_handed_over() && shape == (rows.devices, rows.values.len())
    }

    /// Puts other values of the same shape in place.
    fn exchange(mut self, rows: Handed<'_>) -> Result<Self, RunError> {
        let wrap = |source| {
            let (place, source) = ("the array".into(), Box::new(source));
            RunError::Experiment(ExperimentError::Payload { place, source })
        };
        let experiment = &mut self.experiment;
        // The values are there once: who else holds them lets go first.
        let coded = experiment.coded.take().map(|coded| {
            let CodedPlan { link, quantiser, on_loss, most_slots, seeds, .. } = coded.as_ref().clone();
            (link, quantiser, on_loss, most_slots, seeds)
        });
        Arc::make_mut(&mut experiment.payload).again(rows.values, rows.weights).map_err(wrap)?;
        experiment.coded = coded.map(|(link, quantiser, on_loss, most_slots, seeds)| {
            let payload = Arc::clone(&experiment.payload);
            Arc::new(CodedPlan { payload, link, quantiser, on_loss, most_slots, seeds })
        });
        experiment.warnings = warnings::before_running(experiment);
        Ok(self)
    }
}

/// Refuses other devices than those that remember, or vectors of another length.
fn refuse_change(memory: &[Vec<f32>], shape: (usize, usize)) -> Result<(), SourceError> {
    let (devices, length) = (memory.len(), memory.first().map_or(0, Vec::len));
    if devices == 0 || shape == (devices, length) {
        return Ok(());
    }
    let (found, expected) = (shape.0 * shape.1, devices * length);
    Err(SourceError::WrongSize { found, devices, length, expected })
}

/// Writes what the server makes of the sum of unit-power values, in the values' own order.
fn restore<T: Precision>(experiment: &Experiment, sent: &[f32], out: &mut [T]) {
    let payload = &experiment.payload;
    if payload.is_majority() {
        payload.restore_as(sent, |v| T::of(decision(*v)), out);
    } else if payload.mapping().is_some() {
        payload.restore_as(sent, |v| T::of(payload.aggregate(f64::from(*v))), out);
    } else {
        let (unit, offset) = (payload.unit(), payload.offset());
        payload.restore_as(sent, |v| T::of(unit * f64::from(*v) + offset), out);
    }
}

/// Refuses room for an estimate of another length.
fn check_room(found: usize, length: usize) -> Result<(), SourceError> {
    if found == length {
        return Ok(());
    }
    Err(SourceError::WrongSize { found, devices: 1, length, expected: length })
}

/// Returns the symbols of a round whose slots are planned ahead, without those of its overhead that the air decides on.
fn planned_symbols(experiment: &Experiment) -> usize {
    let (mut timeline, segments, mut symbol) = (experiment.timeline(0), experiment.segments(), 0);
    while let Some(segment) = segments.at(symbol) {
        timeline.place(segment.shape.symbols);
        symbol += segment.shape.symbols;
    }
    timeline.end()
}

fn scaled(memory: &[Vec<f32>], factor: f64) -> Vec<Vec<f32>> {
    let times = |x: &f32| (f64::from(*x) * factor) as f32;
    memory.iter().map(|vector| vector.iter().map(times).collect()).collect()
}

/// Returns what the statistic of a vote decides.
fn decision(statistic: f32) -> f64 {
    if statistic == 0.0 { 0.0 } else { f64::from(statistic.signum()) }
}
