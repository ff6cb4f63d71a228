//! SoapySDR's C interface, made safe. All unsafe code of this crate is in this folder.
//!
//! Control and streams share one handle. (The crate `soapysdr` would give control, but it keeps its handle and the flags of reads to itself; a
//! second handle by the same arguments is the same device only as long as enumeration says the same of a device that is open.)

#![allow(unsafe_code, reason = "calls of a C library")]

mod device;
mod settings;
mod stream;
mod strings;

pub(super) use device::{Device, enumerate};
pub(super) use stream::{Reader, Writer};

use crate::radio::Direction;
use soapysdr_sys::{SOAPY_SDR_RX, SOAPY_SDR_TX};
use std::ffi::c_int;

/// `key=value` pairs.
pub(super) type Pairs = Vec<(String, String)>;

fn soapy(direction: Direction) -> c_int {
    match direction {
        Direction::Transmit => SOAPY_SDR_TX as c_int,
        Direction::Receive => SOAPY_SDR_RX as c_int,
    }
}
