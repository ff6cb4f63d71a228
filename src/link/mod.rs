//! The digital link: transport blocks from one transmitter to one receiver over a channel that goes on in time.
//!
//! `config` says what a link is made of, `plan` makes of it what all trials share; `slot_layout` and `reference_signals` say what lies
//! where in a slot, `block` how bits are coded. In a `round`, `scheduler` and `adaptation` give out slots, `transmitter` and
//! `precoding` fill them from the `traffic`, media carry them as they carry any scheme's, and `receiver` (`channel_estimation`,
//! `equalisation`) and `process` (retransmissions) take them back, or an `appraisal` by a table
//! stands in for them; `tally` counts, `run` runs points, `theory` has closed forms,
//! `capacity` bounds, and `report` is the row of the table.

mod adaptation;
pub mod appraisal;
mod block;
mod capacity;
pub mod channel_estimation;
pub mod config;
pub mod equalisation;
pub mod plan;
pub mod precoding;
mod process;
mod receiver;
pub mod reference_signals;
pub mod report;
pub mod round;
pub mod run;
mod scheduler;
pub mod slot_layout;
pub mod tally;
mod theory;
pub mod traffic;
mod transmitter;

pub use config::LinkConfig;
pub use plan::{LinkError, LinkPlan};
pub use report::{LINK_FIGURES, LINK_QUANTITIES, LinkFigure, LinkFigures, LinkQuantity, LinkReport};
pub use round::LinkRound;
pub(crate) use theory::expected_snr_db;
