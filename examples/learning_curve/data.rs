//! The digits: read, split, and dealt to devices by label.

use airloop::baseband::{Purpose, Seeds};

/// Pixels of a digit.
pub const PIXELS: usize = 64;
/// Digits that no device trains on.
const HELD_OUT: usize = 360;
/// Shards of one label, or two neighbouring ones, that a device has.
const SHARDS_A_DEVICE: usize = 2;

const DIGITS: &str = include_str!("../../experiments/data/digits.csv");

/// Digits with their labels.
#[derive(Clone, Default)]
pub struct Samples {
    /// Pixels from 0 to 1, digit after digit.
    pub pixels: Vec<f32>,
    /// What each digit is.
    pub labels: Vec<usize>,
}

/// Who has which digits.
pub struct Split {
    /// The devices' own digits.
    pub devices: Vec<Samples>,
    /// The digits that accuracy is measured on.
    pub held_out: Samples,
}

impl Samples {
    /// Returns each digit's pixels and label.
    pub fn iter(&self) -> impl Iterator<Item = (&[f32], usize)> {
        self.pixels.chunks_exact(PIXELS).zip(self.labels.iter().copied())
    }

    fn push(&mut self, (pixels, label): (&[f32], usize)) {
        self.pixels.extend_from_slice(pixels);
        self.labels.push(label);
    }

    fn chosen(&self, indices: &[usize]) -> Self {
        let mut chosen = Self::default();
        indices.iter().for_each(|i| chosen.push((&self.pixels[i * PIXELS..][..PIXELS], self.labels[*i])));
        chosen
    }
}

/// Reads the shipped digits; pixels there are whole numbers from 0 to 16.
pub fn digits() -> Result<Samples, std::num::ParseIntError> {
    let mut samples = Samples::default();
    for line in DIGITS.lines().skip(1) {
        let numbers = line.split(',').map(str::parse).collect::<Result<Vec<u8>, _>>()?;
        let (label, pixels) = numbers.split_last().unwrap_or((&0, &[]));
        let pixels: Vec<f32> = pixels.iter().map(|p| f32::from(*p) / 16.0).collect();
        samples.push((&pixels, usize::from(*label)));
    }
    Ok(samples)
}

/// Holds digits out at random, and deals the others to devices: sorted by label, cut into shards, two shards a device.
pub fn split(digits: &Samples, devices: usize, seeds: &Seeds) -> Split {
    let order = |link: u64, n: usize| -> Vec<usize> {
        let permutation = seeds.stream(Purpose::Subset, 0, link).permutation(n);
        permutation.into_iter().map(|i| i as usize).collect()
    };
    let mut mixed = order(0, digits.labels.len());
    let held_out = digits.chosen(&mixed.split_off(mixed.len() - HELD_OUT));
    mixed.sort_by_key(|i| digits.labels[*i]);
    let shards = SHARDS_A_DEVICE * devices;
    let shard = |s: &usize| &mixed[s * mixed.len() / shards..(s + 1) * mixed.len() / shards];
    let deal = |dealt: &[usize]| digits.chosen(&dealt.iter().map(shard).collect::<Vec<_>>().concat());
    let devices = order(1, shards).chunks_exact(SHARDS_A_DEVICE).map(deal).collect();
    Split { devices, held_out }
}
