//! Where a radio comes to stand: the one function that makes attachments.

use crate::arguments::Arguments;
use crate::error::DriverError;
use crate::process_air::{ProcessAir, ProcessSeat};
use airloop_hil::ether::Attachment;
use airloop_hil::{RemoteAttachment, Wanted};
use std::sync::atomic::{AtomicU64, Ordering};

/// What radios there are to choose from.
const PERSONAS: [&str; 1] = ["ideal"];

/// A radio's place: three times the same, for what is answered at once, for what is written and for what is read.
pub struct Seats {
    /// What is answered at once.
    pub control: Box<dyn Attachment>,
    /// For what is written.
    pub transmit: Box<dyn Attachment>,
    /// For what is read.
    pub receive: Box<dyn Attachment>,
    /// Where the ether is, for people.
    pub ether: String,
    /// A seat in the air of this process.
    pub own: Option<ProcessSeat>,
}

/// Gives a radio its place.
pub fn attach(arguments: &Arguments) -> Result<Seats, DriverError> {
    if !PERSONAS.contains(&arguments.persona.as_str()) {
        let expected = format!("there is no such radio; there are {}", PERSONAS.join(", "));
        let value = arguments.persona.clone();
        return Err(DriverError::BadArgument { key: "persona", value, expected });
    }
    let name = arguments.radio.clone().unwrap_or_else(own_name);
    let wanted = (arguments.transmit.unwrap_or(1), arguments.receive.unwrap_or(1));
    match &arguments.ether {
        Some(path) => {
            let wanted = Wanted::Anywhere { name, transmit: wanted.0, receive: wanted.1 };
            let place = RemoteAttachment::connect(path, wanted)?;
            Ok(seats(place, path.display().to_string(), None))
        }
        None => {
            let (place, own) = ProcessAir::seat(&name, wanted, &arguments.air)?;
            Ok(seats(place, "of this process".into(), Some(own)))
        }
    }
}

fn seats<A: Attachment + Clone + 'static>(place: A, ether: String, own: Option<ProcessSeat>) -> Seats {
    let (control, transmit) = (Box::new(place.clone()), Box::new(place.clone()));
    Seats { control, transmit, receive: Box::new(place), ether, own }
}

/// Returns a name that no other radio has, on this machine.
fn own_name() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    format!("soapy-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}
