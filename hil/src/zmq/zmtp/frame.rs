//! Frames: what follows a greeting.
//!
//! ```text
//! flags  length in 1 byte, or in 8 in network order if LONG  body
//! flags: bit 0 MORE, bit 1 LONG, bit 2 COMMAND, others 0
//! ```

use super::broken::Broken;
use std::io::{ErrorKind, Read};

const MORE: u8 = 1;
const LONG: u8 = 2;
const COMMAND: u8 = 4;

/// Longest command that is taken, in bytes.
pub const MOST_COMMAND_BYTES: usize = 8192;

/// Bytes for which there is room before any has come.
const FIRST_BYTES: usize = 1 << 16;

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A command.
    Command,
    /// A part of a message, with more to follow.
    More,
    /// The last part of a message.
    Last,
}

/// A frame that has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// What it is.
    pub kind: Kind,
    /// What it carries.
    pub body: Vec<u8>,
}

/// Writes the head of a frame whose body has so many bytes.
pub fn put_head(out: &mut Vec<u8>, kind: Kind, length: usize) {
    let flags = match kind {
        Kind::Command => COMMAND,
        Kind::More => MORE,
        Kind::Last => 0,
    };
    match u8::try_from(length) {
        Ok(length) => out.extend_from_slice(&[flags, length]),
        Err(_) => {
            out.push(flags | LONG);
            out.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
}

/// What one look at a source gave.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// A whole frame.
    Frame(Frame),
    /// Some of one.
    Part,
    /// Nothing for now.
    Nothing,
}

/// Reads frames from a source that may stop anywhere for a while.
#[derive(Debug, Default)]
pub struct FrameReader {
    head: [u8; 9],
    /// Bytes of the head that are there.
    headed: usize,
    body: Vec<u8>,
}

impl FrameReader {
    /// Reads once; a message's frame has at most `most` bytes. The source is only asked for what belongs to the frame.
    ///
    /// # Errors
    /// When the source ends or fails, or the frame is none or too long; the source is then useless.
    pub fn step(&mut self, source: &mut impl Read, most: usize) -> Result<Step, Broken> {
        let (kind, length) = match self.head()? {
            Ok(head) => head,
            Err(missing) => {
                let Some(count) = read(source, &mut self.head[self.headed..self.headed + missing])? else {
                    return Ok(Step::Nothing);
                };
                self.headed += count;
                match self.head()? {
                    Ok((kind, 0)) => return Ok(self.whole(kind)),
                    _ => return Ok(Step::Part),
                }
            }
        };
        let most = if kind == Kind::Command { MOST_COMMAND_BYTES } else { most };
        if length > most as u64 {
            return Err(Broken::TooLong { bytes: length, most });
        }
        // What is announced counts for nothing: room grows with what has come.
        let (there, length) = (self.body.len(), length as usize);
        let room = (length - there).min(there.max(FIRST_BYTES));
        self.body.resize(there + room, 0);
        let count = read(source, &mut self.body[there..]);
        self.body.truncate(there + *count.as_ref().ok().and_then(Option::as_ref).unwrap_or(&0));
        match count? {
            None => Ok(Step::Nothing),
            Some(_) if self.body.len() == length => Ok(self.whole(kind)),
            Some(_) => Ok(Step::Part),
        }
    }

    /// Returns kind and length of the body once the head is there, or how many bytes of it are missing.
    fn head(&self) -> Result<Result<(Kind, u64), usize>, Broken> {
        let flags = self.head[0];
        let whole = if self.headed > 0 && flags & LONG != 0 { 9 } else { 2 };
        if self.headed < whole {
            // The length's width is not known before the flags.
            return Ok(Err(if self.headed == 0 { 1 } else { whole - self.headed }));
        }
        let kind = match flags & !LONG {
            0 => Kind::Last,
            MORE => Kind::More,
            COMMAND => Kind::Command,
            _ => return Err(Broken::Rubbish("a frame with flags that do not exist")),
        };
        let long = self.head[1..].first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes));
        Ok(Ok((kind, if whole == 9 { long } else { u64::from(self.head[1]) })))
    }

    fn whole(&mut self, kind: Kind) -> Step {
        self.headed = 0;
        Step::Frame(Frame { kind, body: std::mem::take(&mut self.body) })
    }
}

/// Reads what is there; `None` is nothing for now.
fn read(source: &mut impl Read, out: &mut [u8]) -> Result<Option<usize>, Broken> {
    match source.read(out) {
        Ok(0) => Err(Broken::Closed),
        Ok(count) => Ok(Some(count)),
        Err(error) => match error.kind() {
            ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted => Ok(None),
            _ => Err(error.into()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives its bytes one at a time, and nothing in between.
    struct Drops<'a>(&'a [u8], bool);

    impl Read for Drops<'_> {
        fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
            self.1 = !self.1;
            if self.1 {
                return Err(ErrorKind::WouldBlock.into());
            }
            let count = self.0.len().min(1);
            out[..count].copy_from_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            Ok(count)
        }
    }

    fn all(source: &mut impl Read, most: usize) -> (Vec<Frame>, Broken) {
        let (mut reader, mut frames) = (FrameReader::default(), Vec::new());
        loop {
            match reader.step(source, most) {
                Ok(Step::Frame(frame)) => frames.push(frame),
                Ok(Step::Part | Step::Nothing) => {}
                Err(end) => return (frames, end),
            }
        }
    }

    #[test]
    fn frames_are_those_of_the_specification() {
        // By the grammar of 23/ZMTP: short, long, with more to follow, a command.
        let mut bytes = vec![0x00, 3, b'a', b'b', b'c', 0x01, 0, 0x04, 1, b'x'];
        bytes.extend_from_slice(&[0x02, 0, 0, 0, 0, 0, 0, 1, 0]);
        bytes.extend_from_slice(&[7; 256]);
        let frame = |kind, body: &[u8]| Frame { kind, body: body.to_vec() };
        let expected = [
            frame(Kind::Last, b"abc"),
            frame(Kind::More, b""),
            frame(Kind::Command, b"x"),
            frame(Kind::Last, &[7; 256]),
        ];
        for (frames, end) in [all(&mut bytes.as_slice(), 256), all(&mut Drops(&bytes, false), 256)] {
            assert_eq!(frames, expected);
            assert!(matches!(end, Broken::Closed));
        }
        let mut written = Vec::new();
        for frame in &expected {
            put_head(&mut written, frame.kind, frame.body.len());
            written.extend_from_slice(&frame.body);
        }
        assert_eq!(written, bytes);
    }

    #[test]
    fn lengths_that_lie_take_no_memory() {
        let mut reader = FrameReader::default();
        let mut source: &[u8] = &[0x02, 0, 0, 0, 0, 0x7F, 0, 0, 0, 1, 2, 3];
        while !source.is_empty() {
            assert_eq!(reader.step(&mut source, usize::MAX).unwrap(), Step::Part);
        }
        assert!(reader.body.len() == 3 && reader.body.capacity() <= 2 * FIRST_BYTES);
        let (_, end) = all(&mut [0x02, 0xFF, 0, 0, 0, 0, 0, 0, 0].as_slice(), 100);
        assert!(matches!(end, Broken::TooLong { bytes, most: 100 } if bytes == 0xFF << 56));
        let (_, end) = all(&mut [0x06, 0, 0, 0, 0, 0, 0, 0x20, 1].as_slice(), 1 << 20);
        assert!(matches!(end, Broken::TooLong { bytes: 8193, most: 8192 }));
    }

    #[test]
    fn flags_that_do_not_exist_are_refused() {
        for flags in (0..=255u8).filter(|flags| ![0, 1, 2, 3, 4, 6].contains(flags)) {
            let (frames, end) = all(&mut [flags; 9].as_slice(), 100);
            assert!(frames.is_empty() && matches!(end, Broken::Rubbish(_)), "{flags}");
        }
    }
}
