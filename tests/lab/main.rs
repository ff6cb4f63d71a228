//! Lab runs over emulated radios: what is measured of them against what they are, and the round against the aligned one.

mod carried;
mod emulated;
mod rehearsal;
mod truths;
