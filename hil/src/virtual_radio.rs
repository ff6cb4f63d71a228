//! A radio that stands in an ether.

use crate::error::RadioError;
use crate::ether::Attachment;
use crate::radio::{Capabilities, ClockStatus, Direction, Radio, RadioStatus, Tuning};
use airloop_baseband::{Burst, Capture, SampleIndex, Window};
use std::time::Duration;

/// How long a radio waits for the ether, unless it is told otherwise.
pub const TIMEOUT: Duration = Duration::from_secs(10);

/// A radio at a place in an ether: a perfect one, that sends and hears what the ether carries, or with the hardware of a
/// [`Device`](crate::Device) between.
///
/// Its indices are those of the place. What it hears comes [`EtherInfo::lead_samples`](crate::ether::EtherInfo::lead_samples) after
/// time has gone on, which no index shows.
pub struct VirtualRadio<A> {
    attachment: A,
    capabilities: Capabilities,
    timeout: Duration,
    clocks: ClockStatus,
    /// Rate at which it hears, in hertz, once it was tuned.
    receive_rate_hz: Option<f64>,
    /// By channel that receives: up to where it was heard.
    heard: Vec<SampleIndex>,
}

impl<A: Attachment> VirtualRadio<A> {
    /// Makes a radio of a place in an ether.
    pub fn new(attachment: A) -> Self {
        let capabilities = attachment.capabilities().clone();
        let heard = vec![0; capabilities.receive_channels];
        let (timeout, clocks) = (TIMEOUT, ClockStatus::internal());
        Self { attachment, capabilities, timeout, clocks, receive_rate_hz: None, heard }
    }

    /// Lets the radio say this of its clock: [`ClockStatus::internal`] without.
    #[must_use]
    pub fn with_clocks(self, clocks: ClockStatus) -> Self {
        Self { clocks, ..self }
    }

    /// Waits no longer than this for the ether.
    #[must_use]
    pub fn with_timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    fn timed_out(&mut self, position: SampleIndex) -> RadioError {
        RadioError::TimedOut {
            radio: self.capabilities.name.clone(),
            waited_s: self.timeout.as_secs_f64(),
            position,
            waits_for: self.attachment.waits_for(),
        }
    }
}

impl<A: Attachment> Radio for VirtualRadio<A> {
    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    fn tune(&mut self, direction: Direction, channel: usize, tuning: &Tuning) -> Result<Tuning, RadioError> {
        let set = self.attachment.tune(direction, channel, tuning)?;
        self.capabilities.clone_from(self.attachment.capabilities());
        let rate_hz = set.sample_rate_hz;
        if direction == Direction::Receive && self.receive_rate_hz.replace(rate_hz) != Some(rate_hz) {
            // Indices count other samples now.
            self.heard.fill(0);
        }
        Ok(set)
    }

    fn start(&mut self, direction: Direction) -> Result<(), RadioError> {
        self.attachment.activate(direction, None).map(|_| ())
    }

    fn now(&mut self) -> Result<SampleIndex, RadioError> {
        self.attachment.now()
    }

    fn transmit(&mut self, channel: usize, burst: &Burst) -> Result<(), RadioError> {
        self.capabilities.check_channel(Direction::Transmit, channel)?;
        let mut sent = 0;
        while sent < burst.samples.len() {
            let at = burst.start + sent as u64;
            let count =
                self.attachment.write(channel, (Some(at), &burst.samples[sent..], true), self.timeout)?;
            if count == 0 {
                return Err(self.timed_out(at));
            }
            sent += count;
        }
        Ok(())
    }

    fn silent_until(&mut self, index: SampleIndex) -> Result<(), RadioError> {
        self.attachment.silent_until(index)
    }

    fn receive(&mut self, channel: usize, window: Window) -> Result<Capture, RadioError> {
        self.capabilities.check_channel(Direction::Receive, channel)?;
        let position = self.heard[channel];
        if window.start < position {
            let radio = self.capabilities.name.clone();
            return Err(RadioError::WindowGap { radio, start: window.start, position });
        }
        let mut capture = Capture { start: window.start, ..Capture::default() };
        capture.samples.resize(window.length_samples, Default::default());
        let mut at = window.start;
        while at < window.end() {
            self.attachment.skip(channel, at)?;
            let out = &mut capture.samples[(at - window.start) as usize..];
            let heard = self.attachment.read(channel, out, self.timeout)?;
            if heard.count == 0 {
                return Err(self.timed_out(at));
            }
            if heard.start > at {
                // Lost on the way, or gone before the window was asked for: silence in their place, and a flag.
                capture.overflow = true;
                let (from, gap) = ((at - window.start) as usize, (heard.start - at) as usize);
                let room = capture.samples.len() - from;
                capture.samples[from..].rotate_right(gap.min(room));
                capture.samples[from..from + gap.min(room)].fill(Default::default());
            }
            at = heard.start + heard.count as u64;
            self.heard[channel] = at;
        }
        let clipped = self.attachment.clipped(channel) as f64;
        capture.clipped_share = (clipped / capture.samples.len().max(1) as f64) as f32;
        Ok(capture)
    }

    fn clock_status(&mut self) -> Result<ClockStatus, RadioError> {
        Ok(self.clocks.clone())
    }

    fn status(&mut self) -> RadioStatus {
        self.attachment.status()
    }
}
