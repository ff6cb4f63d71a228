//! The resource grid: complex values over ports, OFDM symbols and used subcarriers.

use airloop_baseband::Complex32;

/// Complex values of one slot, `[port, symbol, subcarrier]`, contiguous in that order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ResourceGrid {
    ports: usize,
    symbols: usize,
    subcarriers: usize,
    values: Vec<Complex32>,
}

impl ResourceGrid {
    /// Makes a grid of zeros.
    pub fn zeros(ports: usize, symbols: usize, subcarriers: usize) -> Self {
        Self {
            ports,
            symbols,
            subcarriers,
            values: vec![Complex32::default(); ports * symbols * subcarriers],
        }
    }

    /// Sets the shape and fills with zeros, keeping the memory.
    pub fn reset(&mut self, ports: usize, symbols: usize, subcarriers: usize) {
        (self.ports, self.symbols, self.subcarriers) = (ports, symbols, subcarriers);
        self.values.clear();
        self.values.resize(ports * symbols * subcarriers, Complex32::default());
    }

    /// Returns `[ports, symbols, subcarriers]`.
    pub fn shape(&self) -> [usize; 3] {
        [self.ports, self.symbols, self.subcarriers]
    }

    /// Returns the number of OFDM symbols.
    pub fn symbols(&self) -> usize {
        self.symbols
    }

    /// Returns the number of used subcarriers.
    pub fn subcarriers(&self) -> usize {
        self.subcarriers
    }

    /// Returns all values in order.
    pub fn values(&self) -> &[Complex32] {
        &self.values
    }

    /// Returns all values in order, to be changed.
    pub fn values_mut(&mut self) -> &mut [Complex32] {
        &mut self.values
    }

    /// Returns the used subcarriers of one OFDM symbol of port 0.
    pub fn symbol(&self, symbol: usize) -> &[Complex32] {
        &self.values[symbol * self.subcarriers..][..self.subcarriers]
    }

    /// Returns the grid as a three-dimensional array view.
    pub fn view(&self) -> ndarray::ArrayView3<'_, Complex32> {
        ndarray::ArrayView3::from_shape(self.shape(), &self.values).expect("the buffer has the grid's shape")
    }
}
