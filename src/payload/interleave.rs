//! Spreading of values over the grid: real gradients have many zeros and heavy tails that lie together.

use super::{PARALLEL_VALUES, SourceError};
use airloop_baseband::{Purpose, Seeds};
use rayon::prelude::*;

/// Values are permuted inside windows of this many, so that a slot reads few windows of a large file.
const WINDOW: usize = 1 << 16;

/// A seeded random permutation inside windows of 65,536 values (the last may be shorter).
#[derive(Clone, Debug)]
pub struct Interleave {
    length: usize,
    full: Vec<u32>,
    last: Vec<u32>,
}

impl Interleave {
    /// Draws the permutation for vectors of `length` values.
    pub fn new(length: usize, seeds: &Seeds) -> Self {
        let draw = |link, n| seeds.stream(Purpose::Interleave, 0, link).permutation(n);
        let full = if length >= WINDOW { draw(0, WINDOW) } else { Vec::new() };
        Self { length, full, last: draw(1, length % WINDOW) }
    }

    fn window(&self, start: usize) -> (usize, &[u32]) {
        let first = start / WINDOW * WINDOW;
        (first, if first + WINDOW <= self.length { &self.full } else { &self.last })
    }

    /// Writes values in sending order from position `start`, reading whole windows with `read(first value, window)`.
    ///
    /// # Errors
    /// What `read` returns.
    pub fn gather(
        &self,
        start: usize,
        out: &mut [f32],
        mut read: impl FnMut(usize, &mut [f32]) -> Result<(), SourceError>,
    ) -> Result<(), SourceError> {
        let mut buffer = Vec::new();
        let mut done = 0;
        while done < out.len() {
            let (first, order) = self.window(start + done);
            buffer.resize(order.len(), 0.0);
            read(first, &mut buffer)?;
            let inside = start + done - first;
            let count = (order.len() - inside).min(out.len() - done);
            for (out, from) in out[done..done + count].iter_mut().zip(&order[inside..]) {
                *out = buffer[*from as usize];
            }
            done += count;
        }
        Ok(())
    }

    /// Brings values in sending order back to their own places, each as `own` makes it; many on several threads.
    pub fn restore<S: Sync, T: Send>(&self, sent: &[S], own: impl Fn(&S) -> T + Sync, out: &mut [T]) {
        let window = |(first, (out, sent)): (usize, (&mut [T], &[S]))| {
            let (_, order) = self.window(first * WINDOW);
            for (value, place) in sent.iter().zip(order) {
                out[*place as usize] = own(value);
            }
        };
        if sent.len() < PARALLEL_VALUES {
            out.chunks_mut(WINDOW).zip(sent.chunks(WINDOW)).enumerate().for_each(window);
        } else {
            out.par_chunks_mut(WINDOW).zip(sent.par_chunks(WINDOW)).enumerate().for_each(window);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn restoring_undoes_gathering_across_windows() {
        for length in [1, 1000, WINDOW, WINDOW + 17, 2 * WINDOW + 5, 4 * WINDOW + 1] {
            let interleave = Interleave::new(length, &Seeds::new(7));
            let mut sent = vec![0.0; length];
            let (head, tail) = sent.split_at_mut(length / 3);
            for (start, part) in [(0, head), (length / 3, tail)] {
                let read = |first: usize, window: &mut [f32]| {
                    window.iter_mut().enumerate().for_each(|(i, v)| *v = (first + i) as f32);
                    Ok(())
                };
                interleave.gather(start, part, read).unwrap();
            }
            let mut back = vec![0.0; length];
            interleave.restore(&sent, |v| f64::from(*v), &mut back);
            assert!(back.iter().enumerate().all(|(i, v)| *v == i as f64), "{length}");
            assert!(length < 100 || sent.iter().enumerate().filter(|(i, v)| **v == *i as f32).count() < 20);
        }
    }
}
