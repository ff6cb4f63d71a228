//! SoapySDR's C calls where the crate `soapysdr` hides what they say: flags, and times of errors.
#![allow(unsafe_code, reason = "calls of C")]

use airloop_baseband::Complex32;
use soapysdr_sys::*;
use std::ffi::{CStr, CString, c_int, c_void};
use std::path::Path;
use std::ptr::null;

/// Flags of streams.
pub const HAS_TIME: i32 = SOAPY_SDR_HAS_TIME as i32;
pub const END_BURST: i32 = SOAPY_SDR_END_BURST as i32;
pub const END_ABRUPT: i32 = SOAPY_SDR_END_ABRUPT as i32;
pub const ONE_PACKET: i32 = SOAPY_SDR_ONE_PACKET as i32;

/// What a call of a stream says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Said {
    /// Samples, or a code.
    pub code: i32,
    pub flags: i32,
    pub time_ns: i64,
}

/// A stream of CF32, and its device.
pub struct Raw {
    device: *mut SoapySDRDevice,
    stream: *mut SoapySDRStream,
}

// SAFETY: SoapySDR's devices may be called from any thread.
unsafe impl Send for Raw {}
// SAFETY: so may our streams, each from one thread at a time, which the tests keep to but for stopping them.
unsafe impl Sync for Raw {}

impl Raw {
    pub fn new(arguments: &str, direction: u32, channels: &[usize]) -> Self {
        let arguments = CString::new(arguments).unwrap();
        // SAFETY: the words end in zero, and so many channels are there.
        let (device, stream) = unsafe {
            let device = SoapySDRDevice_makeStrArgs(arguments.as_ptr());
            assert!(!device.is_null(), "{}", last_error());
            let (way, format) = (direction as c_int, SOAPY_SDR_CF32.as_ptr().cast());
            let (channels, count) = (channels.as_ptr(), channels.len());
            (device, SoapySDRDevice_setupStream(device, way, format, channels, count, null()))
        };
        assert!(!stream.is_null(), "{}", last_error());
        Self { device, stream }
    }

    pub fn activate(&self, flags: i32, time_ns: i64, count: usize) -> i32 {
        // SAFETY: device and stream are open.
        unsafe { SoapySDRDevice_activateStream(self.device, self.stream, flags, time_ns, count) }
    }

    pub fn deactivate(&self, flags: i32) -> i32 {
        // SAFETY: device and stream are open.
        unsafe { SoapySDRDevice_deactivateStream(self.device, self.stream, flags, 0) }
    }

    pub fn read(&self, out: &mut [&mut [Complex32]], timeout_us: i64) -> Said {
        let (count, mut said) = (out[0].len(), Said { code: 0, flags: 0, time_ns: -1 });
        let buffers: Vec<*mut c_void> = out.iter_mut().map(|out| out.as_mut_ptr().cast()).collect();
        // SAFETY: device and stream are open, and every buffer is as long as the first.
        said.code = unsafe {
            let (buffers, flags, time) = (buffers.as_ptr(), &mut said.flags, &mut said.time_ns);
            SoapySDRDevice_readStream(self.device, self.stream, buffers, count, flags, time, timeout_us)
        };
        said
    }

    pub fn write(&self, samples: &[&[Complex32]], (flags, time_ns): (i32, i64), timeout_us: i64) -> i32 {
        let buffers: Vec<*const c_void> = samples.iter().map(|samples| samples.as_ptr().cast()).collect();
        let (count, mut flags) = (samples[0].len(), flags);
        // SAFETY: device and stream are open, and every buffer is as long as the first.
        unsafe {
            let buffers = buffers.as_ptr();
            SoapySDRDevice_writeStream(
                self.device,
                self.stream,
                buffers,
                count,
                &mut flags,
                time_ns,
                timeout_us,
            )
        }
    }

    pub fn status(&self, timeout_us: i64) -> (Said, usize) {
        let (mut said, mut channels) = (Said { code: 0, flags: 0, time_ns: -1 }, 0);
        // SAFETY: device and stream are open.
        said.code = unsafe {
            let (flags, time) = (&mut said.flags, &mut said.time_ns);
            SoapySDRDevice_readStreamStatus(self.device, self.stream, &mut channels, flags, time, timeout_us)
        };
        (said, channels)
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        // SAFETY: device and stream are open, and not used again.
        unsafe {
            SoapySDRDevice_closeStream(self.device, self.stream);
            SoapySDRDevice_unmake(self.device);
        }
    }
}

fn last_error() -> String {
    // SAFETY: the words end in zero and are copied before the next call.
    unsafe { CStr::from_ptr(SoapySDRDevice_lastError()) }.to_string_lossy().into_owned()
}

/// The version under which a module is registered.
pub fn module_version(path: &Path) -> String {
    let path = CString::new(path.to_str().unwrap()).unwrap();
    // SAFETY: the words end in zero, and those that come back are copied and freed once.
    unsafe {
        let words = SoapySDR_getModuleVersion(path.as_ptr());
        let version = CStr::from_ptr(words).to_string_lossy().into_owned();
        SoapySDR_free(words.cast());
        version
    }
}
