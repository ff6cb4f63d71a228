//! A curve of block error rates as a point of a sweep: one scheme, one block size, all SNRs.

use super::config::CurveConfig;
use super::curve::ErrorRateCurve;
use super::entry::BlerEntry;
use super::walk::Walk;
use crate::effective_sinr::{EffectiveSinrFit, Transmission, fit};
use crate::experiment::{Experiment, LinkTableSection, Loader};
use crate::link::config::Content;
use crate::link::{LinkError, LinkPlan, LinkReport, expected_snr_db, run as link_run};
use crate::report::{Fidelity, Warning};
use crate::run::{RunError, RunOptions};
use crate::sweep::table::number;
use serde::{Deserialize, Serialize};

/// The error rates at which a row says the SNR, with what columns call them.
pub const THRESHOLDS: [(f64, &str); 2] = [(0.1, "0_1"), (0.01, "0_01")];

/// Steps that a waterfall is to take at least, if the best code had it.
const STEPS: f64 = 8.0;

/// Where the width of a waterfall is measured from.
const SHOULDER: f64 = 0.9;

/// Smallest step, and the step where no formula says a width.
const STEP_DB: (f64, f64) = (1.0 / 64.0, 0.5);

/// One SNR of a curve.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CurvePoint {
    /// SNR of a resource element.
    pub snr_db: f64,
    /// Share of blocks that are wrong.
    pub bler: f64,
    /// Lower end of its interval.
    pub bler_low: f64,
    /// Upper end.
    pub bler_high: f64,
    /// Blocks that were decoded.
    pub blocks: u64,
    /// Wrong ones among them.
    pub block_errors: u64,
    /// Trials run.
    pub trials: u64,
    /// The experiment of this point, as `airloop link` names it.
    pub experiment_id: String,
}

/// Where a curve passes an error rate, and where the best code of its length would.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Threshold {
    /// The error rate.
    pub bler: f64,
    /// SNR of the curve there, between two points; `None` where it does not come to that.
    pub snr_db: Option<f64>,
    /// SNR at which the normal approximation has it; `None` without a formula.
    pub normal_approximation_db: Option<f64>,
}

impl Threshold {
    /// Returns how much more SNR than the best code of its length the code takes.
    pub fn gap_db(&self) -> Option<f64> {
        Some(self.snr_db? - self.normal_approximation_db?)
    }
}

/// A measured curve of block error rates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CurveReport {
    /// Name of the experiment: the curve's, with what `[table]` says.
    pub experiment_id: String,
    /// Which rung.
    pub fidelity: Fidelity,
    /// MCS table.
    pub mcs_table: u8,
    /// MCS index.
    pub mcs: u8,
    /// Name of the modulation.
    pub modulation: String,
    /// Information bits of the code block.
    pub block_bits: usize,
    /// Its coded bits.
    pub coded_bits: usize,
    /// Distance of the SNRs.
    pub step_db: f64,
    /// Why the curve ends: `lowest-bler` or `highest-snr`.
    pub stop_reason: String,
    /// The points, SNRs ascending.
    pub points: Vec<CurvePoint>,
    /// Where it passes the rates of [`THRESHOLDS`].
    pub thresholds: Vec<Threshold>,
    /// Maps from the SINRs of many elements to one of this curve, where `[effective_sinr]` asks for them.
    pub effective_sinr: Option<EffectiveSinrFit>,
    /// Doubts.
    pub warnings: Vec<Warning>,
}

impl CurveReport {
    /// Returns the points as entries of a table.
    pub fn entries(&self) -> Vec<BlerEntry> {
        let entry = |point: &CurvePoint| BlerEntry {
            mcs_table: self.mcs_table,
            mcs: self.mcs,
            block_bits: self.block_bits,
            coded_bits: self.coded_bits,
            modulation: self.modulation.clone(),
            fidelity: self.fidelity,
            snr_db: point.snr_db,
            bler: point.bler,
            bler_low: point.bler_low,
            bler_high: point.bler_high,
            blocks: point.blocks,
            block_errors: point.block_errors,
            experiment_id: point.experiment_id.clone(),
        };
        self.points.iter().map(entry).collect()
    }

    /// Returns the curve between its points.
    pub fn curve(&self) -> ErrorRateCurve {
        let points: Vec<(f64, f64, u64)> = self.points.iter().map(|p| (p.snr_db, p.bler, p.blocks)).collect();
        ErrorRateCurve::new(&points)
    }

    /// Walks the SNRs of an experiment's curve.
    pub(super) fn measure(
        experiment: &Experiment,
        fidelity: Fidelity,
        options: &RunOptions<'_>,
    ) -> Result<Self, RunError> {
        let config = config(experiment, fidelity)?;
        let plan: LinkPlan = link_run::plan(experiment)?;
        let Content::Plain { information_bits, coded_bits, modulation, mcs: Some(mcs), .. } =
            plan.config.content
        else {
            let what = "a curve of what is no code block of a scheme".into();
            return Err(RunError::Unsupported { what, fidelity });
        };
        let expected = |bler: f64| expected_snr_db(experiment, &plan, bler);
        let approximation =
            |bler: f64| expected(bler).filter(|found| found.by_approximation).map(|found| found.snr_db);
        let LinkTableSection { step_db, lowest_bler, highest_bler, highest_snr_db } = config.walk;
        let width_db = || Some(approximation(lowest_bler)? - approximation(SHOULDER)?);
        let step_db = step_db.unwrap_or_else(|| step_of(width_db()));
        let start_db = expected(0.5).map_or(0.0, |found| found.snr_db);
        let walk = Walk { step_db, start_db, lowest_bler, highest_bler, highest_snr_db };
        let mut before = 0;
        let points = walk.points(
            |(point, _): &(CurvePoint, Vec<Warning>)| point.bler,
            |snr_db| {
                let progress = |done: u64, all: u64| (options.progress)(before + done, all);
                let options = RunOptions { progress: &progress, interrupted: options.interrupted };
                let measured = point(config, (fidelity, snr_db), &options)?;
                before += measured.0.trials;
                Ok::<_, RunError>(measured)
            },
        )?;
        let warnings = doubts(&points, lowest_bler);
        let points: Vec<CurvePoint> = points.into_iter().map(|(point, _)| point).collect();
        let ended = points.last().is_some_and(|last| last.bler < lowest_bler);
        let mut report = Self {
            experiment_id: experiment.id.to_string(),
            fidelity,
            mcs_table: mcs.table,
            mcs: mcs.index,
            modulation: modulation.name().into(),
            block_bits: information_bits,
            coded_bits,
            step_db,
            stop_reason: if ended { "lowest-bler" } else { "highest-snr" }.into(),
            points,
            thresholds: Vec::new(),
            effective_sinr: None,
            warnings,
        };
        let curve = report.curve();
        let threshold = |&(bler, _): &(f64, &str)| Threshold {
            bler,
            snr_db: curve.sinr_of(bler),
            normal_approximation_db: approximation(bler),
        };
        report.thresholds = THRESHOLDS.iter().map(threshold).collect();
        if let Some(config) = &experiment.effective_sinr {
            let transmission = Transmission {
                decoder: plan.config.decoder,
                demapping: plan.config.demapping,
                ..Transmission::of_mcs(mcs, information_bits).map_err(LinkError::from)?
            };
            report.effective_sinr = Some(fit(config, &transmission, experiment.seeds, options)?);
        }
        Ok(report)
    }

    pub(super) fn total(&self, of: impl Fn(&CurvePoint) -> u64) -> u64 {
        self.points.iter().map(of).sum()
    }
}

/// Returns what a loader of link tables left for curves.
pub(super) fn config(experiment: &Experiment, fidelity: Fidelity) -> Result<&CurveConfig, RunError> {
    let unsupported = |what: &str| RunError::Unsupported { what: what.into(), fidelity };
    if fidelity == Fidelity::Theory {
        return Err(unsupported("a link table of block error rates, which no formula gives,"));
    }
    experiment.curve.as_deref().ok_or_else(|| unsupported("a curve of an experiment that is no link table"))
}

/// Returns the largest step, a power of two of the smallest, of which the waterfall of the best code takes enough.
fn step_of(width_db: Option<f64>) -> f64 {
    let Some(width_db) = width_db.filter(|width| width.is_finite() && *width > 0.0) else { return STEP_DB.1 };
    let mut step = STEP_DB.0;
    while 2.0 * step * STEPS <= width_db && step < 1.0 {
        step *= 2.0;
    }
    step
}

/// Runs an SNR of a curve as the link that it is.
fn point(
    config: &CurveConfig,
    (fidelity, snr_db): (Fidelity, f64),
    options: &RunOptions<'_>,
) -> Result<(CurvePoint, Vec<Warning>), RunError> {
    let tree = config.at(snr_db).map_err(crate::experiment::ExperimentError::from)?;
    let experiment = Loader::of_links().load(&tree)?;
    let LinkReport { figures, blocks, block_errors, trials, experiment_id, warnings, .. } =
        link_run::run(&experiment, fidelity, options)?;
    // A link of one block a trial always has a rate with its interval.
    let bler = figures
        .bler
        .unwrap_or_else(|| airloop_baseband::Estimate::of_rate(block_errors, blocks, experiment.stop.level));
    let (mean, low, high) = (bler.mean.unwrap_or(0.0), bler.low.unwrap_or(0.0), bler.high.unwrap_or(1.0));
    let point = CurvePoint {
        snr_db,
        bler: mean,
        bler_low: low,
        bler_high: high,
        blocks,
        block_errors,
        trials,
        experiment_id,
    };
    Ok((point, warnings))
}

/// Returns the doubts of all points that count, the first of each kind with its SNR.
fn doubts(points: &[(CurvePoint, Vec<Warning>)], lowest_bler: f64) -> Vec<Warning> {
    let mut doubts: Vec<Warning> = Vec::new();
    for (point, warnings) in points.iter().filter(|(point, _)| point.bler >= lowest_bler) {
        for warning in warnings {
            if !doubts.iter().any(|doubt| doubt.code == warning.code) {
                let message = format!("at {} dB: {}", number(point.snr_db), warning.message);
                doubts.push(Warning { code: warning.code.clone(), message });
            }
        }
    }
    doubts
}
