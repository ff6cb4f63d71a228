//! What a program writes.

use crate::error::DriverError;
use crate::gate::{Gate, lock};
use crate::stream::{NEVER, Setup, Trouble, index_at, slice};
use airloop_baseband::{Complex32, SampleIndex};
use airloop_hil::ether::Event;
use airloop_hil::{Direction, RadioError};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// How far ahead of time several channels begin together where no time is asked for: all of them are written before it is past.
const LEAD: u64 = 4096;
/// How often who waits for a status looks for one.
const PACE: Duration = Duration::from_millis(2);

/// A stream from the host to the antenna.
pub struct TransmitStream {
    setup: Setup,
    active: Gate,
    speech: Mutex<Speech>,
    /// What has been told, so that what concerns several channels is told once.
    told: Mutex<Told>,
}

/// How a program asks for samples to be sent.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked {
    /// Samples of every channel.
    pub count: usize,
    /// When the first of them leaves; else they follow those before, or leave at once.
    pub time_ns: Option<i64>,
    /// Whether they end a burst.
    pub ends: bool,
    /// Whether they are one packet at most.
    pub one_packet: bool,
}

/// How far a stream is.
#[derive(Default)]
struct Speech {
    /// Just past the last sample, where that is known.
    position: Option<SampleIndex>,
    /// Whether samples follow without a break.
    in_burst: bool,
    /// Whether the rest of a burst that came late is let go.
    dropping: bool,
    /// By channel of the stream.
    samples: Vec<Vec<Complex32>>,
}

#[derive(Default)]
struct Told {
    underflow: Option<SampleIndex>,
    /// A burst that was late and began again elsewhere: its underflow is told, not that it was late.
    restarted: Option<SampleIndex>,
}

/// Something that went wrong with what was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// No sample was ready at this time.
    Underflow(i64),
    /// A burst for this time came after it.
    Late(i64),
}

impl TransmitStream {
    /// Makes a stream that is not active.
    pub fn new(setup: Setup) -> Self {
        Self { setup, active: Gate::default(), speech: Mutex::default(), told: Mutex::default() }
    }

    /// Returns what was set up.
    pub fn setup(&self) -> &Setup {
        &self.setup
    }

    /// Starts it, at a time or now. Who is active already begins anew.
    pub fn activate(&self, time_ns: Option<i64>) -> Result<(), Trouble> {
        let radio = &self.setup.radio;
        self.deactivate()?;
        let at = time_ns.map(|time_ns| index_at(radio, Direction::Transmit, time_ns)).transpose()?;
        let start = radio.ask(|place| Ok(place.activate(Direction::Transmit, at)?))?;
        // Channels to which nobody writes would hold time back.
        for channel in self.setup.left_out() {
            radio.use_line(Direction::Transmit, |line| {
                Ok(line.write(channel, (Some(NEVER), &[], true), Duration::ZERO)?)
            })?;
        }
        *lock(&self.speech) = Speech { position: at.map(|_| start), ..Speech::default() };
        self.active.set(true);
        Ok(())
    }

    /// Stops it. What was written is still sent.
    pub fn deactivate(&self) -> Result<(), Trouble> {
        if self.active.set(false) {
            self.finish()?;
            self.setup.radio.ask(|place| Ok(place.deactivate(Direction::Transmit)?))?;
        }
        Ok(())
    }

    /// Writes samples to all channels at one index, as many as there is room for before a deadline; returns how many.
    ///
    /// A burst that comes late is taken and not sent, up to its end or the next time: [`status`](Self::status) tells of it, as hardware
    /// does.
    pub fn write(&self, buffers: &[&[u8]], asked: Asked, deadline: Instant) -> Result<usize, Trouble> {
        let mut speech = lock(&self.speech);
        if !self.active.is_open() {
            let radio = self.setup.radio.name().into();
            return Err(RadioError::NotActive { radio, direction: Direction::Transmit }.into());
        }
        if asked.count == 0 && !asked.ends {
            return Ok(0);
        }
        let most = if asked.one_packet { self.setup.mtu } else { usize::MAX };
        let asked = Asked { count: asked.count.min(most), ends: asked.ends && asked.count <= most, ..asked };
        let Some(start) = self.start(&mut speech, asked)? else {
            speech.dropping &= !asked.ends;
            return Ok(asked.count);
        };
        let mut samples = std::mem::take(&mut speech.samples);
        samples.resize_with(buffers.len(), Vec::new);
        for (samples, bytes) in samples.iter_mut().zip(buffers) {
            self.setup.format.take(&bytes[..asked.count * self.setup.format.bytes()], samples);
        }
        let outcome = self.send(&mut speech, &samples, (start, asked), deadline);
        speech.samples = samples;
        let count = outcome?;
        if asked.ends && count == asked.count {
            drop(speech);
            self.finish()?;
        }
        Ok(count)
    }

    /// Returns where samples begin: `Some(None)` is where the channel stands, `None` is nowhere.
    fn start(&self, speech: &mut Speech, asked: Asked) -> Result<Option<Option<SampleIndex>>, Trouble> {
        let radio = &self.setup.radio;
        if let Some(time_ns) = asked.time_ns {
            if !radio.can.timed_bursts {
                return Err(Trouble::NotSupported);
            }
            speech.dropping = false;
            let index = index_at(radio, Direction::Transmit, time_ns)?;
            // Times that programs add up are off by a sample now and then: what abuts stays so.
            let abuts = |position: &SampleIndex| match speech.in_burst {
                true => index.abs_diff(*position) <= 1,
                false => index + 1 == *position,
            };
            return Ok(Some(speech.position.filter(abuts).or(Some(index))));
        }
        match speech.position {
            _ if speech.dropping => Ok(None),
            // One channel stands where it stands.
            _ if self.setup.channels.len() == 1 => Ok(Some(None)),
            Some(position) if speech.in_burst => Ok(Some(Some(position))),
            position => Ok(Some(Some(self.soon()?.max(position.unwrap_or(0))))),
        }
    }

    fn soon(&self) -> Result<SampleIndex, DriverError> {
        Ok(self.setup.radio.now()? + LEAD)
    }

    fn send(
        &self,
        speech: &mut Speech,
        samples: &[Vec<Complex32>],
        (start, asked): (Option<SampleIndex>, Asked),
        deadline: Instant,
    ) -> Result<usize, Trouble> {
        let (channels, was_in_burst) = (&self.setup.channels, speech.in_burst);
        let Some(first) = samples.first() else { return Ok(0) };
        let mut start = start;
        let mut taken = self.send_one(channels[0], (start, first, asked.ends), deadline);
        if let (Err(error), Some(at), true) = (&taken, start, asked.time_ns.is_none() && was_in_burst)
            && is_late(error)
        {
            // Time has overtaken the burst, which is an underflow: all channels go on together.
            lock(&self.told).restarted = Some(at);
            start = Some(self.soon()?);
            taken = self.send_one(channels[0], (start, first, asked.ends), deadline);
        }
        let count = match taken {
            Ok(0) if asked.count > 0 => return Err(Trouble::Timeout),
            Ok(count) => count,
            Err(error) if is_late(&error) => {
                *speech = Speech { dropping: !asked.ends, ..Speech::default() };
                return Ok(asked.count);
            }
            Err(DriverError::Radio(RadioError::Overlap { .. })) => {
                return Err(Trouble::Time);
            }
            Err(error) => return Err(error.into()),
        };
        let ends = asked.ends && count == asked.count;
        for (channel, samples) in channels.iter().zip(samples).skip(1) {
            self.send_rest(*channel, (start, &samples[..count], ends))?;
        }
        let begun = start.or(speech.position.filter(|_| was_in_burst));
        speech.position = begun.map(|start| start + count as u64);
        speech.in_burst = !ends;
        Ok(count)
    }

    /// Writes to a channel what there is room for before a deadline.
    fn send_one(
        &self,
        channel: usize,
        piece: (Option<SampleIndex>, &[Complex32], bool),
        deadline: Instant,
    ) -> Result<usize, DriverError> {
        loop {
            let (wait, last) = slice(deadline);
            let radio = &self.setup.radio;
            let count = radio.use_line(Direction::Transmit, |line| Ok(line.write(channel, piece, wait)?))?;
            if count > 0 || piece.1.is_empty() || last || !self.active.is_open() {
                return Ok(count);
            }
        }
    }

    /// Writes to a channel all that the first one took: there is as much room. What time overtook meanwhile is told by the status.
    fn send_rest(
        &self,
        channel: usize,
        (start, samples, ends): (Option<SampleIndex>, &[Complex32], bool),
    ) -> Result<(), DriverError> {
        let mut sent = 0;
        loop {
            let piece = (start.map(|start| start + sent as u64), &samples[sent..], ends);
            match self.send_one(channel, piece, crate::stream::deadline(1_000_000)) {
                Ok(count) => sent += count,
                Err(error) if is_late(&error) => return Ok(()),
                Err(error) => return Err(error),
            }
            if sent == samples.len() || !self.active.is_open() {
                return Ok(());
            }
        }
    }

    /// Sends what hardware keeps of the last burst.
    fn finish(&self) -> Result<(), DriverError> {
        let finish = |channel: &usize| {
            self.setup.radio.use_line(Direction::Transmit, |line| Ok(line.finish(*channel)?))
        };
        self.setup.channels.iter().try_for_each(finish)
    }

    /// Waits until a deadline for something that went wrong.
    pub fn status(&self, deadline: Instant) -> Result<Status, Trouble> {
        loop {
            while let Some(event) = self.setup.radio.ask(|place| Ok(place.event()))? {
                if let Some(status) = self.tell(event) {
                    return Ok(status);
                }
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(Trouble::Timeout);
            }
            std::thread::sleep(left.min(PACE));
        }
    }

    /// Returns what a program is told of an event.
    fn tell(&self, event: Event) -> Option<Status> {
        let mut told = lock(&self.told);
        let clock = self.setup.radio.clock(Direction::Transmit);
        match event {
            Event::Underflow(index) if self.setup.channels.len() > 1 && told.underflow == Some(index) => None,
            Event::Underflow(index) => {
                told.underflow = Some(index);
                Some(Status::Underflow(clock.ns(index)))
            }
            Event::Late(index, _) if told.restarted == Some(index) => None,
            Event::Late(index, _) => Some(Status::Late(clock.ns(index))),
            // Who reads is told by what is read.
            Event::Overflow(_) => None,
        }
    }
}

fn is_late(error: &DriverError) -> bool {
    matches!(error, DriverError::Radio(RadioError::Late { .. }))
}

impl Drop for TransmitStream {
    fn drop(&mut self) {
        // A radio that is closed, or an ether that has ended, has stopped it before.
        _ = self.deactivate();
    }
}
