//! What is said of samples that were recorded.

use super::Recorder;
use crate::recording::MAX_ENTRIES;
use crate::recording::error::RecordingError;
use crate::recording::metadata::Annotation;
use airloop_baseband::SampleIndex;

impl Recorder {
    /// Marks recorded samples, all of one capture, as lost on the way although something stands in their place.
    ///
    /// # Errors
    /// When they were not recorded.
    pub fn mark_overflow(&mut self, start: SampleIndex, count: u64) -> Result<(), RecordingError> {
        let at = self.place_of(start, count)?;
        self.overflows.mark(at, count, 0);
        self.check_room(self.overflows.all().len(), "overflows")
    }

    /// Marks recorded samples, all of one capture, of which some had reached full scale before they were recorded.
    ///
    /// # Errors
    /// When they were not recorded.
    pub fn mark_clipped(
        &mut self,
        start: SampleIndex,
        count: u64,
        clipped_samples: u64,
    ) -> Result<(), RecordingError> {
        let at = self.place_of(start, count)?;
        self.heard_clipped.mark(at, count, clipped_samples);
        self.check_room(self.heard_clipped.all().len(), "clipped stretches")
    }

    /// Says something of recorded samples, all of one capture.
    ///
    /// # Errors
    /// When they were not recorded, or more was said than metadata can hold.
    pub fn annotate(&mut self, start: SampleIndex, count: u64, label: &str) -> Result<(), RecordingError> {
        let at = self.place_of(start, count)?;
        self.check_room(self.notes.len() + 1, "annotations")?;
        self.notes.push(Annotation { start: at, count, label: label.into(), clipped_samples: 0 });
        Ok(())
    }

    pub(super) fn check_room(&self, count: usize, what: &'static str) -> Result<(), RecordingError> {
        if count <= MAX_ENTRIES {
            return Ok(());
        }
        Err(RecordingError::Full { path: self.pair.meta.clone(), what, most: MAX_ENTRIES })
    }

    /// Returns the place in the data of the first of some samples.
    fn place_of(&self, start: SampleIndex, count: u64) -> Result<u64, RecordingError> {
        let number = self.segments.partition_point(|segment| segment.index <= start);
        let place = number.checked_sub(1).and_then(|number| {
            let segment = &self.segments[number];
            let end = self.segments.get(number + 1).map_or(self.samples, |next| next.start);
            let from = segment.start.checked_add(start - segment.index)?;
            (from.checked_add(count)? <= end).then_some(from)
        });
        place.ok_or_else(|| RecordingError::Outside {
            path: self.pair.data.clone(),
            what: "indices",
            start,
            end: start.saturating_add(count),
            held: format!("{} samples in {} captures", self.samples, self.segments.len()),
        })
    }
}
