//! One connection to a server: a request, its answer.

use super::hello;
use crate::error::RadioError;
use crate::ether::wire::{
    Broken, Frames, Head, MAGIC, MOST_SAMPLES, MOST_WORDS, Request, VERSION, decode_failure, kind,
};
use airloop_baseband::{Complex32, SampleIndex};
use std::io::ErrorKind;
use std::os::unix::fs::FileTypeExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a server may take for an answer, beyond what the request itself may wait.
const PATIENCE: Duration = Duration::from_secs(5);

/// A connection to a server.
pub struct Connection {
    frames: Frames,
    path: PathBuf,
    radio: String,
    /// Why it is of no more use.
    broken: Option<String>,
}

impl Connection {
    /// Connects for a radio.
    pub fn open(path: &Path, radio: &str) -> Result<Self, RadioError> {
        let refused = |reason: String| RadioError::Socket { path: path.into(), reason };
        let socket = UnixStream::connect(path).map_err(|error| refused(reason(path, &error)))?;
        let frames = Frames::new(socket, PATIENCE).map_err(|broken| refused(words(&broken)))?;
        Ok(Self { frames, path: path.into(), radio: radio.into(), broken: None })
    }

    /// Says who speaks, and returns the answer.
    pub fn greet(&mut self, who: (u64, u64), wanted: &[u8]) -> Result<(Head, Vec<u8>), RadioError> {
        let (head, words) = self.greeting(hello(who), wanted).map_err(|broken| match broken {
            Broken::Rubbish => self.is_no_ether(),
            broken => self.refused(words(&broken)),
        })?;
        match head.kind {
            kind::DONE => Ok((head, words)),
            _ => Err(match decode_failure(&words) {
                Some(RadioError::Air(words)) => self.refused(words.to_string()),
                Some(error) => error,
                None => self.is_no_ether(),
            }),
        }
    }

    fn greeting(&mut self, hello: Head, wanted: &[u8]) -> Result<(Head, Vec<u8>), Broken> {
        let sent = self.frames.send(hello, wanted);
        // Who closes at once may have said why before.
        let head = match (self.frames.head(Some(PATIENCE)), sent) {
            (Err(_), Err(broken)) => return Err(broken),
            (head, _) => head?,
        };
        if head.values[0] != MAGIC || !matches!(head.kind, kind::DONE | kind::FAILED) {
            return Err(Broken::Rubbish);
        }
        if head.values[1] != VERSION {
            return Err(Broken::Version(head.values[1]));
        }
        let words = self.frames.words(&head, MOST_SAMPLES * size_of::<Complex32>())?;
        Ok((head, words))
    }

    /// Returns that what answers is no ether of ours.
    pub fn is_no_ether(&self) -> RadioError {
        self.refused("who answers there does not speak as an ether does".into())
    }

    fn refused(&self, reason: String) -> RadioError {
        RadioError::Socket { path: self.path.clone(), reason }
    }

    /// Sends a request and waits for its answer without a tail.
    pub fn ask(&mut self, request: &Request, tail: &[u8], wait: Duration) -> Result<Head, RadioError> {
        self.exchange(
            request,
            tail,
            wait,
            |_, head| if head.length == 0 { Ok(*head) } else { Err(Broken::Rubbish) },
        )
    }

    /// Sends a request whose answer is a name, or none.
    pub fn name(&mut self, request: &Request) -> Result<Option<String>, RadioError> {
        self.exchange(request, &[], Duration::ZERO, |frames, head| {
            let words = frames.words(head, MOST_WORDS)?;
            let name = String::from_utf8(words).map_err(|_| Broken::Rubbish)?;
            Ok((head.values[0] != 0).then_some(name))
        })
    }

    /// Sends a request whose answer is samples; returns the first one's index, how many they are, and how many were lost.
    pub fn hear(
        &mut self,
        request: &Request,
        out: &mut [Complex32],
        wait: Duration,
    ) -> Result<(SampleIndex, usize, u64), RadioError> {
        self.exchange(request, &[], wait, |frames, head| {
            let [start, count, lost, _] = head.values;
            let count = usize::try_from(count).map_err(|_| Broken::Rubbish)?;
            let out = out.get_mut(..count).ok_or(Broken::Rubbish)?;
            if head.length as usize != size_of_val(out) || start.checked_add(count as u64).is_none() {
                return Err(Broken::Rubbish);
            }
            frames.tail(bytemuck::cast_slice_mut(out))?;
            Ok((start, count, lost))
        })
    }

    /// Sends a request, and takes its answer; once something is wrong the connection is of no more use.
    fn exchange<R>(
        &mut self,
        request: &Request,
        tail: &[u8],
        wait: Duration,
        take: impl FnOnce(&mut Frames, &Head) -> Result<R, Broken>,
    ) -> Result<R, RadioError> {
        let ended =
            |radio: &str, reason: &str| RadioError::Ended { radio: radio.into(), reason: reason.into() };
        if let Some(reason) = &self.broken {
            return Err(ended(&self.radio, reason));
        }
        let frames = &mut self.frames;
        let attempt = || {
            frames.send(request.head(), tail)?;
            let head = frames.head(Some(wait.saturating_add(PATIENCE)))?;
            match head.kind {
                kind::DONE => take(frames, &head).map(Ok),
                kind::FAILED => {
                    let words = frames.words(&head, MOST_WORDS)?;
                    Ok(Err(decode_failure(&words).ok_or(Broken::Rubbish)?))
                }
                _ => Err(Broken::Rubbish),
            }
        };
        attempt().unwrap_or_else(|broken| {
            let reason = words(&broken);
            let error = ended(&self.radio, &reason);
            self.broken = Some(reason);
            Err(error)
        })
    }
}

/// Says why a connection is of no more use.
fn words(broken: &Broken) -> String {
    match broken {
        Broken::Closed => "its server has closed the connection".into(),
        Broken::Silent => "its server does not answer".into(),
        Broken::Unread => "its server does not read".into(),
        Broken::Rubbish => "its server does not speak as an ether does".into(),
        Broken::Version(version) => {
            format!(
                "its server speaks version {version} of the protocol, this radio speaks version {VERSION}"
            )
        }
        Broken::Io(error) => format!("the connection failed: {error}"),
    }
}

/// Says why a socket cannot be reached.
fn reason(path: &Path, error: &std::io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "there is no such socket: start its server first".into(),
        ErrorKind::ConnectionRefused if path.metadata().is_ok_and(|file| !file.file_type().is_socket()) => {
            "the file is no socket".into()
        }
        ErrorKind::ConnectionRefused => "nobody serves it any more".into(),
        ErrorKind::PermissionDenied => "its permissions keep this user out".into(),
        _ => format!("it cannot be reached: {error}"),
    }
}
