//! The joint receivers: a Gaussian chain over the symbols of a frame, solved by messages forward and back.
//!
//! A frame's samples see `w[l]`, `r` numbers a symbol time, through a window of two symbol times:
//!
//! ```text
//! v_g[l] = sum_j M_gj w_j[l]           what arrives of group g
//! y_i[l] = sum_{g < a_i} v_g[l] + sum_{g >= a_i} v_g[l-1] + CN(0, N0 / d_i),   a_i groups arrived in interval i
//! (A^H C^-1 A + I/p) w = A^H C^-1 y,   estimate[l] = sum_j t_j w_j[l]
//! ```
//!
//! The matrix is banded, `r` to `2 r - 1` wide. Its Cholesky factor is the forward pass of sum-product messages, and the
//! substitutions are both passes: exact, and linear in the number of symbols. All equations are multiplied with N0.

use super::banded::{BandedCholesky, LANES, Lanes};
use super::{IntervalBank, MisalignedError, Setting};
use airloop_baseband::{Complex32, Complex64};

/// Most coefficients of a factor.
const LIMIT: usize = 1 << 25;

/// Least noise over signal that a prior is weighed with, -100 dB: keeps equations without noise solvable.
const LEAST_NOISE: f64 = 1e-10;

/// What the chain's unknowns are and how they make up what arrives and what is wanted.
struct Unknowns {
    /// `M_gj` that are not zero, as (j, value), a list for each group.
    loading: Vec<Vec<(usize, Complex64)>>,
    /// `t_j`.
    target: Vec<Complex64>,
    /// Power of the part of the sum that the unknowns do not tell.
    residual: f64,
}

impl Unknowns {
    /// Takes what arrives of each group as unknown: nothing is known of it beforehand.
    ///
    /// ```text
    /// w_g = sum_{m in g} h_m s_m,   t_g = sum_{m in g} h_m* / sum_{m in g} |h_m|^2
    /// ```
    ///
    /// Devices of one group cannot be told apart. Of all solutions of equal likelihood this is the one of least energy.
    fn groups(setting: &Setting, bank: &IntervalBank) -> Self {
        let groups = bank.group_delays_symbols().len();
        let (mut conjugate, mut energy) = (vec![Complex64::default(); groups], vec![0.0; groups]);
        for (device, h) in setting.gains.iter().enumerate() {
            conjugate[bank.group(device)] += h.conj();
            energy[bank.group(device)] += h.norm_sqr();
        }
        let target: Vec<Complex64> = conjugate.iter().zip(&energy).map(|(c, e)| c / e).collect();
        let off = |(device, h): (usize, &Complex64)| target[bank.group(device)] * h - 1.0;
        let errors: Vec<Complex64> = setting.gains.iter().enumerate().map(off).collect();
        let loading = (0..groups).map(|g| vec![(g, Complex64::from(1.0))]).collect();
        Self { loading, target, residual: setting.covariance.quadratic(&errors) }
    }

    /// Takes independent sources of unit power, of which the devices' symbols are made.
    ///
    /// ```text
    /// s = F w,   F F^T = R,   M_gj = sum_{m in g} h_m F_mj,   t_j = sum_m F_mj
    /// ```
    ///
    /// Devices come in the order of their delays, so that the band is as narrow as it can be.
    fn sources(setting: &Setting, bank: &IntervalBank) -> Self {
        let devices = bank.devices();
        let mut order: Vec<usize> = (0..devices).collect();
        order.sort_by_key(|device| bank.group(*device));
        let factor = setting.covariance.factor(&order);
        let groups = bank.group_delays_symbols().len();
        let mut dense = vec![Complex64::default(); groups * devices];
        let mut target = vec![Complex64::default(); devices];
        for (device, factor) in order.iter().zip(factor.chunks_exact(devices)) {
            let to = &mut dense[bank.group(*device) * devices..][..devices];
            for (j, f) in factor.iter().enumerate() {
                to[j] += setting.gains[*device] * f;
                target[j] += f;
            }
        }
        let sparse = |row: &[Complex64]| {
            row.iter().copied().enumerate().filter(|(_, m)| *m != Complex64::default()).collect()
        };
        Self { loading: dense.chunks_exact(devices).map(sparse).collect(), target, residual: 0.0 }
    }
}

/// A joint receiver of frames of one length.
#[derive(Clone, Debug)]
pub(super) struct Chain {
    symbols: usize,
    rows: usize,
    /// Lengths of the intervals.
    weights: Vec<f64>,
    /// 1 when the first interval comes before all boundaries.
    early: usize,
    loading: Vec<Vec<(usize, Complex64)>>,
    target: Vec<Complex64>,
    residual: f64,
    /// N0, or the least noise that a prior is weighed with.
    noise: f64,
    cholesky: BandedCholesky,
}

impl Chain {
    /// Makes the receiver that knows nothing of the symbols beforehand: maximum likelihood.
    pub fn without_prior(setting: &Setting, bank: &IntervalBank) -> Result<Self, MisalignedError> {
        let groups = bank.group_delays_symbols().len();
        Self::check_size(setting, groups * groups)?;
        Self::new(setting, bank, Unknowns::groups(setting, bank), (setting.noise_power, 0.0))
    }

    /// Makes the receiver that knows the covariance of the symbols: LMMSE.
    pub fn with_prior(setting: &Setting, bank: &IntervalBank) -> Result<Self, MisalignedError> {
        let devices = bank.devices();
        let width = if setting.covariance.is_diagonal() { devices } else { 2 * devices };
        Self::check_size(setting, devices * width)?;
        let noise = setting.noise_power.max(LEAST_NOISE);
        Self::new(setting, bank, Unknowns::sources(setting, bank), (noise, noise))
    }

    fn check_size(setting: &Setting, per_symbol: usize) -> Result<(), MisalignedError> {
        let (devices, symbols) = (setting.delays_symbols.len(), setting.symbols);
        let entries = per_symbol.saturating_mul(symbols);
        let limit = LIMIT;
        if entries > limit {
            return Err(MisalignedError::TooLarge { devices, symbols, entries, limit });
        }
        Ok(())
    }

    fn new(
        setting: &Setting,
        bank: &IntervalBank,
        unknowns: Unknowns,
        (noise, ridge): (f64, f64),
    ) -> Result<Self, MisalignedError> {
        let Unknowns { loading, target, residual } = unknowns;
        let r = target.len();
        let (mut same, before) = blocks(bank, &loading, r);
        for j in 0..r {
            same[j * r + j] += ridge;
        }
        let reaches =
            |(at, b): (usize, &Complex64)| (*b != Complex64::default()).then(|| r + at / r - at % r);
        let width = before.iter().enumerate().filter_map(reaches).max().unwrap_or(0).max(r - 1);
        let cholesky = BandedCholesky::new(setting.symbols * r, width, |i, j| match i / r - j / r {
            0 => same[i % r * r + j % r],
            1 => before[i % r * r + j % r],
            _ => Complex64::default(),
        })?;
        Ok(Self {
            symbols: setting.symbols,
            rows: bank.symbol_times(setting.symbols),
            weights: bank.intervals().iter().map(|i| i.length_symbols).collect(),
            early: usize::from(bank.intervals()[0].arrived == 0),
            loading,
            target,
            residual,
            noise,
            cholesky,
        })
    }

    /// Estimates the sums of frames.
    pub fn estimate(&self, grids: &[Complex32], out: &mut [Complex32]) {
        let (r, stride) = (self.target.len(), self.rows * self.weights.len());
        let mut unknowns = vec![Lanes::default(); self.symbols * r];
        let batches = grids.chunks(LANES * stride).zip(out.chunks_mut(LANES * self.symbols));
        for (grids, out) in batches {
            unknowns.fill(Lanes::default());
            self.project(grids, stride, &mut unknowns);
            self.cholesky.solve(&mut unknowns);
            for (l, unknowns) in unknowns.chunks_exact(r).enumerate() {
                let mut sum = Lanes::default();
                for (t, w) in self.target.iter().zip(unknowns) {
                    sum.add_product(*t, w);
                }
                for (lane, frame) in out.chunks_exact_mut(self.symbols).enumerate() {
                    frame[l] = Complex32::new(sum.re[lane] as f32, sum.im[lane] as f32);
                }
            }
        }
    }

    /// Adds `A^H C^-1 y` of up to eight frames, times N0.
    ///
    /// What group g is told of symbol l: the intervals after its boundary at symbol time l, the others one later.
    fn project(&self, grids: &[Complex32], stride: usize, out: &mut [Lanes]) {
        let (intervals, r) = (self.weights.len(), self.target.len());
        let add = |sum: &mut Lanes, row: usize, interval: usize, sign: f64| {
            let weight = sign * self.weights[interval];
            for (lane, grid) in grids.chunks_exact(stride).enumerate() {
                let y = grid[row * intervals + interval];
                sum.re[lane] += weight * f64::from(y.re);
                sum.im[lane] += weight * f64::from(y.im);
            }
        };
        for (l, out) in out.chunks_exact_mut(r).enumerate() {
            let mut told = Lanes::default();
            for interval in 0..intervals {
                add(&mut told, l + usize::from(interval < self.early), interval, 1.0);
            }
            for (group, entries) in self.loading.iter().enumerate() {
                if group > 0 {
                    let passed = group - 1 + self.early;
                    add(&mut told, l, passed, -1.0);
                    add(&mut told, l + 1, passed, 1.0);
                }
                for (j, m) in entries {
                    out[*j].add_product(m.conj(), &told);
                }
            }
        }
    }

    /// Returns the error of each symbol's sum: `N0 t Z_ll t^H` plus what the unknowns do not tell.
    pub fn symbol_errors(&self) -> Vec<f64> {
        let r = self.target.len();
        let band = self.cholesky.inverse_band();
        let stride = band.len() / (self.symbols * r);
        let error = |l: usize| {
            let mut sum = 0.0;
            for j in 0..r {
                let row = &band[(l * r + j) * stride..][..stride];
                for k in 0..=j {
                    let term = (self.target[j] * row[stride - 1 + k - j] * self.target[k].conj()).re;
                    sum += if k == j { term } else { 2.0 * term };
                }
            }
            self.noise * sum + self.residual
        };
        (0..self.symbols).map(error).collect()
    }
}

/// Returns the blocks of `A^H C^-1 A` times N0: of a symbol time with itself, and with the one before, row by row.
///
/// ```text
/// same = sum_i d_i (P_i^H P_i + S_i^H S_i),   before = sum_i d_i P_i^H S_i
/// P_i = sum_{g < a_i} M_g,   S_i = sum_{g >= a_i} M_g
/// ```
fn blocks(
    bank: &IntervalBank,
    loading: &[Vec<(usize, Complex64)>],
    r: usize,
) -> (Vec<Complex64>, Vec<Complex64>) {
    let zero = Complex64::default();
    let (mut same, mut before) = (vec![zero; r * r], vec![zero; r * r]);
    for interval in bank.intervals() {
        let (mut now, mut past) = (vec![zero; r], vec![zero; r]);
        for (group, entries) in loading.iter().enumerate() {
            let side = if group < interval.arrived { &mut now } else { &mut past };
            entries.iter().for_each(|(j, m)| side[*j] += m);
        }
        let d = interval.length_symbols;
        for j in 0..r {
            let (n, p) = (now[j].conj() * d, past[j].conj() * d);
            for k in 0..r {
                same[j * r + k] += n * now[k] + p * past[k];
                before[j * r + k] += n * past[k];
            }
        }
    }
    (same, before)
}
