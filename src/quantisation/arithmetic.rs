//! Enumerative coding of which of `n` places are taken, in about `log2 C(n, k)` bits, by arithmetic coding.
//!
//! ```text
//! P(place i is taken | so far) = taken places left / places left;   product over all places = 1 / C(n, k)
//! ```
//!
//! All arrangements of `k` taken places are equally likely, so that the code is that of T. Cover, "Enumerative source
//! encoding", IEEE Trans. Information Theory 19(1), 1973, but for two bits at its end. The coder is that of I. Witten, R. Neal,
//! J. Cleary, "Arithmetic coding for data compression", Commun. ACM 30(6), 1987.

use super::bits::{BitReader, BitWriter};
use airloop_baseband::special::ln_gamma;

/// Most places: their shares stay far above the rounding of the interval.
pub(super) const MOST_PLACES: usize = 1 << 24;

const BITS: u32 = 32;
const TOP: u64 = (1 << BITS) - 1;
const HALF: u64 = 1 << (BITS - 1);
const QUARTER: u64 = 1 << (BITS - 2);

/// Bits at the end of a code, and for the rounding of the interval.
const END: f64 = 3.0;

/// Returns `log2 C(n, k)`.
pub(super) fn log2_choose(n: usize, k: usize) -> f64 {
    let of = |x: usize| ln_gamma(x as f64 + 1.0);
    ((of(n) - of(k) - of(n - k)) / std::f64::consts::LN_2).max(0.0)
}

/// Returns the most bits that the code takes.
pub(super) fn most_bits(n: usize, k: usize) -> usize {
    // Logarithms of factorials are good to some parts in 1e14.
    (log2_choose(n, k) * (1.0 + 1e-9) + END).ceil() as usize
}

/// The interval of the numbers that the code may still become.
struct Interval {
    low: u64,
    high: u64,
}

impl Interval {
    const ALL: Self = Self { low: 0, high: TOP };

    /// Returns the last number for which a place is free.
    fn split(&self, places: usize, taken: usize) -> u64 {
        let free = (places - taken) as u64;
        self.low + (self.high - self.low + 1) * free / places as u64
    }

    /// Doubles the interval, once its first bit is known or both ends are about the middle; returns what is taken off.
    fn grow(&mut self) -> Option<u64> {
        let off = if self.high < HALF {
            0
        } else if self.low >= HALF {
            HALF
        } else if self.low >= QUARTER && self.high < HALF + QUARTER {
            QUARTER
        } else {
            return None;
        };
        self.low = (self.low - off) << 1;
        self.high = (self.high - off) << 1 | 1;
        Some(off)
    }
}

/// Appends the code of taken places, in ascending order below `places`.
pub(super) fn write(places: usize, taken: &[u32], writer: &mut BitWriter<'_>) {
    let (mut interval, mut pending, mut next) = (Interval::ALL, 0, 0);
    let send = |bit: bool, pending: &mut usize, writer: &mut BitWriter<'_>| {
        writer.bit(bit);
        (0..std::mem::take(pending)).for_each(|_| writer.bit(!bit));
    };
    for place in 0..places {
        let left = taken.len() - next;
        if left == 0 || left == places - place {
            break;
        }
        let split = interval.split(places - place, left);
        if taken[next] as usize == place {
            interval.low = split;
            next += 1;
        } else {
            interval.high = split - 1;
        }
        while let Some(off) = interval.grow() {
            match off {
                QUARTER => pending += 1,
                off => send(off == HALF, &mut pending, writer),
            }
        }
    }
    // Two bits tell apart the quarter that lies in the interval.
    pending += 1;
    send(interval.low >= QUARTER, &mut pending, writer);
}

/// Calls `found` with each of `count` taken places; returns false where the bits end early. Bits beyond the code are left alone.
pub(super) fn read(
    places: usize,
    count: usize,
    reader: &mut BitReader<'_>,
    mut found: impl FnMut(usize),
) -> bool {
    let (mut interval, mut grown) = (Interval::ALL, 0);
    let begin = *reader;
    let mut number = (0..BITS).fold(0, |number, _| number << 1 | bit(reader));
    let mut left = count;
    for place in 0..places {
        if left == 0 {
            break;
        }
        if left == places - place {
            (place..places).for_each(&mut found);
            break;
        }
        let split = interval.split(places - place, left);
        if number >= split {
            interval.low = split;
            left -= 1;
            found(place);
        } else {
            interval.high = split - 1;
        }
        while let Some(off) = interval.grow() {
            number = (number - off) << 1 | bit(reader);
            grown += 1;
        }
    }
    // What was read ahead belongs to others.
    *reader = begin;
    reader.skip(grown + 2)
}

/// Returns the next bit, 0 after the last.
fn bit(reader: &mut BitReader<'_>) -> u64 {
    u64::from(reader.bit().unwrap_or(false))
}
