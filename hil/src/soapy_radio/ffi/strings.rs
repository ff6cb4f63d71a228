//! Strings, lists and maps across the C interface. What the library hands out is copied and freed.

use super::Pairs;
use soapysdr_sys::{
    SoapySDR_free, SoapySDRDevice_lastError, SoapySDRDevice_lastStatus, SoapySDRKwargs, SoapySDRKwargs_clear,
    SoapySDRKwargs_set, SoapySDRRange, SoapySDRStrings_clear,
};
use std::ffi::{CStr, CString, c_char, c_void};

/// Returns a value unless the last call failed.
pub(super) fn check<T>(value: T) -> Result<T, String> {
    // SAFETY: reads a status of this thread.
    match unsafe { SoapySDRDevice_lastStatus() } {
        0 => Ok(value),
        _ => Err(last_error()),
    }
}

/// Returns what the last call that failed said.
pub(super) fn last_error() -> String {
    // SAFETY: the library returns a string of this thread that lives until its next call, or nothing.
    let words = unsafe { copy(SoapySDRDevice_lastError()) };
    if words.is_empty() { "the driver gives no reason".into() } else { words }
}

/// Makes a C string.
pub(super) fn c_string(words: &str) -> Result<CString, String> {
    CString::new(words).map_err(|_| format!("{words:?} contains a zero byte"))
}

/// Copies a string.
///
/// # Safety
/// The pointer is null or that of a string that ends with a zero.
unsafe fn copy(words: *const c_char) -> String {
    if words.is_null() {
        return String::new();
    }
    // SAFETY: as the caller promises.
    unsafe { CStr::from_ptr(words) }.to_string_lossy().into_owned()
}

/// Takes over a string that the library allocated.
///
/// # Safety
/// The pointer is null or comes from a call that gives its string away.
pub(super) unsafe fn take_string(words: *mut c_char) -> Result<String, String> {
    let words = check(words)?;
    // SAFETY: as the caller promises; freed once, after the copy.
    unsafe {
        let copied = copy(words);
        SoapySDR_free(words.cast::<c_void>());
        Ok(copied)
    }
}

/// Takes over a list of strings.
///
/// # Safety
/// The pointer is null or comes from a call that gives away a list of this length.
pub(super) unsafe fn take_strings(list: *mut *mut c_char, length: usize) -> Result<Vec<String>, String> {
    let mut list = check(list)?;
    if list.is_null() {
        return Ok(Vec::new());
    }
    // SAFETY: as the caller promises; cleared once, after the copies.
    unsafe {
        let copied = (0..length).map(|i| copy(*list.add(i))).collect();
        SoapySDRStrings_clear(&raw mut list, length);
        Ok(copied)
    }
}

/// Takes over ranges, as least and largest value.
///
/// # Safety
/// The pointer is null or comes from a call that gives away a list of this length.
pub(super) unsafe fn take_ranges(list: *mut SoapySDRRange, length: usize) -> Result<Vec<(f64, f64)>, String> {
    let list = check(list)?;
    if list.is_null() {
        return Ok(Vec::new());
    }
    // SAFETY: as the caller promises; freed once, after the copies.
    unsafe {
        let copied = (0..length).map(|i| *list.add(i)).map(|range| (range.minimum, range.maximum)).collect();
        SoapySDR_free(list.cast::<c_void>());
        Ok(copied)
    }
}

/// Copies pairs, which stay the library's.
///
/// # Safety
/// The map is as the library made it.
pub(super) unsafe fn copy_pairs(map: &SoapySDRKwargs) -> Pairs {
    // SAFETY: as the caller promises, both lists are of the map's size.
    let pair = |i| unsafe { (copy(*map.keys.add(i)), copy(*map.vals.add(i))) };
    (0..map.size).map(pair).collect()
}

/// A map of the library's own.
pub(super) struct Map(pub SoapySDRKwargs);

impl Map {
    /// Makes the map of some pairs.
    pub fn new(pairs: &Pairs) -> Result<Self, String> {
        let mut map =
            Self(SoapySDRKwargs { size: 0, keys: std::ptr::null_mut(), vals: std::ptr::null_mut() });
        for (key, value) in pairs {
            let (key, value) = (c_string(key)?, c_string(value)?);
            // SAFETY: the map is one that the library made or an empty one; it copies the strings.
            if unsafe { SoapySDRKwargs_set(&raw mut map.0, key.as_ptr(), value.as_ptr()) } != 0 {
                return Err("no memory for arguments".into());
            }
        }
        Ok(map)
    }
}

impl Drop for Map {
    fn drop(&mut self) {
        // SAFETY: cleared once; the library made what it holds.
        unsafe { SoapySDRKwargs_clear(&raw mut self.0) }
    }
}
