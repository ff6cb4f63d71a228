//! The true channel of a link with several antennas.

use airloop_baseband::Complex32;

/// Frequency responses `[receive antenna, transmit antenna, row, subcarrier]`: one row where the channel is static, else one a
/// symbol.
#[derive(Clone, Copy, Debug)]
pub struct Responses<'a> {
    values: &'a [Complex32],
    receive: usize,
    transmit: usize,
    subcarriers: usize,
    rows: usize,
}

impl<'a> Responses<'a> {
    /// Makes a view of responses, link `r * transmit + t` after link.
    ///
    /// # Panics
    /// When the values are no whole number of rows a link.
    pub fn new(values: &'a [Complex32], receive: usize, transmit: usize, subcarriers: usize) -> Self {
        let rows = values.len() / (receive * transmit * subcarriers);
        assert!(
            rows > 0 && rows * receive * transmit * subcarriers == values.len(),
            "whole rows of every link"
        );
        Self { values, receive, transmit, subcarriers, rows }
    }

    /// Returns the number of receive antennas.
    pub fn receive(&self) -> usize {
        self.receive
    }

    /// Returns the number of transmit antennas.
    pub fn transmit(&self) -> usize {
        self.transmit
    }

    /// Returns the number of subcarriers.
    pub fn subcarriers(&self) -> usize {
        self.subcarriers
    }

    /// Returns the number of rows of a link: 1, or one a symbol.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Returns the response of one link in one symbol.
    pub fn row(&self, receive: usize, transmit: usize, symbol: usize) -> &'a [Complex32] {
        let row = if self.rows == 1 { 0 } else { symbol };
        let link = receive * self.transmit + transmit;
        &self.values[(link * self.rows + row) * self.subcarriers..][..self.subcarriers]
    }
}
