//! The digits as tensors.

use airloop::baseband::{Purpose, Seeds};
use candle_core::{Device, Result, Tensor};

/// Pixels of a digit.
pub const PIXELS: usize = 64;
/// Digits that are not trained on.
const HELD_OUT: usize = 360;

const DIGITS: &str = include_str!("../../../experiments/data/digits.csv");

/// Digits with their labels.
pub struct Samples {
    /// Pixels from 0 to 1, a digit a row.
    pub pixels: Tensor,
    /// What each digit is, `U32`.
    pub labels: Tensor,
}

impl Samples {
    /// Returns how many there are.
    pub fn count(&self) -> usize {
        self.labels.elem_count()
    }

    /// Returns the samples of some rows.
    pub fn chosen(&self, rows: &[u32]) -> Result<Self> {
        let rows = Tensor::new(rows, &Device::Cpu)?;
        let (pixels, labels) = (self.pixels.index_select(&rows, 0)?, self.labels.index_select(&rows, 0)?);
        Ok(Self { pixels, labels })
    }
}

/// Reads the shipped digits, whose pixels are whole numbers from 0 to 16; holds some out at random. Returns those to train on, and
/// those held out.
pub fn digits(seeds: &Seeds) -> std::result::Result<(Samples, Samples), Box<dyn std::error::Error>> {
    let (mut pixels, mut labels) = (Vec::new(), Vec::new());
    for line in DIGITS.lines().skip(1) {
        let numbers = line.split(',').map(str::parse).collect::<std::result::Result<Vec<u8>, _>>()?;
        let (label, row) = numbers.split_last().ok_or("an empty line")?;
        pixels.extend(row.iter().map(|p| f32::from(*p) / 16.0));
        labels.push(u32::from(*label));
    }
    let mut mixed = seeds.stream(Purpose::Subset, 0, 0).permutation(labels.len());
    let pixels = Tensor::from_vec(pixels, (labels.len(), PIXELS), &Device::Cpu)?;
    let all = Samples { pixels, labels: Tensor::new(labels, &Device::Cpu)? };
    let held_out = mixed.split_off(mixed.len() - HELD_OUT);
    Ok((all.chosen(&mixed)?, all.chosen(&held_out)?))
}
