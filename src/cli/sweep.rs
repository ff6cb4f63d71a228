//! `airloop sweep` and `airloop merge`.

use super::args::{Changes, MergeArgs, PointArgs, SweepArgs};
use super::failure::{Failure, INTERRUPTED};
use super::print::Printed;
use super::progress::{Bar, catch_interrupt};
use super::{figures, load, output, print};
use airloop::config::overrides;
use airloop::experiment::Loader;
use airloop::link::LinkReport;
use airloop::link_table::{CurveReport, JSON_NAME, write_nmse};
use airloop::report::Report;
use airloop::sweep::shipped::Shipped;
use airloop::sweep::{self, Kind, RowReport, Shard, SweepEvent, SweepOptions, SweepPlan, run_sweep};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// Runs or resumes a sweep.
///
/// # Errors
/// When the sweep is wrong, the folder holds another, or a point fails.
pub fn sweep(args: &SweepArgs) -> Result<(), Failure> {
    load::threads(&args.changes)?;
    let (file, out) = places(args)?;
    let plan = plan(args, &file)?;
    let shard = shard(args.points.shard.as_ref())?;
    let run = FolderRun { file: &file, out: &out, shard, changes: &args.changes };
    run_folder::<Report>(&plan, &Loader::default(), &run)
}

/// Reads a part of a sweep.
///
/// # Errors
/// When it is none.
pub fn shard(text: Option<&String>) -> Result<Option<Shard>, Failure> {
    let Some(text) = text else { return Ok(None) };
    let malformed = || {
        Failure::bad_input(format!("--shard {text}: part I of N is expected, I from 1 to N, for example 1/3"))
    };
    Shard::parse(text).map(Some).ok_or_else(malformed)
}

/// Where a sweep of a file goes.
pub struct FolderRun<'a> {
    /// The file.
    pub file: &'a Path,
    /// The result folder.
    pub out: &'a Path,
    /// Which part of the points.
    pub shard: Option<Shard>,
    /// Flags that all commands on experiments share.
    pub changes: &'a Changes,
}

/// Runs or resumes a sweep of any kind, prints its rows and draws its figures.
///
/// # Errors
/// When a point is wrong or fails, or the folder holds another sweep.
pub fn run_folder<R: Printed>(plan: &SweepPlan, loader: &Loader, run: &FolderRun<'_>) -> Result<(), Failure> {
    let begun = Instant::now();
    let show = Show { bar: Bar::new("checking the points"), base: AtomicU64::new(0), all: AtomicU64::new(0) };
    let tell = |event: SweepEvent<'_>| show.event(&event);
    let options = SweepOptions {
        out: run.out,
        shard: run.shard,
        interrupted: catch_interrupt(),
        strict: run.changes.strict,
        tell: &tell,
    };
    let result = run_sweep::<R>(plan, loader, &options);
    show.bar.clear();
    let result = result?;
    super::init::write_run_record(run.out, run.file, begun.elapsed())?;
    output::line(R::rows(&result.rows))?;
    for (code, message, rows) in &result.warnings {
        output::line(print::warning(code, message, *rows))?;
    }
    if result.left_aside > 0 {
        let (count, journal) = (result.left_aside, run.out.join(sweep::journal::FILE_NAME));
        let journal = journal.display();
        output::note(format!("{count} earlier points are not part of this sweep; {journal} keeps them"));
    }
    output::line(format!("{} of {} points in {}", result.finished, result.planned, result.table.display()))?;
    let first_axis = plan.axes.first().map(|a| sweep::table::column_of_axis::<R>(&a.path).to_string());
    if result.finished > 0 {
        figures::default_figures::<R>(run.out, first_axis.as_deref())?;
    }
    if result.interrupted {
        output::note(format!("interrupted; the same command resumes:\n  {}", command_line()));
        return Err(Failure { message: String::new(), code: INTERRUPTED });
    }
    Ok(())
}

/// Returns the experiment file and the result folder.
fn places(args: &SweepArgs) -> Result<(PathBuf, PathBuf), Failure> {
    let name = |file: &Path| file.file_stem().map_or("sweep".into(), |s| s.to_string_lossy().into_owned());
    match &args.file {
        Some(file) => {
            let out = args.points.out.clone().unwrap_or_else(|| Path::new("results").join(name(file)));
            Ok((file.clone(), out))
        }
        None => {
            let quick = sweep::shipped::EXPERIMENTS[0];
            let out = args.points.out.clone().unwrap_or_else(|| Path::new("results").join(quick.name));
            let file = place_quick_start(quick, &out.join("experiment"))?;
            output::note(format!(
                "no experiment file given: running the quick start, written to {}",
                file.display()
            ));
            Ok((file, out))
        }
    }
}

/// Writes the quick start into its result folder, unless the file there was changed by hand.
fn place_quick_start(quick: Shipped, folder: &Path) -> Result<PathBuf, Failure> {
    if let Some(changed) = quick.changed_files(folder).first() {
        let file = quick.path(folder);
        return Err(Failure::bad_input(format!(
            "{} was changed; to run your own version: airloop sweep {} --out DIR",
            changed.display(),
            file.display()
        )));
    }
    Ok(quick.write(folder)?)
}

fn plan(args: &SweepArgs, file: &Path) -> Result<SweepPlan, Failure> {
    let mut plan = SweepPlan::new(load::tree(file, &args.changes)?)?;
    change(&mut plan, &args.points)?;
    Ok(plan)
}

/// Applies `--over` and `--fidelity` to a plan.
///
/// # Errors
/// When a flag is malformed, or a `--set` would change no point.
pub fn change(plan: &mut SweepPlan, points: &PointArgs) -> Result<(), Failure> {
    for text in &points.over {
        let (path, values) = overrides::parse_over(text)?;
        plan.replace_axis(path, values)?;
    }
    if !points.fidelity.is_empty() {
        plan.set_fidelities(
            points.fidelity.iter().map(|word| load::fidelity(word)).collect::<Result<_, _>>()?,
        );
    }
    Ok(plan.check_flags()?)
}

/// Merges shards.
///
/// # Errors
/// When a folder holds no results or another experiment's.
pub fn merge(args: &MergeArgs) -> Result<(), Failure> {
    let kind = args.folders.first().map(|folder| sweep::journal::kind_of(folder)).transpose()?;
    match kind.unwrap_or_default() {
        Kind::Aggregation => merge_of::<Report>(args),
        Kind::Link => merge_of::<LinkReport>(args),
        Kind::ErrorRateCurve => merge_of::<CurveReport>(args),
    }
}

fn merge_of<R: RowReport>(args: &MergeArgs) -> Result<(), Failure> {
    let (finished, planned) = sweep::merge::<R>(&args.folders, &args.out)?;
    output::line(format!(
        "{finished} of {planned} points in {}",
        args.out.join(sweep::table::FILE_NAME).display()
    ))?;
    if finished > 0 {
        let (header, _) = sweep::Journal::<R>::read(&args.out)?;
        let first_axis = header.axes.first().map(|a| sweep::table::column_of_axis::<R>(&a.0).to_string());
        figures::default_figures::<R>(&args.out, first_axis.as_deref())?;
        // Shards of a table of aggregation errors make the whole table.
        if R::KIND == Kind::Aggregation && args.folders.iter().any(|folder| folder.join(JSON_NAME).exists()) {
            write_nmse(&args.out)?;
        }
    }
    Ok(())
}

/// Returns the shipped experiment of that name, or an error that lists them.
///
/// # Errors
/// When there is none.
pub fn shipped(name: &str) -> Result<Shipped, Failure> {
    Shipped::find(name).ok_or_else(|| {
        let names = sweep::shipped::EXPERIMENTS.map(|e| e.name).join(", ");
        Failure::bad_input(format!("there is no shipped experiment \"{name}\"; there are {names}"))
    })
}

/// Returns the command as it was typed.
pub fn command_line() -> String {
    let plain = |c: char| c.is_alphanumeric() || "_-./=:,+@%".contains(c);
    let quote = |word: String| match word.is_empty() || !word.chars().all(plain) {
        true => format!("'{}'", word.replace('\'', "'\\''")),
        false => word,
    };
    std::env::args().map(quote).collect::<Vec<_>>().join(" ")
}

/// Turns events into progress over all trials.
struct Show {
    bar: Bar,
    base: AtomicU64,
    all: AtomicU64,
}

impl Show {
    fn event(&self, event: &SweepEvent<'_>) {
        let base = self.base.load(Ordering::Relaxed);
        let all = self.all.load(Ordering::Relaxed);
        match event {
            SweepEvent::Planned { points, finished, trials } => {
                self.all.store(*trials, Ordering::Relaxed);
                if *finished > 0 {
                    output::note(format!("resuming: {finished} of {points} points are finished already"));
                }
            }
            SweepEvent::Begins { point } => self.bar.say(point),
            SweepEvent::Trials(done) => self.bar.set(base.saturating_add(*done), all),
            // A point that ended early leaves less to do in all.
            SweepEvent::Finished { ran, most } => {
                let (base, all) = (base.saturating_add(*ran), all.saturating_sub(most.saturating_sub(*ran)));
                self.base.store(base, Ordering::Relaxed);
                self.all.store(all, Ordering::Relaxed);
                self.bar.set(base, all);
            }
        }
    }
}
