//! Where a radio comes to stand: the one function that makes attachments.

use crate::arguments::Arguments;
use crate::error::DriverError;
use crate::process_air::{ProcessAir, ProcessSeat};
use crate::settings::CARRIER_HZ;
use airloop_hil::ether::Attachment;
use airloop_hil::{Device, DeviceConfig, PERSONAS, Persona};
use airloop_hil::{RadioError, RemoteAttachment, Wanted};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

/// A radio's place: three times the same, for what is answered at once, for what is written and for what is read.
pub struct Seats {
    /// What is answered at once.
    pub control: Box<dyn Attachment>,
    /// For what is written.
    pub transmit: Box<dyn Attachment>,
    /// For what is read.
    pub receive: Box<dyn Attachment>,
    /// Gains by direction at which numbers are amplitudes in the air, in decibels.
    pub gain_db: [f64; 2],
    /// Where the ether is, for people.
    pub ether: String,
    /// A seat in the air of this process.
    pub own: Option<ProcessSeat>,
}

/// Gives a radio its place, and its hardware there.
pub fn attach(arguments: &Arguments) -> Result<Seats, DriverError> {
    let persona = Persona::named(&arguments.persona).ok_or_else(|| {
        let expected = format!("there is no such radio; there are {}", PERSONAS.join(", "));
        DriverError::BadArgument { key: "persona", value: arguments.persona.clone(), expected }
    })?;
    match &arguments.ether {
        Some(path) => {
            let place = connect(path, arguments)?;
            seats(place, (persona, arguments.seed), path.display().to_string(), None)
        }
        None => {
            let name = arguments.radio.clone().unwrap_or_else(own_name);
            let (place, own) = ProcessAir::seat(&name, wanted(arguments), &arguments.air)?;
            seats(place, (persona, arguments.seed), "of this process".into(), Some(own))
        }
    }
}

/// Returns the channels that a radio has unless a place is kept for it: one each way, or as many as it asks for.
fn wanted(arguments: &Arguments) -> (usize, usize) {
    (arguments.transmit.unwrap_or(1), arguments.receive.unwrap_or(1))
}

/// Asks for the place that an ether keeps for a radio of a name, or for free ports.
fn connect(path: &Path, arguments: &Arguments) -> Result<RemoteAttachment, RadioError> {
    let says_channels = arguments.transmit.is_some() || arguments.receive.is_some();
    let mut stranger = None;
    if let Some(name) = arguments.radio.as_ref().filter(|_| !says_channels) {
        match RemoteAttachment::connect(path, Wanted::Named(name.clone())) {
            Err(error @ RadioError::NoSuchName { .. }) => stranger = Some(error),
            outcome => return outcome,
        }
    }
    let name = arguments.radio.clone().unwrap_or_else(own_name);
    let (transmit, receive) = wanted(arguments);
    let outcome = RemoteAttachment::connect(path, Wanted::Anywhere { name, transmit, receive });
    // Where names have their places and nothing else is free, the name is what is wrong.
    let keeps_names = matches!(&stranger, Some(RadioError::NoSuchName { names, .. }) if !names.is_empty());
    match (outcome, stranger) {
        (Err(RadioError::NoFreePorts { .. }), Some(stranger)) if keeps_names => Err(stranger),
        (outcome, _) => outcome,
    }
}

fn seats<A: Attachment + Clone + 'static>(
    place: A,
    (persona, seed): (Persona, u64),
    ether: String,
    own: Option<ProcessSeat>,
) -> Result<Seats, DriverError> {
    let hardware = DeviceConfig::at(persona.clone(), place.info(), (seed, CARRIER_HZ));
    let hardware = hardware.map_err(|error| RadioError::Air(Box::new(error)))?;
    let gain_db = [persona.reference_transmit_gain_db, persona.reference_receive_gain_db];
    let device = Device::new(place.clone(), hardware)?;
    let (control, transmit) = (Box::new(device.clone()), Box::new(device.clone()));
    Ok(Seats { control, transmit, receive: Box::new(device), gain_db, ether, own })
}

/// Returns a name that no other radio has, on this machine.
fn own_name() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    format!("soapy-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}
