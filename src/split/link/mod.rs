//! How long a transfer takes: rates from a closed form, a number, or what was measured; slots where there are any.

mod fixed;
mod shannon;
mod traced;

pub use fixed::FixedRates;
pub use shannon::Shannon;
pub use traced::TracedRates;

use crate::trace::{Direction, Stage, TraceError};

/// What is sent in a round, and which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Payload {
    /// Activations, from device to server.
    Activations,
    /// Gradients, or an inference's answer, from server to device.
    Gradients,
    /// Trained parameters of the device's part, from device to server.
    AdapterUp,
    /// Their average, from server to device.
    AdapterDown,
}

impl Payload {
    /// Returns what a trace calls it.
    pub fn leg(self) -> (Direction, Stage) {
        match self {
            Self::Activations => (Direction::Up, Stage::Act),
            Self::Gradients => (Direction::Down, Stage::Grad),
            Self::AdapterUp => (Direction::Up, Stage::Adapter),
            Self::AdapterDown => (Direction::Down, Stage::Adapter),
        }
    }
}

/// One transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Transfer {
    /// Round, from 0.
    pub round: u64,
    /// Device, from 0.
    pub device: usize,
    /// What is sent.
    pub payload: Payload,
}

/// A rate could not be told.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// Nothing was measured for a transfer.
    #[error(
        "{place}: no row has round = {round}, device = {device}, direction = {direction}; fewer rounds or devices, or a longer trace is expected"
    )]
    NotMeasured {
        /// The trace.
        place: String,
        /// The round.
        round: u64,
        /// The device.
        device: usize,
        /// The direction.
        direction: Direction,
    },
    /// A trace could not be read.
    #[error(transparent)]
    Trace(#[from] TraceError),
    /// A trace goes back in time.
    #[error("{place}: round {later} comes before round {earlier}; rows in the order of rounds are expected")]
    OutOfOrder {
        /// The trace.
        place: String,
        /// The round that stands first.
        later: u64,
        /// The round behind it.
        earlier: u64,
    },
}

/// What a transfer goes at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    /// Its rate, in bit/s; 0 where nothing comes through.
    pub rate_bps: f64,
    /// Transmit power, mean over the transfer, in watts; none where nobody said.
    pub power_w: Option<f64>,
}

/// Where rates come from. Rounds are asked for in order; within a round in any.
pub trait LinkRates {
    /// Returns the rate of a transfer, in bit/s; 0 where nothing comes through.
    ///
    /// # Errors
    /// When the rate cannot be told.
    fn rate_bps(&mut self, transfer: &Transfer) -> Result<f64, LinkError>;

    /// Returns the transmit power of a transfer, mean over its time, in watts; none where it was not measured.
    ///
    /// # Errors
    /// As [`LinkRates::rate_bps`].
    fn power_w(&mut self, _transfer: &Transfer) -> Result<Option<f64>, LinkError> {
        Ok(None)
    }
}

impl<F: FnMut(&Transfer) -> Result<f64, LinkError>> LinkRates for F {
    fn rate_bps(&mut self, transfer: &Transfer) -> Result<f64, LinkError> {
        self(transfer)
    }
}

/// One direction of the link.
pub struct Link {
    /// Where its rates come from.
    pub rates: Box<dyn LinkRates>,
    /// Length of a slot: transfers take whole ones; none where time is not slotted.
    pub slot_s: Option<f64>,
    /// Transmit power of each device, or of the server towards it, in watts; none where nobody said, or it is that of the transfer.
    pub power_w: Vec<Option<f64>>,
    /// Rate at which all devices can be reached at once, in bit/s; that of the slowest where nobody said.
    pub broadcast_rate_bps: Option<f64>,
}

impl Link {
    /// Returns what a transfer goes at: the power is that of its device, where one was given, else what was measured.
    ///
    /// # Errors
    /// When the rate cannot be told.
    pub fn pace(&mut self, transfer: &Transfer) -> Result<Pace, LinkError> {
        let rate_bps = self.rates.rate_bps(transfer)?;
        let power_w = match self.power_w[transfer.device] {
            Some(power_w) => Some(power_w),
            None => self.rates.power_w(transfer)?,
        };
        Ok(Pace { rate_bps, power_w })
    }

    /// Returns the time of so many bits at a rate above 0, in seconds.
    pub fn time_s(&self, bits: f64, rate_bps: f64) -> f64 {
        let time_s = bits / rate_bps;
        match self.slot_s {
            None => time_s,
            Some(slot_s) => whole_slots(time_s / slot_s) * slot_s,
        }
    }

    /// Returns the time of a broadcast to devices with these rates, in seconds.
    pub fn broadcast_s(&self, bits: f64, rates_bps: impl Iterator<Item = f64>) -> f64 {
        if bits == 0.0 {
            return 0.0;
        }
        self.time_s(bits, self.broadcast_rate_bps.unwrap_or_else(|| rates_bps.fold(f64::INFINITY, f64::min)))
    }
}

/// Rounds up; what exceeds a whole number by rounding alone takes no slot more.
fn whole_slots(slots: f64) -> f64 {
    let near = slots.round();
    if (slots - near).abs() <= 1e-9 * near { near } else { slots.ceil() }
}
