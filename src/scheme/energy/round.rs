//! The round: values on elements of their own, carried as energy, summed by the air.

use super::kernels::{gather, send, send_inverted};
use super::{ChannelScaling, EnergyScheme, element_power};
use crate::medium::{Knowledge, LinkState};
use crate::ofdm::{Segment, Segments, SlotShape};
use crate::payload::{Payload, SourceError};
use crate::scheme::adding::add;
use crate::scheme::alignment::Spent;
use crate::scheme::expenses::Expenses;
use crate::scheme::{LinkBudget, Outcome, Received, Round};
use airloop_baseband::{Complex32, Purpose, Seeds};
use std::sync::Arc;

/// What a round is made of.
#[derive(Clone)]
pub struct EnergyPlan {
    /// The payload.
    pub payload: Arc<Payload>,
    /// The power budget.
    pub budget: LinkBudget,
    /// Where values lie: each on as many elements as the code has.
    pub segments: Segments,
    /// Source of the phases.
    pub seeds: Seeds,
    /// The scheme.
    pub scheme: EnergyScheme,
}

/// One aggregation round by energy. Besides the two sums it holds one slot.
pub struct EnergyRound {
    plan: EnergyPlan,
    trial: u64,
    symbol: usize,
    segment: Option<Segment>,
    power: f64,
    mean_gain: f64,
    weights: Vec<f32>,
    estimate: Vec<f32>,
    truth: Vec<f32>,
    values: Vec<f32>,
    levels: Vec<f32>,
    phases: Vec<Complex32>,
    energies: Vec<f32>,
    expenses: Expenses,
}

impl EnergyRound {
    /// Begins a round.
    pub fn new(plan: EnergyPlan, trial: u64) -> Self {
        let length = plan.payload.length();
        Self {
            trial,
            symbol: 0,
            segment: None,
            power: plan.scheme.received_power(&plan.budget),
            mean_gain: plan.scheme.mean_gain(),
            weights: plan.scheme.code.weights(),
            estimate: vec![0.0; length],
            truth: vec![0.0; length],
            values: Vec::new(),
            levels: Vec::new(),
            phases: Vec::new(),
            energies: Vec::new(),
            expenses: Expenses::default(),
            plan,
        }
    }

    /// Makes the levels and phases of a device on the elements of a segment, and adds the values that begin there to the
    /// truth. Returns where the segment's levels begin.
    fn load(&mut self, device: usize, segment: Segment) -> Result<usize, SourceError> {
        let each = self.weights.len();
        self.values.resize(segment.values, 0.0);
        self.plan.payload.read(self.trial, device, segment.first_value, &mut self.values)?;
        // A value that began in an earlier segment is in the truth already.
        let begun = usize::from(!segment.first_element.is_multiple_of(each));
        add(&self.values[begun..], &mut self.truth[segment.first_value + begun..][..segment.values - begun]);
        self.levels.resize(segment.values * each, 0.0);
        self.plan.scheme.code.encode(&self.values, &mut self.levels);
        self.phases.resize(segment.elements(), Complex32::default());
        // The angle of a circular Gaussian is uniform.
        let phases = self.plan.seeds.stream(Purpose::Phase, self.trial, device as u64);
        phases.fill_complex_gaussian(segment.first_element as u64, 1.0, &mut self.phases);
        Ok(segment.first_element - segment.first_value * each)
    }
}

impl Round for EnergyRound {
    fn next_slot(&mut self) -> Option<SlotShape> {
        self.segment = self.plan.segments.at(self.symbol);
        let shape = self.segment?.shape;
        self.symbol += shape.symbols;
        Some(shape)
    }

    fn agree(&mut self, _: &Knowledge<'_>) {}

    fn fill(
        &mut self,
        device: usize,
        known: LinkState<'_>,
        grid: &mut [Complex32],
    ) -> Result<(), SourceError> {
        let Some(segment) = self.segment else { return Ok(()) };
        let begin = self.load(device, segment)?;
        let elements = segment.elements();
        let levels = &self.levels[begin..begin + elements];
        let (mut spent, power) = (Spent::default(), self.power as f32);
        match self.plan.scheme.scaling {
            ChannelScaling::None => send(power, levels, &self.phases, &mut grid[..elements], &mut spent),
            ChannelScaling::Magnitude { threshold } => {
                let mut from = 0;
                known.for_each_row(|row| {
                    let to = (from + row.len()).min(elements);
                    let sent = (&levels[from..to], &self.phases[from..to]);
                    let rule = (power, threshold as f32);
                    send_inverted(rule, sent, &row[..to - from], &mut grid[from..to], &mut spent);
                    from = to;
                });
            }
        }
        let nominal = element_power(&self.plan.budget, device);
        self.expenses.add(spent, (nominal, nominal));
        Ok(())
    }

    fn take(&mut self, received: Received<'_>) {
        let Some(segment) = self.segment else { return };
        let elements = segment.elements();
        self.energies.clear();
        self.energies.resize(elements, 0.0);
        let scale = 1.0 / (self.power * self.mean_gain * received.ports as f64);
        let noise = self.plan.budget.noise_power as f32;
        for port in 0..received.ports {
            gather((scale as f32, noise), &received.port(port)[..elements], &mut self.energies);
        }
        let each = self.weights.len();
        let (mut value, mut chip, mut rest) =
            (segment.first_value, segment.first_element % each, &self.energies[..]);
        while !rest.is_empty() {
            let (energies, later) = rest.split_at(rest.len().min(each - chip));
            let weighed = energies.iter().zip(&self.weights[chip..]).map(|(e, w)| e * w);
            self.estimate[value] += weighed.sum::<f32>();
            (value, chip, rest) = (value + 1, 0, later);
        }
    }

    fn restart(&mut self, index: u64) {
        *self = Self::new(self.plan.clone(), index);
    }

    fn finish(&mut self) -> Result<Outcome, SourceError> {
        let plan = &self.plan;
        let offset = (plan.scheme.code.offset() * plan.budget.devices() as f64) as f32;
        let mut estimate = std::mem::take(&mut self.estimate);
        estimate.iter_mut().for_each(|s| *s -= offset);
        let aligned = plan.scheme.scaling != ChannelScaling::None;
        let receive_snr = aligned.then(|| self.power / plan.budget.noise_power);
        let account = self.expenses.account(&plan.segments, plan.budget.devices(), receive_snr);
        Ok(Outcome { estimate, truth: std::mem::take(&mut self.truth), account })
    }
}
