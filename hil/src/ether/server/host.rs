//! An ether over an air of any kind, as a server sees it.

use crate::error::RadioError;
use crate::ether::local::Ether;
use crate::ether::wire::Wanted;
use crate::ether::{Attachment, EtherMetrics};
use airloop_baseband::Transport;

/// What serves radios.
pub trait Host: Send + Sync {
    /// Gives a radio its place: three times the same, for control, for what is written and for what is read.
    fn seat(&self, wanted: Wanted) -> Result<[Box<dyn Attachment>; 3], RadioError>;

    /// Returns how far time and every radio are.
    fn metrics(&self) -> EtherMetrics;
}

impl<T> Host for Ether<T>
where
    T: Transport<Error: std::error::Error> + Send + 'static,
{
    fn seat(&self, wanted: Wanted) -> Result<[Box<dyn Attachment>; 3], RadioError> {
        let place = match wanted {
            Wanted::At(place) => self.attach(place)?,
            Wanted::Named(name) => self.attach_named(&name)?,
            Wanted::Anywhere { name, transmit, receive } => {
                self.attach_anywhere(&name, (transmit, receive))?
            }
        };
        Ok([Box::new(place.clone()), Box::new(place.clone()), Box::new(place)])
    }

    fn metrics(&self) -> EtherMetrics {
        Self::metrics(self)
    }
}
