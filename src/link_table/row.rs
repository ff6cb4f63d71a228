//! Curves as rows of a sweep's table.

use super::curve_report::{CurvePoint, CurveReport, THRESHOLDS, Threshold, config};
use crate::effective_sinr::{EffectiveSinrFit, Fitted, PredictionErrors};
use crate::experiment::Experiment;
use crate::experiment::sections::Rule;
use crate::link::run::check;
use crate::report::{Fidelity, Warning};
use crate::run::{RunError, RunOptions};
use crate::sweep::row::cell;
use crate::sweep::table::number;
use crate::sweep::{Kind, RowReport, Rows, SweepError};
use std::path::Path;

/// Points' trials that a curve takes, about: most points end early where blocks are waited for.
const EXPECTED_POINTS: (u64, u64) = (4, 16);

/// A map of a fit, and its errors over fresh channels.
type MapOf = fn(&EffectiveSinrFit) -> (Fitted, Option<PredictionErrors>);

/// The maps of an effective SINR, with what columns call them.
const MAPS: [(&str, MapOf); 2] = [
    ("exponential", |fit| (fit.exponential, fit.fresh.map(|fresh| fresh.exponential))),
    ("mutual_information", |fit| (fit.mutual_information, fit.fresh.map(|fresh| fresh.mutual_information))),
];

/// What the columns of a map hold.
const MAP_COLUMNS: [&str; 3] = ["beta", "error_median_db", "error_q95_db"];

impl RowReport for CurveReport {
    const KIND: Kind = Kind::ErrorRateCurve;

    const COVERED: &'static [(&'static str, &'static str)] =
        &[("mcs.table", "mcs_table"), ("mcs.index", "mcs"), ("mcs.block_bits", "block_bits")];

    fn check(experiment: &Experiment, fidelity: Fidelity) -> Result<(), RunError> {
        config(experiment, fidelity)?;
        check(experiment, fidelity)
    }

    fn run(experiment: &Experiment, fidelity: Fidelity, options: &RunOptions<'_>) -> Result<Self, RunError> {
        Self::measure(experiment, fidelity, options)
    }

    fn most_trials(experiment: &Experiment) -> u64 {
        let most = experiment.stop.judgements().last().copied().unwrap_or(0);
        let waits = matches!(experiment.stop.rule, Rule::BlockErrors { .. });
        most.saturating_mul(if waits { EXPECTED_POINTS.0 } else { EXPECTED_POINTS.1 })
    }

    fn experiment_id(&self) -> &str {
        &self.experiment_id
    }

    fn fidelity(&self) -> Fidelity {
        self.fidelity
    }

    fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    fn trials(&self) -> u64 {
        self.total(|point| point.trials)
    }

    fn given() -> Vec<String> {
        let columns = [
            "mcs_table",
            "mcs",
            "modulation",
            "block_bits",
            "coded_bits",
            "code_rate",
            "trials",
            "stop_reason",
        ];
        columns.map(String::from).to_vec()
    }

    fn measured() -> Vec<String> {
        let ends = ["points", "step_db", "snr_lowest_db", "snr_highest_db", "blocks", "block_errors"];
        let names = |&(_, name): &(f64, &str)| {
            let parts = ["snr", "normal_approximation", "gap"];
            parts.map(|part| format!("{part}_at_bler_{name}_db"))
        };
        let maps = MAPS.iter().flat_map(|(map, _)| MAP_COLUMNS.map(|column| format!("{map}_{column}")));
        THRESHOLDS.iter().flat_map(names).chain(ends.map(String::from)).chain(maps).collect()
    }

    fn given_cells(&self) -> Vec<String> {
        vec![
            self.mcs_table.to_string(),
            self.mcs.to_string(),
            self.modulation.clone(),
            self.block_bits.to_string(),
            self.coded_bits.to_string(),
            number(self.block_bits as f64 / self.coded_bits as f64),
            RowReport::trials(self).to_string(),
            self.stop_reason.clone(),
        ]
    }

    fn measured_cells(&self) -> Vec<String> {
        let of = |threshold: &Threshold| {
            [threshold.snr_db, threshold.normal_approximation_db, threshold.gap_db()].map(cell)
        };
        let end = |point: Option<&CurvePoint>| cell(point.map(|point| point.snr_db));
        let ends = [
            self.points.len().to_string(),
            number(self.step_db),
            end(self.points.first()),
            end(self.points.last()),
            self.total(|point| point.blocks).to_string(),
            self.total(|point| point.block_errors).to_string(),
        ];
        let maps = MAPS.iter().flat_map(|(_, of)| match self.effective_sinr.as_ref().map(of) {
            Some((fitted, fresh)) => [
                number(fitted.beta),
                cell(fresh.map(|errors| errors.median_db)),
                cell(fresh.map(|errors| errors.q95_db)),
            ],
            None => Default::default(),
        });
        self.thresholds.iter().flat_map(of).chain(ends).chain(maps).collect()
    }

    fn write_beside(dir: &Path, rows: &Rows<'_, Self>) -> Result<(), SweepError> {
        super::file::write_bler(dir, rows)
    }
}
