//! Samples on their way between a radio and the air: to be sent, and heard but not yet read.

use airloop_baseband::{Burst, Complex32, SampleIndex};
use std::collections::VecDeque;

/// Samples of one channel that wait for their time.
#[derive(Debug, Default)]
pub struct Waiting {
    /// In order of time, without overlap; the first `sent` samples of the first are gone.
    pieces: VecDeque<Burst>,
    sent: usize,
    /// Buffers that are used again.
    spare: Vec<Vec<Complex32>>,
}

/// Most buffers that are kept for later.
const SPARE: usize = 8;

impl Waiting {
    /// Adds samples, which begin where or after those before end.
    pub fn push(&mut self, start: SampleIndex, samples: &[Complex32]) {
        if samples.is_empty() {
            return;
        }
        if let Some(last) = self.pieces.back_mut().filter(|last| last.end() == start)
            && last.samples.len() + samples.len() <= last.samples.capacity()
        {
            last.samples.extend_from_slice(samples);
            return;
        }
        let mut buffer = self.spare.pop().unwrap_or_default();
        buffer.clear();
        buffer.extend_from_slice(samples);
        self.pieces.push_back(Burst { start, samples: buffer });
    }

    /// Takes what lies before an index: samples from the first to the last of them, zeros in the gaps; returns whether there are any.
    pub fn take(&mut self, until: SampleIndex, out: &mut Burst) -> bool {
        out.samples.clear();
        while let Some(piece) = self.pieces.front() {
            let start = piece.start + self.sent as u64;
            if start >= until {
                break;
            }
            if out.samples.is_empty() {
                out.start = start;
            }
            let end = piece.end().min(until);
            out.samples.resize((start - out.start) as usize, Complex32::default());
            let count = (end - start) as usize;
            out.samples.extend_from_slice(&piece.samples[self.sent..self.sent + count]);
            self.sent += count;
            if end < piece.end() {
                break;
            }
            let done = self.pieces.pop_front().map(|piece| piece.samples);
            self.sent = 0;
            self.spare.extend(done.filter(|_| self.spare.len() < SPARE));
        }
        !out.samples.is_empty()
    }

    /// Returns the index just past the last sample.
    pub fn end(&self) -> Option<SampleIndex> {
        self.pieces.back().map(Burst::end)
    }
}

/// Samples of one channel that were heard and not yet read.
#[derive(Debug, Default)]
pub struct Unheard {
    samples: Vec<Complex32>,
    taken: usize,
    /// Index of the first of them.
    start: SampleIndex,
}

impl Unheard {
    /// Begins at an index, without samples.
    pub fn restart(&mut self, start: SampleIndex) {
        self.samples.clear();
        (self.taken, self.start) = (0, start);
    }

    /// Returns the index of the first sample.
    pub fn start(&self) -> SampleIndex {
        self.start
    }

    /// Returns the index just past the last sample.
    pub fn end(&self) -> SampleIndex {
        self.start + self.len() as u64
    }

    /// Returns how many samples there are.
    pub fn len(&self) -> usize {
        self.samples.len() - self.taken
    }

    /// Adds samples at the end.
    pub fn push(&mut self, samples: &[Complex32]) {
        if 2 * self.taken >= self.samples.len() {
            self.samples.drain(..self.taken);
            self.taken = 0;
        }
        self.samples.extend_from_slice(samples);
    }

    /// Takes the first samples, as many as there are and are asked for; returns how many.
    pub fn take(&mut self, out: &mut [Complex32]) -> usize {
        let count = out.len().min(self.len());
        out[..count].copy_from_slice(&self.samples[self.taken..self.taken + count]);
        self.drop_first(count);
        count
    }

    /// Gives up the first samples.
    ///
    /// # Panics
    /// Panics if there are fewer.
    pub fn drop_first(&mut self, count: usize) {
        assert!(count <= self.len(), "samples that are there");
        self.taken += count;
        self.start += count as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp(first: usize, count: usize) -> Vec<Complex32> {
        (first..first + count).map(|i| Complex32::new(i as f32, -1.0)).collect()
    }

    #[test]
    fn what_waits_is_taken_in_blocks_whatever_it_came_in() {
        let all = ramp(0, 5000);
        for cut in [1, 7, 999, 5000] {
            let (mut waiting, mut out, mut at) = (Waiting::default(), Burst::default(), 0);
            for piece in all.chunks(cut) {
                waiting.push(100 + at, piece);
                at += piece.len() as u64;
            }
            assert_eq!(waiting.end(), Some(5100));
            assert!(!waiting.take(100, &mut out));
            let mut found = Vec::new();
            for until in (0..=5632).step_by(512) {
                if waiting.take(until, &mut out) {
                    assert_eq!(out.start, 100 + found.len() as u64, "{cut}");
                    found.extend_from_slice(&out.samples);
                }
            }
            assert!(found == all && waiting.end().is_none(), "{cut}");
        }
    }

    #[test]
    fn gaps_within_a_block_are_silent() {
        let (mut waiting, mut out) = (Waiting::default(), Burst::default());
        waiting.push(10, &ramp(1, 2));
        waiting.push(15, &ramp(3, 1));
        waiting.push(40, &ramp(4, 1));
        assert!(waiting.take(32, &mut out));
        let re: Vec<f32> = out.samples.iter().map(|x| x.re).collect();
        assert_eq!((out.start, re), (10, vec![1.0, 2.0, 0.0, 0.0, 0.0, 3.0]));
        assert!(waiting.take(64, &mut out) && out.start == 40 && out.samples.len() == 1);
        assert!(!waiting.take(99, &mut out));
    }

    #[test]
    fn what_is_unheard_keeps_its_place() {
        let mut unheard = Unheard::default();
        unheard.restart(50);
        let mut read = Vec::new();
        for block in ramp(0, 3000).chunks(100) {
            unheard.push(block);
            let mut out = [Complex32::default(); 70];
            let count = unheard.take(&mut out);
            read.extend_from_slice(&out[..count]);
            assert_eq!(unheard.start(), 50 + read.len() as u64);
        }
        unheard.drop_first(unheard.len() - 10);
        assert_eq!((unheard.start(), unheard.end(), unheard.len()), (3040, 3050, 10));
        assert_eq!(read, ramp(0, read.len()));
    }
}
