//! Equalisers, against matrices in double precision and against the errors that they leave.

use crate::common::{Paths, SPACING_HZ, SYMBOL_S, independent, inverse, layout, signals, transmit, wide};
use airloop::baseband::checks::{CheckFailure, CheckSpec, check_mean};
use airloop::baseband::statistics::Moments;
use airloop::baseband::{Complex32, Complex64};
use airloop::link::channel_estimation::{
    ChannelEstimate, ChannelEstimator, DelayStatistics, DopplerStatistics, Interpolation, Responses,
    WienerConfig,
};
use airloop::link::equalisation::{EqualisationRule, Equalised, Equaliser, Noise};
use airloop::link::precoding::Precoder;

const RULES: [EqualisationRule; 2] =
    [EqualisationRule::ZeroForcing, EqualisationRule::MinimumMeanSquareError];

/// Returns symbols and variances of one element by direct inversion.
fn slow(
    rule: EqualisationRule,
    layers: usize,
    (h, y): (&[Complex64], &[Complex64]),
    noise: f64,
) -> Vec<(Complex64, f64)> {
    let antennas = y.len();
    let column = |l: usize| (0..antennas).map(move |r| h[r * layers + l]);
    let inner = |a: usize, b: usize| column(a).zip(column(b)).map(|(x, y)| x.conj() * y).sum::<Complex64>();
    let least = rule == EqualisationRule::MinimumMeanSquareError;
    let gram: Vec<Complex64> = (0..layers * layers)
        .map(|e| (e / layers, e % layers))
        .map(|(i, j)| inner(i, j) + if least && i == j { noise } else { 0.0 })
        .collect();
    let a = inverse(layers, &gram);
    let matched: Vec<Complex64> =
        (0..layers).map(|l| column(l).zip(y).map(|(h, y)| h.conj() * y).sum()).collect();
    (0..layers)
        .map(|l| {
            let row = &a[l * layers..(l + 1) * layers];
            let x: Complex64 = row.iter().zip(&matched).map(|(a, z)| a * z).sum();
            // The share that is kept, and what noise and the other layers add, from the definition.
            let gain = |m: usize| row.iter().enumerate().map(|(i, a)| a * inner(i, m)).sum::<Complex64>();
            let filter: f64 = (0..antennas)
                .map(|r| (0..layers).map(|i| row[i] * h[r * layers + i].conj()).sum::<Complex64>().norm_sqr())
                .sum();
            let others: f64 = (0..layers).filter(|m| *m != l).map(|m| gain(m).norm_sqr()).sum();
            (x / gain(l), (noise * filter + others) / gain(l).norm_sqr())
        })
        .collect()
}

#[test]
fn equalisers_equal_direct_inversion() {
    for (antennas, layers, groups, used) in [
        (1, 1, 1, 20),
        (2, 1, 2, 36),
        (2, 2, 1, 52),
        (4, 2, 2, 16),
        (3, 3, 2, 20),
        (8, 3, 2, 36),
        (4, 4, 2, 60),
        (8, 4, 2, 4),
    ] {
        let layout = layout(used, 1, groups, layers);
        let signals = signals(&layout);
        let responses = independent(antennas * layers, used, layers as u64);
        let channel = Responses::new(&responses, antennas, layers, used);
        let precoder = Precoder::identity(layers, layers).unwrap();
        let (_, received) = transmit((&layout, &signals), (&channel, &precoder), 0.1, 1);
        let mut estimate = ChannelEstimate::new();
        estimate.fill_perfect(&channel, &precoder);
        for rule in RULES {
            let mut equaliser = Equaliser::new(rule, &layout, antennas).unwrap();
            let mut out = Equalised::new();
            equaliser.equalise(&received, &estimate, Noise::White(0.1), &mut out);
            for run in layout.runs() {
                for i in 0..run.count {
                    let k = run.first_subcarrier + i * run.stride;
                    let h: Vec<Complex64> = (0..antennas * layers)
                        .map(|e| wide(estimate.at(e / layers, e % layers, run.symbol, k)))
                        .collect();
                    let y: Vec<Complex64> = received
                        .chunks_exact(layout.elements())
                        .map(|grid| wide(grid[run.symbol * used + k]))
                        .collect();
                    for (layer, (x, variance)) in slow(rule, layers, (&h, &y), 0.1).into_iter().enumerate() {
                        let got = wide(out.values(layer)[run.first_element + i]);
                        let claimed = f64::from(out.variances(layer)[run.first_element + i]);
                        // Single precision is off by far less than the noise, also where a channel hardly has an inverse.
                        assert!(
                            (got - x).norm() < 2e-3 * variance.sqrt(),
                            "{rule:?} {antennas}x{layers}: {got} {x}"
                        );
                        assert!((claimed / variance - 1.0).abs() < 1e-2, "{rule:?} {claimed} {variance}");
                    }
                }
            }
        }
    }
}

#[test]
fn channels_without_inverse_give_finite_symbols_of_huge_variance() {
    let layout = layout(16, 1, 2, 2);
    let zero = vec![Complex32::default(); 2 * 2 * 16];
    let equal = vec![Complex32::new(0.6, -0.8); 2 * 2 * 16];
    let tiny: Vec<Complex32> = independent(4, 16, 9).iter().map(|h| h * 1e-18).collect();
    let received = independent(2, 14 * 16, 5);
    for (name, responses) in [("zero", zero), ("equal", equal), ("tiny", tiny)] {
        let channel = Responses::new(&responses, 2, 2, 16);
        let mut estimate = ChannelEstimate::new();
        estimate.fill_perfect(&channel, &Precoder::identity(2, 2).unwrap());
        for (rule, noise) in RULES.into_iter().flat_map(|rule| [1e-3f32, 0.0].map(|noise| (rule, noise))) {
            let mut out = Equalised::new();
            Equaliser::new(rule, &layout, 2).unwrap().equalise(
                &received,
                &estimate,
                Noise::White(noise),
                &mut out,
            );
            for layer in 0..2 {
                assert!(
                    out.values(layer).iter().all(|x| x.re.is_finite() && x.im.is_finite()),
                    "{name} {rule:?}"
                );
                assert!(out.variances(layer).iter().all(|v| v.is_finite() && *v > 0.0), "{name} {rule:?}");
            }
            let useless = noise > 0.0 && (name != "equal" || rule == EqualisationRule::ZeroForcing);
            assert!(
                !useless || out.variances(1).iter().all(|v| *v > 100.0),
                "{name} {rule:?} {:?}",
                out.variances(1)
            );
        }
    }
}

/// Returns each trial's mean of error over claimed variance, with a Wiener estimate or with the truth.
fn claims(rule: EqualisationRule, layers: usize, estimated: bool) -> Moments {
    let (used, antennas, noise) = (48, layers + 1, 0.03f32);
    let layout = layout(used, 1, 2, layers);
    let signals = signals(&layout);
    let paths = Paths::new(0.0);
    let config = WienerConfig {
        delays: DelayStatistics::Paths(paths.paths.clone()),
        doppler: DopplerStatistics::Static,
        subcarrier_spacing_hz: SPACING_HZ,
        symbol_duration_s: SYMBOL_S,
        taps: 16,
        layer_power: 1.0 / layers as f64,
    };
    let mut estimator =
        ChannelEstimator::new(&layout, antennas, &Interpolation::Wiener(config), noise.into()).unwrap();
    let mut equaliser = Equaliser::new(rule, &layout, antennas).unwrap();
    let (mut estimate, mut out) = (ChannelEstimate::new(), Equalised::new());
    let precoder = Precoder::identity(layers, layers).unwrap();
    Moments::of((0..1200).map(|trial| {
        let responses = paths.draw(antennas * layers, used, trial);
        let channel = Responses::new(&responses, antennas, layers, used);
        let (values, received) = transmit((&layout, &signals), (&channel, &precoder), noise, trial);
        if estimated {
            estimator.estimate(&received, &signals, &mut estimate);
        } else {
            estimate.fill_perfect(&channel, &precoder);
        }
        equaliser.equalise(&received, &estimate, Noise::White(noise), &mut out);
        let mut sum = 0.0;
        for (layer, sent) in values.chunks_exact(layout.data_elements()).enumerate() {
            let errors = out.values(layer).iter().zip(sent).map(|(x, sent)| f64::from((x - sent).norm_sqr()));
            sum += errors.zip(out.sinrs(layer)).map(|(error, sinr)| error * sinr).sum::<f64>();
        }
        sum / values.len() as f64
    }))
}

#[test]
fn the_sinr_claimed_is_the_one_measured() {
    for (rule, layers, estimated) in [
        (EqualisationRule::ZeroForcing, 1, false),
        (EqualisationRule::ZeroForcing, 2, false),
        (EqualisationRule::MinimumMeanSquareError, 2, false),
        (EqualisationRule::MinimumMeanSquareError, 4, false),
        (EqualisationRule::ZeroForcing, 1, true),
        (EqualisationRule::ZeroForcing, 2, true),
    ] {
        let moments = claims(rule, layers, estimated);
        let spec = CheckSpec { alpha: 1e-6, detects: 0.06 };
        check_mean(&moments, 1.0, spec)
            .unwrap_or_else(|error| panic!("{rule:?} {layers} {estimated}: {error}"));
        let control = check_mean(&moments, 1.06, spec);
        assert!(matches!(control, Err(CheckFailure::Disagrees(_))), "{control:?}");
    }
}
