//! What misalignment and noise weigh in the NMSE of a payload: its Gram matrix and its normalisation.

use super::PlanLine;
use crate::payload::Payload;
use crate::theory::error::{Misalignment, Weight};
use crate::theory::floors::Floor;
use airloop_baseband::units::db_from_power;

/// Factors nearer to 1 than this are not worth a line.
const NEARLY_ONE: f64 = 0.02;

/// What errors weigh in the NMSE; all 1 for long independent payloads of unit power.
///
/// ```text
/// NMSE = independent (E|e|^2 - |E e|^2) + common |E e|^2 + noise v/K
/// of a fixed payload:  independent = tr G unit^2 / T,  common = 1'G1 unit^2 / T,  noise = K unit^2 / T,  T the target's power
/// ```
///
/// `e` is what is wrong with a device's factor, `v` the noise power in the estimate of the sum of unit-power values. The NMSE
/// of drawn payloads is that of `theory::error`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weights {
    /// Of the mean square of errors that are independent between devices.
    pub independent: f64,
    /// Of the squared mean that the errors of all devices share.
    pub common: f64,
    /// Of noise, per device.
    pub noise: f64,
}

impl Weights {
    /// The weights of long independent payloads of unit power.
    pub const INDEPENDENT: Self = Self { independent: 1.0, common: 1.0, noise: 1.0 };

    /// Returns the weights of a payload whose sum or mean is wanted.
    pub fn of(payload: &Payload) -> Self {
        let gram = payload.gram();
        let scale = payload.unit() * payload.unit() / payload.target_power();
        let nmse = |common: f64, mean_square: f64, noise: f64| {
            let weight = Weight { mean: 0.0, common, mean_square };
            let errors = Misalignment::independent(gram, weight, noise);
            errors.nmse(payload).unwrap_or(scale * (errors.quadratic + errors.noise))
        };
        Self {
            independent: nmse(0.0, 1.0, 0.0),
            common: nmse(1.0, 1.0, 0.0),
            noise: nmse(0.0, 0.0, gram.devices() as f64),
        }
    }

    /// Returns the NMSE that a floor leaves.
    pub fn nmse(&self, floor: Floor) -> f64 {
        self.independent * (floor.mean_square - floor.squared_mean) + self.common * floor.squared_mean
    }

    /// Returns whether payloads are as good as independent and of unit power.
    pub fn are_one(&self) -> bool {
        [self.independent, self.common, self.noise].iter().all(|w| (w - 1.0).abs() < NEARLY_ONE)
    }

    /// Returns by how much noise weighs more than errors of independent devices: what the normalisation costs.
    pub fn normalisation(&self) -> f64 {
        self.noise / self.independent
    }

    /// Returns the lines of the factors that differ from 1; `correlation` is the mean one of two devices' values.
    pub(super) fn lines(&self, correlation: Option<f64>) -> Vec<PlanLine> {
        let line = |quantity: &str, factor: f64, formula: &str, source: String| PlanLine {
            quantity: quantity.into(),
            value: db_from_power(factor),
            unit: "dB",
            formula: formula.into(),
            share_db: None,
            source,
            given: None,
        };
        let mut lines = Vec::new();
        if (self.independent - 1.0).abs() >= NEARLY_ONE {
            let of = correlation.map_or("the values drawn".into(), |r| format!("mean correlation {r:.4}"));
            let formula = "W = sum of E u_k^2 / E(sum of u_k)^2";
            lines.push(line("weak-sum factor", self.independent, formula, of));
        }
        if (self.normalisation() - 1.0).abs() >= NEARLY_ONE {
            let formula = "N = K / sum of E u_k^2";
            let source = "payload.normalisation: no device sends unit power but the strongest";
            lines.push(line("normalisation factor", self.normalisation(), formula, source.into()));
        }
        lines
    }
}
