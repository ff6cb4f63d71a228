//! Maps against closed cases.

use airloop::baseband::{Purpose, Seeds};
use airloop::coding::Modulation;
use airloop::effective_sinr::EffectiveSinr;

/// Maps of several kinds and parameters.
fn maps() -> Vec<EffectiveSinr> {
    let exponential = [0.3, 1.6, 30.0].map(|beta| EffectiveSinr::Exponential { beta });
    let information =
        Modulation::ALL.map(|modulation| EffectiveSinr::MutualInformation { modulation, beta: 1.2 });
    exponential.into_iter().chain(information).collect()
}

/// SINRs of a Rayleigh channel of a mean.
fn rayleigh(count: usize, mean: f32, trial: u64) -> Vec<f32> {
    let mut gains = vec![airloop::baseband::Complex32::default(); count];
    Seeds::new(3).stream(Purpose::Fading, trial, 0).fill_complex_gaussian(0, mean, &mut gains);
    gains.iter().map(|h| h.norm_sqr()).collect()
}

fn mean(values: &[f32]) -> f64 {
    values.iter().map(|x| f64::from(*x)).sum::<f64>() / values.len() as f64
}

fn least(values: &[f32]) -> f64 {
    f64::from(values.iter().copied().fold(f32::INFINITY, f32::min))
}

#[test]
fn equal_sinrs_are_given_back() {
    for map in maps() {
        for sinr in [0.0f32, 1e-6, 0.7, 12.5, 1e9, f32::INFINITY] {
            for count in [1, 2, 16, 33] {
                assert_eq!(map.sinr(&vec![sinr; count]), f64::from(sinr), "{map:?}");
            }
        }
        assert!(map.sinr(&[]).is_nan());
    }
}

#[test]
fn exponential_maps_are_the_formula() {
    for count in [2, 5, 16, 17, 64, 1000] {
        for beta in [0.8, 5.0, 40.0] {
            let sinrs = rayleigh(count, 6.0, count as u64);
            let sum: f64 = sinrs.iter().map(|sinr| (-f64::from(*sinr) / beta).exp()).sum();
            let direct = -beta * (sum / count as f64).ln();
            let map = EffectiveSinr::Exponential { beta };
            assert!((map.sinr(&sinrs) / direct - 1.0).abs() < 1e-6, "{count} {beta}");
        }
    }
    // By hand: SINRs 0 and beta ln 3 have the mean (1 + 1/3)/2 = 2/3.
    let by_hand = EffectiveSinr::Exponential { beta: 2.0 }.sinr(&[0.0, 2.0 * 3f32.ln()]);
    assert!((by_hand - 2.0 * 1.5f64.ln()).abs() < 1e-6, "{by_hand}");
}

#[test]
fn a_large_beta_gives_the_mean_and_a_small_one_the_least() {
    let sinrs = rayleigh(500, 10.0, 1);
    let wide = EffectiveSinr::Exponential { beta: 1e6 }.sinr(&sinrs);
    // The second term of the series is variance / (2 beta), here 5e-5.
    assert!((wide - mean(&sinrs)).abs() < 1e-2, "{wide}");
    let narrow = EffectiveSinr::Exponential { beta: 1e-6 }.sinr(&sinrs);
    assert!((narrow - least(&sinrs)).abs() < 1e-5, "{narrow}");
    // Exponents far below the smallest number neither end in zeros nor in infinities.
    let far = EffectiveSinr::Exponential { beta: 0.01 }.sinr(&[1e3, 1e6, 1e30, f32::INFINITY]);
    assert!((far - (1e3 + 0.01 * 4f64.ln())).abs() < 1e-3, "{far}");
}

#[test]
fn maps_rise_with_every_sinr_and_lie_between_the_least_and_the_mean() {
    for (trial, map) in maps().into_iter().enumerate() {
        let mut sinrs = rayleigh(24, 3.0, trial as u64);
        let before = map.sinr(&sinrs);
        assert!(least(&sinrs) < before && before < mean(&sinrs), "{map:?} {before}");
        for i in 0..sinrs.len() {
            let kept = sinrs[i];
            sinrs[i] *= 1.05;
            assert!(map.sinr(&sinrs) > before, "{map:?} {i}");
            sinrs[i] = kept;
        }
    }
}

#[test]
fn weights_count_as_repetitions() {
    let (sinrs, weights) = (rayleigh(40, 4.0, 5), (0..40).map(|i| (i % 4) as f32).collect::<Vec<_>>());
    let repeated: Vec<f32> =
        sinrs.iter().zip(&weights).flat_map(|(sinr, weight)| vec![*sinr; *weight as usize]).collect();
    for map in maps() {
        let (weighted, plain) = (map.weighted_sinr(&sinrs, &weights), map.sinr(&repeated));
        assert!((weighted / plain - 1.0).abs() < 1e-6, "{map:?} {weighted} {plain}");
        assert!((weighted / map.sinr(&sinrs) - 1.0).abs() > 1e-3, "weights matter: {map:?}");
        // An element that does not count is none, however small it is.
        assert_eq!(map.weighted_sinr(&[0.0, 1e5, 7.0], &[0.0, 0.0, 2.0]), 7.0);
        assert!(map.weighted_sinr(&[1.0, 2.0], &[0.0, 0.0]).is_nan());
    }
}

/// Information of the bits of one real dimension with levels by Gray label, by the trapezoidal rule over what is received.
fn information(labels: &[(f64, &[u8])], snr: f64) -> f64 {
    let energy = labels.iter().map(|(level, _)| level * level).sum::<f64>() / labels.len() as f64;
    // Half of the symbol's energy and half of its noise lie in this dimension: variance 1/2 for a signal of power snr/2.
    let scale = (0.5 * snr / energy).sqrt();
    let likelihood = |y: f64, level: f64| (-(y - scale * level).powi(2)).exp();
    let (step, reach) = (0.01, 6.0 + 4.0 * scale);
    let mut bits = labels[0].1.len() as f64;
    for i in 0..(2.0 * reach / step) as usize {
        let y = -reach + i as f64 * step;
        for (level, label) in labels {
            let density = likelihood(y, *level) / std::f64::consts::PI.sqrt() / labels.len() as f64;
            for (place, bit) in label.iter().enumerate() {
                let all: f64 = labels.iter().map(|(l, _)| likelihood(y, *l)).sum();
                let same: f64 =
                    labels.iter().filter(|(_, b)| b[place] == *bit).map(|(l, _)| likelihood(y, *l)).sum();
                if density > 0.0 && same > 0.0 {
                    bits -= step * density * (all / same).log2();
                }
            }
        }
    }
    2.0 * bits
}

#[test]
fn information_maps_agree_with_numeric_integration() {
    let qpsk: [(f64, &[u8]); 2] = [(1.0, &[0]), (-1.0, &[1])];
    // TS 38.211 clause 5.1.4: (1 - 2 b0)(2 - (1 - 2 b2)).
    let qam16: [(f64, &[u8]); 4] = [(1.0, &[0, 0]), (3.0, &[0, 1]), (-1.0, &[1, 0]), (-3.0, &[1, 1])];
    for (modulation, labels) in [(Modulation::Qpsk, &qpsk[..]), (Modulation::Qam16, &qam16[..])] {
        for (beta, sinrs) in [(1.0, [0.2f32, 2.5]), (0.8, [1.0, 9.0]), (1.3, [6.0, 14.0])] {
            let scaled = sinrs.map(|sinr| f64::from(sinr) / beta);
            let target = 0.5 * (information(labels, scaled[0]) + information(labels, scaled[1]));
            let (mut low, mut high) = (scaled[0], scaled[1]);
            for _ in 0..40 {
                let middle = 0.5 * (low + high);
                if information(labels, middle) < target { low = middle } else { high = middle }
            }
            let map = EffectiveSinr::MutualInformation { modulation, beta };
            let found = map.sinr(&sinrs);
            assert!((found / (beta * low) - 1.0).abs() < 1e-4, "{modulation} {found} {}", beta * low);
        }
    }
}

#[test]
fn complete_information_leaves_the_least() {
    let map = EffectiveSinr::MutualInformation { modulation: Modulation::Qpsk, beta: 1.0 };
    assert_eq!(map.sinr(&[1e6, 1e7, 1e8]), 1e6);
    assert_eq!(map.sinr(&[1e6, f32::INFINITY]), 1e6);
}
