//! The columns of a trace: what is in each, in which unit, and how a row's cells are visited and read.

use super::cell::{Cell, Kind, Slot};
use super::leg::{Carriage, Direction, Peer, Source, Stage};
use super::row::TraceRow;
use super::table::{Column, gather};
use std::fmt::Debug;
use std::sync::Arc;

/// What the column `schema` holds: the version of the columns after it.
pub const SCHEMA_VERSION: &str = "1";

/// Name of the first column.
pub const SCHEMA: &str = "schema";

/// A column as it is written.
pub(super) struct Head {
    pub name: &'static str,
    /// The name in JSON: in quotes, and the colon after it.
    pub key: &'static str,
    /// Whether its texts stand in quotes in JSON.
    pub text: bool,
}

/// Appends the text of a cell, or says what would be right.
pub(super) type Writer<'a> = &'a dyn Fn(&mut String) -> Result<(), &'static str>;

/// What is wrong with a cell: its column, what is there, what would be right.
pub(super) type WrongCell = (usize, String, String);

macro_rules! columns {
    ($($field:ident: $kind:ty, $unit:literal;)*) => {
        /// The columns after `schema`, in order: the fields of a row.
        pub const COLUMNS: &[&str] = &[$(stringify!($field),)*];

        /// Their units; empty where they have none.
        pub const UNITS: &[&str] = &[$($unit,)*];

        /// How they are written.
        pub(super) static HEADS: [Head; COLUMNS.len()] = [$(Head {
            name: stringify!($field),
            key: concat!("\"", stringify!($field), "\":"),
            text: matches!(<$kind as Cell>::KIND, Kind::Word),
        },)*];

        /// Visits every cell of a row: its column, its value in words, and its writer.
        pub(super) fn each_cell<E>(
            row: &TraceRow,
            mut visit: impl FnMut(&'static Head, &dyn Debug, Writer<'_>) -> Result<(), E>,
        ) -> Result<(), E> {
            let mut column = 0;
            $(
                visit(&HEADS[column], &row.$field, &|out| row.$field.write(out))?;
                column += 1;
            )*
            debug_assert_eq!(column, COLUMNS.len(), "every column was visited");
            Ok(())
        }

        /// Reads a row from its cells, in the order of the columns.
        pub(super) fn read_row<'a>(mut cell: impl FnMut(usize) -> Slot<'a>) -> Result<TraceRow, WrongCell> {
            let mut column = 0;
            $(
                let slot = cell(column);
                let $field = <$kind as Cell>::read(slot).map_err(|expected| (column, slot.to_string(), expected))?;
                column += 1;
            )*
            debug_assert_eq!(column, COLUMNS.len(), "every column was read");
            Ok(TraceRow { $($field,)* })
        }

        /// Returns the cells of a column by its name; none of a name that no column has.
        pub(super) fn gather_column(rows: &[TraceRow], name: &str) -> Option<Column> {
            match name {
                $(stringify!($field) => Some(gather::<$kind>(rows.iter().map(|row| &row.$field))),)*
                _ => None,
            }
        }
    };
}

columns! {
    run_id: Arc<str>, "";
    seed: u64, "";
    round: u64, "";
    t_start_s: f64, "s";
    device: u32, "";
    peer: Peer, "";
    direction: Direction, "";
    stage: Stage, "";
    scheme: Carriage, "";
    bytes_offered: u64, "byte";
    bytes_delivered: u64, "byte";
    n_re: u64, "";
    airtime_s: f64, "s";
    latency_s: f64, "s";
    rate_bps: f64, "bit/s";
    snr_db: Option<f64>, "dB";
    sinr_eff_db: Option<f64>, "dB";
    mcs_table: Option<u8>, "";
    mcs: Option<f64>, "";
    rank: Option<u8>, "";
    bler: Option<f64>, "";
    tbler: Option<f64>, "";
    harq_tx: Option<u64>, "";
    outage: bool, "";
    elem_loss_p: Option<f64>, "";
    nmse_db: Option<f64>, "dB";
    evm_pct: Option<f64>, "%";
    cfo_hz: Option<f64>, "Hz";
    timing_err_s: Option<f64>, "s";
    csi_nmse_db: Option<f64>, "dB";
    tx_power_dbm: Option<f64>, "dBm";
    tx_energy_j: Option<f64>, "J";
    source: Source, "";
    calib_id: Option<Arc<str>>, "";
}
