//! How samples are stored.

use airloop_baseband::Complex32;

/// How complex samples lie in a data file, real part first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Datatype {
    /// 32-bit floats, least byte first.
    #[default]
    Cf32Le,
    /// 32-bit floats, greatest byte first.
    Cf32Be,
    /// 16-bit integers, least byte first; 32767 is full scale.
    Ci16Le,
    /// 16-bit integers, greatest byte first; 32767 is full scale.
    Ci16Be,
    /// 8-bit integers; 128 is full scale.
    Ci8,
    /// 8-bit integers around 128; 128 more is full scale.
    Cu8,
}

/// Full scale of 16-bit integers.
const FULL_SCALE: f32 = 32767.0;
/// Full scale of 8-bit integers.
const FULL_SCALE_8: f32 = 128.0;

impl Datatype {
    /// All that are read.
    pub const ALL: [Self; 6] = [Self::Cf32Le, Self::Ci16Le, Self::Cf32Be, Self::Ci16Be, Self::Ci8, Self::Cu8];

    /// Returns the format's name of the type.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cf32Le => "cf32_le",
            Self::Cf32Be => "cf32_be",
            Self::Ci16Le => "ci16_le",
            Self::Ci16Be => "ci16_be",
            Self::Ci8 => "ci8",
            Self::Cu8 => "cu8",
        }
    }

    /// Returns the type of that name, where it is one that is read.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|datatype| datatype.name() == name)
    }

    /// Returns the bytes of one sample of one channel.
    pub fn item_bytes(self) -> usize {
        match self {
            Self::Cf32Le | Self::Cf32Be => 8,
            Self::Ci16Le | Self::Ci16Be => 4,
            Self::Ci8 | Self::Cu8 => 2,
        }
    }

    /// Returns whether recordings are written so.
    pub(super) fn is_written(self) -> bool {
        matches!(self, Self::Cf32Le | Self::Ci16Le)
    }

    /// Returns whether samples beyond full scale are cut off.
    pub(super) fn clips(self) -> bool {
        self == Self::Ci16Le
    }

    /// Stores samples of one channel: frames of so many bytes, at an offset within each. Types that are not written leave `out` as it is.
    pub(super) fn encode(self, samples: &[Complex32], (frame, offset): (usize, usize), out: &mut [u8]) {
        let items = out.chunks_exact_mut(frame).map(|frame| &mut frame[offset..]).zip(samples);
        match self {
            Self::Cf32Le => items.for_each(|(item, x)| {
                item[..4].copy_from_slice(&x.re.to_le_bytes());
                item[4..8].copy_from_slice(&x.im.to_le_bytes());
            }),
            Self::Ci16Le => items.for_each(|(item, x)| {
                item[..2].copy_from_slice(&quantised(x.re).to_le_bytes());
                item[2..4].copy_from_slice(&quantised(x.im).to_le_bytes());
            }),
            Self::Cf32Be | Self::Ci16Be | Self::Ci8 | Self::Cu8 => {}
        }
    }

    /// Reads samples of one channel: frames of so many bytes, at an offset within each.
    pub(super) fn decode(self, bytes: &[u8], (frame, offset): (usize, usize), out: &mut [Complex32]) {
        let items = bytes.chunks_exact(frame).map(|frame| &frame[offset..]).zip(out);
        let f32_of = |item: &[u8]| [item[0], item[1], item[2], item[3]];
        match self {
            Self::Cf32Le => items.for_each(|(item, x)| {
                *x = Complex32::new(f32::from_le_bytes(f32_of(item)), f32::from_le_bytes(f32_of(&item[4..])));
            }),
            Self::Cf32Be => items.for_each(|(item, x)| {
                *x = Complex32::new(f32::from_be_bytes(f32_of(item)), f32::from_be_bytes(f32_of(&item[4..])));
            }),
            Self::Ci16Le => items.for_each(|(item, x)| {
                let part = |i: usize| f32::from(i16::from_le_bytes([item[i], item[i + 1]])) / FULL_SCALE;
                *x = Complex32::new(part(0), part(2));
            }),
            Self::Ci16Be => items.for_each(|(item, x)| {
                let part = |i: usize| f32::from(i16::from_be_bytes([item[i], item[i + 1]])) / FULL_SCALE;
                *x = Complex32::new(part(0), part(2));
            }),
            Self::Ci8 => items.for_each(|(item, x)| {
                let part = |i: usize| f32::from(item[i] as i8) / FULL_SCALE_8;
                *x = Complex32::new(part(0), part(1));
            }),
            Self::Cu8 => items.for_each(|(item, x)| {
                let part = |i: usize| (f32::from(item[i]) - FULL_SCALE_8) / FULL_SCALE_8;
                *x = Complex32::new(part(0), part(1));
            }),
        }
    }
}

/// Returns whether a sample has no place below full scale.
pub(super) fn exceeds(x: Complex32) -> bool {
    !(x.re.abs() <= 1.0 && x.im.abs() <= 1.0)
}

/// Rounds to the nearest step, or full scale; not-a-number becomes 0.
#[inline(always)]
fn quantised(x: f32) -> i16 {
    (x * FULL_SCALE).round_ties_even().clamp(-FULL_SCALE, FULL_SCALE) as i16
}
