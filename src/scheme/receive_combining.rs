//! Receive combining: devices send without knowing anything, and a server that knows all channels weighs its antennas.
//!
//! ```text
//! x_k = sqrt(P_k) u_k;   y = sum_k h_k x_k + z over the antennas;   s_hat = w^H y in each element
//! ```
//!
//! The weights `w` are those of a [`Combiner`] for what the server knows of the channels.

use super::alignment::Spent;
use super::analog::AnalogPlan;
use super::blind_combining::spread;
use super::expenses::Expenses;
use super::placement::Placement;
use super::{Outcome, Received, Round};
use crate::beamforming::{Combiner, CombinerDesign, ElementChannels, Seen};
use crate::medium::{Knowledge, LinkState};
use crate::ofdm::SlotShape;
use crate::payload::SourceError;
use airloop_baseband::{Complex32, Complex64};

/// One round of receive combining.
pub struct CombiningRound {
    plan: AnalogPlan,
    combiner: Combiner,
    placement: Placement,
    expenses: Expenses,
    design: CombinerDesign,
    seen: Seen,
    channels: ElementChannels,
    columns: Vec<Complex64>,
    /// Antennas and used subcarriers of what is known.
    shape: (usize, usize),
    /// Conjugate weights, `[element, antenna]`: of one symbol where channels are static.
    weights: Vec<Complex32>,
    combined: Vec<Complex32>,
}

impl CombiningRound {
    /// Begins a round.
    pub fn new(plan: AnalogPlan, combiner: Combiner, index: u64) -> Self {
        Self {
            placement: plan.placement(index),
            expenses: Expenses::default(),
            combiner,
            design: CombinerDesign::default(),
            seen: Seen::default(),
            channels: ElementChannels::default(),
            columns: Vec::new(),
            shape: (1, 1),
            weights: Vec::new(),
            combined: Vec::new(),
            plan,
        }
    }
}

impl Round for CombiningRound {
    fn next_slot(&mut self) -> Option<SlotShape> {
        self.placement.next_slot()
    }

    fn agree(&mut self, known: &Knowledge<'_>) {
        if self.seen.again(known) {
            return;
        }
        let budget = &self.plan.budget;
        let (antennas, used) = (known.devices() / budget.devices(), known.subcarriers());
        let rows = known.rows().len() / known.devices() / used;
        self.shape = (antennas, used);
        self.weights.clear();
        let mut weights = vec![Complex64::default(); antennas];
        for place in (0..rows * used).map(|element| (element / used, element % used)) {
            let channels = self.channels.gather(known, place).chunks_exact(antennas);
            self.columns.clear();
            for (channel, power) in channels.zip(&budget.power) {
                self.columns.extend(channel.iter().map(|h| h * power.sqrt()));
            }
            self.design.weights(self.combiner, &self.columns, budget.noise_power, &mut weights);
            self.weights.extend(weights.iter().map(|w| Complex32::new(w.re as f32, -w.im as f32)));
        }
    }

    fn fill(&mut self, device: usize, _: LinkState<'_>, grid: &mut [Complex32]) -> Result<(), SourceError> {
        let elements = self.placement.elements();
        let power = self.plan.budget.power[device];
        let values = self.placement.read(device)?;
        let energy = spread(power.sqrt() as f32, values, &mut grid[..elements]);
        let spent = Spent { active: elements as u64, energy, peak: power as f32 };
        self.expenses.add(spent, (power * self.plan.payload.budget_power(device), power));
        Ok(())
    }

    fn take(&mut self, received: Received<'_>) {
        let (antennas, _) = self.shape;
        let elements = self.placement.elements();
        let weights = self.weights.chunks_exact(antennas).cycle();
        self.combined.clear();
        self.combined.resize(elements, Complex32::default());
        for (element, (sum, weights)) in self.combined.iter_mut().zip(weights).enumerate() {
            *sum = weights.iter().enumerate().map(|(port, w)| w * received.port(port)[element]).sum();
        }
        self.placement.add(&self.combined, &[1.0]);
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
