//! Who computes: a rate, and a power while it computes.

/// A processor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Processor {
    /// FLOP a second; 1 MAC is 2 FLOP.
    pub rate_flop_s: f64,
    /// Power while it computes, in watts; none where nobody said.
    pub power_w: Option<f64>,
}

impl Processor {
    /// Takes a clock, FLOP a cycle, and the coefficient of a power that goes with the cube of the clock.
    ///
    /// ```text
    /// rate = f n;   power = G f^3;   so F FLOP take s = F / (f n) and G F^3 / (n^3 s^2) joules
    /// ```
    ///
    /// Wei and Chen, Efficient Resource Optimization for Split Federated Learning.
    pub fn of_clock(clock_hz: f64, flop_per_cycle: f64, coefficient_w_s3: Option<f64>) -> Self {
        let power_w = coefficient_w_s3.map(|g| g * clock_hz.powi(3));
        Self { rate_flop_s: clock_hz * flop_per_cycle, power_w }
    }

    /// Returns the time of so many FLOP, in seconds.
    pub fn time_s(&self, flop: f64) -> f64 {
        flop / self.rate_flop_s
    }

    /// Returns the energy of so long a computation, in joules.
    pub fn energy_j(&self, time_s: f64) -> Option<f64> {
        self.power_w.map(|power| power * time_s)
    }
}
