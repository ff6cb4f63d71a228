//! The lab run: radios with clocks of their own are measured, aligned and given one round of an experiment.
//!
//! ```text
//! bench (radios that are heard side by side) -> levels -> beacon -> uplinks one by one -> timing together
//!   -> pilots -> plan (the round with measured channels) -> burst between two soundings -> captured -> report
//! ```
//!
//! One radio is the server's; the others are the devices'. `sounding` measures what one radio hears of another, `alignment` makes a
//! device's samples arrive as if its clock were the server's, `procedure` goes through the steps (`listening`: when radios send, and how
//! long they listen), `checks` through those that look at each radio alone, and `step` holds each number against its limit. `round` carries
//! the round: `carriers` says which radio sends for which device, `pilots` and `plan` make what devices send and read what was heard;
//! `recordings` keeps it, and `replay` reads it again. Nothing here knows whether a radio is emulated.

mod alignment;
mod annotations;
mod bench;
mod calibration;
mod carriers;
mod checks;
mod config;
mod error;
mod listening;
mod phases;
mod pilots;
mod plan;
mod procedure;
mod radios;
mod real;
mod recordings;
mod replay;
mod round;
mod sounding;
mod station;
mod step;

pub use alignment::Alignment;
pub use bench::{Bench, Reached};
pub use calibration::{Calibration, DeviceCalibration};
pub use config::{LabConfig, LabRadio, Limits, Way};
pub use error::LabError;
pub use plan::Reading;
pub use procedure::{calibrate, check};
pub use radios::{NamedRadio, open};
pub use recordings::Recordings;
pub use replay::{is_of_a_lab, replay};
pub use round::{HeardRound, LabRound, run};
pub use sounding::{Sounded, Sounding};
pub use step::{Log, Step};
