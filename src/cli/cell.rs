//! `airloop cell`.

use super::args::{CellArgs, Changes};
use super::failure::Failure;
use super::{load, output};
use airloop::experiment::Loader;
use airloop::experiment::sections::CellDevice;
use serde::Serialize;

/// A device of the drop as it is printed.
#[derive(Debug, Serialize)]
struct Row {
    device: usize,
    x_m: f64,
    y_m: f64,
    distance_m: f64,
    line_of_sight: bool,
    path_loss_db: f64,
    shadowing_db: f64,
    snr_db: f64,
    selected: bool,
}

/// Prints the drop of an experiment's cell.
///
/// # Errors
/// When the experiment is wrong, or has no cell.
pub fn cell(args: &CellArgs) -> Result<(), Failure> {
    let changes = Changes { set: args.set.clone(), strict: false, threads: None };
    let experiment = Loader::default().load(&load::single(&args.file, &changes)?)?;
    let Some(drop) = &experiment.cell else {
        let file = args.file.display();
        return Err(Failure::bad_input(format!("{file}: there is no [cell]; link.snr_db says the SNR")));
    };
    let doubts = experiment.warnings.iter().filter(|warning| warning.code == "path-loss-extrapolated");
    doubts.for_each(|warning| output::note(format!("warning: {}: {}", warning.code, warning.message)));
    let rows: Vec<Row> = drop.devices.iter().enumerate().map(row).collect();
    output::line(if args.json { serde_json::to_string_pretty(&rows)? } else { table(&rows) })
}

fn row((device, placed): (usize, &CellDevice)) -> Row {
    let dropped = &placed.dropped;
    Row {
        device,
        x_m: dropped.x_m,
        y_m: dropped.y_m,
        distance_m: dropped.geometry.distance_2d_m,
        line_of_sight: dropped.line_of_sight,
        path_loss_db: dropped.path_loss_db,
        shadowing_db: dropped.shadowing_db,
        snr_db: placed.snr_db,
        selected: placed.selected,
    }
}

/// Returns the drop as aligned columns.
fn table(rows: &[Row]) -> String {
    let heads = [
        "device",
        "x_m",
        "y_m",
        "distance_m",
        "line_of_sight",
        "path_loss_db",
        "shadowing_db",
        "snr_db",
        "selected",
    ];
    let word = |yes: bool| if yes { "yes" } else { "no" }.to_string();
    let number = |x: f64| format!("{x:.2}");
    let cells = |row: &Row| {
        [
            row.device.to_string(),
            number(row.x_m),
            number(row.y_m),
            number(row.distance_m),
            word(row.line_of_sight),
            number(row.path_loss_db),
            number(row.shadowing_db),
            number(row.snr_db),
            word(row.selected),
        ]
    };
    let lines = std::iter::once(heads.map(String::from)).chain(rows.iter().map(cells));
    let widths = |line: [String; 9]| {
        let padded: Vec<String> = line
            .iter()
            .zip(heads)
            .map(|(cell, head)| format!("{cell:>width$}", width = head.len().max(9)))
            .collect();
        padded.join("  ")
    };
    lines.map(widths).collect::<Vec<String>>().join("\n")
}
