//! A radio that stands in an ether.

use crate::error::RadioError;
use crate::ether::Attachment;
use crate::radio::{Capabilities, ClockStatus, Direction, Radio, RadioStatus, Tuning};
use airloop_baseband::{Burst, Capture, Complex32, SampleIndex, Window};
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
    /// By channel that receives: what came after a loss, before anyone asked for it.
    kept: Vec<Kept>,
    /// Samples of windows that had gone before the radio listened.
    gone: RadioStatus,
}

/// Samples that came, and the index of the first.
#[derive(Clone, Debug, Default)]
struct Kept {
    start: SampleIndex,
    samples: Vec<Complex32>,
    /// Of the samples lost before it, those that the place has counted.
    counted: u64,
}

impl Kept {
    /// Puts what there is of a window from an index on into it, silence where samples were lost; returns up to where it is known, and
    /// how many of them were.
    fn give(&mut self, at: SampleIndex, out: &mut [Complex32]) -> (SampleIndex, u64) {
        let gone = at.saturating_sub(self.start).min(self.samples.len() as u64);
        self.samples.drain(..gone as usize);
        self.start += gone;
        if self.samples.is_empty() {
            return (at, 0);
        }
        let gap = (self.start - at).min(out.len() as u64) as usize;
        out[..gap].fill(Complex32::default());
        let count = self.samples.len().min(out.len() - gap);
        out[gap..gap + count].copy_from_slice(&self.samples[..count]);
        (at + (gap + count) as u64, gap as u64)
    }
}

impl<A: Attachment> VirtualRadio<A> {
    /// Makes a radio of a place in an ether.
    pub fn new(attachment: A) -> Self {
        let capabilities = attachment.capabilities().clone();
        let heard = vec![0; capabilities.receive_channels];
        let (timeout, clocks) = (TIMEOUT, ClockStatus::internal());
        let kept = vec![Kept::default(); heard.len()];
        let gone = RadioStatus::default();
        Self { attachment, capabilities, timeout, clocks, receive_rate_hz: None, heard, kept, gone }
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
            self.kept.fill(Kept::default());
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
            let out = &mut capture.samples[(at - window.start) as usize..];
            let (until, lost) = self.kept[channel].give(at, out);
            capture.overflow |= lost > 0;
            let counted = lost.min(self.kept[channel].counted);
            self.kept[channel].counted -= counted;
            self.gone.overflows += u64::from(lost > counted);
            self.gone.lost_samples += lost - counted;
            if until == at {
                self.attachment.skip(channel, at)?;
                let heard = self.attachment.read(channel, out, self.timeout)?;
                if heard.count == 0 {
                    return Err(self.timed_out(at));
                }
                if heard.start > at {
                    // Lost on the way, or gone before the window was asked for: silence in their place, and a flag.
                    let samples = out[..heard.count].to_vec();
                    self.kept[channel] = Kept { start: heard.start, samples, counted: heard.lost };
                    continue;
                }
                at += heard.count as u64;
            }
            at = at.max(until);
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
        let mut status = self.attachment.status();
        status.add(&self.gone);
        status
    }
}

#[cfg(test)]
mod tests {
    use super::{Complex32, Kept};

    fn ramp(from: u64, count: usize) -> Vec<Complex32> {
        (from..).take(count).map(|n| Complex32::new(n as f32, 1.0)).collect()
    }

    #[test]
    fn what_came_after_a_loss_is_given_in_its_place() {
        let mut kept = Kept { start: 100, samples: ramp(100, 10), counted: 0 };
        let mut out = vec![Complex32::new(7.0, 7.0); 20];
        // A window before it is silent; it stays.
        assert_eq!(kept.give(70, &mut out), (90, 20));
        assert!(out.iter().all(|x| *x == Complex32::default()));
        // One that reaches it, one within it, one after it.
        assert_eq!(kept.give(90, &mut out[..14]), (104, 10));
        assert!(out[..10].iter().all(|x| *x == Complex32::default()) && out[10..14] == ramp(100, 4));
        assert_eq!(kept.give(104, &mut out), (110, 0));
        assert!(out[..6] == ramp(104, 6));
        assert_eq!(kept.give(110, &mut out), (110, 0));
        assert!(kept.samples.is_empty());
    }
}
