//! Keys of schemes that have many of their own: one file a scheme.

pub mod combining;
pub mod devices_alone;
pub mod digital;
pub mod digital_aircomp;
pub mod energy;
pub mod foreign;
pub mod misaligned;
pub mod sparse_analog;
pub mod votes;
