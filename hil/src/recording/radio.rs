//! A recording, heard again.

use super::CLIPPED;
use super::MAX_HZ;
use super::error::RecordingError;
use super::reader::Recording;
use super::segments::Marks;
use crate::error::RadioError;
use crate::radio::{Capabilities, Direction, Radio, RadioStatus, Span, Tuning};
use airloop_baseband::{Burst, Capture, Complex32, SampleIndex, Window};

/// A radio that hears what was recorded, at the indices at which it was heard.
///
/// Where nothing was recorded it hears silence, and says that samples were lost; it does not transmit.
pub struct RecordedRadio {
    recording: Recording,
    capabilities: Capabilities,
    overflows: Marks,
    clipped: Marks,
    /// By direction, transmit first.
    active: [bool; 2],
    /// By channel: up to where it was heard.
    heard: Vec<SampleIndex>,
    status: RadioStatus,
}

impl RecordedRadio {
    /// Makes a radio of a recording.
    ///
    /// # Errors
    /// When the recording does not say its sample rate.
    pub fn new(name: impl Into<String>, recording: Recording) -> Result<Self, RecordingError> {
        let only = |value: f64| Span { least: value, most: value };
        let metadata = recording.metadata();
        let mut centres: Vec<f64> =
            metadata.segments.iter().filter_map(|segment| segment.centre_hz).collect();
        centres.sort_by(f64::total_cmp);
        centres.dedup();
        let any = [Span { least: -MAX_HZ, most: MAX_HZ }];
        let capabilities = Capabilities {
            name: name.into(),
            hardware: format!("recording of {}", metadata.hardware.as_deref().unwrap_or("an unnamed radio")),
            transmit_channels: 0,
            receive_channels: metadata.channels,
            sample_rates_hz: vec![only(recording.sample_rate_hz()?)],
            centres_hz: if centres.is_empty() { any.into() } else { centres.into_iter().map(only).collect() },
            transmit_gain_db: only(0.0),
            receive_gain_db: only(0.0),
            timestamps: true,
            timed_bursts: false,
        };
        Ok(Self {
            overflows: Marks::overflows(metadata),
            clipped: Marks::new(metadata, CLIPPED),
            active: [false; 2],
            heard: vec![0; metadata.channels],
            status: RadioStatus::default(),
            capabilities,
            recording,
        })
    }

    /// Returns the recording.
    pub fn recording(&self) -> &Recording {
        &self.recording
    }

    fn check_window(&self, channel: usize, window: Window) -> Result<(), RadioError> {
        let radio = || self.capabilities.name.clone();
        if !self.active[1] {
            return Err(RadioError::NotActive { radio: radio(), direction: Direction::Receive });
        }
        let (indices, position) = (self.recording.indices(), self.heard[channel]);
        if window.start < position {
            return Err(RadioError::WindowGap { radio: radio(), start: window.start, position });
        }
        match window.start.checked_add(window.length_samples as u64) {
            Some(end) if end <= indices.end => Ok(()),
            _ => Err(RadioError::PastEnd {
                radio: radio(),
                start: window.start,
                length_samples: window.length_samples,
                held: indices,
            }),
        }
    }
}

impl Radio for RecordedRadio {
    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    fn tune(&mut self, direction: Direction, channel: usize, tuning: &Tuning) -> Result<Tuning, RadioError> {
        self.capabilities.check_tuning(direction, channel, tuning)?;
        Ok(*tuning)
    }

    fn start(&mut self, direction: Direction) -> Result<(), RadioError> {
        let active = &mut self.active[usize::from(direction == Direction::Receive)];
        if *active {
            return Err(RadioError::Active { radio: self.capabilities.name.clone(), direction });
        }
        *active = true;
        Ok(())
    }

    fn now(&mut self) -> Result<SampleIndex, RadioError> {
        Ok(self.heard.iter().copied().max().unwrap_or(0))
    }

    fn transmit(&mut self, channel: usize, _burst: &Burst) -> Result<(), RadioError> {
        self.capabilities.check_channel(Direction::Transmit, channel)
    }

    fn receive(&mut self, channel: usize, window: Window) -> Result<Capture, RadioError> {
        self.capabilities.check_channel(Direction::Receive, channel)?;
        self.check_window(channel, window)?;
        let mut samples = vec![Complex32::default(); window.length_samples];
        let held = self.recording.read_window(channel, window.start, &mut samples);
        let held = held.map_err(|source| RadioError::Recording {
            radio: self.capabilities.name.clone(),
            source: Box::new(source),
        })?;
        let lost = (samples.len() - held) as u64;
        let (mut overflow, mut clipped) = (lost > 0, 0.0);
        self.recording.for_pieces(window, |at, count| {
            overflow |= self.overflows.among(at, count).0;
            clipped += self.clipped.among(at, count).1;
        });
        self.status.overflows += u64::from(overflow);
        self.status.lost_samples += lost;
        self.heard[channel] = window.end();
        let clipped_share = (clipped / window.length_samples.max(1) as f64).min(1.0) as f32;
        Ok(Capture { start: window.start, samples, overflow, clipped_share })
    }

    fn status(&mut self) -> RadioStatus {
        self.status
    }
}
