//! Radios behind SoapySDR: what is refused, what may be sent, and streams, on the emulated driver `airloop`.
//!
//! `AIRLOOP_SOAPY_MODULE` names the built module (`target/debug/libairloopSupport.so`); what needs it is skipped without, and says so.

mod found;
mod module;
mod permits;
mod radios;
mod refused;
mod streams;
