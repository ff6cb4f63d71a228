//! The border: functions that C++ calls.
//!
//! Words come and go as lines that end in zero. What a function returns lies in memory of the calling thread and holds until its next
//! call; C++ copies it at once. A failure is a null pointer or a negative number, and [`airloop_error`] says why. No panic goes through:
//! unwinding into C++ has no meaning.

mod device;
mod stream;

use crate::error::DriverError;
use airloop_hil::Direction;
use std::cell::RefCell;
use std::ffi::{CStr, CString, c_char};
use std::panic::{AssertUnwindSafe, catch_unwind};

thread_local! {
    static WORDS: RefCell<CString> = RefCell::default();
    static ERROR: RefCell<CString> = RefCell::default();
}

/// Returns why the last call of this thread failed.
#[unsafe(no_mangle)]
pub extern "C" fn airloop_error() -> *const c_char {
    ERROR.with_borrow(|words| words.as_ptr())
}

/// Leaves words for this thread and returns them.
fn say(words: &str) -> *const c_char {
    WORDS.with_borrow_mut(|kept| {
        *kept = c_words(words);
        kept.as_ptr()
    })
}

fn note(words: &str) {
    ERROR.with_borrow_mut(|kept| *kept = c_words(words));
}

fn c_words(words: &str) -> CString {
    CString::new(words.replace('\0', " ")).unwrap_or_default()
}

/// Does something, and returns `otherwise` if it fails or panics.
fn guard<R>(otherwise: R, act: impl FnOnce() -> Result<R, DriverError>) -> R {
    // What a panic left half done lies behind locks whose holders take it as it is.
    match catch_unwind(AssertUnwindSafe(act)) {
        Ok(Ok(done)) => done,
        Ok(Err(error)) => {
            note(&error.to_string());
            otherwise
        }
        Err(cause) => {
            let words = cause.downcast_ref::<String>().map(String::as_str);
            let words = words.or(cause.downcast_ref::<&str>().copied()).unwrap_or("no words");
            note(&format!("airloop: the driver failed, which is an error of its own: {words}"));
            otherwise
        }
    }
}

/// Reads words of C++.
///
/// # Safety
/// They end in zero and stay while the result is used; null is empty.
unsafe fn words<'a>(words: *const c_char) -> std::borrow::Cow<'a, str> {
    if words.is_null() {
        return "".into();
    }
    // SAFETY: the caller passes words that end in zero and stay.
    unsafe { CStr::from_ptr(words) }.to_string_lossy()
}

/// Reads SoapySDR's number of a direction.
fn direction(number: i32) -> Direction {
    if number == 0 { Direction::Transmit } else { Direction::Receive }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panics_become_words() {
        let said = || airloop_error();
        assert_eq!(guard(-2, || panic!("of number {}", 4)), -2);
        // SAFETY: the words are of this thread, which makes no call meanwhile.
        let words = unsafe { words(said()) };
        assert!(words.contains("error of its own: of number 4"), "{words}");
        assert_eq!(guard(1, || Ok(7)), 7);
    }

    #[test]
    fn a_panic_of_the_driver_is_a_null_pointer_with_words() {
        // SAFETY: the words end in zero.
        let device = unsafe { device::airloop_open(c"radio=panics".as_ptr()) };
        assert!(device.is_null());
        // SAFETY: the words are of this thread, which makes no call meanwhile.
        let words = unsafe { words(airloop_error()) };
        assert!(words.contains("error of its own") && words.contains("as it was told to"), "{words}");
        // SAFETY: the words end in zero; what is open is given up once.
        unsafe {
            let device = device::airloop_open(c"radio=calm".as_ptr());
            assert!(!device.is_null());
            device::airloop_close(device);
        }
    }
}
