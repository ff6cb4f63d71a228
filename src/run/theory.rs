//! The theory rung: ensemble values where there is a formula, else conditional ones over the symbol rung's own channels.

use super::trial::TrialContext;
use super::walk::Walk;
use super::{RunError, RunOptions};
use crate::experiment::Experiment;
use crate::ofdm::SlotShape;
use crate::report::{Errors, Fidelity, Metrics, TheoryKind};
use crate::theory::conditional::{Conditional, Slot};
use crate::theory::digital::{MAX_SYMBOLS, Rates};
use crate::theory::ensemble::{Ensemble, ensemble};
use crate::theory::{Formula, Prediction, Setting, sparse_analog};
use airloop_baseband::Accumulator;
use rayon::prelude::*;
use std::sync::atomic::Ordering;

/// What theory says.
pub struct TheoryAnswer {
    /// Which kind.
    pub kind: Option<TheoryKind>,
    /// Means and what goes with them, averaged over trials if conditional.
    pub prediction: Prediction,
    /// Mean OFDM symbols of a round.
    pub symbols: f64,
    /// Mean airtime of a round.
    pub airtime_s: f64,
    /// The errors.
    pub metrics: Metrics,
    /// Trials over which a conditional value was averaged.
    pub trials: u64,
}

/// Asks theory.
///
/// # Errors
/// When the user interrupts.
pub fn ask(experiment: &Experiment, options: &RunOptions<'_>) -> Result<TheoryAnswer, RunError> {
    let setting = experiment.setting();
    let layout = experiment.layout_symbols();
    let overhead = experiment.overhead_symbols();
    let airtime_s = |symbols: usize| experiment.airtime_s(symbols + overhead);
    let known = match setting.formula {
        Formula::Misaligned
            if !experiment.payload.is_majority() && experiment.payload.mapping().is_none() =>
        {
            super::misaligned::ensemble(experiment)?
        }
        _ => ensemble(&setting),
    };
    if let Some(Ensemble { prediction, metrics }) = known {
        let symbols = prediction.symbols.unwrap_or(layout);
        return Ok(TheoryAnswer {
            kind: Some(TheoryKind::Ensemble),
            prediction,
            symbols: symbols as f64,
            airtime_s: airtime_s(symbols),
            metrics,
            trials: 0,
        });
    }
    let context = TrialContext::new(experiment, Fidelity::Symbol)?;
    let level = experiment.stop.level;
    let mut errors: [Accumulator; 5] = std::array::from_fn(|_| Accumulator::new(level));
    let mut sums = Prediction::default();
    let (mut symbols, mut airtime) = (0.0, 0.0);
    let judgements = experiment.stop.judgements();
    let most = judgements.last().copied().unwrap_or(1);
    let mut trials = 0;
    while trials < most {
        if options.interrupted.load(Ordering::Relaxed) {
            return Err(RunError::Interrupted);
        }
        let judged = judgements.iter().copied().find(|j| *j > trials).unwrap_or(most);
        let end = (trials + super::point::BATCH).min(judged);
        let predictions: Vec<Option<Prediction>> =
            (trials..end).into_par_iter().map(|trial| predict(&context, &setting, trial)).collect();
        for prediction in predictions {
            let Some(p) = prediction else {
                return Ok(TheoryAnswer {
                    kind: None,
                    prediction: Prediction {
                        sent_share: 1.0,
                        active_fraction: f64::NAN,
                        power_used_mean: f64::NAN,
                        ..Prediction::default()
                    },
                    symbols: layout as f64,
                    airtime_s: airtime_s(layout),
                    metrics: Metrics::default(),
                    trials: 0,
                });
            };
            for (sum, value) in errors.iter_mut().zip(p.errors.all()) {
                value.into_iter().for_each(|value| sum.push(value));
            }
            sums.active_fraction += p.active_fraction;
            sums.power_used_mean += p.power_used_mean;
            sums.sent_share += p.sent_share;
            sums.receive_snr = p.receive_snr.map(|snr| snr + sums.receive_snr.unwrap_or(0.0));
            let used = p.symbols.unwrap_or(layout);
            symbols += used as f64;
            airtime += airtime_s(used);
        }
        trials = end;
        (options.progress)(trials, most);
        if trials == judged && super::point::narrow_enough(&experiment.stop.rule, &errors) {
            break;
        }
    }
    let n = trials as f64;
    let prediction = Prediction {
        active_fraction: sums.active_fraction / n,
        power_used_mean: sums.power_used_mean / n,
        sent_share: sums.sent_share / n,
        receive_snr: sums.receive_snr.map(|snr| snr / n),
        ..Prediction::default()
    };
    Ok(TheoryAnswer {
        kind: Some(TheoryKind::Conditional),
        prediction,
        symbols: symbols / n,
        airtime_s: airtime / n,
        metrics: super::point::metrics_of(experiment, &errors),
        trials,
    })
}

/// Returns the formula's prediction for the channels that one trial draws, averaged over its rounds; `None` where there is
/// no formula.
pub fn predict(context: &TrialContext<'_>, setting: &Setting<'_>, trial: u64) -> Option<Prediction> {
    let digital_votes = matches!(setting.formula, Formula::DigitalBits(_) | Formula::DigitalSymbols(_));
    if setting.payload.mapping().is_some() || (setting.payload.is_majority() && !digital_votes) {
        return of_own_payload(context, setting, trial);
    }
    if setting.formula == Formula::Misaligned {
        return context.misaligned()?.predict(trial);
    }
    if let Formula::SparseAnalog(compression) = setting.formula {
        return sparse_analog::predict(setting, compression, context.rounds(trial)).ok()?;
    }
    if let Formula::Energy(formula) = setting.formula {
        return super::energy::predict(context, (setting, formula), trial).ok();
    }
    if let Formula::DigitalAircomp(formula) = setting.formula {
        return super::digital_aircomp::predict(context, (setting, formula?), trial).ok();
    }
    let mut first_symbol = 0;
    let mut rounds = Vec::new();
    for index in context.rounds(trial) {
        let round = (index, first_symbol);
        let (prediction, end) = match setting.formula {
            Formula::DigitalBits(bits) => digital(context, setting, round, (Some(bits), MAX_SYMBOLS)),
            Formula::DigitalSymbols(symbols) => digital(context, setting, round, (None, symbols)),
            _ => (analog(context, setting, round, None)?.finish(), end_of_round(context, first_symbol)),
        };
        rounds.push(prediction);
        first_symbol = end;
    }
    Some(Prediction::mean(&rounds))
}

/// Returns the expected errors of a majority, or of a function beyond sum and mean, of a trial's own payload over its
/// channels, averaged over its rounds; `None` where there is no formula.
fn of_own_payload(context: &TrialContext<'_>, setting: &Setting<'_>, trial: u64) -> Option<Prediction> {
    let payload = setting.payload;
    let moving = setting.repetitions > 1 && setting.memory != crate::theory::Memory::Static;
    if setting.sent_share < 1.0 || moving {
        return None;
    }
    let length = payload.length();
    let mut values = vec![0.0f32; payload.devices() * length];
    let (mut first_symbol, mut rounds) = (0, Vec::new());
    for index in context.rounds(trial) {
        let mut sums = vec![0.0f32; length];
        for (device, row) in values.chunks_exact_mut(length).enumerate() {
            payload.read(index, device, 0, row).ok()?;
            sums.iter_mut().zip(&*row).for_each(|(sum, value)| *sum += value);
        }
        let mut round = analog(context, setting, (index, first_symbol), Some(&values))?;
        let (votes, nmse) = if payload.is_majority() {
            let mut truth = vec![0.0f32; length];
            let drawn = payload.drawn_truth(index, 0, &mut truth);
            (Some(round.vote_errors(&sums, drawn.then_some(&truth[..]))), None)
        } else {
            (None, round.nmse_of_function(&payload.targets(index, &sums).ok()?))
        };
        let prediction = round.finish();
        let errors = votes.unwrap_or(Errors { nmse, ..prediction.errors });
        rounds.push(Prediction { errors, ..prediction });
        first_symbol = end_of_round(context, first_symbol);
    }
    Some(Prediction::mean(&rounds))
}

/// Returns the absolute symbol after an analog round that begins at `first_symbol`.
pub(crate) fn end_of_round(context: &TrialContext<'_>, first_symbol: usize) -> usize {
    let (segments, mut timeline) = (context.experiment.segments(), context.timeline(first_symbol));
    let mut symbol = 0;
    while let Some(segment) = segments.at(symbol) {
        timeline.place(segment.shape.symbols);
        symbol += segment.shape.symbols;
    }
    timeline.end()
}

/// Runs the conditional formula over the channels of a round, with the payload itself if asked for; rounds are given by
/// their index, counted through all trials, and the absolute symbol at which they begin.
pub(crate) fn analog<'a>(
    context: &TrialContext<'_>,
    setting: &'a Setting<'a>,
    (index, first_symbol): (u64, usize),
    payload: Option<&[f32]>,
) -> Option<Conditional<'a>> {
    let mut conditional = Conditional::new(setting)?.in_round(setting.payload.round_power(index));
    let mut walk = Walk::new(context, (index, first_symbol));
    let length = walk.segments().length();
    // Where all passes see the same channel, one pass says everything.
    let passes = if conditional.averages() { 1 } else { walk.segments().repetitions() };
    let last = walk.segments().symbols() / passes;
    let mut values = Vec::new();
    let mut more = true;
    while more {
        let step = walk.step(last, |segment, known, truth| {
            let (first_value, count) = (segment.first_value, segment.values);
            let payload = payload.map(|all| {
                values.clear();
                for row in all.chunks_exact(length) {
                    values.extend_from_slice(&row[first_value..first_value + count]);
                }
                &values[..]
            });
            conditional.add(&Slot { known, truth, first_value, values: count, payload });
            Ok(())
        });
        more = step.ok()?;
    }
    Some(conditional)
}

fn digital(
    context: &TrialContext<'_>,
    setting: &Setting<'_>,
    round: (u64, usize),
    (bits, most): (Option<u32>, usize),
) -> (Prediction, usize) {
    let mut rates = Rates::new(setting, bits);
    let symbols = count_rates(context, &mut rates, round, bits.is_none().then_some(most));
    (rates.finish(bits, symbols), round.1 + symbols)
}

/// Counts the rates of a round's channels: over a fixed number of symbols, or until all devices are done.
pub(crate) fn count_rates(
    context: &TrialContext<'_>,
    rates: &mut Rates<'_>,
    (index, begin): (u64, usize),
    fixed: Option<usize>,
) -> usize {
    let mut gains = context.gains(index);
    let slot = context.experiment.numerology.slot_symbols();
    let most = fixed.unwrap_or(MAX_SYMBOLS);
    let mut first_symbol = 0;
    while first_symbol < most && (fixed.is_some() || !rates.complete()) {
        let shape = SlotShape { first_symbol, symbols: slot.min(most - first_symbol) };
        let on_air = SlotShape { first_symbol: begin + first_symbol, ..shape };
        rates.add(shape, &gains.own(on_air, first_symbol));
        first_symbol += shape.symbols;
    }
    first_symbol
}
