//! `airloop plot`, and the figures that every sweep leaves.

use super::args::PlotArgs;
use super::failure::Failure;
use super::output;
use airloop::link::LinkReport;
use airloop::report::Report;
use airloop::sweep::journal::kind_of;
use airloop::sweep::{Journal, Kind, RowReport, Rows, table, write_table};
use airloop_plots::{Figure, Note, PlotError, Table, render};
use std::path::Path;

/// Draws figures from a result folder or a figure file.
///
/// # Errors
/// When there is no table, a column is unknown, or the output cannot be written.
pub fn plot(args: &PlotArgs) -> Result<(), Failure> {
    if args.what.is_dir() {
        return match kind_of(&args.what)? {
            Kind::Aggregation => folder::<Report>(args),
            Kind::Link => folder::<LinkReport>(args),
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
    let Some(out) = &args.out else { return default_figures(&args.what, first.as_deref()) };
    let table = Table::read(args.what.join(table::FILE_NAME))?;
    let figures = airloop_plots::default_figures(&table, first.as_deref());
    let Some((_, figure)) = figures.first() else {
        return Err(Failure::bad_input("the table has no row to draw"));
    };
    draw(figure, &table, out)
}

/// Draws the default figures of a result folder as SVG and PNG.
///
/// # Errors
/// When the folder cannot be read or written.
pub fn default_figures(dir: &Path, first_axis: Option<&str>) -> Result<(), Failure> {
    let table = Table::read(dir.join(table::FILE_NAME))?;
    for (stem, figure) in airloop_plots::default_figures(&table, first_axis) {
        for ending in ["svg", "png"] {
            let path = dir.join(format!("{stem}.{ending}"));
            match render(&figure, &table, &path) {
                Ok(notes) => drawn(&path, &notes)?,
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
    for note in notes {
        output::note(format!("{}: {note}", out.display()));
    }
    output::line(format!("drew {}", out.display()))
}
