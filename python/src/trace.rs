//! `Trace`: link traces as columns of arrays, and asked round by round.

use crate::errors::{config_error, of_trace};
use crate::experiment::Experiment;
use crate::working::{at_length, briefly};
use airloop::run::RunOptions;
use airloop::trace::export::{self, USUAL_SPACING_HZ};
use airloop::trace::{
    COLUMNS, Column, Direction, Replay, SCHEMA, Stage, TraceError, TracePlan, TraceReader, TraceRow,
    TraceWriter, UNITS, rows_of_columns, run_trace,
};
use numpy::{PyArray1, PyArray2, PyArrayMethods, PyReadonlyArray1};
use pyo3::prelude::*;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

/// Rows between two looks for signals.
const ROWS_AT_ONCE: usize = 1 << 12;

/// Most cells of a grid of rounds and devices.
const MOST_CELLS: usize = 1 << 30;

/// The rows of a trace.
#[pyclass(module = "airloop", frozen)]
pub struct Trace {
    rows: Arc<Vec<TraceRow>>,
    replay: OnceLock<Replay>,
    spacing_hz: f64,
    #[pyo3(get)]
    warnings: Vec<(String, String)>,
}

/// A column as Python has it: its kind, its numbers or codes, which are known, its words.
type Parts<'py> = (&'static str, Bound<'py, PyAny>, Option<Bound<'py, PyAny>>, Vec<String>);

/// The cells of a row, each with its column's name.
type Cells<'py> = Vec<(&'static str, Bound<'py, PyAny>)>;

/// A column as Python gives it: `real`, `whole` or `word`; its numbers or codes, which are known, its words.
type Given<'py> = (String, Bound<'py, PyAny>, Option<PyReadonlyArray1<'py, bool>>, Vec<String>);

#[pymethods]
impl Trace {
    /// Runs the rounds of an experiment.
    #[staticmethod]
    fn record(py: Python<'_>, experiment: &Experiment) -> PyResult<Self> {
        let (tree, interrupted) = (experiment.single(), AtomicBool::new(false));
        let work = || {
            let plan = TracePlan::load(&tree)?;
            let mut rows = Vec::new();
            let options = RunOptions { progress: &|_, _| {}, interrupted: &interrupted };
            run_trace(&plan, &options, &mut |round| {
                rows.extend_from_slice(round);
                Ok(())
            })?;
            Ok((plan, rows))
        };
        let (plan, rows) = at_length(py, &interrupted, work)?.map_err(|error| of_trace(py, &error))?;
        let warnings = plan.legs.iter().flat_map(|leg| &leg.experiment.warnings);
        let warnings = warnings.map(|w| (w.code.to_string(), w.message.clone())).collect();
        Ok(Self { warnings, spacing_hz: plan.subcarrier_spacing_hz(), ..Self::of(rows) })
    }

    /// Reads a CSV or JSONL file.
    #[staticmethod]
    fn load(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        let interrupted = AtomicBool::new(false);
        let work = || -> Result<Vec<TraceRow>, TraceError> {
            let going =
                |read: &usize| !read.is_multiple_of(ROWS_AT_ONCE) || !interrupted.load(Ordering::Relaxed);
            let rows = TraceReader::open(&path)?.enumerate().take_while(|(read, _)| going(read));
            rows.map(|(_, row)| row).collect()
        };
        at_length(py, &interrupted, work)?.map(Self::of).map_err(|error| of_trace(py, &error))
    }

    /// Takes the columns of a table, as `column` gives them; `path` is what errors call it.
    #[staticmethod]
    fn of_columns(py: Python<'_>, path: PathBuf, columns: Vec<(String, Given<'_>)>) -> PyResult<Self> {
        let named = columns.into_iter().map(|(name, given)| Ok((name, read_column(py, given)?)));
        let named = named.collect::<PyResult<Vec<_>>>()?;
        let rows = briefly(py, || rows_of_columns(&path, &named));
        rows.map(Self::of).map_err(|error| of_trace(py, &error))
    }

    /// Writes a CSV or JSONL file.
    fn save(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        let work = || {
            let mut writer = TraceWriter::create(&path)?;
            self.rows.iter().try_for_each(|row| writer.write(row))?;
            writer.flush()
        };
        briefly(py, work).map_err(|error| of_trace(py, &error))
    }

    /// Writes the trace in the format of another program.
    fn export(&self, py: Python<'_>, format: &str, path: PathBuf) -> PyResult<()> {
        let work = || {
            let Some(mut export) = export::begin(format, &path, self.spacing_hz)? else { return Ok(false) };
            self.rows.iter().try_for_each(|row| export.take(row))?;
            export.finish().map(|()| true)
        };
        match briefly(py, work).map_err(|error| of_trace(py, &error))? {
            true => Ok(()),
            false => {
                let names = export::FORMATS.map(|(name, _)| name).join(", ");
                Err(config_error(py, format!("format {format:?} is not known; one of {names} is expected")))
            }
        }
    }

    /// Returns names and units of the columns.
    #[staticmethod]
    fn schema() -> Vec<(&'static str, &'static str)> {
        let schema = std::iter::once((SCHEMA, ""));
        schema.chain(COLUMNS.iter().copied().zip(UNITS.iter().copied())).collect()
    }

    /// Returns a column, in the order of the rows.
    fn column<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Parts<'py>> {
        let column = briefly(py, || Column::of(&self.rows, name)).ok_or_else(|| unknown(py, name))?;
        Ok(match column {
            Column::Real(values) => ("float64", PyArray1::from_vec(py, values).into_any(), None, Vec::new()),
            Column::Whole { values, known, bits } => {
                let kind = ["uint8", "uint32", "uint64"][usize::from(bits > 8) + usize::from(bits > 32)];
                let known = known.map(|known| PyArray1::from_vec(py, known).into_any());
                (kind, PyArray1::from_vec(py, values).into_any(), known, Vec::new())
            }
            Column::Word { codes, words } => {
                let words = words.iter().map(ToString::to_string).collect();
                ("word", PyArray1::from_vec(py, codes).into_any(), None, words)
            }
        })
    }

    /// Returns the numbers of the rounds.
    fn rounds<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray1<u64>>> {
        let rounds = self.replay(py)?.rows().chunk_by(|a, b| a.round == b.round).map(|rows| rows[0].round);
        Ok(PyArray1::from_iter(py, rounds))
    }

    /// Returns the rows of a round; none of a round that the trace does not have.
    fn round(&self, py: Python<'_>, number: u64) -> PyResult<Self> {
        let rows = self.replay(py)?.round(number).to_vec();
        Ok(Self { spacing_hz: self.spacing_hz, ..Self::of(rows) })
    }

    /// Returns a link's row of a round, cell by cell; none where there is none.
    fn row<'py>(&self, py: Python<'py>, link: (u64, u32, String, String)) -> PyResult<Option<Cells<'py>>> {
        let (round, device, direction, stage) = link;
        let (direction, stage) = (direction_of(py, &direction)?, stage_of(py, &stage)?);
        let Some(row) = self.replay(py)?.row(round, device, direction, stage) else { return Ok(None) };
        let names = std::iter::once(SCHEMA).chain(COLUMNS.iter().copied());
        let cells = names.filter_map(|name| Some((name, Column::of(std::slice::from_ref(row), name)?)));
        cells.map(|(name, column)| Ok((name, only(py, column)?))).collect::<PyResult<_>>().map(Some)
    }

    /// Returns a column of numbers of a link by rounds and devices; NaN where a round has no such row.
    fn grid<'py>(
        &self,
        py: Python<'py>,
        name: &str,
        direction: &str,
        stage: &str,
    ) -> PyResult<Bound<'py, PyArray2<f64>>> {
        let key = (direction_of(py, direction)?, stage_of(py, stage)?);
        let replay = self.replay(py)?;
        let is_of = |row: &TraceRow| (row.direction, row.stage) == key;
        let Some(last) = replay.rows().iter().filter(|row| is_of(row)).map(|row| row.device).max() else {
            let message = format!("no row of the trace has direction {direction:?} and stage {stage:?}");
            return Err(config_error(py, message));
        };
        let (rounds, devices) = (replay.rounds(), last as usize + 1);
        if rounds.saturating_mul(devices) > MOST_CELLS {
            let message = format!("{rounds} rounds of devices up to {last} are more than {MOST_CELLS} cells");
            return Err(config_error(py, message));
        }
        let numbers = match Column::of(replay.rows(), name).ok_or_else(|| unknown(py, name))? {
            Column::Real(values) => values,
            Column::Whole { values, known, .. } => {
                let known = |at: usize| known.as_ref().is_none_or(|known| known[at]);
                values
                    .iter()
                    .enumerate()
                    .map(|(at, x)| if known(at) { *x as f64 } else { f64::NAN })
                    .collect()
            }
            Column::Word { .. } => {
                return Err(config_error(py, format!("{name} holds words; a column of numbers is expected")));
            }
        };
        let mut grid = vec![f64::NAN; rounds * devices];
        let mut at = 0;
        for (round, rows) in replay.rows().chunk_by(|a, b| a.round == b.round).enumerate() {
            for row in rows {
                if is_of(row) {
                    grid[round * devices + row.device as usize] = numbers[at];
                }
                at += 1;
            }
        }
        PyArray1::from_vec(py, grid).reshape([rounds, devices])
    }

    fn __len__(&self) -> usize {
        self.rows.len()
    }
}

impl Trace {
    fn of(rows: Vec<TraceRow>) -> Self {
        let (replay, warnings) = (OnceLock::new(), Vec::new());
        Self { rows: Arc::new(rows), replay, spacing_hz: USUAL_SPACING_HZ, warnings }
    }

    /// Returns the rows as they are asked link by link.
    fn replay(&self, py: Python<'_>) -> PyResult<&Replay> {
        if let Some(replay) = self.replay.get() {
            return Ok(replay);
        }
        let made =
            briefly(py, || Replay::new(Arc::clone(&self.rows))).map_err(|error| of_trace(py, &error))?;
        Ok(self.replay.get_or_init(|| made))
    }
}

/// Returns the only cell of a column.
fn only(py: Python<'_>, column: Column) -> PyResult<Bound<'_, PyAny>> {
    Ok(match column {
        Column::Real(values) => values.first().filter(|x| !x.is_nan()).into_pyobject(py)?.into_any(),
        Column::Whole { values, known, .. } => {
            let known = known.is_none_or(|known| known == [true]);
            values.first().filter(|_| known).into_pyobject(py)?.into_any()
        }
        Column::Word { words, .. } => words.first().map(|word| &**word).into_pyobject(py)?.into_any(),
    })
}

/// Reads a column as `Trace.of_columns` takes it.
fn read_column(py: Python<'_>, (kind, values, known, words): Given<'_>) -> PyResult<Column> {
    Ok(match kind.as_str() {
        "real" => Column::Real(values.extract::<PyReadonlyArray1<'_, f64>>()?.as_slice()?.to_vec()),
        "whole" => {
            let values = values.extract::<PyReadonlyArray1<'_, u64>>()?.as_slice()?.to_vec();
            let known = known.map(|known| known.as_slice().map(<[bool]>::to_vec)).transpose()?;
            if known.as_ref().is_some_and(|known| known.len() != values.len()) {
                return Err(config_error(
                    py,
                    "a column's numbers and what is known of them differ in length",
                ));
            }
            Column::Whole { values, known, bits: u64::BITS }
        }
        _ => {
            let codes = values.extract::<PyReadonlyArray1<'_, i32>>()?.as_slice()?.to_vec();
            Column::Word { codes, words: words.into_iter().map(Arc::from).collect() }
        }
    })
}

fn unknown(py: Python<'_>, name: &str) -> PyErr {
    config_error(py, format!("a trace has no column {name:?}; {} are there", COLUMNS.join(", ")))
}

fn direction_of(py: Python<'_>, word: &str) -> PyResult<Direction> {
    let wrong =
        || format!("direction {word:?} is not known; one of {} is expected", Direction::WORDS.join(", "));
    Direction::from_word(word).ok_or_else(|| config_error(py, wrong()))
}

fn stage_of(py: Python<'_>, word: &str) -> PyResult<Stage> {
    let wrong = || format!("stage {word:?} is not known; one of {} is expected", Stage::WORDS.join(", "));
    Stage::from_word(word).ok_or_else(|| config_error(py, wrong()))
}
