//! The hardware of an emulated radio, between its host and the ether.
//!
//! ```text
//! host sample n -> own rate to the air's -> mixer, by the radio's clock -> clocks (ppm, phase, timing) -> air
//! ```
//!
//! and back where it receives. Own index `n` is index `n f_air / f_own` of the air: time zero is shared, then the clock's errors count.

mod attachment;
mod band;
mod common;
mod drawn;
mod hardware;
mod incoming;
mod line;
mod listener;
mod mixer;
mod model;
mod numbers;
mod outgoing;
mod persona;
mod rates;
mod sender;
mod side;
mod stage;

pub use drawn::{HEADROOM_DB, HardwareSetting};
pub use hardware::{Hardware, SideTruth, Truth};
pub use persona::{DeviceConfig, PERSONAS, Persona};

use crate::error::RadioError;
use crate::ether::Attachment;
use crate::radio::Direction;
use airloop_baseband::SampleIndex;
use common::Common;
use listener::Listener;
use model::Model;
use sender::Sender;
use std::sync::{Arc, Mutex};

/// The hardware of an emulated radio: its own sample rate, centre frequency, gains, clock and converters, around its place in the ether.
///
/// It is a place itself; all indices are those of its own samples. Clones are the same device, so that one thread can send while
/// another hears. A device that does nothing to samples passes them on as they are.
///
/// Rates lie within those of the radio's kind and are fractions of the air's; rate and centre frequency are those of all channels of a
/// direction, gains those of one. A rate changes only while its direction is stopped; centre frequencies and gains change from the next
/// sample on that is written or read. In an air that has a centre frequency, a band within the air's is mixed to its place; one that
/// does not touch it is silent both ways; one that overlaps it in part is refused, at the start or when a stream is tuned.
///
/// Filters need what comes before and after a sample. The last samples of a burst therefore stay in the device until the next burst,
/// [`silent_until`](Attachment::silent_until) or [`finish`](Attachment::finish) says what follows them, and in lockstep time waits for
/// them: who hears on after a burst must say so. Bursts that abut are the same bytes however they are cut; after `finish`, a burst that
/// begins within what has been sent already loses as much of its first samples. For the same reason a radio that answers what it hears
/// needs the filters' length more of turnaround than one without them.
#[derive(Clone)]
pub struct Device<A: Attachment> {
    inner: A,
    common: Arc<Common>,
    sender: Arc<Mutex<Sender<A>>>,
    listener: Arc<Mutex<Listener<A>>>,
}

impl<A: Attachment + Clone> Device<A> {
    /// Gives a place the hardware of a radio.
    ///
    /// # Errors
    /// [`RadioError::OutOfRange`] when the radio's kind has no rate near the air's, its amplifier has memory, or the inverse of its clocks is
    /// beyond their limits.
    pub fn new(inner: A, config: DeviceConfig) -> Result<Self, RadioError> {
        let model = Model::new(inner.info().clone(), &config)?;
        let sides = [model.first(Direction::Transmit)?, model.first(Direction::Receive)?];
        let DeviceConfig { hardware, .. } = config;
        let common = Arc::new(Common::new(model, sides, hardware.power_error_db));
        let sender = Sender::new(inner.clone(), Arc::clone(&common), hardware.transmitter);
        let listener = Listener::new(inner.clone(), Arc::clone(&common), hardware.receivers);
        Ok(Self {
            inner,
            common,
            sender: Arc::new(Mutex::new(sender)),
            listener: Arc::new(Mutex::new(listener)),
        })
    }

    /// Gives a place hardware that does nothing wrong and can be set to any rate and frequency.
    ///
    /// # Errors
    /// None that an ether's place can cause.
    pub fn ideal(inner: A) -> Result<Self, RadioError> {
        Self::new(inner, DeviceConfig::new(Persona::ideal(), Hardware::default()))
    }

    /// Returns what is true of the radio as it is now.
    pub fn truth(&self) -> Truth {
        let (model, clocks) = (&self.common.model, &self.common.model.clocks);
        let of = |direction| {
            let side = self.common.side(direction);
            let counts = model.persona.timestamps.then(|| model.origin(direction, 0));
            let gain_db = side.gain_db.first().copied().unwrap_or(0.0);
            SideTruth {
                origin: side.origin.or(counts).map(|origin| origin as SampleIndex),
                phase_rad: model.phase_rad(direction, side.retunes),
                carrier_offset_hz: clocks.cfo_hz + 1e-6 * clocks.oscillator_ppm * side.centre_hz,
                amplitude: model.amplitude(direction, gain_db),
            }
        };
        Truth {
            oscillator_ppm: clocks.oscillator_ppm,
            cfo_hz: clocks.cfo_hz,
            timing_offset_s: clocks.timing_offset_s,
            phase_rad: clocks.phase_rad,
            power_error_db: self.common.power_error_db,
            transmit: of(Direction::Transmit),
            receive: of(Direction::Receive),
        }
    }
}
