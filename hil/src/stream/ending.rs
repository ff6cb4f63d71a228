//! How a stream ends: one thread asks, the thread of the stream says that it has, and why.

use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};

/// The end of a stream.
#[derive(Debug, Default)]
pub struct Ending {
    asked: AtomicBool,
    /// 0 while the stream goes on, else the code with which it ended.
    code: AtomicI32,
}

impl Ending {
    /// Asks the thread of the stream to end.
    pub fn ask(&self) {
        self.asked.store(true, Ordering::Relaxed);
    }

    /// Returns whether the thread of the stream is to end.
    pub fn is_asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }

    /// Says that no more goes through the stream, and why.
    pub fn end(&self, code: i32) {
        self.code.store(code, Ordering::Release);
    }

    /// Returns the code with which the stream ended; what was handed on before is still there.
    pub fn code(&self) -> Option<i32> {
        match self.code.load(Ordering::Acquire) {
            0 => None,
            code => Some(code),
        }
    }
}
