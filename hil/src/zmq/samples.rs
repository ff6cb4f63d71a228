//! Samples as bytes: interleaved little-endian floats of 32 bits, real before imaginary part.

use airloop_baseband::Complex32;

/// Bytes of a sample.
pub const SAMPLE_BYTES: usize = 8;

/// Reads samples; `None` when the bytes are no whole number of them.
pub fn read(bytes: &[u8]) -> Option<Vec<Complex32>> {
    let (samples, rest) = bytes.as_chunks::<SAMPLE_BYTES>();
    rest.is_empty().then(|| samples.iter().map(sample).collect())
}

fn sample([a, b, c, d, e, f, g, h]: &[u8; SAMPLE_BYTES]) -> Complex32 {
    Complex32::new(f32::from_le_bytes([*a, *b, *c, *d]), f32::from_le_bytes([*e, *f, *g, *h]))
}

/// Writes samples.
pub fn put(samples: &[Complex32], out: &mut Vec<u8>) {
    let start = out.len();
    out.resize(start + samples.len() * SAMPLE_BYTES, 0);
    for (bytes, sample) in out[start..].as_chunks_mut::<SAMPLE_BYTES>().0.iter_mut().zip(samples) {
        bytes[..4].copy_from_slice(&sample.re.to_le_bytes());
        bytes[4..].copy_from_slice(&sample.im.to_le_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_come_back_bit_by_bit() {
        let samples = [Complex32::new(1.0, -0.0), Complex32::new(f32::MIN_POSITIVE / 2.0, f32::INFINITY)];
        let mut bytes = Vec::new();
        put(&samples, &mut bytes);
        // IEEE 754: 1.0 is 0x3F800000.
        assert_eq!(bytes[..8], [0, 0, 0x80, 0x3F, 0, 0, 0, 0x80]);
        let back = read(&bytes).unwrap();
        assert!(
            samples
                .iter()
                .zip(&back)
                .all(|(a, b)| (a.re.to_bits(), a.im.to_bits()) == (b.re.to_bits(), b.im.to_bits()))
        );
        assert!(read(&bytes[..9]).is_none() && read(&[]) == Some(vec![]));
    }
}
