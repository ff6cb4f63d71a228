//! Errors of misaligned frames.

use crate::payload::SourceError;
use airloop_channels::ChannelError;

/// What can be wrong with a misaligned setting or round.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MisalignedError {
    /// A delay outside the symbol.
    #[error("device {device} has a delay of {value} symbols; delays are at least 0 and below 1")]
    Delay {
        /// The device.
        device: usize,
        /// Its delay, in symbols.
        value: f64,
    },
    /// A setting without devices.
    #[error("no device sends: give at least one delay")]
    NoDevices,
    /// A frame without symbols.
    #[error("a frame has 0 symbols; it needs at least 1")]
    NoSymbols,
    /// Lists that do not fit each other.
    #[error("{name} holds {found} devices, but there are {devices} delays; give one value a device")]
    Lengths {
        /// The list.
        name: &'static str,
        /// Its length.
        found: usize,
        /// The number of delays.
        devices: usize,
    },
    /// A device that cannot be heard.
    #[error("device {device} has a channel of magnitude {value}; inversion needs a finite one above 0")]
    Gain {
        /// The device.
        device: usize,
        /// Magnitude of its gain.
        value: f64,
    },
    /// A phase that is none.
    #[error("device {device} has a phase of {value} rad; phases are finite")]
    Phase {
        /// The device.
        device: usize,
        /// Its phase, in radians.
        value: f64,
    },
    /// A power budget that is none.
    #[error("device {device} has a power budget of {value}; budgets are finite and above 0")]
    Power {
        /// The device.
        device: usize,
        /// Its budget.
        value: f64,
    },
    /// A noise power that is none.
    #[error("the noise power is {value}; it must be finite and at least 0")]
    NoisePower {
        /// The value.
        value: f64,
    },
    /// An oversampling factor of 0.
    #[error("the oversampling factor is 0; it needs at least 1 sample a symbol")]
    NoSamples,
    /// A delay between samples.
    #[error(
        "a delay of {delay_symbols} symbols does not fall on its own sample at {oversampling} samples a symbol; \
         delays must be different multiples of 1/{oversampling}, the nearest is {nearest_symbols}"
    )]
    OffGrid {
        /// The delay, in symbols.
        delay_symbols: f64,
        /// Samples a symbol.
        oversampling: usize,
        /// The nearest delay on the grid, in symbols.
        nearest_symbols: f64,
    },
    /// A joint receiver that does not fit into memory.
    #[error(
        "a joint receiver of {devices} devices and {symbols} symbols a frame needs {entries} coefficients, at most \
         {limit} are allowed; use shorter frames, fewer devices, or the aligned-sample receiver"
    )]
    TooLarge {
        /// Devices.
        devices: usize,
        /// Symbols of a frame.
        symbols: usize,
        /// Coefficients needed.
        entries: usize,
        /// Coefficients allowed.
        limit: usize,
    },
    /// Equations that double precision cannot solve.
    #[error(
        "the equations of the joint receiver are too ill conditioned for double precision; move delays that nearly \
         coincide together, shorten the frame, or use lmmse"
    )]
    IllConditioned,
    /// The payload could not be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The air refused a burst or a window.
    #[error(transparent)]
    Channel(#[from] ChannelError),
}
