//! The digital link: transport blocks from one transmitter to one receiver over a channel that goes on in time.

pub mod report;
pub mod run;

pub use report::{LINK_FIGURES, LINK_QUANTITIES, LinkFigures, LinkReport};
