//! The round: points of all devices on the same elements, summed by the air, decided by the server.

use super::{Code, Computed, DigitalAircomp, PamCode, point_budget};
use crate::medium::{Knowledge, LinkState};
use crate::ofdm::{Segment, Segments, SlotShape};
use crate::payload::{Payload, SourceError};
use crate::scheme::adding::add;
use crate::scheme::alignment::{Spent, count_active, precode};
use crate::scheme::expenses::Expenses;
use crate::scheme::full_inversion::FullInversion;
use crate::scheme::{Alignment, LinkBudget, Outcome, PowerControl, Received, Round};
use airloop_baseband::{Complex32, Complex64, Purpose, Seeds};
use std::f32::consts::SQRT_2;
use std::sync::Arc;

/// What a round is made of.
#[derive(Clone)]
pub struct DigitalAircompPlan {
    /// The payload.
    pub payload: Arc<Payload>,
    /// The power budget.
    pub budget: LinkBudget,
    /// Where the real parts lie that values take, two an element.
    pub segments: Segments,
    /// Source of random rounding.
    pub seeds: Seeds,
    /// The scheme.
    pub scheme: DigitalAircomp,
}

/// One aggregation round of points. Besides the two sums it holds one slot.
pub struct DigitalAircompRound {
    plan: DigitalAircompPlan,
    /// Budget of points of unit power.
    budget: LinkBudget,
    control: Box<dyn PowerControl>,
    alignment: Alignment,
    index: u64,
    symbol: usize,
    segment: Option<Segment>,
    estimate: Vec<f32>,
    truth: Vec<f32>,
    values: Vec<f32>,
    uniforms: Vec<f32>,
    numbers: Vec<u32>,
    /// Real parts of the values of a slot.
    parts: Vec<f32>,
    /// Active devices of each element.
    active: Vec<u32>,
    expenses: Expenses,
    aligned: (f64, u64),
}

impl DigitalAircompRound {
    /// Begins a round.
    pub fn new(plan: DigitalAircompPlan, index: u64) -> Self {
        let length = plan.payload.length();
        let budget = point_budget(&plan.budget);
        let control: Box<dyn PowerControl> = match &plan.scheme.inversion {
            Some(inversion) => Box::new(inversion.clone()),
            None => Box::new(FullInversion),
        };
        let alignment = control.fixed(&budget).unwrap_or_default();
        Self {
            budget,
            control,
            alignment,
            index,
            symbol: 0,
            segment: None,
            estimate: vec![0.0; length],
            truth: vec![0.0; length],
            values: Vec::new(),
            uniforms: Vec::new(),
            numbers: Vec::new(),
            parts: Vec::new(),
            active: Vec::new(),
            expenses: Expenses::default(),
            aligned: (0.0, 0),
            plan,
        }
    }

    /// Makes the real parts of a device's values of a segment, and adds the values that begin there to the truth. Returns where the
    /// segment's parts begin.
    fn load(&mut self, device: usize, segment: Segment) -> Result<usize, SourceError> {
        let each = self.plan.scheme.parts_a_value();
        let (from, to) = (segment.first_value, segment.first_value + segment.values);
        let (first, end) = (from / each, to.div_ceil(each));
        let count = end - first;
        self.values.resize(count, 0.0);
        self.plan.payload.read(self.index, device, first, &mut self.values)?;
        // A value that began in an earlier segment is in the truth already.
        let begun = from.div_ceil(each);
        add(&self.values[begun - first..], &mut self.truth[begun..end]);
        let levels = self.plan.scheme.levels();
        self.uniforms.resize(count, 0.5);
        if levels.stochastic {
            let stream = self.plan.seeds.stream(Purpose::Quantiser, self.index, device as u64);
            stream.fill_uniform(first as u64, &mut self.uniforms);
        }
        self.numbers.resize(count, 0);
        levels.number(&self.values, &self.uniforms, &mut self.numbers);
        // One more for the last element, whose other quadrature may be empty.
        self.parts.clear();
        self.parts.resize(count * each + 1, 0.0);
        match &self.plan.scheme.code {
            Code::Pam(code) => code.amplitudes(&self.numbers, &mut self.parts[..count * each]),
            Code::Designed { constellation, .. } => {
                let points = constellation.as_ref().map_or(&[][..], |made| made.points());
                for (number, parts) in self.numbers.iter().zip(self.parts.as_chunks_mut::<2>().0) {
                    // Parts are sent over sqrt 2, for two real values of unit power.
                    let point = points.get(*number as usize).copied().unwrap_or_default();
                    *parts = [SQRT_2 * point.re as f32, SQRT_2 * point.im as f32];
                }
            }
        }
        Ok(from - first * each)
    }

    /// Adds what is decided of digits to the estimate.
    fn decide_digits(&mut self, code: PamCode, segment: Segment, received: &[Complex32]) {
        let weights: Vec<f32> = code.weights().into_iter().map(|weight| weight as f32).collect();
        let digits = weights.len();
        let (mut value, mut digit) = (segment.first_value / digits, segment.first_value % digits);
        let scale = &self.alignment.scale;
        let parts = received.iter().flat_map(|y| [y.re, y.im]).take(segment.values);
        for (at, part) in parts.enumerate() {
            let element = at / 2;
            let scale = if scale.len() == 1 { scale[0] } else { scale[element] };
            let sum = code.decide(SQRT_2 * scale * part, self.active[element]);
            self.estimate[value] += weights[digit] * sum;
            digit += 1;
            if digit == digits {
                (value, digit) = (value + 1, 0);
            }
        }
    }

    /// Writes what is decided of points to the estimate: the function of the devices' values.
    fn decide_points(&mut self, segment: Segment, received: &[Complex32]) {
        let Code::Designed { levels, function, constellation: Some(made) } = &self.plan.scheme.code else {
            return;
        };
        let (scale, devices) = (&self.alignment.scale, self.budget.devices() as f64);
        for (element, y) in received.iter().enumerate() {
            let scale = f64::from(if scale.len() == 1 { scale[0] } else { scale[element] });
            let decided =
                made.decide(Complex64::new(scale * f64::from(y.re), scale * f64::from(y.im))) as f64;
            let offset = if *function == Computed::Sum { devices } else { 1.0 };
            let value = decided * levels.step() - offset * levels.range;
            self.estimate[segment.first_value / 2 + element] = value as f32;
        }
    }
}

impl Round for DigitalAircompRound {
    fn next_slot(&mut self) -> Option<SlotShape> {
        self.segment = self.plan.segments.at(self.symbol);
        let segment = self.segment?;
        self.symbol += segment.shape.symbols;
        self.active.clear();
        let counted = self.plan.scheme.inversion.is_some();
        let all = if counted { 0 } else { self.budget.devices() as u32 };
        self.active.resize(segment.elements(), all);
        Some(segment.shape)
    }

    fn agree(&mut self, known: &Knowledge<'_>) {
        self.control.agree(&self.budget, known, &mut self.alignment);
    }

    fn fill(
        &mut self,
        device: usize,
        known: LinkState<'_>,
        grid: &mut [Complex32],
    ) -> Result<(), SourceError> {
        let Some(segment) = self.segment else { return Ok(()) };
        let begin = self.load(device, segment)?;
        let parts = &self.parts[begin..];
        let (elements, alignment, active) = (segment.elements(), &self.alignment, &mut self.active);
        let counted = self.plan.scheme.inversion.is_some();
        let cap = alignment.cap.amplitude(self.budget.power[device]);
        let (mut spent, mut at) = (Spent::default(), 0);
        known.for_each_row(|row| {
            let width = row.len().min(elements - at);
            if width == 0 {
                return;
            }
            let single = alignment.reach.len() == 1;
            let reach = if single { &alignment.reach[..] } else { &alignment.reach[at..at + width] };
            let rule = (alignment.threshold, reach, cap);
            let pairs = &parts[2 * at..2 * (at + width)];
            precode(rule, &row[..width], pairs, &mut grid[at..at + width], &mut spent);
            if counted {
                count_active(alignment.threshold, &row[..width], &mut active[at..at + width]);
            }
            at += width;
        });
        let nominal = self.budget.power[device];
        self.expenses.add(spent, (nominal, nominal));
        Ok(())
    }

    fn take(&mut self, received: Received<'_>) {
        let Some(segment) = self.segment else { return };
        let elements = segment.elements();
        let grid = &received.port(0)[..elements];
        match self.plan.scheme.code {
            Code::Pam(code) => self.decide_digits(code, segment, grid),
            Code::Designed { .. } => self.decide_points(segment, grid),
        }
        let reach = &self.alignment.reach;
        let count = if reach.len() == 1 { 1 } else { elements };
        let sum: f64 = reach[..count].iter().map(|r| f64::from(*r).powi(2)).sum();
        self.aligned.0 += sum / self.budget.noise_power * (elements / count) as f64;
        self.aligned.1 += elements as u64;
    }

    fn restart(&mut self, index: u64) {
        *self = Self::new(self.plan.clone(), index);
    }

    fn finish(&mut self) -> Result<Outcome, SourceError> {
        let receive_snr = (self.aligned.1 > 0).then(|| self.aligned.0 / self.aligned.1 as f64);
        let account = self.expenses.account(&self.plan.segments, self.budget.devices(), receive_snr);
        let (estimate, truth) = (std::mem::take(&mut self.estimate), std::mem::take(&mut self.truth));
        Ok(Outcome { estimate, truth, account })
    }
}
