//! Samples that leave by a radio's own clock.

use airloop_baseband::{Burst, Complex32, SampleIndex};
use airloop_channels::FrontEnd;
use std::collections::VecDeque;
use std::ops::Range;

/// What one channel has been given by its own clock and has not yet sent by that of the air.
///
/// An output needs samples before and after its instant: it is sent once all of them are known, that is once the radio has said
/// what comes after them, or that nothing does.
#[derive(Clone, Debug)]
pub struct Outgoing {
    front_end: FrontEnd,
    /// In order of time, without overlap, by the radio's clock.
    given: VecDeque<Burst>,
    /// Where the last burst ended, by the radio's clock.
    end: SampleIndex,
    /// Up to where outputs have been sent, by the air's clock.
    sent: SampleIndex,
    slice: Burst,
}

impl Outgoing {
    /// Makes a channel that has been given nothing.
    pub fn new(front_end: FrontEnd) -> Self {
        Self { front_end, given: VecDeque::new(), end: 0, sent: 0, slice: Burst::default() }
    }

    /// Returns where the last burst ended, by the radio's clock.
    pub fn end(&self) -> SampleIndex {
        self.end
    }

    /// Takes a burst, which begins where or after the one before it ended.
    pub fn give(&mut self, burst: Burst) {
        self.end = burst.end();
        self.given.push_back(burst);
    }

    /// Returns the first instant of the air that a sample at an index of the radio's clock still changes.
    pub fn reach(&self, index: SampleIndex) -> SampleIndex {
        let index = index as i64;
        self.front_end.outputs(index..index + 1).start.max(0) as SampleIndex
    }

    /// Hands over what can be sent once no further sample comes before an index of the radio's clock; returns up to where that is, by
    /// the air's clock.
    pub fn settle<E>(
        &mut self,
        index: SampleIndex,
        mut send: impl FnMut(&Burst) -> Result<(), E>,
    ) -> Result<SampleIndex, E> {
        let until = self.reach(index);
        let mut next = None;
        while let Some(outputs) = self.next_outputs(next.unwrap_or(self.sent), until) {
            next = Some(outputs.end as SampleIndex);
            let inputs = self.front_end.inputs(outputs.clone());
            self.gather(inputs);
            let mut burst = Burst { start: outputs.start as SampleIndex, samples: Vec::new() };
            burst.samples.resize((outputs.end - outputs.start) as usize, Complex32::default());
            self.front_end.apply(self.slice.start, &self.slice.samples, outputs.start, &mut burst.samples);
            send(&burst)?;
        }
        self.sent = self.sent.max(until);
        while self.given.front().is_some_and(|burst| self.outputs(burst).end <= self.sent as i64) {
            self.given.pop_front();
        }
        Ok(self.sent)
    }

    fn outputs(&self, burst: &Burst) -> Range<i64> {
        self.front_end.outputs(burst.start as i64..burst.end() as i64)
    }

    /// Returns the first run of outputs, from an instant on and before another, that given samples reach.
    fn next_outputs(&self, from: SampleIndex, until: SampleIndex) -> Option<Range<i64>> {
        let (from, until) = (from as i64, until as i64);
        let mut run: Option<Range<i64>> = None;
        for burst in &self.given {
            let Range { start, end } = self.outputs(burst);
            let (start, end) = (start.max(from), end.min(until));
            run = match run {
                Some(run) if start <= run.end => Some(run.start..run.end.max(end)),
                Some(run) => return Some(run),
                None => (start < end).then_some(start..end),
            };
        }
        run
    }

    /// Lays the given samples of a range of indices side by side, zeros in the gaps.
    fn gather(&mut self, inputs: Range<i64>) {
        let (start, end) = (inputs.start.max(0) as SampleIndex, inputs.end.max(0) as SampleIndex);
        self.slice.start = start;
        self.slice.samples.clear();
        self.slice.samples.resize((end - start) as usize, Complex32::default());
        for burst in &self.given {
            let (first, last) = (burst.start.max(start), burst.end().min(end));
            if first < last {
                let from = (first - burst.start) as usize;
                let samples = &burst.samples[from..from + (last - first) as usize];
                self.slice.samples[(first - start) as usize..(last - start) as usize]
                    .copy_from_slice(samples);
            }
        }
    }
}
