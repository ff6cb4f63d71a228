//! A radio that says of itself what a test wants, and hears next to nothing.

use airloop::baseband::{Burst, Capture, Complex32, SampleIndex, Window};
use airloop::hil::{Capabilities, ClockStatus, Direction, Radio, RadioError, RadioStatus, Span, Tuning};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The time of a wall that goes on only while a radio hears.
#[derive(Clone, Default)]
pub struct Wall(Arc<AtomicU64>);

impl Wall {
    /// Returns the time.
    pub fn now(&self) -> Duration {
        Duration::from_nanos(self.0.load(Ordering::Relaxed))
    }

    fn pass(&self, seconds: f64) {
        self.0.fetch_add((1e9 * seconds).round() as u64, Ordering::Relaxed);
    }
}

/// What a radio is to say.
#[derive(Clone)]
pub struct Script {
    pub clocks: ClockStatus,
    /// How often its clock is asked for before it is locked.
    pub locks_after: usize,
    /// Its sample rate over the one that is asked for.
    pub rate: f64,
    /// Samples that come in a second of its wall, where it moves one.
    pub wall: Option<(Wall, f64)>,
    /// Of every so many samples one is lost.
    pub loses_every: Option<u64>,
    /// The device's time when it is started, in samples.
    pub begins: SampleIndex,
    /// Samples by which its time is ahead of what was heard.
    pub meanwhile: u64,
    /// Samples that it loses whenever its time is asked for.
    pub lost_meanwhile: u64,
}

impl Default for Script {
    fn default() -> Self {
        let clocks = ClockStatus::internal();
        Self {
            clocks,
            locks_after: 0,
            rate: 1.0,
            wall: None,
            loses_every: None,
            begins: 0,
            meanwhile: 0,
            lost_meanwhile: 0,
        }
    }
}

/// A radio of a script.
pub struct Scripted {
    script: Script,
    capabilities: Capabilities,
    asked: usize,
    heard: SampleIndex,
    lost: u64,
}

impl Scripted {
    /// Makes the radio of a name.
    pub fn new(name: &str, script: Script) -> Self {
        let any = || vec![Span { least: 0.0, most: 1e12 }];
        let gain = Span { least: 0.0, most: 50.0 };
        let capabilities = Capabilities {
            name: name.into(),
            hardware: "scripted".into(),
            transmit_channels: 1,
            receive_channels: 1,
            sample_rates_hz: any(),
            centres_hz: any(),
            transmit_gain_db: gain,
            receive_gain_db: gain,
            timestamps: true,
            timed_bursts: true,
        };
        Self { heard: script.begins, script, capabilities, asked: 0, lost: 0 }
    }
}

impl Radio for Scripted {
    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    fn tune(&mut self, _: Direction, _: usize, tuning: &Tuning) -> Result<Tuning, RadioError> {
        Ok(Tuning { sample_rate_hz: self.script.rate * tuning.sample_rate_hz, ..*tuning })
    }

    fn start(&mut self, _: Direction) -> Result<(), RadioError> {
        Ok(())
    }

    fn now(&mut self) -> Result<SampleIndex, RadioError> {
        self.lost += self.script.lost_meanwhile;
        Ok(self.heard + self.script.meanwhile)
    }

    fn transmit(&mut self, _: usize, _: &Burst) -> Result<(), RadioError> {
        Ok(())
    }

    fn receive(&mut self, _: usize, window: Window) -> Result<Capture, RadioError> {
        self.heard = window.end();
        if let Some((wall, rate_hz)) = &self.script.wall {
            wall.pass(window.length_samples as f64 / rate_hz);
        }
        let samples = vec![Complex32::new(1e-6, 0.0); window.length_samples];
        Ok(Capture { start: window.start, samples, ..Capture::default() })
    }

    fn clock_status(&mut self) -> Result<ClockStatus, RadioError> {
        self.asked += 1;
        let locked = self.script.clocks.locked.map(|locked| locked && self.asked > self.script.locks_after);
        Ok(ClockStatus { locked, ..self.script.clocks.clone() })
    }

    fn status(&mut self) -> RadioStatus {
        let every = |every| (self.heard - self.script.begins) / every;
        let lost_samples = self.lost + self.script.loses_every.map_or(0, every);
        RadioStatus { overflows: u64::from(lost_samples > 0), lost_samples, ..RadioStatus::default() }
    }
}
