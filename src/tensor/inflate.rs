//! Deflated members (RFC 1951), inflated as they are read.

use std::fmt;
use std::io::{self, Read};

use miniz_oxide::inflate::stream::{InflateState, inflate};
use miniz_oxide::{DataFormat, MZError, MZFlush, MZStatus};

use super::crc32::Crc32;
use super::input::Section;

/// One byte of deflate stands for at most 1032 bytes: a code of 2 bits gives at most 258.
const LARGEST_RATIO: u64 = 1032;

/// Tells whether so few deflated bytes can inflate to so many.
pub(super) fn plausible(packed: u64, unpacked: u64) -> bool {
    unpacked <= packed.saturating_mul(LARGEST_RATIO)
}

/// Inflates one stretch of a file.
pub(super) struct Inflater<'a> {
    section: Section<'a>,
    state: Box<InflateState>,
    buffer: Box<[u8]>,
    /// The part of the buffer that is not yet inflated.
    begin: usize,
    end: usize,
    done: bool,
    crc: Crc32,
}

impl fmt::Debug for Inflater<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inflater").field("section", &self.section).finish_non_exhaustive()
    }
}

impl<'a> Inflater<'a> {
    pub(super) fn new(section: Section<'a>) -> Self {
        Self {
            section,
            state: InflateState::new_boxed(DataFormat::Raw),
            buffer: vec![0; 1 << 15].into_boxed_slice(),
            begin: 0,
            end: 0,
            done: false,
            crc: Crc32::new(),
        }
    }

    /// Gives the CRC-32 of all that was read so far.
    pub(super) fn crc(&self) -> u32 {
        self.crc.value()
    }
}

impl Read for Inflater<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while !self.done && !out.is_empty() {
            if self.begin == self.end {
                self.begin = 0;
                self.end = self.section.read(&mut self.buffer)?;
            }
            let waiting = &self.buffer[self.begin..self.end];
            let step = inflate(&mut self.state, waiting, out, MZFlush::None);
            self.begin += step.bytes_consumed;
            match step.status {
                Ok(MZStatus::StreamEnd) => self.done = true,
                Ok(_) | Err(MZError::Buf) if step.bytes_consumed + step.bytes_written > 0 => {}
                _ => return Err(invalid("the deflated bytes are broken or torn")),
            }
            if step.bytes_written > 0 {
                self.crc.update(&out[..step.bytes_written]);
                return Ok(step.bytes_written);
            }
        }
        Ok(0)
    }
}

fn invalid(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}
