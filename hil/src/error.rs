//! Errors of radios.

use crate::radio::Direction;
use crate::recording::RecordingError;
use crate::stream::PermitError;
use airloop_baseband::SampleIndex;
use std::path::PathBuf;

/// What can be wrong with a radio or with the use of one.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RadioError {
    /// A channel that the radio does not have.
    #[error(
        "radio {radio} has {channels} {direction} channels, numbered from 0: there is no channel {channel}"
    )]
    NoSuchChannel {
        /// The radio.
        radio: String,
        /// Which way.
        direction: Direction,
        /// The channel asked for.
        channel: usize,
        /// How many there are.
        channels: usize,
    },
    /// A setting outside what the radio can do.
    #[error("radio {radio}: {what} = {value} is out of range: {ranges}")]
    OutOfRange {
        /// The radio.
        radio: String,
        /// The setting.
        what: &'static str,
        /// Its value.
        value: f64,
        /// What the radio can do.
        ranges: String,
    },
    /// A stream that was not started.
    #[error("radio {radio}: its {direction} stream is not active")]
    NotActive {
        /// The radio.
        radio: String,
        /// Which way.
        direction: Direction,
    },
    /// A stream that was started twice.
    #[error("radio {radio}: its {direction} stream is active already")]
    Active {
        /// The radio.
        radio: String,
        /// Which way.
        direction: Direction,
    },
    /// A burst that begins before the end of the one before it.
    #[error(
        "radio {radio}: a burst at sample {start} begins before sample {position}, where the one before it ends"
    )]
    Overlap {
        /// The radio.
        radio: String,
        /// First sample of the burst.
        start: SampleIndex,
        /// Where the stream stands.
        position: SampleIndex,
    },
    /// A burst that reached the radio after its time.
    #[error("radio {radio}: a burst for sample {start} came when sample {now} had gone out")]
    Late {
        /// The radio.
        radio: String,
        /// First sample of the burst.
        start: SampleIndex,
        /// The radio's time.
        now: SampleIndex,
    },
    /// A window that does not begin where the one before it ended.
    #[error(
        "radio {radio}: a window at sample {start} does not begin at sample {position}, where the one before it ended"
    )]
    WindowGap {
        /// The radio.
        radio: String,
        /// First sample of the window.
        start: SampleIndex,
        /// Where the stream stands.
        position: SampleIndex,
    },
    /// Nothing came in time.
    #[error("radio {radio} waited {waited_s} s at sample {position}{}", waiting(.waits_for))]
    TimedOut {
        /// The radio.
        radio: String,
        /// How long.
        waited_s: f64,
        /// Where its stream stands.
        position: SampleIndex,
        /// Who holds time back, where that is known.
        waits_for: Option<String>,
    },
    /// Buffers that do not belong to the radio's channels.
    #[error(
        "radio {radio}: {found} buffers for {channels} {direction} channels, all of one length, are expected"
    )]
    WrongBuffers {
        /// The radio.
        radio: String,
        /// Which way.
        direction: Direction,
        /// Buffers given.
        found: usize,
        /// Channels of the radio.
        channels: usize,
    },
    /// A name that another radio has.
    #[error("a radio called {radio} is there already: names of radios differ")]
    NameTaken {
        /// The name.
        radio: String,
    },
    /// A name for which no place is kept.
    #[error("no place in the ether is kept for radio {radio}: {}", kept(.names))]
    NoSuchName {
        /// The name asked for.
        radio: String,
        /// The names for which places are kept.
        names: Vec<String>,
    },
    /// Ports that are not there, or that another radio has.
    #[error("radio {radio}: {direction} port {port} of the air {reason}")]
    NoSuchPort {
        /// The radio.
        radio: String,
        /// Which way.
        direction: Direction,
        /// The port.
        port: usize,
        /// Why it cannot be had.
        reason: &'static str,
    },
    /// Fewer ports are free than a radio asks for.
    #[error("radio {radio} asks for {wanted} {direction} ports of the air, of which {free} are free")]
    NoFreePorts {
        /// The radio.
        radio: String,
        /// Which way.
        direction: Direction,
        /// How many it asks for.
        wanted: usize,
        /// How many there are.
        free: usize,
    },
    /// A socket at which an ether cannot be served or reached.
    #[error("the ether at {}: {reason}", path.display())]
    Socket {
        /// The socket's path.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A window that a recording does not hold.
    #[error(
        "radio {radio}: a window of {length_samples} samples at {start} ends past sample {}, where the recording ends", held.end
    )]
    PastEnd {
        /// The radio.
        radio: String,
        /// First sample of the window.
        start: SampleIndex,
        /// Its length.
        length_samples: usize,
        /// What the recording holds.
        held: std::ops::Range<SampleIndex>,
    },
    /// A recording that cannot be read.
    #[error("radio {radio}: {source}")]
    Recording {
        /// The radio.
        radio: String,
        /// Why.
        source: Box<RecordingError>,
    },
    /// Something that the permit to transmit does not allow.
    #[error("radio {radio} may not transmit so: {source}")]
    NotPermitted {
        /// The radio.
        radio: String,
        /// Which limit, and which value.
        source: PermitError,
    },
    /// An antenna, a clock or another thing that a radio does not have.
    #[error("radio {radio} has no {what} called {asked:?}: {}", offers(.offered))]
    NotOffered {
        /// The radio.
        radio: String,
        /// What was asked for.
        what: &'static str,
        /// Its name.
        asked: String,
        /// What there is.
        offered: Vec<String>,
    },
    /// No device, or more than one, answers to some arguments.
    #[error("{} devices answer to {args:?}, and one is expected{}", found.len(), devices(.found))]
    WhichDevice {
        /// The arguments.
        args: String,
        /// What answers.
        found: Vec<String>,
    },
    /// What the driver of a radio refused.
    #[error("radio {radio}: cannot {action}: {reason}")]
    Driver {
        /// The radio.
        radio: String,
        /// What was to be done.
        action: String,
        /// What the driver says.
        reason: String,
    },
    /// A clock that follows no reference.
    #[error(
        "radio {radio}: its clock is not locked (clock source {clock_source:?}, time source {time_source:?}; false: {}): is the reference connected, \
         and on?", sensors.join(", ")
    )]
    NotLocked {
        /// The radio.
        radio: String,
        /// Where its clock comes from.
        clock_source: String,
        /// Where its time comes from.
        time_source: String,
        /// What says so.
        sensors: Vec<String>,
    },
    /// The air refused what radios sent.
    #[error("the air: {0}")]
    Air(Box<dyn std::error::Error + Send + Sync>),
    /// The air has failed before, or is gone.
    #[error("radio {radio}: the ether has ended: {reason}")]
    Ended {
        /// The radio.
        radio: String,
        /// Why.
        reason: String,
    },
}

fn kept(names: &[String]) -> String {
    match names {
        [] => "radios there take any free ports".into(),
        _ => format!("there are places for {}", names.join(", ")),
    }
}

fn waiting(radio: &Option<String>) -> String {
    radio.as_ref().map_or(String::new(), |radio| format!(": time stands still until radio {radio} moves"))
}

fn offers(offered: &[String]) -> String {
    if offered.is_empty() { "it offers none".into() } else { format!("it offers {}", offered.join(", ")) }
}

fn devices(found: &[String]) -> String {
    match found.is_empty() {
        true => ": is it plugged in, its module installed, no other program using it?".into(),
        false => format!("; name one by its serial: {}", found.join("; ")),
    }
}
