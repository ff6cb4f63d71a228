//! The equaliser of a link, slot by slot.

use super::interference::{InterferenceCovariance, Whitening};
use super::rows::{Row, RowOut, equalise_row};
use crate::link::channel_estimation::planes::{LANES, Planes};
use crate::link::channel_estimation::{ChannelEstimate, EstimationError};
use crate::link::slot_layout::{DataRun, SlotLayout};
use airloop_baseband::Complex32;

/// How layers are told apart. With one layer both are the combiner of maximum ratio.
///
/// ```text
/// zero forcing: x = (H^H H)^-1 H^H y,             variance_l = v [(H^H H)^-1]_ll
/// least error:  x = A H^H y / (1 - v A_ll),       variance_l = v A_ll / (1 - v A_ll),   A = (H^H H + v I)^-1
/// ```
///
/// for noise of variance `v` a layer's symbols of unit power. Over noise of covariance `R` both work on `R^(-1/2) y` and
/// `R^(-1/2) H` with `v = 1`; the second is then the interference rejection combiner. Both estimates are without bias.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EqualisationRule {
    /// Removes all of the other layers.
    ZeroForcing,
    /// Leaves as much of the other layers as makes the error least, scaled to have no bias.
    MinimumMeanSquareError,
}

/// What is known of the noise.
#[derive(Clone, Copy, Debug)]
pub enum Noise<'a> {
    /// Independent between antennas, of this variance.
    White(f32),
    /// Of a covariance between antennas.
    Coloured(&'a InterferenceCovariance),
}

/// Symbols as an equaliser gives them: of every data element an estimate without bias and the variance of its noise.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Equalised {
    elements: usize,
    values: Vec<Complex32>,
    variances: Vec<f32>,
}

impl Equalised {
    /// Makes room that is filled later.
    pub fn new() -> Self {
        Self::default()
    }

    fn reset(&mut self, layers: usize, elements: usize) {
        self.elements = elements;
        self.values.resize(layers * elements, Complex32::default());
        self.variances.resize(layers * elements, 0.0);
    }

    /// Returns the number of layers.
    pub fn layers(&self) -> usize {
        self.values.len().checked_div(self.elements).unwrap_or(0)
    }

    /// Returns a layer's symbols.
    pub fn values(&self, layer: usize) -> &[Complex32] {
        &self.values[layer * self.elements..(layer + 1) * self.elements]
    }

    /// Returns the variances of the noise of a layer's symbols; the SINR after the equaliser is 1 over it.
    pub fn variances(&self, layer: usize) -> &[f32] {
        &self.variances[layer * self.elements..(layer + 1) * self.elements]
    }

    /// Returns the SINR of a layer's symbols, linear.
    pub fn sinrs(&self, layer: usize) -> impl Iterator<Item = f64> {
        self.variances(layer).iter().map(|variance| 1.0 / f64::from(*variance))
    }

    /// Returns the mean over data elements of `sum_l log2(1 + sinr_l)`, in bit.
    pub fn capacity_bits(&self) -> f64 {
        let bits: f64 = (0..self.layers()).flat_map(|layer| self.sinrs(layer)).map(|sinr| sinr.ln_1p()).sum();
        bits / (std::f64::consts::LN_2 * self.elements as f64)
    }
}

/// Equalises slot by slot, without allocating after the first.
#[derive(Clone, Debug)]
pub struct Equaliser {
    rule: EqualisationRule,
    layout: SlotLayout,
    receive: usize,
    received: Planes,
    whitened: Planes,
    channel: Planes,
    whitening: Whitening,
    noise: Vec<f32>,
    values: Vec<Complex32>,
    variances: Vec<f32>,
}

impl Equaliser {
    /// Prepares an equaliser.
    ///
    /// # Errors
    /// When there are more layers than antennas.
    pub fn new(rule: EqualisationRule, layout: &SlotLayout, receive: usize) -> Result<Self, EstimationError> {
        let (layers, used) = (layout.layers(), layout.subcarriers());
        if receive < layers {
            return Err(EstimationError::TooFewAntennas { layers, receive });
        }
        let received = Planes::zeros(receive, used);
        Ok(Self {
            rule,
            layout: layout.clone(),
            receive,
            noise: vec![1.0; received.stride()],
            whitened: received.clone(),
            received,
            channel: Planes::zeros(receive * layers, used),
            whitening: Whitening::default(),
            values: vec![Complex32::default(); layers * used],
            variances: vec![0.0; layers * used],
        })
    }

    /// Equalises the data elements of a slot received as `[antenna, symbol, subcarrier]`.
    ///
    /// The error that the estimate may have adds to the noise. Variances are finite and above 0 whatever the channel: where it
    /// has no inverse they are very large (see [`EqualisationRule`]), and noise counts as at least 1e-12.
    ///
    /// # Panics
    /// When grid, estimate and covariance are not of the layout and the antennas.
    pub fn equalise(
        &mut self,
        received: &[Complex32],
        estimate: &ChannelEstimate,
        noise: Noise<'_>,
        out: &mut Equalised,
    ) {
        assert_eq!(received.len(), self.receive * self.layout.elements(), "a grid of every antenna");
        let shape = (estimate.receive(), estimate.layers(), estimate.subcarriers());
        assert_eq!(
            shape,
            (self.receive, self.layout.layers(), self.layout.subcarriers()),
            "an estimate of the link"
        );
        out.reset(self.layout.layers(), self.layout.data_elements());
        if let Noise::Coloured(covariance) = noise {
            assert_eq!(covariance.receive(), self.receive, "a covariance of every antenna");
            self.whitening.prepare(covariance, |range| estimate.error_amid(range));
        }
        let used = self.layout.subcarriers();
        let mut whitened_row = None;
        for at in 0..self.layout.runs().len() {
            let run = self.layout.runs()[at];
            for r in 0..self.receive {
                let row = &received[(r * self.layout.symbols() + run.symbol) * used..][..used];
                self.received.set_row(r, row);
            }
            match noise {
                Noise::White(variance) => self.add_up_noise(variance, estimate, run.symbol),
                Noise::Coloured(covariance) => {
                    self.noise.fill(1.0);
                    let row = estimate.row_of(run.symbol);
                    self.whiten(covariance, estimate, (row, whitened_row != Some(row)));
                    whitened_row = Some(row);
                }
            }
            self.equalise_run(run, estimate, matches!(noise, Noise::Coloured(_)), out);
        }
    }

    /// Writes noise plus errors of estimation on all subcarriers of a symbol.
    fn add_up_noise(&mut self, variance: f32, estimate: &ChannelEstimate, symbol: usize) {
        self.noise.fill(variance);
        if let Some(errors) = estimate.error_variances(symbol) {
            self.noise.iter_mut().zip(errors).for_each(|(noise, error)| *noise += error);
        }
    }

    /// Whitens the received rows, and the channel's where they are new.
    fn whiten(
        &mut self,
        covariance: &InterferenceCovariance,
        estimate: &ChannelEstimate,
        (row, fresh): (usize, bool),
    ) {
        let layers = estimate.layers();
        for r in 0..self.receive {
            let rows = (self.received.rows_in(0, self.receive), self.received.stride());
            self.whitening.apply(covariance, r, rows, self.whitened.row_mut(r));
            for layer in (0..layers).filter(|_| fresh) {
                let first = layer * estimate.rows() + row;
                let rows = estimate.planes.rows_in(first, estimate.planes.rows() - first);
                let distance = layers * estimate.rows() * estimate.planes.stride();
                self.whitening.apply(
                    covariance,
                    r,
                    (rows, distance),
                    self.channel.row_mut(r * layers + layer),
                );
            }
        }
    }

    fn equalise_run(
        &mut self,
        run: DataRun,
        estimate: &ChannelEstimate,
        whitened: bool,
        out: &mut Equalised,
    ) {
        let (layers, used) = (self.layout.layers(), self.layout.subcarriers());
        let first = estimate.row_of(run.symbol);
        let stride = self.received.stride();
        let (received, channel, channel_stride) = if whitened {
            let channel = self.channel.rows_in(0, self.channel.rows());
            (&self.whitened, channel, self.channel.stride())
        } else {
            let channel = estimate.planes.rows_in(first, estimate.planes.rows() - first);
            (&self.received, channel, estimate.rows() * estimate.planes.stride())
        };
        let row = Row {
            receive: self.receive,
            received: received.rows_in(0, self.receive),
            channel,
            stride,
            channel_stride,
            noise: &self.noise,
        };
        debug_assert!(self.noise.len() >= used + LANES);
        let zero_forcing = self.rule == EqualisationRule::ZeroForcing;
        if run.stride == 1 {
            let values = &mut out.values[run.first_element..];
            let variances = &mut out.variances[run.first_element..];
            let stride = self.layout.data_elements();
            equalise_row(layers, zero_forcing, row, RowOut { values, variances, stride, count: used });
            return;
        }
        let to =
            RowOut { values: &mut self.values, variances: &mut self.variances, stride: used, count: used };
        equalise_row(layers, zero_forcing, row, to);
        for layer in 0..layers {
            let begin = layer * self.layout.data_elements() + run.first_element;
            let from = layer * used + run.first_subcarrier..(layer + 1) * used;
            let values = self.values[from.clone()].iter().step_by(run.stride);
            out.values[begin..begin + run.count].iter_mut().zip(values).for_each(|(to, x)| *to = *x);
            let variances = self.variances[from].iter().step_by(run.stride);
            out.variances[begin..begin + run.count].iter_mut().zip(variances).for_each(|(to, v)| *to = *v);
        }
    }
}
