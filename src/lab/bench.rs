//! Radios that are heard side by side.

use super::recordings::Recordings;
use super::station::Station;
use super::{LabConfig, LabError, NamedRadio};
use airloop_baseband::{Burst, Capture, SampleIndex};
use airloop_hil::recording::Finished;
use airloop_hil::{ClockStatus, Direction, RadioStatus};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Samples that radios hear at once until all have begun.
const GATHER_SAMPLES: usize = 256;

/// Samples by which radios may be ahead of each other when all have begun.
const GATHER_SPREAD_SAMPLES: u64 = 4096;

/// Samples after a burst in which nothing follows it.
const PAUSE_SAMPLES: u64 = 512;

/// The time of the wall since some instant.
type Wall = Arc<dyn Fn() -> Duration + Send + Sync>;

/// How fast samples came.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reached {
    /// Samples that came; those lost are none.
    pub samples: u64,
    /// How long they took, in seconds.
    pub took_s: f64,
}

/// Radios that were tuned alike and started.
///
/// Each counts its own samples; [`Bench::hear`] lets all of them hear as many, so that their counts stay together but for what their
/// clocks differ by.
pub struct Bench {
    stations: Vec<Station>,
    sample_rate_hz: f64,
    /// Samples by which counts may lie apart.
    spread_samples: u64,
    /// What writes down everything that radios hear and send.
    recordings: Option<Recordings>,
    wall: Wall,
}

impl Bench {
    /// Tunes and starts radios: gains fixed by the lab file. Counts of radios whose time comes from one source begin together.
    ///
    /// # Errors
    /// When a radio refuses a setting, sets another sample rate, says that its clock is not locked, or cannot be started.
    pub fn new(config: &LabConfig, sample_rate_hz: f64, radios: Vec<NamedRadio>) -> Result<Self, LabError> {
        let mut stations: Vec<Station> =
            radios.into_iter().map(|(name, radio)| Station::new(name, radio)).collect();
        for station in &mut stations {
            station.tune(Direction::Transmit, config, sample_rate_hz)?;
            station.tune(Direction::Receive, config, sample_rate_hz)?;
            station.lock()?;
        }
        // Emulated time goes on as soon as someone listens: all who may send are there before.
        for direction in [Direction::Transmit, Direction::Receive] {
            for station in stations.iter_mut().filter(|station| station.has(direction)) {
                station.radio.start(direction)?;
            }
        }
        for station in &mut stations {
            station.heard = if station.radio.capabilities().timestamps { station.radio.now()? } else { 0 };
        }
        if config.shared_time().is_some() {
            let last = stations.iter().map(|station| station.heard).max().unwrap_or(0);
            stations.iter_mut().for_each(|station| station.heard = last);
        }
        let spread_samples = (config.turnaround_s * sample_rate_hz).ceil() as u64;
        let began = Instant::now();
        let wall: Wall = Arc::new(move || began.elapsed());
        let mut bench = Self { stations, sample_rate_hz, spread_samples, recordings: None, wall };
        bench.gather()?;
        Ok(bench)
    }

    /// Takes a function for the time of the wall, by which rates are measured.
    #[must_use]
    pub fn with_wall(self, wall: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        Self { wall: Arc::new(wall), ..self }
    }

    /// Returns the sample rate of all radios, in hertz.
    pub fn sample_rate_hz(&self) -> f64 {
        self.sample_rate_hz
    }

    /// Returns the number of radios.
    pub fn radios(&self) -> usize {
        self.stations.len()
    }

    /// Returns a radio's name.
    pub fn name(&self, radio: usize) -> &str {
        &self.stations[radio].name
    }

    /// Returns what a radio is.
    pub fn hardware(&self, radio: usize) -> &str {
        &self.stations[radio].radio.capabilities().hardware
    }

    /// Returns what a radio said of its clock before it was started.
    pub fn clocks(&self, radio: usize) -> &ClockStatus {
        &self.stations[radio].clocks
    }

    /// Returns the sample rate that a direction of a radio is set to, in hertz; `None` where it has no such channel.
    pub fn rate_hz(&self, radio: usize, direction: Direction) -> Option<f64> {
        self.stations[radio].rates_hz[direction as usize]
    }

    /// Returns the number of the radio of a name.
    pub fn find(&self, name: &str) -> Option<usize> {
        self.stations.iter().position(|station| station.name == name)
    }

    /// Returns up to where a radio has been heard, by its own count.
    pub fn heard(&self, radio: usize) -> SampleIndex {
        self.stations[radio].heard
    }

    /// Returns the first index that a radio can still send, by its own count.
    ///
    /// # Errors
    /// When the radio is gone.
    pub fn now(&mut self, radio: usize) -> Result<SampleIndex, LabError> {
        let station = &mut self.stations[radio];
        Ok(station.radio.now()?.max(station.promised))
    }

    /// Returns what went wrong so far at a radio; samples lost while nobody asked for any do not count.
    pub fn status_of(&mut self, radio: usize) -> RadioStatus {
        self.stations[radio].status()
    }

    /// Schedules a burst at a radio, by its own count; the next one begins 512 samples after its end at the earliest.
    ///
    /// # Errors
    /// When the radio refuses it.
    pub fn transmit(&mut self, radio: usize, burst: &Burst) -> Result<(), LabError> {
        let station = &mut self.stations[radio];
        if !station.has(Direction::Transmit) {
            return Err(LabError::Failed(format!(
                "radio {} is to send and may not: a real radio needs [radio.transmit] in the lab file, and --transmit",
                station.name
            )));
        }
        station.radio.transmit(0, burst)?;
        station.promised = station.promised.max(burst.end() + PAUSE_SAMPLES);
        station.radio.silent_until(station.promised)?;
        self.recordings.as_mut().map_or(Ok(()), |recordings| recordings.sent(radio, burst))
    }

    /// Lets all radios hear so many samples, and returns what each heard.
    ///
    /// # Errors
    /// When a radio hears nothing within its time-out.
    pub fn hear(&mut self, samples: usize) -> Result<Vec<Capture>, LabError> {
        self.promise(samples)?;
        let captures = self.all(|station| station.hear(samples))?;
        if let Some(recordings) = &mut self.recordings {
            let mut heard = captures.iter().enumerate();
            heard.try_for_each(|(radio, capture)| recordings.heard(radio, capture))?;
        }
        Ok(captures)
    }

    /// Lets all radios hear so many samples that nobody looks at, and then so many more, and returns how fast these came.
    ///
    /// # Errors
    /// When a radio hears nothing within its time-out.
    pub fn reach(&mut self, (before, samples): (usize, usize)) -> Result<Vec<Reached>, LabError> {
        self.promise(before + samples)?;
        let wall = Arc::clone(&self.wall);
        self.all(|station| {
            station.pass(before)?;
            let began = wall();
            let samples = station.pass(samples)?;
            Ok(Reached { samples, took_s: wall().saturating_sub(began).as_secs_f64() })
        })
    }

    /// Lets what came since radios were heard last pass, where time goes on by itself: what is heard next is heard now.
    ///
    /// # Errors
    /// When a radio is gone.
    pub fn catch_up(&mut self) -> Result<(), LabError> {
        let (wall, rate_hz) = (Arc::clone(&self.wall), self.sample_rate_hz);
        self.all(|station| station.catch_up(&*wall, rate_hz)).map(|_| ())
    }

    /// Says that nobody sends while so many samples are heard: who has heard its part must not hold up the time of the others.
    fn promise(&mut self, samples: usize) -> Result<(), LabError> {
        let samples = samples as u64 + self.spread_samples;
        self.stations.iter_mut().try_for_each(|station| station.promise(samples))
    }

    /// Records everything that radios hear and send from now on.
    pub fn record(&mut self, recordings: Recordings) {
        self.recordings = Some(recordings);
    }

    /// Returns the recordings, if there are any.
    pub fn recordings(&mut self) -> Option<&mut Recordings> {
        self.recordings.as_mut()
    }

    /// Ends the recordings, if there are any: each one's path and what it holds.
    ///
    /// # Errors
    /// When the disk refuses one; what was recorded before stays readable.
    pub fn finish_recordings(&mut self) -> Result<Vec<(PathBuf, Finished)>, LabError> {
        self.recordings.take().map_or(Ok(Vec::new()), Recordings::finish)
    }

    /// Does something at all radios side by side.
    fn all<R: Send>(
        &mut self,
        act: impl Fn(&mut Station) -> Result<R, LabError> + Sync,
    ) -> Result<Vec<R>, LabError> {
        let act = &act;
        thread::scope(|scope| {
            let threads: Vec<_> =
                self.stations.iter_mut().map(|station| scope.spawn(move || act(station))).collect();
            threads.into_iter().map(|thread| thread.join().expect("no radio panics")).collect()
        })
    }

    /// Lets radios whose counts begin whenever they do hear until all have begun, so that what they hear next begins at about the
    /// same time.
    fn gather(&mut self) -> Result<(), LabError> {
        if self.stations.iter().all(|station| station.radio.capabilities().timestamps) {
            return Ok(());
        }
        let (count, begun) = (self.stations.len(), AtomicUsize::new(0));
        self.all(|station| {
            station.hear(GATHER_SAMPLES)?;
            begun.fetch_add(1, Ordering::Relaxed);
            while begun.load(Ordering::Relaxed) < count {
                station.hear(GATHER_SAMPLES)?;
            }
            // Those who are a little ahead are not held up.
            let now = station.radio.now()?;
            Ok(station.radio.silent_until(now + GATHER_SPREAD_SAMPLES)?)
        })?;
        for station in &mut self.stations {
            if !station.radio.capabilities().timestamps {
                station.ahead = station.radio.now()? as i64 - station.heard as i64;
            }
        }
        Ok(())
    }

    /// Returns what went wrong so far, of all radios together.
    pub fn status(&mut self) -> RadioStatus {
        let mut all = RadioStatus::default();
        self.stations.iter_mut().for_each(|station| all.add(&station.status()));
        all
    }
}
