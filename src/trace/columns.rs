//! The columns of a trace's files: each cell to text and back, exactly.

use super::leg::{Carriage, Direction, Peer, Source, Stage};
use super::row::TraceRow;
use std::fmt::{Debug, Write};
use std::sync::Arc;

/// What the column `schema` holds: the version of the columns after it.
pub const SCHEMA_VERSION: &str = "1";

/// Name of the first column.
pub const SCHEMA: &str = "schema";

/// A value of a cell. Empty text stands for what is not known.
pub(super) trait Cell: Sized {
    /// Whether texts of it stand in quotes in JSON.
    const TEXT: bool = false;

    /// Appends the text, or says what would be right.
    fn write(&self, out: &mut String) -> Result<(), &'static str>;

    /// Reads the text, or says what would be right.
    fn read(text: &str) -> Result<Self, String>;
}

macro_rules! words {
    ($($name:ident),*) => {$(
        impl Cell for $name {
            const TEXT: bool = true;

            fn write(&self, out: &mut String) -> Result<(), &'static str> {
                out.push_str(self.word());
                Ok(())
            }

            fn read(text: &str) -> Result<Self, String> {
                Self::from_word(text).ok_or_else(|| format!("one of {} is expected", Self::WORDS.join(", ")))
            }
        }
    )*};
}

words!(Stage, Direction, Carriage, Source);

impl Cell for f64 {
    fn write(&self, out: &mut String) -> Result<(), &'static str> {
        if !self.is_finite() {
            return Err("a finite number is expected");
        }
        // The shortest text that reads back as the same number.
        let _ = write!(out, "{self:?}");
        Ok(())
    }

    fn read(text: &str) -> Result<Self, String> {
        text.parse().ok().filter(|x: &Self| x.is_finite()).ok_or_else(|| "a number is expected".into())
    }
}

/// Reads a whole number, also one written with a fraction of 0, as tables with gaps have it.
fn whole(text: &str) -> Option<u64> {
    let float = || text.parse::<f64>().ok().filter(|x| (0.0..9e15).contains(x) && x.fract() == 0.0);
    text.parse().ok().or_else(|| float().map(|x| x as u64))
}

macro_rules! whole_numbers {
    ($($kind:ty),*) => {$(
        impl Cell for $kind {
            fn write(&self, out: &mut String) -> Result<(), &'static str> {
                let _ = write!(out, "{self}");
                Ok(())
            }

            fn read(text: &str) -> Result<Self, String> {
                let expected = || format!("a whole number from 0 to {} is expected", Self::MAX);
                whole(text).and_then(|x| Self::try_from(x).ok()).ok_or_else(expected)
            }
        }
    )*};
}

whole_numbers!(u8, u32, u64);

impl Cell for bool {
    fn write(&self, out: &mut String) -> Result<(), &'static str> {
        out.push(if *self { '1' } else { '0' });
        Ok(())
    }

    fn read(text: &str) -> Result<Self, String> {
        match text {
            "0" => Ok(false),
            "1" => Ok(true),
            _ => Err("0 or 1 is expected".into()),
        }
    }
}

impl Cell for Arc<str> {
    const TEXT: bool = true;

    fn write(&self, out: &mut String) -> Result<(), &'static str> {
        if self.is_empty() || self.contains(['"', ',', '\\']) || self.contains(char::is_control) {
            return Err("a text without commas, quotes, backslashes and ends of lines is expected");
        }
        out.push_str(self);
        Ok(())
    }

    fn read(text: &str) -> Result<Self, String> {
        if text.is_empty() { Err("a text is expected".into()) } else { Ok(text.into()) }
    }
}

impl Cell for Peer {
    const TEXT: bool = true;

    fn write(&self, out: &mut String) -> Result<(), &'static str> {
        let _ = write!(out, "{self}");
        Ok(())
    }

    fn read(text: &str) -> Result<Self, String> {
        match text {
            "server" => Ok(Self::Server),
            device => device
                .parse()
                .map(Self::Device)
                .map_err(|_| "server, or the number of a device, is expected".into()),
        }
    }
}

impl<T: Cell> Cell for Option<T> {
    const TEXT: bool = T::TEXT;

    fn write(&self, out: &mut String) -> Result<(), &'static str> {
        self.as_ref().map_or(Ok(()), |value| value.write(out))
    }

    fn read(text: &str) -> Result<Self, String> {
        if text.is_empty() { Ok(None) } else { T::read(text).map(Some) }
    }
}

/// Appends the text of a cell, or says what would be right.
pub(super) type Writer<'a> = &'a dyn Fn(&mut String) -> Result<(), &'static str>;

/// What is wrong with a cell: its column, what is there, what would be right.
pub(super) type WrongCell = (usize, String, String);

macro_rules! columns {
    ($($field:ident: $kind:ty,)*) => {
        /// The columns after `schema`, in order: the fields of a row.
        pub const COLUMNS: &[&str] = &[$(stringify!($field),)*];

        /// Visits every cell of a row: its column, whether it is a text, its value in words, and its writer.
        pub(super) fn each_cell<E>(
            row: &TraceRow,
            mut visit: impl FnMut(&'static str, bool, &dyn Debug, Writer<'_>) -> Result<(), E>,
        ) -> Result<(), E> {
            $(visit(stringify!($field), <$kind as Cell>::TEXT, &row.$field, &|out| row.$field.write(out))?;)*
            Ok(())
        }

        /// Reads a row from the texts of its cells, in the order of the columns.
        pub(super) fn read_row<'a>(mut cell: impl FnMut(usize) -> &'a str) -> Result<TraceRow, WrongCell> {
            let mut column = 0;
            $(
                let text = cell(column);
                let $field = <$kind as Cell>::read(text)
                    .map_err(|expected| (column, if text.is_empty() { "empty".into() } else { format!("{text:?}") }, expected))?;
                column += 1;
            )*
            debug_assert_eq!(column, COLUMNS.len(), "every column was read");
            Ok(TraceRow { $($field,)* })
        }
    };
}

columns! {
    run_id: Arc<str>,
    seed: u64,
    round: u64,
    t_start_s: f64,
    device: u32,
    peer: Peer,
    direction: Direction,
    stage: Stage,
    scheme: Carriage,
    bytes_offered: u64,
    bytes_delivered: u64,
    n_re: u64,
    airtime_s: f64,
    latency_s: f64,
    rate_bps: f64,
    snr_db: Option<f64>,
    sinr_eff_db: Option<f64>,
    mcs_table: Option<u8>,
    mcs: Option<f64>,
    rank: Option<u8>,
    bler: Option<f64>,
    tbler: Option<f64>,
    harq_tx: Option<u64>,
    outage: bool,
    elem_loss_p: Option<f64>,
    nmse_db: Option<f64>,
    evm_pct: Option<f64>,
    cfo_hz: Option<f64>,
    timing_err_s: Option<f64>,
    csi_nmse_db: Option<f64>,
    tx_power_dbm: Option<f64>,
    tx_energy_j: Option<f64>,
    source: Source,
    calib_id: Option<Arc<str>>,
}
