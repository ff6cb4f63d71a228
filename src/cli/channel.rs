//! `airloop channel`.

use super::args::{Changes, ChannelArgs};
use super::failure::Failure;
use super::{load, output};
use airloop::experiment::Loader;
use airloop::run::impulse_responses::{ImpulseResponsesConfig, WrittenResponses, write_impulse_responses};

/// Writes the channels of an experiment's first trials, and prints what was written.
///
/// # Errors
/// When the experiment is wrong, a number is none or out of range, or the channels cannot be written.
pub fn channel(args: &ChannelArgs) -> Result<(), Failure> {
    if args.out.extension().is_none_or(|extension| !extension.eq_ignore_ascii_case("npz")) {
        let out = args.out.display();
        return Err(Failure::bad_input(format!("--out {out}: several arrays go into a .npz file")));
    }
    let config = ImpulseResponsesConfig {
        trials: count("--trials", &args.trials)?,
        step_s: args.step_s.as_deref().map(spacing).transpose()?,
        count: args.count.as_deref().map(|text| count("--count", text)).transpose()?,
        response: args.response,
    };
    let seed = args.seed.iter().map(|seed| format!("seed={seed}"));
    let set = args.set.iter().cloned().chain(seed).collect();
    let changes = Changes { set, strict: false, threads: None };
    let experiment = Loader::default().load(&load::single(&args.file, &changes)?)?;
    let written = write_impulse_responses(&experiment, config, &args.out).map_err(Failure::of_run)?;
    let WrittenResponses { gains, delays, step_s } = written;
    let motion = if step_s > 0.0 { format!("{step_s:.6e} s apart") } else { "one instant".into() };
    output::line(format!("{}: a {gains:?}, tau {delays:?}, {motion}", args.out.display()))
}

fn count(flag: &str, text: &str) -> Result<usize, Failure> {
    let number = text.parse().ok().filter(|count| (1..=1 << 28).contains(count));
    number.ok_or_else(|| {
        Failure::bad_input(format!("{flag} {text}: a whole number from 1 to 2^28 is expected"))
    })
}

fn spacing(text: &str) -> Result<f64, Failure> {
    let number = text.parse().ok().filter(|step: &f64| *step > 0.0 && step.is_finite());
    number.ok_or_else(|| {
        Failure::bad_input(format!("--step-s {text}: a positive number of seconds is expected"))
    })
}
