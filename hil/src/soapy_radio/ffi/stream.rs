//! Streams: reads with their flags and times, writes, and what became of them.

use super::device::Device;
use super::soapy;
use super::strings::{Map, check, last_error};
use crate::radio::Direction;
use crate::stream::{Piece, Read, Rows, Sink, Source, Trouble, code};
use airloop_baseband::Complex32;
use soapysdr_sys as c;
use std::ffi::{c_int, c_long, c_void};
use std::ptr::NonNull;

/// How long a read waits for samples, and a write for room, in microseconds.
const READ_US: c_long = 10_000;
const WRITE_US: c_long = 50_000;
/// Most words of a driver on what became of bursts at a time.
const MOST_WORDS: usize = 64;

const HAS_TIME: c_int = c::SOAPY_SDR_HAS_TIME as c_int;
const END_BURST: c_int = c::SOAPY_SDR_END_BURST as c_int;
const END_ABRUPT: c_int = c::SOAPY_SDR_END_ABRUPT as c_int;
const STREAM_ERROR: i32 = -2;

/// A stream of floats of some channels; it is stopped and closed when it is dropped.
struct Stream {
    device: Device,
    handle: NonNull<c::SoapySDRStream>,
    channels: usize,
}

// SAFETY: a stream is used by the one thread that owns it; it may move between calls.
unsafe impl Send for Stream {}

/// Addresses of samples by channel, for the length of a call.
struct Addresses(Box<[*mut c_void]>);

// SAFETY: they are set anew for each call, and followed by no other.
unsafe impl Send for Addresses {}

impl Addresses {
    fn new(channels: usize) -> Self {
        Self(vec![std::ptr::null_mut(); channels].into())
    }
}

/// When a stream begins: at once, or at a device time in nanoseconds.
type Activation = Option<i64>;

impl Stream {
    fn open(device: &Device, direction: Direction, channels: &[usize]) -> Result<Self, String> {
        let args = Map::new(&Vec::new())?;
        // SAFETY: the device is open; format, channels and arguments outlive the call.
        let handle = unsafe {
            c::SoapySDRDevice_setupStream(
                device.pointer(),
                soapy(direction),
                c"CF32".as_ptr(),
                channels.as_ptr(),
                channels.len(),
                &raw const args.0,
            )
        };
        let handle = NonNull::new(check(handle)?).ok_or("the driver gives no stream")?;
        Ok(Self { device: device.clone(), handle, channels: channels.len() })
    }

    fn mtu_samples(&self) -> usize {
        // SAFETY: device and stream are open.
        unsafe { c::SoapySDRDevice_getStreamMTU(self.device.pointer(), self.handle.as_ptr()) }.max(1)
    }

    fn activate(&self, at: Activation) -> Result<(), String> {
        let flags = if at.is_some() { HAS_TIME } else { 0 };
        let (device, stream) = (self.device.pointer(), self.handle.as_ptr());
        // SAFETY: device and stream are open.
        match unsafe { c::SoapySDRDevice_activateStream(device, stream, flags, at.unwrap_or(0), 0) } {
            0 => Ok(()),
            _ => Err(last_error()),
        }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        let (device, stream) = (self.device.pointer(), self.handle.as_ptr());
        // SAFETY: device and stream are open; closed once.
        unsafe {
            c::SoapySDRDevice_deactivateStream(device, stream, 0, 0);
            c::SoapySDRDevice_closeStream(device, stream);
        }
    }
}

/// A stream that receives.
pub(crate) struct Reader {
    stream: Stream,
    addresses: Addresses,
    /// Whether the driver's times are the device's.
    timed: bool,
    /// Whether a time has come.
    begun: bool,
}

impl Reader {
    /// Makes the stream of some channels, whose times count or not.
    pub fn open(device: &Device, channels: &[usize], timed: bool) -> Result<Self, String> {
        let stream = Stream::open(device, Direction::Receive, channels)?;
        Ok(Self { addresses: Addresses::new(stream.channels), stream, timed, begun: false })
    }

    /// Returns how many samples the driver moves at once.
    pub fn mtu_samples(&self) -> usize {
        self.stream.mtu_samples()
    }

    /// Lets samples flow.
    pub fn activate(&self, at: Activation) -> Result<(), String> {
        self.stream.activate(at)
    }
}

impl Source for Reader {
    fn read(&mut self, mut room: Rows<'_>) -> Result<Read, i32> {
        let (count, offsets) = (room.len(), room.offsets());
        let samples: &mut [Complex32] = room.samples();
        let base = samples.as_mut_ptr();
        for (address, offset) in self.addresses.0.iter_mut().zip(offsets) {
            debug_assert!(offset + count <= samples.len());
            // SAFETY: `offset + count` samples lie within the slice.
            *address = unsafe { base.add(offset) }.cast::<c_void>();
        }
        let (mut flags, mut ns) = (0, 0);
        let (device, stream) = (self.stream.device.pointer(), self.stream.handle.as_ptr());
        // SAFETY: as many addresses as channels, of room for `count` samples each, which nobody else uses meanwhile.
        let outcome = unsafe {
            let buffers = self.addresses.0.as_ptr();
            c::SoapySDRDevice_readStream(device, stream, buffers, count, &raw mut flags, &raw mut ns, READ_US)
        };
        let stamped = flags & HAS_TIME != 0;
        let is_first = self.timed && !self.begun;
        self.begun |= outcome > 0;
        match outcome {
            0.. if outcome as usize > count => Err(STREAM_ERROR),
            // Fragments may do without, but nobody could place the first.
            1.. if is_first && !stamped => Err(code::UNTIMED),
            0.. => Ok(Read::Samples {
                count: outcome as usize,
                ns: (self.timed && stamped).then_some(ns),
                abrupt: flags & END_ABRUPT != 0,
            }),
            c::SOAPY_SDR_TIMEOUT => Ok(Read::Timeout),
            // What was corrupt is missing too.
            c::SOAPY_SDR_OVERFLOW | c::SOAPY_SDR_CORRUPTION => Ok(Read::Lost),
            code => Err(code),
        }
    }
}

/// A stream that transmits.
pub(crate) struct Writer {
    stream: Stream,
    addresses: Addresses,
    zeros: Box<[Complex32]>,
    /// Whether the driver says what became of bursts.
    tells: bool,
    underflow: bool,
}

impl Writer {
    /// Makes the stream of some channels.
    pub fn open(device: &Device, channels: &[usize]) -> Result<Self, String> {
        let stream = Stream::open(device, Direction::Transmit, channels)?;
        Ok(Self {
            addresses: Addresses::new(stream.channels),
            zeros: vec![Complex32::default(); stream.mtu_samples()].into(),
            stream,
            tells: true,
            underflow: false,
        })
    }

    /// Lets samples flow.
    pub fn activate(&self, at: Activation) -> Result<(), String> {
        self.stream.activate(at)
    }
}

impl Sink for Writer {
    fn most_samples(&self) -> usize {
        self.zeros.len()
    }

    fn write(&mut self, piece: Piece<'_>) -> Result<usize, i32> {
        let count = piece.samples.len().min(self.zeros.len());
        for (channel, address) in self.addresses.0.iter_mut().enumerate() {
            let samples = if channel == piece.channel { piece.samples } else { &self.zeros };
            *address = samples.as_ptr().cast_mut().cast::<c_void>();
        }
        let last = piece.last && count == piece.samples.len();
        let mut flags = if piece.at_ns.is_some() { HAS_TIME } else { 0 } | if last { END_BURST } else { 0 };
        let (device, stream) = (self.stream.device.pointer(), self.stream.handle.as_ptr());
        // SAFETY: as many addresses as channels, of `count` samples each that outlive the call and are only read.
        let outcome = unsafe {
            let buffers = self.addresses.0.as_ptr().cast::<*const c_void>();
            let at_ns = piece.at_ns.unwrap_or(0);
            c::SoapySDRDevice_writeStream(device, stream, buffers, count, &raw mut flags, at_ns, WRITE_US)
        };
        match outcome {
            0.. if outcome as usize > count => Err(STREAM_ERROR),
            0.. => Ok(outcome as usize),
            c::SOAPY_SDR_TIMEOUT => Ok(0),
            c::SOAPY_SDR_UNDERFLOW => {
                self.underflow = true;
                Ok(0)
            }
            code => Err(code),
        }
    }

    fn trouble(&mut self) -> Option<Trouble> {
        if std::mem::take(&mut self.underflow) {
            return Some(Trouble::Underflow);
        }
        for _ in 0..MOST_WORDS {
            if !self.tells {
                return None;
            }
            let (mut mask, mut flags, mut ns) = (0, 0, 0);
            let (device, stream) = (self.stream.device.pointer(), self.stream.handle.as_ptr());
            // SAFETY: device and stream are open; the call writes three values.
            let outcome = unsafe {
                c::SoapySDRDevice_readStreamStatus(
                    device,
                    stream,
                    &raw mut mask,
                    &raw mut flags,
                    &raw mut ns,
                    0,
                )
            };
            match outcome {
                // A burst that ended well.
                0 => {}
                c::SOAPY_SDR_UNDERFLOW => return Some(Trouble::Underflow),
                c::SOAPY_SDR_TIME_ERROR => return Some(Trouble::Late),
                c::SOAPY_SDR_NOT_SUPPORTED => self.tells = false,
                _ => return None,
            }
        }
        None
    }
}
