//! What every radio keeps to, whatever it is: the same checks for all kinds.
//!
//! Radios behind SoapySDR are checked on the emulated driver `airloop`, where the feature `soapysdr` is on and `AIRLOOP_SOAPY_MODULE` names
//! the built module (`target/debug/libairloopSupport.so`).

#[path = "../emulated/air.rs"]
#[allow(dead_code, reason = "shared with tests of emulated radios")]
mod air;
mod devices;
mod listens;
mod pair;
mod recorded;
#[cfg(feature = "soapysdr")]
mod soapy;
mod talks;
mod virtual_radios;
