//! One point of a digital link: trials on all cores until the stop rule is met.

use super::report::{LinkFigures, LinkReport};
use super::tally::{LinkSums, LinkTally};
use super::traffic::RandomBits;
use super::{LinkError, LinkPlan, LinkRound, theory};
use crate::experiment::Experiment;
use crate::experiment::sections::Rule;
use crate::report::{Fidelity, Warning, warnings};
use crate::run::{RunError, RunOptions, TrialContext};
use crate::scheme::Round;
use airloop_baseband::Estimate;
use airloop_baseband::units::db_from_power;
use rayon::prelude::*;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

/// Trials handed out at once.
const BATCH: u64 = 256;

/// Plans the link of an experiment.
///
/// # Errors
/// When the experiment has none, or the standard has no such slot or block.
pub fn plan(experiment: &Experiment) -> Result<LinkPlan, LinkError> {
    let config = experiment.digital_link.as_ref().ok_or(LinkError::NoLink)?;
    LinkPlan::new(experiment, config)
}

/// Checks that a rung can run the link of an experiment.
///
/// # Errors
/// When it cannot.
pub fn check(experiment: &Experiment, fidelity: Fidelity) -> Result<(), RunError> {
    plan(experiment)?;
    match fidelity {
        Fidelity::Theory => Ok(()),
        _ => TrialContext::new(experiment, fidelity).map(|_| ()),
    }
}

/// Runs the link of an experiment at a rung.
///
/// # Errors
/// When the rung cannot run it, or the user interrupts.
pub fn run(
    experiment: &Experiment,
    fidelity: Fidelity,
    options: &RunOptions<'_>,
) -> Result<LinkReport, RunError> {
    let plan = Arc::new(plan(experiment)?);
    if fidelity == Fidelity::Theory {
        return Ok(theory::report(experiment, &plan));
    }
    let context = TrialContext::new(experiment, fidelity)?;
    let workers = Workers { plan: Arc::clone(&plan), idle: Mutex::new(Vec::new()) };
    let mut sums = LinkSums::new(experiment.stop.level);
    let (mut noise, mut gain) = ((0.0, 0), 0.0);
    let judgements = experiment.stop.judgements();
    let last = judgements.last().copied().unwrap_or(1);
    let mut reason = if matches!(experiment.stop.rule, Rule::Trials(_)) { "trials" } else { "max-trials" };
    for judgement in judgements {
        while sums.trials < judgement {
            if options.interrupted.load(Ordering::Relaxed) {
                return Err(RunError::Interrupted);
            }
            let end = (sums.trials + BATCH).min(judgement);
            let trial = |trial| workers.trial(&context, trial);
            let trials: Vec<Result<Counted, RunError>> =
                (sums.trials..end).into_par_iter().map(trial).collect();
            for trial in trials {
                let counted = trial?;
                sums.push(&counted.tally);
                noise = (noise.0 + counted.noise.0, noise.1 + counted.noise.1);
                gain += counted.gain;
            }
            (options.progress)(sums.trials, last);
        }
        if let Rule::BlockErrors { block_errors, .. } = experiment.stop.rule
            && sums.total.block_errors >= block_errors
        {
            reason = "block-errors";
            break;
        }
    }
    let mut report = fill(experiment, &plan, fidelity, &sums);
    report.stop_reason = reason.into();
    let measured = gain / sums.trials as f64 * mean_power(experiment) / (noise.0 / noise.1 as f64);
    report.snr_measured_db = Some(db_from_power(measured)).filter(|db| db.is_finite());
    report.warnings.extend(match fidelity {
        Fidelity::Waveform | Fidelity::Radio => warnings::of_waveform(experiment),
        _ => warnings::below_waveform(experiment),
    });
    report.warnings.extend(doubt(&report));
    Ok(report)
}

/// What one trial gave.
struct Counted {
    tally: LinkTally,
    /// Mean channel gain: bad channels, which take more slots, weigh no more than others.
    gain: f64,
    noise: (f64, u64),
}

/// Rounds that are made once and used again, one a thread at most.
struct Workers {
    plan: Arc<LinkPlan>,
    idle: Mutex<Vec<LinkRound<RandomBits>>>,
}

impl Workers {
    fn trial(&self, context: &TrialContext<'_>, trial: u64) -> Result<Counted, RunError> {
        let idle = self.idle.lock().expect("no thread panics while it holds the list").pop();
        let mut round = match idle {
            Some(round) => round,
            None => {
                let (devices, endless) = (self.plan.devices, self.plan.config.scheduling.slots.is_some());
                let traffic = RandomBits::new(self.plan.seeds, devices, endless);
                LinkRound::new(Arc::clone(&self.plan), traffic)?
            }
        };
        round.restart(trial);
        let tally = context.carry(trial, &mut round, super::round::NEEDS)?;
        let counted = Counted {
            tally: round.take_tally(),
            gain: tally.gain / tally.gain_count as f64,
            noise: (tally.noise, tally.noise_count),
        };
        self.idle.lock().expect("no thread panics while it holds the list").push(round);
        Ok(counted)
    }
}

/// Returns the mean power of the devices' elements, at equal shares.
fn mean_power(experiment: &Experiment) -> f64 {
    let (budget, payload) = (&experiment.budget, &experiment.payload);
    let powers = budget.power.iter().enumerate().map(|(k, power)| power * payload.budget_power(k));
    powers.sum::<f64>() / budget.devices() as f64
}

/// Returns the doubt about an interval that says little.
fn doubt(report: &LinkReport) -> Option<Warning> {
    let bler = report.figures.bler.as_ref()?;
    let (mean, low, high) = (bler.mean?, bler.low?, bler.high?);
    if report.block_errors == 0 {
        let message = format!("no block was lost in {}: bler lies below {high:.3e}", report.blocks);
        return Some(Warning::of("few-block-errors", message));
    }
    (high - low > 0.5 * mean).then(|| {
        let errors = report.block_errors;
        let message = format!("bler {mean:.3e} lies in {low:.3e} to {high:.3e} after {errors} lost blocks: more trials would help");
        Warning::of("few-block-errors", message)
    })
}

/// Returns the report of a link before anything was counted.
pub(super) fn blank(experiment: &Experiment, plan: &LinkPlan, fidelity: Fidelity) -> LinkReport {
    let content = &plan.config.content;
    let block = (plan.blocks.len() == 1).then(|| &plan.blocks[0]);
    let bits_an_element = plan.config.bits_an_element();
    LinkReport {
        experiment_id: experiment.id.to_string(),
        fidelity,
        theory_kind: None,
        transmission: content.words(),
        modulation: content.modulation().map_or(String::new(), |m| m.name().into()),
        mcs: block.and_then(|block| block.mcs).map(|mcs| usize::from(mcs.index)),
        snr_db: experiment.link.snr_db,
        eb_n0_db: bits_an_element.map(|bits| experiment.link.snr_db - db_from_power(bits)),
        bandwidth_hz: plan.numerology.bandwidth_hz(),
        devices: plan.devices,
        layers: plan.layout.layers(),
        block_bits: block.map(|block| block.bits()),
        code_rate: block.map(|block| block.code_rate()),
        trials: 0,
        stop_reason: String::new(),
        figures: LinkFigures::default(),
        capacity_bps: None,
        bler_normal_approximation: theory::normal_approximation(experiment, plan),
        blocks: 0,
        block_errors: 0,
        bits: 0.0,
        bit_errors: 0.0,
        mcs_mean: None,
        overhead_share: Some(plan.layout.overhead()),
        channel_nmse: None,
        snr_measured_db: None,
        airtime_s: None,
        warnings: experiment.warnings.clone(),
    }
}

fn fill(experiment: &Experiment, plan: &LinkPlan, fidelity: Fidelity, sums: &LinkSums) -> LinkReport {
    let (total, level) = (&sums.total, experiment.stop.level);
    // One block a trial is independent of all others; blocks of one trial share its channel.
    let single = sums.most_blocks <= 1;
    let rate = |events, of, ratio: &airloop_baseband::Ratio| match single {
        true => Estimate::of_rate(events, of, level),
        false => ratio.estimate(level),
    };
    let some = |estimate: Estimate| estimate.mean.is_some().then_some(estimate);
    // No rate is below 0, whatever the linearised interval says.
    let some = |estimate: Estimate| some(Estimate { low: estimate.low.map(|low| low.max(0.0)), ..estimate });
    let throughput = sums.throughput.estimate(level);
    let bandwidth_hz = plan.numerology.bandwidth_hz();
    let figures = LinkFigures {
        bler: some(rate(total.block_errors, total.blocks, &sums.bler)),
        bler_first: some(rate(total.first_failures, total.first_transmissions, &sums.bler_first)),
        ber: some(sums.ber.estimate(level)),
        ber_uncoded: some(sums.ber_uncoded.estimate(level)),
        spectral_efficiency_bps_hz: some(scaled(&throughput, 1.0 / bandwidth_hz)),
        throughput_bps: some(throughput),
        latency_s: some(sums.latency.estimate()),
        transmissions: some(sums.transmissions.estimate(level)),
        iterations: some(sums.iterations.estimate(level)),
    };
    let transport = plan.config.content.is_transport();
    LinkReport {
        trials: sums.trials,
        figures,
        capacity_bps: Some(total.capacity_bits / total.airtime_s),
        blocks: total.blocks,
        block_errors: total.block_errors,
        bits: total.bits as f64,
        bit_errors: total.bit_errors as f64,
        mcs_mean: transport.then(|| total.mcs as f64 / total.transmissions as f64),
        channel_nmse: Some(total.estimation.0 / total.estimation.1).filter(|nmse| nmse.is_finite()),
        airtime_s: Some(total.airtime_s / sums.trials as f64),
        ..blank(experiment, plan, fidelity)
    }
}

/// Returns an estimate in another unit.
fn scaled(estimate: &Estimate, factor: f64) -> Estimate {
    let scale = |x: Option<f64>| x.map(|x| x * factor);
    Estimate {
        mean: scale(estimate.mean),
        low: scale(estimate.low),
        high: scale(estimate.high),
        median: scale(estimate.median),
        q90: scale(estimate.q90),
        q95: scale(estimate.q95),
        ..*estimate
    }
}
