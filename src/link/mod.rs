//! The digital link: transport blocks from one transmitter to one receiver over a channel that goes on in time.

pub mod channel_estimation;
pub mod equalisation;
pub mod precoding;
pub mod reference_signals;
pub mod report;
pub mod run;
pub mod slot_layout;

pub use report::{LINK_FIGURES, LINK_QUANTITIES, LinkFigure, LinkFigures, LinkQuantity, LinkReport};
