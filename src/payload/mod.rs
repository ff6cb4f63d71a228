//! The payload: K x N reals read by range, what is to be computed of them, and how they are brought to unit power.
//!
//! `source` yields the devices' own values; [`Payload`] weights, centres and scales them, and spreads them over the grid.

pub mod gram;
pub mod interleave;
mod moments;
pub mod nomographic;
mod part;
mod preparing;
pub mod source;
pub mod sparse_gaussian;
mod stored;
mod survey;
pub mod synthetic;
pub mod votes;

use airloop_baseband::Seeds;
pub use gram::Gram;
use interleave::Interleave;
pub use nomographic::{Mapping, Nomographic};
pub use source::{Source, SourceError, Synthetic};
pub use votes::{Ballot, Votes};

/// What the server wants to know.
#[derive(Clone, Debug, PartialEq)]
pub enum Function {
    /// `sum_k g_k`
    Sum,
    /// `sum_k g_k / K`
    Mean,
    /// `sum_k w_k g_k / sum_k w_k`, one weight a device.
    WeightedMean(Vec<f64>),
    /// The sign of the sum of votes: devices send the signs of their values.
    Majority {
        /// Values below this in magnitude, in units of the device's rms, cast no vote; nor does an exact 0.
        abstain_below: f64,
    },
    /// A function beyond sum and mean, of mapped values.
    Nomographic(Nomographic),
}

/// How payloads from files are brought to the power that the link budget assumes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Normalisation {
    /// All devices divide by the largest device's rms: no device exceeds its power budget.
    GlobalMax,
    /// All devices divide by the rms over devices: the mean power is right, some devices exceed their budget.
    GlobalRms,
    /// As global-max, and weaker devices use their whole budget for power control.
    PerDevice,
}

/// The devices' values, ready to be put on elements.
///
/// ```text
/// u_k[n] = (w_k g_k[pi(n)] - m_k) / sigma,    target = unit * sum_k u_k + offset
/// ```
///
/// with weights `w_k` (1 but for the weighted mean), means `m_k` (0 unless centred) and the spreading permutation `pi`. A
/// function beyond sum and mean has `phi(g_k)` in place of `g_k`, and `psi` of the target is what the server wants.
#[derive(Clone, Debug)]
pub struct Payload {
    /// Devices and values a device.
    shape: (usize, usize),
    /// Where values are read that do not lie ready.
    source: Option<Source>,
    interleave: Option<Interleave>,
    multiplier: Vec<f64>,
    mean: Vec<f64>,
    power: Vec<f64>,
    largest: Vec<f64>,
    unit: f64,
    offset: f64,
    per_device_budget: bool,
    majority: Option<Majority>,
    mapping: Option<Mapping>,
    /// The largest value of any device, in sending order, where stored values are asked for it.
    maxima: Option<Vec<f32>>,
    gram: Gram,
    /// Values in sending order, ready made, when they fit into memory.
    ready: Option<Vec<f32>>,
    seeds: Seeds,
    /// How other values are prepared, where these were handed over.
    again: Option<Preparation>,
}

/// How values become votes.
#[derive(Clone, Debug)]
struct Majority {
    /// Smallest magnitude of a device's value that casts a vote; `None` where values are votes.
    limits: Option<Vec<f32>>,
    abstain_below: f64,
}

/// How a payload is prepared.
#[derive(Clone, Debug, PartialEq)]
pub struct Preparation {
    /// The function that the server wants.
    pub function: Function,
    /// How values are scaled; synthetic sources have unit power and are left as they are.
    pub normalisation: Normalisation,
    /// Whether each device's mean is taken off and sent as side information.
    pub center: bool,
    /// Whether values are spread over the grid at random.
    pub interleave: bool,
}

/// Values from which on several threads are worth their start.
const PARALLEL_VALUES: usize = 1 << 18;

impl Payload {
    /// Returns whether the values were handed over for one round.
    pub fn is_handed_over(&self) -> bool {
        self.again.is_some()
    }

    /// Returns whether devices have power budgets that follow from their values.
    pub fn has_own_budgets(&self) -> bool {
        self.per_device_budget
    }

    /// Returns the number of devices that send what an earlier device sends too.
    pub fn repeated_rows(&self) -> usize {
        self.source.as_ref().map_or(0, Source::repeated_rows)
    }

    /// Returns the number of devices.
    pub fn devices(&self) -> usize {
        self.shape.0
    }

    /// Returns the number of values a device sends.
    pub fn length(&self) -> usize {
        self.shape.1
    }

    /// Returns whether values are drawn anew in every trial.
    pub fn is_synthetic(&self) -> bool {
        self.synthetic().is_some()
    }

    /// Returns the synthetic model, if the payload is drawn.
    pub fn synthetic(&self) -> Option<&Synthetic> {
        self.source.as_ref()?.synthetic()
    }

    /// Returns whether devices send votes, of which the server wants the majority.
    pub fn is_majority(&self) -> bool {
        self.majority.is_some()
    }

    /// Returns the maps of a function beyond sum and mean, if one is wanted.
    pub fn mapping(&self) -> Option<&Mapping> {
        self.mapping.as_ref()
    }

    /// Returns what the server makes of a sum of unit-power values: the aggregate in its own units.
    pub fn aggregate(&self, sum: f64) -> f64 {
        let sum = self.unit * sum + self.offset;
        self.mapping.as_ref().map_or(sum, |mapping| mapping.backward(sum))
    }

    /// Returns the true aggregates of a round, in sending order, where the true sums of its unit-power values are known.
    ///
    /// For a maximum these are the largest values themselves: what the map back makes of the true sum lies above them.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn targets(&self, index: u64, sums: &[f32]) -> Result<Vec<f64>, SourceError> {
        let own = |values: &[f32]| values.iter().map(|x| f64::from(*x)).collect();
        match &self.mapping {
            Some(mapping) if mapping.function().is_largest() => match &self.maxima {
                Some(maxima) => Ok(own(maxima)),
                None => Ok(own(&self.largest_values(|device, row| self.read_source(index, device, 0, row))?)),
            },
            _ => Ok(sums.iter().map(|sum| self.aggregate(f64::from(*sum))).collect()),
        }
    }

    /// Returns the peak of the unit-power values over their mean square: of stored values their largest, of drawn and mapped
    /// ones what one in K N of them (at least 10^4) exceeds; `None` for votes and for other drawn values.
    pub fn papr(&self) -> Option<f64> {
        if self.is_majority() || (self.is_synthetic() && self.mapping.is_none()) {
            return None;
        }
        let peak = self.largest.iter().copied().fold(0.0, f64::max);
        Some(peak * peak * self.devices() as f64 / self.gram.trace())
    }

    /// Writes the truth that votes were drawn about (+1, -1, or 0 for a tie by construction) from position `start`, in
    /// sending order; returns whether there is one.
    pub fn drawn_truth(&self, trial: u64, start: usize, out: &mut [f32]) -> bool {
        self.synthetic().is_some_and(|s| s.truth(&self.seeds, trial, start, out))
    }

    /// Returns how often so many devices vote for and against; `None` where that is not known in closed form, or the
    /// payload does not fit into memory.
    pub fn ballots(&self) -> Option<Vec<Ballot>> {
        let majority = self.majority.as_ref()?;
        if let Some(synthetic) = self.synthetic() {
            return synthetic.ballots(majority.abstain_below);
        }
        Some(votes::counted(self.ready.as_ref()?, self.length()))
    }

    /// Returns inner products of the devices' unit-power values, per value.
    pub fn gram(&self) -> &Gram {
        &self.gram
    }

    /// Returns what the sum of unit-power values is multiplied with to give the target.
    pub fn unit(&self) -> f64 {
        self.unit
    }

    /// Returns what is added to give the target: the devices' means, sent as side information.
    pub fn offset(&self) -> f64 {
        self.offset
    }

    /// Returns the mean square of the target, per value.
    pub fn target_power(&self) -> f64 {
        self.unit * self.unit * self.gram.total() + self.offset * self.offset
    }

    /// Returns the largest magnitude among a device's unit-power values; `None` for synthetic payloads other than votes.
    pub fn largest(&self, device: usize) -> Option<f64> {
        (!self.is_synthetic() || self.is_majority()).then(|| self.largest[device])
    }

    /// Returns the power of one device's values that counts against its budget (1 unless `per-device`).
    pub fn budget_power(&self, device: usize) -> f64 {
        if self.per_device_budget { self.power[device].max(1e-12) } else { 1.0 }
    }

    /// Returns the mean square of a round's values over that of the first round of a trial: 1 unless a synthetic payload
    /// decays. Rounds are counted through all trials.
    pub fn round_power(&self, index: u64) -> f64 {
        self.synthetic().map_or(1.0, |s| s.amplitude(index).powi(2))
    }

    /// Writes unit-power values of a device, in sending order, from position `start`.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn read(&self, trial: u64, device: usize, start: usize, out: &mut [f32]) -> Result<(), SourceError> {
        if let Some(ready) = &self.ready {
            let at = device * self.length() + start;
            out.copy_from_slice(&ready[at..at + out.len()]);
            return Ok(());
        }
        self.read_source(trial, device, start, out)?;
        self.bring_to_unit_power(device, out);
        Ok(())
    }

    /// Turns a device's own values into unit-power ones.
    fn bring_to_unit_power(&self, device: usize, out: &mut [f32]) {
        if let Some(majority) = &self.majority {
            majority.limits.iter().for_each(|limits| votes::cast(limits[device], out));
            return;
        }
        let (scale, mean) = (self.multiplier[device], self.mean[device]);
        if let Some(mapping) = &self.mapping {
            out.iter_mut().for_each(|x| *x = (mapping.forward(f64::from(*x)) * scale - mean) as f32);
            return;
        }
        if scale != 1.0 || mean != 0.0 {
            for value in out {
                *value = (f64::from(*value) * scale - mean) as f32;
            }
        }
    }

    /// Writes a device's own values of a round in sending order, where they do not lie ready.
    fn read_source(
        &self,
        trial: u64,
        device: usize,
        start: usize,
        out: &mut [f32],
    ) -> Result<(), SourceError> {
        let source = self.source.as_ref().expect("values that do not lie ready have a source");
        match &self.interleave {
            Some(interleave) => interleave
                .gather(start, out, |from, window| source.read(&self.seeds, trial, device, from, window)),
            None => source.read(&self.seeds, trial, device, start, out),
        }
    }

    /// Returns the largest of all devices' own values at each place, in sending order.
    fn largest_values(
        &self,
        mut read: impl FnMut(usize, &mut [f32]) -> Result<(), SourceError>,
    ) -> Result<Vec<f32>, SourceError> {
        let mut largest = vec![f32::NEG_INFINITY; self.length()];
        let mut row = vec![0.0; self.length()];
        for device in 0..self.devices() {
            read(device, &mut row)?;
            largest.iter_mut().zip(&row).for_each(|(most, x)| *most = most.max(*x));
        }
        Ok(largest)
    }

    /// Returns a borrowed view of unit-power values where they lie ready in memory.
    pub fn ready(&self, device: usize, start: usize, length: usize) -> Option<&[f32]> {
        let at = device * self.length() + start;
        self.ready.as_ref().map(|ready| &ready[at..at + length])
    }

    /// Brings a vector in sending order back to the order of the source.
    pub fn restore_order(&self, sent: &[f64]) -> Vec<f64> {
        let mut own = vec![0.0; sent.len()];
        self.restore_as(sent, |value| *value, &mut own);
        own
    }

    /// Writes a vector in sending order to `out` in the order of the source, each value as `own` makes it.
    pub fn restore_as<S: Sync, T: Send>(&self, sent: &[S], own: impl Fn(&S) -> T + Sync, out: &mut [T]) {
        match &self.interleave {
            Some(interleave) => interleave.restore(sent, own, out),
            None => out.iter_mut().zip(sent).for_each(|(out, sent)| *out = own(sent)),
        }
    }
}
