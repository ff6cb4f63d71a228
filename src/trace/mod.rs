//! Link traces: one row for each round, device, direction and stage; measured, stored, replayed, and exported.
//!
//! `leg` says what goes over the air and `row` what came of it; `columns` are its `cell`s, `file` writes and reads them (a line of `json` is
//! cut where it lies), and a `table` holds them column by column. `config` and `leg_config` read an experiment's tables, `plan` makes the
//! links of its legs, `runner` runs a leg of a round (its bits are the `traffic`), `run` the rounds in time; [`Replay`] answers from a
//! stored trace, `export` writes it for other programs.

mod cell;
mod columns;
mod config;
mod error;
pub mod export;
mod file;
mod json;
mod leg;
mod leg_config;
mod plan;
mod replay;
mod row;
mod run;
mod runner;
mod table;
mod traffic;

pub use columns::{COLUMNS, SCHEMA, SCHEMA_VERSION, UNITS};
pub use config::{Detail, TraceConfig};
pub use error::TraceError;
pub use file::{TraceFormat, TraceReader, TraceWriter};
pub use leg::{Carriage, Direction, Leg, Peer, Source, Stage};
pub use leg_config::{Delivery, LegConfig};
pub use plan::{LegPlan, TracePlan};
pub use replay::Replay;
pub use row::{Key, TraceRow};
pub use run::{TraceOutcome, run_trace};
pub use runner::{LegOutcome, LegRunner, LegStart};
pub use table::{Column, rows_of_columns};
