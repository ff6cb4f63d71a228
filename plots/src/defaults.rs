//! The figures that a table gets without a figure file.

use crate::figure::Figure;
use crate::select;
use crate::table::Table;

/// Returns the figures that suit a table, each with the stem of its file name.
///
/// `figure` is the leading error against `x`, the sweep's first axis; without one, or when that column holds
/// no numbers, against the first axis that varies. `figure-airtime`, only where the airtime varies, is that
/// error against airtime, joined along the SNR for each curve and each value of the other axes. The leading
/// error is the NMSE, or the vote or block error rate where more rows have that. `figure-throughput`, only where there is a
/// throughput that varies, is that against `x`.
pub fn default_figures(table: &Table, x: Option<&str>) -> Vec<(String, Figure)> {
    let named = |name: &&str| table.index(name).is_some_and(|c| table.is_numeric(c));
    let numeric = || table.axes().into_iter().find(|c| table.is_numeric(*c));
    let name = |column: usize| table.columns()[column].clone();
    let along = x
        .filter(named)
        .map(str::to_owned)
        .or_else(|| select::parameter(table).map(name))
        .or_else(|| numeric().map(name))
        .unwrap_or_else(|| "snr_db".to_owned());
    let error = leading_error(table);
    let mut figures = vec![("figure".to_owned(), Figure::new(along.clone(), error))];
    let varies = |column: usize| table.is_numeric(column) && table.distinct(column).len() > 1;
    if table.index("airtime_s").is_some_and(varies) {
        let mut figure = Figure::new("airtime_s", error);
        let parameter = select::parameter(table).or_else(|| table.index(&along));
        if let Some(parameter) = parameter {
            let rows: Vec<usize> = (0..table.rows()).collect();
            let columns = select::distinguishing(table, &rows, parameter);
            figure.join = columns.into_iter().map(name).collect();
        }
        figures.push(("figure-airtime".to_owned(), figure));
    }
    if table.index("throughput_bps").is_some_and(varies) {
        figures.push(("figure-throughput".to_owned(), Figure::new(along, "throughput_bps")));
    }
    figures
}

/// Returns the error that most rows have, by its mean or by its median; the NMSE if as many have either.
fn leading_error(table: &Table) -> &'static str {
    let rows_with = |error: &str| {
        let columns = [table.index(error), table.index(&format!("{error}_median"))];
        let has = |row: &usize| columns.iter().flatten().any(|column| !table.text(*row, *column).is_empty());
        (0..table.rows()).filter(has).count()
    };
    // Of errors that as many rows have, the first.
    let errors = ["nmse", "vote_error_rate", "bler"].into_iter().filter(|error| table.index(error).is_some());
    errors.rev().max_by_key(|error| rows_with(error)).unwrap_or("nmse")
}
