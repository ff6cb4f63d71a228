//! Where indices of a radio's clock lie in the data.

use super::error::RecordingError;
use super::fields::wrong;
use super::metadata::{Metadata, Segment};
use super::{MAX_INDEX, OVERFLOW};
use airloop_baseband::SampleIndex;
use std::path::Path;

/// Samples in the data whose indices follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    /// Place of the first sample.
    pub start: u64,
    /// Its index.
    pub index: SampleIndex,
    /// How many.
    pub count: u64,
}

/// Checks metadata against the number of samples that there are, and returns the stretches in order.
pub(super) fn place(metadata: &Metadata, samples: u64, path: &Path) -> Result<Vec<Stretch>, RecordingError> {
    let within = |key: String, start: u64, count: u64| match start.checked_add(count) {
        Some(end) if end <= samples => Ok(()),
        _ => Err(wrong(
            path,
            &key,
            format!("{start} with {count} samples"),
            format!("within the {samples} samples of the data"),
        )),
    };
    for (i, annotation) in metadata.annotations.iter().enumerate() {
        within(format!("annotations[{i}].core:sample_start"), annotation.start, annotation.count)?;
    }
    let segments = &metadata.segments;
    let mut stretches: Vec<Stretch> = Vec::with_capacity(segments.len().max(1));
    for (i, segment) in segments.iter().enumerate() {
        let key = |name: &str| format!("captures[{i}].{name}");
        within(key("core:sample_start"), segment.start, 0)?;
        let end = segments.get(i + 1).map_or(samples, |next| next.start);
        let Some(count) = end.checked_sub(segment.start) else {
            let key = format!("captures[{}].core:sample_start", i + 1);
            let right = format!("{} or more: captures are sorted", segment.start);
            return Err(wrong(path, &key, end.to_string(), right));
        };
        if segment.index.checked_add(count).is_none_or(|end| end > MAX_INDEX) {
            let right = "so small that all its samples have indices below 2^63";
            return Err(wrong(path, &key("airloop:sample_index"), segment.index.to_string(), right));
        }
        let stretch = match stretches.last() {
            None => first(segment, count),
            Some(before) => {
                check_after(before, segment, |name| (path, key(name)))?;
                Stretch { start: segment.start, index: segment.index, count }
            }
        };
        stretches.push(stretch);
    }
    if segments.is_empty() {
        stretches.push(Stretch { start: 0, index: 0, count: samples });
    }
    stretches.retain(|stretch| stretch.count > 0);
    Ok(stretches)
}

/// Samples before the first capture belong to it, where their indices would not be negative.
fn first(segment: &Segment, count: u64) -> Stretch {
    match segment.index.checked_sub(segment.start) {
        Some(index) => Stretch { start: 0, index, count: segment.start + count },
        None => Stretch { start: segment.start, index: segment.index, count },
    }
}

fn check_after<'a>(
    before: &Stretch,
    segment: &Segment,
    at: impl Fn(&str) -> (&'a Path, String),
) -> Result<(), RecordingError> {
    let end = before.index + before.count;
    let refuse = |name, found: u64, right| {
        let (path, key) = at(name);
        Err(wrong(path, &key, found.to_string(), right))
    };
    let Some(jump) = segment.index.checked_sub(end) else {
        let right = format!("{end}, where the capture before ends, or more");
        return refuse("airloop:sample_index", segment.index, right);
    };
    if segment.lost_samples > jump {
        let right = format!("at most {jump}, the samples between the captures");
        return refuse("airloop:lost_samples", segment.lost_samples, right);
    }
    Ok(())
}

/// Something said of samples: their first place, the place just past them, and how many of them are clipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    start: u64,
    end: u64,
    clipped_samples: u64,
}

/// What was said of samples, to be asked for by place.
#[derive(Clone, Debug, Default)]
pub(super) struct Marks {
    /// Sorted by start.
    marks: Vec<Mark>,
    /// By mark: the furthest end of it and those before it.
    furthest: Vec<u64>,
}

impl Marks {
    /// Collects the annotations of a label.
    pub fn new(metadata: &Metadata, label: &str) -> Self {
        let mark = |annotation: &super::Annotation| Mark {
            start: annotation.start,
            end: annotation.start + annotation.count,
            clipped_samples: annotation.clipped_samples,
        };
        let labelled = metadata.annotations.iter().filter(|annotation| annotation.label == label);
        let mut marks: Vec<Mark> = labelled.map(mark).collect();
        marks.sort_by_key(|mark| mark.start);
        let furthest = marks.iter().scan(0, |furthest: &mut u64, mark| {
            *furthest = mark.end.max(*furthest);
            Some(*furthest)
        });
        let furthest = furthest.collect();
        Self { marks, furthest }
    }

    /// Collects the samples that were lost on the way.
    pub fn overflows(metadata: &Metadata) -> Self {
        Self::new(metadata, OVERFLOW)
    }

    /// Returns whether something is said of samples, and how many of them are clipped if that is spread evenly.
    pub fn among(&self, start: u64, count: u64) -> (bool, f64) {
        let end = start + count;
        let from = self.furthest.partition_point(|furthest| *furthest <= start);
        let reach =
            self.marks[from..].iter().take_while(|mark| mark.start < end).filter(|mark| mark.end > start);
        reach.fold((false, 0.0), |(_, clipped), mark| {
            let common = mark.end.min(end) - mark.start.max(start);
            let share = common as f64 / (mark.end - mark.start) as f64;
            (true, clipped + share * mark.clipped_samples as f64)
        })
    }
}
