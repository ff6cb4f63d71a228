//! `airloop plot`, and the figures that every sweep leaves.

use super::args::PlotArgs;
use super::failure::Failure;
use super::output;
use airloop::link::LinkReport;
use airloop::link_table::{CSV_NAME, CurveReport};
use airloop::report::Report;
use airloop::sweep::journal::kind_of;
use airloop::sweep::{Journal, Kind, RowReport, Rows, table, write_table};
use airloop_plots::{Figure, Legend, Note, PlotError, Table, Width, render};
use std::path::Path;

/// Curves of a link table that are drawn side by side.
const MOST_WATERFALLS: usize = 12;

/// Remarks on one figure that are told one by one.
const MOST_REMARKS: usize = 4;

/// Draws figures from a result folder or a figure file.
///
/// # Errors
/// When there is no table, a column is unknown, or the output cannot be written.
pub fn plot(args: &PlotArgs) -> Result<(), Failure> {
    if args.what.is_dir() {
        return match kind_of(&args.what)? {
            Kind::Aggregation => folder::<Report>(args),
            Kind::Link => folder::<LinkReport>(args),
            Kind::ErrorRateCurve => folder::<CurveReport>(args),
        };
    }
    let figure = Figure::from_file(&args.what)?;
    let Some(path) = &figure.table else {
        return Err(Failure::bad_input(format!("{}: table = \"...\" is missing", args.what.display())));
    };
    let table = Table::read(if path.is_dir() { path.join(table::FILE_NAME) } else { path.clone() })?;
    let out = args.out.clone().unwrap_or_else(|| args.what.with_extension("svg"));
    draw(&figure, &table, &out)
}

/// Derives the table of a result folder anew, and draws its figures.
fn folder<R: RowReport>(args: &PlotArgs) -> Result<(), Failure> {
    let (header, points) = Journal::<R>::read(&args.what)?;
    write_table(&args.what, &Rows::new(&header, &points))?;
    let first = header.axes.first().map(|a| table::column_of_axis::<R>(&a.0).to_string());
    let Some(out) = &args.out else { return default_figures::<R>(&args.what, first.as_deref()) };
    let figures = figures_of::<R>(&args.what, first.as_deref())?;
    let Some((_, figure, table)) = figures.first() else {
        return Err(Failure::bad_input("the table has no row to draw"));
    };
    draw(figure, table, out)
}

/// Returns the default figures of a result folder, each with its stem and table.
fn figures_of<R: RowReport>(
    dir: &Path,
    first: Option<&str>,
) -> Result<Vec<(String, Figure, Table)>, Failure> {
    let table = Table::read(dir.join(table::FILE_NAME))?;
    if R::KIND != Kind::ErrorRateCurve {
        let figures = airloop_plots::default_figures(&table, first).into_iter();
        return Ok(figures.map(|(stem, figure)| (stem, figure, table.clone())).collect());
    }
    let mut waterfalls = Figure::new("snr_db", "bler");
    waterfalls.series = ["mcs_table", "mcs", "block_bits"].map(String::from).to_vec();
    waterfalls.width = Width::Ieee2;
    waterfalls.legend = Legend::Right;
    // Of many curves, those of one block size.
    let largest = Journal::<CurveReport>::read(dir)?.1.iter().map(|point| point.report.block_bits).max();
    if let (Some(bits), true) = (largest, table.rows() > MOST_WATERFALLS) {
        waterfalls.series.truncate(2);
        waterfalls.filter.insert("block_bits".into(), vec![bits.to_string()]);
        waterfalls.title = Some(format!("Blocks of {bits} bits, a line a scheme"));
        waterfalls.legend = Legend::None;
    }
    let mut thresholds = Figure::new("mcs", "snr_at_bler_0_1_db");
    thresholds.series = ["mcs_table", "block_bits"].map(String::from).to_vec();
    thresholds.y_label = Some("SNR at a block error rate of 0.1 (dB)".into());
    let entries = Table::read(dir.join(CSV_NAME))?;
    Ok(vec![("figure".into(), waterfalls, entries), ("figure-thresholds".into(), thresholds, table)])
}

/// Draws the default figures of a result folder as SVG and PNG.
///
/// # Errors
/// When the folder cannot be read or written.
pub fn default_figures<R: RowReport>(dir: &Path, first_axis: Option<&str>) -> Result<(), Failure> {
    for (stem, figure, table) in figures_of::<R>(dir, first_axis)? {
        // The PNG has the remarks of the SVG.
        for (ending, remarked) in [("svg", true), ("png", false)] {
            let path = dir.join(format!("{stem}.{ending}"));
            match render(&figure, &table, &path) {
                Ok(notes) => drawn(&path, if remarked { &notes } else { &[] })?,
                // Results without a figure are results all the same.
                Err(error @ (PlotError::NothingToDraw { .. } | PlotError::NotANumber { .. })) => {
                    output::note(format!("no {}: {error}", path.display()));
                }
                Err(error) => return Err(error.into()),
            }
        }
    }
    Ok(())
}

fn draw(figure: &Figure, table: &Table, out: &Path) -> Result<(), Failure> {
    drawn(out, &render(figure, table, out)?)
}

fn drawn(out: &Path, notes: &[Note]) -> Result<(), Failure> {
    for note in notes.iter().take(MOST_REMARKS) {
        output::note(format!("{}: {note}", out.display()));
    }
    if notes.len() > MOST_REMARKS {
        output::note(format!("{}: {} more such remarks", out.display(), notes.len() - MOST_REMARKS));
    }
    output::line(format!("drew {}", out.display()))
}
