//! Link traces: one row for each round, device, direction and stage; measured, stored, replayed, and exported.
//!
//! `leg` says what goes over the air and `row` what came of it; `columns` are the texts of its cells, `file` writes and reads them.

mod columns;
mod error;
mod file;
mod leg;
mod row;

pub use columns::{COLUMNS, SCHEMA, SCHEMA_VERSION};
pub use error::TraceError;
pub use file::{TraceFormat, TraceReader, TraceWriter};
pub use leg::{Carriage, Direction, Leg, Peer, Source, Stage};
pub use row::{Key, TraceRow};
