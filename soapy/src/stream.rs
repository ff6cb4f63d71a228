//! Streams: what both directions share.

use crate::error::DriverError;
use crate::format::Format;
use crate::radio::Radio;
use crate::receive_stream::ReceiveStream;
use crate::transmit_stream::TransmitStream;
use airloop_baseband::SampleIndex;
use airloop_hil::{Direction, RadioError};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Samples of a packet unless a program asks for others.
pub const DEFAULT_MTU: usize = 4096;
/// Most samples of a packet.
pub const MOST_MTU: usize = 1 << 16;
/// Index at which nothing happens any more: for channels of the radio that a stream leaves out.
pub const NEVER: SampleIndex = 1 << 62;
/// How often who waits looks whether its stream is still active.
const SLICE: Duration = Duration::from_millis(50);

/// Why a call of a stream gives no samples.
#[derive(Debug)]
pub enum Trouble {
    /// Nothing came, or nothing could go, in time.
    Timeout,
    /// Samples from this time on were lost.
    Overflow(i64),
    /// The radio cannot do that.
    NotSupported,
    /// A time is past, or before the ether's beginning.
    Time,
    /// All else.
    Failed(DriverError),
}

impl Trouble {
    /// Returns SoapySDR's code.
    pub fn code(&self) -> i32 {
        match self {
            Self::Timeout => -1,
            Self::Failed(_) => -2,
            Self::Overflow(_) => -4,
            Self::NotSupported => -5,
            Self::Time => -6,
        }
    }
}

impl<E: Into<DriverError>> From<E> for Trouble {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// What a program set up.
pub struct Setup {
    /// The radio.
    pub radio: Arc<Radio>,
    /// Which way.
    pub direction: Direction,
    /// Channels of the radio, in the order of the program's buffers.
    pub channels: Vec<usize>,
    /// How samples lie in the program's memory.
    pub format: Format,
    /// Samples of a packet.
    pub mtu: usize,
}

impl Setup {
    /// Checks what a program asks for; no channel is the first one.
    pub fn new(
        radio: Arc<Radio>,
        direction: Direction,
        (format, channels): (&str, &[usize]),
        arguments: &str,
    ) -> Result<Self, DriverError> {
        let can = &radio.can;
        let channels = if channels.is_empty() { vec![0] } else { channels.to_vec() };
        for (place, channel) in channels.iter().enumerate() {
            can.check_channel(direction, *channel)?;
            if channels[..place].contains(channel) {
                return Err(radio.unknown("second channel", &channel.to_string(), &["one of each number"]));
            }
        }
        let (format, mtu) = (Format::of(format, radio.name())?, mtu(arguments)?);
        radio.begin_stream(direction)?;
        Ok(Self { radio, direction, channels, format, mtu })
    }

    /// Returns the channels of the radio that the stream leaves out.
    pub fn left_out(&self) -> Vec<usize> {
        let count = self.radio.can.channels(self.direction);
        (0..count).filter(|channel| !self.channels.contains(channel)).collect()
    }
}

impl Drop for Setup {
    fn drop(&mut self) {
        self.radio.end_stream(self.direction);
    }
}

fn mtu(arguments: &str) -> Result<usize, DriverError> {
    let mut mtu = DEFAULT_MTU;
    // SoapyRemote leaves its own arguments among those of its server's devices; others say which format the wire should have, and ours has
    // the ether's floats.
    let foreign = |key: &str| key == "WIRE" || key.starts_with("remote:");
    let pairs = arguments.lines().filter_map(|line| line.split_once('='));
    for (key, value) in pairs.filter(|(key, _)| !foreign(key)) {
        if key != "mtu" {
            let known = "mtu".into();
            return Err(DriverError::UnknownArgument { key: key.into(), near: None, known });
        }
        mtu = value.parse().ok().filter(|mtu| (1..=MOST_MTU).contains(mtu)).ok_or_else(|| {
            let expected = format!("samples of a packet, from 1 to {MOST_MTU}, are expected");
            DriverError::BadArgument { key: "mtu", value: value.into(), expected }
        })?;
    }
    Ok(mtu)
}

/// A stream of either direction.
pub enum Stream {
    /// From the host to the antenna.
    Transmit(TransmitStream),
    /// From the antenna to the host.
    Receive(ReceiveStream),
}

impl Stream {
    /// Makes a stream that is not active.
    pub fn new(setup: Setup) -> Self {
        match setup.direction {
            Direction::Transmit => Self::Transmit(TransmitStream::new(setup)),
            Direction::Receive => Self::Receive(ReceiveStream::new(setup)),
        }
    }

    /// Returns what was set up.
    pub fn setup(&self) -> &Setup {
        match self {
            Self::Transmit(stream) => stream.setup(),
            Self::Receive(stream) => stream.setup(),
        }
    }

    /// Starts it, at a time or now; a number of samples ends what is received by itself.
    pub fn activate(&self, time_ns: Option<i64>, count: usize) -> Result<(), Trouble> {
        match self {
            Self::Transmit(_) if count > 0 => Err(Trouble::NotSupported),
            Self::Transmit(stream) => stream.activate(time_ns),
            Self::Receive(stream) => stream.activate(time_ns, count),
        }
    }

    /// Stops it.
    pub fn deactivate(&self) -> Result<(), Trouble> {
        match self {
            Self::Transmit(stream) => stream.deactivate(),
            Self::Receive(stream) => stream.deactivate(),
        }
    }
}

/// Returns when a wait of so many microseconds is over; less than none is none.
pub fn deadline(timeout_us: i64) -> Instant {
    let timeout = Duration::from_micros(u64::try_from(timeout_us).unwrap_or(0));
    let longest = Duration::from_secs(1 << 30);
    Instant::now() + timeout.min(longest)
}

/// Returns for how long to wait at once, and whether that is the last of it.
pub fn slice(deadline: Instant) -> (Duration, bool) {
    let left = deadline.saturating_duration_since(Instant::now());
    (left.min(SLICE), left <= SLICE)
}

/// Returns the sample of a direction at a time.
pub fn index_at(radio: &Radio, direction: Direction, time_ns: i64) -> Result<SampleIndex, Trouble> {
    if !radio.can.timestamps {
        return Err(Trouble::NotSupported);
    }
    radio.clock(direction).index(time_ns).filter(|index| *index < NEVER).ok_or(Trouble::Time)
}

/// Returns whether an error says that a stream was stopped in the meantime.
pub fn was_stopped(error: &DriverError) -> bool {
    matches!(error, DriverError::Radio(RadioError::NotActive { .. }))
}
