//! What a budget says: rows, interactions, and the bars of its waterfall.

use super::cause::{Cause, beyond_the_prefix, can_shorten, causes};
use super::parts::Part;
use super::target::TargetReport;
use crate::experiment::Experiment;
use crate::experiment::sections::SchemeKind;
use crate::report::Fidelity;
use airloop_baseband::units::db_from_power;
use serde::Serialize;

/// A cause that takes this share of the total more together with others than alone interacts.
const WORTH_SAYING: f64 = 0.01;

/// Interference beyond the prefix that is worth a remark.
const AUDIBLE: f64 = 1e-6;

/// Columns of the table of a budget: its rows, the rest, the total.
pub const COLUMNS: [&str; 14] = [
    "cause",
    "alone",
    "alone_low",
    "alone_high",
    "alone_db",
    "removed",
    "removed_low",
    "removed_high",
    "removed_db",
    "share",
    "floor_db",
    "from",
    "to",
    "label",
];

/// What one cause takes of the error.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BudgetRow {
    /// The cause; `truncation` or `scheme` is what the scheme leaves with all else off.
    pub cause: String,
    /// What the cause adds alone.
    pub alone: f64,
    /// Lower end of its interval.
    pub alone_low: Option<f64>,
    /// Upper end.
    pub alone_high: Option<f64>,
    /// It in decibels, where it is positive.
    pub alone_db: Option<f64>,
    /// Lower end in decibels.
    pub alone_low_db: Option<f64>,
    /// Upper end in decibels.
    pub alone_high_db: Option<f64>,
    /// What its removal takes from the total; `None` for the scheme, which cannot be removed.
    pub removed: Option<f64>,
    /// Lower end of its interval.
    pub removed_low: Option<f64>,
    /// Upper end.
    pub removed_high: Option<f64>,
    /// It in decibels, where it is positive.
    pub removed_db: Option<f64>,
    /// What the cause adds alone, over the total.
    pub share: f64,
    /// The closed form of what it adds alone, where there is one.
    pub floor: Option<f64>,
    /// The closed form in decibels.
    pub floor_db: Option<f64>,
    /// Whether what its removal takes differs from what it adds alone, beyond the interval of the difference.
    pub interacts: bool,
    /// Whether the interval of what it adds alone holds 0.
    pub blurred: bool,
}

impl BudgetRow {
    /// Returns whether this is what the scheme leaves.
    pub fn is_scheme(&self) -> bool {
        self.removed.is_none()
    }
}

/// Two causes that leave more, or less, together than each alone.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Interaction {
    /// The causes.
    pub causes: [String; 2],
    /// What both leave beyond the sum of each alone; negative where it is less.
    pub interaction: f64,
    /// Lower end of its interval.
    pub interaction_low: Option<f64>,
    /// Upper end.
    pub interaction_high: Option<f64>,
    /// Its size in decibels.
    pub interaction_db: f64,
    /// What both leave over the sum of each alone, in decibels.
    pub together_over_sum_db: Option<f64>,
}

/// The error of an experiment, split into its causes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ErrorBudget {
    /// Name of the scheme.
    pub scheme: String,
    /// The rung.
    pub fidelity: Fidelity,
    /// Which error.
    pub metric: String,
    /// Trials of each run.
    pub trials: u64,
    /// Level of all intervals.
    pub level: f64,
    /// The mean error with everything on.
    pub total: f64,
    /// Lower end of its interval.
    pub total_low: Option<f64>,
    /// Upper end.
    pub total_high: Option<f64>,
    /// The total in decibels.
    pub total_db: f64,
    /// The scheme, then every cause.
    pub rows: Vec<BudgetRow>,
    /// The total less the sum of all parts.
    pub rest: f64,
    /// Lower end of its interval, trial by trial.
    pub rest_low: Option<f64>,
    /// Upper end.
    pub rest_high: Option<f64>,
    /// Whether the parts add up: the rest is 0 within its own interval or within that of the total; `None` where one trial leaves
    /// it open.
    pub adds_up: Option<bool>,
    /// Pairs of the largest causes that do not add up, the strongest first.
    pub interactions: Vec<Interaction>,
    /// What a target asks for, if one is given.
    pub target: Option<TargetReport>,
    /// Doubts, and what is not in the budget.
    pub remarks: Vec<String>,
}

/// A bar of the waterfall.
#[derive(Clone, Debug, PartialEq)]
pub struct WaterfallBar {
    /// The cause, `rest` or `total`.
    pub cause: String,
    /// Where the bar begins.
    pub from: f64,
    /// Where it ends.
    pub to: f64,
}

impl ErrorBudget {
    /// Returns the bars: what the scheme leaves, the causes from the largest on, each upon the last, what they take more together
    /// than each alone (`rest`), and the total.
    pub fn waterfall(&self) -> Vec<WaterfallBar> {
        let mut order: Vec<&BudgetRow> = self.rows.iter().collect();
        order[1..].sort_by(|a, b| b.alone.total_cmp(&a.alone));
        let mut level = 0.0;
        let mut bars = Vec::new();
        let parts = order.iter().map(|row| (row.cause.as_str(), row.alone)).chain([("rest", self.rest)]);
        for (cause, part) in parts {
            bars.push(WaterfallBar { cause: cause.into(), from: level, to: level + part });
            level += part;
        }
        bars.push(WaterfallBar { cause: "total".into(), from: 0.0, to: self.total });
        bars
    }

    /// Returns the table in the order of the waterfall, cells in the order of [`COLUMNS`].
    pub fn cells(&self) -> Vec<Vec<String>> {
        let number = |value: Option<f64>| value.map_or(String::new(), |value| format!("{value:?}"));
        let line = |bar: &WaterfallBar| {
            let row = self.rows.iter().find(|row| row.cause == bar.cause);
            let height = bar.to - bar.from;
            let (low, high) = match (row, bar.cause.as_str()) {
                (Some(row), _) => (row.alone_low, row.alone_high),
                (None, "rest") => (self.rest_low, self.rest_high),
                (None, _) => (self.total_low, self.total_high),
            };
            let share = height / self.total;
            let percent = match 100.0 * share {
                small if small != 0.0 && small.abs() < 0.05 => "< 0.1 %".into(),
                percent => format!("{percent:.1} %"),
            };
            let label = positive_db(height)
                .map_or(percent.clone(), |height_db| format!("{height_db:.1} dB, {percent}"));
            let cells = [
                number(Some(height)),
                number(low),
                number(high),
                number(positive_db(height)),
                number(row.and_then(|r| r.removed)),
                number(row.and_then(|r| r.removed_low)),
                number(row.and_then(|r| r.removed_high)),
                number(row.and_then(|r| r.removed_db)),
                number(Some(share)),
                number(row.and_then(|r| r.floor_db)),
                number(Some(bar.from)),
                number(Some(bar.to)),
                format!("\"{label}\""),
            ];
            std::iter::once(bar.cause.clone()).chain(cells).collect()
        };
        self.waterfall().iter().map(line).collect()
    }
}

/// Returns decibels of what is positive.
fn positive_db(value: f64) -> Option<f64> {
    (value > 0.0).then(|| db_from_power(value))
}

/// Returns the row of what the scheme leaves; it is that of truncation where a threshold silences devices.
pub(super) fn scheme_row(
    experiment: &Experiment,
    base: Part,
    (total, floor): (f64, Option<f64>),
) -> BudgetRow {
    let threshold = match &experiment.scheme.kind {
        SchemeKind::TruncatedInversion(scheme) => scheme.threshold,
        SchemeKind::Cotaf(scheme) => scheme.threshold,
        SchemeKind::OneBitMajority(scheme) => scheme.inversion.threshold,
        _ => 0.0,
    };
    let silences = experiment.known.active_share(threshold) < 1.0;
    filled(if silences { "truncation" } else { "scheme" }, base, total, floor)
}

/// Returns the row of a cause from what it adds alone, what its removal takes, the difference of these, the total and the floor.
pub(super) fn row(
    cause: Cause,
    (alone, removed, difference): (Part, Part, Part),
    (total, floor): (f64, Option<f64>),
) -> BudgetRow {
    let beyond = difference.half_width().is_some_and(|half| difference.mean.abs() > half);
    BudgetRow {
        removed: Some(removed.mean),
        removed_low: removed.low,
        removed_high: removed.high,
        removed_db: positive_db(removed.mean),
        interacts: beyond && difference.mean.abs() > WORTH_SAYING * total,
        blurred: alone.holds_zero() && alone.half_width().is_some_and(|half| half > 0.0),
        ..filled(cause.name(), alone, total, floor)
    }
}

fn filled(cause: &str, alone: Part, total: f64, floor: Option<f64>) -> BudgetRow {
    let floor = floor.filter(|floor| floor.is_finite());
    BudgetRow {
        cause: cause.into(),
        alone: alone.mean,
        alone_low: alone.low,
        alone_high: alone.high,
        alone_db: positive_db(alone.mean),
        alone_low_db: alone.low.and_then(positive_db),
        alone_high_db: alone.high.and_then(positive_db),
        removed: None,
        removed_low: None,
        removed_high: None,
        removed_db: None,
        share: alone.mean / total,
        floor,
        floor_db: floor.and_then(positive_db),
        interacts: false,
        blurred: false,
    }
}

/// Returns what trials do not tell of a row.
pub(super) fn doubt(row: &BudgetRow, trials: u64) -> Option<String> {
    let what = match (row.blurred, row.removed_low, row.removed_high) {
        (true, ..) => "its part",
        (false, Some(low), Some(high)) if low < 0.0 && high > 0.0 && row.alone > 0.0 => {
            "what its removal takes"
        }
        _ => return None,
    };
    Some(format!("{}: {trials} trials do not tell {what} from 0; more are needed (stop.trials)", row.cause))
}

/// Returns what is to be said beside the rows.
pub(super) fn remarks(
    experiment: &Experiment,
    (fidelity, there): (Fidelity, &[Cause]),
    trials: u64,
) -> Vec<String> {
    let mut remarks = Vec::new();
    if fidelity == Fidelity::Symbol
        && let Ok(all) = causes(experiment, Fidelity::Waveform)
    {
        let missing: Vec<&str> = all.iter().filter(|c| !there.contains(c)).map(|c| c.name()).collect();
        if !missing.is_empty() {
            remarks.push(format!("at symbol fidelity these do not act: {}", missing.join(", ")));
        }
    }
    if fidelity == Fidelity::Waveform
        && !can_shorten(experiment)
        && beyond_the_prefix(experiment).is_ok_and(|power| power > AUDIBLE)
    {
        remarks.push(
            "delays beyond the prefix of clustered and recorded channels cannot be shortened on the same draws: they are in what \
             the scheme leaves"
                .into(),
        );
    }
    if trials < 2 {
        remarks.push("one trial has no interval; more are needed (stop.trials)".into());
    }
    remarks
}
