//! The number that a card names: a column of the table, found in a report by its name.

use crate::report::Report;
use crate::sweep::table::columns;
use serde_json::Value as Json;

/// Last column before those that are measured.
const LAST_GIVEN: &str = "stop_reason";

/// The column that holds words.
const WORDS: &str = "warnings";

/// What a metric's further columns end in.
const PARTS: [&str; 6] = ["_low", "_high", "_median", "_q90", "_q95", "_count"];

/// Which number of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Statistic {
    /// The mean over trials; the only one of a column without intervals.
    Mean,
    /// The median over trials.
    Median,
    /// The 90 % quantile over trials.
    Q90,
    /// The 95 % quantile over trials.
    Q95,
}

impl Statistic {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Mean, Self::Median, Self::Q90, Self::Q95];

    /// Returns the word for it in cards and reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Mean => "mean",
            Self::Median => "median",
            Self::Q90 => "q90",
            Self::Q95 => "q95",
        }
    }
}

/// Returns the columns of the table that hold a measured number, metrics once each.
pub fn measured() -> Vec<String> {
    let all = columns::<Report>(std::iter::empty());
    let part = |c: &String| {
        let metric = PARTS.iter().find_map(|part| c.strip_suffix(part));
        metric.is_some_and(|metric| all.iter().any(|c| c == metric))
    };
    let after = all.iter().skip_while(|c| *c != LAST_GIVEN).skip(1);
    after.filter(|c| *c != WORDS && !part(c)).cloned().collect()
}

/// Returns whether a column has quantiles over trials.
pub fn has_quantiles(metric: &str) -> bool {
    columns::<Report>(std::iter::empty()).contains(&format!("{metric}_median"))
}

/// Returns a number of a report; `None` where it is not defined.
pub fn value(report: &Report, metric: &str, statistic: Statistic) -> Option<f64> {
    let report = serde_json::to_value(report).ok()?;
    match cell(&report, metric)? {
        Json::Object(estimate) => estimate.get(statistic.word())?.as_f64(),
        number => number.as_f64().filter(|_| statistic == Statistic::Mean),
    }
}

fn cell<'a>(report: &'a Json, metric: &str) -> Option<&'a Json> {
    report["metrics"].get(metric).or_else(|| report.get(metric))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Node;
    use crate::experiment::Loader;
    use crate::report::Fidelity;
    use crate::run::{RunOptions, run};
    use std::path::Path;

    const SMALL: &str = "payload = { source = \"gaussian\", devices = 3, length = 40 }\n\
        channel.model = \"rayleigh\"\nlink.snr_db = 10\nstop.trials = 8\n\
        scheme = { kind = \"truncated-inversion\", threshold = 0.1, scale = \"plain\" }\n";

    fn report() -> Report {
        let tree = Node::parse_toml(SMALL, Path::new("small.toml")).unwrap();
        run(&Loader::default().load(&tree).unwrap(), Fidelity::Symbol, &RunOptions::default()).unwrap()
    }

    #[test]
    fn every_measured_column_is_in_the_report() {
        let report = serde_json::to_value(report()).unwrap();
        for column in measured() {
            let cell = cell(&report, &column).unwrap_or_else(|| panic!("{column} is not in the report"));
            assert!(cell.is_null() || cell.is_number() || cell.get("mean").is_some(), "{column}: {cell}");
            assert!(
                cell.is_null() || has_quantiles(&column) == cell.get("median").is_some(),
                "{column}: {cell}"
            );
        }
        for column in ["nmse", "mse_per_device", "active_fraction", "energy_j"] {
            assert!(measured().iter().any(|c| c == column), "{column}");
        }
        for column in ["snr_db", "trials", "nmse_low", "nmse_q90", "warnings"] {
            assert!(!measured().iter().any(|c| c == column), "{column}");
        }
    }

    #[test]
    fn values_are_the_report_s_own() {
        let report = report();
        let nmse = report.metrics.nmse.clone().unwrap();
        assert_eq!(value(&report, "nmse", Statistic::Mean), nmse.mean);
        assert_eq!(value(&report, "nmse", Statistic::Median), nmse.median);
        assert_eq!(value(&report, "nmse", Statistic::Q90), nmse.q90);
        assert_eq!(value(&report, "nmse", Statistic::Q95), nmse.q95);
        assert_eq!(value(&report, "active_fraction", Statistic::Mean), report.active_fraction);
        assert_eq!(value(&report, "active_fraction", Statistic::Median), None);
        assert_eq!(value(&report, "papr_db", Statistic::Mean), None);
    }
}
