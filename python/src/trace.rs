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
use numpy::{PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

/// Rows between two looks for signals.
const ROWS_AT_ONCE: usize = 1 << 12;

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
            let going = |read: &usize| !read.is_multiple_of(ROWS_AT_ONCE) || !interrupted.load(Ordering::Relaxed);
            let rows = TraceReader::open(&path)?.enumerate().take_while(|(read, _)| going(read));
            rows.map(|(_, row)| row).collect()
        };
        at_length(py, &interrupted, work)?.map(Self::of).map_err(|error| of_trace(py, &error))
    }

    /// Takes the columns of a table, as `column` gives them; `path` is what errors call it.
    #[staticmethod]
    fn of_columns(py: Python<'_>, path: PathBuf, columns: Vec<(String, Given<'_>)>) -> PyResult<Self> {
        let named = columns.into_iter().map(|(name, given)| Ok((name, given.column()?)));
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

    /// Returns a column of the rows from `first` to one before `end`.
    fn column<'py>(&self, py: Python<'py>, name: &str, first: usize, end: usize) -> PyResult<Parts<'py>> {
        let rows = self.rows.get(first..end).unwrap_or(&[]);
        let column = briefly(py, || Column::of(rows, name));
        let unknown = || config_error(py, format!("a trace has no column {name:?}"));
        Ok(match column.ok_or_else(unknown)? {
            Column::Real(values) => ("float64", PyArray1::from_vec(py, values).into_any(), None, Vec::new()),
            Column::Whole { values, known, bits } => {
                let kind = match bits {
                    8 => "uint8",
                    32 => "uint32",
                    _ => "uint64",
                };
                let known = known.map(|known| PyArray1::from_vec(py, known).into_any());
                (kind, PyArray1::from_vec(py, values).into_any(), known, Vec::new())
            }
            Column::Word { codes, words } => {
                let words = words.iter().map(ToString::to_string).collect();
                ("word", PyArray1::from_vec(py, codes).into_any(), None, words)
            }
        })
    }

    /// Returns the numbers of the rounds, and for each its first row and one after its last.
    fn rounds(&self, py: Python<'_>) -> PyResult<Vec<(u64, usize, usize)>> {
        let replay = self.replay(py)?;
        let mut first = 0;
        let mut rounds = Vec::with_capacity(replay.rounds());
        for rows in replay.rows().chunk_by(|a, b| a.round == b.round) {
            rounds.push((rows[0].round, first, first + rows.len()));
            first += rows.len();
        }
        Ok(rounds)
    }

    /// Returns the place of a link's row; none where the round has no such link.
    fn find(
        &self,
        py: Python<'_>,
        (round, device): (u64, u32),
        direction: &str,
        stage: &str,
    ) -> PyResult<Option<usize>> {
        let (direction, stage) = (of_word(py, "direction", direction)?, of_word(py, "stage", stage)?);
        let replay = self.replay(py)?;
        let rows = replay.round(round);
        let Some(row) = replay.row(round, device, direction, stage) else { return Ok(None) };
        let before = replay.rows().partition_point(|row| row.round < round);
        Ok(rows.iter().position(|there| std::ptr::eq(there, row)).map(|at| before + at))
    }

    fn __len__(&self) -> usize {
        self.rows.len()
    }
}
