//! Lines on the standard output and the standard error, without panics when nobody reads them.

use super::failure::Failure;
use std::fmt::Display;
use std::io::{ErrorKind, Write};
use std::path::Path;

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

/// Makes a folder of results, and makes sure that files can be written there, before anything is computed for it.
///
/// # Errors
/// When it cannot be made, or takes no files.
pub fn folder(dir: &Path) -> Result<(), Failure> {
    let probe = dir.join(format!(".airloop-{}", std::process::id()));
    let written = || -> std::io::Result<()> {
        std::fs::create_dir_all(dir)?;
        std::fs::write(&probe, "")?;
        std::fs::remove_file(&probe)
    };
    written().map_err(|e| Failure::bad_input(format!("--out {}: {e}", dir.display())))
}
