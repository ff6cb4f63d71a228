//! One point: trials on all cores, in batches whose order never depends on the threads, until the stop rule is met.

use super::RunError;
use super::theory::{TheoryAnswer, ask};
use super::trial::{Trial, TrialContext};
use crate::experiment::Experiment;
use crate::experiment::sections::Rule;
use crate::medium::WaveformPath;
use crate::report::{ERRORS, Fidelity, Metrics, Report, warnings};
use crate::scheme::Recovered;
use crate::synchronisation::ClockTally;
use airloop_baseband::units::db_from_power;
use airloop_baseband::{Accumulator, Estimate};
use rayon::prelude::*;
use std::sync::atomic::{AtomicBool, Ordering};

/// Trials handed out at once.
pub(super) const BATCH: u64 = 64;

/// What a run may tell and be told.
pub struct RunOptions<'a> {
    /// Called with trials done and trials to do.
    pub progress: &'a (dyn Fn(u64, u64) + Sync),
    /// Set to end the run early; the point is then lost.
    pub interrupted: &'a AtomicBool,
}

/// A flag that is never set.
pub static NEVER: AtomicBool = AtomicBool::new(false);

impl Default for RunOptions<'_> {
    fn default() -> Self {
        Self { progress: &|_, _| {}, interrupted: &NEVER }
    }
}

/// Runs an experiment at a rung.
///
/// # Errors
/// When the rung cannot run it, the payload cannot be read, or the user interrupts.
pub fn run(
    experiment: &Experiment,
    fidelity: Fidelity,
    options: &RunOptions<'_>,
) -> Result<Report, RunError> {
    if fidelity == Fidelity::Theory {
        return Ok(report_theory(experiment, ask(experiment, options)?));
    }
    let context = TrialContext::new(experiment, fidelity)?;
    let mut sums = Sums::new(experiment.stop.level);
    let judgements = experiment.stop.judgements();
    let last = judgements.last().copied().unwrap_or(1);
    let mut reason = if matches!(experiment.stop.rule, Rule::Trials(_)) { "trials" } else { "max-trials" };
    for judgement in judgements {
        while sums.trials < judgement {
            if options.interrupted.load(Ordering::Relaxed) {
                return Err(RunError::Interrupted);
            }
            let end = (sums.trials + BATCH).min(judgement);
            let trials: Vec<Result<Trial, RunError>> =
                (sums.trials..end).into_par_iter().map(|trial| context.run(trial)).collect();
            for trial in trials {
                sums.push(&trial?);
            }
            (options.progress)(sums.trials, last);
        }
        if narrow_enough(&experiment.stop.rule, &sums.errors) {
            reason = "half-width";
            break;
        }
    }
    Ok(sums.report(experiment, fidelity, reason))
}

/// Returns the report of a single trial.
pub fn report_of_trial(experiment: &Experiment, fidelity: Fidelity, trial: &Trial) -> Report {
    let mut sums = Sums::new(experiment.stop.level);
    sums.push(trial);
    sums.report(experiment, fidelity, "trials")
}

/// Returns whether the watched metric's interval is narrow enough to stop.
pub(super) fn narrow_enough(rule: &Rule, errors: &[Accumulator; 5]) -> bool {
    let Rule::HalfWidth { metric, relative_half_width, .. } = rule else { return false };
    let e = errors[metric.index()].estimate();
    match (e.mean, e.low, e.high) {
        (Some(mean), Some(low), Some(high)) => high - low <= 2.0 * relative_half_width * mean.abs(),
        _ => false,
    }
}

/// Returns the estimates of errors that have values; those without a mean keep their quantiles.
pub(super) fn metrics_of(experiment: &Experiment, errors: &[Accumulator; 5]) -> Metrics {
    let of = |(index, sum): (usize, &Accumulator)| {
        let mean_exists = if ERRORS[index] == "mse_per_device" {
            experiment.mean_exists()
        } else {
            experiment.nmse_mean_exists()
        };
        let bounded = ERRORS[index].starts_with("vote");
        (sum.count() > 0)
            .then(|| if mean_exists || bounded { sum.estimate() } else { sum.estimate_without_mean() })
    };
    let estimates: Vec<Option<Estimate>> = errors.iter().enumerate().map(of).collect();
    Metrics::of(std::array::from_fn(|i| estimates[i].clone()))
}

/// Running sums over trials, in trial order.
struct Sums {
    trials: u64,
    errors: [Accumulator; 5],
    active: f64,
    power: f64,
    peak: f64,
    receive_snr: Option<f64>,
    elements: f64,
    airtime_symbols: Vec<u64>,
    overhead_symbols: u64,
    sent_share: f64,
    clamped_share: f64,
    gain: (f64, u64),
    epsilons: [Option<f64>; 4],
    noise: (f64, u64),
    papr: (f64, u64),
    clocks: ClockTally,
    recovered: Option<Recovered>,
}

impl Sums {
    fn new(level: f64) -> Self {
        Self {
            trials: 0,
            errors: std::array::from_fn(|_| Accumulator::new(level)),
            active: 0.0,
            power: 0.0,
            peak: 0.0,
            receive_snr: None,
            elements: 0.0,
            airtime_symbols: Vec::new(),
            overhead_symbols: 0,
            sent_share: 0.0,
            clamped_share: 0.0,
            gain: (0.0, 0),
            epsilons: [None; 4],
            noise: (0.0, 0),
            papr: (0.0, 0),
            clocks: ClockTally::default(),
            recovered: None,
        }
    }

    fn push(&mut self, trial: &Trial) {
        self.trials += 1;
        for (sum, value) in self.errors.iter_mut().zip(trial.errors.all()) {
            value.into_iter().for_each(|value| sum.push(value));
        }
        let account = &trial.account;
        self.active += account.active_fraction;
        self.power += account.power_used_mean;
        self.peak = self.peak.max(account.power_peak);
        self.receive_snr = account.receive_snr.map(|snr| snr + self.receive_snr.unwrap_or(0.0));
        self.elements += account.elements as f64;
        self.sent_share += account.sent_share;
        self.clamped_share += trial.clamped_share;
        if let Some(recovered) = account.recovered {
            self.recovered = Some(self.recovered.unwrap_or_default().plus(recovered));
        }
        // Rounds of a scheme take few different lengths: their histogram stays small.
        let symbols = account.symbols;
        if self.airtime_symbols.len() <= symbols {
            self.airtime_symbols.resize(symbols + 1, 0);
        }
        self.airtime_symbols[symbols] += 1;
        if let Some(lost) = &trial.privacy {
            for (sum, value) in self.epsilons.iter_mut().zip(lost.all()) {
                *sum = value.map(|value| value + sum.unwrap_or(0.0));
            }
        }
        let tally = &trial.tally;
        self.overhead_symbols += tally.overhead_symbols as u64;
        self.gain = (self.gain.0 + tally.gain, self.gain.1 + tally.gain_count);
        self.noise = (self.noise.0 + tally.noise, self.noise.1 + tally.noise_count);
        self.papr = (self.papr.0 + tally.papr, self.papr.1 + tally.papr_count);
        self.clocks.add(&tally.clocks);
    }

    fn report(&self, experiment: &Experiment, fidelity: Fidelity, reason: &str) -> Report {
        let n = self.trials as f64;
        let mean_over_lengths = |of: &dyn Fn(usize) -> f64| {
            let lengths = self.airtime_symbols.iter().enumerate();
            lengths.map(|(symbols, count)| *count as f64 * of(symbols)).sum::<f64>() / n
        };
        // Pilots and synchronisation come first, so that the payload's symbols keep their share of long prefixes.
        let overhead = self.overhead_symbols as f64 / n;
        let airtime_s =
            mean_over_lengths(&|symbols| experiment.airtime_s(symbols + overhead.round() as usize));
        let symbols = mean_over_lengths(&|symbols| symbols as f64);
        let snr = |noise: f64| {
            let power = experiment.budget.power.iter().enumerate();
            let nominal = power.map(|(k, p)| p * experiment.payload.budget_power(k)).sum::<f64>();
            let mean_gain = self.gain.0 / self.gain.1 as f64;
            db_from_power(mean_gain * nominal / experiment.budget.devices() as f64 / noise)
        };
        let spent = Spent {
            trials: self.trials,
            active: self.active / n,
            power: self.power / n,
            receive_snr: self.receive_snr.map(|snr| snr / n),
            elements: self.elements / n,
            symbols,
            airtime_s,
            overhead_s: experiment.airtime_s(overhead.round() as usize),
            sent_share: self.sent_share / n,
        };
        let mut report = fill(experiment, fidelity, metrics_of(experiment, &self.errors), &spent);
        report.stop_reason = reason.into();
        report.snr_measured_db =
            (self.gain.1 > 0 && self.noise.0 > 0.0).then(|| snr(self.noise.0 / self.noise.1 as f64));
        let epsilons = self.epsilons.map(|sum| sum.map(|sum| sum / n));
        (report.epsilon_round, report.epsilon_total) = (epsilons[0], epsilons[1]);
        (report.epsilon_eavesdropper_round, report.epsilon_eavesdropper_total) = (epsilons[2], epsilons[3]);
        report.power_peak_db = (self.peak > 0.0).then(|| db_from_power(self.peak));
        report.sync_detected_share = self.clocks.detected_share();
        (report.timing_error_rms_s, report.cfo_error_rms_hz) = self.clocks.rms().unzip();
        report.papr_db = (self.papr.1 > 0).then(|| db_from_power(self.papr.0 / self.papr.1 as f64));
        if fidelity.makes_samples() {
            let makes_samples = experiment.needs().transmits && experiment.misaligned().is_none();
            let path = match fidelity {
                Fidelity::Radio => Some(WaveformPath::PerSample),
                _ => experiment.waveform_path().ok(),
            };
            report.waveform_path = path.filter(|_| makes_samples);
            report.warnings.extend(warnings::of_waveform(experiment));
        } else {
            report.warnings.extend(warnings::below_waveform(experiment));
        }
        let bits = experiment.coded.is_some()
            || experiment.digital_mode().is_some() && experiment.budget_symbols.is_none();
        report.warnings.extend(warnings::after_running(&report, spent.sent_share, bits));
        report.warnings.extend(warnings::of_clamping(self.clamped_share / n));
        let recovered = self.recovered.map(|sum| sum.over(n));
        report.warnings.extend(recovered.into_iter().flat_map(|r| warnings::of_recovery(experiment, r)));
        report
    }
}

/// Means over trials that every rung has.
struct Spent {
    trials: u64,
    active: f64,
    power: f64,
    receive_snr: Option<f64>,
    elements: f64,
    symbols: f64,
    airtime_s: f64,
    overhead_s: f64,
    sent_share: f64,
}

fn fill(experiment: &Experiment, fidelity: Fidelity, metrics: Metrics, spent: &Spent) -> Report {
    let payload = &experiment.payload;
    let (devices, length) = (payload.devices(), payload.length());
    let n = &experiment.numerology;
    let power = spent.power.is_finite().then_some(spent.power);
    // The elements of the round over all elements of its symbols: the share of the budgeted energy that is used.
    let filled = spent.elements / (spent.symbols * experiment.elements_per_symbol() as f64);
    let energy_j = experiment
        .link
        .transmit_power_w
        .zip(power)
        .map(|(watt, power)| devices as f64 * watt * spent.airtime_s * power * filled);
    Report {
        experiment_id: experiment.id.to_string(),
        fidelity,
        theory_kind: None,
        scheme: experiment.scheme.name.clone(),
        snr_db: experiment.link.snr_db,
        bandwidth_hz: n.bandwidth_hz(),
        devices,
        length,
        trials: spent.trials,
        stop_reason: String::new(),
        metrics,
        active_fraction: Some(spent.active),
        correlation_measured: payload.gram().mean_correlation().filter(|_| !payload.is_synthetic()),
        snr_measured_db: None,
        receive_snr_db: spent.receive_snr.map(db_from_power).filter(|db| db.is_finite()),
        power_used_mean: power,
        power_peak_db: None,
        papr_db: None,
        payload_papr_db: payload.papr().map(db_from_power),
        sync_detected_share: None,
        timing_error_rms_s: None,
        cfo_error_rms_hz: None,
        waveform_path: None,
        elements: Some(spent.elements),
        airtime_s: Some(spent.airtime_s),
        airtime_overhead_s: (spent.overhead_s > 0.0).then_some(spent.overhead_s),
        airtime_values_per_s: Some(spent.sent_share * length as f64 / spent.airtime_s),
        energy_per_value_rel: power.map(|p| p * spent.elements / length as f64),
        energy_j,
        epsilon_round: None,
        epsilon_total: None,
        epsilon_eavesdropper_round: None,
        epsilon_eavesdropper_total: None,
        warnings: experiment.warnings.clone(),
    }
}

fn report_theory(experiment: &Experiment, answer: TheoryAnswer) -> Report {
    let segments = experiment.segments();
    let elements = if experiment.digital_mode().is_some() || experiment.misaligned().is_some() {
        answer.symbols * experiment.elements_per_symbol() as f64
    } else {
        segments.elements() as f64
    };
    let spent = Spent {
        trials: answer.trials,
        active: answer.prediction.active_fraction,
        power: answer.prediction.power_used_mean,
        receive_snr: answer.prediction.receive_snr,
        elements,
        symbols: answer.symbols,
        airtime_s: answer.airtime_s,
        overhead_s: experiment.airtime_s(experiment.overhead_symbols()),
        sent_share: answer.prediction.sent_share,
    };
    let some = |e: Option<&Estimate>| e.filter(|e| e.mean.is_some() || e.median.is_some()).cloned();
    let metrics = Metrics::of(answer.metrics.all().map(some));
    let mut report = fill(experiment, Fidelity::Theory, metrics, &spent);
    report.theory_kind = answer.kind;
    report.warnings.extend(warnings::below_waveform(experiment));
    report.stop_reason = match (answer.kind, answer.trials) {
        (None, _) => "no-formula",
        (_, 0) => "closed-form",
        (_, trials) if experiment.stop.judgements().last().is_some_and(|most| trials < *most) => "half-width",
        _ if matches!(experiment.stop.rule, Rule::Trials(_)) => "trials",
        _ => "max-trials",
    }
    .into();
    report.warnings.extend(warnings::after_running(
        &report,
        spent.sent_share,
        experiment.digital_mode().is_some() && experiment.budget_symbols.is_none(),
    ));
    report
}
