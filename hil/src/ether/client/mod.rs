//! A radio's place in an ether that another process serves.

mod connection;

use super::attachment::{Attachment, EtherInfo, Event, Heard};
use super::metrics::EtherMetrics;
use super::wire::{
    Head, MAGIC, MOST_INDEX, MOST_SAMPLES, Request, VERSION, Wanted, decode_event, decode_info,
    decode_metrics, role,
};
use crate::error::RadioError;
use crate::radio::{Capabilities, Direction, RadioStatus};
use airloop_baseband::{Complex32, SampleIndex};
use connection::Connection;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

/// A radio's place in an ether that another process serves. Clones are the same place, so that one thread can send while another
/// hears; it is given up when the last of them is dropped, or the process ends.
#[derive(Clone)]
pub struct RemoteAttachment(Arc<Seat>);

struct Seat {
    info: EtherInfo,
    capabilities: Capabilities,
    control: Mutex<Connection>,
    transmit: Option<Mutex<Connection>>,
    receive: Option<Mutex<Ears>>,
    status: Mutex<RadioStatus>,
}

/// What receives, and by channel up to where it was heard.
struct Ears {
    connection: Connection,
    heard: Vec<SampleIndex>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

impl RemoteAttachment {
    /// Asks the server at a path for a place.
    ///
    /// # Errors
    /// [`RadioError::Socket`] when nobody serves an ether there, and what the ether says when the name or a port is taken.
    pub fn connect(path: impl AsRef<Path>, wanted: impl Into<Wanted>) -> Result<Self, RadioError> {
        let (path, wanted) = (path.as_ref(), wanted.into());
        wanted.check()?;
        let name = wanted.name();
        let mut control = Connection::open(path, name)?;
        let (answer, words) = control.greet((role::CONTROL, 0), &wanted.encode())?;
        let token = answer.values[2];
        let info = decode_info(&words).ok_or_else(|| control.is_no_ether())?;
        let open = |role: u64| {
            let mut connection = Connection::open(path, name)?;
            connection.greet((role, token), &[])?;
            Ok(connection)
        };
        let (transmits, receives) = (!info.place.transmit.is_empty(), !info.place.receive.is_empty());
        let transmit = transmits.then(|| open(role::TRANSMIT)).transpose()?;
        let receive = receives.then(|| open(role::RECEIVE)).transpose()?;
        let heard = vec![0; info.place.receive.len()];
        let ears = |connection| Mutex::new(Ears { connection, heard });
        let capabilities = info.ideal();
        Ok(Self(Arc::new(Seat {
            info,
            capabilities,
            control: Mutex::new(control),
            transmit: transmit.map(Mutex::new),
            receive: receive.map(ears),
            status: Mutex::default(),
        })))
    }

    fn control(&self, request: Request) -> Result<[u64; 4], RadioError> {
        Ok(lock(&self.0.control).ask(&request, &[], Duration::ZERO)?.values)
    }

    fn no_channel(&self, direction: Direction, channel: usize) -> RadioError {
        RadioError::NoSuchChannel { radio: self.0.info.place.name.clone(), direction, channel, channels: 0 }
    }
}

impl EtherMetrics {
    /// Asks the server at a path how far its ether is.
    ///
    /// # Errors
    /// [`RadioError::Socket`] when nobody serves an ether there.
    pub fn of_server(path: impl AsRef<Path>) -> Result<Self, RadioError> {
        let mut connection = Connection::open(path.as_ref(), "")?;
        let (_, words) = connection.greet((role::METRICS, 0), &[])?;
        decode_metrics(&words).ok_or_else(|| connection.is_no_ether())
    }
}

impl Attachment for RemoteAttachment {
    fn info(&self) -> &EtherInfo {
        &self.0.info
    }

    fn capabilities(&self) -> &Capabilities {
        &self.0.capabilities
    }

    fn now(&mut self) -> Result<SampleIndex, RadioError> {
        Ok(self.control(Request::Now)?[0])
    }

    fn activate(&mut self, direction: Direction, at: Option<SampleIndex>) -> Result<SampleIndex, RadioError> {
        let at = self.control(Request::Activate(direction, at.map(|at| at.min(MOST_INDEX))))?[0];
        if let (Direction::Receive, Some(ears)) = (direction, &self.0.receive) {
            lock(ears).heard.fill(0);
        }
        Ok(at)
    }

    fn deactivate(&mut self, direction: Direction) -> Result<(), RadioError> {
        self.control(Request::Deactivate(direction)).map(|_| ())
    }

    fn write(
        &mut self,
        channel: usize,
        (start, samples, last): (Option<SampleIndex>, &[Complex32], bool),
        timeout: Duration,
    ) -> Result<usize, RadioError> {
        let Some(transmit) = &self.0.transmit else {
            return Err(self.no_channel(Direction::Transmit, channel));
        };
        let mut transmit = lock(transmit);
        let (deadline, mut taken) = (Instant::now().checked_add(timeout), 0);
        loop {
            let left = deadline.map_or(timeout, |end| end.saturating_duration_since(Instant::now()));
            let count = (samples.len() - taken).min(MOST_SAMPLES);
            let piece = &samples[taken..taken + count];
            let ends = taken + count == samples.len();
            let start = start.map(|start| start.saturating_add(taken as u64).min(MOST_INDEX));
            let request = Request::Write { channel, start, count, last: last && ends, timeout: left };
            let outcome = transmit.ask(&request, bytemuck::cast_slice(piece), left);
            let done = match outcome {
                Ok(answer) => (answer.values[0] as usize).min(count),
                Err(error) if taken == 0 => return Err(error),
                // Whoever writes what was not taken meets it.
                Err(_) => return Ok(taken),
            };
            taken += done;
            if ends || done < count {
                return Ok(taken);
            }
        }
    }

    fn silent_until(&mut self, index: SampleIndex) -> Result<(), RadioError> {
        self.control(Request::SilentUntil(index.min(MOST_INDEX))).map(|_| ())
    }

    fn read(
        &mut self,
        channel: usize,
        out: &mut [Complex32],
        timeout: Duration,
    ) -> Result<Heard, RadioError> {
        let Some(receive) = &self.0.receive else {
            return Err(self.no_channel(Direction::Receive, channel));
        };
        let mut ears = lock(receive);
        let most = out.len().min(MOST_SAMPLES);
        let (start, count, lost) =
            ears.connection.hear(&Request::Read { channel, most, timeout }, &mut out[..most], timeout)?;
        if count > 0 {
            ears.heard[channel] = start + count as u64;
        }
        Ok(Heard { start, count, lost })
    }

    fn skip(&mut self, channel: usize, until: SampleIndex) -> Result<(), RadioError> {
        let Some(receive) = &self.0.receive else {
            return Err(self.no_channel(Direction::Receive, channel));
        };
        let mut ears = lock(receive);
        // Nothing lies before what was read: no need to ask.
        if ears.heard.get(channel).is_some_and(|heard| *heard > 0 && until <= *heard) {
            return Ok(());
        }
        let request = Request::Skip(channel, until.min(MOST_INDEX));
        ears.connection.ask(&request, &[], Duration::ZERO).map(|_| ())
    }

    fn event(&mut self) -> Option<Event> {
        self.control(Request::Event).ok().and_then(decode_event)
    }

    fn status(&mut self) -> RadioStatus {
        let mut known = lock(&self.0.status);
        if let Ok([underflows, overflows, late_bursts, lost_samples]) = self.control(Request::Status) {
            *known = RadioStatus { underflows, overflows, late_bursts, lost_samples };
        }
        *known
    }

    fn waits_for(&mut self) -> Option<String> {
        lock(&self.0.control).name(&Request::WaitsFor).ok().flatten()
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        // The server answers when the place is free again; if it does not, it is gone itself.
        _ = lock(&self.control).ask(&Request::Leave, &[], Duration::ZERO);
    }
}

/// Returns the frame that begins a conversation.
fn hello((role, token): (u64, u64)) -> Head {
    Head::new(super::wire::kind::HELLO, [MAGIC, VERSION, role, token])
}
