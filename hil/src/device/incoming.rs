//! Samples that are heard by a radio's own time.

use super::stage::Stage;
use crate::ether::Heard;
use airloop_baseband::{Burst, Complex32, SampleIndex};

/// Samples that are made at once.
const MOST: usize = 16_384;

/// What one channel has heard by the air's time and still needs for what it hears next by its own.
///
/// An own sample needs those of the air before and after its instant. Where one of them is lost, the own samples that needed it are.
#[derive(Clone, Debug)]
pub struct Incoming<S> {
    stage: S,
    /// By the air's time.
    kept: Burst,
    /// Up to where it has heard, by the radio's time.
    end: SampleIndex,
    /// Own samples lost before that, of which nobody has been told.
    lost: u64,
}

impl<S: Stage> Incoming<S> {
    /// Makes a channel that begins at an index of the radio's time, with the air's at another.
    pub fn new(stage: S, start: SampleIndex, air: SampleIndex) -> Self {
        Self { stage, kept: Burst { start: air, samples: Vec::new() }, end: start, lost: 0 }
    }

    /// Returns the stages that samples pass.
    pub fn stage(&mut self) -> &mut S {
        &mut self.stage
    }

    /// Returns up to where it has heard, by the radio's time.
    pub fn end(&self) -> SampleIndex {
        self.end
    }

    /// Hears own samples, as many as there are. `read` reads samples of the air that follow those read before.
    ///
    /// No more of the air is read than what is asked for needs: up to where a radio has heard is its own to choose.
    ///
    /// # Errors
    /// What `read` fails with.
    pub fn read<E>(
        &mut self,
        out: &mut [Complex32],
        read: &mut impl FnMut(&mut [Complex32]) -> Result<Heard, E>,
    ) -> Result<Heard, E> {
        let most = out.len().min(MOST) as u64;
        if most == 0 {
            return Ok(Heard { start: self.end, ..Heard::default() });
        }
        loop {
            let air = self.kept.end() as i64;
            // What no sample from there on changes.
            let known = self.stage.outputs(air..air + 1).start.max(0) as SampleIndex;
            if known > self.end {
                let count = most.min(known - self.end) as usize;
                let start = self.end;
                self.stage.apply(self.kept.start as i64, &self.kept.samples, start as i64, &mut out[..count]);
                self.end += count as u64;
                self.forget();
                return Ok(Heard { start, count, lost: std::mem::take(&mut self.lost) });
            }
            if !self.hear(most, read)? {
                return Ok(Heard { start: self.end, ..Heard::default() });
            }
        }
    }

    /// Reads what so many own samples need; returns whether anything came.
    fn hear<E>(
        &mut self,
        most: u64,
        read: &mut impl FnMut(&mut [Complex32]) -> Result<Heard, E>,
    ) -> Result<bool, E> {
        let (end, before) = (self.end as i64, self.kept.samples.len());
        let needed = self.stage.inputs(end..end + most as i64).end - self.kept.end() as i64;
        self.kept.samples.resize(before + needed.max(1) as usize, Complex32::default());
        let heard = read(&mut self.kept.samples[before..]);
        let count = heard.as_ref().map_or(0, |heard| heard.count);
        self.kept.samples.truncate(before + count);
        let heard = heard?;
        if count > 0 && heard.start != self.kept.start + before as u64 {
            self.kept = Burst { start: heard.start, samples: self.kept.samples.split_off(before) };
            let next = first_from(&self.stage, heard.start).max(self.end);
            self.lost += next - self.end;
            self.end = next;
            self.forget();
        }
        Ok(count > 0)
    }

    /// Lets own samples pass up to an index; returns from where on the air is to be read, where samples of it can pass too.
    pub fn skip(&mut self, until: SampleIndex) -> Option<SampleIndex> {
        if until <= self.end {
            return None;
        }
        self.end = until;
        let needed = needs(&self.stage, until);
        if needed <= self.kept.end() {
            self.forget();
            return None;
        }
        self.kept = Burst { start: needed, samples: Vec::new() };
        Some(needed)
    }

    /// Lets go what no own sample needs any more.
    fn forget(&mut self) {
        let over = needs(&self.stage, self.end).saturating_sub(self.kept.start);
        let over = over.min(self.kept.samples.len() as u64);
        self.kept.samples.drain(..over as usize);
        self.kept.start += over;
    }
}

/// Returns the first instant of the air that a sample at an index of the radio's time needs; before time zero is silence.
pub fn needs(stage: &impl Stage, index: SampleIndex) -> SampleIndex {
    let index = index as i64;
    stage.inputs(index..index + 1).start.max(0) as SampleIndex
}

/// Returns the first index of the radio's time that needs nothing before an instant of the air.
pub fn first_from(stage: &impl Stage, air: SampleIndex) -> SampleIndex {
    if air == 0 {
        return 0;
    }
    let before = air as i64 - 1;
    let mut index = stage.outputs(before..before + 1).end.max(0) as SampleIndex;
    while needs(stage, index) < air {
        index += 1;
    }
    while index > 0 && needs(stage, index - 1) >= air {
        index -= 1;
    }
    index
}
