//! `airloop list`.

use super::args::{ListArgs, Listed};
use super::failure::Failure;
use super::output;
use airloop::experiment::sections::{MODELS, SCHEMES};
use airloop::sweep::shipped::EXPERIMENTS;

/// Prints names, each with one line on what it is.
///
/// # Errors
/// When the standard output cannot be written.
pub fn list(args: &ListArgs) -> Result<(), Failure> {
    let lines: Vec<(&str, &str)> = match args.what {
        Listed::Schemes => SCHEMES.iter().map(|s| (s.0, s.1)).collect(),
        Listed::Channels => MODELS.to_vec(),
        Listed::Experiments => EXPERIMENTS.iter().map(|e| (e.name, e.summary())).collect(),
    };
    for (name, what) in lines {
        output::line(format!("{name:<22}{what}"))?;
    }
    Ok(())
}
