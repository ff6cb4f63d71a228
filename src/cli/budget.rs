//! `airloop budget`.

use super::args::BudgetArgs;
use super::failure::Failure;
use super::progress::{Bar, catch_interrupt};
use super::{load, output};
use airloop::baseband::units::db_from_power;
use airloop::error_budget::{
    BudgetConfig, BudgetError, BudgetRow, COLUMNS, ErrorBudget, Interaction, Need, TargetReport, error_budget,
};
use airloop::experiment::Loader;
use airloop::run::RunOptions;
use airloop_plots::{Table, Waterfall, render_waterfall};
use std::path::Path;

/// Name of the table in a folder of results, and of its figures.
const TABLE: &str = "budget.csv";
const FIGURE: &str = "budget";

/// Splits the error of an experiment into its causes.
///
/// # Errors
/// When the experiment or a flag is wrong, it cannot be run, its error does not split, or files cannot be written.
pub fn budget(args: &BudgetArgs) -> Result<(), Failure> {
    load::threads(&args.changes)?;
    let config = BudgetConfig {
        fidelity: args.fidelity.as_deref().map(load::fidelity).transpose()?,
        target_db: match &args.target_db {
            Some(text) => Some(text.parse().map_err(|_| {
                Failure::bad_input(format!("--target-db {text}: a number of decibels is expected"))
            })?),
            None => None,
        },
    };
    let tree = load::single(&args.file, &args.changes)?;
    args.out.as_deref().map(output::folder).transpose()?;
    let bar = Bar::new("");
    let options = RunOptions { progress: &|done, all| bar.set(done, all), interrupted: catch_interrupt() };
    let budget = error_budget(&tree, &Loader::default(), &config, &options);
    bar.clear();
    let budget = budget.map_err(|error| match error {
        BudgetError::Run(error) => Failure::of_run(error),
        error => Failure::bad_input(error.to_string()),
    })?;
    if args.changes.strict
        && let Some(remark) = budget.remarks.first()
    {
        return Err(Failure::bad_input(format!("{remark} (an error because of --strict)")));
    }
    if let Some(dir) = &args.out {
        write(&budget, dir)?;
    }
    output::line(if args.json { serde_json::to_string_pretty(&budget)? } else { table(&budget) })
}

/// Writes the table and its figures.
fn write(budget: &ErrorBudget, dir: &Path) -> Result<(), Failure> {
    let failed = |e: std::io::Error| Failure::bad_input(format!("--out {}: {e}", dir.display()));
    let lines = budget.cells().into_iter().map(|cells| cells.join(","));
    let text: String = std::iter::once(COLUMNS.join(",")).chain(lines).map(|line| line + "\n").collect();
    let path = dir.join(TABLE);
    std::fs::write(&path, text).map_err(failed)?;
    output::note(format!("wrote {}", path.display()));
    let table = Table::read(&path)?;
    let mut figure = Waterfall::new("cause", "from", "to");
    figure.label = Some("label".into());
    figure.whole = Some("total".into());
    figure.title = match budget.metric.as_str() {
        "vote_error_rate" => "Vote error rate".into(),
        "mse_per_device" => "Mean squared error per device".into(),
        _ => "NMSE".into(),
    };
    for ending in ["svg", "png"] {
        let path = dir.join(FIGURE).with_extension(ending);
        render_waterfall(&figure, &table, &path)?;
        output::note(format!("drew {}", path.display()));
    }
    Ok(())
}

/// Returns a budget as lines and aligned columns.
fn table(budget: &ErrorBudget) -> String {
    let mut out = vec![
        format!(
            "{} at {}, {} trials: {} {:.2} dB {}",
            budget.scheme,
            budget.fidelity,
            budget.trials,
            budget.metric,
            budget.total_db,
            interval_db(budget.total_low, budget.total_high)
        ),
        format!(
            "  (alone: what the cause adds to what the scheme leaves; removed: by how much its removal lowers the total, - where it",
        ),
        format!("  does not; dB of {})", budget.metric),
    ];
    let alone = format!("alone (dB) [{} %]", 100.0 * budget.level);
    let heads = ["cause", &alone, "share (%)", "removed (dB)", "floor (dB)", "remark"].map(String::from);
    let mut rows = vec![heads];
    rows.extend(budget.rows.iter().map(row));
    rows.push(rest(budget));
    let mut widths = [0; 6];
    for row in &rows {
        widths.iter_mut().zip(row).for_each(|(width, cell)| *width = (*width).max(cell.chars().count()));
    }
    for [name, alone, share, removed, floor, remark] in &rows {
        let line = format!(
            "  {name:<0$}  {alone:<1$}  {share:>2$}  {removed:>3$}  {floor:>4$}  {remark}",
            widths[0], widths[1], widths[2], widths[3], widths[4]
        );
        out.push(line.trim_end().to_string());
    }
    out.push(match budget.adds_up {
        Some(true) => "  the parts add up to the total".into(),
        Some(false) => "  the parts do not add up to the total: causes interact".into(),
        None => "  one trial does not tell whether the parts add up".into(),
    });
    out.extend(budget.interactions.iter().map(|pair| interaction(pair, budget.total)));
    out.extend(budget.target.iter().flat_map(target));
    out.extend(budget.remarks.iter().map(|remark| format!("  remark: {remark}")));
    out.join("\n")
}

fn db(value: Option<f64>) -> String {
    value.map_or("-".into(), |db| format!("{db:.2}"))
}

fn interval_db(low: Option<f64>, high: Option<f64>) -> String {
    let end =
        |value: f64| if value > 0.0 { format!("{:.2}", db_from_power(value)) } else { "nothing".into() };
    match (low, high) {
        (Some(low), Some(high)) => format!("[{} to {}]", end(low), end(high)),
        _ => String::new(),
    }
}

fn row(row: &BudgetRow) -> [String; 6] {
    let alone = match row.alone_db {
        Some(db) => format!("{db:.2} {}", interval_db(row.alone_low, row.alone_high)),
        None if row.alone == 0.0 => "nothing".into(),
        None => match row.alone_high_db {
            Some(high) => format!("below {high:.2}"),
            None => format!("less {:.2}", db_from_power(-row.alone)),
        },
    };
    let remark = match (row.interacts, row.blurred) {
        (true, _) => "interacts",
        (false, true) => "not told from 0",
        _ => "",
    };
    let removed = if row.is_scheme() { String::new() } else { db(row.removed_db) };
    let floor = row.floor_db.map_or(String::new(), |db| format!("{db:.2}"));
    [row.cause.clone(), alone, format!("{:.1}", 100.0 * row.share), removed, floor, remark.into()]
}

fn rest(budget: &ErrorBudget) -> [String; 6] {
    let size = match budget.rest {
        0.0 => "nothing".to_string(),
        rest => {
            let sign = if rest < 0.0 { "less " } else { "" };
            format!("{sign}{:.2}", db_from_power(rest.abs()))
        }
    };
    let share = format!("{:+.1}", 100.0 * budget.rest / budget.total);
    ["rest".into(), size, share, String::new(), String::new(), String::new()]
}

fn interaction(pair: &Interaction, total: f64) -> String {
    let [first, second] = &pair.causes;
    let word = if pair.interaction < 0.0 { "less" } else { "more" };
    let over = pair.together_over_sum_db.map_or(String::new(), |db| format!(" ({db:+.2} dB)"));
    let percent = 100.0 * pair.interaction.abs() / total;
    format!("  {first} with {second}: {percent:.1} % of the total {word} than the sum of both alone{over}")
}

fn target(target: &TargetReport) -> Vec<String> {
    if target.met {
        return vec![format!("target {:.2} dB: met, by {:.2} dB", target.target_db, target.margin_db)];
    }
    let mut out = vec![format!(
        "target {:.2} dB: missed by {:.2} dB; if all else stays,",
        target.target_db, -target.margin_db
    )];
    let shrinks = |need: &Need| Some(format!("  {} must shrink by {:.2} dB", need.cause, need.shrink_db?));
    let alone: Vec<String> = target.needs.iter().filter_map(shrinks).collect();
    let nothing_alone = match (alone.len(), target.needs.len()) {
        (0, _) => Some("  no cause reaches it by itself"),
        (some, all) if some < all => Some("  no other cause reaches it by itself"),
        _ => None,
    };
    out.extend(alone.into_iter().chain(nothing_alone.map(String::from)));
    if target.together.is_empty() {
        out.push("  nor do all together: another scheme, or more power, is needed".into());
        return out;
    }
    let left = target.together_left_db.map_or("no error".into(), |db| format!("{db:.2} dB"));
    let list = match target.together.len() == target.needs.len() {
        true => "all of them".into(),
        false => target.together.join(", "),
    };
    let them = if target.together.len() == 1 { "it" } else { "them" };
    out.push(format!("  the shortest list that reaches it: {list}; without {them} {left} remains"));
    if target.together_with_scheme {
        out.push("  (what the scheme leaves is in it: another scheme or threshold is needed)".into());
    }
    out
}
