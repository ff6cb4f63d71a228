//! The border of streams. What they return are SoapySDR's codes.

use super::device::Device;
use super::{direction, guard, note, words};
use crate::radio::Radio;
use crate::stream::{Setup, Stream, Trouble, deadline};
use crate::transmit_stream::{Asked, Status};
use std::ffi::{c_char, c_int, c_longlong, c_void};
use std::ptr::null_mut;
use std::slice::{from_raw_parts, from_raw_parts_mut};
use std::sync::Arc;

const END_BURST: c_int = 1 << 1;
const HAS_TIME: c_int = 1 << 2;
const END_ABRUPT: c_int = 1 << 3;
const ONE_PACKET: c_int = 1 << 4;

const STREAM_ERROR: c_int = -2;
const NOT_SUPPORTED: c_int = -5;
const TIME_ERROR: c_int = -6;
const UNDERFLOW: c_int = -7;

/// What a call of a stream asks for and answers, beside samples.
#[repr(C)]
pub struct Call {
    /// Samples of every channel.
    count: usize,
    /// SoapySDR's flags.
    flags: c_int,
    /// A time in nanoseconds, where the flags say so.
    time_ns: c_longlong,
    /// How long to wait, in microseconds.
    timeout_us: c_longlong,
    /// Channels of which a status tells, a bit each.
    channels: usize,
}

impl Call {
    fn time_ns(&self) -> Option<i64> {
        (self.flags & HAS_TIME != 0).then_some(self.time_ns)
    }

    fn stamp(&mut self, time_ns: Option<i64>, flags: c_int) {
        self.flags = flags | if time_ns.is_some() { HAS_TIME } else { 0 };
        self.time_ns = time_ns.unwrap_or(0);
    }
}

/// Does something with a stream. The error is empty if it has been told already.
fn guarded(radio: &Arc<Radio>, act: impl FnOnce() -> Result<c_int, Trouble>) -> c_int {
    note("");
    guard(STREAM_ERROR, || {
        Ok(act().unwrap_or_else(|trouble| {
            if let Trouble::Failed(error) = &trouble {
                note(&radio.complain(error));
            }
            trouble.code()
        }))
    })
}

/// Sets up a stream; null if that fails.
///
/// # Safety
/// The radio is open, the words end in zero, and there are so many channels.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn airloop_setup(
    device: *const Device,
    way: c_int,
    format: *const c_char,
    channels: *const usize,
    count: usize,
    arguments: *const c_char,
) -> *mut Stream {
    guard(null_mut(), || {
        // SAFETY: the radio is open, and the words end in zero and stay during the call.
        let (radio, format, arguments) = unsafe { (&(*device).0, words(format), words(arguments)) };
        // SAFETY: the caller has so many channels; none may come without a pointer.
        let channels = if count == 0 { &[][..] } else { unsafe { from_raw_parts(channels, count) } };
        let setup = Setup::new(Arc::clone(radio), direction(way), (&format, channels), &arguments)?;
        Ok(Box::into_raw(Box::new(Stream::new(setup))))
    })
}

/// Closes a stream.
///
/// # Safety
/// The stream is of `airloop_setup`, and is not used again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn airloop_close_stream(stream: *mut Stream) {
    guard((), || {
        // SAFETY: the pointer is of `Box::into_raw` and comes back once.
        drop(unsafe { Box::from_raw(stream) });
        Ok(())
    });
}

/// Returns the samples of a packet.
///
/// # Safety
/// The stream is of `airloop_setup` and open.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn airloop_mtu(stream: *const Stream) -> usize {
    // SAFETY: the stream is open.
    unsafe { (*stream).setup().mtu }
}

/// Starts a stream.
///
/// # Safety
/// The stream is open.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn airloop_activate(
    stream: *const Stream,
    flags: c_int,
    time_ns: c_longlong,
    count: usize,
) -> c_int {
    // SAFETY: the stream is open, and shared borrows of it may be many.
    let stream = unsafe { &*stream };
    let time_ns = (flags & HAS_TIME != 0).then_some(time_ns);
    guarded(&stream.setup().radio, || stream.activate(time_ns, count).map(|()| 0))
}

/// Stops a stream, at once.
///
/// # Safety
/// The stream is open.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn airloop_deactivate(stream: *const Stream, flags: c_int) -> c_int {
    // SAFETY: the stream is open.
    let stream = unsafe { &*stream };
    if flags & HAS_TIME != 0 {
        return NOT_SUPPORTED;
    }
    guarded(&stream.setup().radio, || stream.deactivate().map(|()| 0))
}

/// Reads samples; returns how many of every channel.
///
/// # Safety
/// The stream is open, and every channel has a buffer of so many samples that is the caller's own.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn airloop_read(
    stream: *const Stream,
    buffers: *const *mut c_void,
    call: *mut Call,
) -> c_int {
    // SAFETY: the stream is open, and the call is a variable of the caller.
    let (stream, call) = unsafe { (&*stream, &mut *call) };
    let setup = stream.setup();
    guarded(&setup.radio, || {
        let Stream::Receive(receive) = stream else { return Err(Trouble::NotSupported) };
        // What a program asks for beyond a packet is not touched.
        let length = call.count.min(setup.mtu) * setup.format.bytes();
        // SAFETY: a buffer a channel.
        let buffers = unsafe { from_raw_parts(buffers, setup.channels.len()) };
        // SAFETY: so many samples each, of the caller, and any bytes are bytes.
        let own = |buffer: &*mut c_void| unsafe { from_raw_parts_mut(buffer.cast::<u8>(), length) };
        let mut out: Vec<&mut [u8]> = buffers.iter().map(own).collect();
        let outcome = receive.read(&mut out, call.count, deadline(call.timeout_us));
        match &outcome {
            Ok(packet) => call.stamp(packet.time_ns, if packet.ends { END_BURST } else { 0 }),
            Err(Trouble::Overflow(time_ns)) => call.stamp(Some(*time_ns), END_ABRUPT),
            Err(_) => call.stamp(None, 0),
        }
        Ok(outcome?.count as c_int)
    })
}

/// Writes samples; returns how many of every channel.
///
/// # Safety
/// The stream is open, and every channel has a buffer of so many samples.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn airloop_write(
    stream: *const Stream,
    buffers: *const *const c_void,
    call: *mut Call,
) -> c_int {
    // SAFETY: the stream is open, and the call is a variable of the caller.
    let (stream, call) = unsafe { (&*stream, &mut *call) };
    let setup = stream.setup();
    guarded(&setup.radio, || {
        let Stream::Transmit(transmit) = stream else { return Err(Trouble::NotSupported) };
        let count = call.count.min(c_int::MAX as usize);
        let asked = Asked {
            count,
            time_ns: call.time_ns(),
            ends: call.flags & (END_BURST | END_ABRUPT) != 0 && count == call.count,
            one_packet: call.flags & ONE_PACKET != 0,
        };
        // SAFETY: a buffer a channel.
        let buffers = unsafe { from_raw_parts(buffers, setup.channels.len()) };
        let own = |buffer: &*const c_void| match count {
            // An end of a burst needs no buffer.
            0 => &[][..],
            // SAFETY: so many samples each, and any sample is bytes.
            _ => unsafe { from_raw_parts(buffer.cast::<u8>(), count * setup.format.bytes()) },
        };
        let buffers: Vec<&[u8]> = buffers.iter().map(own).collect();
        Ok(transmit.write(&buffers, asked, deadline(call.timeout_us))? as c_int)
    })
}

/// Waits for something that went wrong with what was sent.
///
/// # Safety
/// The stream is open.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn airloop_status(stream: *const Stream, call: *mut Call) -> c_int {
    // SAFETY: the stream is open, and the call is a variable of the caller.
    let (stream, call) = unsafe { (&*stream, &mut *call) };
    let setup = stream.setup();
    guarded(&setup.radio, || {
        let Stream::Transmit(transmit) = stream else { return Err(Trouble::NotSupported) };
        call.stamp(None, 0);
        call.channels = (1 << setup.channels.len()) - 1;
        let (code, time_ns) = match transmit.status(deadline(call.timeout_us))? {
            Status::Underflow(time_ns) => (UNDERFLOW, time_ns),
            Status::Late(time_ns) => (TIME_ERROR, time_ns),
        };
        call.stamp(Some(time_ns), 0);
        Ok(code)
    })
}
