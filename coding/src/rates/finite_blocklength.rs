//! The normal approximation: what codes of finite length can do.

use super::information::{Information, Signal, snr_for_information};
use super::root::increasing_root;
use airloop_baseband::special::{normal_quantile, q_function};

/// The normal approximation of the best code of a number of symbols.
///
/// ```text
/// information bits k and block error rate e:   k = n C - sqrt(n V) Q^-1(e) + 1/2 log2(d n)
/// ```
///
/// for `n` symbols of information `C` and dispersion `V` in `d` real dimensions; the last term is that of `d n` real channel
/// uses, so that a constellation and its dimensions one by one give the same. (Some write `1/2 log2(n)` for complex symbols:
/// half a bit less; neither is more exact than a constant.) For constellations `V` is the variance of the information
/// density under equally likely points. Good from about 100 symbols on, at error rates that are not tiny. Polyanskiy, Poor &
/// Verdu, IEEE Trans. Inf. Theory 56 (2010) 2307-2359, theorem 54; third term: Tan & Tomamichel, IEEE Trans. Inf. Theory 61
/// (2015) 2430-2438.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NormalApproximation {
    /// `n C + 1/2 log2(d n)`, in bits.
    mean: f64,
    /// `sqrt(n V)`, in bits.
    deviation: f64,
}

impl NormalApproximation {
    /// Creates the approximation for `symbols` symbols at a linear SNR.
    pub fn new(signal: Signal, snr: f64, symbols: u64) -> Self {
        let Information { bits, dispersion, .. } = signal.information(snr);
        let n = symbols as f64;
        let third = 0.5 * (n * signal.dimensions() as f64).log2();
        Self { mean: n * bits + third, deviation: (n * dispersion).sqrt() }
    }

    /// Returns the block error rate of `information_bits` bits.
    pub fn block_error_rate(&self, information_bits: f64) -> f64 {
        let margin = self.mean - information_bits;
        if self.deviation > 0.0 {
            q_function(margin / self.deviation)
        } else {
            // Without noise or without signal nothing is left to chance.
            f64::from(u8::from(margin < 0.0))
        }
    }

    /// Returns the largest number of information bits at a block error rate; none at least.
    ///
    /// Valid for `block_error_rate` in (0, 1), else not a number.
    pub fn information_bits(&self, block_error_rate: f64) -> f64 {
        if block_error_rate.is_nan() || block_error_rate <= 0.0 || block_error_rate >= 1.0 {
            return f64::NAN;
        }
        let bits = self.mean + self.deviation * normal_quantile(block_error_rate);
        if bits < 0.0 { 0.0 } else { bits }
    }
}

/// Returns the linear SNR at which the normal approximation reaches a block error rate with `information_bits` bits in
/// `symbols` symbols.
///
/// Relative accuracy 1e-9. Infinite if the constellation cannot carry as many bits, zero for so few that the third term
/// alone allows them, not a number for an error rate outside
/// (0, 1), for no symbols, or for a number of bits that is not positive.
pub fn snr_for_block_error_rate(
    signal: Signal,
    symbols: u64,
    information_bits: f64,
    block_error_rate: f64,
) -> f64 {
    let possible = 0.0 < block_error_rate && block_error_rate < 1.0 && information_bits > 0.0 && symbols > 0;
    if !possible {
        return f64::NAN;
    }
    let margin = |snr: f64| {
        let NormalApproximation { mean, deviation } = NormalApproximation::new(signal, snr, symbols);
        mean + deviation * normal_quantile(block_error_rate) - information_bits
    };
    let a_symbol = information_bits / symbols as f64;
    let start = snr_for_information(signal, a_symbol.min(0.5 * signal.most_bits()));
    let (mut low, mut high) = (start, start);
    while margin(low) > 0.0 {
        low *= 0.5;
        if low < 1e-12 * start {
            return 0.0;
        }
    }
    while margin(high) < 0.0 {
        high *= 2.0;
        if high > 1e15 * start {
            return f64::INFINITY;
        }
    }
    increasing_root(|ln_snr| margin(ln_snr.exp()), low.ln(), high.ln()).exp()
}
