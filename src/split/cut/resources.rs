//! The choice of cuts of a round over links of given rates.

use super::{Candidate, CutProblem};
use crate::split::link::Pace;
use crate::split::round::{DeviceRound, Links, RoundPlan, Service};

/// What the choice of cuts makes small.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Objective {
    /// The length of a round.
    Time,
    /// Energy of a round, and its length times a weight in joules a second.
    Cost {
        /// The weight lambda.
        time_weight_w: f64,
    },
}

impl Objective {
    /// Returns the weight of time; that of energy is 0 where only time counts, else 1.
    fn time_weight_w(self) -> f64 {
        match self {
            Self::Time => 1.0,
            Self::Cost { time_weight_w } => time_weight_w,
        }
    }
}

impl RoundPlan {
    /// Returns the problem of choosing cuts within `cuts` over links of these rates and powers, up and down, one pair a device. Cuts that a device's
    /// memory does not hold, and devices that take no part, have no candidates; energies that are not known count as 0.
    ///
    /// Neither averaged gradients nor the averaging of parameters are in it.
    pub fn cut_problem(
        &self,
        cuts: std::ops::RangeInclusive<usize>,
        objective: Objective,
        paces: &[(Pace, Pace)],
        links: &Links,
    ) -> CutProblem {
        let weight = objective.time_weight_w();
        let candidates = |device: usize| {
            let fits = |cut: &usize| {
                let limit = self.devices[device].memory_bytes;
                limit.is_none_or(|limit| self.workload.at(*cut).device_memory_bytes <= limit)
            };
            let rounds =
                cuts.clone().filter(fits).map(|cut| self.device_round((device, cut), paces[device], links));
            rounds.filter(|round| round.takes_part).map(|round| self.candidate(&round, objective)).collect()
        };
        CutProblem { time_weight_w: weight, candidates: (0..self.devices.len()).map(candidates).collect() }
    }

    fn candidate(&self, round: &DeviceRound, objective: Objective) -> Candidate {
        let energy_j = match objective {
            Objective::Time => 0.0,
            Objective::Cost { .. } => round.energies.total_j().unwrap_or(0.0),
        };
        let (stages, weight) = (&round.stages, objective.time_weight_w());
        let (first_s, second_s, summed_s) = match self.service {
            Service::Sequential => (stages.before_server_s(), stages.after_server_s(), stages.server_s),
            Service::Parallel => (stages.total_s(), 0.0, 0.0),
            Service::InTurn => (0.0, 0.0, stages.total_s()),
        };
        Candidate { cut: round.cut, first_s, second_s, cost_j: energy_j + weight * summed_s }
    }
}
