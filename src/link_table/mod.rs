//! Link tables: block error rates by scheme, block size and SINR, and errors of aggregation by the coordinates of a sweep, for programs that
//! ask a million times.
//!
//! `walk` finds the SNRs of a curve, [`CurveReport`] is one curve as a point of a sweep; `entry` is what a file holds, `file` and `csv`
//! write and read it, `sionna` lays it out for Sionna SYS; [`BlerTable`] and [`NmseTable`] answer from it.

mod bler_table;
mod config;
mod csv;
mod curve;
mod curve_report;
mod entry;
mod error;
mod field;
mod file;
mod grid;
mod nmse_table;
mod row;
mod sionna;
mod walk;

pub use bler_table::BlerTable;
pub use config::{CurveConfig, check_plan};
pub use curve::ErrorRateCurve;
pub use curve_report::{CurvePoint, CurveReport, THRESHOLDS, Threshold};
pub use entry::{BlerEntry, Coordinate, NmseEntry};
pub use error::LinkTableError;
pub use file::{CSV_NAME, JSON_NAME, write_nmse};
pub use nmse_table::{NmseCurve, NmseTable, NmseValues};
