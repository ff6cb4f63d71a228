//! From the bytes of a file to real numbers.

use super::dtype::Dtype;

/// Marks the two types that values are read as; each conversion rounds once, to nearest.
pub(super) trait Real: Copy + Default {
    fn of_f32(value: f32) -> Self;
    fn of_f64(value: f64) -> Self;
    fn of_i64(value: i64) -> Self;
    fn of_u64(value: u64) -> Self;
}

impl Real for f32 {
    fn of_f32(value: f32) -> Self {
        value
    }
    fn of_f64(value: f64) -> Self {
        value as f32
    }
    fn of_i64(value: i64) -> Self {
        value as f32
    }
    fn of_u64(value: u64) -> Self {
        value as f32
    }
}

impl Real for f64 {
    fn of_f32(value: f32) -> Self {
        f64::from(value)
    }
    fn of_f64(value: f64) -> Self {
        value
    }
    fn of_i64(value: i64) -> Self {
        value as f64
    }
    fn of_u64(value: u64) -> Self {
        value as f64
    }
}

/// Converts consecutive values; `bytes` holds `out.len()` of them.
pub(super) fn convert<T: Real>(dtype: Dtype, big_endian: bool, bytes: &[u8], out: &mut [T]) {
    macro_rules! each {
        ($from:ty, $of:expr) => {
            if big_endian {
                fill(bytes, out, |b| $of(<$from>::from_be_bytes(b)))
            } else {
                fill(bytes, out, |b| $of(<$from>::from_le_bytes(b)))
            }
        };
    }
    match dtype {
        Dtype::F16 => each!(u16, |v| T::of_f32(f16_to_f32(v))),
        Dtype::Bf16 => each!(u16, |v| T::of_f32(f32::from_bits(u32::from(v) << 16))),
        Dtype::F32 => each!(f32, T::of_f32),
        Dtype::F64 => each!(f64, T::of_f64),
        Dtype::I8 => each!(i8, |v| T::of_i64(i64::from(v))),
        Dtype::I16 => each!(i16, |v| T::of_i64(i64::from(v))),
        Dtype::I32 => each!(i32, |v| T::of_i64(i64::from(v))),
        Dtype::I64 => each!(i64, T::of_i64),
        Dtype::U8 => each!(u8, |v| T::of_u64(u64::from(v))),
        Dtype::U16 => each!(u16, |v| T::of_u64(u64::from(v))),
        Dtype::U32 => each!(u32, |v| T::of_u64(u64::from(v))),
        Dtype::U64 => each!(u64, T::of_u64),
    }
}

fn fill<T, const N: usize>(bytes: &[u8], out: &mut [T], value: impl Fn([u8; N]) -> T) {
    let (values, _) = bytes.as_chunks::<N>();
    for (to, from) in out.iter_mut().zip(values) {
        *to = value(*from);
    }
}

/// Widens an IEEE 754 binary16, exactly, subnormals, infinities and NaN included.
fn f16_to_f32(half: u16) -> f32 {
    let sign = if half & 0x8000 == 0 { 1.0 } else { -1.0 };
    let fraction = u32::from(half & 0x03ff);
    match u32::from((half >> 10) & 0x1f) {
        0 => sign * fraction as f32 * f32::from_bits((127 - 24) << 23),
        0x1f if fraction == 0 => sign * f32::INFINITY,
        0x1f => f32::NAN,
        exponent => sign * f32::from_bits(((exponent + 112) << 23) | (fraction << 13)),
    }
}
