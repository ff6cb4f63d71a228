//! Reads recordings.

mod checks;

use crate::recording::error::RecordingError;
use crate::recording::fields::wrong;
use crate::recording::metadata::Metadata;
use crate::recording::pair::{Pair, refused};
use crate::recording::segments::{Stretch, place};
use airloop_baseband::{Complex32, SampleIndex, Window};
use checks::{count, file_bytes, read_metadata};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// How far a recording is checked before it is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Check {
    /// All of it: every byte of the data goes into the hash.
    #[default]
    Hash,
    /// Metadata and the size of the data, for files too large to be read twice.
    Size,
}

/// A recording that is read by ranges, whatever its size.
#[derive(Debug)]
pub struct Recording {
    pair: Pair,
    metadata: Metadata,
    file: File,
    samples: u64,
    stretches: Vec<Stretch>,
    bytes: Vec<u8>,
}

/// Bytes read at once, about.
const BLOCK_BYTES: usize = 1 << 18;

impl Recording {
    /// Opens a recording, and checks all of it; the path names either of its files, or both without an ending.
    ///
    /// # Errors
    /// When a file cannot be read, metadata are wrong or do not belong to the data, or the hash is another.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, RecordingError> {
        Self::open_checked(path, Check::Hash)
    }

    /// Opens a recording, and checks as much of it as is said.
    ///
    /// # Errors
    /// As for [`open`](Self::open), less the hash.
    pub fn open_checked(path: impl AsRef<Path>, check: Check) -> Result<Self, RecordingError> {
        let pair = Pair::new(path.as_ref());
        let described = Metadata::parse(&read_metadata(&pair.meta)?, &pair.meta)?;
        let frame_bytes = described.datatype.item_bytes() * described.channels;
        let data_bytes = file_bytes(&pair.data)?;
        let samples = count(&described, data_bytes, frame_bytes as u64, &pair)?;
        let stretches = place(&described, samples, &pair.meta)?;
        let file = File::open(&pair.data).map_err(refused(&pair.data, "open"))?;
        let bytes = vec![0; BLOCK_BYTES / frame_bytes * frame_bytes];
        let mut recording = Self { pair, metadata: described, file, samples, stretches, bytes };
        if check == Check::Hash {
            recording.check_hash()?;
        }
        Ok(recording)
    }

    /// Returns what the recording says of its samples.
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// Returns the data file.
    pub fn path(&self) -> &Path {
        &self.pair.data
    }

    /// Returns the number of channels.
    pub fn channels(&self) -> usize {
        self.metadata.channels
    }

    /// Returns how many samples of each channel there are.
    pub fn samples(&self) -> u64 {
        self.samples
    }

    /// Returns the sample rate, in hertz.
    ///
    /// # Errors
    /// When the recording does not say it.
    pub fn sample_rate_hz(&self) -> Result<f64, RecordingError> {
        let right = "the sample rate in hertz, above 0";
        let missing = || wrong(&self.pair.meta, "global.core:sample_rate", "missing", right);
        self.metadata.sample_rate_hz.ok_or_else(missing)
    }

    /// Returns the range of indices from the first to the last sample, gaps included.
    pub fn indices(&self) -> std::ops::Range<SampleIndex> {
        match (self.stretches.first(), self.stretches.last()) {
            (Some(first), Some(last)) => first.index..last.index + last.count,
            _ => 0..0,
        }
    }

    /// Reads samples of one channel from a place in the data on.
    ///
    /// # Errors
    /// When there are not so many, or the disk refuses.
    pub fn read(&mut self, channel: usize, at: u64, out: &mut [Complex32]) -> Result<(), RecordingError> {
        let end = at.checked_add(out.len() as u64).filter(|end| *end <= self.samples);
        if end.is_none() || channel >= self.channels() {
            let held = format!("{} samples of {} channels", self.samples, self.channels());
            let end = at.saturating_add(out.len() as u64);
            let path = self.pair.data.clone();
            return Err(match channel < self.channels() {
                true => RecordingError::Outside { path, what: "samples", start: at, end, held },
                false => {
                    let (start, end) = (channel as u64, channel as u64 + 1);
                    RecordingError::Outside { path, what: "channels", start, end, held }
                }
            });
        }
        let item = self.metadata.datatype.item_bytes();
        let frame = item * self.channels();
        self.file.seek(SeekFrom::Start(at * frame as u64)).map_err(refused(&self.pair.data, "read"))?;
        for block in out.chunks_mut(self.bytes.len() / frame) {
            let bytes = &mut self.bytes[..block.len() * frame];
            self.file.read_exact(bytes).map_err(refused(&self.pair.data, "read"))?;
            self.metadata.datatype.decode(bytes, (frame, item * channel), block);
        }
        Ok(())
    }

    /// Reads samples of one channel by their indices, with zeros where nothing was recorded; returns how many samples were.
    ///
    /// # Errors
    /// When there is no such channel, or the disk refuses.
    pub fn read_window(
        &mut self,
        channel: usize,
        start: SampleIndex,
        out: &mut [Complex32],
    ) -> Result<usize, RecordingError> {
        let window = Window { start, length_samples: out.len() };
        let (mut filled, mut held) = (0, 0);
        let mut number = self.first_after(start);
        while let Some((at, offset, count)) = self.piece(number, window) {
            out[filled..offset].fill(Complex32::default());
            self.read(channel, at, &mut out[offset..offset + count])?;
            filled = offset + count;
            held += count;
            number += 1;
        }
        out[filled..].fill(Complex32::default());
        Ok(held)
    }

    /// Calls for every stretch of a window that was recorded, with its place in the data and its length.
    pub(in crate::recording) fn for_pieces(&self, window: Window, mut call: impl FnMut(u64, u64)) {
        let mut number = self.first_after(window.start);
        while let Some((at, _, count)) = self.piece(number, window) {
            call(at, count as u64);
            number += 1;
        }
    }

    /// Returns the number of the first stretch that does not end before an index.
    fn first_after(&self, start: SampleIndex) -> usize {
        self.stretches.partition_point(|stretch| stretch.index + stretch.count <= start)
    }

    /// Returns what a window has of a stretch: its place in the data, in the window, and its length.
    fn piece(&self, number: usize, window: Window) -> Option<(u64, usize, usize)> {
        let stretch = self.stretches.get(number)?;
        let window_end = window.start.saturating_add(window.length_samples as u64);
        let start = stretch.index.max(window.start);
        let end = (stretch.index + stretch.count).min(window_end);
        let count = end.checked_sub(start).filter(|count| *count > 0)?;
        Some((stretch.start + (start - stretch.index), (start - window.start) as usize, count as usize))
    }
}
