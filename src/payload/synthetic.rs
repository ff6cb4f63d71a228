//! Synthetic payloads: drawn by index, with a distribution and a correlation.

use super::sparse_gaussian;
use super::votes::{self, Ballot, Votes};
use airloop_baseband::{Purpose, Seeds};

/// Distribution of synthetic values, mean square 1 unless said otherwise.
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
    /// The exponential of a standard normal value: the one distribution of another mean square, `e^2`.
    Lognormal,
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

/// Link number of the common part of correlated synthetic values.
const COMMON: u64 = u64::MAX;

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
            Distribution::Lognormal => return None,
            Distribution::SparseGaussian { density } => sparse_gaussian::share_beyond(density, limit),
        };
        Some(votes::multinomial(self.devices, voting / 2.0, voting / 2.0))
    }

    pub(super) fn draw(&self, seeds: &Seeds, trial: u64, device: usize, start: usize, out: &mut [f32]) {
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
            Distribution::Lognormal => {
                stream.fill_gaussian(start as u64, out);
                out.iter_mut().for_each(|x| *x = x.exp());
            }
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
            Distribution::Uniform | Distribution::SparseGaussian { .. } | Distribution::Lognormal => {
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
