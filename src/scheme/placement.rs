//! Placement: which values lie on which elements of a slot, what they sum to, and where what is read off belongs.

use super::adding::add;
use crate::ofdm::{Segment, Segments, SlotShape};
use crate::payload::{Payload, SourceError};
use airloop_baseband::{Complex32, Purpose, Seeds};
use std::sync::Arc;

/// The values of one round on their way to the grid and back, two by two on elements.
pub struct Placement {
    payload: Arc<Payload>,
    segments: Segments,
    index: u64,
    symbol: usize,
    segment: Option<Segment>,
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
            segment: None,
            estimate: vec![0.0; length],
            truth: vec![0.0; length],
            values: Vec::new(),
            stretch: Vec::new(),
            first_pass: true,
            subset,
        }
    }

    /// Moves on to the next slot; `None` when the round is complete.
    pub fn next_slot(&mut self) -> Option<SlotShape> {
        self.segment = self.segments.at(self.symbol);
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
                add(ready, &mut self.truth[segment.first_value..][..segment.values]);
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
                add(values, &mut self.truth[range]);
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
        let pairs = self.estimate[segment.first_value..][..segment.values].chunks_mut(2);
        for (element, (pair, y)) in pairs.zip(sent).enumerate() {
            let scale = scale(element);
            pair.iter_mut().zip([y.re, y.im]).for_each(|(estimate, part)| *estimate += scale * part);
        }
    }

    /// Hands over the estimate and the truth.
    pub fn finish(&mut self) -> (Vec<f32>, Vec<f32>) {
        (std::mem::take(&mut self.estimate), std::mem::take(&mut self.truth))
    }
}
