//! Digital links and coded digital aggregation: closed forms, bounds, renewal arithmetic, rungs against each other, what is refused.

mod adaptation;
mod airtime;
mod bad_input;
mod capacity;
mod coded;
mod losses;
mod retransmissions;
mod rungs;
mod scheduling;
mod setup;
mod signal_to_noise;
mod uncoded;
