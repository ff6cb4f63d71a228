//! Where control, pilots and data lie in a slot.

use airloop_baseband::Complex32;
use thiserror::Error;

/// Most layers of a link.
pub const MAX_LAYERS: usize = 4;

/// Subcarriers after which the pattern of pilots repeats: two code-multiplexed pairs side by side.
pub const COMB: usize = 4;

/// What a slot is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlotConfig {
    /// OFDM symbols, 3 to 14; without pilots any number.
    pub symbols: usize,
    /// Used subcarriers, a multiple of 4; without pilots any number.
    pub subcarriers: usize,
    /// Symbols at the start that are left empty, 0 to 3.
    pub control_symbols: usize,
    /// Symbols that carry pilots, 1 to 4; 0 for a slot of data alone, of which the receiver is told the channel.
    pub pilot_symbols: usize,
    /// Groups of code-multiplexed ports whose elements carry no data in pilot symbols, 1 or 2.
    pub groups_without_data: usize,
    /// Spatial layers, 1 to 4; more than two need two groups.
    pub layers: usize,
}

impl SlotConfig {
    /// Returns a slot of 14 symbols for one layer: no control, one pilot symbol without data.
    pub fn new(subcarriers: usize) -> Self {
        Self {
            symbols: 14,
            subcarriers,
            control_symbols: 0,
            pilot_symbols: 1,
            groups_without_data: 2,
            layers: 1,
        }
    }
}

/// What is wrong with a slot, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum LayoutError {
    /// A number outside its range.
    #[error("{key} is {value}; {expected} is expected")]
    OutOfRange {
        /// The key.
        key: &'static str,
        /// Its value.
        value: usize,
        /// What would be right.
        expected: &'static str,
    },
    /// Pilots that the standard has no place for.
    #[error(
        "{pilot_symbols} pilot symbols do not fit a slot of {symbols} symbols with {control_symbols} control symbols: {needed}"
    )]
    PilotsDoNotFit {
        /// Pilot symbols asked for.
        pilot_symbols: usize,
        /// Symbols of the slot.
        symbols: usize,
        /// Control symbols at its start.
        control_symbols: usize,
        /// What would fit.
        needed: &'static str,
    },
    /// Layers whose pilots need elements that data would use.
    #[error("{layers} layers need groups_without_data = 2, but it is 1, which serves 1 or 2 layers")]
    LayersNeedGroups {
        /// Layers asked for.
        layers: usize,
    },
    /// A slot in which nothing is left.
    #[error(
        "a slot of {symbols} symbols has no element left for data after {control_symbols} control and {pilot_symbols} pilot \
         symbols; more symbols, fewer of these, or groups_without_data = 1 leave some"
    )]
    NoData {
        /// Symbols of the slot.
        symbols: usize,
        /// Control symbols.
        control_symbols: usize,
        /// Pilot symbols.
        pilot_symbols: usize,
    },
}

/// Data elements of one symbol, `stride` subcarriers apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DataRun {
    /// The symbol.
    pub symbol: usize,
    /// The first subcarrier.
    pub first_subcarrier: usize,
    /// The distance of neighbours in subcarriers: 1, or 2 beside pilots.
    pub stride: usize,
    /// How many elements.
    pub count: usize,
    /// The index of the first among all data elements of a layer.
    pub first_element: usize,
}

/// The layout of a slot: data elements in the order of the standard, subcarriers first, then symbols.
///
/// Pilots are those of type 1 on single symbols. Source: TS 38.211, tables 7.4.1.1.2-3 and 6.4.1.1.3-3, mapping type A, with
/// the
/// slot's length as duration; with three control symbols the first pilot symbol is symbol 3, otherwise symbol 2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotLayout {
    config: SlotConfig,
    pilot_symbols: Vec<usize>,
    runs: Vec<DataRun>,
    data_elements: usize,
}

impl SlotLayout {
    /// Lays out a slot.
    ///
    /// # Errors
    /// When a number is out of range, the pilots do not fit, or no data is left.
    pub fn new(config: SlotConfig) -> Result<Self, LayoutError> {
        check(&config)?;
        let pilot_symbols = pilot_symbols(&config)?;
        let (mut runs, mut data_elements) = (Vec::new(), 0);
        for symbol in config.control_symbols..config.symbols {
            let (first_subcarrier, stride) =
                match (pilot_symbols.contains(&symbol), config.groups_without_data) {
                    (false, _) => (0, 1),
                    (true, 1) => (1, 2),
                    (true, _) => continue,
                };
            let count = config.subcarriers / stride;
            runs.push(DataRun { symbol, first_subcarrier, stride, count, first_element: data_elements });
            data_elements += count;
        }
        if data_elements == 0 {
            let SlotConfig { symbols, control_symbols, pilot_symbols, .. } = config;
            return Err(LayoutError::NoData { symbols, control_symbols, pilot_symbols });
        }
        Ok(Self { config, pilot_symbols, runs, data_elements })
    }

    /// Returns what the slot is made of.
    pub fn config(&self) -> &SlotConfig {
        &self.config
    }

    /// Returns the number of OFDM symbols.
    pub fn symbols(&self) -> usize {
        self.config.symbols
    }

    /// Returns the number of used subcarriers.
    pub fn subcarriers(&self) -> usize {
        self.config.subcarriers
    }

    /// Returns the number of layers.
    pub fn layers(&self) -> usize {
        self.config.layers
    }

    /// Returns the number of elements of the slot, used or not.
    pub fn elements(&self) -> usize {
        self.config.symbols * self.config.subcarriers
    }

    /// Returns the symbols that carry pilots, ascending.
    pub fn pilot_symbols(&self) -> &[usize] {
        &self.pilot_symbols
    }

    /// Returns the data elements, run after run.
    pub fn runs(&self) -> &[DataRun] {
        &self.runs
    }

    /// Returns the number of data elements of one layer.
    pub fn data_elements(&self) -> usize {
        self.data_elements
    }

    /// Returns the number of elements that pilots take, those that they leave empty included.
    pub fn pilot_elements(&self) -> usize {
        self.pilot_symbols.len() * self.config.subcarriers * self.config.groups_without_data / 2
    }

    /// Returns the share of the slot's elements that carries no data.
    ///
    /// ```text
    /// overhead = 1 - data_elements / (symbols subcarriers)
    /// ```
    pub fn overhead(&self) -> f64 {
        1.0 - self.data_elements as f64 / self.elements() as f64
    }

    /// Writes each layer's values `[layer, element]` to the data elements of its grid `[layer, symbol, subcarrier]`; other
    /// elements
    /// keep what they hold.
    ///
    /// # Panics
    /// When the lengths are not those of the same number of layers.
    pub fn map(&self, values: &[Complex32], grid: &mut [Complex32]) {
        self.assert_fits(values.len(), grid.len());
        let layers = values.chunks_exact(self.data_elements).zip(grid.chunks_exact_mut(self.elements()));
        for (values, grid) in layers {
            for run in &self.runs {
                let values = &values[run.first_element..run.first_element + run.count];
                let row = &mut grid[run.symbol * self.config.subcarriers..][..self.config.subcarriers];
                if run.stride == 1 {
                    row.copy_from_slice(values);
                } else {
                    let to = row[run.first_subcarrier..].iter_mut().step_by(run.stride);
                    to.zip(values).for_each(|(to, value)| *to = *value);
                }
            }
        }
    }

    /// Reads what [`SlotLayout::map`] writes.
    ///
    /// # Panics
    /// When the lengths are not those of the same number of layers.
    pub fn gather(&self, grid: &[Complex32], values: &mut [Complex32]) {
        self.assert_fits(values.len(), grid.len());
        let layers = values.chunks_exact_mut(self.data_elements).zip(grid.chunks_exact(self.elements()));
        for (values, grid) in layers {
            for run in &self.runs {
                let values = &mut values[run.first_element..run.first_element + run.count];
                let row = &grid[run.symbol * self.config.subcarriers..][..self.config.subcarriers];
                let from = row[run.first_subcarrier..].iter().step_by(run.stride);
                values.iter_mut().zip(from).for_each(|(value, from)| *value = *from);
            }
        }
    }

    fn assert_fits(&self, values: usize, grid: usize) {
        let layers = values / self.data_elements;
        assert_eq!(layers * self.data_elements, values, "whole layers of data elements");
        assert_eq!(layers * self.elements(), grid, "a grid of as many layers");
    }
}

/// Refuses numbers out of range.
fn check(config: &SlotConfig) -> Result<(), LayoutError> {
    let refuse = |key, value, expected| Err(LayoutError::OutOfRange { key, value, expected });
    match *config {
        SlotConfig { symbols: 0, .. } => refuse("symbols of a slot", 0, "1 or more"),
        SlotConfig { subcarriers: 0, .. } => refuse("used subcarriers", 0, "1 or more"),
        SlotConfig { pilot_symbols: 0, layers, .. } if (1..=MAX_LAYERS).contains(&layers) => Ok(()),
        SlotConfig { symbols, .. } if !(3..=14).contains(&symbols) => {
            refuse("symbols of a slot", symbols, "3 to 14")
        }
        SlotConfig { subcarriers, .. } if subcarriers % COMB != 0 => {
            refuse("used subcarriers", subcarriers, "a positive multiple of 4")
        }
        SlotConfig { control_symbols, .. } if control_symbols > 3 => {
            refuse("control_symbols", control_symbols, "0 to 3")
        }
        SlotConfig { pilot_symbols, .. } if !(1..=4).contains(&pilot_symbols) => {
            refuse("pilot_symbols", pilot_symbols, "1 to 4")
        }
        SlotConfig { groups_without_data, .. } if !(1..=2).contains(&groups_without_data) => {
            refuse("groups_without_data", groups_without_data, "1 or 2")
        }
        SlotConfig { layers, .. } if !(1..=MAX_LAYERS).contains(&layers) => {
            refuse("layers", layers, "1 to 4")
        }
        SlotConfig { layers, groups_without_data: 1, .. } if layers > 2 => {
            Err(LayoutError::LayersNeedGroups { layers })
        }
        _ => Ok(()),
    }
}

/// Returns the symbols of the pilots by the standard's table.
fn pilot_symbols(config: &SlotConfig) -> Result<Vec<usize>, LayoutError> {
    let SlotConfig { symbols, control_symbols, pilot_symbols, .. } = *config;
    if pilot_symbols == 0 {
        return Ok(Vec::new());
    }
    let first = if control_symbols > 2 { 3 } else { 2 };
    let additional: &[usize] = match (pilot_symbols, symbols) {
        // Three symbols, and four with the later position, have a row only where the first pilot symbol is symbol 2.
        (1, 3..) if first == 2 || symbols > 4 => &[],
        (2, 8..=9) => &[7],
        (2, 10..=12) => &[9],
        (2, 13..) => &[11],
        (3, 10..=12) => &[6, 9],
        (3, 13..) => &[7, 11],
        (4, 12..) if first == 2 => &[5, 8, 11],
        _ => {
            let needed = match pilot_symbols {
                1 => "three control symbols leave room from 5 symbols on",
                2 => "two pilot symbols need 8 to 14 symbols",
                3 => "three pilot symbols need 10 to 14 symbols",
                _ => "four pilot symbols need 12 to 14 symbols and at most 2 control symbols",
            };
            return Err(LayoutError::PilotsDoNotFit { pilot_symbols, symbols, control_symbols, needed });
        }
    };
    Ok(std::iter::once(first).chain(additional.iter().copied()).collect())
}
