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

    /// Makes the state of several links of one device, rows of one link after those of another.
    pub fn of_links(rows: &'a [Complex32], subcarriers: usize, symbols: usize) -> Self {
        debug_assert!(rows.len().is_multiple_of(subcarriers));
        Self { rows, subcarriers, symbols }
    }

    /// Returns one of `links` links of a device.
    pub fn link(&self, link: usize, links: usize) -> Self {
        let stride = self.rows.len() / links;
        Self::new(&self.rows[link * stride..(link + 1) * stride], self.subcarriers, self.symbols)
    }

    /// Returns whether `links` links have one row each, for all symbols.
    pub fn is_static(&self, links: usize) -> bool {
        self.rows.len() == links * self.subcarriers
    }

    /// Makes the state of a device that knows nothing; it has no rows.
    pub fn unknown(subcarriers: usize, symbols: usize) -> Self {
        Self { rows: &[], subcarriers, symbols }
    }

    /// Returns all rows, one after another.
    pub fn values(&self) -> &'a [Complex32] {
        self.rows
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
    /// Whether each device's own elements alone are held, in rows of `subcarriers / devices`, rounded up.
    own: bool,
}

/// Returns the first index of a symbol at which a device owns an element, when the symbol begins at `first_element` of
/// the round and device `k` of `K` owns the elements `k`, `k + K`, ... of the round.
pub fn own_offset(device: usize, devices: usize, first_element: usize) -> usize {
    (device + devices - first_element % devices) % devices
}

impl<'a> Knowledge<'a> {
    /// Makes the knowledge from the devices' rows, device after device.
    pub fn new(all: &'a [Complex32], devices: usize, subcarriers: usize, symbols: usize) -> Self {
        Self { all, devices, subcarriers, symbols, own: false }
    }

    /// Makes the knowledge from each device's own elements, `[device, symbol, element]`, rows padded to equal lengths.
    pub fn of_own(all: &'a [Complex32], devices: usize, subcarriers: usize, symbols: usize) -> Self {
        Self { all, devices, subcarriers, symbols, own: true }
    }

    /// Returns all rows, device after device.
    pub fn rows(&self) -> &'a [Complex32] {
        self.all
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
    ///
    /// # Panics
    /// When only the devices' own elements are known.
    pub fn link(&self, device: usize) -> LinkState<'a> {
        assert!(!self.own, "all elements are known");
        let stride = self.all.len() / self.devices;
        LinkState::new(&self.all[device * stride..(device + 1) * stride], self.subcarriers, self.symbols)
    }

    /// Returns the state of `links` links of a device, which lie side by side.
    ///
    /// # Panics
    /// When only the devices' own elements are known.
    pub fn links_of(&self, device: usize, links: usize) -> LinkState<'a> {
        assert!(!self.own, "all elements are known");
        let stride = self.all.len() / self.devices * links;
        let rows = &self.all[device * stride..(device + 1) * stride];
        LinkState::of_links(rows, self.subcarriers, self.symbols)
    }

    /// Writes `|h|^2` at a device's own elements of one symbol, in order; `first_symbol` is the slot's.
    ///
    /// Element `e` of the round belongs to device `e` modulo the number of devices.
    pub fn own_gains(&self, device: usize, first_symbol: usize, symbol: usize, out: &mut Vec<f32>) {
        out.clear();
        let first = own_offset(device, self.devices, (first_symbol + symbol) * self.subcarriers);
        if self.own {
            let width = self.subcarriers.div_ceil(self.devices);
            let row = &self.all[(device * self.symbols + symbol) * width..][..width];
            let count = self.subcarriers.saturating_sub(first).div_ceil(self.devices);
            out.extend(row[..count].iter().map(Complex32::norm_sqr));
        } else {
            let row = self.link(device).row(symbol);
            out.extend(row.iter().skip(first).step_by(self.devices).map(Complex32::norm_sqr));
        }
    }
}
