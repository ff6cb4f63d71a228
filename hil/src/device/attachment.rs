//! A device as a place in the ether.

use super::Device;
use super::common::lock;
use super::incoming::first_from;
use super::model::air_index;
use super::outgoing::first_after;
use super::side::{ReceiveStage, TransmitStage};
use super::stage::Stage;
use crate::error::RadioError;
use crate::ether::{Attachment, EtherInfo, Event, Heard};
use crate::radio::{Capabilities, Direction, RadioStatus, Tuning};
use airloop_baseband::{Complex32, SampleIndex};
use std::time::Duration;

impl<A: Attachment> Device<A> {
    /// Returns the first own sample that changes nothing before an index of the air.
    fn sent_after(&self, air: SampleIndex) -> SampleIndex {
        let (common, direction) = (&self.common, Direction::Transmit);
        let side = common.side(direction);
        if common.is_direct(direction, &side) {
            return air;
        }
        let counts = common.model.persona.timestamps.then(|| common.model.origin(direction, 0));
        // Counts that have not begun stand at their beginning.
        let Some(origin) = side.origin.or(counts) else { return 0 };
        first_after(&TransmitStage::of(&common.model, &side, origin), air_index(air))
    }

    /// Returns the stages of what is heard; `None` where indices are the air's.
    fn hearing(&self) -> Option<ReceiveStage> {
        let (common, direction) = (&self.common, Direction::Receive);
        let side = common.side(direction);
        let origin = side.origin.unwrap_or_else(|| common.model.origin(direction, 0));
        (!common.is_direct(direction, &side)).then(|| ReceiveStage::of(&common.model, &side, origin))
    }

    /// Returns something that went wrong by own indices; what came late is told by the device itself.
    fn own_event(&self, event: Event) -> Option<Event> {
        match event {
            Event::Underflow(air) => Some(Event::Underflow(self.sent_after(air))),
            Event::Overflow(air) => Some(Event::Overflow(self.hearing().map_or(air, |stage| {
                let air = air_index(air) as i64;
                stage.outputs(air..air + 1).start.max(0) as SampleIndex
            }))),
            Event::Late(..) => {
                let side = self.common.side(Direction::Transmit);
                self.common.is_direct(Direction::Transmit, &side).then_some(event)
            }
        }
    }
}

impl<A: Attachment> Attachment for Device<A> {
    fn info(&self) -> &EtherInfo {
        self.inner.info()
    }

    fn capabilities(&self) -> &Capabilities {
        &self.common.model.capabilities
    }

    fn tune(&mut self, direction: Direction, channel: usize, tuning: &Tuning) -> Result<Tuning, RadioError> {
        self.common.side(direction).tune(&self.common.model, (direction, channel), tuning)
    }

    fn now(&mut self) -> Result<SampleIndex, RadioError> {
        let now = self.inner.now()?;
        if !self.common.model.info.place.transmit.is_empty() {
            return Ok(self.sent_after(now));
        }
        Ok(self.hearing().map_or(now, |stage| first_from(&stage, air_index(now))))
    }

    fn activate(&mut self, direction: Direction, at: Option<SampleIndex>) -> Result<SampleIndex, RadioError> {
        match direction {
            Direction::Transmit => lock(&self.sender).activate(at),
            Direction::Receive => lock(&self.listener).activate(at),
        }
    }

    fn deactivate(&mut self, direction: Direction) -> Result<(), RadioError> {
        if direction == Direction::Transmit {
            return lock(&self.sender).deactivate();
        }
        // Who waits for samples does so no more, and lets go of the listener.
        let stopped = self.inner.deactivate(direction);
        lock(&self.listener).stopped();
        stopped
    }

    fn write(
        &mut self,
        channel: usize,
        piece: (Option<SampleIndex>, &[Complex32], bool),
        timeout: Duration,
    ) -> Result<usize, RadioError> {
        lock(&self.sender).write(channel, piece, timeout)
    }

    fn finish(&mut self, channel: usize) -> Result<(), RadioError> {
        lock(&self.sender).finish(channel)
    }

    fn silent_until(&mut self, index: SampleIndex) -> Result<(), RadioError> {
        lock(&self.sender).silent_until(index)
    }

    fn read(
        &mut self,
        channel: usize,
        out: &mut [Complex32],
        timeout: Duration,
    ) -> Result<Heard, RadioError> {
        lock(&self.listener).read(channel, out, timeout)
    }

    fn skip(&mut self, channel: usize, until: SampleIndex) -> Result<(), RadioError> {
        lock(&self.listener).skip(channel, until)
    }

    fn clipped(&mut self, channel: usize) -> u64 {
        lock(&self.listener).clipped(channel)
    }

    fn event(&mut self) -> Option<Event> {
        if let Some(event) = self.common.faults().event() {
            return Some(event);
        }
        loop {
            let event = self.inner.event()?;
            if let Some(event) = self.own_event(event) {
                return Some(event);
            }
        }
    }

    fn status(&mut self) -> RadioStatus {
        let status = self.inner.status();
        let direct = {
            let side = self.common.side(Direction::Receive);
            self.common.is_direct(Direction::Receive, &side)
        };
        let faults = self.common.faults();
        RadioStatus {
            late_bursts: status.late_bursts.saturating_sub(faults.late_in_air) + faults.late,
            lost_samples: if direct { status.lost_samples } else { faults.lost },
            ..status
        }
    }

    fn waits_for(&mut self) -> Option<String> {
        self.inner.waits_for()
    }
}
