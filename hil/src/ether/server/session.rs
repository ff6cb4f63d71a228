//! A radio of another process, from its first connection to its last.

use super::lock;
use crate::ether::Attachment;
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex};
use std::time::Duration;

/// Connections of one radio: when one of them ends, all end.
#[derive(Default)]
pub struct Session {
    gone: AtomicBool,
    inner: Mutex<Inner>,
    left: Condvar,
}

#[derive(Default)]
struct Inner {
    sockets: Vec<UnixStream>,
    /// The place, for what is written and for what is read, until the connection for it comes.
    seats: [Option<Box<dyn Attachment>>; 2],
    /// Connections that use a seat.
    seated: usize,
}

impl Session {
    /// Begins with the connection for control.
    pub fn new(control: UnixStream, [transmit, receive]: [Box<dyn Attachment>; 2]) -> Self {
        let inner = Inner { sockets: vec![control], seats: [Some(transmit), Some(receive)], seated: 0 };
        Self { inner: Mutex::new(inner), ..Self::default() }
    }

    /// Gives a connection one of the seats, unless it is taken or the radio is gone.
    pub fn sit(&self, seat: usize, socket: UnixStream) -> Option<Box<dyn Attachment>> {
        let mut inner = lock(&self.inner);
        let attachment = inner.seats[seat].take()?;
        inner.sockets.push(socket);
        inner.seated += 1;
        Some(attachment)
    }

    /// Notes that a connection has given up its seat.
    pub fn rise(&self) {
        lock(&self.inner).seated -= 1;
        self.left.notify_all();
    }

    /// Returns whether the radio is gone.
    pub fn is_gone(&self) -> bool {
        self.gone.load(Ordering::Relaxed)
    }

    /// Ends all connections. `control` is whether that for control is among them; else it ends itself, when the seats of the
    /// others are free, for which this waits.
    pub fn close(&self, control: bool) {
        if self.gone.swap(true, Ordering::Relaxed) && control {
            return;
        }
        let mut inner = lock(&self.inner);
        inner.seats = [None, None];
        let first = usize::from(!control);
        inner.sockets.iter().skip(first).for_each(|socket| _ = socket.shutdown(Shutdown::Both));
        while !control && inner.seated > 0 {
            let waited = self.left.wait_timeout(inner, Duration::from_millis(100));
            inner = waited.unwrap_or_else(std::sync::PoisonError::into_inner).0;
        }
    }
}
