//! The side of a device that sends.

use super::common::{Common, Deadline};
use super::mixer::Oscillation;
use super::model::MOST_INDEX;
use super::outgoing::{Outgoing, first_after, reach};
use super::side::TransmitStage;
use crate::error::RadioError;
use crate::ether::{Attachment, Event};
use crate::radio::Direction;
use crate::virtual_radio::TIMEOUT;
use airloop_baseband::{Complex32, SampleIndex};
use airloop_channels::impairment::Transmitter;
use std::sync::Arc;
use std::time::Duration;

/// Own samples that are taken at once.
const PIECE: usize = 8192;

/// How far ahead of time a stream that was overtaken begins again at most, in samples of the air.
const MOST_LAG: SampleIndex = 1 << 20;

/// Samples for a channel: where they begin, and whether they are the last of a burst.
type Piece<'a> = (Option<SampleIndex>, &'a [Complex32], bool);

/// The side of a device that sends.
pub struct Sender<A: Attachment> {
    inner: A,
    common: Arc<Common>,
    transmitter: Transmitter,
    stream: Stream,
    /// Samples behind the transmitter.
    numbers: Vec<Complex32>,
}

/// How the channels stream.
enum Stream {
    Stopped,
    /// Samples keep their time.
    Direct,
    Shaped(Vec<Line>),
}

/// A channel.
struct Line {
    outgoing: Outgoing<TransmitStage>,
    oscillation: Oscillation,
    /// By how much the last burst lies behind where it was asked for.
    shift: u64,
    bursts: u64,
}

/// What is to leave a channel.
#[derive(Clone, Copy)]
enum Ask {
    /// What nothing from an index on changes; whether more follows there.
    Until(SampleIndex, bool),
    /// All.
    Rest,
}

impl<A: Attachment> Sender<A> {
    /// Makes the side of a device at its place.
    pub fn new(inner: A, common: Arc<Common>, transmitter: Transmitter) -> Self {
        Self { inner, common, transmitter, stream: Stream::Stopped, numbers: Vec::new() }
    }

    /// Starts the channels; returns the index at which they stand.
    pub fn activate(&mut self, at: Option<SampleIndex>) -> Result<SampleIndex, RadioError> {
        let direction = Direction::Transmit;
        let common = Arc::clone(&self.common);
        let (model, mut side) = (&common.model, common.side(direction));
        model.check_index(at.unwrap_or(0), 0)?;
        model.check_band(&side)?;
        if common.is_direct(direction, &side) {
            let start = self.inner.activate(direction, at)?;
            (side.origin, self.stream) = (Some(0), Stream::Direct);
            return Ok(start);
        }
        let timed = model.persona.timestamps;
        let stage = TransmitStage::of(model, &side, if timed { model.origin(direction, 0) } else { 0 });
        let asked = at.map(|at| match timed {
            true => reach(&stage, at),
            false => stage.first.stage.output_at(at as i64) as SampleIndex,
        });
        let air = self.inner.activate(direction, asked)?;
        let origin = model.origin(direction, air);
        let stage = TransmitStage::of(model, &side, origin);
        let start = match at {
            _ if !timed => 0,
            Some(at) if asked.is_some_and(|asked| air <= asked) => at,
            _ => first_after(&stage, air),
        };
        let line = |_| Line {
            outgoing: Outgoing::new(stage.clone(), start, air),
            oscillation: side.oscillation,
            shift: 0,
            bursts: 0,
        };
        self.stream = Stream::Shaped((0..model.capabilities.transmit_channels).map(line).collect());
        side.origin = Some(origin);
        Ok(start)
    }

    /// Stops the channels; what they keep is sent.
    pub fn deactivate(&mut self) -> Result<(), RadioError> {
        let channels = self.lines().len();
        let sent = (0..channels).try_for_each(|channel| self.finish(channel));
        self.stream = Stream::Stopped;
        self.common.side(Direction::Transmit).origin = None;
        self.inner.deactivate(Direction::Transmit)?;
        sent
    }

    /// Takes samples of a channel; returns how many.
    pub fn write(
        &mut self,
        channel: usize,
        piece: Piece<'_>,
        timeout: Duration,
    ) -> Result<usize, RadioError> {
        let (start, samples, last) = piece;
        let common = Arc::clone(&self.common);
        common.model.capabilities.check_channel(Direction::Transmit, channel)?;
        let (gain_db, oscillation) = {
            let side = common.side(Direction::Transmit);
            (side.gain_db[channel], side.oscillation)
        };
        let amplitude = common.model.amplitude(Direction::Transmit, gain_db) as f32;
        let deadline = Deadline::after(timeout);
        let line = match &mut self.stream {
            Stream::Stopped => return Err(self.not_active()),
            Stream::Direct => {
                let factor = oscillation.factor().unwrap_or_default() * amplitude;
                return self.write_direct(channel, piece, (factor, deadline));
            }
            Stream::Shaped(lines) => &mut lines[channel],
        };
        if line.oscillation != oscillation {
            let (own, sent) = (line.outgoing.end(), line.outgoing.sent());
            line.outgoing.stage().retune(oscillation, own, sent);
            line.oscillation = oscillation;
        }
        if samples.is_empty() {
            return self.write_nothing(channel, (start, last), deadline).map(|()| 0);
        }
        self.write_shaped(channel, piece, (amplitude, deadline))
    }

    /// Passes samples on whose time does not change.
    fn write_direct(
        &mut self,
        channel: usize,
        (start, samples, last): Piece<'_>,
        (factor, deadline): (Complex32, Deadline),
    ) -> Result<usize, RadioError> {
        if factor == Complex32::new(1.0, 0.0) && self.transmitter.is_identity() {
            return self.inner.write(channel, (start, samples, last), deadline.left());
        }
        let mut taken = 0;
        loop {
            let piece = &samples[taken..samples.len().min(taken + PIECE)];
            let ends = taken + piece.len() == samples.len();
            self.shape(piece, factor);
            // A piece follows the one before it, wherever that began.
            let at = start.map(|start| start.saturating_add(taken as u64));
            let outcome = self.inner.write(channel, (at, &self.numbers, last && ends), deadline.left());
            let count = match outcome {
                Err(_) if taken > 0 => return Ok(taken),
                outcome => outcome?,
            };
            taken += count;
            if ends || count < piece.len() {
                return Ok(taken);
            }
        }
    }

    /// Makes what leaves the transmitter of numbers.
    fn shape(&mut self, samples: &[Complex32], factor: Complex32) {
        self.numbers.clear();
        self.numbers.extend_from_slice(samples);
        self.transmitter.apply(&mut self.numbers);
        if factor != Complex32::new(1.0, 0.0) {
            self.numbers.iter_mut().for_each(|x| *x *= factor);
        }
    }

    /// Takes note of where a stream stands, or ends.
    fn write_nothing(
        &mut self,
        channel: usize,
        (start, last): (Option<SampleIndex>, bool),
        deadline: Deadline,
    ) -> Result<(), RadioError> {
        let end = self.lines()[channel].outgoing.end();
        let asked = start.unwrap_or(end);
        self.place(channel, asked)?;
        let own = asked.clamp(end, end.max(MOST_INDEX));
        if own == end {
            let behind = self.lines()[channel].outgoing.is_behind();
            return match behind || last {
                true => self.forward(channel, Ask::Until(own, !last), deadline).map(|_| ()),
                false => Ok(()),
            };
        }
        if self.forward(channel, Ask::Until(own, false), deadline)? {
            let outgoing = &mut self.lines()[channel].outgoing;
            outgoing.promise(own);
            let at = if asked > MOST_INDEX { asked } else { outgoing.sent() };
            self.inner.write(channel, (Some(at), &[], last), deadline.left())?;
        }
        Ok(())
    }

    /// Takes samples whose time changes.
    fn write_shaped(
        &mut self,
        channel: usize,
        (start, samples, last): Piece<'_>,
        (amplitude, deadline): (f32, Deadline),
    ) -> Result<usize, RadioError> {
        let mut placed = match start {
            Some(asked) => self.place(channel, asked)?,
            None => Placed { own: self.lines()[channel].outgoing.stands(), shift: 0, begins: false },
        };
        let mut lag = 0;
        loop {
            let piece = (Some(placed.own), samples, last);
            let late = match self.send(channel, piece, (amplitude, deadline)) {
                Err(RadioError::Late { now, .. }) => now,
                outcome => {
                    let line = &mut self.lines()[channel];
                    if outcome.as_ref().is_ok_and(|taken| *taken > 0) {
                        (line.shift, line.bursts) = (placed.shift, line.bursts + u64::from(placed.begins));
                    }
                    return outcome;
                }
            };
            if let Some(asked) = start.or((lag > MOST_LAG).then_some(placed.own)) {
                return Err(self.late(channel, (asked, samples.len()), late));
            }
            // Time goes on while samples are made.
            let outgoing = &mut self.lines()[channel].outgoing;
            let end = outgoing.end();
            placed.own = first_after(outgoing.stage(), late + lag).max(end);
            lag = (2 * lag).max(1024);
        }
    }

    /// Returns where a burst comes to lie that is asked for at an index.
    fn place(&mut self, channel: usize, asked: SampleIndex) -> Result<Placed, RadioError> {
        let common = Arc::clone(&self.common);
        let line = &self.lines()[channel];
        let (end, shift) = (line.outgoing.end(), line.shift);
        let position = end - shift.min(end);
        if asked < position {
            let radio = common.model.capabilities.name.clone();
            return Err(RadioError::Overlap { radio, start: asked, position });
        }
        if asked == position {
            return Ok(Placed { own: end, shift, begins: false });
        }
        let on_time = common.model.on_quantum(asked);
        let own = on_time.saturating_add(common.model.jitter(line.bursts)).max(end);
        Ok(Placed { own, shift: own - asked, begins: true })
    }

    /// Takes samples from an own index on, as many as the ether keeps up with.
    fn send(
        &mut self,
        channel: usize,
        (start, samples, last): Piece<'_>,
        (amplitude, deadline): (f32, Deadline),
    ) -> Result<usize, RadioError> {
        let outgoing = &self.lines()[channel].outgoing;
        let own = start.unwrap_or(outgoing.end());
        let (goes_on, behind) = (own == outgoing.end(), outgoing.is_behind());
        self.common.model.check_index(own, samples.len())?;
        // What was taken before goes first.
        if (behind || !goes_on) && !self.forward(channel, Ask::Until(own, goes_on), deadline)? {
            return Ok(0);
        }
        let mut taken = 0;
        for piece in samples.chunks(PIECE) {
            let more = !last || taken + piece.len() < samples.len();
            self.shape(piece, amplitude.into());
            match self.send_piece(channel, (own + taken as u64, more), deadline) {
                Ok(all) => {
                    taken += piece.len();
                    if !all {
                        break;
                    }
                }
                Err(error) if taken == 0 => return Err(error),
                // Whoever writes what was not taken meets it.
                Err(_) => break,
            }
        }
        Ok(taken)
    }

    /// Takes what the transmitter has made; returns whether the ether took all that could leave. What comes late is not taken.
    fn send_piece(
        &mut self,
        channel: usize,
        (start, more): (SampleIndex, bool),
        deadline: Deadline,
    ) -> Result<bool, RadioError> {
        let Stream::Shaped(lines) = &mut self.stream else { return Ok(true) };
        let (outgoing, inner) = (&mut lines[channel].outgoing, &mut self.inner);
        let (end, passed) = (outgoing.end(), outgoing.passed());
        outgoing.give(start, &self.numbers);
        let ask = (start + self.numbers.len() as u64, more);
        let mut send = |at, samples: &[Complex32], last| {
            inner.write(channel, (Some(at), samples, last), deadline.left())
        };
        match outgoing.settle(ask.0, ask.1, &mut send) {
            Err(error @ RadioError::Late { now, .. }) => {
                self.common.faults().late_in_air += 1;
                if outgoing.passed() == passed {
                    outgoing.take_back(self.numbers.len(), end);
                    outgoing.overtaken(now);
                    return Err(error);
                }
                outgoing.overtaken(now);
                self.forward(channel, Ask::Until(ask.0, ask.1), deadline)
            }
            outcome => outcome,
        }
    }

    /// Lets what was taken leave; what time has overtaken is gone. Returns whether the ether took all of it.
    fn forward(&mut self, channel: usize, ask: Ask, deadline: Deadline) -> Result<bool, RadioError> {
        let Stream::Shaped(lines) = &mut self.stream else { return Ok(true) };
        let (outgoing, inner) = (&mut lines[channel].outgoing, &mut self.inner);
        let mut send = |at, samples: &[Complex32], last| {
            inner.write(channel, (Some(at), samples, last), deadline.left())
        };
        loop {
            let outcome = match ask {
                Ask::Until(index, more) => outgoing.settle(index, more, &mut send),
                Ask::Rest => outgoing.finish(&mut send),
            };
            let Err(RadioError::Late { now, .. }) = outcome else { return outcome };
            self.common.faults().late_in_air += 1;
            outgoing.overtaken(now);
        }
    }

    /// Sends what a channel keeps.
    pub fn finish(&mut self, channel: usize) -> Result<(), RadioError> {
        self.common.model.capabilities.check_channel(Direction::Transmit, channel)?;
        match self.forward(channel, Ask::Rest, Deadline::after(TIMEOUT))? {
            true => Ok(()),
            false => Err(self.timed_out(channel)),
        }
    }

    /// Promises that nothing more is sent before an index.
    pub fn silent_until(&mut self, index: SampleIndex) -> Result<(), RadioError> {
        let own = index.min(MOST_INDEX);
        let channels = match &self.stream {
            Stream::Stopped => return Ok(()),
            Stream::Direct => return self.inner.silent_until(index),
            Stream::Shaped(lines) => lines.len(),
        };
        let deadline = Deadline::after(TIMEOUT);
        for channel in 0..channels {
            if !self.forward(channel, Ask::Until(own, false), deadline)? {
                return Err(self.timed_out(channel));
            }
            self.lines()[channel].outgoing.promise(own);
        }
        let Some(line) = self.lines().first_mut() else { return Ok(()) };
        let settled = reach(line.outgoing.stage(), own);
        self.inner.silent_until(if index > MOST_INDEX { index } else { settled })
    }

    fn lines(&mut self) -> &mut [Line] {
        match &mut self.stream {
            Stream::Shaped(lines) => lines,
            Stream::Stopped | Stream::Direct => &mut [],
        }
    }

    fn not_active(&self) -> RadioError {
        let radio = self.common.model.capabilities.name.clone();
        RadioError::NotActive { radio, direction: Direction::Transmit }
    }

    fn timed_out(&mut self, channel: usize) -> RadioError {
        RadioError::TimedOut {
            radio: self.common.model.capabilities.name.clone(),
            waited_s: TIMEOUT.as_secs_f64(),
            position: self.lines()[channel].outgoing.end(),
            waits_for: self.inner.waits_for(),
        }
    }

    /// Tells that samples came when an index of the air had gone out.
    fn late(&mut self, channel: usize, (start, count): (SampleIndex, usize), air: SampleIndex) -> RadioError {
        let now = first_after(self.lines()[channel].outgoing.stage(), air);
        let mut faults = self.common.faults();
        faults.late += 1;
        faults.report(Event::Late(start, count as u64));
        RadioError::Late { radio: self.common.model.capabilities.name.clone(), start, now }
    }
}

/// Where a burst comes to lie.
struct Placed {
    own: SampleIndex,
    /// Behind where it was asked for.
    shift: u64,
    /// Whether it begins there; else it goes on.
    begins: bool,
}

impl<A: Attachment> Drop for Sender<A> {
    fn drop(&mut self) {
        // What was written is still sent, as far as the ether has room.
        for channel in 0..self.lines().len() {
            _ = self.forward(channel, Ask::Rest, Deadline::after(Duration::ZERO));
        }
    }
}
