//! The side that answers: a node's receiver connects to it, now and again after it was away. One is served at a time.

use super::config::Endpoint;
use super::zmtp::{Broken, Connection, SocketType};
use std::collections::VecDeque;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Longest question; srsRAN asks with one byte.
const MOST_QUESTION_BYTES: usize = 256;
/// Most questions that are open; request sockets have one, unless they are told to ask again.
const MOST_QUESTIONS: usize = 16;
/// Most handshakes at a time.
const MOST_HANDSHAKES: usize = 16;
/// Pause after the system gave no connection.
const PAUSE: Duration = Duration::from_millis(20);

/// What turned up.
#[derive(Debug)]
pub enum Turned {
    /// Nothing yet.
    Nothing,
    /// A peer that shook hands.
    Connected,
    /// A question, which is open until it is answered.
    Question,
    /// The peer is gone.
    Lost(Broken),
}

/// A reply socket.
#[derive(Debug)]
pub struct Reply {
    acceptor: Acceptor,
    connection: Option<Connection>,
    /// Envelopes of the questions that are open.
    open: VecDeque<Vec<u8>>,
    /// When the peer last asked, was answered, or came.
    heard: Instant,
    /// How long a peer may say nothing before another that waits takes its place.
    patience: Duration,
}

impl Reply {
    /// Binds a socket; `refuse` is told whom it turns away.
    ///
    /// # Errors
    /// When it cannot be bound, or there is no thread.
    pub fn bind(
        endpoint: &Endpoint,
        patience: Duration,
        refuse: impl Fn(Broken) + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let acceptor = Acceptor::new(TcpListener::bind(endpoint.address())?, patience, refuse)?;
        Ok(Self { acceptor, connection: None, open: VecDeque::new(), heard: Instant::now(), patience })
    }

    /// Returns where it is bound.
    pub fn address(&self) -> SocketAddr {
        self.acceptor.address
    }

    /// Returns how long ago the peer last asked, was answered, or came.
    pub fn silence(&self) -> Duration {
        self.heard.elapsed()
    }

    /// Returns whether a question is open.
    pub fn is_asked(&self) -> bool {
        !self.open.is_empty()
    }

    /// Waits for a peer, or for its question.
    pub fn poll(&mut self, wait: Duration) -> Turned {
        let until = Instant::now() + wait;
        let silent = self.open.is_empty() && self.heard.elapsed() > self.patience;
        if silent && let Ok(next) = self.acceptor.waiting.try_recv() {
            return self.seat(next);
        }
        let Some(connection) = &mut self.connection else {
            return match self.acceptor.waiting.recv_timeout(wait) {
                Ok(next) => self.seat(next),
                Err(RecvTimeoutError::Timeout) => Turned::Nothing,
                Err(RecvTimeoutError::Disconnected) => {
                    thread::park_timeout(wait);
                    Turned::Nothing
                }
            };
        };
        let question = match connection.flush(until) {
            Ok(true) => connection.poll_message(MOST_QUESTION_BYTES, until),
            Ok(false) => Ok(None),
            Err(broken) => Err(broken),
        };
        match question {
            Ok(None) => Turned::Nothing,
            Ok(Some(message)) => {
                self.heard = Instant::now();
                self.open.push_back(message.envelope);
                Turned::Question
            }
            Err(broken) => self.lose(broken),
        }
    }

    /// Answers the first open question with so many bytes, which `put` writes. What the peer does not take at once is sent later.
    pub fn answer(&mut self, length: usize, put: impl FnOnce(&mut Vec<u8>)) -> Turned {
        let (Some(connection), Some(envelope)) = (&mut self.connection, self.open.pop_front()) else {
            return Turned::Nothing;
        };
        self.heard = Instant::now();
        connection.queue(&envelope, length, put);
        match connection.flush(Instant::now()) {
            Ok(_) => Turned::Nothing,
            Err(broken) => self.lose(broken),
        }
    }

    /// Attends to the peer while its question is open: answers its heartbeats, and looks whether it is still there.
    pub fn attend(&mut self) -> Turned {
        let Some(connection) = &mut self.connection else { return Turned::Nothing };
        match connection.attend(MOST_QUESTION_BYTES) {
            Ok(None) => Turned::Nothing,
            Ok(Some(_)) if self.open.len() == MOST_QUESTIONS => {
                self.lose(Broken::Rubbish("many questions before an answer"))
            }
            Ok(Some(message)) => {
                self.open.push_back(message.envelope);
                Turned::Nothing
            }
            Err(broken) => self.lose(broken),
        }
    }

    fn seat(&mut self, next: Connection) -> Turned {
        self.open.clear();
        (self.connection, self.heard) = (Some(next), Instant::now());
        Turned::Connected
    }

    fn lose(&mut self, broken: Broken) -> Turned {
        self.open.clear();
        self.connection = None;
        Turned::Lost(broken)
    }
}

/// A thread that lets in whoever connects and shakes hands.
#[derive(Debug)]
struct Acceptor {
    address: SocketAddr,
    waiting: Receiver<Connection>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Acceptor {
    fn new(
        listener: TcpListener,
        patience: Duration,
        refuse: impl Fn(Broken) + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let (sender, waiting) = sync_channel(1);
        let stop = Arc::new(AtomicBool::new(false));
        let end = Arc::clone(&stop);
        let door = Arc::new(Door { waiting: sender, patience, refuse, within: AtomicUsize::new(0) });
        let accept = move || {
            while !end.load(Ordering::Acquire) {
                match listener.accept() {
                    // The last one only ends the wait.
                    Ok(_) if end.load(Ordering::Acquire) => {}
                    Ok((stream, _)) => door.open(stream),
                    Err(_) => thread::park_timeout(PAUSE),
                }
            }
        };
        let thread = Some(thread::Builder::new().name("zmq-accept".into()).spawn(accept)?);
        Ok(Self { address, waiting, stop, thread })
    }
}

/// Where handshakes are: those that hang do not keep others out.
struct Door<F> {
    waiting: SyncSender<Connection>,
    patience: Duration,
    refuse: F,
    /// Handshakes at this time.
    within: AtomicUsize,
}

impl<F: Fn(Broken) + Send + Sync + 'static> Door<F> {
    fn open(self: &Arc<Self>, stream: TcpStream) {
        if self.within.fetch_add(1, Ordering::AcqRel) < MOST_HANDSHAKES {
            let door = Arc::clone(self);
            let welcome = move || {
                door.welcome(stream).unwrap_or_else(&door.refuse);
                door.within.fetch_sub(1, Ordering::AcqRel);
            };
            match thread::Builder::new().name("zmq-handshake".into()).spawn(welcome) {
                Ok(_) => return,
                Err(error) => (self.refuse)(error.into()),
            }
        } else {
            (self.refuse)(Broken::Crowd);
        }
        self.within.fetch_sub(1, Ordering::AcqRel);
    }

    /// Shakes hands with a peer and lets it wait for its turn. While another waits, it has to come again.
    fn welcome(&self, stream: TcpStream) -> Result<(), Broken> {
        let connection = Connection::shake(stream, SocketType::Reply, Instant::now() + self.patience)?;
        match self.waiting.try_send(connection) {
            Err(TrySendError::Full(_)) => Err(Broken::Crowd),
            Ok(()) | Err(TrySendError::Disconnected(_)) => Ok(()),
        }
    }
}

impl Drop for Acceptor {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        let mut address = self.address;
        if address.ip().is_unspecified() {
            address.set_ip(if address.is_ipv4() {
                Ipv4Addr::LOCALHOST.into()
            } else {
                Ipv6Addr::LOCALHOST.into()
            });
        }
        // Accepting ends with a connection.
        let woken = TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_ok();
        if let Some(thread) = self.thread.take().filter(|_| woken) {
            let _ = thread.join();
        }
    }
}
