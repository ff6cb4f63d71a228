//! Blind combining: devices send without knowing anything, and many receive antennas sort their sum out.
//!
//! ```text
//! x_k = sqrt(P) u_k,   P the weakest device's budget;   y_n = sum_k h_nk x_k + z_n at antenna n of M
//! s_hat = 1/(M sqrt(P)) sum_n conj(sum_k h_nk) y_n
//! ```
//!
//! The estimate is unbiased where links are independent with zero mean. The server knows the sum of the devices' channels
//! at each antenna without airtime or error; devices know nothing. All send at the amplitude of the weakest, so that unequal
//! budgets do not weigh them.
//!
//! Source: Amiri, Duman, Gunduz, Kulkarni, Poor, "Blind Federated Edge Learning", IEEE TWC 20(8), 2021.

use super::alignment::Spent;
use super::analog::AnalogPlan;
use super::expenses::Expenses;
use super::placement::Placement;
use super::{Outcome, Received, Round};
use crate::medium::{Knowledge, LinkState};
use crate::ofdm::SlotShape;
use crate::payload::SourceError;
use airloop_baseband::Complex32;

/// One round of blind combining.
pub struct BlindRound {
    plan: AnalogPlan,
    placement: Placement,
    expenses: Expenses,
    amplitude: f32,
    combined: Vec<Complex32>,
}

impl BlindRound {
    /// Begins a round.
    pub fn new(plan: AnalogPlan, index: u64) -> Self {
        Self {
            placement: plan.placement(index),
            expenses: Expenses::default(),
            amplitude: plan.budget.weakest().sqrt() as f32,
            combined: Vec::new(),
            plan,
        }
    }
}

/// Writes `amplitude (u1 + j u2)/sqrt 2`, and returns the energy.
#[multiversion::multiversion(targets(
    "x86_64+avx512f+avx512vl+avx512dq+avx512bw",
    "x86_64+avx2",
    "aarch64+neon"
))]
pub(super) fn spread(amplitude: f32, values: &[f32], out: &mut [Complex32]) -> f64 {
    let factor = amplitude * std::f32::consts::FRAC_1_SQRT_2;
    let mut energy = 0.0;
    for (out, values) in out.chunks_mut(256).zip(values.chunks(512)) {
        let mut sum = [0.0f32; 16];
        for (i, (x, u)) in out.iter_mut().zip(values.as_chunks::<2>().0).enumerate() {
            *x = Complex32::new(factor * u[0], factor * u[1]);
            sum[i % 16] += x.re * x.re + x.im * x.im;
        }
        energy += f64::from(sum.iter().sum::<f32>());
    }
    energy
}

/// Adds `conj(h) y` to a sum.
#[multiversion::multiversion(targets(
    "x86_64+avx512f+avx512vl+avx512dq+avx512bw",
    "x86_64+avx2",
    "aarch64+neon"
))]
fn combine(h: &[Complex32], y: &[Complex32], sum: &mut [Complex32]) {
    for ((sum, h), y) in sum.iter_mut().zip(h).zip(y) {
        sum.re += h.re * y.re + h.im * y.im;
        sum.im += h.re * y.im - h.im * y.re;
    }
}

impl Round for BlindRound {
    fn next_slot(&mut self) -> Option<SlotShape> {
        self.placement.next_slot()
    }

    fn agree(&mut self, _: &Knowledge<'_>) {}

    fn fill(&mut self, device: usize, _: LinkState<'_>, grid: &mut [Complex32]) -> Result<(), SourceError> {
        let elements = self.placement.elements();
        let values = self.placement.read(device)?;
        let energy = spread(self.amplitude, values, &mut grid[..elements]);
        let spent = Spent { active: elements as u64, energy, peak: self.amplitude * self.amplitude };
        let power = self.plan.budget.power[device];
        self.expenses.add(spent, (power * self.plan.payload.budget_power(device), power));
        Ok(())
    }

    fn take(&mut self, received: Received<'_>) {
        let elements = self.placement.elements();
        self.combined.clear();
        self.combined.resize(elements, Complex32::default());
        let stride = received.grids.len() / received.ports;
        for port in 0..received.ports {
            let sum_channel = &received.sum_channel[port * stride..][..elements];
            combine(sum_channel, received.port(port), &mut self.combined);
        }
        self.placement.add(&self.combined, &[1.0 / (received.ports as f32 * self.amplitude)]);
    }

    fn restart(&mut self, index: u64) {
        self.placement = self.plan.placement(index);
        self.expenses = Expenses::default();
    }

    fn finish(&mut self) -> Result<Outcome, SourceError> {
        let (estimate, truth) = self.placement.finish();
        let account = self.expenses.account(&self.plan.segments, self.plan.budget.devices(), None);
        Ok(Outcome { estimate, truth, account })
    }
}
