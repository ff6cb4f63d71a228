//! Rows of a table gathered into series and lines, in the table's own units.

use crate::error::PlotError;
use crate::figure::Figure;
use crate::style::Fidelity;
use crate::table::Table;

/// One value against another, with the interval where the table has one.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Point {
    pub x: f64,
    pub y: f64,
    pub interval: Option<(f64, f64)>,
    /// Whether `y` is the median because the mean does not exist.
    pub median: bool,
    pub row: usize,
}

/// The points that one line joins.
#[derive(Clone, Debug)]
pub(crate) struct Line<'a> {
    pub fidelity: Fidelity,
    joined: Vec<&'a str>,
    pub points: Vec<Point>,
}

/// The lines of one series: equal in all series columns, for one column along y.
#[derive(Clone, Debug)]
pub(crate) struct Group<'a> {
    pub cells: Vec<&'a str>,
    pub y: usize,
    pub lines: Vec<Line<'a>>,
}

/// The columns that a figure reads.
pub(crate) struct Columns {
    pub x: usize,
    pub y: Vec<usize>,
    pub series: Vec<usize>,
    pub join: Vec<usize>,
}

/// A column along y with what stands beside it.
struct Measure {
    value: usize,
    median: Option<usize>,
    low: Option<usize>,
    high: Option<usize>,
}

/// Gathers rows into groups in order of first appearance; rows without x or y are left out.
pub(crate) fn groups<'a>(
    figure: &Figure,
    table: &'a Table,
    rows: &[usize],
    columns: &Columns,
) -> Result<Vec<Group<'a>>, PlotError> {
    let rung = table.index("fidelity");
    let mut groups: Vec<Group<'a>> = Vec::new();
    for (place, y) in columns.y.iter().enumerate() {
        let beside = |what: &str| table.index(&format!("{}_{what}", figure.y[place]));
        let measure =
            Measure { value: *y, median: beside("median"), low: beside("low"), high: beside("high") };
        for &row in rows {
            let cells: Vec<&str> = columns.series.iter().map(|c| table.text(row, *c)).collect();
            let at = groups.iter().position(|g| g.y == place && g.cells == cells).unwrap_or_else(|| {
                groups.push(Group { cells, y: place, lines: Vec::new() });
                groups.len() - 1
            });
            let Some(point) = point(table, row, columns.x, &measure)? else {
                continue;
            };
            let fidelity = match rung {
                Some(column) => fidelity(table, row, column)?,
                None => Fidelity::Symbol,
            };
            let joined = columns.join.iter().map(|c| table.text(row, *c)).collect();
            groups[at].push(fidelity, joined, point);
        }
    }
    for line in groups.iter_mut().flat_map(|g| &mut g.lines) {
        if !figure.highest_of.is_empty() {
            line.keep_highest();
        }
        if columns.join.is_empty() && table.axes().contains(&columns.x) {
            line.points.sort_by(|a, b| a.x.total_cmp(&b.x));
        }
    }
    Ok(groups)
}

impl Line<'_> {
    /// Keeps, of points with the same x, the highest.
    fn keep_highest(&mut self) {
        let mut kept: Vec<Point> = Vec::new();
        for point in self.points.drain(..) {
            match kept.iter_mut().find(|k| k.x == point.x) {
                Some(other) if point.y > other.y => *other = point,
                Some(_) => {}
                None => kept.push(point),
            }
        }
        self.points = kept;
    }
}

impl<'a> Group<'a> {
    fn push(&mut self, fidelity: Fidelity, joined: Vec<&'a str>, point: Point) {
        let same = |l: &&mut Line<'_>| l.fidelity == fidelity && l.joined == joined;
        match self.lines.iter_mut().find(same) {
            Some(line) => line.points.push(point),
            None => self.lines.push(Line { fidelity, joined, points: vec![point] }),
        }
    }
}

fn point(table: &Table, row: usize, x: usize, measure: &Measure) -> Result<Option<Point>, PlotError> {
    let optional = |column: Option<usize>| match column {
        Some(column) => table.number(row, column),
        None => Ok(None),
    };
    let Some(x) = table.number(row, x)? else {
        return Ok(None);
    };
    let mean = table.number(row, measure.value)?;
    let value = match mean {
        Some(_) => mean,
        None => optional(measure.median)?,
    };
    let interval = optional(measure.low)?.zip(optional(measure.high)?);
    Ok(value.map(|y| Point {
        x,
        y,
        interval: interval.filter(|_| mean.is_some()),
        median: mean.is_none(),
        row,
    }))
}

fn fidelity(table: &Table, row: usize, column: usize) -> Result<Fidelity, PlotError> {
    let word = table.text(row, column);
    Fidelity::from_word(word).ok_or_else(|| PlotError::Table {
        path: table.path().to_path_buf(),
        message: format!("`fidelity` = \"{word}\"; a row is theory, symbol, waveform or radio"),
    })
}
