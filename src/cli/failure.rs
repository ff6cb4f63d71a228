//! How a command fails: one message and an exit code.

/// Exit code for bad input, and for results that cannot be made from it.
pub const BAD_INPUT: u8 = 2;

/// Exit code after Ctrl-C.
pub const INTERRUPTED: u8 = 130;

/// Exit code of a ladder whose laws do not hold.
pub const LAW_BROKEN: u8 = 1;

/// A failed command.
#[derive(Debug)]
pub struct Failure {
    /// What went wrong; empty when it was said already.
    pub message: String,
    /// The exit code.
    pub code: u8,
}

impl Failure {
    /// Makes a failure with the code for bad input.
    pub fn bad_input(message: impl Into<String>) -> Self {
        Self { message: message.into(), code: BAD_INPUT }
    }
}

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::bad_input(error.to_string())
    }
}
