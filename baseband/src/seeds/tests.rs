//! Streams: pinned values, separation, and permutations.

use super::{Purpose, STREAM_LAYOUT_VERSION, Seeds};
use num_complex::Complex32;
use std::collections::HashSet;
use std::time::Instant;

const PURPOSES: [Purpose; 9] = [
    Purpose::Payload,
    Purpose::Fading,
    Purpose::Noise,
    Purpose::Interleave,
    Purpose::Quantiser,
    Purpose::Subset,
    Purpose::Pilot,
    Purpose::Placement,
    Purpose::Projection,
];

/// Value stability: a change here needs a new layout version and a line in the changelog.
#[test]
fn pinned_values() {
    assert_eq!(STREAM_LAYOUT_VERSION, 1);
    let stream = Seeds::new(2026).stream(Purpose::Noise, 7, 3);
    let mut complex = [Complex32::ZERO; 2];
    stream.fill_complex_gaussian(4_095, 1.0, &mut complex);
    let (mut real, mut uniform) = ([0.0; 2], [0.0; 2]);
    stream.fill_gaussian(4_095, &mut real);
    stream.fill_uniform(4_095, &mut uniform);
    let complex = complex.map(|z| [z.re.to_bits(), z.im.to_bits()]);
    let scalar = stream.complex_gaussian(1);
    assert_eq!(stream.word(0), 0x015d_faf8_2100_ed4c);
    assert_eq!(stream.substream(1).word(u64::MAX), 0xbb23_53ad_0d05_2f86);
    assert_eq!(stream.uniform(1).to_bits(), 0x3fc6_78cb_e99d_bdcc);
    assert_eq!(stream.gaussian(1).to_bits(), 0xbfe0_1caa_2df6_c81c);
    assert_eq!([scalar.re.to_bits(), scalar.im.to_bits()], [0xbfdf_e57e_6fdf_5733, 0xbfed_2197_0858_ad52]);
    assert_eq!(complex, [[0xbfbd_2d79, 0x3fa9_f49c], [0x3ca4_fe2a, 0xbee6_d6b4]]);
    assert_eq!(real.map(f32::to_bits), [0xbe6b_2255, 0xbe3f_5fb2]);
    assert_eq!(uniform.map(f32::to_bits), [0x3e07_db44, 0x3c9f_8ee0]);
    assert_eq!(stream.permutation(8), [7, 6, 4, 3, 0, 5, 1, 2]);
}

#[test]
fn streams_differ_in_every_argument() {
    let mut words = HashSet::new();
    let mut count = 0;
    for master in [0, 1, 1 << 32, u64::MAX] {
        for purpose in PURPOSES {
            for trial in [0, 1, 2, 1 << 32, u64::MAX] {
                for link in [0, 1, 2, 1 << 32, u64::MAX] {
                    let stream = Seeds::new(master).stream(purpose, trial, link);
                    words.insert(stream.word(0));
                    words.insert(stream.substream(0).word(0));
                    words.insert(stream.substream(1 << 32).word(0));
                    words.insert(stream.word(1 << 32));
                    count += 4;
                }
            }
        }
    }
    assert_eq!(words.len(), count);
}

#[test]
fn kinds_of_draws_do_not_share_words() {
    let stream = Seeds::new(3).stream(Purpose::Payload, 0, 0);
    let z = stream.complex_gaussian(0);
    assert_ne!(z.re * 2f64.sqrt(), stream.gaussian(0));
    assert_ne!((stream.word(0) >> 12) as f64, (stream.uniform(0) * 2f64.powi(52)).floor());
    let mut complex = [Complex32::ZERO];
    stream.fill_complex_gaussian(0, 2.0, &mut complex);
    let mut real = [0.0];
    stream.fill_gaussian(0, &mut real);
    assert_ne!(complex[0].re, real[0]);
}

/// Chi-square of the 24 orders of four numbers over `draws` permutations.
fn order_statistic(draws: u64, permutation: impl Fn(u64) -> Vec<u32>) -> f64 {
    let mut counts = [0_u32; 256];
    for trial in 0..draws {
        let order = permutation(trial);
        counts[order.iter().fold(0, |code, value| code * 4 + *value as usize)] += 1;
    }
    let expected = draws as f64 / 24.0;
    let seen = counts.iter().filter(|count| **count > 0);
    assert_eq!(seen.clone().count(), 24);
    seen.map(|count| (f64::from(*count) - expected).powi(2) / expected).sum()
}

/// 48 000 draws at `alpha` = 1e-6; detects the bias of the naive shuffle, 13 % of an order's share.
#[test]
fn all_orders_are_equally_likely() {
    /// The chi-square of 23 degrees of freedom that is exceeded with a chance of 1e-6.
    const LIMIT: f64 = 70.6;
    let began = Instant::now();
    let stream = |trial| Seeds::new(9).stream(Purpose::Interleave, trial, 0);
    let fair = order_statistic(48_000, |trial| stream(trial).permutation(4));
    let seconds = began.elapsed().as_secs_f64();
    println!("48000 samples, {seconds:.2} s, chi-square {fair:.1}");
    assert!(fair < LIMIT, "{fair}");
    let naive = order_statistic(48_000, |trial| {
        let mut order = vec![0, 1, 2, 3];
        (0..4).for_each(|place| order.swap(place, stream(trial).word(place as u64) as usize % 4));
        order
    });
    assert!(naive > LIMIT, "the naive shuffle passed: {naive}");
}

#[test]
fn permutations_hold_every_number_once() {
    let stream = Seeds::new(1).stream(Purpose::Interleave, 0, 0);
    for n in [0, 1, 2, 3, 1_000, 65_537] {
        let mut order = stream.permutation(n);
        assert_eq!(order, stream.permutation(n));
        order.sort_unstable();
        assert!(order.iter().copied().eq(0..n as u32));
    }
}

/// The number of fixed points has mean 1 and variance 1. 4000 orders of 500; `alpha` = 1e-6.
#[test]
fn permutations_have_one_fixed_point_on_average() {
    let began = Instant::now();
    let fixed: usize = (0..4_000)
        .map(|trial| {
            let order = Seeds::new(2).stream(Purpose::Interleave, trial, 0).permutation(500);
            order.iter().enumerate().filter(|(place, value)| *place == **value as usize).count()
        })
        .sum();
    println!("4000 samples, {:.2} s", began.elapsed().as_secs_f64());
    assert!((fixed as f64 - 4_000.0).abs() < 4.892 * 4_000f64.sqrt(), "{fixed}");
}
