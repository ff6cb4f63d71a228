//! What a receiver takes the channel for.

use super::planes::Planes;
use super::planes::add_scaled;
use super::responses::Responses;
use crate::link::precoding::Precoder;
use airloop_baseband::Complex32;
use std::sync::Arc;

/// The channel of each layer at each antenna over a slot, precoding and power included, and how far off it may be.
///
/// One row stands for all symbols where the channel is static or taken as such.
#[derive(Clone, Debug, Default)]
pub struct ChannelEstimate {
    receive: usize,
    layers: usize,
    subcarriers: usize,
    rows: usize,
    /// Row `(r * layers + l) * rows + row`.
    pub(in crate::link) planes: Planes,
    /// Sum over layers of the error's variance, `[row, subcarrier]`; empty where the estimate has none.
    error: Arc<[f32]>,
}

impl ChannelEstimate {
    /// Makes an estimate that holds nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the shape, keeping the memory where it is the same.
    pub(super) fn reset(&mut self, receive: usize, layers: usize, rows: usize, subcarriers: usize) {
        (self.receive, self.layers, self.rows, self.subcarriers) = (receive, layers, rows, subcarriers);
        self.planes.reset(receive * layers * rows, subcarriers);
    }

    pub(super) fn set_error(&mut self, error: &Arc<[f32]>) {
        self.error = Arc::clone(error);
    }

    /// Takes over the true channel behind a precoder.
    ///
    /// # Panics
    /// When the precoder has another number of transmit antennas, or of subcarriers.
    pub fn fill_perfect(&mut self, channel: &Responses<'_>, precoder: &Precoder) {
        assert_eq!(channel.transmit(), precoder.antennas(), "a precoder of the channel's antennas");
        let rows = channel.rows();
        self.reset(channel.receive(), precoder.layers(), rows, channel.subcarriers());
        self.error = Arc::default();
        if precoder.passes() {
            for r in 0..self.receive {
                (0..rows).for_each(|row| self.planes.set_row(r * rows + row, channel.row(r, 0, row)));
            }
            return;
        }
        let mut split = Planes::zeros(1, self.subcarriers);
        self.planes.re.fill(0.0);
        self.planes.im.fill(0.0);
        for (r, row) in (0..self.receive).flat_map(|r| (0..rows).map(move |row| (r, row))) {
            for t in 0..channel.transmit() {
                split.set_row(0, channel.row(r, t, row));
                let (re, im) = split.row(0);
                for l in 0..self.layers {
                    let (out_re, out_im) = self.planes.row_mut((r * self.layers + l) * rows + row);
                    for (group, range) in precoder.ranges(self.subcarriers) {
                        let from = (&re[range.clone()], &im[range.clone()]);
                        add_scaled(
                            precoder.weight(group, t, l),
                            from,
                            (&mut out_re[range.clone()], &mut out_im[range]),
                        );
                    }
                }
            }
        }
    }

    /// Returns the number of receive antennas.
    pub fn receive(&self) -> usize {
        self.receive
    }

    /// Returns the number of layers.
    pub fn layers(&self) -> usize {
        self.layers
    }

    /// Returns the number of subcarriers.
    pub fn subcarriers(&self) -> usize {
        self.subcarriers
    }

    /// Returns the number of rows of a layer at an antenna: 1, or one a symbol.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Returns the row that holds for a symbol.
    pub fn row_of(&self, symbol: usize) -> usize {
        if self.rows == 1 { 0 } else { symbol }
    }

    /// Returns the channel of a layer at an antenna, in one element.
    pub fn at(&self, receive: usize, layer: usize, symbol: usize, subcarrier: usize) -> Complex32 {
        self.planes.at((receive * self.layers + layer) * self.rows + self.row_of(symbol), subcarrier)
    }

    /// Returns the error's variance, summed over the layers, on all subcarriers of a symbol; nothing where there is no error.
    ///
    /// It adds to the noise of every antenna, for layers of unit power.
    pub fn error_variances(&self, symbol: usize) -> Option<&[f32]> {
        let row = self.row_of(symbol);
        (!self.error.is_empty()).then(|| &self.error[row * self.subcarriers..(row + 1) * self.subcarriers])
    }

    /// Returns the error's variance, summed over the layers, in the middle of a range of subcarriers, averaged over symbols.
    pub(in crate::link) fn error_amid(&self, subcarriers: std::ops::Range<usize>) -> f64 {
        if self.error.is_empty() {
            return 0.0;
        }
        let middle = usize::midpoint(subcarriers.start, subcarriers.end);
        let column = self.error[middle..].iter().step_by(self.subcarriers);
        column.map(|error| f64::from(*error)).sum::<f64>() / self.rows as f64
    }
}
