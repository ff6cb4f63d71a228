//! Where looks are shown: in place on a terminal, one after the other elsewhere.

use super::look::Look;
use super::table;
use crate::cli::failure::Failure;
use console::Term;
use std::io::{ErrorKind, IsTerminal, Write};
use std::path::Path;

/// How looks are shown.
pub struct Screen {
    json: bool,
    terminal: Option<Term>,
    /// Lines of the look before; `None` before the first.
    drawn: Option<usize>,
}

impl Screen {
    /// Makes a screen of the standard output.
    pub fn new(json: bool) -> Self {
        let terminal = !json && std::io::stdout().is_terminal();
        Self { json, terminal: terminal.then(Term::stdout), drawn: None }
    }

    /// Shows a look; returns whether somebody reads.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn show(&mut self, look: &Look<'_>, socket: &Path) -> Result<bool, Failure> {
        let size = self.terminal.as_ref().and_then(Term::size_checked);
        let text = match (&self.terminal, self.json) {
            (_, true) => serde_json::to_string(look)? + "\n",
            (Some(_), _) => {
                let (rows, columns) = size.map_or((usize::MAX, None), |(r, c)| (r.into(), Some(c.into())));
                let lines = fitting(table::lines(look, socket, columns), rows);
                let up = self.drawn.replace(lines.len()).unwrap_or(0);
                in_place(&lines, up)
            }
            (None, _) => {
                let parted = if self.drawn.replace(0).is_some() { "\n" } else { "" };
                format!("{parted}{}\n", table::lines(look, socket, None).join("\n"))
            }
        };
        let mut out = std::io::stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
            Err(error) => Err(Failure::bad_input(format!("cannot write to the standard output: {error}"))),
        }
    }
}

/// Returns as many lines as a terminal has room for above the cursor's, the last of them saying how many do not fit.
fn fitting(mut lines: Vec<String>, rows: usize) -> Vec<String> {
    let room = rows.saturating_sub(1).max(1);
    if lines.len() > room {
        let more = lines.len() - room + 1;
        lines.truncate(room - 1);
        lines.push(format!("{more} more"));
    }
    lines
}

/// Returns what writes lines over those that begin so many lines further up.
fn in_place(lines: &[String], up: usize) -> String {
    let back = if up > 0 { format!("\r\x1b[{up}A") } else { String::new() };
    // Each line clears what it does not cover, the last one all below.
    let lines: String = lines.iter().map(|line| format!("{line}\x1b[K\n")).collect();
    format!("{back}{lines}\x1b[J")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_are_drawn_over_each_other_and_stay_on_the_screen() {
        let lines = ["a", "b", "c"].map(String::from).to_vec();
        assert_eq!(in_place(&lines[..2], 0), "a\x1b[K\nb\x1b[K\n\x1b[J");
        assert_eq!(in_place(&lines[..1], 2), "\r\x1b[2Aa\x1b[K\n\x1b[J");
        assert_eq!(fitting(lines.clone(), 4), ["a", "b", "c"]);
        assert_eq!(fitting(lines.clone(), 3), ["a", "2 more"]);
        assert_eq!(fitting(lines, 0), ["3 more"]);
    }
}
