//! Sweeps: curves times axes times fidelities, in one canonical order; every finished point is safe on disk.
//!
//! `plan` says which points there are; `row` what a point reports, and how it comes to that; `journal` keeps finished ones, a line each; `table` derives the table from them;
//! `runner` runs what is missing; `merge` brings shards together.

pub mod error;
pub mod journal;
pub mod merge;
pub mod plan;
pub mod row;
pub mod runner;
pub mod shipped;
pub mod table;

pub use error::SweepError;
pub use journal::{Header, Journal, PointRecord};
pub use merge::merge;
pub use plan::{Axis, Curve, PlannedPoint, Shard, SweepPlan};
pub use row::{Kind, RowReport};
pub use runner::{SweepEvent, SweepOptions, run_sweep};
pub use table::{Rows, write_table};
