//! What radios ask of the ether.

use super::failure::direction;
use super::{Head, MOST_INDEX, MOST_SAMPLES};
use crate::ether::Event;
use crate::radio::Direction;
use airloop_baseband::SampleIndex;
use std::time::Duration;

/// Bytes of a sample.
const SAMPLE_BYTES: usize = 8;

/// A request; the samples of a write are the tail of its frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// The first index that can still be sent.
    Now,
    /// Start the channels of a direction.
    Activate(Direction, Option<SampleIndex>),
    /// Stop them.
    Deactivate(Direction),
    /// Write samples of a channel.
    Write {
        /// Which.
        channel: usize,
        /// Where they begin, or where the stream stands.
        start: Option<SampleIndex>,
        /// How many.
        count: usize,
        /// Whether they end a burst.
        last: bool,
        /// How long they may wait.
        timeout: Duration,
    },
    /// Promise silence.
    SilentUntil(SampleIndex),
    /// Read samples of a channel.
    Read {
        /// Which.
        channel: usize,
        /// How many at most.
        most: usize,
        /// How long to wait for the first.
        timeout: Duration,
    },
    /// Let samples of a channel pass.
    Skip(usize, SampleIndex),
    /// The next thing that went wrong.
    Event,
    /// What went wrong so far.
    Status,
    /// Who holds time back.
    WaitsFor,
    /// The radio leaves.
    Leave,
}

impl Request {
    /// Returns the head of its frame.
    pub fn head(&self) -> Head {
        let nanos = |timeout: &Duration| u64::try_from(timeout.as_nanos()).unwrap_or(u64::MAX);
        let way = |direction: &Direction| u64::from(*direction == Direction::Receive);
        let index = |at: &Option<SampleIndex>| (at.unwrap_or(0), u64::from(at.is_some()));
        match self {
            Self::Now => Head::new(16, [0; 4]),
            Self::Activate(direction, at) => Head::new(17, [way(direction), index(at).0, index(at).1, 0]),
            Self::Deactivate(direction) => Head::new(18, [way(direction), 0, 0, 0]),
            Self::Write { channel, start, count, last, timeout } => {
                let flags = index(start).1 | u64::from(*last) << 1;
                let values = [*channel as u64, index(start).0, flags, nanos(timeout)];
                Head { kind: 19, length: (count * SAMPLE_BYTES) as u32, values }
            }
            Self::SilentUntil(index) => Head::new(20, [*index, 0, 0, 0]),
            Self::Read { channel, most, timeout } => {
                Head::new(21, [*channel as u64, *most as u64, 0, nanos(timeout)])
            }
            Self::Skip(channel, until) => Head::new(22, [*channel as u64, *until, 0, 0]),
            Self::Event => Head::new(23, [0; 4]),
            Self::Status => Head::new(24, [0; 4]),
            Self::WaitsFor => Head::new(25, [0; 4]),
            Self::Leave => Head::new(26, [0; 4]),
        }
    }

    /// Reads a head; `None` for rubbish, which lengths and indices out of range are too.
    pub fn parse(head: &Head) -> Option<Self> {
        let [a, b, c, d] = head.values;
        let length = head.length as usize;
        if head.kind != 19 && length > 0 {
            return None;
        }
        let channel = usize::try_from(a).ok()?;
        let index = |index: u64| (index <= MOST_INDEX).then_some(index);
        let maybe = |at: u64, flag: u64| if flag == 1 { index(at).map(Some) } else { Some(None) };
        let timeout = Duration::from_nanos(d);
        Some(match head.kind {
            16 => Self::Now,
            17 if c < 2 => Self::Activate(direction(a)?, maybe(b, c)?),
            18 => Self::Deactivate(direction(a)?),
            19 if c < 4 && length.is_multiple_of(SAMPLE_BYTES) && length <= MOST_SAMPLES * SAMPLE_BYTES => {
                let (start, last) = (maybe(b, c & 1)?, c & 2 != 0);
                Self::Write { channel, start, count: length / SAMPLE_BYTES, last, timeout }
            }
            20 => Self::SilentUntil(index(a)?),
            21 => {
                let most = usize::try_from(b).ok().filter(|most| *most <= MOST_SAMPLES)?;
                Self::Read { channel, most, timeout }
            }
            22 => Self::Skip(channel, index(b)?),
            23 => Self::Event,
            24 => Self::Status,
            25 => Self::WaitsFor,
            26 => Self::Leave,
            _ => return None,
        })
    }
}

/// Returns the numbers of an event.
pub fn encode_event(event: Option<Event>) -> [u64; 4] {
    match event {
        None => [0; 4],
        Some(Event::Underflow(index)) => [1, index, 0, 0],
        Some(Event::Overflow(index)) => [2, index, 0, 0],
        Some(Event::Late(index, count)) => [3, index, count, 0],
    }
}

/// Reads the numbers of an event.
pub fn decode_event([tag, index, count, _]: [u64; 4]) -> Option<Event> {
    match tag {
        1 => Some(Event::Underflow(index)),
        2 => Some(Event::Overflow(index)),
        3 => Some(Event::Late(index, count)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_come_back_and_lies_do_not() {
        let timeout = Duration::from_millis(3);
        let way = Direction::Receive;
        let write = |count| Request::Write { channel: 1, start: Some(0), count, last: true, timeout };
        let read = |most| Request::Read { channel: 2, most, timeout };
        for request in [
            Request::Now,
            Request::Activate(way, None),
            Request::Activate(Direction::Transmit, Some(MOST_INDEX)),
            Request::Deactivate(way),
            write(MOST_SAMPLES),
            Request::Write { channel: 0, start: None, count: 0, last: false, timeout: Duration::MAX },
            Request::SilentUntil(4),
            read(MOST_SAMPLES),
            Request::Skip(1, 9),
            Request::Event,
            Request::Status,
            Request::WaitsFor,
            Request::Leave,
        ] {
            let back = Request::parse(&request.head()).unwrap();
            assert_eq!(back.head(), request.head());
            let longer = Head { length: u32::MAX, ..request.head() };
            assert_eq!(Request::parse(&longer), None, "{request:?}");
        }
        for lie in [write(MOST_SAMPLES + 1), read(MOST_SAMPLES + 1), Request::Skip(0, u64::MAX)] {
            assert_eq!(Request::parse(&lie.head()), None);
        }
        for event in [None, Some(Event::Underflow(3)), Some(Event::Overflow(4)), Some(Event::Late(5, 6))] {
            assert_eq!(decode_event(encode_event(event)), event);
        }
    }
}
