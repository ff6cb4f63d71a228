//! Information by interpolation, for averages over many subcarriers.

use super::information::{Metric, Signal};
use crate::Modulation;
use std::sync::OnceLock;

/// Intervals an octave of the SNR, a power of two.
const INTERVALS: u32 = 16;
/// Bits of an `f64` below those that tell its interval.
const FRACTION_BITS: u32 = f64::MANTISSA_DIGITS - 1 - INTERVALS.ilog2();
/// Below this SNR information is proportional to it, to within 1e-11 bit.
const LOWEST: f64 = 1.0 / (1 << 20) as f64;
/// Half the spacing of levels in standard deviations of the noise at which information is complete.
const COMPLETE: f64 = 9.0;

/// Information a symbol as a function of SNR, interpolated by cubics with the exact value and slope at their ends.
///
/// It falls nowhere, but for rounding, and differs by less than 1e-6 bit from [`Signal::information`].
#[derive(Clone, Debug)]
pub struct InformationTable {
    most_bits: f64,
    /// The number of the first interval.
    first: u64,
    /// Coefficients of each interval, constant first, of its share from 0 to 1.
    cubics: Vec<[f64; 4]>,
    /// Value at the end of the last interval.
    last: f64,
}

impl InformationTable {
    /// Returns the table of a modulation, made at the first call.
    pub fn of(modulation: Modulation, metric: Metric) -> &'static Self {
        static TABLES: [OnceLock<InformationTable>; 14] = [const { OnceLock::new() }; 14];
        let place = 2 * modulation as usize + usize::from(metric == Metric::Bitwise);
        TABLES[place].get_or_init(|| Self::new(modulation, metric))
    }

    /// Creates the table of a modulation.
    pub fn new(modulation: Modulation, metric: Metric) -> Self {
        let signal = Signal::Constellation(modulation, metric);
        let highest = 0.5 * COMPLETE * COMPLETE * modulation.level_energy();
        let (first, end) = (LOWEST.to_bits() >> FRACTION_BITS, highest.to_bits() >> FRACTION_BITS);
        let knot = |number: u64| {
            let snr = f64::from_bits(number << FRACTION_BITS);
            let information = signal.information(snr);
            (snr, information.bits, information.slope)
        };
        let knots: Vec<(f64, f64, f64)> = (first..=end).map(knot).collect();
        let cubic = |pair: &[(f64, f64, f64)]| {
            let ((from, low, at_low), (to, high, at_high)) = (pair[0], pair[1]);
            let (rise, left, right) = (high - low, at_low * (to - from), at_high * (to - from));
            // Slopes within three times the chord's keep a cubic monotone (Fritsch & Carlson 1980).
            let (left, right) = (left.min(3.0 * rise), right.min(3.0 * rise));
            [low, left, 3.0 * rise - 2.0 * left - right, left + right - 2.0 * rise]
        };
        Self {
            most_bits: signal.most_bits(),
            first,
            cubics: knots.windows(2).map(cubic).collect(),
            last: knots.last().map_or(0.0, |knot| knot.1),
        }
    }

    /// Returns the information a symbol at a linear SNR, in bits; none for a negative one.
    pub fn bits(&self, snr: f64) -> f64 {
        if snr < LOWEST {
            return self.cubics[0][0] / LOWEST * snr.max(0.0);
        }
        let image = snr.to_bits();
        let Some(cubic) = self.cubics.get(((image >> FRACTION_BITS) - self.first) as usize) else {
            return if snr.is_nan() { snr } else { self.most_bits };
        };
        // The low bits of the image as a number from 1 to 2, less 1.
        let low = image << (64 - FRACTION_BITS) >> (64 - (f64::MANTISSA_DIGITS - 1));
        let share = f64::from_bits(1f64.to_bits() | low) - 1.0;
        ((cubic[3] * share + cubic[2]) * share + cubic[1]) * share + cubic[0]
    }

    /// Returns the mean information of symbols at linear SNRs, in bits a symbol; not a number for none.
    pub fn mean_bits(&self, snrs: &[f32]) -> f64 {
        let sum: f64 = snrs.iter().map(|&snr| self.bits(f64::from(snr))).sum();
        sum / snrs.len() as f64
    }

    /// Returns the linear SNR at which the information is `bits`, the inverse of [`InformationTable::bits`].
    ///
    /// Infinite from the largest information on, not a number for negative ones.
    pub fn snr(&self, bits: f64) -> f64 {
        if bits.is_nan() || bits < 0.0 {
            return f64::NAN;
        }
        if bits >= self.most_bits {
            return f64::INFINITY;
        }
        if bits <= self.cubics[0][0] {
            return bits / self.cubics[0][0] * LOWEST;
        }
        let place = self.cubics.partition_point(|cubic| cubic[0] <= bits) - 1;
        let ends =
            [place, place + 1].map(|place| f64::from_bits((self.first + place as u64) << FRACTION_BITS));
        if bits >= self.last {
            return ends[1];
        }
        let share = share_of(self.cubics[place], bits);
        ends[0] + share * (ends[1] - ends[0])
    }
}

/// Returns where in an interval a rising cubic has a value: Newton steps from the chord, each kept inside by a halving.
fn share_of(cubic: [f64; 4], value: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    let mut share = (value - cubic[0]) / (cubic[1] + cubic[2] + cubic[3]);
    for _ in 0..60 {
        let excess = ((cubic[3] * share + cubic[2]) * share + cubic[1]) * share + cubic[0] - value;
        let slope = (3.0 * cubic[3] * share + 2.0 * cubic[2]) * share + cubic[1];
        let next = share - excess / slope;
        if (next - share).abs() < 1e-13 {
            return next;
        }
        if excess > 0.0 {
            high = share
        } else {
            low = share
        }
        share = if next > low && next < high { next } else { 0.5 * (low + high) };
    }
    share
}
