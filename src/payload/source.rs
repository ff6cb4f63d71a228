//! Where values come from: a file read by range, an array in memory, or a synthetic draw by index.

use super::Gram;
use super::sparse_gaussian;
use super::votes::{self, Ballot, Votes};
use crate::tensor::{TensorError, TensorFile};
use airloop_baseband::{Purpose, Seeds};
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
    /// Nobody votes.
    #[error(
        "no device casts a vote: no value is {limit} or more of its device's rms; \
         a smaller payload.abstain_below is expected"
    )]
    NobodyVotes {
        /// The limit, in units of each device's rms.
        limit: f64,
    },
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

/// Distribution of synthetic values, mean square 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Distribution {
    /// Standard normal.
    Gaussian,
    /// Uniform on plus or minus the square root of 3.
    Uniform,
    /// 0, or with the probability `density` normal of variance `1/density`.
    SparseGaussian {
        /// Share of values that are not 0.
        density: f64,
    },
    /// Votes of +1 and -1.
    Sign(Votes),
}

/// A synthetic payload, drawn anew in every trial.
///
/// ```text
/// gaussian: u_k = sqrt(r) c + sqrt(1 - r) w_k;   uniform, sparse-gaussian: u_k = c with probability sqrt(r), else w_k
/// ```
///
/// so that each pair of devices has correlation `r` and every `u_k` keeps its distribution. In round `t` of a trial all
/// values are `decay^t` times that.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Synthetic {
    /// The distribution.
    pub distribution: Distribution,
    /// Number of devices.
    pub devices: usize,
    /// Values a device.
    pub length: usize,
    /// Correlation of every pair of devices, 0 to 1.
    pub correlation: f64,
    /// Factor on all values from each round of a trial to the next.
    pub decay: f64,
    /// Rounds of a trial.
    pub rounds: usize,
}

/// A source of K x N values.
#[derive(Clone, Debug)]
pub enum Source {
    /// Rows of a file, read by range.
    File(Arc<TensorFile>),
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

/// Link number of the common part of correlated synthetic values.
const COMMON: u64 = u64::MAX;

/// Values read at once while surveying.
const CHUNK: usize = 1 << 16;

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
            Self::Array { devices, .. } => *devices,
            Self::Synthetic(s) => s.devices,
        }
    }

    /// Returns the number of values a device.
    pub fn length(&self) -> usize {
        match self {
            Self::File(file) => file.columns(),
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
        if let Self::File(file) = self { Some(file.path().to_path_buf()) } else { None }
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
            let power: Vec<f64> = weights.iter().map(|w| w * w).collect();
            let sum: f64 = weights.iter().sum();
            let trace: f64 = power.iter().sum();
            let total = (1.0 - s.correlation) * trace + s.correlation * sum * sum;
            let range = vec![(0.0, 0.0); s.devices];
            return Ok(Survey { means: vec![0.0; s.devices], range, gram: Gram::new(power, total, None) });
        }
        self.survey_stored(weights, center, None)
    }

    /// Surveys the votes that values cast where they are at least `limit` times their device's rms; returns the limits of
    /// the devices too (`None` where the values are votes).
    pub(super) fn survey_votes(&self, limit: f64) -> Result<(Survey, Option<Vec<f32>>), SourceError> {
        let devices = self.devices();
        let Self::Synthetic(s) = self else {
            let limits: Vec<f32> = self.powers()?.iter().map(|p| (limit * p.sqrt()) as f32).collect();
            let survey = self.survey_stored(&vec![1.0; devices], false, Some(&limits))?;
            return Ok((survey, Some(limits)));
        };
        let gram = match s.distribution {
            Distribution::Sign(_) => Gram::uniform(devices, s.correlation),
            Distribution::Gaussian => votes::gram_of_gaussian(devices, s.correlation, limit),
            Distribution::Uniform => votes::gram_of_mixed(devices, s.correlation, votes::voting_uniform(limit)),
            Distribution::SparseGaussian { density } => {
                votes::gram_of_mixed(devices, s.correlation, sparse_gaussian::share_beyond(density, limit))
            }
        };
        let survey = Survey { means: vec![0.0; devices], range: vec![(-1.0, 1.0); devices], gram };
        let drawn = matches!(s.distribution, Distribution::Sign(_));
        Ok((survey, (!drawn).then(|| vec![limit as f32; devices])))
    }

    /// Returns each device's mean square.
    fn powers(&self) -> Result<Vec<f64>, SourceError> {
        let length = self.length();
        let mut row = vec![0.0f32; CHUNK.min(length)];
        let mut power = vec![0.0; self.devices()];
        for (device, power) in power.iter_mut().enumerate() {
            for start in (0..length).step_by(CHUNK) {
                let row = &mut row[..CHUNK.min(length - start)];
                self.read(&Seeds::new(0), 0, device, start, row)?;
                if let Some(i) = row.iter().position(|value| !value.is_finite()) {
                    return Err(self.not_finite(device, start + i, row[i]));
                }
                *power += row.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>() / length as f64;
            }
        }
        Ok(power)
    }

    fn survey_stored(
        &self,
        weights: &[f64],
        center: bool,
        limits: Option<&[f32]>,
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
                limits.into_iter().for_each(|limits| votes::cast(limits[device], row));
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

    fn not_finite(&self, device: usize, index: usize, value: f32) -> SourceError {
        let origin = self.path().map_or("the array".to_string(), |p| p.display().to_string());
        SourceError::NotFinite { origin, device, index, value }
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

impl Synthetic {
    /// Returns the root mean square of the values of a round, counted through all trials: `decay^t` in round `t` of a
    /// trial.
    pub fn amplitude(&self, index: u64) -> f64 {
        self.decay.powi((index % self.rounds as u64) as i32)
    }

    /// Writes the drawn truth of votes from index `start`; returns whether there is one.
    pub(super) fn truth(&self, seeds: &Seeds, trial: u64, start: usize, out: &mut [f32]) -> bool {
        let Distribution::Sign(votes) = self.distribution else { return false };
        votes.truth(&seeds.stream(Purpose::Payload, trial, COMMON), self.devices, start, out);
        true
    }

    /// Returns how many devices vote for and against at a value, where votes are independent; `limit` is that of real
    /// values.
    pub(super) fn ballots(&self, limit: f64) -> Option<Vec<Ballot>> {
        let voting = match self.distribution {
            Distribution::Sign(votes) => return Some(votes.ballots(self.devices)),
            _ if self.correlation > 0.0 => return None,
            Distribution::Gaussian => 2.0 * airloop_baseband::special::q_function(limit),
            Distribution::Uniform => votes::voting_uniform(limit),
            Distribution::SparseGaussian { density } => sparse_gaussian::share_beyond(density, limit),
        };
        Some(votes::multinomial(self.devices, voting / 2.0, voting / 2.0))
    }

    fn draw(&self, seeds: &Seeds, trial: u64, device: usize, start: usize, out: &mut [f32]) {
        self.draw_unit(seeds, trial, device, start, out);
        let amplitude = self.amplitude(trial) as f32;
        if amplitude != 1.0 {
            out.iter_mut().for_each(|u| *u *= amplitude);
        }
    }

    fn draw_unit(&self, seeds: &Seeds, trial: u64, device: usize, start: usize, out: &mut [f32]) {
        let own = seeds.stream(Purpose::Payload, trial, device as u64);
        let common = seeds.stream(Purpose::Payload, trial, COMMON);
        if let Distribution::Sign(votes) = self.distribution {
            return votes.draw((&own, &common), (device, self.devices), start, out);
        }
        let fill = |stream: &airloop_baseband::Stream, out: &mut [f32]| match self.distribution {
            Distribution::Sign(_) => {}
            Distribution::Gaussian => stream.fill_gaussian(start as u64, out),
            Distribution::SparseGaussian { density } => sparse_gaussian::draw(stream, density, start, out),
            Distribution::Uniform => {
                stream.fill_uniform(start as u64, out);
                out.iter_mut().for_each(|u| *u = (*u - 0.5) * 12f32.sqrt());
            }
        };
        fill(&own, out);
        if self.correlation == 0.0 {
            return;
        }
        let mut shared = vec![0.0; out.len()];
        fill(&common, &mut shared);
        match self.distribution {
            Distribution::Gaussian => {
                let (a, b) = (self.correlation.sqrt() as f32, (1.0 - self.correlation).sqrt() as f32);
                out.iter_mut().zip(&shared).for_each(|(u, c)| *u = a * c + b * *u);
            }
            Distribution::Sign(_) => {}
            Distribution::Uniform | Distribution::SparseGaussian { .. } => {
                let mut coin = vec![0.0; out.len()];
                own.substream(1).fill_uniform(start as u64, &mut coin);
                let chance = self.correlation.sqrt() as f32;
                for ((u, c), coin) in out.iter_mut().zip(&shared).zip(&coin) {
                    *u = if *coin < chance { *c } else { *u };
                }
            }
        }
    }
}
