//! Radios that are heard side by side.

use super::recordings::Recordings;
use super::{LabConfig, LabError, NamedRadio};
use airloop_baseband::{Burst, Capture, SampleIndex, Window};
use airloop_hil::recording::Finished;
use airloop_hil::{Direction, Radio, RadioStatus, Tuning};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Samples that a radio hears at once.
const PIECE: usize = 1 << 15;

/// Samples that radios hear at once until all have begun.
const GATHER_SAMPLES: usize = 256;

/// Samples by which radios may be ahead of each other when all have begun.
const GATHER_SPREAD_SAMPLES: u64 = 4096;

/// Samples after a burst in which nothing follows it.
const PAUSE_SAMPLES: u64 = 512;

/// One radio of a bench.
struct Station {
    name: String,
    radio: Box<dyn Radio>,
    heard: SampleIndex,
    /// Count of what is sent less that of what is heard, at one instant and roughly, where radios have no times.
    ahead: i64,
    /// Nothing is sent before this index any more, but for what is scheduled.
    promised: SampleIndex,
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
}

impl Bench {
    /// Tunes and starts radios: gains fixed by the lab file.
    ///
    /// # Errors
    /// When a radio refuses a setting, or cannot be started.
    pub fn new(config: &LabConfig, sample_rate_hz: f64, radios: Vec<NamedRadio>) -> Result<Self, LabError> {
        let mut stations: Vec<Station> = radios
            .into_iter()
            .map(|(name, radio)| Station { name, radio, heard: 0, ahead: 0, promised: 0 })
            .collect();
        for station in &mut stations {
            for direction in [Direction::Transmit, Direction::Receive] {
                let gain_db = config.gain_db(&station.name, direction);
                station.tune(direction, (config.centre_hz, sample_rate_hz), gain_db)?;
            }
        }
        // Emulated time goes on as soon as someone listens: all who may send are there before.
        for direction in [Direction::Transmit, Direction::Receive] {
            for station in &mut stations {
                station.radio.start(direction)?;
            }
        }
        for station in &mut stations {
            station.heard = if station.radio.capabilities().timestamps { station.radio.now()? } else { 0 };
        }
        let spread_samples = (config.turnaround_s * sample_rate_hz).ceil() as u64;
        let mut bench = Self { stations, sample_rate_hz, spread_samples, recordings: None };
        bench.gather()?;
        Ok(bench)
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

    /// Schedules a burst at a radio, by its own count; the next one begins 512 samples after its end at the earliest.
    ///
    /// # Errors
    /// When the radio refuses it.
    pub fn transmit(&mut self, radio: usize, burst: &Burst) -> Result<(), LabError> {
        let station = &mut self.stations[radio];
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
        for station in &mut self.stations {
            // Who has heard its part must not hold up the time of the others.
            station.promise(samples as u64 + self.spread_samples)?;
        }
        let captures = self.all(|station| station.hear(samples))?;
        if let Some(recordings) = &mut self.recordings {
            let mut heard = captures.iter().enumerate();
            heard.try_for_each(|(radio, capture)| recordings.heard(radio, capture))?;
        }
        Ok(captures)
    }

    /// Records everything that radios hear and send from now on.
    pub fn record(&mut self, recordings: Recordings) {
        self.recordings = Some(recordings);
    }

    /// Says something of samples that a radio heard, if they are recorded.
    ///
    /// # Errors
    /// When some of them are not there.
    pub fn annotate(
        &mut self,
        radio: usize,
        (start, count): (SampleIndex, u64),
        label: &str,
    ) -> Result<(), LabError> {
        self.recordings
            .as_mut()
            .map_or(Ok(()), |recordings| recordings.annotate(radio, (start, count), label))
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
        self.stations.iter_mut().for_each(|station| all.add(&station.radio.status()));
        all
    }
}

impl Station {
    /// Promises that nothing is sent until so many samples after what was heard.
    fn promise(&mut self, samples: u64) -> Result<(), LabError> {
        let until = (self.heard + samples).saturating_add_signed(self.ahead);
        self.promised = self.promised.max(until);
        Ok(self.radio.silent_until(self.promised)?)
    }

    fn tune(
        &mut self,
        direction: Direction,
        (centre_hz, sample_rate_hz): (f64, f64),
        gain_db: Option<f64>,
    ) -> Result<(), LabError> {
        let span = self.radio.capabilities().gain_db(direction);
        let gain_db = gain_db.unwrap_or(0f64.clamp(span.least, span.most));
        for channel in 0..self.radio.capabilities().channels(direction) {
            self.radio.tune(direction, channel, &Tuning { centre_hz, sample_rate_hz, gain_db })?;
        }
        Ok(())
    }

    fn hear(&mut self, samples: usize) -> Result<Capture, LabError> {
        let mut all = Capture { start: self.heard, ..Capture::default() };
        while all.samples.len() < samples {
            let length_samples = PIECE.min(samples - all.samples.len());
            let capture = self.radio.receive(0, Window { start: self.heard, length_samples })?;
            all.samples.extend_from_slice(&capture.samples);
            all.overflow |= capture.overflow;
            all.clipped_share += capture.clipped_share * length_samples as f32 / samples as f32;
            self.heard += length_samples as u64;
        }
        Ok(all)
    }
}
