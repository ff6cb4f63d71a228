//! CRCs against published check values, another implementation and division by the polynomial.

use crate::bits;
use airloop_coding::crc::Crc;

/// The bits of "123456789", most significant bit of each byte first.
fn nine_digits() -> Vec<u8> {
    b"123456789".iter().flat_map(|byte| (0..8).rev().map(move |i| byte >> i & 1)).collect()
}

/// Remainder by long division, bit after bit, straight from the exponents of the polynomial.
fn remainder(message: &[u8], exponents: &[usize]) -> u32 {
    let width = exponents[0];
    let mut bits = message.to_vec();
    bits.resize(message.len() + width, 0);
    for i in 0..message.len() {
        if bits[i] == 1 {
            for exponent in exponents {
                bits[i + width - exponent] ^= 1;
            }
        }
    }
    bits[message.len()..].iter().fold(0, |value, bit| value << 1 | u32::from(*bit))
}

/// Exponents of clause 5.1, in the order of [`Crc::ALL`].
const EXPONENTS: [&[usize]; 6] = [
    &[6, 5, 0],
    &[11, 10, 9, 5, 0],
    &[16, 12, 5, 0],
    &[24, 23, 18, 17, 14, 11, 10, 7, 6, 5, 4, 3, 1, 0],
    &[24, 23, 6, 5, 1, 0],
    &[24, 23, 21, 20, 17, 15, 13, 12, 8, 4, 2, 1, 0],
];

#[test]
fn check_values_are_the_published_ones() {
    // CRC-16/XMODEM, CRC-24/LTE-A and CRC-24/LTE-B of the catalogue of parametrised CRC algorithms.
    let published = [(Crc::Crc16, 0x31c3), (Crc::Crc24A, 0xcd_e703), (Crc::Crc24B, 0x23_ef52)];
    for (crc, value) in published {
        assert_eq!(crc.parity(&nine_digits()), value, "{crc:?}");
    }
}

#[test]
fn another_implementation_has_the_same_values() {
    for crc in Crc::ALL {
        let algorithm = ::crc::Algorithm::<u32> {
            width: crc.width() as u8,
            poly: crc.polynomial(),
            init: 0,
            refin: false,
            refout: false,
            xorout: 0,
            check: 0,
            residue: 0,
        };
        let algorithm: &'static _ = Box::leak(Box::new(algorithm));
        assert_eq!(
            crc.parity(&nine_digits()),
            ::crc::Crc::<u32>::new(algorithm).checksum(b"123456789"),
            "{crc:?}"
        );
    }
}

#[test]
fn every_length_agrees_with_long_division() {
    for (crc, exponents) in Crc::ALL.into_iter().zip(EXPONENTS) {
        for length in (0..200).chain([1000, 4223, 8424]) {
            let message = bits(length as u32 + 1, length);
            assert_eq!(crc.parity(&message), remainder(&message, exponents), "{crc:?} of {length} bits");
        }
    }
}

#[test]
fn attached_crcs_are_right_and_flipped_bits_are_not() {
    for crc in Crc::ALL {
        let mut message = bits(5, 300 + crc.width());
        crc.attach(&mut message).unwrap();
        assert!(crc.check(&message), "{crc:?}");
        for place in 0..message.len() {
            message[place] ^= 1;
            assert!(!crc.check(&message), "{crc:?} does not see bit {place}");
            message[place] ^= 1;
        }
        // Every burst that is not longer than the CRC is seen.
        for place in 0..message.len() - crc.width() {
            let mut burst = message.clone();
            for (bit, flip) in
                burst[place..place + crc.width()].iter_mut().zip(bits(place as u32, crc.width()))
            {
                *bit ^= flip;
            }
            assert!(burst == message || !crc.check(&burst), "{crc:?} does not see a burst at {place}");
        }
        let other = if crc == Crc::Crc24A { Crc::Crc24B } else { Crc::Crc24A };
        assert!(!other.check(&message), "{crc:?}");
    }
}
