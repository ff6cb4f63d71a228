//! The definitions of powers, errors and repeatability, each measured on what the library does, and the negative controls.

#[path = "../closed_forms/agreement.rs"]
#[allow(dead_code, reason = "shared with the closed forms, which use more of it")]
mod agreement;
mod cell;
mod controls;
mod errors;
mod functions;
mod normalisation;
mod order;
mod power;
mod repeatability;
mod scaling;
#[path = "../closed_forms/setup.rs"]
#[allow(dead_code, reason = "shared with the closed forms, which use more of it")]
mod setup;
mod snr;
mod stopping;
