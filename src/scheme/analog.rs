//! The analog round: values two by two on elements, aligned by a power control, summed by the air.

use super::alignment::{Alignment, PowerControl, Spent, precode};
use super::{Account, LinkBudget, Outcome, Round};
use crate::medium::{Knowledge, LinkState};
use crate::ofdm::{Segment, Segments, SlotShape};
use crate::payload::{Payload, SourceError};
use airloop_baseband::{Complex32, Purpose, Seeds};
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
}

/// One analog aggregation round.
pub struct AnalogRound {
    plan: AnalogPlan,
    control: Box<dyn PowerControl>,
    alignment: Alignment,
    trial: u64,
    symbol: usize,
    segment: Option<Segment>,
    estimate: Vec<f32>,
    truth: Vec<f32>,
    values: Vec<f32>,
    /// Positions of the values that are sent, when not all are.
    subset: Option<Vec<u32>>,
    spent: Spent,
    energy_share: f64,
    peak: f64,
    aligned: (f64, u64),
}

impl AnalogRound {
    /// Begins a round.
    pub fn new(plan: AnalogPlan, control: Box<dyn PowerControl>, trial: u64) -> Self {
        let length = plan.payload.length();
        let subset = (plan.segments.sent() < length).then(|| {
            let mut order = plan.seeds.stream(Purpose::Subset, trial, 0).permutation(length);
            order.truncate(plan.segments.sent());
            order.sort_unstable();
            order
        });
        Self {
            alignment: control.fixed(&plan.budget).unwrap_or_default(),
            control,
            trial,
            symbol: 0,
            segment: None,
            estimate: vec![0.0; length],
            truth: vec![0.0; length],
            values: Vec::new(),
            subset,
            spent: Spent::default(),
            energy_share: 0.0,
            peak: 0.0,
            aligned: (0.0, 0),
            plan,
        }
    }

    /// Reads the values of the segment, and adds them to the truth during the first pass.
    fn load(&mut self, device: usize, segment: Segment) -> Result<(), SourceError> {
        let payload = Arc::clone(&self.plan.payload);
        self.values.clear();
        self.values.resize(2 * segment.elements(), 0.0);
        let pass = self.plan.segments.symbols() / self.plan.segments.repetitions();
        let first_pass = segment.shape.first_symbol < pass;
        let values = &mut self.values[..segment.values];
        if let Some(subset) = &self.subset {
            let mut all = vec![0.0; payload.length()];
            payload.read(self.trial, device, 0, &mut all)?;
            let chosen = &subset[segment.first_value..segment.first_value + segment.values];
            values.iter_mut().zip(chosen).for_each(|(v, i)| *v = all[*i as usize]);
            if segment.first_value == 0 {
                self.truth.iter_mut().zip(&all).for_each(|(t, v)| *t += v);
            }
            return Ok(());
        }
        payload.read(self.trial, device, segment.first_value, values)?;
        if first_pass {
            let truth = &mut self.truth[segment.first_value..segment.first_value + segment.values];
            truth.iter_mut().zip(values.iter()).for_each(|(t, v)| *t += v);
        }
        Ok(())
    }
}

impl Round for AnalogRound {
    fn next_slot(&mut self) -> Option<SlotShape> {
        self.segment = self.plan.segments.at(self.symbol);
        let shape = self.segment?.shape;
        self.symbol += shape.symbols;
        Some(shape)
    }

    fn agree(&mut self, known: &Knowledge<'_>) {
        self.control.agree(&self.plan.budget, known, &mut self.alignment);
    }

    fn fill(&mut self, device: usize, known: LinkState<'_>, grid: &mut [Complex32]) -> Result<(), SourceError> {
        let Some(segment) = self.segment else { return Ok(()) };
        self.load(device, segment)?;
        let elements = segment.elements();
        let power = self.plan.budget.power[device];
        let cap = if self.alignment.capped { power.sqrt() as f32 } else { f32::INFINITY };
        let mut spent = Spent::default();
        let subcarriers = known.subcarriers();
        let mut at = 0;
        let (alignment, values) = (&self.alignment, &self.values);
        known.for_each_row(|row| {
            let width = subcarriers.min(elements - at);
            if width > 0 {
                let reach =
                    if alignment.reach.len() == 1 { &alignment.reach[..] } else { &alignment.reach[at..at + width] };
                let rule = (alignment.threshold, reach, cap);
                let pairs = &values[2 * at..2 * (at + width)];
                precode(rule, &row[..width], pairs, &mut grid[at..at + width], &mut spent);
                at += width;
            }
        });
        let nominal = power * self.plan.payload.budget_power(device);
        self.energy_share += spent.energy / nominal;
        self.peak = self.peak.max(f64::from(spent.peak) / power);
        self.spent.active += spent.active;
        Ok(())
    }

    fn take(&mut self, received: &[Complex32]) {
        let Some(segment) = self.segment else { return };
        let root2 = std::f32::consts::SQRT_2;
        let single = self.alignment.scale.len() == 1;
        let share = self.plan.segments.sent() as f32 / self.plan.segments.length() as f32;
        let factor = root2 / (self.plan.segments.repetitions() as f32 * share);
        let scales = &self.alignment.scale;
        let scale = |element: usize| factor * if single { scales[0] } else { scales[element] };
        for i in 0..segment.values {
            let y = received[i / 2];
            let part = if i % 2 == 0 { y.re } else { y.im };
            let position = segment.first_value + i;
            let place = self.subset.as_ref().map_or(position, |s| s[position] as usize);
            self.estimate[place] += scale(i / 2) * part;
        }
        if self.control.aligns() {
            let noise = self.plan.budget.noise_power;
            let reach = &self.alignment.reach;
            let count = if reach.len() == 1 { 1 } else { segment.elements() };
            let sum: f64 = reach[..count].iter().map(|r| f64::from(*r).powi(2) / noise).sum();
            self.aligned.0 += sum * (segment.elements() / count) as f64;
            self.aligned.1 += segment.elements() as u64;
        }
    }

    fn finish(&mut self) -> Result<Outcome, SourceError> {
        let pairs = self.plan.segments.elements() as f64 * self.plan.budget.devices() as f64;
        let account = Account {
            elements: self.plan.segments.elements(),
            symbols: self.plan.segments.symbols(),
            active_fraction: self.spent.active as f64 / pairs,
            power_used_mean: self.energy_share / pairs,
            power_peak: self.peak,
            receive_snr: (self.aligned.1 > 0).then(|| self.aligned.0 / self.aligned.1 as f64),
            sent_share: self.plan.segments.sent() as f64 / self.plan.segments.length() as f64,
        };
        Ok(Outcome {
            estimate: std::mem::take(&mut self.estimate),
            truth: std::mem::take(&mut self.truth),
            account,
        })
    }
}
