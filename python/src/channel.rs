//! `Channel`: the realised channels of an experiment as arrays, for those who bring their own physical layer.

use crate::errors::{config_error, exception};
use crate::experiment::Experiment;
use crate::tree;
use airloop::config::Node;
use airloop::experiment::{Handed, Loader};
use airloop::medium::ChannelModel;
use airloop_channels::{Steering, Taps, TimeGrid};
use numpy::{Complex32, PyArray1, PyArrayMethods};
use pyo3::prelude::*;

/// Gains `[link, instant, path]` or `[link, instant, frequency]`.
type Cube<'py> = Bound<'py, PyAny>;

/// The taps of all links of one round.
#[pyclass(module = "airloop", frozen)]
pub struct Channel {
    taps: Vec<Taps>,
    delays_s: Vec<f64>,
    powers: Vec<f64>,
    frequencies_hz: Vec<f64>,
    #[pyo3(get)]
    sample_rate_hz: f64,
    #[pyo3(get)]
    symbol_s: f64,
    #[pyo3(get)]
    max_doppler_hz: f64,
    /// Receive antennas, antennas of a device.
    #[pyo3(get)]
    antennas: (usize, usize),
}

#[pymethods]
impl Channel {
    #[new]
    fn new(py: Python<'_>, experiment: &Experiment, devices: usize, round: u64) -> PyResult<Self> {
        if devices == 0 {
            return Err(config_error(py, "devices = 0: at least 1 is expected"));
        }
        let values = vec![1.0f32; devices];
        let loader = Loader::with_rows(Handed { devices, values: &values, weights: None });
        let loaded = loader.load(&with_defaults(py, experiment)?).map_err(|error| config_error(py, error))?;
        let ChannelModel::Taps { fading, .. } = &loaded.channel else {
            let message = "channel.fading = \"per-element\" has gains of resource elements, but no taps";
            return Err(exception(py, "UnsupportedError", message));
        };
        let moving = fading.max_doppler_hz() > 0.0;
        let antennas = loaded.link.antennas();
        let taps = fading.draw(&loaded.seeds, if moving { 0 } else { round }, 0..devices * antennas.links());
        let paths = fading.profile().paths();
        Ok(Self {
            taps,
            delays_s: paths.iter().map(|path| path.delay_s).collect(),
            powers: paths.iter().map(|path| path.power).collect(),
            frequencies_hz: loaded.numerology.frequencies_hz(),
            sample_rate_hz: loaded.numerology.sample_rate_hz(),
            symbol_s: loaded.numerology.duration_s(loaded.numerology.slot_symbols())
                / loaded.numerology.slot_symbols() as f64,
            max_doppler_hz: fading.max_doppler_hz(),
            antennas: (antennas.receive, antennas.device),
        })
    }

    #[getter]
    fn delays_s<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        PyArray1::from_slice(py, &self.delays_s)
    }

    #[getter]
    fn powers<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        PyArray1::from_slice(py, &self.powers)
    }

    #[getter]
    fn frequencies_hz<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        PyArray1::from_slice(py, &self.frequencies_hz)
    }

    /// Returns path gains at instants, `[link, instant, path]`.
    fn taps<'py>(&self, py: Python<'py>, instants: (f64, f64, usize)) -> PyResult<Cube<'py>> {
        let grid = grid(py, instants)?;
        let gains = py.detach(|| self.gains(grid));
        let shape = [self.taps.len(), grid.count, self.delays_s.len()];
        Ok(PyArray1::from_vec(py, gains).reshape(shape)?.into_any())
    }

    /// Returns the responses at instants and frequencies, `[link, instant, frequency]`.
    fn frequency_response<'py>(
        &self,
        py: Python<'py>,
        instants: (f64, f64, usize),
        frequencies_hz: Option<Vec<f64>>,
    ) -> PyResult<Cube<'py>> {
        let grid = grid(py, instants)?;
        let frequencies_hz = frequencies_hz.unwrap_or_else(|| self.frequencies_hz.clone());
        if let Some(wrong) = frequencies_hz.iter().find(|f| !f.is_finite()) {
            return Err(config_error(
                py,
                format!("frequencies_hz has {wrong} in it; finite ones are expected"),
            ));
        }
        let shape = [self.taps.len(), grid.count, frequencies_hz.len()];
        let responses = py.detach(|| {
            let mut out = vec![Complex32::default(); shape.iter().product()];
            if !out.is_empty() {
                Steering::new(&self.delays_s, &frequencies_hz).respond(&self.gains(grid), &mut out);
            }
            out
        });
        Ok(PyArray1::from_vec(py, responses).reshape(shape)?.into_any())
    }
}

impl Channel {
    fn gains(&self, grid: TimeGrid) -> Vec<Complex32> {
        let stride = grid.count * self.delays_s.len();
        let mut out = vec![Complex32::default(); self.taps.len() * stride];
        self.taps.iter().zip(out.chunks_exact_mut(stride)).for_each(|(taps, out)| taps.gains(grid, out));
        out
    }
}

/// Returns the experiment with a link and a scheme, which a channel does not ask for.
fn with_defaults(py: Python<'_>, experiment: &Experiment) -> PyResult<Node> {
    let mut tree = experiment.single();
    for (table, change) in [("link", "link.snr_db=0"), ("scheme", "scheme.kind=\"full-power\"")] {
        if tree.get(table).is_none() {
            tree::change(py, &mut tree, &[change.into()])?;
        }
    }
    Ok(tree)
}

fn grid(py: Python<'_>, (start_s, step_s, count): (f64, f64, usize)) -> PyResult<TimeGrid> {
    if count == 0 || !start_s.is_finite() || !step_s.is_finite() {
        let message = format!(
            "start_s = {start_s}, step_s = {step_s}, count = {count}: finite times and at least one instant are expected"
        );
        return Err(config_error(py, message));
    }
    Ok(TimeGrid { start_s, step_s, count })
}
