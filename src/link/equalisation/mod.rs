//! What was sent on each layer, from what each antenna received.
//!
//! `lanes` is the arithmetic on many subcarriers at once, `rows` works through a symbol, `interference` whitens noise that
//! antennas
//! share, `equaliser` puts them together slot by slot.

mod equaliser;
mod interference;
mod lanes;
mod rows;

pub use equaliser::{EqualisationRule, Equalised, Equaliser, Noise};
pub use interference::InterferenceCovariance;
pub(super) use rows::{Row, RowOut, equalise_row};
