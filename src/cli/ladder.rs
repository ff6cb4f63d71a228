//! `airloop ladder`.

use super::args::LadderArgs;
use super::failure::{Failure, LAW_BROKEN, LAW_UNDECIDED};
use super::progress::catch_interrupt;
use super::{load, output};
use airloop::experiment::Loader;
use airloop::ladder::{Effect, Law, Verdict, climb};
use airloop::sweep::SweepPlan;

/// Climbs the ladder with every curve of an experiment, at the file's own values.
///
/// # Errors
/// When the experiment is wrong, a law does not hold, or a control was not seen.
pub fn ladder(args: &LadderArgs) -> Result<(), Failure> {
    load::threads(&args.changes)?;
    let mut plan = SweepPlan::new(load::tree(&args.file, &args.changes)?)?;
    plan.axes.clear();
    plan.check_flags()?;
    let loader = Loader::default();
    let (mut broken, mut undecided) = (0, 0);
    for (curve, label) in plan.curves.iter().enumerate().map(|(i, c)| (i, &c.label)) {
        let tree = plan.curve_tree(curve)?;
        output::line(if label.is_empty() {
            args.file.display().to_string()
        } else {
            format!("\"{label}\"")
        })?;
        let ladder = climb(&tree, &loader, catch_interrupt()).map_err(Failure::of_run)?;
        output::line(law("symbol against theory", &ladder.symbol_law))?;
        effect("symbol over theory", ladder.symbol_effect.as_ref())?;
        output::line(law("waveform against symbol", &ladder.waveform_law))?;
        effect("waveform over symbol", ladder.waveform_effect.as_ref())?;
        output::line(law("radio against waveform", &ladder.radio_law))?;
        match ladder.verdict() {
            Verdict::Holds => {}
            Verdict::Undecided => undecided += 1,
            Verdict::Broken => broken += 1,
        }
    }
    if broken > 0 {
        let message = format!("{broken} of {} ladders do not hold", plan.curves.len());
        return Err(Failure { message, code: LAW_BROKEN });
    }
    if undecided > 0 {
        let message = format!(
            "{undecided} of {} ladders are undecided: nothing speaks against the laws, but a control was not seen",
            plan.curves.len()
        );
        return Err(Failure { message, code: LAW_UNDECIDED });
    }
    output::line("all laws hold, and every control fails as it must")
}

fn law(name: &str, law: &Law) -> String {
    let verdict = match (law.verdict(), law) {
        (Verdict::Holds, _) => "holds".into(),
        (Verdict::Broken, _) => "BROKEN".into(),
        (Verdict::Undecided, Law::ZScore(z)) => format!("undecided: too few trials to see {}", z.fault),
        (Verdict::Undecided, _) => "undecided: the control does not show".into(),
    };
    match law {
        Law::ZScore(z) => format!(
            "  law     {name:<24} {verdict}: z = {:+.2} (|z| < 4), control {:+.1} (> 4): {}; \
             difference {:+.1e}, {} trials",
            z.z, z.control, z.fault, z.difference, z.trials
        ),
        Law::Equality(e) => format!(
            "  law     {name:<24} {verdict}: largest difference {:.1e} (bound {:.1e}), control one sample late {:.1e}, \
             {} grid values",
            e.difference, e.bound, e.control, e.values
        ),
        Law::NotApplicable(why) => format!("  law     {name:<24} not applicable: {why}"),
    }
}

fn effect(name: &str, effect: Option<&Effect>) -> Result<(), Failure> {
    let Some(e) = effect else { return Ok(()) };
    let Effect { db, low_db, high_db, trials } = *e;
    output::line(format!("  effect  {name:<24} {db:+.4} dB [{low_db:+.4} to {high_db:+.4}], {trials} trials"))
}
