//! `airloop list`.

use super::args::{ListArgs, Listed};
use super::failure::Failure;
use super::output;
use airloop::experiment::sections::{MODELS, SCHEMES};
use airloop::scheme::DeviceKnowledge;
use airloop::sweep::shipped::EXPERIMENTS;

/// Prints names, each with one line on what it is.
///
/// # Errors
/// When the standard output cannot be written.
pub fn list(args: &ListArgs) -> Result<(), Failure> {
    let plain = |(name, what): (&'static str, &'static str)| (name, what.to_string());
    let lines: Vec<(&str, String)> = match args.what {
        Listed::Schemes => {
            SCHEMES.iter().map(|s| (s.0, format!("{}; devices know {}", s.1, known(s.2)))).collect()
        }
        Listed::Channels => MODELS.iter().copied().map(plain).collect(),
        Listed::Experiments => EXPERIMENTS.iter().map(|e| plain((e.name, e.summary()))).collect(),
    };
    for (name, what) in lines {
        output::line(format!("{name:<22}{what}"))?;
    }
    Ok(())
}

/// Returns which channels the devices of a scheme must know.
fn known(knowledge: DeviceKnowledge) -> &'static str {
    match knowledge {
        DeviceKnowledge::None => "no channel",
        DeviceKnowledge::Own => "their own channels",
        DeviceKnowledge::Joint => "all channels jointly",
    }
}
