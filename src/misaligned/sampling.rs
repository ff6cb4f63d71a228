//! Rectangular pulses as samples, and samples as intervals.

use super::{IntervalBank, MisalignedError, SAME_DELAY};
use airloop_baseband::Complex32;

/// Where the boundaries of an interval bank lie among `Q` samples a symbol.
///
/// ```text
/// r[n] = sum_k h_k s_k[l] + CN(0, N0 Q),   y_i[l] = sum of r over the interval's samples / their number
/// ```
///
/// so that the noise of an interval of `d_i Q` samples has the variance `N0 / d_i`.
#[derive(Clone, Debug, PartialEq)]
pub struct SampleGrid {
    oversampling: usize,
    /// First sample of each group's symbols.
    starts: Vec<usize>,
    /// Borders of the intervals, from 0 to `Q`.
    edges: Vec<usize>,
}

impl SampleGrid {
    /// Puts a bank on a grid of `oversampling` samples a symbol.
    ///
    /// # Errors
    /// When a delay is no multiple of a sample, to 1e-6 of a symbol.
    pub fn new(bank: &IntervalBank, oversampling: usize) -> Result<Self, MisalignedError> {
        if oversampling == 0 {
            return Err(MisalignedError::NoSamples);
        }
        let q = oversampling as f64;
        let mut starts: Vec<usize> = Vec::new();
        for t in bank.group_delays_symbols() {
            let nearest = (t * q).round();
            let free = starts.last().is_none_or(|last| nearest as usize > *last) && nearest < q;
            if !free || (nearest / q - t).abs() > SAME_DELAY {
                let (delay_symbols, nearest_symbols) = (*t, nearest / q);
                return Err(MisalignedError::OffGrid { delay_symbols, oversampling, nearest_symbols });
            }
            starts.push(nearest as usize);
        }
        let mut edges = starts.clone();
        if edges[0] > 0 {
            edges.insert(0, 0);
        }
        edges.push(oversampling);
        if edges.len() != bank.intervals().len() + 1 {
            // A delay above 1e-6 whose nearest sample is 0.
            let delay_symbols = bank.group_delays_symbols()[0];
            return Err(MisalignedError::OffGrid { delay_symbols, oversampling, nearest_symbols: 0.0 });
        }
        Ok(Self { oversampling, starts, edges })
    }

    /// Returns the samples of a symbol.
    pub fn oversampling(&self) -> usize {
        self.oversampling
    }

    /// Returns the sample at which symbols of a group begin.
    pub fn start_samples(&self, group: usize) -> usize {
        self.starts[group]
    }

    /// Averages samples over the intervals: `[symbol time, sample]` becomes `[symbol time, interval]`.
    pub fn integrate(&self, samples: &[Complex32], grid: &mut [Complex32]) {
        let rows = grid.chunks_exact_mut(self.edges.len() - 1);
        for (row, samples) in rows.zip(samples.chunks_exact(self.oversampling)) {
            for (y, edges) in row.iter_mut().zip(self.edges.windows(2)) {
                let part = &samples[edges[0]..edges[1]];
                *y = part.iter().sum::<Complex32>() / part.len() as f32;
            }
        }
    }
}
