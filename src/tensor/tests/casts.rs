//! Each type, in either byte order.

use super::*;

/// Reads one value of the given type, by its big-endian bytes and by the same bytes turned round.
fn value(descr: &str, bytes: &[u8]) -> f32 {
    let folder = Folder::new();
    let turned: Vec<u8> = bytes.iter().rev().copied().collect();
    let read = |order: &str, bytes: &[u8]| {
        let file = npy(&format!("{order}{descr}"), "False", "(1,)", bytes);
        all(&folder.put("a.npy", &file)).expect("a value")[0][0]
    };
    let (big, little) = (read(">", bytes), read("<", &turned));
    assert_eq!(big.to_bits(), little.to_bits());
    big
}

#[test]
fn every_type_of_npy_is_read_in_either_byte_order() {
    assert_eq!(value("f4", &(-1.5e-3_f32).to_be_bytes()), -1.5e-3);
    assert_eq!(value("f8", &0.1_f64.to_be_bytes()), 0.1);
    assert_eq!(value("i1", &[0x80]), -128.0);
    assert_eq!(value("i2", &i16::MIN.to_be_bytes()), -32768.0);
    assert_eq!(value("i4", &(-7_i32).to_be_bytes()), -7.0);
    assert_eq!(value("i8", &i64::MIN.to_be_bytes()), -9.223_372e18);
    assert_eq!(value("u1", &[0x80]), 128.0);
    assert_eq!(value("u2", &[0xff, 0xff]), 65535.0);
    assert_eq!(value("u4", &[0xff, 0xff, 0xff, 0xff]), 4_294_967_296.0);
    assert_eq!(value("u8", &u64::MAX.to_be_bytes()), 1.844_674_4e19);
}

/// Holds the widening against powers of two, worked out from the definition of binary16.
#[test]
fn halves_are_widened_exactly() {
    for bits in 0..=u16::MAX {
        let (exponent, fraction) = (i32::from(bits >> 10 & 0x1f), f64::from(bits & 0x3ff));
        let sign = if bits >> 15 == 1 { -1.0 } else { 1.0 };
        let mut out = [0.0_f32];
        crate::tensor::cast::convert(crate::tensor::Dtype::F16, true, &bits.to_be_bytes(), &mut out);
        match exponent {
            31 if fraction == 0.0 => assert_eq!(f64::from(out[0]), sign * f64::INFINITY),
            31 => assert!(out[0].is_nan()),
            0 => assert_eq!(f64::from(out[0]), sign * fraction * 2.0_f64.powi(-24)),
            _ => {
                let wanted = sign * (1.0 + fraction / 1024.0) * 2.0_f64.powi(exponent - 15);
                assert_eq!(f64::from(out[0]), wanted, "{bits:04x}");
            }
        }
    }
    assert_eq!(value("f2", &[0x80, 0x00]).to_bits(), (-0.0_f32).to_bits());
}

#[test]
fn the_upper_halves_of_f32_are_widened_exactly() {
    let folder = Folder::new();
    let header = r#"{"a":{"dtype":"BF16","shape":[3],"data_offsets":[0,6]}}"#;
    let path = folder.put("a.safetensors", &safetensors(header, &[0x80, 0x3f, 0x40, 0xc0, 0x80, 0x7f]));
    assert_eq!(all(&path).expect("values"), [[1.0, -3.0, f32::INFINITY]]);
}
