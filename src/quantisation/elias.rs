//! Elias's omega code of positive integers, the recursive code of QSGD.
//!
//! ```text
//! omega(k) = r(k) 0,   r(1) = empty,   r(k) = r(bits of k - 1) (k in binary)
//! ```
//!
//! Source: P. Elias, "Universal codeword sets and representations of the integers", IEEE Trans. Information Theory 21(2), 1975.

use super::bits::{BitReader, BitWriter};

/// Most bits of a number that is read: what is longer, wrong bits have made.
const MOST_BITS: u32 = 32;

/// Returns the length of the code of a positive integer, in bits.
pub fn length(number: u64) -> u32 {
    let (mut length, mut rest) = (1, number);
    while rest > 1 {
        let bits = rest.ilog2();
        length += bits + 1;
        rest = u64::from(bits);
    }
    length
}

/// Appends the code of a positive integer.
pub fn write(number: u64, writer: &mut BitWriter<'_>) {
    group(number, writer);
    writer.bit(false);
}

fn group(number: u64, writer: &mut BitWriter<'_>) {
    if number > 1 {
        let bits = number.ilog2();
        group(u64::from(bits), writer);
        writer.number(number, bits + 1);
    }
}

/// Returns the integer whose code comes next; `None` where it is cut off or longer than 32 bits.
pub fn read(reader: &mut BitReader<'_>) -> Option<u64> {
    let mut number = 1;
    while reader.bit()? {
        if number >= u64::from(MOST_BITS) {
            return None;
        }
        number = 1 << number | reader.number(number as u32)?;
    }
    Some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_elias_s_own() {
        // The table of the paper's code: 1, 2, 3, 4, 8, 16, 100.
        let table = [
            (1, "0"),
            (2, "100"),
            (3, "110"),
            (4, "101000"),
            (8, "1110000"),
            (16, "10100100000"),
            (100, "1011011001000"),
        ];
        for (number, code) in table {
            let mut bits = Vec::new();
            write(number, &mut BitWriter::new(&mut bits));
            let text: String = bits.iter().map(|bit| if *bit == 1 { '1' } else { '0' }).collect();
            assert_eq!(text, code, "{number}");
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let numbers = || (1..=1000).chain((10..32).flat_map(|e| [(1 << e) - 1, 1 << e, (1 << e) + 1]));
        let mut bits = Vec::new();
        for number in numbers() {
            let before = bits.len();
            write(number, &mut BitWriter::new(&mut bits));
            assert_eq!(bits.len() - before, length(number) as usize, "{number}");
        }
        let mut reader = BitReader::new(&bits);
        assert!(numbers().all(|number| read(&mut reader) == Some(number)));
        assert_eq!((reader.position(), read(&mut reader)), (bits.len(), None));
        assert_eq!(read(&mut BitReader::new(&[1; 100])), None);
    }
}
