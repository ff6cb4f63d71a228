//! What can be wrong with recorded channels.

/// Says what is wrong with recorded channels, and what would be right.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordingError {
    /// An array that does not fill its axes.
    #[error("{found} {what} are given where the axes {axes} take {expected}")]
    Unfilled {
        /// What is counted.
        what: &'static str,
        /// Values given.
        found: usize,
        /// The axes.
        axes: &'static str,
        /// Values that they take.
        expected: usize,
    },
    /// An axis without entries.
    #[error("the axis \"{axis}\" has no entries; at least one is expected")]
    EmptyAxis {
        /// The axis.
        axis: &'static str,
    },
    /// A gain that is no number, on a path with a delay.
    #[error(
        "a gain of path {path} of device {device} is not finite; a path that is not there has gains 0, or no numbers as \
         gains and delay"
    )]
    GainNotFinite {
        /// The device.
        device: usize,
        /// The path.
        path: usize,
    },
    /// A delay that cannot be.
    #[error("the delay of path {path} of device {device} is {delay_s} s; delays are finite and at least 0")]
    BadDelay {
        /// The device.
        device: usize,
        /// The path.
        path: usize,
        /// The delay, in seconds.
        delay_s: f64,
    },
    /// Delays too far apart.
    #[error(
        "the delay of path {path} of device {device} is {delay_s:.4e} s, and the grid's symbols last {longest_s:.4e} s: \
         delays in seconds, shorter than a symbol, are expected; absolute times of flight can be left out by timing"
    )]
    DelayTooLong {
        /// The device.
        device: usize,
        /// The path.
        path: usize,
        /// The delay, in seconds.
        delay_s: f64,
        /// The longest that can be, in seconds.
        longest_s: f64,
    },
    /// Several instants without their spacing.
    #[error(
        "there are {times} samples in time, but not how far apart they are; a positive spacing in seconds is expected"
    )]
    NoStep {
        /// Samples in time.
        times: usize,
    },
    /// A device that is never heard.
    #[error(
        "device {device} has no power in the recording; every device needs a path with a gain other than 0"
    )]
    NoPower {
        /// The device.
        device: usize,
    },
    /// Gains that are to be kept, and are beyond all SNRs.
    #[error(
        "device {device} has a mean power of {power:.3e} in the recording; kept as recorded, 1e-20 to 1e20 is expected: gains of \
         another unit, or normalised ones"
    )]
    FarFromUnit {
        /// The device.
        device: usize,
        /// Its mean power over the used band.
        power: f64,
    },
    /// A recording shorter than what a trial needs.
    #[error(
        "the recording lasts {holds_s:.6e} s, and a trial needs {needs_s:.6e} s of it; a longer recording, a shorter round or a \
         recording that goes round is expected"
    )]
    TooShort {
        /// What there is, in seconds.
        holds_s: f64,
        /// What a trial needs, in seconds.
        needs_s: f64,
    },
    /// A start from which the recording ends too early, or that lies outside of it.
    #[error(
        "from {start_s:.6e} s on, a trial needs the recording from {from_s:.6e} s to {to_s:.6e} s, and it lasts \
         {holds_s:.6e} s; another start or a recording that goes round is expected"
    )]
    StartOutside {
        /// Where trials start, in seconds.
        start_s: f64,
        /// First instant that is needed, in seconds.
        from_s: f64,
        /// Last instant that is needed, in seconds.
        to_s: f64,
        /// What there is, in seconds.
        holds_s: f64,
    },
    /// More trials than the recording holds one after the other.
    #[error(
        "one after the other the recording holds {holds} trials of {needs_s:.6e} s, and {trials} are to run; fewer trials, \
         random starts or a recording that goes round are expected"
    )]
    TooFewTrials {
        /// Trials that it holds.
        holds: u64,
        /// Trials that are to run.
        trials: u64,
        /// What each needs, in seconds.
        needs_s: f64,
    },
}
