//! A lab run's round as a figure: how radios arrived, and the sum that was received over the one that was sent.

use super::failure::Failure;
use super::output;
use airloop::lab::LabRound;
use airloop_baseband::Complex64;
use airloop_plots::{Planes, Table, render_planes};
use std::path::Path;

/// Points of the sum that are drawn at most.
const MOST_POINTS: usize = 400;

const COLUMNS: &str = "plane,series,in_phase,quadrature";
const RADIOS: &str = "Radios: the round over the pilots";

/// Draws a round into a file, and writes the table beside it.
///
/// # Errors
/// When a file cannot be written, or its ending is none of a figure.
pub fn draw(round: &LabRound, path: &Path) -> Result<(), Failure> {
    let table = path.with_extension("csv");
    let lines = radios(round).into_iter().chain(sum(round)).map(|line| line + "\n");
    let text: String = std::iter::once(COLUMNS.to_string() + "\n").chain(lines).collect();
    let failed = |error: std::io::Error| Failure::bad_input(format!("--figure {}: {error}", table.display()));
    std::fs::write(&table, text).map_err(failed)?;
    let mut figure = Planes::new("plane", "series", ["in_phase", "quadrature"]);
    figure.phasors = vec![RADIOS.into()];
    render_planes(&figure, &Table::read(&table)?, path)?;
    output::note(format!("drew {} of {}", path.display(), table.display()));
    Ok(())
}

fn radios(round: &LabRound) -> Vec<String> {
    let of = |(radio, [before, after]): (usize, &[Complex64; 2])| {
        let name = &round.calibration.devices[radio].name;
        let drift_rad = if before.arg().abs() > after.arg().abs() { before.arg() } else { after.arg() };
        let drift = format!("{drift_rad:+.4}").replace('-', "−");
        let series = format!("{name}: {drift} rad");
        [before, after].map(|x| format!("{RADIOS:?},{series:?},{},{}", x.re, x.im))
    };
    round.heard.phasors.iter().enumerate().flat_map(of).collect()
}

/// Pairs of neighbouring values are points.
fn sum(round: &LabRound) -> Vec<String> {
    let (estimate, truth) = &round.sum;
    let nmse = round.report.metrics.nmse.as_ref().and_then(|nmse| nmse.mean);
    let nmse = nmse.map_or(String::new(), |nmse| format!("; NMSE {:.2} dB", 10.0 * nmse.log10()));
    let plane = format!("Sum of the values{nmse}").replace('-', "−");
    let points = |series: &'static str, values: &[f32]| -> Vec<String> {
        let step = (values.len() / 2).div_ceil(MOST_POINTS).max(1);
        let pairs = values.chunks_exact(2).step_by(step);
        pairs.map(|pair| format!("{plane:?},{series:?},{},{}", pair[0], pair[1])).collect()
    };
    [points("sent", truth), points("received", estimate)].concat()
}
