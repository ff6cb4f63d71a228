//! Samples that leave by a radio's own time.

use super::stage::Stage;
use airloop_baseband::{Burst, Complex32, SampleIndex};
use std::collections::VecDeque;
use std::ops::Range;

/// Outputs that are computed at once.
const MOST: i64 = 16_384;

/// Samples of a burst that are kept as one piece.
const PIECE: usize = 16_384;

/// What one channel has been given by its own time and has not yet sent by that of the air.
///
/// An output needs samples before and after its instant: it is sent once all of them are known, that is once the radio has said
/// what comes after them, or that nothing does. Until then the burst in the air stays open, so that time waits for the rest.
#[derive(Clone, Debug)]
pub struct Outgoing<S> {
    stage: S,
    /// In order of time, without overlap, by the radio's time.
    given: VecDeque<Burst>,
    /// Where the last burst ended, by the radio's time.
    end: SampleIndex,
    /// Up to where outputs have been sent, by the air's time.
    sent: SampleIndex,
    /// Whether the air expects more there.
    open: bool,
    /// Whether the air's time has overtaken all that was given.
    late: bool,
    /// Outputs from `sent` on that the air has not taken yet, the first `done` of them gone, and whether they end a burst.
    ready: Vec<Complex32>,
    done: usize,
    ends: bool,
    /// Outputs sent in all.
    passed: u64,
    slice: Burst,
}

/// Outputs that can be computed.
struct Run {
    outputs: Range<i64>,
    /// Whether nothing given reaches beyond.
    ends: bool,
}

impl<S: Stage> Outgoing<S> {
    /// Makes a channel that begins at an index of the radio's time, with the air's at another.
    pub fn new(stage: S, start: SampleIndex, sent: SampleIndex) -> Self {
        Self {
            stage,
            given: VecDeque::new(),
            end: start,
            sent,
            open: false,
            late: false,
            ready: Vec::new(),
            done: 0,
            ends: false,
            passed: 0,
            slice: Burst::default(),
        }
    }

    /// Returns the stages that samples pass.
    pub fn stage(&mut self) -> &mut S {
        &mut self.stage
    }

    /// Returns where the last burst ended, by the radio's time.
    pub fn end(&self) -> SampleIndex {
        self.end
    }

    /// Returns up to where outputs have been sent, by the air's time.
    pub fn sent(&self) -> SampleIndex {
        self.sent
    }

    /// Returns how many outputs have been sent.
    pub fn passed(&self) -> u64 {
        self.passed
    }

    /// Returns the first index at which a burst can begin that loses nothing: where an open one goes on, or after what has been sent.
    pub fn stands(&self) -> SampleIndex {
        match self.open || !self.given.is_empty() {
            true => self.end,
            false => self.end.max(first_after(&self.stage, self.sent)),
        }
    }

    /// Returns whether the air has not yet taken all that it could have.
    pub fn is_behind(&self) -> bool {
        self.done < self.ready.len() || self.next_run(reach(&self.stage, self.end)).is_some()
    }

    /// Takes samples, which begin where or after those before ended.
    pub fn give(&mut self, start: SampleIndex, samples: &[Complex32]) {
        (self.end, self.late) = (start + samples.len() as u64, false);
        let abuts = |last: &&mut Burst| last.end() == start && last.samples.len() < PIECE;
        match self.given.back_mut().filter(abuts) {
            Some(last) => last.samples.extend_from_slice(samples),
            None => self.given.push_back(Burst { start, samples: samples.to_vec() }),
        }
    }

    /// Gives the last samples back that were taken, none of which has been sent; those before ended at `end`.
    pub fn take_back(&mut self, count: usize, end: SampleIndex) {
        if let Some(last) = self.given.back_mut() {
            last.samples.truncate(last.samples.len() - count);
            if last.samples.is_empty() {
                self.given.pop_back();
            }
        }
        self.end = end;
        self.drop_ready();
    }

    /// Takes note that nothing comes before an index of the radio's time.
    pub fn promise(&mut self, index: SampleIndex) {
        self.end = self.end.max(index);
    }

    /// Takes note that the air's time has overtaken what was to be sent: the rest follows in its place.
    pub fn overtaken(&mut self, now: SampleIndex) {
        let late = now.saturating_sub(self.sent);
        if late > 0 {
            self.done = self.done.saturating_add(late as usize).min(self.ready.len());
            self.sent = now;
        }
        (self.open, self.late) = (false, true);
        self.forget();
    }

    /// Sends what can be sent once no further sample comes before an index of the radio's time; returns whether all of it went.
    ///
    /// `more` says that samples follow there without a break. `send` sends samples at an index of the air, says whether they end a
    /// burst, and returns how many were taken.
    ///
    /// # Errors
    /// What `send` fails with; what it took is sent.
    pub fn settle<E>(
        &mut self,
        index: SampleIndex,
        more: bool,
        send: &mut impl FnMut(SampleIndex, &[Complex32], bool) -> Result<usize, E>,
    ) -> Result<bool, E> {
        let until = reach(&self.stage, index);
        self.send_until(until, more, send)
    }

    /// Sends all that is kept, as if nothing followed; returns whether all of it went.
    ///
    /// # Errors
    /// What `send` fails with; what it took is sent.
    pub fn finish<E>(
        &mut self,
        send: &mut impl FnMut(SampleIndex, &[Complex32], bool) -> Result<usize, E>,
    ) -> Result<bool, E> {
        let end = self.given.back().map_or(0, |burst| self.outputs(burst).end.max(0) as SampleIndex);
        self.send_until(end.max(self.sent), false, send)
    }

    fn send_until<E>(
        &mut self,
        until: SampleIndex,
        more: bool,
        send: &mut impl FnMut(SampleIndex, &[Complex32], bool) -> Result<usize, E>,
    ) -> Result<bool, E> {
        loop {
            while self.done < self.ready.len() {
                let left = &self.ready[self.done..];
                let taken = send(self.sent, left, self.ends)?;
                if taken == 0 {
                    return Ok(false);
                }
                self.open = !(self.ends && taken == left.len());
                self.done += taken;
                self.sent += taken as u64;
                self.passed += taken as u64;
            }
            match self.next_run(until) {
                Some(run) => self.compute(&run, more && run.outputs.end == until as i64),
                None => break,
            }
        }
        self.forget();
        if self.given.is_empty() && !more {
            if self.open {
                send(self.sent, &[], true)?;
            }
            (self.open, self.sent) = (false, self.sent.max(until));
        } else if !self.open && !self.late && (more || self.begins(until)) {
            // Nothing of it can be sent yet, but time is to wait for it.
            let at = self.sent.max(until);
            send(at, &[], false)?;
            (self.open, self.sent) = (true, at);
        }
        Ok(true)
    }

    fn outputs(&self, burst: &Burst) -> Range<i64> {
        self.stage.outputs(burst.start as i64..burst.end() as i64)
    }

    /// Returns whether outputs of what is kept begin no later than an instant.
    fn begins(&self, until: SampleIndex) -> bool {
        self.given.front().is_some_and(|burst| self.outputs(burst).start <= until as i64)
    }

    /// Returns the first outputs, from where it stands on and before an instant, that given samples reach.
    fn next_run(&self, until: SampleIndex) -> Option<Run> {
        let (from, until) = (self.sent as i64, until as i64);
        let mut run: Option<Range<i64>> = None;
        for burst in &self.given {
            let Range { start, end } = self.outputs(burst);
            let (start, end) = (start.max(from), end.max(from));
            run = match run {
                Some(run) if start <= run.end => Some(run.start..run.end.max(end)),
                Some(run) => Some(run),
                None => (start < end).then_some(start..end),
            };
        }
        let Range { start, end } = run.filter(|run| run.start < until)?;
        let cut = end.min(until).min(start + MOST);
        Some(Run { outputs: start..cut, ends: cut == end })
    }

    /// Computes outputs; where nothing follows them they end a burst.
    fn compute(&mut self, run: &Run, more: bool) {
        let Range { start, end } = run.outputs;
        let inputs = self.stage.inputs(start..end);
        self.gather(inputs);
        self.ready.resize((end - start) as usize, Complex32::default());
        self.stage.apply(self.slice.start as i64, &self.slice.samples, start, &mut self.ready);
        (self.done, self.ends) = (0, run.ends && !more);
        self.open &= self.sent == start as SampleIndex;
        self.sent = start as SampleIndex;
    }

    /// Lays the given samples of a range of indices side by side, zeros in the gaps.
    fn gather(&mut self, inputs: Range<i64>) {
        let (start, end) = (inputs.start.max(0) as SampleIndex, inputs.end.max(0) as SampleIndex);
        self.slice.start = start;
        self.slice.samples.clear();
        self.slice.samples.resize(end.saturating_sub(start) as usize, Complex32::default());
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

    /// Lets go what no output needs any more.
    fn forget(&mut self) {
        while self.given.front().is_some_and(|burst| self.outputs(burst).end <= self.sent as i64) {
            self.given.pop_front();
        }
        if self.done == self.ready.len() {
            self.drop_ready();
        }
    }

    fn drop_ready(&mut self) {
        self.ready.clear();
        self.done = 0;
    }
}

/// Returns the first instant of the air that a sample at an index of the radio's time still changes.
pub fn reach(stage: &impl Stage, index: SampleIndex) -> SampleIndex {
    let index = index as i64;
    stage.outputs(index..index + 1).start.max(0) as SampleIndex
}

/// Returns the first index of the radio's time that changes nothing before an instant of the air.
pub fn first_after(stage: &impl Stage, air: SampleIndex) -> SampleIndex {
    if air == 0 {
        return 0;
    }
    let instant = air as i64;
    let mut index = stage.inputs(instant..instant + 1).end.max(0) as SampleIndex;
    while reach(stage, index) < air {
        index += 1;
    }
    while index > 0 && reach(stage, index - 1) >= air {
        index -= 1;
    }
    index
}
