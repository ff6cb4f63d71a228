//! SoapySDR driver module `driver=airloop`: any SoapySDR program becomes a radio in an ether.
//!
//! ```text
//! program -> libSoapySDR -> shim/ (C++, one class) -> ffi -> Radio, streams -> Attachment -> ether of another process, or of this one
//! ```
//!
//! The C++ side only forwards; all that is decided is decided here. Panics stop at the border and become `std::runtime_error`, which
//! only C++ throws.

// The name of the file that SoapySDR loads.
#![allow(non_snake_case, reason = "libairloopSupport.so is what SoapySDR's users expect")]

mod arguments;
mod clock;
mod error;
#[allow(unsafe_code, reason = "pointers of C come in here, and nowhere else")]
mod ffi;
mod format;
mod gate;
mod place;
mod process_air;
mod queries;
mod radio;
mod receive_stream;
mod settings;
mod stream;
mod transmit_stream;
