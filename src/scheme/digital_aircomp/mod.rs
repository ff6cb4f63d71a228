//! Digital over-the-air computation: devices send points of a constellation, and the server decides for what their sum stands for.
//!
//! ```text
//! number   i = round((clip(u) + range)/step), at random without bias or to the nearest;   step = 2 range/(levels - 1)
//! pam      digits of i to the base q, one a quadrature, as (2 digit - (q - 1)) sqrt(3/(q^2 - 1)): the sum of K_a devices is one of
//!          K_a (q - 1) + 1 points, and the nearest gives the sum of the digits;   estimate = step sum_d q^d (sum_d - K_a (q - 1)/2)
//! designed one complex point a value from a constellation made for a function; the nearest sum of K points gives the function
//! ```
//!
//! Channels are inverted so that all points arrive alike: at the amplitude of the weakest device, or above a threshold, where the
//! server knows how many devices are active in each element. Sources: S. Razavikia, J. Barros da Silva Jr., C. Fischione, "SumComp:
//! Coding for digital over-the-air computation via the ring of integers" (arXiv 2310.20504), whose ring digits are these;
//! the same, "Computing functions over-the-air using digital modulations" (arXiv 2303.00577) for designed constellations.

pub mod channel_comp;
mod design;
pub mod pam;
pub mod round;

pub use channel_comp::{ChannelComp, ChannelCompError, Computed};
pub use pam::{PamCode, UniformLevels};
pub use round::{DigitalAircompPlan, DigitalAircompRound};

use super::{DeviceKnowledge, LinkBudget};
use crate::scheme::truncated_inversion::TruncatedInversion;
use std::sync::Arc;

/// How numbers become points.
#[derive(Clone, Debug, PartialEq)]
pub enum Code {
    /// Digits on the quadratures.
    Pam(PamCode),
    /// A constellation designed for a function of the devices' numbers.
    Designed {
        /// How values become numbers.
        levels: UniformLevels,
        /// The function.
        function: Computed,
        /// The constellation, once the number of devices is known.
        constellation: Option<Arc<ChannelComp>>,
    },
}

/// The scheme.
#[derive(Clone, Debug, PartialEq)]
pub struct DigitalAircomp {
    /// How values become points.
    pub code: Code,
    /// Truncated inversion; `None` where all devices arrive as the weakest can.
    pub inversion: Option<TruncatedInversion>,
}

impl DigitalAircomp {
    /// Returns what devices must know.
    pub fn knowledge(&self) -> DeviceKnowledge {
        if self.inversion.is_some() { DeviceKnowledge::Own } else { DeviceKnowledge::Joint }
    }

    /// Returns how values become numbers.
    pub fn levels(&self) -> UniformLevels {
        match &self.code {
            Code::Pam(code) => code.levels,
            Code::Designed { levels, .. } => *levels,
        }
    }

    /// Returns how many real parts of elements a value takes.
    pub fn parts_a_value(&self) -> usize {
        match &self.code {
            Code::Pam(code) => code.digits as usize,
            Code::Designed { .. } => 2,
        }
    }
}

/// Returns the budget for points of unit power, whatever the power of the values is.
fn point_budget(budget: &LinkBudget) -> LinkBudget {
    let power = budget.power.iter().zip(&budget.weight).map(|(power, weight)| power * weight).collect();
    LinkBudget { noise_power: budget.noise_power, power, weight: vec![1.0; budget.devices()] }
}
