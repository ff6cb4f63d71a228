//! Stretches of samples to which something happened.

use super::metadata::Annotation;

/// Most stretches before those that are close are joined more widely.
const GENERATION: usize = 4096;

/// Stretches in order of samples; near ones are one, so that memory stays small however often it happens.
///
/// What comes out depends on which samples were marked, not on how many at a time.
pub(super) struct Runs {
    label: &'static str,
    apart_samples: u64,
    runs: Vec<Annotation>,
}

impl Runs {
    /// Makes an empty list of a label; stretches less than so many samples apart are one.
    pub fn new(label: &'static str, apart_samples: u64) -> Self {
        Self { label, apart_samples, runs: Vec::new() }
    }

    /// Marks samples, not before those marked last; some of them are clipped.
    pub fn mark(&mut self, start: u64, count: u64, clipped_samples: u64) {
        let apart = self.apart_samples << (self.runs.len() / GENERATION).min(40);
        if let Some(last) = self.runs.last_mut()
            && start <= (last.start + last.count).saturating_add(apart)
        {
            last.count = last.count.max(start + count - last.start);
            last.clipped_samples += clipped_samples;
            return;
        }
        self.runs.push(Annotation { start, count, label: self.label.into(), clipped_samples });
    }

    /// Returns the stretches.
    pub fn all(&self) -> &[Annotation] {
        &self.runs
    }
}
