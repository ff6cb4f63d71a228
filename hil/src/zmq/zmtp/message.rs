//! Messages of request and reply sockets: an envelope that ends with an empty frame, then what is said.

use super::broken::Broken;
use super::frame::{Frame, Kind, put_head};

/// Longest envelope that is taken, in bytes.
const MOST_ENVELOPE_BYTES: usize = 1024;
/// Most frames of what is said.
const MOST_FRAMES: usize = 1 << 16;

/// A message that has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// The envelope as frames, which a reply begins with; the empty frame is its end.
    pub envelope: Vec<u8>,
    /// What is said, in one piece whatever frames it came in.
    pub body: Vec<u8>,
}

/// Puts messages together.
#[derive(Debug, Default)]
pub struct Gatherer {
    message: Message,
    /// Whether the envelope has ended.
    enclosed: bool,
    frames: usize,
}

impl Gatherer {
    /// Returns how many bytes of what is said are there.
    pub fn len(&self) -> usize {
        self.message.body.len()
    }

    /// Adds a frame; returns the message when it is the last.
    ///
    /// # Errors
    /// When the message has no envelope, or too long a one, or too many frames.
    pub fn add(&mut self, frame: Frame) -> Result<Option<Message>, Broken> {
        let last = frame.kind == Kind::Last;
        if !self.enclosed {
            if last {
                return Err(Broken::Rubbish("a message without an empty frame before it"));
            }
            let envelope = &mut self.message.envelope;
            put_head(envelope, Kind::More, frame.body.len());
            envelope.extend_from_slice(&frame.body);
            self.enclosed = frame.body.is_empty();
            return match envelope.len() > MOST_ENVELOPE_BYTES {
                true => Err(Broken::Rubbish("a message without an empty frame at its beginning")),
                false => Ok(None),
            };
        }
        self.frames += 1;
        if self.frames > MOST_FRAMES {
            return Err(Broken::Rubbish("a message of more than 65536 frames"));
        }
        match self.message.body.is_empty() {
            true => self.message.body = frame.body,
            false => self.message.body.extend_from_slice(&frame.body),
        }
        Ok(last.then(|| std::mem::take(self).message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gather(frames: &[(Kind, &[u8])]) -> Result<Vec<Message>, Broken> {
        let (mut gatherer, mut messages) = (Gatherer::default(), Vec::new());
        for (kind, body) in frames {
            messages.extend(gatherer.add(Frame { kind: *kind, body: body.to_vec() })?);
        }
        Ok(messages)
    }

    #[test]
    fn what_is_said_is_one_piece_whatever_frames_it_came_in() {
        let empty: (Kind, &[u8]) = (Kind::More, b"");
        let whole = gather(&[empty, (Kind::Last, b"abcdef")]).unwrap();
        assert_eq!(whole, [Message { envelope: vec![1, 0], body: b"abcdef".to_vec() }]);
        let parts = [empty, (Kind::More, b"ab"), empty, (Kind::More, b"cde"), (Kind::Last, b"f")];
        assert_eq!(gather(&parts).unwrap(), whole);
        // An address before the empty frame, as proxies put it, is part of the envelope.
        let addressed = gather(&[(Kind::More, b"xy"), empty, (Kind::Last, b"")]).unwrap();
        assert_eq!(addressed, [Message { envelope: vec![1, 2, b'x', b'y', 1, 0], body: vec![] }]);
    }

    #[test]
    fn messages_without_an_envelope_are_refused() {
        assert!(gather(&[(Kind::Last, b"abc")]).is_err());
        assert!(gather(&[(Kind::Last, b"")]).is_err());
        assert!(gather(&vec![(Kind::More, b"abc".as_slice()); 400]).is_err());
        assert!(gather(&vec![(Kind::More, b"".as_slice()); MOST_FRAMES + 2]).is_err());
    }
}
