//! What is known of the channels: frequency responses on the grid of a slot.

use airloop_baseband::Complex32;

/// One link's frequency response over a slot, row by row; a static channel has one row for all symbols.
#[derive(Clone, Copy, Debug)]
pub struct LinkState<'a> {
    rows: &'a [Complex32],
    subcarriers: usize,
    symbols: usize,
}

impl<'a> LinkState<'a> {
    /// Makes a state from one row (static) or one row a symbol.
    pub fn new(rows: &'a [Complex32], subcarriers: usize, symbols: usize) -> Self {
        debug_assert!(rows.len() == subcarriers || rows.len() == subcarriers * symbols);
        Self { rows, subcarriers, symbols }
    }

    /// Returns the number of used subcarriers.
    pub fn subcarriers(&self) -> usize {
        self.subcarriers
    }

    /// Returns the response of one symbol.
    pub fn row(&self, symbol: usize) -> &'a [Complex32] {
        let at = if self.rows.len() == self.subcarriers { 0 } else { symbol * self.subcarriers };
        &self.rows[at..at + self.subcarriers]
    }

    /// Calls `f` with the response of each symbol in order.
    pub fn for_each_row(&self, mut f: impl FnMut(&[Complex32])) {
        for symbol in 0..self.symbols {
            f(self.row(symbol));
        }
    }
}

/// What is known of all devices' channels in a slot.
#[derive(Clone, Copy, Debug)]
pub struct Knowledge<'a> {
    all: &'a [Complex32],
    devices: usize,
    subcarriers: usize,
    symbols: usize,
}

impl<'a> Knowledge<'a> {
    /// Makes the knowledge from the devices' rows, device after device.
    pub fn new(all: &'a [Complex32], devices: usize, subcarriers: usize, symbols: usize) -> Self {
        Self { all, devices, subcarriers, symbols }
    }

    /// Returns the number of devices.
    pub fn devices(&self) -> usize {
        self.devices
    }

    /// Returns the number of used subcarriers.
    pub fn subcarriers(&self) -> usize {
        self.subcarriers
    }

    /// Returns the number of symbols.
    pub fn symbols(&self) -> usize {
        self.symbols
    }

    /// Returns the number of resource elements of the slot.
    pub fn elements(&self) -> usize {
        self.symbols * self.subcarriers
    }

    /// Returns one device's state.
    pub fn link(&self, device: usize) -> LinkState<'a> {
        let stride = self.all.len() / self.devices;
        LinkState::new(&self.all[device * stride..(device + 1) * stride], self.subcarriers, self.symbols)
    }
}
