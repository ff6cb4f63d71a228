//! `[stop]`: how many trials.

use crate::config::{Bound, ConfigError, TableReader};
use crate::experiment::Experiment;
use crate::report::ERRORS;

/// Trials at which a stopping rule is judged: 64 times a power of two.
pub const FIRST_JUDGEMENT: u64 = 64;

/// Trials after which a run that waits for block errors ends without them.
const MOST_BLOCKS: u64 = 1 << 20;

/// The error that a stopping rule watches, by its place in [`ERRORS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Metric(usize);

impl Metric {
    /// Returns the metric of that name.
    pub fn of(name: &str) -> Option<Self> {
        ERRORS.iter().position(|n| *n == name).map(Self)
    }

    /// Returns its place in [`ERRORS`].
    pub fn index(self) -> usize {
        self.0
    }

    /// Returns its name.
    pub fn name(self) -> &'static str {
        ERRORS[self.0]
    }
}

/// When a point is done.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stop {
    /// Level of all confidence intervals.
    pub level: f64,
    /// The rule.
    pub rule: Rule,
}

/// A stopping rule; it never looks at a clock.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rule {
    /// A fixed number of trials.
    Trials(u64),
    /// Until the interval of a metric is narrow enough, judged at 64, 128, 256, ... trials.
    HalfWidth {
        /// What is watched.
        metric: Metric,
        /// Half of the interval over the mean.
        relative_half_width: f64,
        /// Fewest trials.
        min_trials: u64,
        /// Most trials.
        max_trials: u64,
    },
    /// Until so many blocks of a digital link were lost, judged at 64, 128, 256, ... trials.
    BlockErrors {
        /// Lost blocks.
        block_errors: u64,
        /// Fewest trials.
        min_trials: u64,
        /// Most trials.
        max_trials: u64,
    },
}

impl Stop {
    /// Reads the table; without it, 256 trials.
    ///
    /// # Errors
    /// When keys of both rules are given, or a value is out of range.
    pub fn read(reader: &TableReader<'_>) -> Result<Self, ConfigError> {
        let level = reader.f64_in("level", Some(0.95), Bound::between(0.5, 0.999_999))?;
        let watched = ["metric", "block_errors", "relative_half_width", "min_trials", "max_trials"];
        if reader.has("trials") || !watched.iter().any(|key| reader.has(key)) {
            for key in watched {
                reader.require_absent(key, "stop.trials already says when to stop")?;
            }
            return Ok(Self { level, rule: Rule::Trials(reader.u64("trials", Some(256), 1)?) });
        }
        if let Some(block_errors) = reader.optional_u64("block_errors", 1)? {
            for key in ["metric", "relative_half_width"] {
                reader.require_absent(key, "stop.block_errors already says what to wait for")?;
            }
            let min_trials = reader.u64("min_trials", Some(FIRST_JUDGEMENT), 1)?;
            let max_trials = reader.u64("max_trials", Some(MOST_BLOCKS.max(min_trials)), min_trials)?;
            return Ok(Self { level, rule: Rule::BlockErrors { block_errors, min_trials, max_trials } });
        }
        let metric = Metric::of(reader.choice("metric", Some("nmse"), &ERRORS)?).unwrap_or(Metric(0));
        let relative_half_width = reader.f64_in("relative_half_width", None, Bound::between(1e-6, 1.0))?;
        let min_trials = reader.u64("min_trials", Some(FIRST_JUDGEMENT), 2)?;
        let max_trials = reader.u64("max_trials", None, min_trials)?;
        Ok(Self { level, rule: Rule::HalfWidth { metric, relative_half_width, min_trials, max_trials } })
    }

    /// Checks that what is watched has a value, and a mean that an interval can narrow down; `links` says that the errors are those of
    /// a digital link.
    ///
    /// # Errors
    /// When it has not.
    pub fn check(
        &self,
        reader: &TableReader<'_>,
        experiment: &Experiment,
        links: bool,
    ) -> Result<(), ConfigError> {
        if let Rule::BlockErrors { .. } = self.rule {
            let message = "goes with digital links, which `airloop link` measures; give stop.trials";
            return if links { Ok(()) } else { Err(reader.invalid("block_errors", message)) };
        }
        let Rule::HalfWidth { metric, .. } = self.rule else { return Ok(()) };
        if links {
            let message =
                "watches errors of aggregation; a digital link has stop.trials or stop.block_errors";
            return Err(reader.invalid("metric", message));
        }
        let votes = metric.name().starts_with("vote");
        if votes != experiment.payload.is_majority() {
            let right = if votes { "\"nmse\" or \"mse_per_device\"" } else { "\"vote_error_rate\"" };
            let message = format!(
                "= \"{}\" has no value for this payload.function; stop.metric = {right} is expected",
                metric.name()
            );
            return Err(reader.invalid("metric", message));
        }
        let nmse = metric.name().starts_with("nmse");
        if !(experiment.mean_exists() && (!nmse || experiment.nmse_mean_exists())) {
            let message = "watches an error that has no mean here, so its interval never becomes narrow; \
                           give stop.trials instead";
            return Err(reader.invalid("relative_half_width", message));
        }
        Ok(())
    }

    /// Returns the key by which a row names its stop rule.
    pub fn key(&self) -> String {
        match self.rule {
            Rule::Trials(trials) => format!("trials={trials};level={}", self.level),
            Rule::HalfWidth { metric, relative_half_width, min_trials, max_trials } => format!(
                "{};half-width={relative_half_width};{min_trials}..{max_trials};level={}",
                metric.name(),
                self.level
            ),
            Rule::BlockErrors { block_errors, min_trials, max_trials } => {
                format!("block-errors={block_errors};{min_trials}..{max_trials};level={}", self.level)
            }
        }
    }

    /// Returns the trial counts at which a run may end, ascending.
    pub fn judgements(&self) -> Vec<u64> {
        match self.rule {
            Rule::Trials(trials) => vec![trials],
            Rule::HalfWidth { min_trials, max_trials, .. }
            | Rule::BlockErrors { min_trials, max_trials, .. } => {
                let doubled = std::iter::successors(Some(FIRST_JUDGEMENT), |n| n.checked_mul(2));
                let inside = doubled.take_while(|n| *n < max_trials).filter(|n| *n >= min_trials);
                inside.chain([max_trials]).collect()
            }
        }
    }
}
