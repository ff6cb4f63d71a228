//! How the files are brought up to date, and ended.

use super::{Finished, Recorder};
use crate::recording::MAX_METADATA_BYTES;
use crate::recording::document::Document;
use crate::recording::error::RecordingError;
use crate::recording::pair::refused;
use std::fs::{File, rename};
use std::io::Write;

/// Metadata that are longer at a checkpoint end the recording while they can still be read.
const MAX_WRITTEN_BYTES: usize = (MAX_METADATA_BYTES / 4 * 3) as usize;

impl Recorder {
    /// Brings the files up to date, so that all samples so far can be read whatever happens to the process; only what is finished
    /// outlasts the machine's power.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn checkpoint(&mut self) -> Result<(), RecordingError> {
        self.check_going()?;
        self.bring_up_to_date().map_err(|error| self.stop(error))
    }

    /// Ends the recording.
    ///
    /// # Errors
    /// When the disk refuses, or has before.
    pub fn finish(mut self) -> Result<Finished, RecordingError> {
        self.check_going()?;
        let finished = self.data.finish().and_then(|sha512| {
            self.describe(self.samples, Some(&sha512)).or_else(|error| match self.reserve.release() {
                true => self.describe(self.samples, Some(&sha512)),
                false => Err(error),
            })?;
            Ok(sha512)
        });
        let sha512 = finished.map_err(|error| self.stop(error))?;
        self.finished = true;
        Ok(Finished {
            samples: self.samples,
            captures: self.segments.len(),
            lost_samples: self.lost.1,
            clipped_samples: self.clipped_samples,
            sha512,
        })
    }

    pub(super) fn bring_up_to_date(&mut self) -> Result<(), RecordingError> {
        self.data.flush()?;
        self.describe(self.samples, None)?;
        if self.text.len() > MAX_WRITTEN_BYTES {
            let (path, what) = (self.pair.meta.clone(), "bytes of metadata");
            return Err(RecordingError::Full { path, what, most: MAX_WRITTEN_BYTES });
        }
        // Metadata are written whole: where gaps are many, less often, so that data stay the larger part.
        let pause = self.config.checkpoint_samples.max(64 * self.segments.len() as u64);
        self.next_checkpoint = self.samples + pause;
        // Without more room in reserve, a full disk shows at the next write.
        let _ = self.reserve.hold(2 * self.text.len() as u64);
        Ok(())
    }

    /// Writes metadata of the first samples, and puts them in their place at once.
    pub(super) fn describe(&mut self, samples: u64, sha512: Option<&str>) -> Result<(), RecordingError> {
        let lists = [self.clipped.all(), self.heard_clipped.all(), self.overflows.all(), &self.notes];
        let document = Document::new(&self.config, (samples, sha512), &self.segments, &lists);
        self.text.clear();
        let (meta, part) = (&self.pair.meta, self.pair.part());
        serde_json::to_writer_pretty(&mut self.text, &document)
            .map_err(|error| refused(meta, "write")(error.into()))?;
        self.text.push(b'\n');
        let write = || {
            let mut file = File::create(&part)?;
            file.write_all(&self.text)?;
            if sha512.is_some() { file.sync_data() } else { Ok(()) }
        };
        let written = write().and_then(|()| rename(&part, meta));
        written.map_err(|error| {
            let _ = std::fs::remove_file(&part);
            refused(meta, "write")(error)
        })
    }

    /// Makes an end after an error: what the system has is described.
    pub(super) fn stop(&mut self, error: RecordingError) -> RecordingError {
        if self.stopped.is_none() {
            self.stopped = Some(error.to_string());
            self.reserve.release();
            let _ = self.describe(self.data.frames_written(), None);
        }
        error
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        if !self.finished && self.stopped.is_none() {
            // Whoever wants to know finishes.
            let _ = self.checkpoint();
        }
    }
}
