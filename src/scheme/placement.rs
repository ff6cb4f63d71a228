//! Placement: which values lie on which elements of a slot, what they sum to, and where what is read off belongs.

use super::adding::add;
use crate::ofdm::{Segment, Segments, SlotShape};
use crate::payload::{Payload, SourceError};
use airloop_baseband::{Complex32, Purpose, Seeds};
use std::ops::Range;
use std::sync::Arc;

/// A part of a round, in whole slots.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartOfRound {
    /// Its symbols, counted from the start of the round.
    pub symbols: Range<usize>,
    /// The positions of its values.
    pub values: Range<usize>,
}

/// The values of one round on their way to the grid and back, two by two on elements.
pub struct Placement {
    payload: Arc<Payload>,
    segments: Segments,
    index: u64,
    symbol: usize,
    /// Where the slots of this round, or part of one, end.
    end_symbol: usize,
    segment: Option<Segment>,
    /// Position of the first value of `estimate` and `truth`.
    first_value: usize,
    estimate: Vec<f32>,
    truth: Vec<f32>,
    values: Vec<f32>,
    /// Values of a device from one sent position to a later one, when not all are sent.
    stretch: Vec<f32>,
    /// Whether the segment belongs to the first pass over the payload.
    first_pass: bool,
    /// Positions of the values that are sent, when not all are.
    subset: Option<Vec<u32>>,
}

impl Placement {
    /// Begins a round, whose payload and subset are those of `index`.
    pub fn new(payload: &Arc<Payload>, segments: &Segments, seeds: &Seeds, index: u64) -> Self {
        let length = payload.length();
        let subset = (segments.sent() < length).then(|| {
            let mut order = seeds.stream(Purpose::Subset, index, 0).permutation(length);
            order.truncate(segments.sent());
            order.sort_unstable();
            order
        });
        Self {
            payload: Arc::clone(payload),
            segments: segments.clone(),
            index,
            symbol: 0,
            end_symbol: segments.symbols(),
            segment: None,
            first_value: 0,
            estimate: vec![0.0; length],
            truth: vec![0.0; length],
            values: Vec::new(),
            stretch: Vec::new(),
            first_pass: true,
            subset,
        }
    }

    /// Begins a part of a round that sends each value once: its slots from one symbol up to another.
    pub fn of_part(payload: &Arc<Payload>, segments: &Segments, index: u64, part: &PartOfRound) -> Self {
        let (count, symbols) = (part.values.len(), &part.symbols);
        Self {
            payload: Arc::clone(payload),
            segments: segments.clone(),
            index,
            symbol: symbols.start,
            end_symbol: symbols.end,
            segment: None,
            first_value: part.values.start,
            estimate: vec![0.0; count],
            truth: vec![0.0; count],
            values: Vec::new(),
            stretch: Vec::new(),
            first_pass: true,
            subset: None,
        }
    }

    /// Moves on to the next slot; `None` when the round, or its part, is complete.
    pub fn next_slot(&mut self) -> Option<SlotShape> {
        self.segment = if self.symbol < self.end_symbol { self.segments.at(self.symbol) } else { None };
        let shape = self.segment?.shape;
        self.first_pass = self.symbol < self.segments.symbols() / self.segments.repetitions();
        self.symbol += shape.symbols;
        Some(shape)
    }

    /// Returns the number of elements of the slot that carry values.
    pub fn elements(&self) -> usize {
        self.segment.map_or(0, |segment| segment.elements())
    }

    /// Returns a device's unit-power values of the slot, two an element (a last odd one with a zero), and adds the payload
    /// to the truth during the first pass.
    ///
    /// # Errors
    /// When the payload cannot be read.
    pub fn read(&mut self, device: usize) -> Result<&[f32], SourceError> {
        let Some(segment) = self.segment else { return Ok(&[]) };
        let whole = self.subset.is_none() && segment.values % 2 == 0;
        if whole && self.payload.ready(device, segment.first_value, segment.values).is_some() {
            let ready = self.payload.ready(device, segment.first_value, segment.values).unwrap_or_default();
            if self.first_pass {
                add(ready, &mut self.truth[segment.first_value - self.first_value..][..segment.values]);
            }
            return Ok(ready);
        }
        self.load(device, segment)?;
        Ok(&self.values)
    }

    /// Reads the values of the segment into `self.values`.
    fn load(&mut self, device: usize, segment: Segment) -> Result<(), SourceError> {
        let range = segment.first_value..segment.first_value + segment.values;
        self.values.resize(2 * segment.elements(), 0.0);
        self.values[segment.values..].fill(0.0);
        let values = &mut self.values[..segment.values];
        let Some(subset) = &self.subset else {
            self.payload.read(self.index, device, range.start, values)?;
            if self.first_pass {
                add(values, &mut self.truth[range.start - self.first_value..][..range.len()]);
            }
            return Ok(());
        };
        // A subset is sent in one pass, in ascending order: each segment reads up to where the next one begins.
        let begin = if range.start == 0 { 0 } else { subset[range.start] as usize };
        let end = subset.get(range.end).map_or(self.payload.length(), |i| *i as usize);
        self.stretch.resize(end - begin, 0.0);
        self.payload.read(self.index, device, begin, &mut self.stretch)?;
        values.iter_mut().zip(&subset[range]).for_each(|(v, i)| *v = self.stretch[*i as usize - begin]);
        add(&self.stretch, &mut self.truth[begin..end]);
        Ok(())
    }

    /// Adds what was received of the slot to the estimate: `scale` has one entry for all elements, or one each.
    ///
    /// ```text
    /// s_hat = scale y sqrt(2) / passes,   times N/n where n of N values are sent
    /// ```
    pub fn add(&mut self, received: &[Complex32], scale: &[f32]) {
        let Some(segment) = self.segment else { return };
        let share = self.segments.sent() as f32 / self.segments.length() as f32;
        let factor = std::f32::consts::SQRT_2 / (self.segments.repetitions() as f32 * share);
        let single = scale.len() == 1;
        let sent = &received[..segment.elements()];
        let scale = |element: usize| factor * if single { scale[0] } else { scale[element] };
        if let Some(subset) = &self.subset {
            for (i, place) in subset[segment.first_value..][..segment.values].iter().enumerate() {
                let part = if i % 2 == 0 { sent[i / 2].re } else { sent[i / 2].im };
                self.estimate[*place as usize] += scale(i / 2) * part;
            }
            return;
        }
        let values = &mut self.estimate[segment.first_value - self.first_value..][..segment.values];
        let (pairs, last) = values.as_chunks_mut::<2>();
        if single {
            add_scaled(scale(0), sent, pairs);
        } else {
            pairs
                .iter_mut()
                .zip(sent)
                .enumerate()
                .for_each(|(element, (pair, y))| add_pair(scale(element), y, pair));
        }
        if let ([value], Some(y)) = (last, sent.last()) {
            *value += scale(sent.len() - 1) * y.re;
        }
    }

    /// Hands over the estimate and the truth.
    pub fn finish(&mut self) -> (Vec<f32>, Vec<f32>) {
        (std::mem::take(&mut self.estimate), std::mem::take(&mut self.truth))
    }
}

#[inline(always)]
fn add_pair(scale: f32, y: &Complex32, pair: &mut [f32; 2]) {
    pair[0] += scale * y.re;
    pair[1] += scale * y.im;
}

/// Adds received elements, all with one scale, to pairs of estimates.
#[multiversion::multiversion(targets(
    "x86_64+avx512f+avx512vl+avx512dq+avx512bw",
    "x86_64+avx2",
    "aarch64+neon"
))]
fn add_scaled(scale: f32, received: &[Complex32], pairs: &mut [[f32; 2]]) {
    pairs.iter_mut().zip(received).for_each(|(pair, y)| add_pair(scale, y, pair));
}
