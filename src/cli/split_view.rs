//! Split rounds in words.

use super::print::short;
use airloop::split::SplitReport;
use airloop::split::round::DeviceRound;
use airloop::sweep::SweepPlan;
use airloop::sweep::plan::PlannedPoint;

/// Most devices whose stages are printed.
const MOST_LINES: usize = 32;

/// Returns a report in words.
pub fn report(report: &SplitReport) -> String {
    let kind = if report.training { "training" } else { "inference" };
    let mut out = vec![
        format!("split {kind} of {}, {} parameters, {} trained", report.model, report.params, report.trained),
        format!("  (FLOP convention: {}; s and J; first round)", report.flop_convention),
        stages(report),
    ];
    let mut row = |name: &str, value: String| out.push(format!("  {name:<26}{value}"));
    let first = &report.first_round;
    if first.averaged_backward_s > 0.0 {
        row("averaged_backward_s", short(first.averaged_backward_s));
        row("broadcast_s", short(first.broadcast_s));
    }
    row("server_backward_samples", first.server_backward_samples.to_string());
    row("rounds", report.rounds.to_string());
    row("round_s", spread(report.rounds, &report.round_s));
    row("round_j", report.round_j.as_ref().map_or("-".into(), |joules| spread(report.rounds, joules)));
    row("total_s", short(report.total_s));
    row("total_j", report.total_j.map_or("-".into(), short));
    if let Some(latency_s) = report.latency_per_token_s {
        row("latency_per_token_s", short(latency_s));
    }
    if report.absences > 0 {
        row("absences", report.absences.to_string());
    }
    if let Some(download) = &report.download {
        row("download unicast_s", short(download.unicast_s));
        row("download multicast_s", short(download.multicast_s));
        row("download ratio", short(download.ratio));
    }
    out.extend(report.warnings.iter().map(|warning| format!("  warning: {warning}")));
    out.join("\n")
}

fn spread(rounds: u64, spread: &airloop::split::run::Spread) -> String {
    match rounds {
        1 => short(spread.mean),
        _ => format!("{} [{} to {}]", short(spread.mean), short(spread.least), short(spread.most)),
    }
}

/// Returns the stages of the first round, a line a device.
fn stages(report: &SplitReport) -> String {
    let heads = [
        "device",
        "cut",
        "up (bit)",
        "up (bit/s)",
        "down (bit/s)",
        "client_forward",
        "activations_up",
        "server",
        "gradients_down",
        "client_backward",
        "energy",
    ];
    let mut lines = vec![heads.map(String::from).to_vec()];
    let devices = &report.first_round.devices;
    let row = |(device, cost): (&DeviceRound, &airloop::split::run::BatchCost)| {
        let stages = &device.stages;
        let times = [
            stages.client_forward_s,
            stages.activations_up_s,
            stages.server_s,
            stages.gradients_down_s,
            stages.client_backward_s,
        ];
        let mut cells = vec![device.device.to_string(), device.cut.to_string(), format!("{}", cost.up_bits)];
        cells.extend([device.up_rate_bps, device.down_rate_bps].map(short));
        cells.extend(times.map(|time| if device.takes_part { short(time) } else { "absent".into() }));
        cells.push(device.energies.total_j().map_or("-".into(), short));
        cells
    };
    lines.extend(devices.iter().zip(&report.costs).take(MOST_LINES).map(row));
    let mut text = aligned(&lines);
    if devices.len() > MOST_LINES {
        text.push_str(&format!("\n  and {} more, all in rounds.csv with --out", devices.len() - MOST_LINES));
    }
    text
}

/// Returns cells as columns, two blanks apart, the last as it comes.
pub fn aligned(lines: &[Vec<String>]) -> String {
    let columns = lines.first().map_or(0, Vec::len);
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let text = |line: &Vec<String>| {
        let cells = line.iter().zip(&widths).map(|(cell, width)| format!("  {cell:<width$}"));
        cells.collect::<String>().trim_end().to_string()
    };
    lines.iter().map(text).collect::<Vec<String>>().join("\n")
}

/// Returns lines of cells as CSV.
pub fn csv(lines: &[Vec<String>]) -> String {
    let quoted = |cell: &String| match cell.contains([',', '"', '\n']) {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell.clone(),
    };
    let line = |line: &Vec<String>| line.iter().map(quoted).collect::<Vec<String>>().join(",") + "\n";
    lines.iter().map(line).collect()
}

/// Returns lines of cells as columns, without those that are empty below their head.
pub fn words(lines: &[Vec<String>]) -> String {
    let used = |column: &usize| lines.iter().skip(1).any(|line| !line[*column].is_empty());
    let columns: Vec<usize> = (0..lines.first().map_or(0, Vec::len)).filter(used).collect();
    let kept = |line: &Vec<String>| columns.iter().map(|column| line[*column].clone()).collect();
    aligned(&lines.iter().map(kept).collect::<Vec<Vec<String>>>())
}

/// Returns a line of heads and one for each point: its curve, its axes, and what came of it, numbers as `number` writes them.
pub fn points(
    plan: &SweepPlan,
    points: &[PlannedPoint],
    reports: &[SplitReport],
    number: fn(f64) -> String,
) -> Vec<Vec<String>> {
    let measured =
        ["model", "cuts", "round_s", "round_j", "total_s", "total_j", "latency_per_token_s", "absences"];
    let axes = plan.axes.iter().map(|axis| axis.path.as_str());
    let heads = std::iter::once("curve").chain(axes).chain(measured).map(String::from).collect();
    let mut lines: Vec<Vec<String>> = vec![heads];
    for (point, report) in points.iter().zip(reports) {
        let values = plan.values(point).into_iter().map(|value| match value {
            serde_json::Value::String(text) => text,
            other => other.to_string(),
        });
        let optional = |x: Option<f64>| x.map_or(String::new(), number);
        let mut cells = vec![plan.curves[point.curve].label.clone()];
        cells.extend(values);
        cells.extend([
            report.model.clone(),
            cuts(&report.cuts),
            number(report.round_s.mean),
            optional(report.round_j.as_ref().map(|spread| spread.mean)),
            number(report.total_s),
            optional(report.total_j),
            optional(report.latency_per_token_s),
            report.absences.to_string(),
        ]);
        lines.push(cells);
    }
    lines
}

/// Returns cuts: one number where all are the same.
fn cuts(cuts: &[usize]) -> String {
    match cuts {
        [first, rest @ ..] if rest.iter().all(|cut| cut == first) => first.to_string(),
        _ => cuts.iter().map(usize::to_string).collect::<Vec<String>>().join(";"),
    }
}
