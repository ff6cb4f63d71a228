//! Precoding along singular vectors, and the powers of layers.

use crate::common::{independent, inverse, layout, wide};
use airloop::baseband::linear::eigen;
use airloop::baseband::{Complex32, Complex64};
use airloop::link::channel_estimation::{ChannelEstimate, Responses};
use airloop::link::equalisation::{EqualisationRule, Equalised, Equaliser, Noise};
use airloop::link::precoding::{PowerRule, Precoder, PrecodingError, SingularVectors, water_filling};

const USED: usize = 24;
const NOISE: f64 = 0.1;

fn flat(antennas: (usize, usize), trial: u64) -> Vec<Complex32> {
    let gains = independent(antennas.0 * antennas.1, 1, trial);
    gains.iter().flat_map(|h| std::iter::repeat_n(*h, USED)).collect()
}

fn vectors(layers: usize, power: PowerRule) -> SingularVectors {
    SingularVectors { layers, group_subcarriers: None, power }
}

/// Returns the channel `[antenna, layer]` behind a precoder on subcarrier 0.
fn effective(channel: &Responses<'_>, precoder: &Precoder) -> Vec<Complex64> {
    let mut estimate = ChannelEstimate::new();
    estimate.fill_perfect(channel, precoder);
    let layers = precoder.layers();
    (0..channel.receive() * layers).map(|e| wide(estimate.at(e / layers, e % layers, 0, 0))).collect()
}

/// Returns `log2 det(I + H H^H / noise)` through the eigenvalues.
fn log_det_bits(h: &[Complex64], layers: usize) -> f64 {
    let rows: Vec<&[Complex64]> = h.chunks_exact(layers).collect();
    let n = rows.len();
    let inner =
        |a: usize, b: usize| rows[a].iter().zip(rows[b]).map(|(x, y)| x * y.conj()).sum::<Complex64>();
    let matrix: Vec<Complex64> = (0..n * n).map(|e| inner(e / n, e % n)).collect();
    eigen(n, &matrix).values.iter().map(|value| (1.0 + value.max(0.0) / NOISE).log2()).sum()
}

#[test]
fn layers_arrive_orthogonal_and_reach_the_capacity() {
    for (receive, transmit, layers) in [(2, 2, 2), (4, 4, 4), (4, 2, 2), (2, 4, 2), (8, 4, 3), (1, 4, 1)] {
        let responses = flat((receive, transmit), (receive * 10 + transmit) as u64);
        let channel = Responses::new(&responses, receive, transmit, USED);
        for power in [PowerRule::Equal, PowerRule::WaterFilling { noise_variance: NOISE }] {
            let precoder = vectors(layers, power).precoder(&channel).unwrap();
            let energy: f64 = (0..transmit * layers)
                .map(|e| f64::from(precoder.weight(0, e / layers, e % layers).norm_sqr()))
                .sum();
            assert!((energy - 1.0).abs() < 1e-5, "{energy}");
            let h = effective(&channel, &precoder);
            for (a, b) in (0..layers).flat_map(|a| (0..a).map(move |b| (a, b))) {
                let inner: Complex64 =
                    (0..receive).map(|r| h[r * layers + a].conj() * h[r * layers + b]).sum();
                assert!(inner.norm() < 1e-5, "{receive}x{transmit}: {inner}");
            }
            let layout = layout(USED, 1, 2, layers);
            let mut estimate = ChannelEstimate::new();
            estimate.fill_perfect(&channel, &precoder);
            let mut out = Equalised::new();
            let received = vec![Complex32::default(); receive * layout.elements()];
            let mut equaliser =
                Equaliser::new(EqualisationRule::MinimumMeanSquareError, &layout, receive).unwrap();
            equaliser.equalise(&received, &estimate, Noise::White(NOISE as f32), &mut out);
            let expected = log_det_bits(&h, layers);
            assert!((out.capacity_bits() - expected).abs() < 1e-3 * expected, "{expected}");
            // A control: antennas as they are do not reach it.
            let plain = Precoder::identity(transmit, layers).unwrap();
            if layers > 1 {
                estimate.fill_perfect(&channel, &plain);
                equaliser.equalise(&received, &estimate, Noise::White(NOISE as f32), &mut out);
                assert!(out.capacity_bits() < 0.99 * expected, "{receive}x{transmit}");
            }
        }
    }
}

#[test]
fn groups_follow_a_channel_that_changes_over_subcarriers() {
    let responses = independent(16, USED, 4);
    let channel = Responses::new(&responses, 4, 4, USED);
    let grouped = SingularVectors { group_subcarriers: Some(1), ..vectors(4, PowerRule::Equal) };
    let precoder = grouped.precoder(&channel).unwrap();
    let mut estimate = ChannelEstimate::new();
    estimate.fill_perfect(&channel, &precoder);
    for k in 0..USED {
        for (a, b) in (0..4).flat_map(|a| (0..a).map(move |b| (a, b))) {
            let at = |r, l| wide(estimate.at(r, l, 0, k));
            let inner: Complex64 = (0..4).map(|r| at(r, a).conj() * at(r, b)).sum();
            assert!(inner.norm() < 1e-5, "{k}: {inner}");
        }
    }
}

#[test]
fn rank_one_and_repeated_singular_values_are_safe() {
    let one: Vec<Complex32> = (0..16 * USED)
        .map(|e| e / USED)
        .map(|link| Complex32::new(1.0 + (link / 4) as f32, 0.5) * Complex32::new(0.3, (link % 4) as f32))
        .collect();
    let unit = |e: usize| Complex32::new(f32::from(u8::from(e / USED / 4 == e / USED % 4)), 0.0);
    let repeated: Vec<Complex32> = (0..16 * USED).map(unit).collect();
    let zero = vec![Complex32::default(); 16 * USED];
    for responses in [one, repeated, zero] {
        let channel = Responses::new(&responses, 4, 4, USED);
        for power in [PowerRule::Equal, PowerRule::WaterFilling { noise_variance: NOISE }] {
            let precoder = vectors(4, power).precoder(&channel).unwrap();
            let energy: f32 = (0..16).map(|e| precoder.weight(0, e / 4, e % 4).norm_sqr()).sum();
            assert!((energy - 1.0).abs() < 1e-5, "{energy}");
        }
    }
}

#[test]
fn water_filling_beats_every_other_split() {
    let capacity = |gains: &[f64], powers: &[f64]| -> f64 {
        gains.iter().zip(powers).map(|(g, p)| (1.0 + g * p / NOISE).log2()).sum()
    };
    for gains in [[1.0, 0.5], [1.0, 0.01], [0.02, 0.03], [0.0, 2.0]] {
        let filled = water_filling(&gains, NOISE, 1.0);
        assert!((filled.iter().sum::<f64>() - 1.0).abs() < 1e-12 && filled.iter().all(|p| *p >= 0.0));
        let splits = (0..=1000).map(|i| f64::from(i) / 1000.0).map(|p| capacity(&gains, &[p, 1.0 - p]));
        let best = splits.fold(0.0, f64::max);
        let got = capacity(&gains, &filled);
        assert!(got >= best - 1e-12 && got < best + 1e-4, "{gains:?}: {got} {best}");
    }
    assert_eq!(water_filling(&[0.0, 0.0], NOISE, 1.0), [0.5, 0.5]);
    assert_eq!(water_filling(&[1.0, 1e-3, 0.9], 0.1, 0.05)[1], 0.0);
}

#[test]
fn applying_a_precoder_is_a_product_in_every_element() {
    let matrices: Vec<Complex64> = (0..2 * 3 * 2).map(|i| Complex64::cis(f64::from(i)) * 0.4).collect();
    let precoder = Precoder::grouped(3, 2, 12, &matrices);
    let layers = independent(2, 14 * USED, 6);
    let mut antennas = vec![Complex32::default(); 3 * 14 * USED];
    precoder.apply(&layers, USED, &mut antennas);
    for (at, got) in antennas.iter().enumerate() {
        let (t, element) = (at / (14 * USED), at % (14 * USED));
        let weights = &matrices[(element % USED / 12 * 3 + t) * 2..][..2];
        let expected: Complex64 = (0..2).map(|l| weights[l] * wide(layers[l * 14 * USED + element])).sum();
        assert!((wide(*got) - expected).norm() < 1e-5, "{at}");
    }
    assert!(inverse(1, &[Complex64::from(2.0)])[0].re == 0.5);
}

#[test]
fn too_many_layers_are_refused_in_words() {
    let responses = flat((2, 4), 1);
    let channel = Responses::new(&responses, 2, 4, USED);
    let error = vectors(3, PowerRule::Equal).precoder(&channel).unwrap_err();
    assert_eq!(error, PrecodingError::TooManyLayers { layers: 3, transmit: 4, receive: 2, most: 2 });
    assert!(error.to_string().contains("1 to 2 are expected"));
    assert!(Precoder::identity(2, 3).is_err() && Precoder::identity(8, 5).is_err());
}
