//! The border of a radio.

use super::{direction, guard, say, words};
use crate::arguments::{Arguments, find};
use crate::radio::Radio;
use std::ffi::{c_char, c_int, c_longlong};
use std::ptr::{null, null_mut};
use std::sync::Arc;

/// A radio that C++ holds.
pub struct Device(pub Arc<Radio>);

/// Returns what a program finds that looks for radios with some arguments; no words are nothing.
///
/// # Safety
/// The words end in zero.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn airloop_find(arguments: *const c_char) -> *const c_char {
    // SAFETY: the words end in zero and stay during the call.
    let arguments = unsafe { words(arguments) };
    guard(null(), || Ok(say(&find(&arguments).unwrap_or_default())))
}

/// Makes a radio; null if that fails.
///
/// # Safety
/// The words end in zero.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn airloop_open(arguments: *const c_char) -> *mut Device {
    // SAFETY: the words end in zero and stay during the call.
    let arguments = unsafe { words(arguments) };
    guard(null_mut(), || {
        #[cfg(test)]
        assert!(!arguments.contains("radio=panics"), "as it was told to");
        let radio = Radio::open(&Arguments::read(&arguments)?)?;
        Ok(Box::into_raw(Box::new(Device(Arc::new(radio)))))
    })
}

/// Gives up a radio.
///
/// # Safety
/// The radio is of `airloop_open`, and is not used again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn airloop_close(device: *mut Device) {
    guard((), || {
        // SAFETY: the pointer is of `Box::into_raw` and comes back once.
        let device = unsafe { Box::from_raw(device) };
        device.0.close();
        Ok(())
    });
}

/// Returns the number of channels of a direction.
///
/// # Safety
/// The radio is of `airloop_open` and open.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn airloop_channels(device: *const Device, way: c_int) -> c_longlong {
    guard(-1, || {
        // SAFETY: the radio is open, and shared borrows of it may be many.
        let radio = unsafe { &(*device).0 };
        Ok(radio.can.channels(direction(way)) as c_longlong)
    })
}

/// Answers in words; null if that fails.
///
/// # Safety
/// The radio is open, and the words end in zero.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn airloop_words(
    device: *const Device,
    what: *const c_char,
    way: c_int,
    channel: usize,
    name: *const c_char,
) -> *const c_char {
    guard(null(), || {
        // SAFETY: the radio is open, and the words end in zero and stay during the call.
        let (radio, what, name) = unsafe { (&(*device).0, words(what), words(name)) };
        Ok(say(&radio.words(&what, (direction(way), channel), &name)?))
    })
}

/// Sets a word; negative if that fails.
///
/// # Safety
/// The radio is open, and the words end in zero.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn airloop_set_word(
    device: *const Device,
    what: *const c_char,
    way: c_int,
    channel: usize,
    word: *const c_char,
) -> c_int {
    guard(-1, || {
        // SAFETY: the radio is open, and the words end in zero and stay during the call.
        let (radio, what, word) = unsafe { (&(*device).0, words(what), words(word)) };
        radio.set_word(&what, (direction(way), channel), &word)?;
        Ok(0)
    })
}

/// Answers with a number; negative if that fails.
///
/// # Safety
/// The radio is open, the words end in zero, and `out` can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn airloop_number(
    device: *const Device,
    what: *const c_char,
    way: c_int,
    channel: usize,
    element: *const c_char,
    out: *mut f64,
) -> c_int {
    guard(-1, || {
        // SAFETY: the radio is open, and the words end in zero and stay during the call.
        let (radio, what, element) = unsafe { (&(*device).0, words(what), words(element)) };
        let number = radio.number(&what, (direction(way), channel), &element)?;
        // SAFETY: the caller's variable is its own.
        unsafe { *out = number };
        Ok(0)
    })
}

/// Sets a number; negative if that fails.
///
/// # Safety
/// The radio is open, and the words end in zero.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn airloop_set_number(
    device: *const Device,
    what: *const c_char,
    way: c_int,
    channel: usize,
    element: *const c_char,
    value: f64,
) -> c_int {
    guard(-1, || {
        // SAFETY: the radio is open, and the words end in zero and stay during the call.
        let (radio, what, element) = unsafe { (&(*device).0, words(what), words(element)) };
        radio.set_number(&what, (direction(way), channel), &element, value)?;
        Ok(0)
    })
}

/// Room for ranges.
#[repr(C)]
pub struct Ranges {
    least_and_most: [[f64; 2]; 32],
}

/// Answers with ranges, and returns how many they are; negative if that fails.
///
/// # Safety
/// The radio is open, the words end in zero, and `out` can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn airloop_ranges(
    device: *const Device,
    what: *const c_char,
    way: c_int,
    channel: usize,
    element: *const c_char,
    out: *mut Ranges,
) -> c_int {
    guard(-1, || {
        // SAFETY: the radio is open, the words end in zero and stay, and the caller's variable is its own.
        let (radio, what, element, out) =
            unsafe { (&(*device).0, words(what), words(element), &mut (*out).least_and_most) };
        let spans = radio.spans(&what, (direction(way), channel), &element)?;
        out.iter_mut().zip(&spans).for_each(|(out, span)| *out = [span.least, span.most]);
        Ok(spans.len().min(out.len()) as c_int)
    })
}

/// Returns whether there is a time: 1 or 0, negative if that fails.
///
/// # Safety
/// The radio is open, and the words end in zero.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn airloop_has_time(device: *const Device, what: *const c_char) -> c_int {
    guard(-1, || {
        // SAFETY: the radio is open, and the words end in zero and stay during the call.
        let (radio, what) = unsafe { (&(*device).0, words(what)) };
        Ok(radio.has_time(&what).into())
    })
}

/// Answers with a time in nanoseconds; negative if that fails.
///
/// # Safety
/// The radio is open, the words end in zero, and `out` can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn airloop_time(
    device: *const Device,
    what: *const c_char,
    out: *mut c_longlong,
) -> c_int {
    guard(-1, || {
        // SAFETY: the radio is open, and the words end in zero and stay during the call.
        let (radio, what) = unsafe { (&(*device).0, words(what)) };
        let time_ns = radio.time_ns(&what)?;
        // SAFETY: the caller's variable is its own.
        unsafe { *out = time_ns };
        Ok(0)
    })
}

/// Sets a time; negative if that fails.
///
/// # Safety
/// The radio is open, and the words end in zero.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn airloop_set_time(
    device: *const Device,
    what: *const c_char,
    time_ns: c_longlong,
) -> c_int {
    guard(-1, || {
        // SAFETY: the radio is open, and the words end in zero and stay during the call.
        let (radio, what) = unsafe { (&(*device).0, words(what)) };
        radio.set_time_ns(&what, time_ns)?;
        Ok(0)
    })
}
