//! Running a card: batches of trials, each of a seed of its own, until every figure can be told or the trials run out.

use super::card::{Card, Expectation};
use super::column::value;
use super::finding::{Finding, Measured};
use crate::experiment::sections::Rule;
use crate::report::{Fidelity, Report};
use crate::run::{RunError, RunOptions, run};
use airloop_baseband::Accumulator;

/// Confidence level of a card's intervals.
pub const LEVEL: f64 = 0.9999;

/// Batches at the first judgement; they double from one to the next.
pub const FIRST_BATCHES: u64 = 16;

/// Runs a card at a rung and holds every figure against it.
///
/// Batch `b` is the card's experiment with the seed `b` further, run for `card.batch_trials` trials. Any column of the
/// report thus gets its interval in one way, quantiles and columns without an interval of their own included:
///
/// ```text
/// value = mean over B batches,   half width = student_t_quantile((1 + LEVEL)/2, B - 1) (standard deviation over batches)/sqrt(B)
/// ```
///
/// B is 16, 32, 64, ... until every interval is at most its tolerance wide. A closed form is compared as it is.
///
/// # Errors
/// When the rung cannot run the experiment, or the user interrupts.
pub fn verify(card: &Card, fidelity: Fidelity, options: &RunOptions<'_>) -> Result<Vec<Finding>, RunError> {
    let mut sums: Vec<Sum<'_>> = card.expectations.iter().map(Sum::new).collect();
    let (mut trials, mut batches, mut planned) = (0, 0, FIRST_BATCHES);
    loop {
        let all = planned * card.batch_trials;
        while batches < planned {
            let report = batch(card, fidelity, batches, all, options)?;
            if report.trials == 0 {
                return Ok(sums.iter().map(|s| s.exact(fidelity, &report)).collect());
            }
            sums.iter_mut().for_each(|s| s.push(&report));
            (trials, batches) = (trials + report.trials, batches + 1);
        }
        let findings: Vec<Finding> = sums.iter().map(|s| s.finding(fidelity, trials)).collect();
        let settled = findings.iter().all(|f| f.measured.is_none() || f.is_sharp());
        if settled || 2 * all > card.max_trials {
            return Ok(findings);
        }
        planned *= 2;
    }
}

fn batch(
    card: &Card,
    fidelity: Fidelity,
    number: u64,
    all: u64,
    options: &RunOptions<'_>,
) -> Result<Report, RunError> {
    let mut experiment = card.experiment(number)?;
    experiment.stop.rule = Rule::Trials(card.batch_trials);
    let before = number * card.batch_trials;
    let progress = |done: u64, _: u64| (options.progress)(before + done, all);
    run(&experiment, fidelity, &RunOptions { progress: &progress, interrupted: options.interrupted })
}

/// One figure's values over batches.
struct Sum<'a> {
    expectation: &'a Expectation,
    values: Accumulator,
}

impl<'a> Sum<'a> {
    fn new(expectation: &'a Expectation) -> Self {
        Self { expectation, values: Accumulator::new(LEVEL) }
    }

    fn value(&self, report: &Report) -> Option<f64> {
        value(report, &self.expectation.metric, self.expectation.statistic)
    }

    fn push(&mut self, report: &Report) {
        // A batch without a value leaves no mean over batches.
        self.values.push(self.value(report).unwrap_or(f64::NAN));
    }

    fn exact(&self, fidelity: Fidelity, report: &Report) -> Finding {
        let measured = self.value(report).map(|value| Measured { value, half_width: 0.0, trials: 0 });
        Finding { expectation: self.expectation.clone(), fidelity, measured }
    }

    fn finding(&self, fidelity: Fidelity, trials: u64) -> Finding {
        let e = self.values.estimate();
        let measured =
            e.mean.zip(e.high).map(|(value, high)| Measured { value, half_width: high - value, trials });
        Finding { expectation: self.expectation.clone(), fidelity, measured }
    }
}
