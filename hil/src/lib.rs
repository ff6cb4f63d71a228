//! Radios behind one trait, aligned in time into a transport.
//!
//! A [`Radio`] sends bursts and hears windows at indices of its own clock; [`RadioAir`] makes of several radios the
//! [`Transport`](airloop_baseband::Transport) over which experiments run. [`VirtualRadio`]s meet in an [`Ether`], an air of any kind
//! that keeps their time; a [`Device`] between gives them hardware of their own.

mod device;
mod error;
pub mod ether;
mod radio;
mod radio_air;
pub mod recording;
#[cfg(feature = "soapysdr")]
pub mod soapy_radio;
pub mod stream;
mod virtual_radio;
pub mod zmq;

pub use device::{
    Device, DeviceConfig, HEADROOM_DB, Hardware, HardwareSetting, PERSONAS, Persona, SideTruth, Truth,
};
pub use error::RadioError;
pub use ether::{Clock, Ether, EtherConfig, EtherServer, LocalAttachment, Place, RemoteAttachment, Wanted};
pub use radio::{Capabilities, ClockStatus, Direction, Radio, RadioStatus, Span, Tuning};
pub use radio_air::{RadioAir, RadioAirConfig, Seat};
pub use recording::{RecordedRadio, Recorder, RecorderConfig, Recording, RecordingError, Tapped};
#[cfg(feature = "soapysdr")]
pub use soapy_radio::{SoapyConfig, SoapyRadio};
pub use stream::{PermitError, TransmitPermit};
pub use virtual_radio::{TIMEOUT, VirtualRadio};
