//! Where to cut each device's model when clocks, powers and links are given.
//!
//! ```text
//! minimise over one candidate l a device   lambda (max_i first_i(l) + max_i second_i(l)) + sum_i cost_i(l)
//! ```
//!
//! Served in turn by a shared server, `first` is the time until a device's activations have arrived, `second` that from its gradients'
//! departure to its backward pass, and `cost` holds energy and `lambda` times the server's time.

mod enumeration;
mod resources;
mod threshold;

pub use enumeration::by_enumeration;
pub use resources::Objective;
pub use threshold::by_thresholds;

/// One place where a device's model can be cut.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candidate {
    /// Blocks on the device.
    pub cut: usize,
    /// Time of which only the largest over the devices counts, in seconds, at least 0.
    pub first_s: f64,
    /// Another such time.
    pub second_s: f64,
    /// What adds up over the devices, in joules.
    pub cost_j: f64,
}

/// The choice to be made.
#[derive(Clone, Debug, PartialEq)]
pub struct CutProblem {
    /// What a second of the round is worth, in joules a second, at least 0.
    pub time_weight_w: f64,
    /// Candidates of each device.
    pub candidates: Vec<Vec<Candidate>>,
}

/// A choice: one candidate a device.
#[derive(Clone, Debug, PartialEq)]
pub struct CutChoice {
    /// Place of each device's candidate.
    pub picks: Vec<usize>,
    /// What it costs, in joules.
    pub value_j: f64,
}

impl CutProblem {
    /// Returns the cost of a choice.
    pub fn value_j(&self, picks: &[usize]) -> f64 {
        let picked = || self.candidates.iter().zip(picks).map(|(of_device, pick)| of_device[*pick]);
        let first_s = picked().map(|c| c.first_s).fold(0.0, f64::max);
        let second_s = picked().map(|c| c.second_s).fold(0.0, f64::max);
        self.total(first_s, second_s, picked().map(|c| c.cost_j))
    }

    fn total(&self, first_s: f64, second_s: f64, costs_j: impl Iterator<Item = f64>) -> f64 {
        self.time_weight_w * (first_s + second_s) + costs_j.sum::<f64>()
    }

    /// Returns the cuts of a choice.
    pub fn cuts(&self, choice: &CutChoice) -> Vec<usize> {
        self.candidates.iter().zip(&choice.picks).map(|(of_device, pick)| of_device[*pick].cut).collect()
    }
}
