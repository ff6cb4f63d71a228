//! How a command fails: one message and an exit code.

use airloop::run::RunError;

/// Exit code for bad input, and for results that cannot be made from it.
pub const BAD_INPUT: u8 = 2;

/// Exit code after Ctrl-C.
pub const INTERRUPTED: u8 = 130;

/// Exit code of a ladder whose laws do not hold.
pub const LAW_BROKEN: u8 = 1;

/// Exit code of a ladder on which nothing speaks against the laws, but a control was not seen to fail.
pub const LAW_UNDECIDED: u8 = 3;

/// Exit code of a run that lost samples on the way.
pub const INVALID: u8 = 1;

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

impl Failure {
    /// Makes a failure of a run whose samples were late or lost.
    pub fn lost(message: impl Into<String>) -> Self {
        Self { message: message.into(), code: INVALID }
    }

    /// Makes a failure of a run, which may have been ended by Ctrl-C.
    pub fn of_run(error: RunError) -> Self {
        match error {
            RunError::Interrupted => {
                Self { message: "interrupted; nothing was written".into(), code: INTERRUPTED }
            }
            error => Self::bad_input(error.to_string()),
        }
    }
}

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::bad_input(error.to_string())
    }
}
