//! The analog round: values two by two on elements, aligned by a power control, summed by the air.

use super::alignment::{Alignment, PowerControl, Spent, precode};
use super::{Account, LinkBudget, Outcome, Received, Round};
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
    /// Values of a device from one sent position to a later one, when not all are sent.
    stretch: Vec<f32>,
    /// Whether the segment belongs to the first pass over the payload.
    first_pass: bool,
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
            stretch: Vec::new(),
            first_pass: true,
            subset,
            spent: Spent::default(),
            energy_share: 0.0,
            peak: 0.0,
            aligned: (0.0, 0),
            plan,
        }
    }

    /// Reads the values of the segment into `self.values`, and adds the payload to the truth during the first pass.
    fn load(&mut self, payload: &Payload, device: usize, segment: Segment) -> Result<(), SourceError> {
        let range = segment.first_value..segment.first_value + segment.values;
        self.values.resize(2 * segment.elements(), 0.0);
        self.values[segment.values..].fill(0.0);
        let values = &mut self.values[..segment.values];
        let Some(subset) = &self.subset else {
            payload.read(self.trial, device, range.start, values)?;
            if self.first_pass {
                add(values, &mut self.truth[range]);
            }
            return Ok(());
        };
        // A subset is sent in one pass, in ascending order: each segment reads up to where the next one begins.
        let begin = if range.start == 0 { 0 } else { subset[range.start] as usize };
        let end = subset.get(range.end).map_or(payload.length(), |i| *i as usize);
        self.stretch.resize(end - begin, 0.0);
        payload.read(self.trial, device, begin, &mut self.stretch)?;
        values.iter_mut().zip(&subset[range]).for_each(|(v, i)| *v = self.stretch[*i as usize - begin]);
        add(&self.stretch, &mut self.truth[begin..end]);
        Ok(())
    }
}

/// Adds values to a sum.
#[multiversion::multiversion(targets(
    "x86_64+avx512f+avx512vl+avx512dq+avx512bw",
    "x86_64+avx2",
    "aarch64+neon"
))]
fn add(values: &[f32], sum: &mut [f32]) {
    sum.iter_mut().zip(values).for_each(|(sum, v)| *sum += v);
}

impl Round for AnalogRound {
    fn next_slot(&mut self) -> Option<SlotShape> {
        self.segment = self.plan.segments.at(self.symbol);
        let shape = self.segment?.shape;
        self.first_pass = self.symbol < self.plan.segments.symbols() / self.plan.segments.repetitions();
        self.symbol += shape.symbols;
        Some(shape)
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
        let Some(segment) = self.segment else { return Ok(()) };
        let payload = Arc::clone(&self.plan.payload);
        let whole = self.subset.is_none() && segment.values % 2 == 0;
        let ready = payload.ready(device, segment.first_value, segment.values).filter(|_| whole);
        match ready {
            Some(values) if self.first_pass => {
                add(values, &mut self.truth[segment.first_value..][..segment.values])
            }
            Some(_) => {}
            None => self.load(&payload, device, segment)?,
        }
        let elements = segment.elements();
        let power = self.plan.budget.power[device];
        let cap = if self.alignment.capped { power.sqrt() as f32 } else { f32::INFINITY };
        let mut spent = Spent::default();
        let subcarriers = known.subcarriers();
        let mut at = 0;
        let (alignment, values) = (&self.alignment, ready.unwrap_or(&self.values));
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
                at += width;
            }
        });
        let nominal = power * payload.budget_power(device);
        self.energy_share += spent.energy / nominal;
        self.peak = self.peak.max(f64::from(spent.peak) / power);
        self.spent.active += spent.active;
        Ok(())
    }

    fn restart(&mut self, index: u64) {
        let control = std::mem::replace(&mut self.control, Box::new(super::full_power::FullPower));
        *self = Self::new(self.plan.clone(), control, index);
    }

    fn take(&mut self, received: Received<'_>) {
        let Some(segment) = self.segment else { return };
        let received = received.port(0);
        let root2 = std::f32::consts::SQRT_2;
        let single = self.alignment.scale.len() == 1;
        let share = self.plan.segments.sent() as f32 / self.plan.segments.length() as f32;
        let factor = root2 / (self.plan.segments.repetitions() as f32 * share);
        let scales = &self.alignment.scale;
        let sent = &received[..segment.elements()];
        let scale = |element: usize| factor * if single { scales[0] } else { scales[element] };
        if let Some(subset) = &self.subset {
            for (i, place) in subset[segment.first_value..][..segment.values].iter().enumerate() {
                let part = if i % 2 == 0 { sent[i / 2].re } else { sent[i / 2].im };
                self.estimate[*place as usize] += scale(i / 2) * part;
            }
        } else {
            let pairs = self.estimate[segment.first_value..][..segment.values].chunks_mut(2);
            for (element, (pair, y)) in pairs.zip(sent).enumerate() {
                let scale = scale(element);
                pair.iter_mut().zip([y.re, y.im]).for_each(|(estimate, part)| *estimate += scale * part);
            }
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
            bits: None,
        };
        Ok(Outcome {
            estimate: std::mem::take(&mut self.estimate),
            truth: std::mem::take(&mut self.truth),
            account,
        })
    }
}
