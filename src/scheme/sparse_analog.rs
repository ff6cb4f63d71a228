//! Sparsified analog aggregation with error feedback and a shared random projection (A-DSGD).
//!
//! ```text
//! v_k = u_k + residual_k;   s_k = top_kept(v_k);   residual_k' = v_k - s_k
//! x_k = sqrt(alpha_k) [A s_k; 1],   alpha_k = 2 elements P_k f / (|A s_k|^2 + 1),   sent as b = sqrt(alpha_k)/h_k where |h_k|^2 >= g, else 0
//! y = sum_k sqrt(alpha_k) [A s_k; 1] + noise;   s_hat = AMP(K y[..rows] / y[rows])
//! f = 1/E[1/|h|^2; |h|^2 >= g] (average power), g (peak power), 1 without fading
//! ```
//!
//! So the mean power of a device over its elements is its budget `P_k` in every round, whatever its values. The server
//! estimates the sum as `K` times the mean weighted by the devices' amplitudes `sqrt(alpha_k)`: devices of larger values
//! weigh less. Where the pilot is not heard, or message passing diverges, it takes the sum to be 0.
//!
//! Sources: M. Amiri, D. Gunduz, "Machine learning at the wireless edge: distributed stochastic gradient descent
//! over-the-air", IEEE Trans. Signal Process. 68 (2020); the same, "Federated learning over wireless fading channels", IEEE
//! Trans. Wireless Commun. 19(5) (2020). The mean of `A s_k` is not taken off before it is sent: the signs of `A` make it
//! small in the mean.

use super::adding::add;
use super::alignment::{Spent, precode};
use super::expenses::Expenses;
use super::truncated_inversion::PowerConstraint;
use super::{LinkBudget, Outcome, Received, Recovered, Round};
use crate::medium::{Knowledge, LinkState};
use crate::ofdm::{Segment, Segments, SlotShape};
use crate::payload::{Payload, SourceError};
use crate::sounding::KnownStatistics;
use crate::sparse::{AmpSettings, Ending, PILOT_HEARD, Projection, SparseVector, recover, take_largest};
use crate::theory::sparse_analog::Compression;
use airloop_baseband::{Complex32, Purpose, Seeds};
use std::f32::consts::SQRT_2;
use std::sync::Arc;

/// The scheme's parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct SparseAnalog {
    /// Gains below this (relative to the mean) are not inverted.
    pub threshold: f64,
    /// Which power is constrained.
    pub constraint: PowerConstraint,
    /// Measurements: rows of the projection.
    pub rows: usize,
    /// Entries that a device keeps of its vector.
    pub kept: usize,
    /// How the server recovers the sum.
    pub recovery: AmpSettings,
    /// Whether what is not kept is added to the next round's values.
    pub error_feedback: bool,
    /// Statistics of the channels and of what is known of them.
    pub known: KnownStatistics,
}

impl SparseAnalog {
    /// Returns the number of values sent: measurements and the pilot.
    pub fn sent(&self) -> usize {
        self.rows + 1
    }

    /// Returns what the formula needs.
    pub fn compression(&self) -> Compression {
        let (rows, kept, recovery) = (self.rows, self.kept, self.recovery);
        Compression { rows, kept, recovery, error_feedback: self.error_feedback }
    }

    /// Returns whether every fade is to be inverted, which no power suffices for.
    pub fn inverts_every_fade(&self) -> bool {
        let endless = match self.constraint {
            PowerConstraint::Average => self.known.fades(),
            PowerConstraint::Peak => !self.known.is_constant(),
        };
        self.threshold == 0.0 && endless
    }

    /// Returns the aligned power over a device's budget: that at which its elements arrive where it sends.
    pub fn aligned_share(&self) -> f64 {
        match self.constraint {
            PowerConstraint::Average => 1.0 / self.known.truncated_inverse(self.threshold),
            PowerConstraint::Peak if self.known.is_constant() => 1.0,
            PowerConstraint::Peak => self.threshold,
        }
    }
}

/// What a round is made of.
#[derive(Clone)]
pub struct SparseAnalogPlan {
    /// The scheme.
    pub scheme: SparseAnalog,
    /// The payload.
    pub payload: Arc<Payload>,
    /// The power budget.
    pub budget: LinkBudget,
    /// Where the measurements and the pilot lie.
    pub segments: Segments,
    /// Source of the projection of each round.
    pub seeds: Seeds,
    /// Whether rounds follow, so that devices must remember what they did not send.
    pub remembers: bool,
}

/// One round after another, at the devices and at the server.
///
/// In memory: `rows + 1` values a device, three vectors of the payload's length, and with error feedback over several
/// rounds the residuals, one vector a device.
pub struct SparseAnalogRound {
    plan: SparseAnalogPlan,
    projection: Projection,
    index: u64,
    symbol: usize,
    segment: Option<Segment>,
    /// What each device sends; empty until its first slot.
    sent: Vec<Compressed>,
    /// What each device has not sent; empty where nothing is remembered.
    residuals: Vec<Vec<f32>>,
    scratch: Vec<f32>,
    truth: Vec<f32>,
    /// Entries that any device has kept.
    support: Vec<bool>,
    /// Measurements and pilot as received.
    received: Vec<f32>,
    expenses: Expenses,
}

/// A device's compressed vector.
#[derive(Clone, Default)]
struct Compressed {
    /// Measurements and pilot, two by two on elements.
    values: Vec<f32>,
    /// Power budget of a precoder of values of this mean square.
    power: f64,
    /// `sqrt(alpha)`.
    amplitude: f32,
}

impl SparseAnalogRound {
    /// Begins a round.
    pub fn new(plan: SparseAnalogPlan, index: u64) -> Self {
        let (devices, length) = (plan.payload.devices(), plan.payload.length());
        let remembered = if plan.remembers { devices } else { 0 };
        let mut round = Self {
            projection: projection(&plan, index),
            index,
            symbol: 0,
            segment: None,
            sent: Vec::new(),
            residuals: vec![vec![0.0; length]; remembered],
            scratch: vec![0.0; length],
            truth: Vec::new(),
            support: Vec::new(),
            received: Vec::new(),
            expenses: Expenses::default(),
            plan,
        };
        round.restart(index);
        round
    }

    /// Compresses a device's vector, and adds its values to the truth.
    fn compress(&mut self, device: usize) -> Result<(), SourceError> {
        let plan = &self.plan;
        plan.payload.read(self.index, device, 0, &mut self.scratch)?;
        add(&self.scratch, &mut self.truth);
        let vector = match self.residuals.get_mut(device) {
            Some(residual) => {
                add(&self.scratch, residual);
                residual
            }
            None => &mut self.scratch,
        };
        let kept: SparseVector = take_largest(vector, plan.scheme.kept);
        kept.indices().iter().for_each(|index| self.support[*index as usize] = true);
        let elements = plan.segments.elements() as usize;
        let mut values = vec![0.0; 2 * elements];
        self.projection.forward_sparse(&kept, &mut values[..plan.scheme.rows]);
        values[plan.scheme.rows] = 1.0;
        let energy: f64 = values.iter().map(|value| f64::from(*value).powi(2)).sum();
        let nominal = plan.budget.power[device] * plan.payload.budget_power(device);
        let power = nominal * 2.0 * elements as f64 / energy;
        let amplitude = (power * plan.scheme.aligned_share()).sqrt() as f32;
        self.sent[device] = Compressed { values, power, amplitude };
        Ok(())
    }

    /// Returns the estimate of the sum, and what went wrong.
    fn recover(&self) -> (Vec<f32>, Failure) {
        let rows = self.plan.scheme.rows;
        let pilot = self.received[rows];
        if f64::from(pilot) <= PILOT_HEARD * self.plan.budget.noise_power.sqrt() {
            return (vec![0.0; self.truth.len()], Failure::PilotUnheard);
        }
        let scale = self.sent.len() as f32 / pilot;
        let y: Vec<f32> = self.received[..rows].iter().map(|y| scale * y).collect();
        let found = recover(&self.projection, &y, &self.plan.scheme.recovery);
        match found.ending {
            Ending::Diverged => (vec![0.0; self.truth.len()], Failure::Diverged),
            Ending::Converged | Ending::IterationsSpent => (found.estimate, Failure::None),
        }
    }
}

/// Why the server takes a sum to be 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Failure {
    None,
    PilotUnheard,
    Diverged,
}

/// Returns the projection of a round.
fn projection(plan: &SparseAnalogPlan, index: u64) -> Projection {
    let stream = plan.seeds.stream(Purpose::Projection, index, 0);
    Projection::new(plan.scheme.rows, plan.payload.length(), stream)
}

impl Round for SparseAnalogRound {
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
        if self.sent[device].values.is_empty() {
            self.compress(device)?;
        }
        let Compressed { values, power, amplitude } = &self.sent[device];
        let (subcarriers, elements) = (known.subcarriers(), segment.elements());
        let rule = (self.plan.scheme.threshold as f32, &[*amplitude][..], f32::INFINITY);
        let mut spent = Spent::default();
        let mut at = 0;
        known.for_each_row(|row| {
            let width = subcarriers.min(elements - at);
            if width > 0 {
                let pairs = &values[2 * (segment.first_element + at)..][..2 * width];
                precode(rule, &row[..width], pairs, &mut grid[at..at + width], &mut spent);
                at += width;
            }
        });
        let nominal = self.plan.budget.power[device] * self.plan.payload.budget_power(device);
        self.expenses.add(spent, (nominal, *power));
        Ok(())
    }

    fn take(&mut self, received: Received<'_>) {
        let Some(segment) = self.segment else { return };
        let values =
            received.port(0)[..segment.elements()].iter().flat_map(|y| [SQRT_2 * y.re, SQRT_2 * y.im]);
        self.received.extend(values);
    }

    fn restart(&mut self, index: u64) {
        let (devices, length) = (self.plan.payload.devices(), self.plan.payload.length());
        self.projection = projection(&self.plan, index);
        (self.index, self.symbol) = (index, 0);
        self.sent.clear();
        self.sent.resize(devices, Compressed::default());
        self.received.clear();
        self.expenses = Expenses::default();
        self.truth = vec![0.0; length];
        self.support.clear();
        self.support.resize(length, false);
    }

    fn take_memory(&mut self) -> Vec<Vec<f32>> {
        std::mem::take(&mut self.residuals)
    }

    fn remember(&mut self, memory: Vec<Vec<f32>>) {
        self.residuals = memory;
    }

    fn finish(&mut self) -> Result<Outcome, SourceError> {
        let (estimate, failure) = self.recover();
        let plan = &self.plan;
        let devices = plan.budget.devices();
        let nominal = |k: usize| plan.budget.power[k] * plan.payload.budget_power(k);
        let mean_power = (0..devices).map(nominal).sum::<f64>() / devices as f64;
        let receive_snr = mean_power * plan.scheme.aligned_share() / plan.budget.noise_power;
        let mut account = self.expenses.account(&plan.segments, devices, Some(receive_snr));
        account.recovered = Some(Recovered {
            nonzeros: self.support.iter().filter(|kept| **kept).count() as f64,
            diverged: f64::from(u8::from(failure == Failure::Diverged)),
            unheard: f64::from(u8::from(failure == Failure::PilotUnheard)),
        });
        Ok(Outcome { estimate, truth: std::mem::take(&mut self.truth), account })
    }
}
