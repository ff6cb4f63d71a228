//! Rejection of interference that antennas share.

use crate::common::{independent, inverse, layout, signals, stream, symbols, transmit, wide};
use airloop::baseband::checks::{CheckFailure, CheckSpec, check_mean, check_paired};
use airloop::baseband::statistics::Moments;
use airloop::baseband::{Complex32, Complex64, Purpose};
use airloop::link::channel_estimation::{
    ChannelEstimate, ChannelEstimator, Interpolation, PilotResiduals, Responses,
};
use airloop::link::equalisation::{EqualisationRule, Equalised, Equaliser, InterferenceCovariance, Noise};
use airloop::link::precoding::Precoder;

const USED: usize = 48;
const NOISE: f32 = 0.02;
const INTERFERENCE: f32 = 2.0;

/// Returns a channel `[antenna]` that is the same on all subcarriers.
fn flat(antennas: usize, trial: u64) -> Vec<Complex32> {
    independent(antennas, 1, trial)
}

fn spread(gains: &[Complex32]) -> Vec<Complex32> {
    gains.iter().flat_map(|h| std::iter::repeat_n(*h, USED)).collect()
}

/// Adds an interferer that sends on every element of the slot.
fn interfere(received: &mut [Complex32], gains: &[Complex32], trial: u64) {
    let elements = received.len() / gains.len();
    let sent = symbols(elements, stream(Purpose::Subset, trial));
    for (row, g) in received.chunks_exact_mut(elements).zip(gains) {
        row.iter_mut().zip(&sent).for_each(|(y, x)| *y += g * x * INTERFERENCE.sqrt());
    }
}

/// Returns the covariance of the interferer and the noise.
fn covariance(gains: &[Complex32]) -> Vec<Complex64> {
    let n = gains.len();
    let entry = |i: usize, j: usize| {
        let own = if i == j { f64::from(NOISE) } else { 0.0 };
        wide(gains[i]) * wide(gains[j]).conj() * f64::from(INTERFERENCE) + own
    };
    (0..n * n).map(|e| entry(e / n, e % n)).collect()
}

#[test]
fn a_known_covariance_gives_the_optimum_of_theory() {
    for antennas in [2, 4, 8] {
        let layout = layout(USED, 1, 2, 1);
        let (h, g) = (flat(antennas, 1), flat(antennas, 2));
        let responses = spread(&h);
        let mut estimate = ChannelEstimate::new();
        let precoder = Precoder::identity(1, 1).unwrap();
        estimate.fill_perfect(&Responses::new(&responses, antennas, 1, USED), &precoder);
        let mut known = InterferenceCovariance::new(antennas, USED, 24);
        assert_eq!((known.groups(), known.range(1)), (2, 24..48));
        (0..2).for_each(|group| known.matrix_mut(group).copy_from_slice(&covariance(&g)));
        let mut equaliser =
            Equaliser::new(EqualisationRule::MinimumMeanSquareError, &layout, antennas).unwrap();
        let received = vec![Complex32::default(); antennas * layout.elements()];
        let mut out = Equalised::new();
        equaliser.equalise(&received, &estimate, Noise::Coloured(&known), &mut out);
        // h^H R^-1 h
        let r = inverse(antennas, &covariance(&g));
        let mut optimum = Complex64::default();
        for (i, row) in r.chunks_exact(antennas).enumerate() {
            optimum += wide(h[i]).conj() * row.iter().zip(&h).map(|(a, h)| a * wide(*h)).sum::<Complex64>();
        }
        assert!(out.sinrs(0).all(|sinr| (sinr / optimum.re - 1.0).abs() < 1e-3), "{antennas}");
        // A control: white noise of the same trace knows nothing of directions.
        let trace: f64 = (0..antennas).map(|i| covariance(&g)[i * antennas + i].re).sum();
        equaliser.equalise(&received, &estimate, Noise::White((trace / antennas as f64) as f32), &mut out);
        assert!(out.sinrs(0).all(|sinr| sinr < 0.5 * optimum.re), "{antennas}");
    }
}

#[test]
fn whitening_leaves_two_layers_as_direct_inversion_has_them() {
    let (antennas, layers) = (4, 2);
    let layout = layout(USED, 2, 1, layers);
    let signals = signals(&layout);
    let responses = independent(antennas * layers, USED, 8);
    let channel = Responses::new(&responses, antennas, layers, USED);
    let precoder = Precoder::identity(layers, layers).unwrap();
    let g = flat(antennas, 3);
    let (_, mut received) = transmit((&layout, &signals), (&channel, &precoder), NOISE, 4);
    interfere(&mut received, &g, 4);
    let mut known = InterferenceCovariance::new(antennas, USED, USED);
    known.matrix_mut(0).copy_from_slice(&covariance(&g));
    let mut estimate = ChannelEstimate::new();
    estimate.fill_perfect(&channel, &precoder);
    let mut out = Equalised::new();
    let mut equaliser = Equaliser::new(EqualisationRule::MinimumMeanSquareError, &layout, antennas).unwrap();
    equaliser.equalise(&received, &estimate, Noise::Coloured(&known), &mut out);
    let r = inverse(antennas, &covariance(&g));
    for run in layout.runs() {
        for i in 0..run.count {
            let k = run.first_subcarrier + i * run.stride;
            let h = |a: usize, l: usize| wide(estimate.at(a, l, 0, k));
            let filtered = |l: usize, of: &dyn Fn(usize) -> Complex64| -> Complex64 {
                let row = |a: usize| (0..antennas).map(|b| r[a * antennas + b] * of(b)).sum::<Complex64>();
                (0..antennas).map(|a| h(a, l).conj() * row(a)).sum()
            };
            let gram: Vec<Complex64> = (0..4)
                .map(|e| filtered(e / 2, &|b| h(b, e % 2)) + if e / 2 == e % 2 { 1.0 } else { 0.0 })
                .collect();
            let a = inverse(2, &gram);
            let y = |b: usize| wide(received[(b * 14 + run.symbol) * USED + k]);
            for l in 0..2 {
                let x: Complex64 = (0..2).map(|m| a[l * 2 + m] * filtered(m, &y)).sum();
                let variance = a[l * 2 + l].re / (1.0 - a[l * 2 + l].re);
                let at = run.first_element + i;
                let expected = x / (1.0 - a[l * 2 + l].re);
                assert!((wide(out.values(l)[at]) - expected).norm() < 1e-3, "{k} {l}");
                assert!((f64::from(out.variances(l)[at]) / variance - 1.0).abs() < 1e-2, "{k} {l}");
            }
        }
    }
}

/// Returns each trial's mean error after linear estimation, with the covariance measured and with white noise measured.
fn measured(groups_without_data: usize) -> (Vec<f64>, Vec<f64>, Moments) {
    let antennas = 4;
    let layout = layout(USED, 2, groups_without_data, 1);
    let signals = signals(&layout);
    let mut estimator =
        ChannelEstimator::new(&layout, antennas, &Interpolation::Linear, NOISE.into()).unwrap();
    let mut residuals = PilotResiduals::new(&layout, antennas);
    let mut known = InterferenceCovariance::new(antennas, USED, USED);
    let mut equaliser = Equaliser::new(EqualisationRule::MinimumMeanSquareError, &layout, antennas).unwrap();
    let (mut estimate, mut out) = (ChannelEstimate::new(), Equalised::new());
    let precoder = Precoder::identity(1, 1).unwrap();
    let (mut rejecting, mut white, mut corners) = (Vec::new(), Vec::new(), Vec::new());
    for trial in 0..300 {
        let (h, g) = (spread(&flat(antennas, trial)), flat(antennas, 1000 + trial));
        let channel = Responses::new(&h, antennas, 1, USED);
        let (values, mut received) = transmit((&layout, &signals), (&channel, &precoder), NOISE, trial);
        interfere(&mut received, &g, trial);
        estimator.estimate(&received, &signals, &mut estimate);
        residuals.measure(&received, &estimator);
        known.measure(&residuals);
        let truth = covariance(&g);
        let trace: f64 = (0..antennas).map(|r| truth[r * antennas + r].re).sum();
        let measured: f64 = (0..antennas).map(|r| known.matrix(0)[r * antennas + r].re).sum();
        corners.push(measured / trace);
        let error = |out: &Equalised| {
            let errors =
                out.values(0).iter().zip(&values).map(|(x, sent)| f64::from((x - sent).norm_sqr()).min(4.0));
            errors.sum::<f64>() / values.len() as f64
        };
        equaliser.equalise(&received, &estimate, Noise::Coloured(&known), &mut out);
        rejecting.push(error(&out));
        let variance = residuals.noise_variance().unwrap() as f32;
        equaliser.equalise(&received, &estimate, Noise::White(variance), &mut out);
        white.push(error(&out));
    }
    (rejecting, white, Moments::of(corners))
}

#[test]
fn a_measured_covariance_suppresses_the_interferer() {
    for groups_without_data in [1, 2] {
        let (rejecting, white, traces) = measured(groups_without_data);
        let mean = |errors: &[f64]| Moments::of(errors.iter().copied()).mean;
        println!("{groups_without_data}: rejecting {:.3}, white {:.3}", mean(&rejecting), mean(&white));
        assert!(mean(&rejecting) < 0.6 * mean(&white));
        let differences = Moments::of(white.iter().zip(&rejecting).map(|(a, b)| a - b));
        let seen = check_paired(&differences, CheckSpec { alpha: 1e-6, detects: 0.2 });
        assert!(matches!(seen, Err(CheckFailure::Disagrees(_))), "{seen:?}");
        // Residuals have the power of noise and interference, at data elements and at pilots alike.
        let spec = CheckSpec { alpha: 1e-6, detects: 0.1 };
        check_mean(&traces, 1.0, spec).unwrap();
        assert!(matches!(check_mean(&traces, 1.15, spec), Err(CheckFailure::Disagrees(_))));
    }
}
