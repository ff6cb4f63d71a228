//! An ether served to other processes.

mod connection;
mod host;
mod session;
mod socket;

use super::metrics::EtherMetrics;
use crate::error::RadioError;
use airloop_baseband::Transport;
use connection::converse;
use host::Host;
use serde::Serialize;
use session::Session;
use socket::Socket;
use std::collections::HashMap;
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::local::Ether;
use super::wire::Broken;

/// How long a client may take for a frame that it has begun, or for one that it is given.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often what waits looks whether its client is still there.
const SLICE: Duration = Duration::from_millis(40);
/// How long who accepts waits before it looks again.
const PACE: Duration = Duration::from_millis(1);
/// Most connections at a time.
const MOST_CONNECTIONS: usize = 1024;

/// Connections that were given up, by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Dropped {
    /// What came was no frame of ours, or lied.
    pub rubbish: u64,
    /// They spoke another version.
    pub other_version: u64,
    /// A frame was begun and not ended.
    pub silent: u64,
    /// Answers were not read.
    pub unread: u64,
    /// Too many at a time, or the system refused.
    pub refused: u64,
}

/// What all threads of a server share.
struct Shared {
    host: Box<dyn Host>,
    patience: Duration,
    stop: AtomicBool,
    /// Open connections by number.
    open: Mutex<HashMap<u64, UnixStream>>,
    closed: Condvar,
    /// Radios by token.
    sessions: Mutex<HashMap<u64, Arc<Session>>>,
    dropped: Mutex<Dropped>,
    count: AtomicU64,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

impl Shared {
    /// Returns whether the service has ended.
    fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Acquire)
    }

    fn note(&self, broken: &Broken) {
        let mut dropped = lock(&self.dropped);
        match broken {
            Broken::Closed => {}
            Broken::Rubbish => dropped.rubbish += 1,
            Broken::Version(_) => dropped.other_version += 1,
            Broken::Silent => dropped.silent += 1,
            Broken::Unread => dropped.unread += 1,
            Broken::Io(_) => dropped.refused += 1,
        }
    }

    /// Speaks with a client in a thread of its own.
    fn welcome(self: &Arc<Self>, socket: UnixStream) {
        let Ok(handle) = socket.try_clone() else {
            return self.note(&Broken::Io(std::io::Error::last_os_error()));
        };
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        {
            let mut open = lock(&self.open);
            if open.len() >= MOST_CONNECTIONS {
                lock(&self.dropped).refused += 1;
                return;
            }
            open.insert(number, handle);
        }
        let visit = Visit { shared: Arc::clone(self), number };
        let thread = thread::Builder::new().name(format!("ether client {number}"));
        let spawned = thread.spawn(move || {
            if let Err(broken) = converse(&visit.shared, socket) {
                visit.shared.note(&broken);
            }
        });
        if let Err(error) = spawned {
            self.note(&Broken::Io(error));
        }
    }
}

/// A connection for as long as it is open.
struct Visit {
    shared: Arc<Shared>,
    number: u64,
}

impl Drop for Visit {
    fn drop(&mut self) {
        lock(&self.shared.open).remove(&self.number);
        self.shared.closed.notify_all();
    }
}

/// An ether served at a unix socket, whose file permissions say who may come: the user alone, unless they are changed.
///
/// A radio whose process ends gives up its place at once; its name and ports are free when what it has written has gone out, which
/// before time begins has to wait. Dropping the server ends the service: radios of other processes find their ether ended, and the socket's file is gone.
pub struct EtherServer {
    shared: Arc<Shared>,
    socket: Socket,
    threads: Vec<JoinHandle<()>>,
}

impl EtherServer {
    /// Serves an ether at a path.
    ///
    /// # Errors
    /// [`RadioError::Socket`] when the path is served already, is no socket, or cannot be made.
    pub fn bind<T>(path: impl AsRef<Path>, ether: Ether<T>) -> Result<Self, RadioError>
    where
        T: Transport<Error: std::error::Error> + Send + 'static,
    {
        Self::bind_with(path, ether, PATIENCE)
    }

    /// Serves an ether at a path; clients have so long for a frame that they have begun, or for one that they are given.
    ///
    /// # Errors
    /// [`RadioError::Socket`] when the path is served already, is no socket, or cannot be made.
    pub fn bind_with<T>(
        path: impl AsRef<Path>,
        ether: Ether<T>,
        patience: Duration,
    ) -> Result<Self, RadioError>
    where
        T: Transport<Error: std::error::Error> + Send + 'static,
    {
        let (socket, listener) = Socket::claim(path.as_ref())?;
        ether.keep_time()?;
        let shared = Arc::new(Shared {
            host: Box::new(ether),
            patience,
            stop: AtomicBool::new(false),
            open: Mutex::default(),
            closed: Condvar::new(),
            sessions: Mutex::default(),
            dropped: Mutex::default(),
            count: AtomicU64::new(0),
        });
        let mut server = Self { shared: Arc::clone(&shared), socket, threads: Vec::new() };
        let refused = |error| server_refused(path.as_ref(), &error);
        let accepting = Arc::clone(&shared);
        let accept = move || {
            while !accepting.is_stopped() {
                match listener.accept() {
                    Ok((socket, _)) => accepting.welcome(socket),
                    // The time-out of the listener, or too many files: time for those that are open to close.
                    Err(_) => thread::sleep(PACE),
                }
            }
        };
        let name = |name: &str| thread::Builder::new().name(name.into());
        server.threads.push(name("ether accept").spawn(accept).map_err(refused)?);
        Ok(server)
    }

    /// Returns the socket's path.
    pub fn path(&self) -> &Path {
        self.socket.path()
    }

    /// Returns how far time and every radio are.
    pub fn metrics(&self) -> EtherMetrics {
        self.shared.host.metrics()
    }

    /// Returns the connections that were given up.
    pub fn dropped(&self) -> Dropped {
        *lock(&self.shared.dropped)
    }

    /// Returns how many connections are open.
    pub fn connections(&self) -> usize {
        lock(&self.shared.open).len()
    }
}

fn server_refused(path: &Path, error: &std::io::Error) -> RadioError {
    RadioError::Socket { path: path.into(), reason: format!("the system refuses a thread: {error}") }
}

impl Drop for EtherServer {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Release);
        self.socket.wake();
        // Who waits in the ether looks up every slice; who waits for its client is woken by the socket.
        self.threads.drain(..).for_each(|thread| _ = thread.join());
        let mut open = lock(&self.shared.open);
        while !open.is_empty() {
            open.values().for_each(|socket| _ = socket.shutdown(Shutdown::Both));
            let waited = self.shared.closed.wait_timeout(open, SLICE);
            open = waited.unwrap_or_else(std::sync::PoisonError::into_inner).0;
        }
    }
}
