//! The side of a device that sends.

use super::common::{Common, Deadline};
use super::line::{Ask, Line, Way};
use super::model::MOST_INDEX;
use super::numbers::Numbers;
use super::outgoing::{Outgoing, first_after, reach};
use super::side::TransmitStage;
use crate::error::RadioError;
use crate::ether::Attachment;
use crate::radio::Direction;
use crate::virtual_radio::TIMEOUT;
use airloop_baseband::{Complex32, SampleIndex};
use airloop_channels::impairment::Transmitter;
use std::sync::Arc;
use std::time::Duration;

/// Own samples that are taken at once.
const PIECE: usize = 8192;

/// How far ahead of time a stream that was overtaken begins again at first, and at most, in samples of the air.
const LAGS: [SampleIndex; 2] = [1024, 1 << 20];

/// Samples for a channel: where they begin, and whether they are the last of a burst.
type Piece<'a> = (Option<SampleIndex>, &'a [Complex32], bool);

/// The side of a device that sends.
pub struct Sender<A: Attachment> {
    inner: A,
    common: Arc<Common>,
    numbers: Numbers,
    stream: Stream,
}

/// How the channels stream.
enum Stream {
    Stopped,
    /// Samples keep their time.
    Direct,
    Shaped(Vec<Line>),
}

impl<A: Attachment> Sender<A> {
    /// Makes the side of a device at its place.
    pub fn new(inner: A, common: Arc<Common>, transmitter: Transmitter) -> Self {
        Self { inner, common, numbers: Numbers::new(transmitter), stream: Stream::Stopped }
    }

    /// Starts the channels; returns the index at which they stand.
    pub fn activate(&mut self, at: Option<SampleIndex>) -> Result<SampleIndex, RadioError> {
        let direction = Direction::Transmit;
        let (model, mut side) = (&self.common.model, self.common.side(direction));
        model.check_index(at.unwrap_or(0), 0)?;
        model.check_band(&side)?;
        if self.common.is_direct(direction, &side) {
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
        let line = |_| Line::new(Outgoing::new(stage.clone(), start, air), side.oscillation);
        self.stream = Stream::Shaped((0..model.capabilities.transmit_channels).map(line).collect());
        side.origin = Some(origin);
        Ok(start)
    }

    /// Stops the channels; what they keep is sent.
    pub fn deactivate(&mut self) -> Result<(), RadioError> {
        let channels = 0..self.common.model.capabilities.transmit_channels;
        let sent = channels.into_iter().try_for_each(|channel| self.finish(channel));
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
        let direction = Direction::Transmit;
        self.common.model.capabilities.check_channel(direction, channel)?;
        let (gain_db, oscillation) = {
            let side = self.common.side(direction);
            (side.gain_db[channel], side.oscillation)
        };
        let amplitude = self.common.model.amplitude(direction, gain_db) as f32;
        let deadline = Deadline::after(timeout);
        match &mut self.stream {
            Stream::Stopped => {
                let radio = self.common.model.capabilities.name.clone();
                Err(RadioError::NotActive { radio, direction })
            }
            Stream::Direct => {
                let factor = oscillation.factor().unwrap_or_default() * amplitude;
                self.write_direct(channel, piece, (factor, deadline))
            }
            Stream::Shaped(lines) => {
                lines[channel].tune(oscillation);
                match piece.1.is_empty() {
                    true => self.write_nothing(channel, (piece.0, piece.2), deadline).map(|()| 0),
                    false => self.write_shaped(channel, piece, (amplitude, deadline)),
                }
            }
        }
    }

    /// Passes samples on whose time does not change.
    fn write_direct(
        &mut self,
        channel: usize,
        (start, samples, last): Piece<'_>,
        (factor, deadline): (Complex32, Deadline),
    ) -> Result<usize, RadioError> {
        if self.numbers.stay(factor) {
            return self.inner.write(channel, (start, samples, last), deadline.left());
        }
        let mut taken = 0;
        loop {
            let piece = &samples[taken..samples.len().min(taken + PIECE)];
            let ends = taken + piece.len() == samples.len();
            let shaped = self.numbers.shape(piece, factor);
            // A piece follows the one before it, wherever that began.
            let at = start.map(|start| start.saturating_add(taken as u64));
            let count = match self.inner.write(channel, (at, shaped, last && ends), deadline.left()) {
                Err(_) if taken > 0 => return Ok(taken),
                outcome => outcome?,
            };
            taken += count;
            if ends || count < piece.len() {
                return Ok(taken);
            }
        }
    }

    /// Returns a channel whose time changes, what shapes its samples, and its way into the ether.
    fn way(&mut self, channel: usize, deadline: Deadline) -> Option<(&mut Line, &mut Numbers, Way<'_, A>)> {
        let Stream::Shaped(lines) = &mut self.stream else { return None };
        let way = Way { inner: &mut self.inner, channel, deadline, common: &self.common };
        Some((lines.get_mut(channel)?, &mut self.numbers, way))
    }

    /// Takes note of where a stream stands, or ends.
    fn write_nothing(
        &mut self,
        channel: usize,
        (start, last): (Option<SampleIndex>, bool),
        deadline: Deadline,
    ) -> Result<(), RadioError> {
        let Some((line, _, mut way)) = self.way(channel, deadline) else { return Ok(()) };
        let end = line.outgoing.end();
        let asked = start.unwrap_or(end);
        line.place(&way.common.model, Some(asked))?;
        let own = asked.clamp(end, end.max(MOST_INDEX));
        if own == end {
            return match line.outgoing.is_behind() || last {
                true => line.forward(Ask::Until(own, !last), &mut way).map(|_| ()),
                false => Ok(()),
            };
        }
        if line.forward(Ask::Until(own, false), &mut way)? {
            line.outgoing.promise(own);
            let at = if asked > MOST_INDEX { asked } else { line.outgoing.sent() };
            way.inner.write(channel, (Some(at), &[], last), deadline.left())?;
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
        let common = Arc::clone(&self.common);
        let Some((line, ..)) = self.way(channel, deadline) else { return Ok(0) };
        let mut placed = line.place(&common.model, start)?;
        let mut lag = 0;
        loop {
            let outcome = self.send(channel, (placed.own, samples, last), (amplitude, deadline));
            let Some((line, ..)) = self.way(channel, deadline) else { return outcome };
            let now = match outcome {
                Err(RadioError::Late { now, .. }) => now,
                Ok(taken) if taken > 0 => {
                    line.took(placed);
                    return Ok(taken);
                }
                outcome => return outcome,
            };
            if start.is_some() || lag > LAGS[1] {
                return Err(line.late(&common, (start.unwrap_or(placed.own), samples.len()), now));
            }
            // Time goes on while samples are made.
            placed = line.begin_after(now + lag);
            lag = (2 * lag).max(LAGS[0]);
        }
    }

    /// Takes samples from an own index on, as many as the ether keeps up with.
    fn send(
        &mut self,
        channel: usize,
        (own, samples, last): (SampleIndex, &[Complex32], bool),
        (amplitude, deadline): (f32, Deadline),
    ) -> Result<usize, RadioError> {
        self.common.model.check_index(own, samples.len())?;
        let Some((line, numbers, mut way)) = self.way(channel, deadline) else { return Ok(0) };
        let goes_on = own == line.outgoing.end();
        // What was taken before goes first.
        if (!goes_on || line.outgoing.is_behind()) && !line.forward(Ask::Until(own, goes_on), &mut way)? {
            return Ok(0);
        }
        let mut taken = 0;
        for piece in samples.chunks(PIECE) {
            let more = !last || taken + piece.len() < samples.len();
            let shaped = numbers.shape(piece, amplitude.into());
            let went = match line.give((own + taken as u64, shaped, more), &mut way) {
                // Whoever writes what was not taken meets it.
                Err(_) if taken > 0 => return Ok(taken),
                outcome => outcome?,
            };
            taken += piece.len();
            if !went {
                break;
            }
        }
        Ok(taken)
    }

    /// Sends what a channel keeps.
    pub fn finish(&mut self, channel: usize) -> Result<(), RadioError> {
        self.common.model.capabilities.check_channel(Direction::Transmit, channel)?;
        self.forward(channel, Ask::Rest)
    }

    fn forward(&mut self, channel: usize, ask: Ask) -> Result<(), RadioError> {
        let Some((line, _, mut way)) = self.way(channel, Deadline::after(TIMEOUT)) else { return Ok(()) };
        if line.forward(ask, &mut way)? {
            return Ok(());
        }
        Err(RadioError::TimedOut {
            radio: way.common.model.capabilities.name.clone(),
            waited_s: TIMEOUT.as_secs_f64(),
            position: line.outgoing.end(),
            waits_for: way.inner.waits_for(),
        })
    }

    /// Promises that nothing more is sent before an index.
    pub fn silent_until(&mut self, index: SampleIndex) -> Result<(), RadioError> {
        let own = index.min(MOST_INDEX);
        let channels = match &self.stream {
            Stream::Stopped => return Ok(()),
            Stream::Direct => return self.inner.silent_until(index),
            Stream::Shaped(lines) => lines.len(),
        };
        let mut settled = None;
        for channel in 0..channels {
            self.forward(channel, Ask::Until(own, false))?;
            if let Some((line, ..)) = self.way(channel, Deadline::after(TIMEOUT)) {
                line.outgoing.promise(own);
                settled = Some(reach(line.outgoing.stage(), own));
            }
        }
        let Some(settled) = settled else { return Ok(()) };
        self.inner.silent_until(if index > MOST_INDEX { index } else { settled })
    }
}

impl<A: Attachment> Drop for Sender<A> {
    fn drop(&mut self) {
        // What was written is still sent, as far as the ether has room.
        for channel in 0..self.common.model.capabilities.transmit_channels {
            if let Some((line, _, mut way)) = self.way(channel, Deadline::after(Duration::ZERO)) {
                _ = line.forward(Ask::Rest, &mut way);
            }
        }
    }
}
