//! `airloop ladder`.

use super::args::LadderArgs;
use super::failure::{Failure, LAW_BROKEN, LAW_UNDECIDED};
use super::progress::catch_interrupt;
use super::{load, output};
use airloop::experiment::Loader;
use airloop::ladder::{Verdict, climb};
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
        output::line(&ladder)?;
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
