//! What is compared with what: an error with causes on, and the same channels without them.
//!
//! Motion within a symbol and delays beyond the prefix are switched off in two ways. Where devices get nothing wrong, summed spectra
//! leave both out on the very channels. Where devices do, channels stand still and delays are shortened (see `switch`), and what is
//! compared with is that, too.

use super::BudgetError;
use super::bench::{Air, Bench};
use super::cause::Cause;
use crate::experiment::Experiment;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The errors of trials.
type Errors = Arc<Vec<f64>>;

/// Compares runs of a bench over all causes that there are.
pub(super) struct Compare<'a, 'b> {
    pub bench: &'b mut Bench<'a>,
    pub all: BTreeSet<Cause>,
    /// Whether the devices of the whole experiment get nothing wrong.
    ideal: bool,
}

impl<'a, 'b> Compare<'a, 'b> {
    /// Makes comparisons for an experiment.
    pub fn new(bench: &'b mut Bench<'a>, experiment: &Experiment, causes: &[Cause]) -> Self {
        let ideal = experiment.impairments.is_ideal() && experiment.sync.is_none();
        Self { bench, all: causes.iter().copied().collect(), ideal }
    }

    /// Returns the experiment with everything off but the scheme and one cause.
    pub fn left_with(&mut self, on: Option<Cause>) -> Result<Experiment, BudgetError> {
        let off = self.all.iter().copied().filter(|cause| Some(*cause) != on).collect();
        self.bench.left(&off)
    }

    /// Returns the errors with everything off but the scheme, on the channels as they are.
    pub fn base(&mut self) -> Result<Errors, BudgetError> {
        self.summed(&[])
    }

    /// Returns the errors with only the causes `on`, and those to be compared with.
    pub fn with_only(&mut self, on: &[Cause]) -> Result<(Errors, Errors), BudgetError> {
        let channel = on.iter().any(|cause| cause.is_of_the_channel());
        if !channel && !on.iter().any(|cause| cause.is_of_devices()) {
            return Ok((self.summed(on)?, self.base()?));
        }
        let off: BTreeSet<Cause> = self.all.iter().copied().filter(|cause| !on.contains(cause)).collect();
        if !channel {
            return Ok((self.bench.without(&off, Air::Own)?, self.bench.without(&self.all, Air::Own)?));
        }
        // What summed spectra leave out stays on, so that both run over the same channels.
        let bare = |cause: &Cause| !(on.contains(cause) && cause.is_of_the_channel());
        let bare: BTreeSet<Cause> = self.all.iter().copied().filter(bare).collect();
        Ok((self.bench.without(&off, Air::PerSample)?, self.bench.without(&bare, Air::Summed)?))
    }

    /// Returns the errors with only one cause off. Where that takes other channels, what the scheme leaves over these is replaced by
    /// what it leaves over those of the whole experiment: on average it is the same.
    pub fn lacking(&mut self, cause: Cause) -> Result<Errors, BudgetError> {
        let of_the_channel = self.all.iter().filter(|cause| cause.is_of_the_channel()).count();
        if cause.is_of_the_channel() && of_the_channel == 1 && self.ideal {
            return self.bench.without(&BTreeSet::new(), Air::Summed);
        }
        let lacking = self.bench.without(&BTreeSet::from([cause]), Air::Own)?;
        if !cause.is_of_the_channel() {
            return Ok(lacking);
        }
        let kept = |other: &Cause| other.is_of_the_channel() && *other != cause;
        let off: BTreeSet<Cause> = self.all.iter().copied().filter(|other| !kept(other)).collect();
        let (other, own) = (self.bench.without(&off, Air::Summed)?, self.base()?);
        let moved =
            lacking.iter().zip(other.iter().zip(own.iter())).map(|(error, (other, own))| error - other + own);
        Ok(Arc::new(moved.collect()))
    }

    /// Returns the errors with only causes on that are neither of devices nor of what summed spectra leave out.
    fn summed(&mut self, on: &[Cause]) -> Result<Errors, BudgetError> {
        let kept = |cause: &Cause| on.contains(cause) || cause.is_of_the_channel();
        let off: BTreeSet<Cause> = self.all.iter().copied().filter(|cause| !kept(cause)).collect();
        let neglects = self.all.iter().any(|cause| cause.is_of_the_channel());
        self.bench.without(&off, if neglects { Air::Summed } else { Air::Own })
    }
}
