//! What a node sends, on its way into the ether.

use super::config::Patience;
use super::request::{Asked, Request};
use super::samples;
use super::session::Hearing;
use super::shared::{SLICE, Shared};
use crate::error::RadioError;
use crate::ether::Attachment;
use crate::radio::Direction;
use airloop_baseband::{Complex32, SampleIndex};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

/// Pause after an answer without samples.
const PAUSE: Duration = Duration::from_millis(1);
/// Shortest time for a handshake.
const HANDSHAKE: Duration = Duration::from_millis(50);

/// Asks a node for samples and writes them as one burst that never ends.
pub struct FromNode<A> {
    attachment: A,
    request: Request,
    shared: Arc<Shared>,
    patience: Patience,
    /// When the node last delivered samples, or waited for others; before the first, when it began.
    last: Instant,
    /// Whether it ever did.
    ever: bool,
}

impl<A: Attachment> FromNode<A> {
    /// Makes the bridge of a place in the ether that is active.
    pub fn new(attachment: A, request: Request, shared: Arc<Shared>, patience: Patience) -> Self {
        Self { attachment, request, shared, patience, last: Instant::now(), ever: false }
    }

    /// Carries samples until it is stopped or the ether ends.
    pub fn run(mut self) {
        while !self.shared.is_stopped() {
            if let Err(error) = self.turn() {
                self.shared.end(&error);
            }
        }
    }

    fn turn(&mut self) -> Result<(), RadioError> {
        let transmits = self.shared.lock().report.transmits;
        let patience = if self.ever { self.patience.usual } else { self.patience.start };
        let now = Instant::now();
        // A handshake does not make the others wait for longer than the node itself may.
        let left = if transmits { self.last + patience } else { now + self.patience.usual };
        let connected = self.request.is_connected();
        match self.request.poll(SLICE, left.clamp(now + HANDSHAKE, now + self.patience.usual.max(HANDSHAKE)))
        {
            Asked::Nothing => {}
            Asked::Connected => {
                let report = &mut self.shared.lock().report;
                report.transmitter_connected = true;
                report.transmitter_connections += 1;
            }
            Asked::Lost(broken) => {
                if connected {
                    self.shared.lock().transmitter_lost();
                }
                self.shared.trouble(&broken);
            }
            Asked::Answer(bytes) => self.deliver(&bytes)?,
        }
        if transmits && self.last.elapsed() > SLICE {
            if self.is_excused()? {
                self.last = Instant::now();
            } else if self.last.elapsed() > patience {
                self.leave()?;
            }
        }
        Ok(())
    }

    /// Returns whether the node has sent more than others have, and waits for them itself.
    fn is_excused(&mut self) -> Result<bool, RadioError> {
        let now = self.attachment.now()?;
        let session = self.shared.lock();
        Ok(session.asks && session.report.transmit_index > now)
    }

    fn deliver(&mut self, bytes: &[u8]) -> Result<(), RadioError> {
        let Some(samples) = samples::read(bytes) else {
            self.request.hang_up();
            self.shared.lock().transmitter_lost();
            let length = bytes.len();
            self.shared.refuse(format!("a message of {length} bytes: samples of 8 bytes each are expected"));
            return Ok(());
        };
        if samples.is_empty() {
            thread::park_timeout(PAUSE);
            return Ok(());
        }
        let goes_on = {
            let session = self.shared.lock();
            session.report.transmits && !session.transmitter_anew
        };
        if !goes_on {
            self.resume()?;
        }
        self.write(&samples)?;
        (self.last, self.ever) = (Instant::now(), true);
        Ok(())
    }

    fn write(&mut self, samples: &[Complex32]) -> Result<(), RadioError> {
        let mut rest = samples;
        while !rest.is_empty() && !self.shared.is_stopped() {
            let at = self.shared.lock().report.transmit_index;
            match self.attachment.write(0, (Some(at), rest, false), SLICE) {
                Ok(0) => self.request.attend(),
                Ok(count) => {
                    rest = &rest[count..];
                    let report = &mut self.shared.lock().report;
                    report.transmit_index += count as u64;
                    report.delivered_samples += count as u64;
                }
                // Only the wall's clock does not wait.
                Err(RadioError::Late { .. }) => {
                    self.leave()?;
                    self.resume()?;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Lets time go on without the node.
    fn leave(&mut self) -> Result<(), RadioError> {
        self.attachment.deactivate(Direction::Transmit)?;
        let report = &mut self.shared.lock().report;
        report.transmits = false;
        report.timeouts += 1;
        Ok(())
    }

    /// Lets the node go on, or begin, where time is now.
    fn resume(&mut self) -> Result<(), RadioError> {
        let (transmits, index) = {
            let report = &self.shared.lock().report;
            (report.transmits, report.transmit_index)
        };
        let at = if transmits { index } else { hold(&mut self.attachment, None)? };
        let mut session = self.shared.lock();
        // Time stands at this index until samples are written, so that nothing after it is missed.
        if let Hearing::From(target) = session.resume(at) {
            let first = if session.report.receives {
                self.attachment.skip(0, target)?;
                target
            } else {
                self.attachment.activate(Direction::Receive, Some(target))?
            };
            session.hear_from(target, first);
        }
        self.shared.changed();
        Ok(())
    }
}

/// Begins a burst, at an index or now, without any samples as yet: time waits for them there. Returns the index.
pub fn hold(attachment: &mut impl Attachment, at: Option<SampleIndex>) -> Result<SampleIndex, RadioError> {
    let (mut at, mut margin) = (attachment.activate(Direction::Transmit, at)?, 0);
    loop {
        match attachment.write(0, (Some(at), &[], false), Duration::ZERO) {
            Ok(_) => return Ok(at),
            // Time has gone on in between.
            Err(RadioError::Late { now, .. }) => {
                margin = 2 * margin + 1024;
                at = now + margin;
            }
            Err(error) => return Err(error),
        }
    }
}
