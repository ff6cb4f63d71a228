//! Reports and sweeps in words, for a person at a terminal.

use super::failure::Failure;
use airloop::baseband::Estimate;
use airloop::baseband::units::db_from_power;
use airloop::report::{ERRORS, QUANTITIES, Report, Warning};
use airloop::sweep::{PointRecord, RowReport};

/// Returns a report in words.
pub fn report(report: &Report) -> String {
    let kind = report.theory_kind.map_or(String::new(), |k| format!(" ({})", k.word()));
    let (scheme, fidelity) = (&report.scheme, report.fidelity);
    let mut out = vec![
        format!("{scheme} at {fidelity}{kind}, {} devices, {} values each", report.devices, report.length),
        format!("  trials                {} ({})", report.trials, report.stop_reason),
    ];
    out.extend(report.waveform_path.map(|path| format!("  waveform_path         {}", path.word())));
    let errors = ERRORS.iter().zip(report.metrics.all()).filter(|(_, e)| e.is_some());
    out.extend(errors.map(|(name, e)| format!("  {name:<21} {}", estimate(e, !is_rate(name)))));
    if report.metrics.all().iter().all(Option::is_none) {
        out.push("  error                 no formula".into());
    }
    let known = [("snr_db", Some(report.snr_db)), ("bandwidth_hz", Some(report.bandwidth_hz))];
    let rest = QUANTITIES.iter().map(|(name, of)| (*name, of(report)));
    for (name, value) in known.into_iter().chain(rest) {
        if let Some(value) = value {
            // Near and far devices make the two SNRs differ.
            let note = match name {
                "snr_db" if report.snr_measured_db.is_some_and(|db| (db - value).abs() > 1.0) => {
                    "  (mean of the devices' in dB)"
                }
                "snr_measured_db" if (value - report.snr_db).abs() > 1.0 => "  (of their mean power)",
                _ => "",
            };
            out.push(format!("  {name:<21} {}{note}", short(value)));
        }
    }
    out.extend(report.warnings.iter().map(|w| warning(&w.code, &w.message, 1)));
    out.join("\n")
}

/// Returns a warning as a line, with the number of rows that raise it.
pub fn warning(code: &str, message: &str, rows: usize) -> String {
    let rows = if rows > 1 { format!(" [{rows} rows]") } else { String::new() };
    format!("  warning: {code}{rows}: {message}")
}

/// Makes the first warning of a report an error.
///
/// # Errors
/// When there is a warning.
pub fn refuse_doubts(report: &Report) -> Result<(), Failure> {
    match report.warnings.first() {
        Some(Warning { code, message }) => {
            Err(Failure::bad_input(format!("{code}: {message} (an error because of --strict)")))
        }
        None => Ok(()),
    }
}

/// Returns whether an error is a share of decisions: nobody speaks of it in decibels.
fn is_rate(error: &str) -> bool {
    error.starts_with("vote")
}

/// Returns an estimate with its interval, or its quantiles where the mean does not exist; its mean in decibels too if wanted.
pub fn estimate(estimate: Option<&Estimate>, in_db: bool) -> String {
    let Some(e) = estimate else { return "not defined".into() };
    let quantiles = match (e.median, e.q90) {
        (Some(median), Some(q90)) => format!("median {}, q90 {}", short(median), short(q90)),
        _ => String::new(),
    };
    let Some(mean) = e.mean else { return format!("no mean; {quantiles}") };
    let interval = match (e.low, e.high) {
        (Some(low), Some(high)) if low < high => format!(" [{} to {}]", short(low), short(high)),
        _ => String::new(),
    };
    let quantiles = if quantiles.is_empty() { quantiles } else { format!(", {quantiles}") };
    let db = if in_db { format!(" ({:.2} dB)", db_from_power(mean)) } else { String::new() };
    format!("{}{db}{interval}{quantiles}", short(mean))
}

/// Returns a number with five digits, in the shorter of the two notations.
pub fn short(x: f64) -> String {
    let size = x.abs();
    if size != 0.0 && !(1e-3..1e6).contains(&size) {
        return format!("{x:.4e}");
    }
    let digits = if size == 0.0 { 0 } else { (4 - size.log10().floor() as i32).max(0) as usize };
    let text = format!("{x:.digits$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_string() } else { text }
}

/// Reports that a terminal shows row by row.
pub trait Printed: RowReport {
    /// Returns what the cells of a sweep are.
    fn heading<'a>(reports: impl Iterator<Item = &'a Self> + Clone) -> &'static str
    where
        Self: 'a;

    /// Returns the cell of a report: its leading figure.
    fn leading(&self) -> String;

    /// Returns the rows of a sweep: one line a point of curve and axes, the rungs side by side.
    fn rows(points: &[PointRecord<Self>]) -> String {
        rows(points)
    }
}

impl Printed for Report {
    fn heading<'a>(reports: impl Iterator<Item = &'a Self> + Clone) -> &'static str {
        heading(reports)
    }

    fn leading(&self) -> String {
        leading(self)
    }
}

fn rows<R: Printed>(rows: &[PointRecord<R>]) -> String {
    let mut lines: Vec<(String, Vec<String>)> = Vec::new();
    let mut fidelities: Vec<&str> = Vec::new();
    for row in rows {
        let axes: Vec<String> = row
            .values
            .iter()
            .map(|(path, v)| format!("{} {}", path.rsplit('.').next().unwrap_or(path), plain(v)))
            .collect();
        let name = [row.curve.clone(), axes.join(", ")].join("  ").trim().to_string();
        let word = row.report.fidelity().word();
        if !fidelities.contains(&word) {
            fidelities.push(word);
        }
        let column = fidelities.iter().position(|f| *f == word).unwrap_or(0);
        if lines.last().is_none_or(|l| l.0 != name) {
            lines.push((name, Vec::new()));
        }
        let cells = &mut lines.last_mut().expect("a line was just pushed").1;
        cells.resize(cells.len().max(column + 1), String::new());
        cells[column] = row.report.leading();
    }
    let width = lines.iter().map(|l| l.0.chars().count()).max().unwrap_or(0);
    let heads: Vec<String> = fidelities.iter().map(|f| format!("{f:>10}")).collect();
    let what = R::heading(rows.iter().map(|row| &row.report));
    let mut out = vec![format!("{:<width$}  {what}:{}", "", heads.join(""))];
    let blank = what.chars().count() + 3;
    for (name, cells) in lines {
        let cells: Vec<String> = cells.iter().map(|c| format!("{c:>10}")).collect();
        out.push(format!("{name:<width$}{:blank$}{}", "", cells.join("")));
    }
    if out.iter().any(|line| line.contains('~')) {
        out.push("~ is a median: the mean does not exist".into());
    }
    out.join("\n")
}

/// Returns what the cells of a sweep are: the leading errors of its rows.
fn heading<'a>(mut reports: impl Iterator<Item = &'a Report> + Clone) -> &'static str {
    let votes = |r: &Report| r.metrics.vote_error_rate.is_some();
    let normalised = reports.clone().any(|r| r.metrics.leading().is_some() && !votes(r));
    match (reports.any(votes), normalised) {
        (true, true) => "NMSE in dB, or vote error rate",
        (true, false) => "vote error rate",
        (false, _) => "NMSE in dB",
    }
}

/// Returns the leading error of a report: a vote error rate as it is, an NMSE in decibels.
fn leading(report: &Report) -> String {
    let Some(e) = report.metrics.leading() else { return "-".into() };
    let shown = |x: f64| match report.metrics.vote_error_rate {
        Some(_) if x != 0.0 && x < 1e-3 => format!("{x:.2e}"),
        Some(_) => format!("{x:.4}"),
        None => format!("{:.2}", db_from_power(x)),
    };
    match (e.mean, e.median) {
        (Some(mean), _) => shown(mean),
        (None, Some(median)) => format!("~{}", shown(median)),
        _ => "-".into(),
    }
}

fn plain(value: &serde_json::Value) -> String {
    value.as_f64().map_or_else(|| value.as_str().map_or_else(|| value.to_string(), String::from), short)
}
