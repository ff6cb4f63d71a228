//! What a program reads.

use crate::gate::{Gate, lock};
use crate::stream::{NEVER, Setup, Trouble, index_at, slice, was_stopped};
use airloop_baseband::{Complex32, SampleIndex};
use airloop_hil::Direction;
use std::sync::Mutex;
use std::time::Instant;

/// A stream from the antenna to the host.
pub struct ReceiveStream {
    setup: Setup,
    active: Gate,
    hearing: Mutex<Hearing>,
}

/// What was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet {
    /// Samples of every channel.
    pub count: usize,
    /// Time of the first of them, if the radio has any.
    pub time_ns: Option<i64>,
    /// Whether no more follow.
    pub ends: bool,
}

/// How far a stream is.
#[derive(Default)]
struct Hearing {
    /// Where the next packet begins, unless samples are lost.
    position: SampleIndex,
    /// Samples that are still to come, if not all.
    left: Option<u64>,
    /// By channel of the stream: what has come in and was not yet given, the first of it at an index.
    ears: Vec<Ear>,
}

#[derive(Default)]
struct Ear {
    start: SampleIndex,
    samples: Vec<Complex32>,
}

impl Ear {
    fn drop_first(&mut self, count: usize) {
        self.samples.drain(..count);
        self.start += count as u64;
    }

    /// Drops what lies before an index.
    fn drop_before(&mut self, index: SampleIndex) {
        let count = index.saturating_sub(self.start).min(self.samples.len() as u64);
        self.drop_first(count as usize);
    }
}

impl ReceiveStream {
    /// Makes a stream that is not active.
    pub fn new(setup: Setup) -> Self {
        Self { setup, active: Gate::default(), hearing: Mutex::default() }
    }

    /// Returns what was set up.
    pub fn setup(&self) -> &Setup {
        &self.setup
    }

    /// Starts it, at a time or now; a number of samples other than 0 ends it by itself. Who is active already begins anew.
    pub fn activate(&self, time_ns: Option<i64>, count: usize) -> Result<(), Trouble> {
        let radio = &self.setup.radio;
        self.deactivate()?;
        let mut hearing = lock(&self.hearing);
        let at = time_ns.map(|time_ns| index_at(radio, Direction::Receive, time_ns)).transpose()?;
        let start = radio.ask(|place| Ok(place.activate(Direction::Receive, at)?))?;
        if at.is_some_and(|at| at < start) {
            radio.ask(|place| Ok(place.deactivate(Direction::Receive)?))?;
            return Err(Trouble::Time);
        }
        // Channels that nobody reads would hold time back, or lose what they hear.
        for channel in self.setup.left_out() {
            radio.use_line(Direction::Receive, |line| Ok(line.skip(channel, NEVER)?))?;
        }
        hearing.position = start;
        hearing.left = Some(count as u64).filter(|count| *count > 0);
        hearing.ears.clear();
        hearing.ears.resize_with(self.setup.channels.len(), Ear::default);
        self.active.set(true);
        Ok(())
    }

    /// Stops it; who reads is told that nothing comes.
    pub fn deactivate(&self) -> Result<(), Trouble> {
        if self.active.set(false) {
            self.setup.radio.ask(|place| Ok(place.deactivate(Direction::Receive)?))?;
        }
        Ok(())
    }

    /// Reads what there is, up to so many samples of every channel, and waits for the first of them until a deadline. What is not
    /// active yet waits too.
    ///
    /// No more than is asked for is taken from the ether: in lockstep the time up to which a radio has heard is its own to choose.
    pub fn read(&self, out: &mut [&mut [u8]], count: usize, deadline: Instant) -> Result<Packet, Trouble> {
        if !self.active.wait(deadline) {
            return Err(Trouble::Timeout);
        }
        let mut hearing = lock(&self.hearing);
        let most = count.min(self.setup.mtu) as u64;
        let most = most.min(hearing.left.unwrap_or(most)) as usize;
        if most == 0 {
            return Ok(Packet { count: 0, time_ns: None, ends: false });
        }
        let start = self.align(&mut hearing, most, deadline)?;
        let (radio, position) = (&self.setup.radio, hearing.position);
        let clock = radio.clock(Direction::Receive);
        if start > position {
            hearing.position = start;
            return Err(Trouble::Overflow(clock.ns(position)));
        }
        let count = hearing.ears.iter().map(|ear| ear.samples.len()).min().unwrap_or(0).min(most);
        for (ear, out) in hearing.ears.iter_mut().zip(out) {
            self.setup.format.put(&ear.samples[..count], out);
            ear.drop_first(count);
        }
        hearing.position += count as u64;
        if let Some(left) = &mut hearing.left {
            *left -= count as u64;
        }
        let ends = hearing.left == Some(0);
        drop(hearing);
        if ends {
            self.deactivate()?;
        }
        let time_ns = radio.can.timestamps.then(|| clock.ns(start));
        Ok(Packet { count, time_ns, ends })
    }

    /// Waits until all channels have samples from one index on, and returns it.
    fn align(&self, hearing: &mut Hearing, most: usize, deadline: Instant) -> Result<SampleIndex, Trouble> {
        let mut start = hearing.position;
        loop {
            let mut wanted = most;
            for (ear, channel) in hearing.ears.iter_mut().zip(&self.setup.channels) {
                ear.drop_before(start);
                if ear.samples.is_empty() {
                    self.hear(ear, *channel, wanted, deadline)?;
                }
                // The others are read up to the same index, so that none is ahead.
                wanted = ear.samples.len();
            }
            let latest = hearing.ears.iter().map(|ear| ear.start).max().unwrap_or(start).max(start);
            if hearing.ears.iter().all(|ear| ear.start == latest) {
                return Ok(latest);
            }
            start = latest;
        }
    }

    /// Waits for samples of one channel.
    fn hear(&self, ear: &mut Ear, channel: usize, most: usize, deadline: Instant) -> Result<(), Trouble> {
        ear.samples.resize(most, Complex32::default());
        loop {
            let (wait, last) = slice(deadline);
            let heard = self.setup.radio.use_line(Direction::Receive, |line| {
                Ok(line.read(channel, &mut ear.samples[..most], wait)?)
            });
            let trouble = match heard {
                Ok(heard) if heard.count > 0 => {
                    ear.samples.truncate(heard.count);
                    ear.start = heard.start;
                    return Ok(());
                }
                Ok(_) if !last && self.active.is_open() => continue,
                Ok(_) => Trouble::Timeout,
                Err(error) if was_stopped(&error) => Trouble::Timeout,
                Err(error) => Trouble::Failed(error),
            };
            ear.samples.clear();
            return Err(trouble);
        }
    }
}

impl Drop for ReceiveStream {
    fn drop(&mut self) {
        // A radio that is closed, or an ether that has ended, has stopped it before.
        _ = self.deactivate();
    }
}
