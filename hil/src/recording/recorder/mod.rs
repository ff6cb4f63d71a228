//! Writes recordings.

mod config;
mod files;
mod notes;

pub use config::RecorderConfig;

use crate::recording::data_file::DataFile;
use crate::recording::datatype::exceeds;
use crate::recording::error::RecordingError;
use crate::recording::fields::wrong;
use crate::recording::metadata::{Annotation, Segment};
use crate::recording::pair::{Pair, refused};
use crate::recording::reserve::Reserve;
use crate::recording::runs::Runs;
use crate::recording::{CLIPPED, MAX_INDEX, OVERFLOW};
use airloop_baseband::{Complex32, SampleIndex};
use std::path::Path;

/// What was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finished {
    /// Samples of each channel.
    pub samples: u64,
    /// Captures: one more than there are gaps.
    pub captures: usize,
    /// Samples that were lost before they could be recorded.
    pub lost_samples: u64,
    /// Samples that were cut off at full scale when they were stored.
    pub clipped_samples: u64,
    /// Hash of the data, in hexadecimal digits.
    pub sha512: String,
}

/// Writes one recording while samples come.
///
/// Samples go through one buffer to the data file. At each checkpoint, and when the recorder is dropped or fails, metadata marked as
/// unfinished take the place of those before them; [`finish`](Self::finish) adds the hash. The bytes of a finished recording depend
/// on its samples only, not on how they were cut.
pub struct Recorder {
    pair: Pair,
    config: RecorderConfig,
    data: DataFile,
    reserve: Reserve,
    segments: Vec<Segment>,
    clipped: Runs,
    heard_clipped: Runs,
    overflows: Runs,
    notes: Vec<Annotation>,
    samples: u64,
    /// Index that follows what was recorded or lost.
    position: SampleIndex,
    /// Samples lost since those recorded last, and all.
    lost: (u64, u64),
    clipped_samples: u64,
    next_checkpoint: u64,
    text: Vec<u8>,
    stopped: Option<String>,
    finished: bool,
}

/// Clipped samples less far apart than this are annotated as one stretch.
const CLIPPED_APART_SAMPLES: u64 = 4096;

impl Recorder {
    /// Begins a recording; the path names either of its files, or both without an ending.
    ///
    /// # Errors
    /// When the config is wrong, a file is there already, or one cannot be written.
    pub fn create(path: impl AsRef<Path>, config: RecorderConfig) -> Result<Self, RecordingError> {
        let pair = Pair::new(path.as_ref());
        config.check(&pair.meta)?;
        if !config.overwrite && pair.meta.exists() {
            return Err(RecordingError::Exists { path: pair.meta });
        }
        let data =
            DataFile::open(&pair.data, config.overwrite, config.datatype.item_bytes() * config.channels)?;
        let (new, path) = (!config.overwrite, pair.data.clone());
        Self::begin(pair, config, data).inspect_err(|_| {
            if new {
                let _ = std::fs::remove_file(path);
            }
        })
    }

    fn begin(pair: Pair, config: RecorderConfig, data: DataFile) -> Result<Self, RecordingError> {
        let reserve = Reserve::take(&pair.reserve()).map_err(refused(&pair.meta, "keep room for"))?;
        let mut recorder = Self {
            next_checkpoint: config.checkpoint_samples,
            pair,
            config,
            data,
            reserve,
            segments: Vec::new(),
            clipped: Runs::new(CLIPPED, CLIPPED_APART_SAMPLES),
            heard_clipped: Runs::new(CLIPPED, 0),
            overflows: Runs::new(OVERFLOW, 0),
            notes: Vec::new(),
            samples: 0,
            position: 0,
            lost: (0, 0),
            clipped_samples: 0,
            text: Vec::new(),
            stopped: None,
            finished: false,
        };
        // Old metadata never stand beside new data.
        let begun = recorder.describe(0, None).and_then(|()| recorder.data.clear());
        recorder.finished = begun.is_err();
        begun.map(|()| recorder)
    }

    /// Returns the config.
    pub fn config(&self) -> &RecorderConfig {
        &self.config
    }

    /// Returns the data file.
    pub fn path(&self) -> &Path {
        &self.pair.data
    }

    /// Returns how many samples of each channel were given so far.
    pub fn samples(&self) -> u64 {
        self.samples
    }

    /// Records samples, one slice a channel; where they do not begin at the end of those before, a capture begins.
    ///
    /// # Errors
    /// When they begin before that, slices do not belong to the channels, or the disk refuses them; what was recorded before stays
    /// readable, and nothing is recorded any more.
    pub fn push<C: AsRef<[Complex32]>>(
        &mut self,
        start: SampleIndex,
        channels: &[C],
    ) -> Result<(), RecordingError> {
        let length = channels.first().map_or(0, |samples| samples.as_ref().len());
        if channels.len() != self.config.channels
            || channels.iter().any(|samples| samples.as_ref().len() != length)
        {
            let lengths = channels.iter().map(|samples| samples.as_ref().len().to_string());
            return Err(RecordingError::Slices {
                path: self.pair.data.clone(),
                found: channels.len(),
                lengths: lengths.collect::<Vec<_>>().join(", "),
                channels: self.config.channels,
            });
        }
        if length == 0 {
            return self.check_going();
        }
        self.go_to(start, length as u64)?;
        if self.segments.is_empty() || start != self.position || self.lost.0 > 0 {
            self.begin_segment(start)?;
        }
        self.position = start + length as u64;
        let result = self.store(channels, length);
        let due = self.samples >= self.next_checkpoint;
        result
            .and_then(|()| if due { self.bring_up_to_date() } else { Ok(()) })
            .map_err(|error| self.stop(error))
    }

    /// Says that samples were lost and are not recorded.
    ///
    /// # Errors
    /// When some of them were recorded.
    pub fn lose(&mut self, start: SampleIndex, count: u64) -> Result<(), RecordingError> {
        self.go_to(start, count)?;
        self.position = start + count;
        self.lost = (self.lost.0 + count, self.lost.1 + count);
        Ok(())
    }

    fn store<C: AsRef<[Complex32]>>(&mut self, channels: &[C], length: usize) -> Result<(), RecordingError> {
        let (datatype, item) = (self.config.datatype, self.config.datatype.item_bytes());
        let mut done = 0;
        while done < length {
            let count = self.data.room()?.min(length - done);
            let out = self.data.write(count);
            for (number, samples) in channels.iter().enumerate() {
                let samples = &samples.as_ref()[done..done + count];
                datatype.encode(samples, (item * channels.len(), item * number), out);
            }
            if datatype.clips() {
                self.find_clipped(channels, done..done + count);
            }
            self.samples += count as u64;
            done += count;
        }
        Ok(())
    }

    /// Marks samples that were cut off, the first of which is the next that is counted.
    fn find_clipped<C: AsRef<[Complex32]>>(&mut self, channels: &[C], range: std::ops::Range<usize>) {
        let clean = |samples: &C| !samples.as_ref()[range.clone()].iter().any(|x| exceeds(*x));
        if channels.iter().all(clean) {
            return;
        }
        for i in range.clone() {
            if channels.iter().any(|samples| exceeds(samples.as_ref()[i])) {
                self.clipped.mark(self.samples + (i - range.start) as u64, 1, 1);
                self.clipped_samples += 1;
            }
        }
    }

    fn begin_segment(&mut self, start: SampleIndex) -> Result<(), RecordingError> {
        self.check_room(self.segments.len() + 1, "captures, one for each gap,")?;
        let datetime = if self.segments.is_empty() { self.config.datetime.clone() } else { None };
        self.segments.push(Segment {
            start: self.samples,
            index: start,
            lost_samples: std::mem::take(&mut self.lost.0),
            time_ns: Some(self.config.time_ns(start)),
            centre_hz: Some(self.config.centre_hz),
            datetime,
        });
        Ok(())
    }

    fn check_going(&self) -> Result<(), RecordingError> {
        match &self.stopped {
            Some(reason) => {
                Err(RecordingError::Stopped { path: self.pair.data.clone(), reason: reason.clone() })
            }
            None => Ok(()),
        }
    }

    /// Checks that samples may follow those before.
    fn go_to(&self, start: SampleIndex, count: u64) -> Result<(), RecordingError> {
        self.check_going()?;
        if start < self.position {
            return Err(RecordingError::Backwards {
                path: self.pair.data.clone(),
                start,
                position: self.position,
            });
        }
        match start.checked_add(count) {
            Some(end) if end <= MAX_INDEX => Ok(()),
            _ => Err(wrong(&self.pair.data, "the index of a sample", start.to_string(), "below 2^63")),
        }
    }
}
