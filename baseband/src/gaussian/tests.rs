//! Equalities: one arithmetic whatever the processor, the cut and the call.

use super::lanes::{LANES, Origin};
use super::{BLOCK, box_muller};
use crate::philox::philox4x32_10;
use crate::seeds::{Purpose, Seeds};
use num_complex::{Complex32, Complex64};
use std::f64::consts::{LN_2, TAU};

const ORIGIN: Origin = Origin { key: [0x1234_5678, 0x9abc_def0], upper: [17, 0x6000_0003] };

/// The words of one lane of one block, from one generator written out plainly.
fn lane_words(block: u64, lane: usize) -> impl Iterator<Item = u32> {
    let counter = block * LANES as u64 + lane as u64;
    let [low, high] = [counter as u32, (counter >> 32) as u32];
    let mut state = philox4x32_10(ORIGIN.key, [low, high, ORIGIN.upper[0], ORIGIN.upper[1]]);
    std::iter::repeat_with(move || {
        let word = state[0].wrapping_add(state[3]).rotate_left(7).wrapping_add(state[0]);
        let shifted = state[1] << 9;
        state[2] ^= state[0];
        state[3] ^= state[1];
        state[1] ^= state[2];
        state[0] ^= state[3];
        state[2] ^= shifted;
        state[3] = state[3].rotate_left(11);
        word
    })
}

/// One value with neither vectors nor dispatch.
#[inline(never)]
fn plain_value(radius_word: u32, phase_word: u32, variance: f32) -> Complex32 {
    let (re, im) = box_muller::complex_gaussian(radius_word, phase_word, variance);
    Complex32::new(re, im)
}

#[test]
fn dispatched_code_equals_plain_code_bit_for_bit() {
    for block in [0_u64, 1, (1 << 28) - 1, (1 << 52) - 1] {
        let start = block * BLOCK as u64;
        let mut complex = vec![Complex32::ZERO; BLOCK];
        super::fill_complex(ORIGIN, start, 0.3, &mut complex);
        let (mut real, mut uniform) = (vec![0.0; BLOCK], vec![0.0; BLOCK]);
        super::fill_real(ORIGIN, start, &mut real);
        super::fill_uniform(ORIGIN, start, &mut uniform);
        for lane in 0..LANES {
            let words: Vec<u32> = lane_words(block, lane).take(2 * BLOCK / LANES).collect();
            for (group, pair) in words.chunks_exact(2).enumerate() {
                let expected = plain_value(pair[0], pair[1], 0.3);
                let value = complex[group * LANES + lane];
                assert_eq!(value.re.to_bits(), expected.re.to_bits());
                assert_eq!(value.im.to_bits(), expected.im.to_bits());
            }
            for (group, pair) in words.chunks_exact(2).take(BLOCK / LANES / 2).enumerate() {
                let expected = plain_value(pair[0], pair[1], 2.0);
                assert_eq!(real[group * 2 * LANES + lane], expected.re);
                assert_eq!(real[group * 2 * LANES + LANES + lane], expected.im);
            }
            for (group, word) in words[..BLOCK / LANES].iter().enumerate() {
                let expected = (f64::from(word >> 9) + 0.5) / f64::from(1 << 23);
                assert_eq!(f64::from(uniform[group * LANES + lane]), expected);
            }
        }
    }
}

#[test]
fn any_cut_gives_the_same_bits() {
    let stream = Seeds::new(11).stream(Purpose::Noise, 3, 1);
    let first = 3 * BLOCK as u64 - 5_000;
    let mut complex = vec![Complex32::ZERO; 15_000];
    let (mut real, mut uniform) = (vec![0.0; 15_000], vec![0.0; 15_000]);
    stream.fill_complex_gaussian(first, 2.0, &mut complex);
    stream.fill_gaussian(first, &mut real);
    stream.fill_uniform(first, &mut uniform);
    for cut in 0..400 {
        let length = [0, 1, 7, 15, 16, 17, 33, 1_000, 4_096, 5_001][cut % 10];
        let from = (stream.word(cut as u64) % (15_000 - length as u64)) as usize;
        let (range, start) = (from..from + length, first + from as u64);
        let mut complex_part = vec![Complex32::new(9.0, 9.0); length];
        stream.fill_complex_gaussian(start, 2.0, &mut complex_part);
        assert_eq!(complex_part, complex[range.clone()]);
        let mut part = vec![9.0; length];
        stream.fill_gaussian(start, &mut part);
        assert_eq!(part, real[range.clone()]);
        stream.fill_uniform(start, &mut part);
        assert_eq!(part, uniform[range]);
    }
}

#[test]
fn adding_equals_filling_and_summing() {
    let stream = Seeds::new(12).stream(Purpose::Noise, 0, 0);
    let signal: Vec<Complex32> = (0..9_999).map(|n| Complex32::new(n as f32, -1.5)).collect();
    let mut noise = vec![Complex32::ZERO; signal.len()];
    stream.fill_complex_gaussian(77, 0.5, &mut noise);
    let mut sum = signal.clone();
    stream.add_complex_gaussian(77, 0.5, &mut sum);
    assert!(sum.iter().zip(signal.iter().zip(&noise)).all(|(sum, (a, b))| *sum == a + b));
    let mut silent = signal.clone();
    stream.add_complex_gaussian(77, 0.0, &mut silent);
    assert_eq!(silent, signal);
}

/// The largest relative error of the power and the largest error of the phasor, against the library
/// in double precision.
#[test]
fn polynomials_are_accurate_to_single_precision() {
    let words = (0..1 << 20).map(|n: u32| n.wrapping_mul(0x9E37_79B1));
    let edges = [0, 1, 2, 0x7FFF_FFFF, 0x8000_0000, 0x8000_0001, u32::MAX - 1, u32::MAX];
    for word in words.chain(edges).chain((0..32).map(|bit| 1 << bit)) {
        let distance = (f64::from(!word) + 0.5) / 2f64.powi(32);
        let expected = -(-distance).ln_1p();
        let error = f64::from(box_muller::exponential(word)) / expected - 1.0;
        assert!(error.abs() < 5e-7, "-ln of word {word:#x}: relative error {error:e}");

        let sign = |bit: u32| if word >> bit & 1 == 1 { -1.0 } else { 1.0 };
        let place = f64::from((word << 2) as i32) / 2f64.powi(31);
        let angle = (1.0 + place) * TAU / 8.0;
        let (cosine, sine) = box_muller::unit_phasor(word);
        let phasor = Complex64::new(cosine.into(), sine.into());
        let expected = Complex64::new(sign(31) * angle.cos(), sign(30) * angle.sin());
        assert!((phasor - expected).norm() < 2e-7, "phasor of word {word:#x}: {phasor}");
    }
}

#[test]
fn extremes_reach_the_tail_and_never_zero() {
    let largest = f64::from(box_muller::exponential(0));
    assert!((largest - 33.0 * LN_2).abs() < 1e-5);
    assert!((2.0 * largest).sqrt() > 6.75, "in standard deviations of a component");
    let smallest = f64::from(box_muller::exponential(u32::MAX));
    assert!((smallest * 2f64.powi(33) - 1.0).abs() < 1e-6);
}
