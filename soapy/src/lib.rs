//! SoapySDR driver module `driver=airloop`: any SoapySDR program becomes a radio in an ether.
//!
//! ```text
//! program -> libSoapySDR -> shim/ (C++, one class) -> ffi -> Radio, streams -> Attachment -> ether of another process, or of this one
//! ```
//!
//! | argument | without it | what it is |
//! |---|---|---|
//! | `ether` | the air of this process | socket of a served ether |
//! | `radio` | a name of its own | name of the radio: SoapySDR takes equal arguments for the same device, and names in an ether differ |
//! | `tx`, `rx` | what the ether keeps for the name, else 1 each | channels that transmit, and that receive |
//! | `persona` | `ideal` | what the radio is like: `ideal`, `b210`, `lime`, `pluto` |
//! | `seed` | 0 | root of its hardware, which is the same for the same seed and name |
//! | `rate` | 1e6 | air of this process: sample rate, in hertz |
//! | `clock` | `lockstep` | air of this process: `lockstep` (nothing is late or lost) or `wall` |
//! | `loopback` | `false` | air of this process: whether radios hear themselves |
//! | `radios` | 0 | air of this process: radios that must be active before time begins |
//!
//! The air of a process is as its first radio says: unit channels without noise between all of its radios. In lockstep who listens alone
//! runs ahead: two radios of one process want `radios=2`, as those of several do of their ether.
//!
//! Streams are CF32, or CS16 of which 32,768 is 1.0. A radio has one stream a direction, of any of its channels. A burst that comes late is
//! taken and dropped, and told by the stream's status; so is an underflow. A read is `OVERFLOW` once where samples were lost, and
//! the next one's time is true.
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
