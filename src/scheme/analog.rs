//! The analog round: values two by two on elements, aligned by a power control, summed by the air.

use super::alignment::{Alignment, PowerControl, Spent, count_active, precode};
use super::expenses::Expenses;
use super::placement::{PartOfRound, Placement};
use super::{Account, LinkBudget, Outcome, Received, Round};
use crate::medium::{Knowledge, LinkState};
use crate::ofdm::{Segments, SlotShape};
use crate::payload::{Payload, SourceError};
use airloop_baseband::{Complex32, Seeds};
use std::sync::Arc;

/// What an analog round is made of.
#[derive(Clone)]
pub struct AnalogPlan {
    /// The payload.
    pub payload: Arc<Payload>,
    /// The power budget.
    pub budget: LinkBudget,
    /// Where values lie.
    pub segments: Segments,
    /// Source of the random subset under a short budget.
    pub seeds: Seeds,
    /// The alignment of all rounds, where power control fixes one for unit-power values.
    pub alignment: Option<Alignment>,
}

impl AnalogPlan {
    /// Begins the way of a round's values.
    pub fn placement(&self, index: u64) -> Placement {
        Placement::new(&self.payload, &self.segments, &self.seeds, index)
    }
}

/// One analog aggregation round.
pub struct AnalogRound {
    plan: AnalogPlan,
    control: Box<dyn PowerControl>,
    alignment: Alignment,
    placement: Placement,
    expenses: Expenses,
    /// Power budget of the round's precoders, and the mean square of the values that they are meant for.
    power: Vec<f64>,
    level: f64,
    /// Active devices of each element, where the control averages over them, and the scales that follow.
    active: Vec<u32>,
    scales: Vec<f32>,
    aligned: (f64, u64),
}

/// What a part of a round gave.
#[derive(Clone, Debug)]
pub struct AnalogPart {
    /// Estimates of the sums of its values.
    pub estimate: Vec<f32>,
    /// The sums themselves.
    pub truth: Vec<f32>,
    expenses: Expenses,
    aligned: (f64, u64),
}

impl AnalogPart {
    /// Returns the part without its values.
    #[must_use]
    pub fn without_values(self) -> Self {
        Self { estimate: Vec::new(), truth: Vec::new(), ..self }
    }
}

impl AnalogRound {
    /// Begins a round.
    pub fn new(plan: AnalogPlan, control: Box<dyn PowerControl>, index: u64) -> Self {
        let placement = plan.placement(index);
        Self::placed(plan, control, (index, placement))
    }

    /// Begins a part of a round that sends each value once.
    pub fn of_part(
        plan: AnalogPlan,
        control: Box<dyn PowerControl>,
        (index, part): (u64, &PartOfRound),
    ) -> Self {
        let placement = Placement::of_part(&plan.payload, &plan.segments, index, part);
        Self::placed(plan, control, (index, placement))
    }

    fn placed(
        plan: AnalogPlan,
        control: Box<dyn PowerControl>,
        (index, placement): (u64, Placement),
    ) -> Self {
        let mut round = Self {
            alignment: Alignment::default(),
            placement,
            control,
            expenses: Expenses::default(),
            power: Vec::new(),
            level: 1.0,
            active: Vec::new(),
            scales: Vec::new(),
            aligned: (0.0, 0),
            plan,
        };
        round.settle(index);
        round
    }

    /// Settles what holds for all slots of a round: the precoders' budgets and a fixed alignment.
    fn settle(&mut self, index: u64) {
        let mut budget = self.plan.budget.clone();
        if self.control.normalises_rounds() {
            (budget.power, self.level) = round_budget(&self.plan, index);
            self.alignment = self.control.fixed(&budget).unwrap_or_default();
        } else {
            self.alignment = self.plan.alignment.clone().unwrap_or_default();
        }
        self.power = budget.power;
    }

    /// Ends a part of a round.
    pub fn finish_part(mut self) -> AnalogPart {
        let (estimate, truth) = self.placement.finish();
        AnalogPart { estimate, truth, expenses: self.expenses, aligned: self.aligned }
    }

    /// Returns the account of a round from its parts, in their order.
    pub fn account_of<'a>(plan: &AnalogPlan, parts: impl Iterator<Item = &'a AnalogPart>) -> Account {
        let (mut expenses, mut aligned) = (Expenses::default(), (0.0, 0));
        for part in parts {
            expenses.join(&part.expenses);
            aligned = (aligned.0 + part.aligned.0, aligned.1 + part.aligned.1);
        }
        account(plan, &expenses, aligned)
    }

    /// Returns the scale of each element as the mean over its active devices, times the number of all devices.
    fn average_active(&mut self) {
        let devices = self.plan.budget.devices() as f32;
        let scale = self.alignment.scale[0];
        let of = |active: &u32| if *active == 0 { 0.0 } else { scale * devices / *active as f32 };
        self.scales.clear();
        self.scales.extend(self.active.iter().map(of));
    }
}

fn account(plan: &AnalogPlan, expenses: &Expenses, aligned: (f64, u64)) -> Account {
    let receive_snr = (aligned.1 > 0).then(|| aligned.0 / aligned.1 as f64);
    expenses.account(&plan.segments, plan.budget.devices(), receive_snr)
}

/// Returns each device's budget for a precoder of this round's values, and the largest mean square of any device's.
fn round_budget(plan: &AnalogPlan, index: u64) -> (Vec<f64>, f64) {
    let (payload, budget) = (&plan.payload, &plan.budget);
    let power = payload.round_power(index);
    let mean_square = |k: usize| power * payload.gram().power(k);
    let devices = 0..budget.devices();
    let level = devices.clone().map(mean_square).fold(0.0, f64::max);
    (devices.map(|k| budget.power[k] * payload.budget_power(k) / mean_square(k)).collect(), level)
}

impl Round for AnalogRound {
    fn next_slot(&mut self) -> Option<SlotShape> {
        let shape = self.placement.next_slot();
        if self.control.averages_active() {
            self.active.clear();
            self.active.resize(self.placement.elements(), 0);
        }
        shape
    }

    fn agree(&mut self, known: &Knowledge<'_>) {
        self.control.agree(&self.plan.budget, known, &mut self.alignment);
    }

    fn fill(
        &mut self,
        device: usize,
        known: LinkState<'_>,
        grid: &mut [Complex32],
    ) -> Result<(), SourceError> {
        let elements = self.placement.elements();
        let power = self.power[device];
        let cap = self.alignment.cap.amplitude(power);
        let mut spent = Spent::default();
        let subcarriers = known.subcarriers();
        let mut at = 0;
        let (alignment, active) = (&self.alignment, &mut self.active);
        let values = self.placement.read(device)?;
        known.for_each_row(|row| {
            let width = subcarriers.min(elements - at);
            if width > 0 {
                let reach = if alignment.reach.len() == 1 {
                    &alignment.reach[..]
                } else {
                    &alignment.reach[at..at + width]
                };
                let rule = (alignment.threshold, reach, cap);
                let pairs = &values[2 * at..2 * (at + width)];
                precode(rule, &row[..width], pairs, &mut grid[at..at + width], &mut spent);
                if !active.is_empty() {
                    count_active(alignment.threshold, &row[..width], &mut active[at..at + width]);
                }
                at += width;
            }
        });
        let nominal = self.plan.budget.power[device] * self.plan.payload.budget_power(device);
        self.expenses.add(spent, (nominal, power));
        Ok(())
    }

    fn precoders(&self, device: usize, known: LinkState<'_>, out: &mut Vec<f32>) -> bool {
        let cap = self.alignment.cap.amplitude(self.power[device]);
        let (elements, reach) = (self.placement.elements(), &self.alignment.reach);
        out.clear();
        known.for_each_row(|row| {
            for h in &row[..row.len().min(elements - out.len())] {
                let reach = if reach.len() == 1 { reach[0] } else { reach[out.len()] };
                let gain = h.norm_sqr();
                let on = gain >= self.alignment.threshold && gain > 0.0;
                out.push(if on { (reach / gain.sqrt()).min(cap) } else { 0.0 });
            }
        });
        true
    }

    fn restart(&mut self, index: u64) {
        self.placement = self.plan.placement(index);
        self.expenses = Expenses::default();
        self.aligned = (0.0, 0);
        self.settle(index);
    }

    fn take(&mut self, received: Received<'_>) {
        let elements = self.placement.elements();
        if self.control.averages_active() {
            self.average_active();
            self.placement.add(received.port(0), &self.scales);
        } else {
            self.placement.add(received.port(0), &self.alignment.scale);
        }
        if self.control.aligns() {
            let noise = self.plan.budget.noise_power;
            let reach = &self.alignment.reach;
            let count = if reach.len() == 1 { 1 } else { elements };
            let sum: f64 = reach[..count].iter().map(|r| f64::from(*r).powi(2) / noise).sum();
            let share = self.control.aligned_share() * self.level;
            self.aligned.0 += share * sum * (elements / count) as f64;
            self.aligned.1 += elements as u64;
        }
    }

    fn finish(&mut self) -> Result<Outcome, SourceError> {
        let (estimate, truth) = self.placement.finish();
        let account = account(&self.plan, &self.expenses, self.aligned);
        Ok(Outcome { estimate, truth, account })
    }
}
