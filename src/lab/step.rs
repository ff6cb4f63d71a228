//! Steps of a lab run: each has a number that is logged, and a limit that fails the run.

use super::LabError;
use serde::Serialize;

/// One number, and what it must be.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Step {
    /// The step.
    pub step: &'static str,
    /// The radio that was measured.
    pub radio: String,
    /// What was measured, with its unit.
    pub quantity: &'static str,
    /// The number.
    pub value: f64,
    /// The largest magnitude allowed, or the least value where `at_least`; `None` is for information.
    pub limit: Option<f64>,
    /// Whether the limit is a least value.
    pub at_least: bool,
    /// Whether the number keeps its limit.
    pub holds: bool,
    /// What the number means here; empty where nothing is to be said.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub words: String,
}

/// The steps so far.
#[derive(Clone, Debug, Default)]
pub struct Log {
    /// In the order in which they were gone through.
    pub steps: Vec<Step>,
    /// Who is told of each as it comes.
    told: Option<fn(&Step)>,
    /// What the next number means here.
    words: String,
}

impl Log {
    /// Makes a log that tells of each step as it comes.
    pub fn telling(told: fn(&Step)) -> Self {
        Self { told: Some(told), ..Self::default() }
    }

    /// Says what the number that comes next means here.
    pub fn say(&mut self, words: impl Into<String>) {
        self.words = words.into();
    }

    /// Notes a number without a limit.
    pub fn note(&mut self, step: &'static str, radio: &str, (quantity, value): (&'static str, f64)) {
        self.push(step, radio, (quantity, value), (None, false));
    }

    /// Holds the magnitude of a number against the largest allowed.
    ///
    /// # Errors
    /// [`LabError::Failed`] beyond it.
    pub fn at_most(
        &mut self,
        step: &'static str,
        radio: &str,
        number: (&'static str, f64),
        limit: f64,
    ) -> Result<(), LabError> {
        self.push(step, radio, number, (Some(limit), false));
        self.last_holds()
    }

    /// Holds a number against the least allowed.
    ///
    /// # Errors
    /// [`LabError::Failed`] below it.
    pub fn at_least(
        &mut self,
        step: &'static str,
        radio: &str,
        number: (&'static str, f64),
        limit: f64,
    ) -> Result<(), LabError> {
        self.push(step, radio, number, (Some(limit), true));
        self.last_holds()
    }

    fn push(
        &mut self,
        step: &'static str,
        radio: &str,
        (quantity, value): (&'static str, f64),
        (limit, at_least): (Option<f64>, bool),
    ) {
        let holds = limit.is_none_or(|limit| if at_least { value >= limit } else { value.abs() <= limit });
        let words = std::mem::take(&mut self.words);
        let step = Step { step, radio: radio.into(), quantity, value, limit, at_least, holds, words };
        self.told.inspect(|told| told(&step));
        self.steps.push(step);
    }

    fn last_holds(&self) -> Result<(), LabError> {
        let step = self.steps.last().filter(|step| !step.holds);
        step.map_or(Ok(()), |step| {
            let Step { step, radio, quantity, value, limit, at_least, .. } = step;
            let (bound, limit) = (if *at_least { "at least" } else { "at most" }, limit.unwrap_or_default());
            let words =
                format!("{step}: radio {radio}: {quantity} = {value:.4}, and {bound} {limit} is allowed");
            Err(LabError::Failed(words))
        })
    }
}
