//! Schemes: how devices map values on grids, and how the server reads the aggregate off the received grid.
//!
//! A scheme speaks grids. It never learns at which fidelity its grids are carried. An analog scheme is a
//! [`PowerControl`]; [`analog`] does what they share. [`digital`] is the link that analog aggregation competes with.

mod adding;
pub mod alignment;
pub mod analog;
pub mod blind_combining;
pub mod coded_digital;
pub mod cotaf;
pub mod digital;
pub mod digital_aircomp;
pub mod energy;
pub mod expenses;
pub mod fsk_majority;
pub mod full_inversion;
pub mod full_power;
pub mod one_bit_majority;
pub mod optimal_power;
pub mod phase_only;
pub mod placement;
pub mod receive_combining;
pub mod sparse_analog;
pub mod truncated_inversion;
pub mod uniform_forcing;

pub use alignment::{Alignment, PowerControl};
pub use analog::AnalogRound;
pub use blind_combining::BlindRound;
pub use coded_digital::CodedDigitalRound;
pub use digital::DigitalRound;
pub use energy::EnergyRound;
pub use fsk_majority::FskRound;
pub use receive_combining::CombiningRound;
pub use uniform_forcing::UniformForcingRound;

use crate::medium::{Knowledge, LinkState};
use crate::ofdm::SlotShape;
use crate::payload::SourceError;
use airloop_baseband::Complex32;

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

/// What devices must know of the channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceKnowledge {
    /// Nothing.
    None,
    /// Each device its own channel.
    Own,
    /// Power control sees the channels of all devices before any device sends.
    Joint,
}

/// Which channel knowledge a scheme uses; what is not needed is neither sounded nor counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Needs {
    /// What devices must know.
    pub knowledge: DeviceKnowledge,
    /// Whether anything is sent at all (the information-theoretic digital baseline only uses the channels' rates).
    /// Where nothing is, [`Round::agree`] sees each device's own elements only ([`Knowledge::own_gains`]).
    pub transmits: bool,
    /// Whether the server must know the sum of the devices' channels at each antenna.
    pub sum_channel: bool,
    /// Whether the server must know the channels of all devices at each antenna: [`Round::agree`] sees them.
    pub all_channels: bool,
}

impl Needs {
    /// Returns whether [`Round::agree`] must see the channels of all devices before any device sends.
    pub fn joint(&self) -> bool {
        self.knowledge == DeviceKnowledge::Joint || self.all_channels
    }

    /// Returns whether anybody must know channels, other than their sum.
    pub fn channels(&self) -> bool {
        self.knowledge != DeviceKnowledge::None || self.all_channels
    }
}

/// What the server receives of a slot.
#[derive(Clone, Copy, Debug)]
pub struct Received<'a> {
    /// Received grids, `[port, symbol, subcarrier]`.
    pub grids: &'a [Complex32],
    /// Receive ports (antennas).
    pub ports: usize,
    /// Sum of the devices' channels, of the same shape as `grids`; empty unless the scheme needs it.
    pub sum_channel: &'a [Complex32],
}

impl<'a> Received<'a> {
    /// Returns the grid of a port.
    pub fn port(&self, port: usize) -> &'a [Complex32] {
        let stride = self.grids.len() / self.ports;
        &self.grids[port * stride..(port + 1) * stride]
    }
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
    /// What there was to recover from a projection; `None` where nothing is projected.
    pub recovered: Option<Recovered>,
}

/// What the server of a projection had to recover.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Recovered {
    /// Entries that any device sent.
    pub nonzeros: f64,
    /// 1 where message passing diverged, else 0; a share over rounds.
    pub diverged: f64,
    /// 1 where the pilot was not heard, else 0; a share over rounds.
    pub unheard: f64,
}

impl Recovered {
    /// Returns a sum.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            nonzeros: self.nonzeros + other.nonzeros,
            diverged: self.diverged + other.diverged,
            unheard: self.unheard + other.unheard,
        }
    }

    /// Returns an n-th part.
    #[must_use]
    pub fn over(self, n: f64) -> Self {
        Self { nonzeros: self.nonzeros / n, diverged: self.diverged / n, unheard: self.unheard / n }
    }
}

impl Account {
    /// Returns the means over rounds; peaks are the largest.
    pub fn mean(rounds: &[&Self]) -> Self {
        let n = rounds.len().max(1) as f64;
        let mean = |of: &dyn Fn(&Self) -> f64| rounds.iter().map(|a| of(a)).sum::<f64>() / n;
        let mean_of_some = |of: &dyn Fn(&Self) -> Option<f64>| {
            let values: Option<Vec<f64>> = rounds.iter().map(|a| of(a)).collect();
            values.map(|v| v.iter().sum::<f64>() / n)
        };
        Self {
            elements: mean(&|a| a.elements as f64).round() as u64,
            symbols: mean(&|a| a.symbols as f64).round() as usize,
            active_fraction: mean(&|a| a.active_fraction),
            power_used_mean: mean(&|a| a.power_used_mean),
            power_peak: rounds.iter().map(|a| a.power_peak).fold(0.0, f64::max),
            receive_snr: mean_of_some(&|a| a.receive_snr),
            sent_share: mean(&|a| a.sent_share),
            bits: mean_of_some(&|a| a.bits),
            recovered: rounds
                .iter()
                .map(|a| a.recovered)
                .try_fold(Recovered::default(), |sum, of| Some(sum.plus(of?)))
                .map(|sum| sum.over(n)),
        }
    }
}

/// One aggregation round after another: slots are filled a device at a time, carried by a medium, and taken back.
pub trait Round {
    /// Returns the next slot, or `None` when the round is complete.
    fn next_slot(&mut self) -> Option<SlotShape>;

    /// Returns how many symbols stay empty before the slot that [`Round::next_slot`] gave last; asked once a slot.
    fn idle_symbols(&mut self) -> usize {
        0
    }

    /// Sees what is known of all devices' channels in the slot; called before `fill` if the scheme needs it.
    fn agree(&mut self, known: &Knowledge<'_>);

    /// Fills one device's grid of the slot (`[device antenna, symbol, subcarrier]`, zeros before).
    ///
    /// # Errors
    /// When the payload cannot be read.
    fn fill(
        &mut self,
        device: usize,
        known: LinkState<'_>,
        grid: &mut [Complex32],
    ) -> Result<(), SourceError>;

    /// Writes the amplitudes `|b|` with which a device precodes unit-power symbols, one an element of the slot, as it just
    /// filled them; returns false where a scheme has none.
    fn precoders(&self, _device: usize, _known: LinkState<'_>, _out: &mut Vec<f32>) -> bool {
        false
    }

    /// Takes what was received of the slot.
    fn take(&mut self, received: Received<'_>);

    /// Begins another round, whose draws are those of `index`; what devices remember of earlier rounds stays.
    fn restart(&mut self, index: u64);

    /// Takes what devices remember beyond the round, a vector each in unit-power units and sending order; none where nothing is
    /// remembered.
    fn take_memory(&mut self) -> Vec<Vec<f32>> {
        Vec::new()
    }

    /// Gives devices what they remember of a round of other values.
    fn remember(&mut self, _memory: Vec<Vec<f32>>) {}

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
