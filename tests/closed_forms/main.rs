//! Every scheme against its closed form, at symbol and at waveform fidelity, and theory against the same formulas.
//!
//! The expected values are derived in the tests or printed in the literature's catalogue; none is the library's own.

mod agreement;
mod budgets;
mod digital;
mod inversion;
mod links;
mod optimal;
mod payloads;
mod reviewed;
mod rician;
mod setup;
mod truncated;
