//! Information a symbol of a constellation, and how it varies.

use super::capacity::{gaussian_capacity, gaussian_capacity_snr};
use super::density::{self, Moments};
use super::root::increasing_root;
use crate::Modulation;
use std::f64::consts::LOG2_E;

/// How a receiver uses a constellation's points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Metric {
    /// By whole symbols: coded modulation.
    Symbolwise,
    /// By exact log-likelihood ratios of single bits: bit-interleaved coded modulation, as in 5G NR.
    Bitwise,
}

/// What is sent over the complex Gaussian channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Signal {
    /// What reaches capacity.
    Gaussian,
    /// Equally likely points of a constellation.
    Constellation(Modulation, Metric),
}

/// Mean, slope and variance of the information of a symbol.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Information {
    /// The mean information a symbol, in bits.
    pub bits: f64,
    /// Its derivative with respect to the linear SNR, in bits.
    pub slope: f64,
    /// The variance of the information density of a symbol, the channel dispersion, in bits squared.
    pub dispersion: f64,
}

impl Signal {
    /// Returns the information of a symbol at a linear SNR.
    ///
    /// ```text
    /// Gaussian       bits = log2(1 + snr),  dispersion = log2(e)^2 snr (snr + 2)/(snr + 1)^2
    /// symbolwise     i = log2(p(z | x) / p(z)),                        bits = E i,  dispersion = Var i
    /// bitwise        i = sum over bits of log2(2 P(bit of x | z)),     the same:  bits = sum over bits of
    ///                1 - E log2(1 + exp(-(1 - 2 bit) LLR)) with exact LLRs
    /// ```
    ///
    /// Bits are accurate to 1e-9, slope and dispersion to 1e-8. Valid for `snr >= 0`, else not a number. Gaussian: Polyanskiy,
    /// Poor & Verdu, IEEE Trans. Inf. Theory 56 (2010) 2307-2359, twice its real channel. Bitwise: Caire, Taricco & Biglieri,
    /// IEEE Trans. Inf. Theory 44 (1998) 927-946.
    pub fn information(self, snr: f64) -> Information {
        if snr.is_nan() || snr < 0.0 {
            return Information { bits: f64::NAN, slope: f64::NAN, dispersion: f64::NAN };
        }
        match self {
            Self::Gaussian => {
                let inverse = (1.0 + snr).recip();
                Information {
                    bits: gaussian_capacity(snr),
                    slope: LOG2_E * inverse,
                    dispersion: LOG2_E * LOG2_E * (1.0 - inverse) * (1.0 + inverse),
                }
            }
            Self::Constellation(modulation, metric) => of_constellation(modulation, metric, snr),
        }
    }

    /// Returns the largest information a symbol, in bits; infinite for Gaussian signals.
    pub const fn most_bits(self) -> f64 {
        match self {
            Self::Gaussian => f64::INFINITY,
            Self::Constellation(modulation, _) => modulation.bits_per_symbol() as f64,
        }
    }

    /// Returns how many real dimensions of a symbol are used.
    pub const fn dimensions(self) -> usize {
        match self {
            Self::Gaussian => 2,
            Self::Constellation(modulation, _) => modulation.dimensions(),
        }
    }
}

/// Adds the dimensions of a symbol, which are independent.
fn of_constellation(modulation: Modulation, metric: Metric, snr: f64) -> Information {
    let energy = modulation.level_energy();
    let density = density::integrate(modulation.bits_per_dimension(), (2.0 * snr / energy).sqrt());
    let (Moments { mean, square }, slope) = match metric {
        Metric::Symbolwise => (density.symbolwise, density.symbolwise_slope),
        Metric::Bitwise => (density.bitwise, density.bitwise_slope),
    };
    let dimensions = modulation.dimensions() as f64;
    Information {
        bits: dimensions * mean,
        slope: dimensions * slope * LOG2_E * 2.0 / energy,
        dispersion: dimensions * (square - mean * mean).max(0.0),
    }
}

/// Returns the linear SNR at which a symbol's information is `bits`, the inverse of [`Signal::information`].
///
/// Relative accuracy 1e-9 up to 1e-6 below the largest information. Zero for no bits, infinite from the largest information
/// on, not a number for negative ones.
pub fn snr_for_information(signal: Signal, bits: f64) -> f64 {
    if bits.is_nan() || bits < 0.0 {
        return f64::NAN;
    }
    if bits >= signal.most_bits() {
        return f64::INFINITY;
    }
    // No signal carries more than a Gaussian one.
    let low = gaussian_capacity_snr(bits);
    if signal == Signal::Gaussian || bits == 0.0 {
        return low;
    }
    let excess = |snr: f64| signal.information(snr).bits - bits;
    let mut high = 2.0 * low;
    while excess(high) < 0.0 {
        high *= 2.0;
    }
    increasing_root(|ln_snr| excess(ln_snr.exp()), (0.9 * low).ln(), high.ln()).exp()
}
