//! Schemes: how devices map values on grids, and how the server reads the aggregate off the received grid.
//!
//! A scheme speaks grids. It never learns at which fidelity its grids are carried. An analog scheme is a
//! [`PowerControl`]; [`analog`] does what they share. [`digital`] is the link that analog aggregation competes with.

pub mod alignment;
pub mod analog;
pub mod digital;
pub mod full_inversion;
pub mod full_power;
pub mod optimal_power;
pub mod truncated_inversion;

pub use alignment::{Alignment, PowerControl};
pub use analog::AnalogRound;
pub use digital::DigitalRound;

use crate::medium::{Knowledge, LinkState};
use crate::ofdm::SlotShape;
use crate::payload::SourceError;

/// What the power budget of a round looks like to a scheme.
#[derive(Clone, Debug, PartialEq)]
pub struct LinkBudget {
    /// Noise power per resource element.
    pub noise_power: f64,
    /// Power budget of each device per resource element, for symbols of unit power, times its mean channel power.
    pub power: Vec<f64>,
    /// Mean square of each device's values as power control knows it: 1, or the device's own under `per-device`.
    pub weight: Vec<f64>,
}

impl LinkBudget {
    /// Returns the number of devices.
    pub fn devices(&self) -> usize {
        self.power.len()
    }

    /// Returns the smallest budget of any device.
    pub fn weakest(&self) -> f64 {
        self.power.iter().copied().fold(f64::INFINITY, f64::min)
    }
}

/// Which channel knowledge a scheme uses; what is not needed is neither sounded nor counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Needs {
    /// Whether power control must see the channels of all devices before any device sends.
    pub joint: bool,
    /// Whether anything is sent at all (the information-theoretic digital baseline only uses the channels' rates).
    /// Where nothing is, [`Round::agree`] sees each device's own elements only ([`Knowledge::own_gains`]).
    pub transmits: bool,
}

/// What a round spent and achieved.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Account {
    /// Resource elements that carried values.
    pub elements: u64,
    /// OFDM symbols used, whole ones.
    pub symbols: usize,
    /// Share of (device, element) pairs in which the device sent.
    pub active_fraction: f64,
    /// Mean over devices and elements of the power sent, over the device's budget.
    pub power_used_mean: f64,
    /// Largest precoder power in any element over the device's budget.
    pub power_peak: f64,
    /// Mean aligned power over noise power; `None` where nothing is aligned.
    pub receive_snr: Option<f64>,
    /// Share of the values that were sent (less than 1 under a budget that is too small).
    pub sent_share: f64,
    /// Bits that ideal codes carried, all devices together; `None` for analog schemes.
    pub bits: Option<f64>,
}

/// One aggregation round: slots are filled a device at a time, carried by a medium, and taken back.
pub trait Round {
    /// Returns the next slot, or `None` when the round is complete.
    fn next_slot(&mut self) -> Option<SlotShape>;

    /// Sees what is known of all devices' channels in the slot; called before `fill` if the scheme needs it.
    fn agree(&mut self, known: &Knowledge<'_>);

    /// Fills one device's grid of the slot (`[symbol, subcarrier]`, zeros before).
    ///
    /// # Errors
    /// When the payload cannot be read.
    fn fill(
        &mut self,
        device: usize,
        known: LinkState<'_>,
        grid: &mut [airloop_baseband::Complex32],
    ) -> Result<(), SourceError>;

    /// Takes the received grid of the slot.
    fn take(&mut self, received: &[airloop_baseband::Complex32]);

    /// Ends the round.
    ///
    /// # Errors
    /// When the payload cannot be read.
    fn finish(&mut self) -> Result<Outcome, SourceError>;
}

/// The result of a round in unit-power units and sending order.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// Estimate of the sum of the devices' unit-power values.
    pub estimate: Vec<f32>,
    /// The sum itself.
    pub truth: Vec<f32>,
    /// What was spent.
    pub account: Account,
}
