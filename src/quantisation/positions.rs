//! Position codes: which of `n` places hold one of the `k` values that are sent.
//!
//! ```text
//! bitmap        n bits
//! fixed         k ceil(log2 n)
//! rice          5 + sum over values (1 + r + floor(gap / 2^r)),  gap: free places before a value, r: the best of 0 to 24
//! enumerative   at most ceil(log2 C(n, k)) + 3, n up to 2^24
//! ```
//!
//! The Rice code is Golomb's with a power of two, as F. Sattler, S. Wiedemann, K.-R. Mueller, W. Samek, "Robust and
//! communication-efficient federated learning from non-IID data" (arXiv 1903.02891) uses it; its best parameter for independent places
//! of density p follows there from p, and here from the gaps themselves.

use super::arithmetic;
use super::bits::{BitReader, BitWriter, width_of};

/// A position code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// One bit a place.
    Bitmap,
    /// The number of each place.
    Fixed,
    /// Gaps in Rice's code.
    Rice,
    /// The number of the arrangement among all of as many places.
    Enumerative,
}

/// All position codes, in the order of their numbers in packets.
pub const CODINGS: [Coding; 4] = [Coding::Bitmap, Coding::Fixed, Coding::Rice, Coding::Enumerative];

/// Bits of Rice's parameter.
const PARAMETER_BITS: u32 = 5;

/// Largest parameter of Rice's code.
const MOST_PARAMETER: u32 = 24;

impl Coding {
    /// Returns the code's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bitmap => "bitmap",
            Self::Fixed => "fixed",
            Self::Rice => "rice",
            Self::Enumerative => "enumerative",
        }
    }

    /// Returns the bits that ascending places below `places` take (at most, for the enumerative code); `None` where there are
    /// too many for the code.
    pub fn bits(self, places: usize, taken: &[u32]) -> Option<usize> {
        match self {
            Self::Bitmap => Some(places),
            Self::Fixed => Some(taken.len() * index_width(places) as usize),
            Self::Rice => Some(PARAMETER_BITS as usize + best_parameter(taken).1),
            Self::Enumerative => {
                (places <= arithmetic::MOST_PLACES).then(|| arithmetic::most_bits(places, taken.len()))
            }
        }
    }

    /// Returns the code of fewest bits and these.
    pub fn cheapest(places: usize, taken: &[u32]) -> (Self, usize) {
        let of = |coding: Self| Some((coding, coding.bits(places, taken)?));
        CODINGS.into_iter().filter_map(of).min_by_key(|(_, bits)| *bits).unwrap_or((Self::Bitmap, places))
    }

    /// Appends the code of ascending places below `places`.
    pub fn write(self, places: usize, taken: &[u32], writer: &mut BitWriter<'_>) {
        match self {
            Self::Bitmap => {
                let begin = writer.position();
                (0..places).for_each(|_| writer.bit(false));
                taken.iter().for_each(|place| writer.overwrite(begin + *place as usize, 1, 1));
            }
            Self::Fixed => writer.numbers(taken, index_width(places)),
            Self::Rice => {
                let parameter = best_parameter(taken).0;
                writer.number(u64::from(parameter), PARAMETER_BITS);
                for gap in gaps(taken) {
                    (0..gap >> parameter).for_each(|_| writer.bit(true));
                    writer.bit(false);
                    writer.number(u64::from(gap), parameter);
                }
            }
            Self::Enumerative => arithmetic::write(places, taken, writer),
        }
    }

    /// Returns `count` places below `places`; `None` where the bits end early or name places that there are not.
    pub fn read(self, places: usize, count: usize, reader: &mut BitReader<'_>) -> Option<Vec<u32>> {
        if count > places {
            return None;
        }
        let mut taken = Vec::with_capacity(count);
        match self {
            Self::Bitmap => {
                for place in 0..places {
                    if reader.bit()? {
                        taken.push(place as u32);
                    }
                }
            }
            Self::Fixed => {
                taken.resize(count, 0);
                if !reader.numbers(index_width(places), &mut taken) {
                    return None;
                }
            }
            Self::Rice => {
                let parameter = reader.number(PARAMETER_BITS)? as u32;
                let mut place = 0u64;
                for _ in 0..count {
                    while reader.bit()? {
                        place += 1 << parameter;
                    }
                    place += reader.number(parameter)?;
                    taken.push(u32::try_from(place).ok()?);
                    place += 1;
                }
            }
            Self::Enumerative => {
                if places > arithmetic::MOST_PLACES
                    || !arithmetic::read(places, count, reader, |place| taken.push(place as u32))
                {
                    return None;
                }
            }
        }
        (taken.len() == count && taken.iter().all(|place| (*place as usize) < places)).then_some(taken)
    }
}

/// Returns the bits of a place's number.
fn index_width(places: usize) -> u32 {
    width_of(places.saturating_sub(1))
}

/// Returns the free places before each taken one.
fn gaps(taken: &[u32]) -> impl Iterator<Item = u32> {
    let before = std::iter::once(None).chain(taken.iter().map(Some));
    taken.iter().zip(before).map(|(place, before)| before.map_or(*place, |before| place - before - 1))
}

/// Returns the parameter of Rice's code that takes the fewest bits, and these.
fn best_parameter(taken: &[u32]) -> (u32, usize) {
    let bits = |parameter: u32| {
        let unary: usize = gaps(taken).map(|gap| (gap >> parameter) as usize).sum();
        unary + taken.len() * (1 + parameter as usize)
    };
    // The length falls up to the best parameter and rises after it.
    let (mut best, mut least) = (0, bits(0));
    for parameter in 1..=MOST_PARAMETER {
        let next = bits(parameter);
        if next > least {
            break;
        }
        (best, least) = (parameter, next);
    }
    (best, least)
}

#[cfg(test)]
mod tests {
    use super::super::arithmetic::log2_choose;
    use super::*;
    use airloop_baseband::{Purpose, Seeds};

    /// Returns places taken independently with the same probability.
    fn drawn(places: usize, density: f64, trial: u64) -> Vec<u32> {
        let stream = Seeds::new(9).stream(Purpose::Subset, trial, 0);
        (0..places as u32).filter(|place| stream.uniform(u64::from(*place)) < density).collect()
    }

    fn entropy(p: f64) -> f64 {
        -p * p.log2() - (1.0 - p) * (1.0 - p).log2()
    }

    #[test]
    fn places_come_back() {
        let mut cases: Vec<(usize, Vec<u32>)> =
            vec![(1, vec![]), (1, vec![0]), (2, vec![1]), (7, (0..7).collect())];
        for (trial, density) in [0.0, 0.001, 0.05, 0.5, 0.97, 1.0].into_iter().enumerate() {
            cases.push((3000, drawn(3000, density, trial as u64)));
        }
        for (places, taken) in cases {
            for coding in CODINGS {
                let mut bits = vec![1, 0];
                coding.write(places, &taken, &mut BitWriter::new(&mut bits));
                let (length, most) = (bits.len() - 2, coding.bits(places, &taken).unwrap());
                let exact = coding != Coding::Enumerative;
                assert!(length == most || (!exact && length <= most), "{coding:?} {places}: {length} {most}");
                bits.extend([1, 0, 1]);
                let mut reader = BitReader::new(&bits);
                assert_eq!(reader.number(2), Some(2));
                assert_eq!(
                    coding.read(places, taken.len(), &mut reader).as_ref(),
                    Some(&taken),
                    "{coding:?}"
                );
                assert_eq!(reader.number(3), Some(5), "{coding:?} {places} {}", taken.len());
                // Cut off, or asked for too many.
                assert!(coding.read(places, places + 1, &mut BitReader::new(&bits)).is_none());
            }
        }
    }

    #[test]
    fn lengths_are_near_the_entropy() {
        let places = 100_000;
        for (trial, density) in [0.001, 0.01, 0.1, 0.3].into_iter().enumerate() {
            let taken = drawn(places, density, trial as u64);
            let arrangements = log2_choose(places, taken.len());
            let mut bits = Vec::new();
            Coding::Enumerative.write(places, &taken, &mut BitWriter::new(&mut bits));
            // Two bits at the end, one of rounding up.
            assert!((bits.len() as f64 - arrangements - 1.5).abs() < 1.6, "{} {arrangements}", bits.len());
            // Golomb codes of geometric gaps lie within 4 % of the entropy for small densities, Rice's a little above.
            let share = taken.len() as f64 / places as f64;
            let rice = Coding::Rice.bits(places, &taken).unwrap() as f64 / (entropy(share) * places as f64);
            println!("density {density}: enumerative {} of {arrangements:.1}, rice {rice:.4}", bits.len());
            assert!((1.0..if density > 0.2 { 1.14 } else { 1.05 }).contains(&rice), "{density}: {rice}");
        }
    }

    /// Sattler's figures: `b = 1 + floor(log2(ln(phi - 1)/ln(1 - p)))`, `b + 1/(1 - (1 - p)^(2^b))` bits a position.
    #[test]
    fn rice_s_parameter_and_length_follow_from_the_density() {
        let golden = f64::midpoint(1.0, 5f64.sqrt());
        for (trial, density) in [0.002f64, 0.01, 0.07].into_iter().enumerate() {
            let parameter = 1 + ((golden - 1.0).ln() / (1.0 - density).ln()).log2().floor() as i32;
            let bits = f64::from(parameter) + 1.0 / (1.0 - (1.0 - density).powi(1 << parameter));
            let taken = drawn(1_000_000, density, 40 + trial as u64);
            let (best, length) = best_parameter(&taken);
            let mean = length as f64 / taken.len() as f64;
            println!(
                "density {density}: parameter {best}, {mean:.4} bits a position, formula {parameter}, {bits:.4}"
            );
            assert!((mean / bits - 1.0).abs() < 0.01, "{density}: {mean} {bits}");
            assert!(best.abs_diff(parameter as u32) <= 1);
        }
    }

    #[test]
    fn the_cheapest_code_depends_on_the_density() {
        let all: Vec<u32> = (0..100).collect();
        assert_eq!(Coding::cheapest(100, &all).0, Coding::Enumerative);
        // One place of many: its number alone.
        assert_eq!(Coding::cheapest(1 << 16, &[12_345]), (Coding::Fixed, 16));
        let sparse = drawn(100_000, 0.01, 7);
        assert_eq!(Coding::cheapest(100_000, &sparse).0, Coding::Enumerative);
        let places = (1 << 24) + 1;
        assert_eq!(Coding::Enumerative.bits(places, &[0]), None);
        // Half of few places: the bitmap has no end to pay for.
        assert_eq!(Coding::cheapest(10, &[0, 2, 3, 6, 8]), (Coding::Bitmap, 10));
    }

    #[test]
    fn wrong_bits_name_places_or_none() {
        let taken = drawn(2000, 0.05, 3);
        let stream = Seeds::new(2).stream(Purpose::Noise, 0, 0);
        for coding in CODINGS {
            let mut bits = Vec::new();
            coding.write(2000, &taken, &mut BitWriter::new(&mut bits));
            for trial in 0..300 {
                let mut wrong = bits.clone();
                for flip in 0..5 {
                    let place = stream.word(5 * trial + flip) as usize % wrong.len();
                    wrong[place] ^= 1;
                }
                wrong.truncate(stream.word(9999 + trial) as usize % wrong.len());
                for bits in [&wrong, &bits] {
                    if let Some(found) = coding.read(2000, taken.len(), &mut BitReader::new(bits)) {
                        assert!(found.len() == taken.len() && found.iter().all(|place| *place < 2000));
                    }
                }
            }
        }
    }
}
