//! `airloop split`.

use super::args::SplitArgs;
use super::failure::Failure;
use super::print::short;
use super::{output, split_view};
use airloop::config::{ConfigError, Node, overrides};
use airloop::split::model::{PRESETS, Sample, Tuning};
use airloop::split::{SplitConfig, SplitError, SplitReport, run, table};
use airloop::sweep::SweepPlan;
use airloop::sweep::table::{number, write_whole};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

/// Names of the files in a folder of results.
const ROUNDS: &str = "rounds.csv";
const POINTS: &str = "table.csv";

/// Runs the split rounds of a file: a single point is printed stage by stage, more as a row each.
///
/// # Errors
/// When the file is wrong, a point fails, or files cannot be written.
pub fn split(args: &SplitArgs) -> Result<(), Failure> {
    let Some(file) = &args.file else { return list() };
    let plan = plan(file, args)?;
    args.out.as_deref().map(output::folder).transpose()?;
    let points = plan.points();
    if let [point] = points.as_slice() {
        let config = SplitConfig::of(&plan.tree(point)?)?;
        let report = single(&config, args.out.as_deref())?;
        refuse_doubts(&report, args.strict)?;
        return output::line(match args.json {
            true => serde_json::to_string_pretty(&report)?,
            false => split_view::report(&report),
        });
    }
    let mut reports = Vec::with_capacity(points.len());
    for point in &points {
        let config = SplitConfig::of(&plan.tree(point)?)?;
        let report = single(&config, None).map_err(|failure| Failure {
            message: format!("{}: {}", place(&plan, point), failure.message),
            code: failure.code,
        })?;
        refuse_doubts(&report, args.strict)?;
        reports.push(report);
    }
    let rows = |number| split_view::points(&plan, &points, &reports, number);
    if let Some(dir) = &args.out {
        let path = dir.join(POINTS);
        write_whole(&path, split_view::csv(&rows(number)).as_bytes())?;
        output::note(format!("wrote {}", path.display()));
    }
    output::line(if args.json {
        serde_json::to_string_pretty(&reports)?
    } else {
        split_view::words(&rows(short))
    })
}

/// Reads the file and the flags.
fn plan(file: &Path, args: &SplitArgs) -> Result<SweepPlan, Failure> {
    let mut root = Node::read_toml(file)?;
    for text in &args.set {
        let (path, value) = overrides::parse_set(text)?;
        root.set(&path, value)?;
    }
    if let Some(node) = root.get("sweep.fidelity") {
        let message = "split rounds have one fidelity; [sweep] has only over here".to_string();
        return Err(ConfigError::Invalid {
            origin: node.origin.clone(),
            path: "sweep.fidelity".into(),
            message,
        }
        .into());
    }
    let mut plan = SweepPlan::new(root)?;
    for text in &args.over {
        let (path, values) = overrides::parse_over(text)?;
        plan.replace_axis(path, values)?;
    }
    plan.check_flags()?;
    Ok(plan)
}

/// Returns a point in words.
fn place(plan: &SweepPlan, point: &airloop::sweep::plan::PlannedPoint) -> String {
    let axes =
        plan.axes.iter().zip(plan.values(point)).map(|(axis, value)| format!("{} = {value}", axis.path));
    let label = &plan.curves[point.curve].label;
    let label = (!label.is_empty()).then(|| format!("\"{label}\""));
    label.into_iter().chain(axes).collect::<Vec<String>>().join(", ")
}

/// Runs the rounds of one point, which go into a folder where one is given.
fn single(config: &SplitConfig, dir: Option<&Path>) -> Result<SplitReport, Failure> {
    let Some(dir) = dir else { return Ok(run(config, &mut |_, _| Ok(()))?) };
    let path = dir.join(ROUNDS);
    let failed = |e: std::io::Error| SplitError::Output(format!("--out {}: {e}", dir.display()));
    let mut file = BufWriter::new(File::create(&path).map_err(failed)?);
    writeln!(file, "{}", table::COLUMNS.join(",")).map_err(failed)?;
    let mut rows = String::new();
    let report = run(config, &mut |t_start_s, round| {
        rows.clear();
        table::write_rows(&mut rows, t_start_s, round);
        file.write_all(rows.as_bytes()).map_err(failed)
    })?;
    file.flush().map_err(failed)?;
    output::note(format!("wrote {}", path.display()));
    Ok(report)
}

fn refuse_doubts(report: &SplitReport, strict: bool) -> Result<(), Failure> {
    match report.warnings.first().filter(|_| strict) {
        Some(warning) => Err(Failure::bad_input(format!("{warning} (an error because of --strict)"))),
        None => Ok(()),
    }
}

/// Prints the presets, with what a sample of 512 tokens costs.
fn list() -> Result<(), Failure> {
    let heads = ["model", "params", "cuts", "values/sample", "forward FLOP/sample", "what"].map(String::from);
    let sample = Sample { tokens: 512, context: 0 };
    let rows = PRESETS.iter().map(|preset| {
        let model = preset.model(sample, &Tuning::default());
        let values = [1, model.last_cut()].map(|cut| model.values_at(cut));
        [
            preset.name.to_string(),
            model.whole().params.to_string(),
            model.last_cut().to_string(),
            if values[0] == values[1] {
                values[0].to_string()
            } else {
                format!("{} to {}", values[0], values[1])
            },
            format!("{:.3e}", model.whole().forward_flop),
            preset.what.to_string(),
        ]
    });
    let lines: Vec<Vec<String>> = std::iter::once(heads).chain(rows).map(Vec::from).collect();
    output::line(split_view::aligned(&lines))?;
    output::line("a sample is 512 tokens where a file chooses them, an image elsewhere; 1 MAC = 2 FLOP")
}
