//! Where values come from: a file read by range, an array in memory, or a synthetic draw by index.

use super::Gram;
use super::moments;
use super::nomographic::{Mapping, Nomographic};
pub use super::synthetic::{Distribution, Synthetic};
use crate::tensor::{TensorError, TensorFile};
use airloop_baseband::Seeds;
use std::path::PathBuf;
use std::sync::Arc;

/// What can be wrong with a source of values.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// A tensor file that cannot be used.
    #[error(transparent)]
    Tensor(#[from] TensorError),
    /// A value that is not finite.
    #[error("{origin}: device {device}, value {index} is {value}; payloads must be finite")]
    NotFinite {
        /// The file, or "the array".
        origin: String,
        /// Row.
        device: usize,
        /// Column.
        index: usize,
        /// The value.
        value: f32,
    },
    /// Nothing but zeros.
    #[error("every value of the payload is zero: there is nothing to send and no error to relate to it")]
    AllZero,
    /// Values that cancel.
    #[error("the devices' values cancel exactly: the target is zero, and no error can be related to it")]
    Cancels,
    /// A value that the function does not take.
    #[error("{origin}: device {device}, value {index} is {value}; {needed}")]
    OutsideDomain {
        /// The file, or "the array".
        origin: String,
        /// Row.
        device: usize,
        /// Column.
        index: usize,
        /// The value.
        value: f32,
        /// What the function takes.
        needed: &'static str,
    },
    /// A lognormal source for a function of plain values.
    #[error(
        "lognormal values are for functions of positive ones: payload.function = \"geometric-mean\", \"norm\" or \
         \"max\" is expected"
    )]
    OnlyMapped,
    /// Values that a function's map leaves nothing of.
    #[error(
        "the function maps every value of the payload to zero, or to its device's mean, which is taken off: \
         there is nothing to send"
    )]
    NothingMapped,
    /// Draws whose power comes from values that nobody draws.
    #[error(
        "{map}: the mean square of the mapped values comes from values so rare that hardly a round draws one, and \
         scaled by it the others vanish; a smaller {key} or another payload.source is expected"
    )]
    RarePower {
        /// The map.
        map: String,
        /// The key that sets it.
        key: &'static str,
    },
    /// Nobody votes.
    #[error(
        "no device casts a vote: no value is {limit} or more of its device's rms; \
         a smaller payload.abstain_below is expected"
    )]
    NobodyVotes {
        /// The limit, in units of each device's rms.
        limit: f64,
    },
    /// Votes whose number is fixed over all devices, for a part of them.
    #[error(
        "payload.positive_votes counts the votes of all devices, of which cell.selection leaves some out; \
         payload.agreement is expected"
    )]
    PartOfVotes,
    /// An array of the wrong size.
    #[error("the array holds {found} values; {devices} devices of {length} values are {expected}")]
    WrongSize {
        /// Values found.
        found: usize,
        /// Rows promised.
        devices: usize,
        /// Columns promised.
        length: usize,
        /// Values that would fit.
        expected: usize,
    },
}

/// A source of K x N values.
#[derive(Clone, Debug)]
pub enum Source {
    /// Rows of a file, read by range.
    File(Arc<TensorFile>),
    /// Some rows of a file, in the order given.
    Rows {
        /// The file.
        file: Arc<TensorFile>,
        /// Its rows, one a device.
        rows: Arc<[usize]>,
    },
    /// An array in memory, device after device.
    Array {
        /// Number of devices.
        devices: usize,
        /// All values.
        values: Arc<[f32]>,
    },
    /// Drawn by index.
    Synthetic(Synthetic),
}

/// What one pass over a source finds: device means and inner products of the weighted values.
pub(super) struct Survey {
    pub means: Vec<f64>,
    /// Smallest and largest weighted value of each device.
    pub range: Vec<(f64, f64)>,
    pub gram: Gram,
}

/// Values read at once while surveying.
pub(super) const CHUNK: usize = 1 << 16;

/// Most devices for which all products are computed.
const FULL_GRAM_DEVICES: usize = 128;

impl Source {
    /// Makes a source of an array, device after device.
    ///
    /// # Errors
    /// When the array is empty or no multiple of the number of devices.
    pub fn array(devices: usize, values: Arc<[f32]>) -> Result<Self, SourceError> {
        let length = values.len().checked_div(devices).unwrap_or(0);
        if length == 0 || length * devices != values.len() {
            let (found, expected) = (values.len(), length.max(1) * devices.max(1));
            return Err(SourceError::WrongSize { found, devices, length, expected });
        }
        Ok(Self::Array { devices, values })
    }

    /// Returns the number of devices.
    pub fn devices(&self) -> usize {
        match self {
            Self::File(file) => file.rows(),
            Self::Rows { rows, .. } => rows.len(),
            Self::Array { devices, .. } => *devices,
            Self::Synthetic(s) => s.devices,
        }
    }

    /// Returns the number of values a device.
    pub fn length(&self) -> usize {
        match self {
            Self::File(file) | Self::Rows { file, .. } => file.columns(),
            Self::Array { devices, values } => values.len() / devices,
            Self::Synthetic(s) => s.length,
        }
    }

    /// Returns whether values are drawn anew in every trial.
    pub fn is_synthetic(&self) -> bool {
        self.synthetic().is_some()
    }

    /// Returns the synthetic model, if this is one.
    pub fn synthetic(&self) -> Option<&Synthetic> {
        if let Self::Synthetic(s) = self { Some(s) } else { None }
    }

    /// Returns the file behind the source, if there is one.
    pub fn path(&self) -> Option<PathBuf> {
        match self {
            Self::File(file) | Self::Rows { file, .. } => Some(file.path().to_path_buf()),
            _ => None,
        }
    }

    /// Writes a device's own values from index `start`.
    pub(super) fn read(
        &self,
        seeds: &Seeds,
        trial: u64,
        device: usize,
        start: usize,
        out: &mut [f32],
    ) -> Result<(), SourceError> {
        match self {
            Self::File(file) => file.read(device, start..start + out.len(), out)?,
            Self::Rows { file, rows } => file.read(rows[device], start..start + out.len(), out)?,
            Self::Array { values, .. } => {
                let at = device * self.length() + start;
                out.copy_from_slice(&values[at..at + out.len()]);
            }
            Self::Synthetic(synthetic) => synthetic.draw(seeds, trial, device, start, out),
        }
        Ok(())
    }

    pub(super) fn survey(&self, weights: &[f64], center: bool) -> Result<Survey, SourceError> {
        if let Self::Synthetic(s) = self {
            if s.distribution == Distribution::Lognormal {
                return Err(SourceError::OnlyMapped);
            }
            let power: Vec<f64> = weights.iter().map(|w| w * w).collect();
            let sum: f64 = weights.iter().sum();
            let trace: f64 = power.iter().sum();
            let total = (1.0 - s.correlation) * trace + s.correlation * sum * sum;
            let range = vec![(0.0, 0.0); s.devices];
            return Ok(Survey { means: vec![0.0; s.devices], range, gram: Gram::new(power, total, None) });
        }
        self.survey_stored(weights, center, |_, _| {})
    }

    /// Surveys the values that a function maps; returns the maps too, with their scales.
    pub(super) fn survey_mapped(
        &self,
        function: Nomographic,
        center: bool,
    ) -> Result<(Survey, Mapping), SourceError> {
        if let Self::Synthetic(synthetic) = self {
            return moments::survey(synthetic, function, center);
        }
        let mapping = Mapping::of_range(function, self.devices(), self.extent(function)?);
        let survey = self.survey_stored(&vec![1.0; self.devices()], center, |_, row| mapping.map(row))?;
        Ok((survey, mapping))
    }

    /// Returns the smallest and the largest value of all devices, which must be in a function's domain.
    fn extent(&self, function: Nomographic) -> Result<(f64, f64), SourceError> {
        let length = self.length();
        let mut row = vec![0.0f32; CHUNK.min(length)];
        let (mut low, mut high) = (f32::INFINITY, f32::NEG_INFINITY);
        for device in 0..self.devices() {
            for start in (0..length).step_by(CHUNK) {
                let row = &mut row[..CHUNK.min(length - start)];
                self.read(&Seeds::new(0), 0, device, start, row)?;
                for (i, value) in row.iter().enumerate() {
                    if !value.is_finite() {
                        return Err(self.not_finite(device, start + i, *value));
                    }
                    if let Some(needed) = function.objection(*value) {
                        let (origin, device) = (self.origin(), self.row(device));
                        let (index, value) = (start + i, *value);
                        return Err(SourceError::OutsideDomain { origin, device, index, value, needed });
                    }
                    (low, high) = (low.min(*value), high.max(*value));
                }
            }
        }
        Ok((f64::from(low), f64::from(high)))
    }

    pub(super) fn survey_stored(
        &self,
        weights: &[f64],
        center: bool,
        map: impl Fn(usize, &mut [f32]),
    ) -> Result<Survey, SourceError> {
        let (devices, length) = (self.devices(), self.length());
        let full = devices <= FULL_GRAM_DEVICES;
        let width = CHUNK.min(length);
        let mut rows = vec![0.0f32; if full { devices * width } else { width }];
        let mut sum = vec![0.0f64; width];
        let mut sums = vec![0.0f64; devices];
        let mut power = vec![0.0f64; devices];
        let mut products = vec![0.0f64; if full { devices * devices } else { 0 }];
        let mut range = vec![(f64::INFINITY, f64::NEG_INFINITY); devices];
        let mut total = 0.0;
        let seeds = Seeds::new(0);
        for start in (0..length).step_by(width) {
            let count = width.min(length - start);
            sum[..count].fill(0.0);
            for device in 0..devices {
                let at = if full { device * width } else { 0 };
                let row = &mut rows[at..at + count];
                self.read(&seeds, 0, device, start, row)?;
                map(device, row);
                let found = scan(row, weights[device], &mut sum[..count]);
                if !found.finite {
                    let i = row.iter().position(|value| !value.is_finite()).unwrap_or(0);
                    return Err(self.not_finite(device, start + i, row[i]));
                }
                range[device] = (range[device].0.min(found.low), range[device].1.max(found.high));
                sums[device] += found.sum;
                power[device] += found.power;
                for earlier in 0..if full { device } else { 0 } {
                    let (head, row) = rows.split_at(at);
                    let other = &head[earlier * width..earlier * width + count];
                    products[device * devices + earlier] += dot(&row[..count], other);
                }
            }
            total += sum[..count].iter().map(|v| v * v).sum::<f64>();
        }
        let n = length as f64;
        let means: Vec<f64> = sums.iter().map(|s| if center { s / n } else { 0.0 }).collect();
        let centred = |k: usize| power[k] / n - means[k] * means[k];
        let mean_sum: f64 = means.iter().sum();
        let power_centred: Vec<f64> = (0..devices).map(centred).collect();
        let gram = full.then(|| {
            let mut g = vec![0.0; devices * devices];
            for i in 0..devices {
                g[i * devices + i] = power_centred[i];
                for j in 0..i {
                    let product = products[i * devices + j] * weights[i] * weights[j] / n;
                    g[i * devices + j] = product - means[i] * means[j];
                    g[j * devices + i] = g[i * devices + j];
                }
            }
            g
        });
        let gram = Gram::new(power_centred, total / n - mean_sum * mean_sum, gram);
        Ok(Survey { means, range, gram })
    }

    pub(super) fn not_finite(&self, device: usize, index: usize, value: f32) -> SourceError {
        SourceError::NotFinite { origin: self.origin(), device: self.row(device), index, value }
    }

    fn origin(&self) -> String {
        self.path().map_or("the array".to_string(), |p| p.display().to_string())
    }
}

/// What a stretch of one device's weighted values adds up to.
#[derive(Clone, Copy)]
struct Found {
    finite: bool,
    low: f64,
    high: f64,
    sum: f64,
    power: f64,
}

/// Scans a stretch of values, in eight lanes summed in a fixed order, and adds the weighted values to `total`.
#[multiversion::multiversion(targets(
    "x86_64+avx512f+avx512vl+avx512dq+avx512bw",
    "x86_64+avx2",
    "aarch64+neon"
))]
fn scan(values: &[f32], weight: f64, total: &mut [f64]) -> Found {
    let (mut low, mut high) = ([f64::INFINITY; 8], [f64::NEG_INFINITY; 8]);
    let (mut sum, mut power, mut bad) = ([0.0f64; 8], [0.0f64; 8], [0u32; 8]);
    let ((chunks, rest), (totals, total_rest)) = (values.as_chunks::<8>(), total.as_chunks_mut::<8>());
    let mut add = |l: usize, x: f32, total: &mut f64| {
        let v = f64::from(x) * weight;
        low[l] = if v < low[l] { v } else { low[l] };
        high[l] = if v > high[l] { v } else { high[l] };
        sum[l] += v;
        power[l] += v * v;
        bad[l] |= u32::from(!x.is_finite());
        *total += v;
    };
    for (chunk, totals) in chunks.iter().zip(totals) {
        for l in 0..8 {
            add(l, chunk[l], &mut totals[l]);
        }
    }
    for (l, (x, total)) in rest.iter().zip(total_rest).enumerate() {
        add(l, *x, total);
    }
    Found {
        finite: bad.iter().all(|bad| *bad == 0),
        low: low.iter().copied().fold(f64::INFINITY, f64::min),
        high: high.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        sum: sum.iter().sum(),
        power: power.iter().sum(),
    }
}

/// Inner product in f64, in eight lanes summed in a fixed order.
#[multiversion::multiversion(targets(
    "x86_64+avx512f+avx512vl+avx512dq+avx512bw",
    "x86_64+avx2",
    "aarch64+neon"
))]
fn dot(a: &[f32], b: &[f32]) -> f64 {
    let mut lanes = [0.0f64; 8];
    let (a8, b8) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f64 =
        a8.remainder().iter().zip(b8.remainder()).map(|(x, y)| f64::from(*x) * f64::from(*y)).sum();
    for (x, y) in a8.zip(b8) {
        for l in 0..8 {
            lanes[l] += f64::from(x[l]) * f64::from(y[l]);
        }
    }
    lanes.iter().sum::<f64>() + rest
}
