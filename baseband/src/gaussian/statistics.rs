//! Distribution tests; each holds at `alpha` = 1e-6, and each has a control that must fail.

use crate::seeds::{Purpose, Seeds, Stream};
use num_complex::Complex32;
use std::f64::consts::TAU;
use std::time::Instant;

/// Two-sided quantile of a Gaussian at `alpha` = 1e-6.
const SIGMAS: f64 = 4.892;

/// Prints how many samples the calling test took, and how long, when it ends.
struct Report(usize, Instant);

impl Report {
    fn of(samples: usize) -> Self {
        Self(samples, Instant::now())
    }
}

impl Drop for Report {
    fn drop(&mut self) {
        println!("{} samples, {:.2} s", self.0, self.1.elapsed().as_secs_f64());
    }
}

fn noise(trial: u64) -> Stream {
    Seeds::new(0xA1B2_C3D4).stream(Purpose::Noise, trial, 0)
}

fn complex_values(stream: Stream, count: usize) -> Vec<Complex32> {
    let mut values = vec![Complex32::ZERO; count];
    stream.fill_complex_gaussian(0, 1.0, &mut values);
    values
}

/// How far the moments 1 to 6 of `values` are from those of a unit Gaussian, in standard errors.
fn moment_deviations(values: impl Iterator<Item = f64>) -> [f64; 6] {
    const MEANS: [f64; 6] = [0.0, 1.0, 0.0, 3.0, 0.0, 15.0];
    const VARIANCES: [f64; 6] = [1.0, 2.0, 15.0, 96.0, 945.0, 10_170.0];
    let (mut sums, mut count) = ([0.0; 6], 0.0);
    for value in values {
        let mut power = 1.0;
        for sum in &mut sums {
            power *= value;
            *sum += power;
        }
        count += 1.0;
    }
    std::array::from_fn(|k| (sums[k] / count - MEANS[k]) / (VARIANCES[k] / count).sqrt())
}

fn within(deviations: [f64; 6]) -> bool {
    deviations.iter().all(|deviation| deviation.abs() < SIGMAS)
}

/// 8.4e6 values; detects 0.5 % of variance, 0.003 of mean, 3 % of the sixth moment.
#[test]
fn moments_one_to_six() {
    let _report = Report::of(1 << 24);
    let values = complex_values(noise(0), 1 << 22);
    let scale = 2f64.sqrt();
    let components =
        |scale: f64| values.iter().flat_map(move |z| [f64::from(z.re) * scale, f64::from(z.im) * scale]);
    let deviations = moment_deviations(components(scale));
    println!("deviations {deviations:.2?}");
    assert!(within(deviations), "complex: {deviations:?}");
    let mut reals = vec![0.0_f32; 1 << 23];
    noise(0).fill_gaussian(0, &mut reals);
    let deviations = moment_deviations(reals.iter().copied().map(f64::from));
    assert!(within(deviations), "real: {deviations:?}");

    // Controls: variance 1 % off, mean 0.005 off, and a sum of twelve uniforms (kurtosis 2.9).
    assert!(!within(moment_deviations(components(scale * 1.005))));
    assert!(!within(moment_deviations(components(scale).map(|value| value + 0.005))));
    let mut uniforms = vec![0.0_f32; 12 << 20];
    noise(0).fill_uniform(0, &mut uniforms);
    let sums = uniforms.chunks_exact(12).map(|part| part.iter().copied().map(f64::from).sum::<f64>() - 6.0);
    assert!(!within(moment_deviations(sums)));
}

/// The Kolmogorov-Smirnov distance from uniform times the root of the count.
fn uniform_distance(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let count = values.len() as f64;
    let above = |(rank, value): (usize, &f64)| {
        (value - rank as f64 / count).abs().max((rank as f64 + 1.0) / count - value)
    };
    values.iter().enumerate().map(above).fold(0.0, f64::max) * count.sqrt()
}

/// `sqrt(ln(2 / alpha) / 2)`: the distance that is exceeded with a chance of 1e-6.
const DISTANCE: f64 = 2.694;

fn radius_distance(values: &[Complex32], variance: f64) -> f64 {
    let chance = |z: &Complex32| 1.0 - (-f64::from(z.norm_sqr()) / variance).exp();
    uniform_distance(values.iter().map(chance).collect())
}

/// 2.1e6 values; detects 1 % of variance.
#[test]
fn power_is_exponential_and_phase_uniform() {
    let _report = Report::of(1 << 21);
    let values = complex_values(noise(1), 1 << 21);
    let radius = radius_distance(&values, 1.0);
    let turn = |z: &Complex32| f64::from(z.im).atan2(f64::from(z.re)) / TAU + 0.5;
    let phase = uniform_distance(values.iter().map(turn).collect());
    println!("distances {radius:.2} and {phase:.2}");
    assert!(radius < DISTANCE, "radius: {radius}");
    assert!(phase < DISTANCE, "phase: {phase}");
    let control = radius_distance(&values, 1.01);
    assert!(control > DISTANCE, "a variance 1 % off passed: {control}");
    let lopsided = values.iter().map(|z| turn(&Complex32::new(z.re, z.im * 1.02))).collect();
    assert!(uniform_distance(lopsided) > DISTANCE, "unequal parts passed");
}

#[test]
fn uniforms_are_uniform() {
    let _report = Report::of(1 << 21);
    let mut bulk = vec![0.0_f32; 1 << 20];
    noise(2).fill_uniform(0, &mut bulk);
    assert!(bulk.iter().all(|value| *value > 0.0 && *value < 1.0));
    assert!(uniform_distance(bulk.iter().copied().map(f64::from).collect()) < DISTANCE);
    let scalar: Vec<f64> = (0..1 << 20).map(|index| noise(2).uniform(index)).collect();
    assert!(scalar.iter().all(|value| *value > 0.0 && *value < 1.0));
    let squeezed = scalar.iter().map(|value| value * 0.99).collect();
    assert!(uniform_distance(scalar) < DISTANCE);
    assert!(uniform_distance(squeezed) > DISTANCE);
}

/// Scalar draws obey the same laws. 2e6 values; detects 1 % of variance.
#[test]
fn scalar_draws_are_gaussian() {
    let _report = Report::of(1 << 22);
    let stream = noise(3);
    let complex = (0..1 << 20).map(|index| stream.complex_gaussian(index));
    let components = complex.flat_map(|z| [z.re * 2f64.sqrt(), z.im * 2f64.sqrt()]);
    let deviations = moment_deviations(components);
    assert!(within(deviations), "complex: {deviations:?}");
    let real = |scale: f64| (0..1 << 21).map(move |index| stream.gaussian(index) * scale);
    let deviations = moment_deviations(real(1.0));
    assert!(within(deviations), "real: {deviations:?}");
    assert!(!within(moment_deviations(real(1.005))));
}

fn rate_holds(count: u64, samples: u64, chance: f64) -> bool {
    let expected = samples as f64 * chance;
    (count as f64 - expected).abs() < SIGMAS * expected.sqrt()
}

/// 2.7e8 values; detects 8 % of the rate beyond 4 sigma and 80 % of the rate beyond 5 sigma.
#[test]
fn tails_beyond_four_and_five_sigma() {
    const SAMPLES: u64 = 1 << 28;
    /// `erfc(4 / sqrt 2)` and `erfc(5 / sqrt 2)`.
    const CHANCES: [f64; 2] = [6.334_248_366_623_996e-5, 5.733_031_437_583_866e-7];
    let _report = Report::of(1 << 28);
    let (mut counts, mut control) = ([0; 2], 0);
    let mut values = vec![0.0_f32; 1 << 14];
    for part in 0..SAMPLES >> 14 {
        noise(4).fill_gaussian(part << 14, &mut values);
        let beyond = |limit: f32| values.iter().map(|x| u32::from(x.abs() > limit)).sum::<u32>();
        counts[0] += u64::from(beyond(4.0));
        counts[1] += u64::from(beyond(5.0));
        control += u64::from(beyond(4.0 / 1.01));
    }
    println!("{counts:?} beyond 4 and 5 sigma");
    assert!(rate_holds(counts[0], SAMPLES, CHANCES[0]), "{counts:?}");
    assert!(rate_holds(counts[1], SAMPLES, CHANCES[1]), "{counts:?}");
    assert!(!rate_holds(control, SAMPLES, CHANCES[0]), "a deviation 1 % off passed");
}

/// 3.4e7 values; detects 30 % of the rate of fades below -50 dB and of powers above 10.
#[test]
fn deep_fades_and_high_powers() {
    const SAMPLES: u64 = 1 << 25;
    let _report = Report::of(1 << 25);
    let (mut deep, mut high, mut control) = (0, 0, 0);
    let mut values = vec![Complex32::ZERO; 1 << 13];
    for part in 0..SAMPLES >> 13 {
        noise(5).fill_complex_gaussian(part << 13, 1.0, &mut values);
        let count =
            |holds: &dyn Fn(f32) -> bool| values.iter().filter(|z| holds(z.norm_sqr())).count() as u64;
        deep += count(&|power| power < 1e-5);
        high += count(&|power| power > 10.0);
        control += count(&|power| power > 9.5);
    }
    println!("{deep} deep fades, {high} high powers");
    assert!(rate_holds(deep, SAMPLES, 1e-5), "{deep}");
    assert!(rate_holds(high, SAMPLES, (-10f64).exp()), "{high}");
    assert!(!rate_holds(control, SAMPLES, (-10f64).exp()), "{control}");
}

/// The correlation of values, as `|c|^2 count` (exponential of mean 1), and of powers, over its
/// standard error.
fn correlation(a: &[Complex32], b: &[Complex32]) -> (f64, f64) {
    let count = a.len().min(b.len()) as f64;
    let (mut re, mut im, mut powers) = (0.0, 0.0, 0.0);
    for (a, b) in a.iter().zip(b) {
        let product = a * b.conj();
        re += f64::from(product.re);
        im += f64::from(product.im);
        powers += f64::from((a.norm_sqr() - 1.0) * (b.norm_sqr() - 1.0));
    }
    ((re * re + im * im) / count, powers / count.sqrt())
}

fn uncorrelated(a: &[Complex32], b: &[Complex32]) -> bool {
    let (values, powers) = correlation(a, b);
    values < 1e6_f64.ln() && powers.abs() < SIGMAS
}

/// 1e6 values a pair; detects a correlation of 0.01.
#[test]
fn neighbours_are_uncorrelated() {
    const COUNT: usize = 1 << 20;
    let _report = Report::of(9 << 20);
    let seeds = Seeds::new(5);
    let base = seeds.stream(Purpose::Noise, 10, 20);
    let a = complex_values(base, COUNT);
    for (name, other) in [
        ("link", seeds.stream(Purpose::Noise, 10, 21)),
        ("trial", seeds.stream(Purpose::Noise, 11, 20)),
        ("trial and link swapped", seeds.stream(Purpose::Noise, 20, 10)),
        ("purpose", seeds.stream(Purpose::Fading, 10, 20)),
        ("master seed", Seeds::new(4).stream(Purpose::Noise, 10, 20)),
        ("first substream", base.substream(0)),
    ] {
        assert!(uncorrelated(&a, &complex_values(other, COUNT)), "neighbouring {name}");
    }
    let [first, second] = [0, 1].map(|part| complex_values(base.substream(part), COUNT));
    assert!(uncorrelated(&first, &second), "neighbouring substreams");
    for lag in [1, 2, 8, 16, 32, 4_095, 4_096, 4_097, 8_192] {
        assert!(uncorrelated(&a[..COUNT - lag], &a[lag..]), "lag {lag}");
    }
    let mixed: Vec<Complex32> = first.iter().zip(&second).map(|(x, y)| x + y * 0.01).collect();
    assert!(!uncorrelated(&mixed, &second), "a correlation of 0.01 passed");
}

/// 1e6 values; detects a correlation of 0.01 between the parts, of values and of squares.
#[test]
fn parts_are_independent() {
    let _report = Report::of(1 << 20);
    let values = complex_values(noise(6), 1 << 20);
    let deviations = |leak: f32| {
        let (mut plain, mut squares) = (0.0, 0.0);
        for z in &values {
            let (re, im) = (z.re, z.im + leak * z.re);
            plain += f64::from(2.0 * re * im);
            squares += f64::from((2.0 * re * re - 1.0) * (2.0 * im * im - 1.0)) / 2.0;
        }
        [plain, squares].map(|sum: f64| sum / (values.len() as f64).sqrt())
    };
    assert!(deviations(0.0).iter().all(|value| value.abs() < SIGMAS), "{:?}", deviations(0.0));
    assert!(deviations(0.01)[0] > SIGMAS && deviations(0.1)[1] > SIGMAS);
}

/// The first value of each of 2.6e5 trials is itself a good sequence.
#[test]
fn first_values_of_trials_are_gaussian_and_independent() {
    let _report = Report::of(1 << 18);
    let first = |trial: u64| {
        let mut value = [Complex32::ZERO];
        Seeds::new(0).stream(Purpose::Fading, trial, 0).fill_complex_gaussian(0, 1.0, &mut value);
        value[0]
    };
    let values: Vec<Complex32> = (0..1 << 18).map(first).collect();
    assert!(radius_distance(&values, 1.0) < DISTANCE);
    assert!(radius_distance(&values, 1.05) > DISTANCE);
    assert!(uncorrelated(&values[1..], &values[..values.len() - 1]));
}
