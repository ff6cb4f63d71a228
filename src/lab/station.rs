//! One radio of a bench.

use super::{LabConfig, LabError};
use airloop_baseband::{Capture, SampleIndex, Window};
use airloop_hil::{ClockStatus, Direction, Radio, RadioStatus, Tuning};
use std::thread;
use std::time::{Duration, Instant};

/// Samples that a radio hears at once.
const PIECE: usize = 1 << 15;

/// Samples that are heard at once while there may be some that wait, and most of these: more than buffers hold.
const BACKLOG_PIECE: usize = 1024;
const BACKLOG_PIECES: usize = 1 << 16;

/// How long clocks may take to follow their source, and how often they are looked at meanwhile.
const LOCKING: Duration = Duration::from_secs(2);
const LOOK: Duration = Duration::from_millis(20);

/// One radio of a bench.
pub struct Station {
    pub name: String,
    pub radio: Box<dyn Radio>,
    pub heard: SampleIndex,
    /// Count of what is sent less that of what is heard, at one instant and roughly, where radios have no times.
    pub ahead: i64,
    /// Nothing is sent before this index any more, but for what is scheduled.
    pub promised: SampleIndex,
    /// Sample rates that are set, in hertz; `None` where there is no channel. Transmit first.
    pub rates_hz: [Option<f64>; 2],
    /// What it says of its clock.
    pub clocks: ClockStatus,
    /// What went wrong up to where it was heard last, and of that what nobody had asked for.
    seen: RadioStatus,
    unasked: RadioStatus,
}

impl Station {
    pub fn new(name: String, radio: Box<dyn Radio>) -> Self {
        let (rates_hz, clocks) = ([None; 2], ClockStatus::default());
        let (seen, unasked) = <(RadioStatus, RadioStatus)>::default();
        Self { name, radio, heard: 0, ahead: 0, promised: 0, rates_hz, clocks, seen, unasked }
    }

    /// Returns what went wrong so far; samples that were lost while nobody asked for any were not needed.
    pub fn status(&mut self) -> RadioStatus {
        let (status, unasked) = (self.radio.status(), self.unasked);
        RadioStatus {
            overflows: status.overflows - unasked.overflows,
            lost_samples: status.lost_samples - unasked.lost_samples,
            ..status
        }
    }

    /// Returns whether it has channels of a direction.
    pub fn has(&self, direction: Direction) -> bool {
        self.radio.capabilities().channels(direction) > 0
    }

    /// Sets all channels of a direction as the lab file says, and refuses a sample rate that is another one.
    pub fn tune(
        &mut self,
        direction: Direction,
        config: &LabConfig,
        sample_rate_hz: f64,
    ) -> Result<(), LabError> {
        let span = self.radio.capabilities().gain_db(direction);
        let gain_db = config.gain_db(&self.name, direction);
        let gain_db = gain_db.unwrap_or(0f64.clamp(span.least, span.most));
        let tuning = Tuning { centre_hz: config.centre_hz, sample_rate_hz, gain_db };
        for channel in 0..self.radio.capabilities().channels(direction) {
            let set = self.radio.tune(direction, channel, &tuning)?;
            let off_ppm = 1e6 * (set.sample_rate_hz / sample_rate_hz - 1.0);
            let keeps = off_ppm.abs() <= config.limits.rate_ppm;
            if !keeps {
                return Err(LabError::Failed(format!(
                    "rates: radio {}: its {direction} rate is {} Hz, {off_ppm:.3} ppm off the {sample_rate_hz} Hz asked for, and at most {} \
                     is allowed: choose a sample rate that it has",
                    self.name, set.sample_rate_hz, config.limits.rate_ppm
                )));
            }
            self.rates_hz[direction as usize] = Some(set.sample_rate_hz);
        }
        Ok(())
    }

    /// Asks for the clock until it follows its source, and refuses one that does not.
    pub fn lock(&mut self) -> Result<(), LabError> {
        let began = Instant::now();
        loop {
            self.clocks = self.radio.clock_status()?;
            if self.clocks.locked != Some(false) {
                return Ok(());
            }
            if began.elapsed() > LOCKING {
                return Ok(self.clocks.check_locked(&self.name)?);
            }
            thread::sleep(LOOK);
        }
    }

    /// Promises that nothing is sent until so many samples after what was heard.
    pub fn promise(&mut self, samples: u64) -> Result<(), LabError> {
        if !self.has(Direction::Transmit) {
            return Ok(());
        }
        let until = (self.heard + samples).saturating_add_signed(self.ahead);
        self.promised = self.promised.max(until);
        Ok(self.radio.silent_until(self.promised)?)
    }

    pub fn hear(&mut self, samples: usize) -> Result<Capture, LabError> {
        let mut all = Capture { start: self.heard, ..Capture::default() };
        self.pieces(samples, |capture, share| {
            all.samples.extend_from_slice(&capture.samples);
            all.overflow |= capture.overflow;
            all.clipped_share += capture.clipped_share * share;
        })?;
        Ok(all)
    }

    /// Lets samples pass, and returns how many of them were not lost.
    pub fn pass(&mut self, samples: usize) -> Result<u64, LabError> {
        let lost = |radio: &mut dyn Radio| -> u64 {
            let RadioStatus { lost_samples, .. } = radio.status();
            lost_samples
        };
        let before = lost(&mut *self.radio);
        self.pieces(samples, |_, _| ())?;
        Ok((samples as u64).saturating_sub(lost(&mut *self.radio) - before))
    }

    /// Lets what came since it was heard last pass, where time goes on by itself: by its time, or, where it has none, until samples
    /// have to be waited for.
    pub fn catch_up(&mut self, wall: &dyn Fn() -> Duration, sample_rate_hz: f64) -> Result<(), LabError> {
        if !self.clocks.runs_by_itself {
            return Ok(());
        }
        if self.radio.capabilities().timestamps {
            self.heard = self.heard.max(self.radio.now()?);
            let status = self.radio.status();
            self.unasked.overflows += status.overflows - self.seen.overflows;
            self.unasked.lost_samples += status.lost_samples - self.seen.lost_samples;
            self.seen = status;
            return Ok(());
        }
        for _ in 0..BACKLOG_PIECES {
            let began = wall();
            self.pass(BACKLOG_PIECE)?;
            if wall().saturating_sub(began).as_secs_f64() >= 0.5 * BACKLOG_PIECE as f64 / sample_rate_hz {
                break;
            }
        }
        Ok(())
    }

    /// Hears samples in pieces, each with its share of all.
    fn pieces(&mut self, samples: usize, mut take: impl FnMut(Capture, f32)) -> Result<(), LabError> {
        let mut left = samples;
        while left > 0 {
            let length_samples = PIECE.min(left);
            let capture = self.radio.receive(0, Window { start: self.heard, length_samples })?;
            self.heard += length_samples as u64;
            left -= length_samples;
            take(capture, length_samples as f32 / samples as f32);
        }
        self.seen = self.radio.status();
        Ok(())
    }
}
