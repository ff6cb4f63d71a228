//! Local search for constellations: the smallest distance of sums with different values is raised, smoothed, from several starts.

use super::Computed;
use airloop_baseband::{Complex64, Purpose, Seeds};
use std::collections::BTreeSet;

/// Steps of a search.
const STEPS: usize = 400;

/// Random constellations that searches begin from, beside those with a structure.
const RANDOM_STARTS: u64 = 4;

/// Longest and shortest step, in units of the points' amplitude.
const STEP: (f64, f64) = (0.3, 1e-5);

/// Steps between looks at all distances.
const REFRESH: usize = 8;

/// Pairs that are further apart than the nearest by this many units of the smoothing weigh nothing.
const NEGLIGIBLE: f64 = 30.0;

/// Returns the best constellation found, of mean 0 and mean power 1.
pub(super) fn points(inputs: &[Vec<u32>], values: &[u64], function: Computed) -> Vec<Complex64> {
    let levels = inputs[0].len();
    let differences = differences(inputs, values);
    let mut best = (f64::NEG_INFINITY, Vec::new());
    for mut start in starts(levels, function) {
        normalise(&mut start);
        // A start is kept where the search makes it no better.
        for found in [start.clone(), search(start, &differences)] {
            let distance = smallest(&found, &differences);
            if distance > best.0 * (1.0 + 1e-9) || best.1.is_empty() {
                best = (distance, found);
            }
        }
    }
    best.1
}

/// Returns the different differences of counts of inputs with different values, up to their sign.
fn differences(inputs: &[Vec<u32>], values: &[u64]) -> Vec<Vec<f64>> {
    let mut found = BTreeSet::new();
    for (i, (counts, value)) in inputs.iter().zip(values).enumerate() {
        for (others, other_value) in inputs[..i].iter().zip(values) {
            if value == other_value {
                continue;
            }
            let mut difference: Vec<i32> =
                counts.iter().zip(others).map(|(a, b)| *a as i32 - *b as i32).collect();
            if difference.iter().find(|d| **d != 0).is_some_and(|first| *first < 0) {
                difference.iter_mut().for_each(|d| *d = -*d);
            }
            found.insert(difference);
        }
    }
    found.into_iter().map(|difference| difference.into_iter().map(f64::from).collect()).collect()
}

/// Returns constellations to begin from: amplitudes, squares, powers, logarithms, a circle, and random ones.
fn starts(levels: usize, function: Computed) -> Vec<Vec<Complex64>> {
    let real = |of: &dyn Fn(f64) -> f64| -> Vec<Complex64> {
        (0..levels).map(|i| Complex64::new(of(i as f64), 0.0)).collect()
    };
    let turn = std::f64::consts::TAU / levels as f64;
    let side = (levels as f64).sqrt().ceil() as usize;
    let mut starts = vec![
        real(&|i| i),
        real(&|i| i * i),
        real(&|i| 2f64.powf(i)),
        real(&|i| (i + 1.0).ln()),
        (0..levels).map(|i| Complex64::from_polar(1.0, turn * i as f64)).collect(),
        (0..levels).map(|i| Complex64::new((i % side) as f64, (i / side) as f64)).collect(),
    ];
    let stream = Seeds::new(0).stream(Purpose::Projection, levels as u64, function as u64);
    for start in 0..RANDOM_STARTS {
        let own = stream.substream(start);
        starts.push((0..levels as u64).map(|i| own.complex_gaussian(i)).collect());
    }
    starts
}

/// Takes the mean off, which moves all sums alike, and brings the mean power to 1.
fn normalise(points: &mut [Complex64]) {
    let mean = points.iter().sum::<Complex64>() / points.len() as f64;
    points.iter_mut().for_each(|point| *point -= mean);
    let power = points.iter().map(Complex64::norm_sqr).sum::<f64>() / points.len() as f64;
    let factor = if power > 0.0 { power.sqrt().recip() } else { 0.0 };
    points.iter_mut().for_each(|point| *point *= factor);
}

fn sum(points: &[Complex64], difference: &[f64]) -> Complex64 {
    points.iter().zip(difference).map(|(point, n)| point * n).sum()
}

/// Returns the smallest squared distance.
fn smallest(points: &[Complex64], differences: &[Vec<f64>]) -> f64 {
    differences.iter().map(|difference| sum(points, difference).norm_sqr()).fold(f64::INFINITY, f64::min)
}

/// Climbs the smoothed smallest squared distance `-b ln sum exp(-d^2/b)`, whose smoothing `b` falls with the steps.
///
/// Every [`REFRESH`] steps all distances are looked at, and those that may soon be among the smallest are followed until then.
fn search(mut points: Vec<Complex64>, differences: &[Vec<f64>]) -> Vec<Complex64> {
    let mut best = (0.0, points.clone());
    let fall = (STEP.1 / STEP.0).powf(1.0 / STEPS as f64);
    let mut step = STEP.0;
    let mut near: Vec<(&[f64], Complex64)> = Vec::new();
    for number in 0..STEPS {
        if number % REFRESH == 0 {
            let least = smallest(&points, differences);
            if least > best.0 {
                best = (least, points.clone());
            }
            let reach = 1.5 * least.sqrt() + 8.0 * step;
            let soon = |difference: &&Vec<f64>| sum(&points, difference).norm_sqr() <= reach * reach;
            near.clear();
            near.extend(differences.iter().filter(soon).map(|d| (&d[..], Complex64::default())));
        }
        let mut least = f64::INFINITY;
        for (difference, distance) in &mut near {
            *distance = sum(&points, difference);
            least = least.min(distance.norm_sqr());
        }
        let smoothing = 0.2 * step;
        let mut gradient = vec![Complex64::default(); points.len()];
        for (difference, distance) in &near {
            let over = (distance.norm_sqr() - least) / smoothing;
            if over < NEGLIGIBLE {
                let weight = (-over).exp();
                gradient.iter_mut().zip(*difference).for_each(|(g, n)| *g += distance * (n * weight));
            }
        }
        let norm = gradient.iter().map(Complex64::norm_sqr).sum::<f64>().sqrt();
        if norm > 0.0 {
            points.iter_mut().zip(&gradient).for_each(|(point, g)| *point += g * (step / norm));
        }
        normalise(&mut points);
        step *= fall;
    }
    if smallest(&points, differences) > best.0 { points } else { best.1 }
}
