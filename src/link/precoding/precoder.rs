//! Precoding matrices and their application.

use super::PrecodingError;
use crate::link::channel_estimation::planes::vectorised;
use crate::link::slot_layout::MAX_LAYERS;
use airloop_baseband::{Complex32, Complex64};
use std::ops::Range;

/// Matrices `[antenna, layer]`, one a group of neighbouring subcarriers. The energy of a matrix is the power that layers of
/// unit
/// power have together, 1 unless said otherwise.
#[derive(Clone, Debug, PartialEq)]
pub struct Precoder {
    antennas: usize,
    layers: usize,
    /// Subcarriers of a group; `usize::MAX` where one matrix serves all.
    group_subcarriers: usize,
    weights: Vec<Complex32>,
}

/// Returns how many layers a link can have.
pub(super) fn check_layers(layers: usize, transmit: usize, receive: usize) -> Result<(), PrecodingError> {
    let most = transmit.min(receive).min(MAX_LAYERS);
    if (1..=most).contains(&layers) {
        Ok(())
    } else {
        Err(PrecodingError::TooManyLayers { layers, transmit, receive, most })
    }
}

impl Precoder {
    /// Sends layer `l` from antenna `l`, with equal powers `1 / layers`; antennas beyond the layers are silent.
    ///
    /// # Errors
    /// When there are more layers than antennas, or than four.
    pub fn identity(antennas: usize, layers: usize) -> Result<Self, PrecodingError> {
        check_layers(layers, antennas, MAX_LAYERS)?;
        let amplitude = (layers as f64).sqrt().recip();
        let entry = |e: usize| if e / layers == e % layers { amplitude } else { 0.0 };
        let matrix: Vec<Complex64> = (0..antennas * layers).map(|e| entry(e).into()).collect();
        Ok(Self::wideband(antennas, layers, &matrix))
    }

    /// Uses one matrix `[antenna, layer]` on all subcarriers.
    pub fn wideband(antennas: usize, layers: usize, matrix: &[Complex64]) -> Self {
        Self::grouped(antennas, layers, usize::MAX, matrix)
    }

    /// Uses a matrix for each group of so many subcarriers.
    ///
    /// # Panics
    /// When the matrices are no whole number, or a group is empty.
    pub fn grouped(antennas: usize, layers: usize, group_subcarriers: usize, matrices: &[Complex64]) -> Self {
        assert!(group_subcarriers > 0, "groups have subcarriers");
        assert!(matrices.len().is_multiple_of(antennas * layers) && !matrices.is_empty(), "whole matrices");
        let weights = matrices.iter().map(|w| Complex32::new(w.re as f32, w.im as f32)).collect();
        Self { antennas, layers, group_subcarriers, weights }
    }

    /// Returns the number of transmit antennas.
    pub fn antennas(&self) -> usize {
        self.antennas
    }

    /// Returns the number of layers.
    pub fn layers(&self) -> usize {
        self.layers
    }

    /// Returns the number of groups that have a matrix.
    pub fn groups(&self) -> usize {
        self.weights.len() / (self.antennas * self.layers)
    }

    /// Returns the weight of a layer on an antenna.
    pub fn weight(&self, group: usize, antenna: usize, layer: usize) -> Complex32 {
        self.weights[(group * self.antennas + antenna) * self.layers + layer]
    }

    /// Returns the group whose matrix serves a subcarrier; those beyond the last matrix share it.
    pub fn group_of(&self, subcarrier: usize) -> usize {
        (subcarrier / self.group_subcarriers).min(self.groups() - 1)
    }

    /// Returns whether the one antenna sends the one layer as it is.
    pub fn passes(&self) -> bool {
        *self.weights == [Complex32::new(1.0, 0.0)] && self.antennas == 1
    }

    /// Returns the groups and their subcarriers.
    pub fn ranges(&self, subcarriers: usize) -> impl Iterator<Item = (usize, Range<usize>)> + use<> {
        let (size, groups) = (self.group_subcarriers.min(subcarriers.max(1)), self.groups());
        (0..subcarriers.div_ceil(size)).map(move |group| {
            let range = group * size..((group + 1) * size).min(subcarriers);
            // Subcarriers beyond the last matrix share it.
            (group.min(groups - 1), range)
        })
    }

    /// Makes the grids of antennas `[antenna, symbol, subcarrier]` of those of layers `[layer, symbol, subcarrier]`, pilots
    /// included.
    ///
    /// # Panics
    /// When the grids are not of the precoder's layers and antennas.
    pub fn apply(&self, layers: &[Complex32], subcarriers: usize, antennas: &mut [Complex32]) {
        let elements = layers.len() / self.layers;
        assert_eq!(elements * self.layers, layers.len(), "a grid of every layer");
        assert_eq!(elements * self.antennas, antennas.len(), "a grid of every antenna");
        assert!(elements.is_multiple_of(subcarriers), "whole symbols");
        if self.passes() {
            antennas.copy_from_slice(layers);
            return;
        }
        antennas.fill(Complex32::default());
        for (t, out) in antennas.chunks_exact_mut(elements).enumerate() {
            for (l, layer) in layers.chunks_exact(elements).enumerate() {
                for (out, row) in out.chunks_exact_mut(subcarriers).zip(layer.chunks_exact(subcarriers)) {
                    for (group, range) in self.ranges(subcarriers) {
                        let weight = self.weight(group, t, l);
                        if weight != Complex32::default() {
                            add_weighted(weight, &row[range.clone()], &mut out[range]);
                        }
                    }
                }
            }
        }
    }
}

vectorised! {
    fn add_weighted(weight: Complex32, x: &[Complex32], y: &mut [Complex32]) {
        for (y, x) in y.iter_mut().zip(x) {
            y.re += weight.re * x.re - weight.im * x.im;
            y.im += weight.re * x.im + weight.im * x.re;
        }
    }
}
