//! Devices: which there are, opening one, what it is.

use super::strings::{Map, check, copy_pairs, take_string};
use super::{Pairs, soapy};
use crate::radio::Direction;
use soapysdr_sys::{
    SoapySDRDevice, SoapySDRDevice_enumerate, SoapySDRDevice_getHardwareInfo, SoapySDRDevice_getHardwareKey,
    SoapySDRDevice_getNumChannels, SoapySDRDevice_make, SoapySDRDevice_unmake, SoapySDRKwargsList_clear,
};
use std::ptr::NonNull;
use std::sync::Arc;

/// Returns the arguments of all devices that answer to some.
pub(crate) fn enumerate(args: &Pairs) -> Result<Vec<Pairs>, String> {
    let args = Map::new(args)?;
    let mut length = 0;
    // SAFETY: the map lives through the call, which writes the length of the list that it gives away.
    let list = unsafe { SoapySDRDevice_enumerate(&raw const args.0, &raw mut length) };
    let list = check(list)?;
    if list.is_null() {
        return Ok(Vec::new());
    }
    // SAFETY: `length` maps, copied before they are cleared once.
    unsafe {
        let found = (0..length).map(|i| copy_pairs(&*list.add(i))).collect();
        SoapySDRKwargsList_clear(list, length);
        Ok(found)
    }
}

/// An open device; clones are the same, which is closed with the last of them.
#[derive(Clone)]
pub(crate) struct Device(Arc<Handle>);

struct Handle(NonNull<SoapySDRDevice>);

// SAFETY: SoapySDR asks of drivers that calls of a device may come from any thread, streams apart, which one thread each uses.
unsafe impl Send for Handle {}
// SAFETY: as above.
unsafe impl Sync for Handle {}

impl Drop for Handle {
    fn drop(&mut self) {
        // SAFETY: made once, unmade once; streams hold a clone and are closed before.
        _ = unsafe { SoapySDRDevice_unmake(self.0.as_ptr()) };
    }
}

impl Device {
    /// Opens the device of some arguments.
    pub fn open(args: &Pairs) -> Result<Self, String> {
        let args = Map::new(args)?;
        // SAFETY: the map lives through the call.
        let device = unsafe { SoapySDRDevice_make(&raw const args.0) };
        let handle = NonNull::new(check(device)?).ok_or("the driver gives no device")?;
        Ok(Self(Arc::new(Handle(handle))))
    }

    /// Returns the handle, which is good while this lives.
    pub(super) fn pointer(&self) -> *mut SoapySDRDevice {
        self.0.0.as_ptr()
    }

    /// Returns what the driver calls the hardware.
    pub fn hardware(&self) -> Result<String, String> {
        // SAFETY: the device is open; the string is given away.
        unsafe { take_string(SoapySDRDevice_getHardwareKey(self.pointer())) }
    }

    /// Returns what the driver knows of the hardware.
    pub fn info(&self) -> Result<Pairs, String> {
        // SAFETY: the device is open; the map is given away, and cleared when it is dropped.
        let map = Map(unsafe { SoapySDRDevice_getHardwareInfo(self.pointer()) });
        check(())?;
        // SAFETY: the library made it.
        Ok(unsafe { copy_pairs(&map.0) })
    }

    /// Returns the number of channels of a direction.
    pub fn channels(&self, direction: Direction) -> Result<usize, String> {
        // SAFETY: the device is open.
        check(unsafe { SoapySDRDevice_getNumChannels(self.pointer(), soapy(direction)) })
    }
}
