//! Lines on the standard output and the standard error, without panics when nobody reads them.

use super::failure::Failure;
use std::fmt::Display;
use std::io::{ErrorKind, Write};

/// Prints a line on the standard output; a reader that went away, as `head` does, is no error.
///
/// # Errors
/// When the line cannot be written.
pub fn line(text: impl Display) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::bad_input(format!("cannot write to the standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// Prints a line on the standard error, if it can be written.
pub fn note(text: impl Display) {
    let _ = writeln!(std::io::stderr(), "{text}");
}
