//! Receivers of the sum over devices, from what the interval bank gives.

use super::chain::Chain;
use super::{IntervalBank, MisalignedError, Setting};
use airloop_baseband::Complex32;

/// How the sum is read off the samples of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Receiver {
    /// The samples of the last interval only, in which all devices send the same symbol time.
    ///
    /// ```text
    /// s_hat[l] = y_I[l],   MSE = sum_k |h_k - 1|^2 + N0 / d_I
    /// ```
    AlignedSample,
    /// Maximum likelihood by sum-product, knowing delays and gains.
    ///
    /// ```text
    /// s_hat = V (D^H C^-1 D)^-1 D^H C^-1 y
    /// ```
    MaximumLikelihood,
    /// Least mean square error among linear receivers, knowing delays, gains, noise and the devices' covariance `R`.
    ///
    /// ```text
    /// s_hat = V (D^H C^-1 D + R^-1)^-1 D^H C^-1 y
    /// ```
    Lmmse,
    /// An integrator over whole symbol times from 0 on, as if no device were late.
    ///
    /// ```text
    /// s_hat[l] = sum_i d_i y_i[l],   MSE = 2 sum_k t_k^2 + N0 for gains of 1 (the first symbol: sum_k t_k^2 + N0)
    /// ```
    FullSymbol,
}

/// A receiver made ready for frames of one setting; shared by all frames and threads.
#[derive(Clone, Debug)]
pub struct FrameReceiver {
    symbols: usize,
    rows: usize,
    lengths: Vec<f32>,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    Last,
    Whole,
    Joint(Box<Chain>),
}

impl FrameReceiver {
    /// Makes a receiver ready.
    ///
    /// # Errors
    /// When the setting is wrong, or a joint receiver too large or too ill conditioned.
    pub fn new(setting: &Setting, receiver: Receiver) -> Result<Self, MisalignedError> {
        let bank = setting.bank()?;
        let kind = match receiver {
            Receiver::AlignedSample => Kind::Last,
            Receiver::FullSymbol => Kind::Whole,
            Receiver::MaximumLikelihood | Receiver::Lmmse => {
                Kind::Joint(Box::new(joint(setting, &bank, receiver)?))
            }
        };
        let lengths = bank.intervals().iter().map(|i| i.length_symbols as f32).collect();
        Ok(Self { symbols: setting.symbols, rows: bank.symbol_times(setting.symbols), lengths, kind })
    }

    /// Returns the symbols of a frame.
    pub fn symbols(&self) -> usize {
        self.symbols
    }

    /// Returns the samples of a frame: `[symbol time, interval]`.
    pub fn samples(&self) -> usize {
        self.rows * self.lengths.len()
    }

    /// Estimates the sum over devices, for whole frames one after the other.
    ///
    /// `grids` is `[frame, symbol time, interval]`, `out` is `[frame, symbol]`. What comes later than the frames that fill
    /// `out` is not looked at.
    pub fn estimate(&self, grids: &[Complex32], out: &mut [Complex32]) {
        let intervals = self.lengths.len();
        let frames = grids.chunks_exact(self.samples()).zip(out.chunks_exact_mut(self.symbols));
        match &self.kind {
            Kind::Joint(chain) => {
                let frames = frames.len();
                chain.estimate(&grids[..frames * self.samples()], &mut out[..frames * self.symbols]);
            }
            Kind::Last => frames.for_each(|(grid, out)| {
                let rows = grid.chunks_exact(intervals);
                out.iter_mut().zip(rows).for_each(|(out, row)| *out = row[intervals - 1]);
            }),
            Kind::Whole => frames.for_each(|(grid, out)| {
                for (out, row) in out.iter_mut().zip(grid.chunks_exact(intervals)) {
                    *out = row.iter().zip(&self.lengths).map(|(y, d)| y * d).sum();
                }
            }),
        }
    }
}

/// Makes the chain of a joint receiver.
pub(super) fn joint(
    setting: &Setting,
    bank: &IntervalBank,
    receiver: Receiver,
) -> Result<Chain, MisalignedError> {
    match receiver {
        Receiver::Lmmse => Chain::with_prior(setting, bank),
        _ => Chain::without_prior(setting, bank),
    }
}
