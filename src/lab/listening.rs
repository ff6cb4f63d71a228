//! When the radios of a session send, and how long they listen.

use super::procedure::Session;
use super::{DeviceCalibration, LabError, Sounded};
use airloop_baseband::{Capture, SampleIndex};

/// Windows for which radios listen to a sounding: counts of radios without times lie as far apart as their buffers are deep.
const WINDOWS: usize = 8;

impl Session<'_> {
    /// Returns the turnaround in samples.
    pub fn turnaround(&self) -> u64 {
        (self.config.turnaround_s * self.bench.sample_rate_hz()).ceil() as u64
    }

    /// Returns the first index of the server's at which something planned now can arrive of aligned devices.
    ///
    /// # Errors
    /// When a radio is gone.
    pub fn next(&mut self, devices: &[DeviceCalibration]) -> Result<SampleIndex, LabError> {
        self.bench.catch_up()?;
        let mut last = self.bench.heard(self.server) + self.turnaround();
        for (radio, device) in self.devices.iter().zip(devices) {
            let now = self.bench.now(*radio)?;
            last = last.max(device.alignment.heard_index(now).ceil().max(0.0) as SampleIndex);
        }
        Ok(last + self.turnaround())
    }

    /// Lets all radios hear until a turnaround after an index of the server's; returns what the server heard.
    ///
    /// # Errors
    /// When a radio hears nothing within its time-out.
    pub fn hear_until(&mut self, end: SampleIndex) -> Result<Capture, LabError> {
        let length = end + self.turnaround() - self.bench.heard(self.server);
        Ok(self.bench.hear(length as usize)?.swap_remove(self.server))
    }

    /// Lets all radios hear until some have found a sounding that is on its way; returns what each of them heard and found.
    ///
    /// # Errors
    /// When a radio hears nothing within its time-out.
    pub fn hear_sounding(
        &mut self,
        listeners: &[usize],
    ) -> Result<Vec<(Capture, Option<Sounded>)>, LabError> {
        self.hear_sounding_until(listeners, |all| all.iter().all(|(_, found)| found.is_some()))
    }

    /// Does so until what they heard and found is enough.
    ///
    /// # Errors
    /// When a radio hears nothing within its time-out.
    pub fn hear_sounding_until(
        &mut self,
        listeners: &[usize],
        mut enough: impl FnMut(&[(Capture, Option<Sounded>)]) -> bool,
    ) -> Result<Vec<(Capture, Option<Sounded>)>, LabError> {
        self.bench.catch_up()?;
        let window = self.sounding.samples().len() + 3 * self.turnaround() as usize;
        let mut all: Vec<(Capture, Option<Sounded>)> = Vec::new();
        for _ in 0..WINDOWS {
            let captures = self.bench.hear(window)?;
            all.resize_with(listeners.len(), Default::default);
            for (radio, (heard, found)) in listeners.iter().zip(&mut all) {
                append(heard, &captures[*radio]);
                *found = found.or_else(|| self.sounding.hear(&heard.samples));
            }
            if enough(&all) {
                break;
            }
        }
        Ok(all)
    }
}

/// Adds what was heard next.
fn append(heard: &mut Capture, next: &Capture) {
    if heard.samples.is_empty() {
        *heard = next.clone();
        return;
    }
    let clipped = |capture: &Capture| capture.clipped_share * capture.samples.len() as f32;
    let all = clipped(heard) + clipped(next);
    heard.samples.extend_from_slice(&next.samples);
    heard.clipped_share = all / heard.samples.len() as f32;
    heard.overflow |= next.overflow;
}
