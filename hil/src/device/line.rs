//! One channel of a device that sends.

use super::common::{Common, Deadline};
use super::mixer::Oscillation;
use super::model::Model;
use super::outgoing::{Outgoing, first_after};
use super::side::TransmitStage;
use crate::error::RadioError;
use crate::ether::{Attachment, Event};
use airloop_baseband::{Complex32, SampleIndex};

/// A channel that sends.
pub struct Line {
    /// What has been taken and not yet sent.
    pub outgoing: Outgoing<TransmitStage>,
    oscillation: Oscillation,
    /// By how much the last burst lies behind where it was asked for; `None` before there is one.
    shift: Option<u64>,
    bursts: u64,
}

/// The way of a channel into the ether, for so long.
pub struct Way<'a, A> {
    /// The ether.
    pub inner: &'a mut A,
    /// Which channel.
    pub channel: usize,
    /// For how long.
    pub deadline: Deadline,
    /// What the device shares.
    pub common: &'a Common,
}

/// What is to leave a channel.
#[derive(Clone, Copy)]
pub enum Ask {
    /// What nothing from an own index on changes; whether more follows there.
    Until(SampleIndex, bool),
    /// All.
    Rest,
}

/// Where a burst comes to lie.
#[derive(Clone, Copy)]
pub struct Placed {
    /// Its first own sample.
    pub own: SampleIndex,
    /// Behind where it was asked for.
    shift: u64,
    /// Whether it begins at a time; else it goes on, or begins where it can.
    timed: bool,
}

impl<A: Attachment> Way<'_, A> {
    fn send(&mut self, at: SampleIndex, samples: &[Complex32], last: bool) -> Result<usize, RadioError> {
        self.inner.write(self.channel, (Some(at), samples, last), self.deadline.left())
    }
}

impl Line {
    /// Makes a channel whose stages turn by an oscillation.
    pub fn new(outgoing: Outgoing<TransmitStage>, oscillation: Oscillation) -> Self {
        Self { outgoing, oscillation, shift: None, bursts: 0 }
    }

    /// Sets the oscillator anew from the next sample on.
    pub fn tune(&mut self, oscillation: Oscillation) {
        if self.oscillation != oscillation {
            let (own, sent) = (self.outgoing.end(), self.outgoing.sent());
            self.outgoing.stage().retune(oscillation, own, sent);
            self.oscillation = oscillation;
        }
    }

    /// Returns where a burst comes to lie that is asked for at an index, or where the stream stands.
    ///
    /// # Errors
    /// [`RadioError::Overlap`] when that lies before the end of the one before it.
    pub fn place(&self, model: &Model, asked: Option<SampleIndex>) -> Result<Placed, RadioError> {
        let (end, shift) = (self.outgoing.end(), self.shift.unwrap_or(0));
        let Some(asked) = asked else {
            return Ok(Placed { own: self.outgoing.stands(), shift: 0, timed: false });
        };
        let position = end - shift.min(end);
        if asked < position {
            let radio = model.capabilities.name.clone();
            return Err(RadioError::Overlap { radio, start: asked, position });
        }
        if asked == position && self.shift.is_some() {
            return Ok(Placed { own: end, shift, timed: false });
        }
        let own = model.on_quantum(asked).saturating_add(model.jitter(self.bursts)).max(end);
        Ok(Placed { own, shift: own - asked, timed: true })
    }

    /// Takes note that a burst was taken where it was placed.
    pub fn took(&mut self, placed: Placed) {
        self.shift = Some(placed.shift);
        self.bursts += u64::from(placed.timed);
    }

    /// Places a stream that time has overtaken so that it begins later than an index of the air.
    pub fn begin_after(&mut self, air: SampleIndex) -> Placed {
        let end = self.outgoing.end();
        Placed { own: first_after(self.outgoing.stage(), air).max(end), shift: 0, timed: false }
    }

    /// Takes samples at an own index; returns whether the ether took all that could leave.
    ///
    /// # Errors
    /// [`RadioError::Late`] when the ether's time is past them: none of them is taken.
    pub fn give(
        &mut self,
        (start, samples, more): (SampleIndex, &[Complex32], bool),
        way: &mut Way<'_, impl Attachment>,
    ) -> Result<bool, RadioError> {
        let outgoing = &mut self.outgoing;
        let (end, passed) = (outgoing.end(), outgoing.passed());
        outgoing.give(start, samples);
        let index = start + samples.len() as u64;
        match outgoing.settle(index, more, &mut |at, samples: &[_], last| way.send(at, samples, last)) {
            Err(error @ RadioError::Late { now, .. }) => {
                way.common.faults().late_in_air += 1;
                if outgoing.passed() == passed {
                    outgoing.take_back(samples.len(), end);
                    outgoing.overtaken(now);
                    return Err(error);
                }
                outgoing.overtaken(now);
                self.forward(Ask::Until(index, more), way)
            }
            outcome => outcome,
        }
    }

    /// Lets what was taken leave; what time has overtaken is gone. Returns whether the ether took all of it.
    ///
    /// # Errors
    /// When the ether has ended.
    pub fn forward(&mut self, ask: Ask, way: &mut Way<'_, impl Attachment>) -> Result<bool, RadioError> {
        loop {
            let mut send = |at, samples: &[_], last| way.send(at, samples, last);
            let outcome = match ask {
                Ask::Until(index, more) => self.outgoing.settle(index, more, &mut send),
                Ask::Rest => self.outgoing.finish(&mut send),
            };
            let Err(RadioError::Late { now, .. }) = outcome else { return outcome };
            way.common.faults().late_in_air += 1;
            self.outgoing.overtaken(now);
        }
    }

    /// Tells that samples came when an index of the air had gone out.
    pub fn late(
        &mut self,
        common: &Common,
        (start, count): (SampleIndex, usize),
        air: SampleIndex,
    ) -> RadioError {
        let now = first_after(self.outgoing.stage(), air);
        let mut faults = common.faults();
        faults.late += 1;
        faults.report(Event::Late(start, count as u64));
        RadioError::Late { radio: common.model.capabilities.name.clone(), start, now }
    }
}
