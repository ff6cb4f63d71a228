//! One-bit majority votes over aligned channels (one-bit digital aggregation).
//!
//! ```text
//! b_k = sqrt(2 rho0) / h_k where |h_k|^2 >= g, else 0, on x = (v1 + j v2)/sqrt 2
//! y = sqrt(rho0) sum_k (v1_k + j v2_k) + z,   decisions sign(Re y), sign(Im y)
//! average power: 2 rho0 = P / E[1/|h|^2; |h|^2 >= g];   peak power: 2 rho0 = P g
//! ```
//!
//! Two votes share an element, each with the amplitude `sqrt(rho0)` on its quadrature.
//! Source: Zhu, Du, Gunduz, Huang, "One-Bit Over-the-Air Aggregation for Communication-Efficient Federated Edge Learning",
//! IEEE TWC 20(3), 2021.

use super::truncated_inversion::{PowerConstraint, Scale, TruncatedInversion};
use super::{Alignment, LinkBudget, PowerControl};
use crate::medium::Knowledge;
use crate::sounding::KnownStatistics;

/// Truncated inversion for votes.
#[derive(Clone, Debug, PartialEq)]
pub struct OneBitMajority {
    /// The inversion; its scale is of no account to a sign.
    pub inversion: TruncatedInversion,
}

impl OneBitMajority {
    /// Makes the scheme from its threshold and the power that is held to the budget.
    pub fn new(threshold: f64, constraint: PowerConstraint) -> Self {
        let known = KnownStatistics::perfect(f64::INFINITY);
        let inversion =
            TruncatedInversion { threshold, scale: Scale::Plain, constraint, known, passes: 1, fades: 1 };
        Self { inversion }
    }

    /// Returns `rho0`, the power of one vote on its quadrature: half of the element's.
    pub fn vote_power(&self, budget: &LinkBudget) -> f64 {
        self.inversion.aligned_power(budget) * self.aligned_share()
    }
}

impl PowerControl for OneBitMajority {
    fn joint(&self) -> bool {
        false
    }

    fn agree(&mut self, _: &LinkBudget, _: &Knowledge<'_>, _: &mut Alignment) {}

    fn fixed(&self, budget: &LinkBudget) -> Option<Alignment> {
        self.inversion.fixed(budget)
    }

    fn aligned_share(&self) -> f64 {
        0.5
    }
}
