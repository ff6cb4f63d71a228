//! Media: they carry grids from all devices to the server, and tell the scheme what is known of the channels.
//!
//! `gains` holds the realised frequency responses of one trial (of drawn `paths`, `moving` or not, or `per_element`);
//! `channels` what is true and what is known of them over the slots of a `timeline`; [`SymbolMedium`] multiplies grids with them;
//! [`WaveformMedium`] modulates, sends samples over a transport and demodulates, device by device or by their summed `spectra`.

pub mod channels;
pub mod gains;
pub mod knowledge;
mod moving;
mod paths;
mod per_element;
pub mod spectra;
pub mod symbol;
pub mod timeline;
pub mod waveform;

pub use channels::{Channels, ChannelsConfig};
pub use gains::{ChannelModel, GridGains};
pub use knowledge::{Knowledge, LinkState};
pub use spectra::WaveformPath;
pub use symbol::{NoiseSource, SymbolMedium};
pub use timeline::Timeline;
pub use waveform::{WaveformConfig, WaveformMedium};

use crate::payload::SourceError;
use crate::privacy::Watch;
use crate::scheme::{Needs, Round};
use crate::synchronisation::ClockTally;
use airloop_channels::ChannelError;

/// What can go wrong while a grid is carried.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MediumError {
    /// The payload could not be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The air refused a burst or a window.
    #[error(transparent)]
    Channel(#[from] ChannelError),
    /// A radio refused a burst or a window, or lost samples.
    #[error(transparent)]
    Radio(#[from] airloop_hil::RadioError),
    /// What was heard could not be recorded.
    #[error(transparent)]
    Recording(#[from] airloop_hil::RecordingError),
    /// What is sent depends on what was heard.
    #[error(
        "the scheme answers what it hears within a round, so that a round cannot be planned before it is sent"
    )]
    Answers,
}

impl<E> From<airloop_hil::recording::TapError<E>> for MediumError
where
    Self: From<E>,
{
    fn from(error: airloop_hil::recording::TapError<E>) -> Self {
        match error {
            airloop_hil::recording::TapError::Transport(error) => error.into(),
            airloop_hil::recording::TapError::Recording(error) => error.into(),
        }
    }
}

/// Sums that a medium keeps while it carries a round.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tally {
    /// Sum of `|h|^2` over devices and elements.
    pub gain: f64,
    /// Number of terms in `gain`.
    pub gain_count: u64,
    /// Sum of `|z|^2` over received elements or samples.
    pub noise: f64,
    /// Number of terms in `noise`.
    pub noise_count: u64,
    /// Sum over devices and symbols of peak over mean sample power.
    pub papr: f64,
    /// Number of terms in `papr`.
    pub papr_count: u64,
    /// What clocks got wrong.
    pub clocks: ClockTally,
    /// OFDM symbols of synchronisation, pilots and feedback.
    pub overhead_symbols: usize,
}

impl Tally {
    /// Adds the sums of another round.
    pub fn add(&mut self, other: &Self) {
        self.gain += other.gain;
        self.gain_count += other.gain_count;
        self.noise += other.noise;
        self.noise_count += other.noise_count;
        self.papr += other.papr;
        self.papr_count += other.papr_count;
        self.clocks.add(&other.clocks);
        self.overhead_symbols += other.overhead_symbols;
    }
}

/// Carries the slots of one round.
pub trait Medium {
    /// Carries the whole round: sounds, lets devices fill, adds, and hands back what was received.
    ///
    /// # Errors
    /// When the payload cannot be read or the transport fails.
    fn carry(&mut self, round: &mut dyn Round, needs: Needs) -> Result<(), MediumError>;

    /// Returns what was measured on the way.
    fn tally(&self) -> Tally;

    /// Returns what was watched for a privacy meter.
    fn watch(&self) -> Option<&Watch>;

    /// Returns where the round's symbols lie in time.
    fn timeline(&self) -> Timeline;

    /// Returns the received grids, symbol after symbol, when the medium was asked to keep them.
    fn kept(&self) -> Option<&[airloop_baseband::Complex32]> {
        None
    }
}
