//! Lab runs over emulated radios: what is measured of them against what they are, and the round against the aligned one.

mod air;
mod carried;
mod clocks_and_rates;
mod emulated;
mod lossy;
mod phases;
mod rehearsal;
mod scripted;
mod self_paths;
mod truths;
