//! Modulation and coding schemes (3GPP TS 38.214 tables 5.1.3.1-1 to 5.1.3.1-4).

use crate::error::CodingError;
use std::sync::OnceLock;

/// A modulation and coding scheme: bits a constellation point and a target code rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mcs {
    /// The table: 1 (up to 64-QAM), 2 (up to 256-QAM), 3 (up to 64-QAM, low rates) or 4 (up to 1024-QAM).
    pub table: u8,
    /// The index in the table.
    pub index: u8,
    /// Bits a constellation point, `Q_m`.
    pub modulation_order: usize,
    /// Target code rate, `R`.
    pub code_rate: f64,
}

impl Mcs {
    /// Returns a scheme by its table, 1 to 4, and its index.
    ///
    /// # Errors
    /// When there is no such table or the index is reserved or beyond the table.
    pub fn new(table: u8, index: u8) -> Result<Self, CodingError> {
        let found = Self::all().iter().find(|mcs| (mcs.table, mcs.index) == (table, index));
        found.copied().ok_or(CodingError::Mcs { table, index })
    }

    /// Returns all schemes of all tables, tables and indices ascending.
    pub fn all() -> &'static [Self] {
        static SCHEMES: OnceLock<Vec<Mcs>> = OnceLock::new();
        SCHEMES.get_or_init(|| {
            let lines = include_str!("data/ts38214_mcs.csv").lines();
            lines.filter(|line| !line.starts_with('#')).skip(1).filter_map(Self::read).collect()
        })
    }

    /// Returns the schemes of a table, indices ascending; none for a table that does not exist.
    pub fn table(table: u8) -> impl Iterator<Item = Self> {
        Self::all().iter().filter(move |mcs| mcs.table == table).copied()
    }

    /// Returns information bits a point and layer: modulation order times code rate.
    pub fn efficiency(&self) -> f64 {
        self.modulation_order as f64 * self.code_rate
    }

    /// Reads a line of the shipped table.
    fn read(line: &str) -> Option<Self> {
        let mut fields = line.split(',');
        let mut next = || fields.next();
        Some(Self {
            table: next()?.parse().ok()?,
            index: next()?.parse().ok()?,
            modulation_order: next()?.parse().ok()?,
            code_rate: next()?.parse::<f64>().ok()? / 1024.0,
        })
    }
}
