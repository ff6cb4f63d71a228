//! A receive beam that serves its weakest device best.

use airloop_baseband::Complex64;

/// Share by which a step must raise the weakest gain for another to follow.
const LEAST_GAIN: f64 = 1e-7;

/// Share of its square by which the shortest vector of a hull may be longer than found.
const HULL_GAP: f64 = 1e-9;

/// Most steps of the outer ascent.
const MAX_STEPS: usize = 60;

/// Returns the gain of the weakest device under a beam, `min_k |f^H h_k|^2 / ||f||^2`; infinite without devices.
pub fn weakest_gain(channels: &[&[Complex64]], beam: &[Complex64]) -> f64 {
    let norm = energy(beam);
    channels.iter().map(|h| inner(h, beam).norm_sqr() / norm).fold(f64::INFINITY, f64::min)
}

/// Returns the largest gain that a beam can give the weaker of two devices.
///
/// ```text
/// max_f min_k |f^H h_k|^2 = n_1                                    if n_1 <= r
///                           (n_1 n_2 - r^2) / (n_1 + n_2 - 2 r)    else
/// ```
///
/// with `n_k = ||h_k||^2`, `n_1 <= n_2`, `r = |h_1^H h_2|`, over beams of unit norm.
pub fn two_device_gain(first: &[Complex64], second: &[Complex64]) -> f64 {
    let (a, b) = (energy(first), energy(second));
    let (weak, strong) = (a.min(b), a.max(b));
    let overlap = inner(first, second).norm();
    if weak <= overlap { weak } else { (weak * strong - overlap * overlap) / (weak + strong - 2.0 * overlap) }
}

/// Returns a beam of unit norm that raises the weakest device's gain from that of `start` to a local maximum.
///
/// Devices are turned to the phase at which the beam hears them, `a_k = h_k e^(j arg(h_k^H f))`. Among beams the best for
/// `min_k Re(a_k^H f)` is the direction of the shortest vector in the convex hull of the `a_k`, found by moving weight from the
/// device farthest along it to the nearest (pairwise Frank-Wolfe steps). Turned anew, the weakest gain never falls. It is exact
/// for two devices ([`two_device_gain`]) and for channels in phase; else a heuristic: what it reaches depends on `start`.
///
/// `channels` hold one vector a device, all of `start`'s length.
pub fn max_min_beam(channels: &[&[Complex64]], start: &[Complex64]) -> Vec<Complex64> {
    let mut beam = unit(start.to_vec());
    let mut reached = weakest_gain(channels, &beam);
    if channels.is_empty() {
        return beam;
    }
    let mut weight = Vec::new();
    for _ in 0..MAX_STEPS {
        let turned: Vec<Vec<Complex64>> = channels.iter().map(|h| turned(h, &beam)).collect();
        let Some(next) = nearest_direction(&turned, &mut weight) else { break };
        let gain = weakest_gain(channels, &next);
        if gain <= reached {
            break;
        }
        let more = gain > reached * (1.0 + LEAST_GAIN);
        (beam, reached) = (next, gain);
        if !more {
            break;
        }
    }
    beam
}

/// Returns a channel turned so that the beam hears it at phase 0.
fn turned(channel: &[Complex64], beam: &[Complex64]) -> Vec<Complex64> {
    let heard = inner(channel, beam);
    let size = heard.norm();
    let phase = if size > 0.0 { heard / size } else { Complex64::new(1.0, 0.0) };
    channel.iter().map(|h| h * phase).collect()
}

/// Returns the direction of the shortest vector in the convex hull of real-valued inner products; `None` where it is 0. `weight`
/// has the convex weights of a hull much like it, and is left with those of this one.
fn nearest_direction(vectors: &[Vec<Complex64>], weight: &mut Vec<f64>) -> Option<Vec<Complex64>> {
    let count = vectors.len();
    let mut gram = vec![0.0; count * count];
    for i in 0..count {
        for j in 0..=i {
            let product = inner(&vectors[i], &vectors[j]).re;
            (gram[i * count + j], gram[j * count + i]) = (product, product);
        }
    }
    hull_weights(&gram, count, weight);
    let mut sum = vec![Complex64::default(); vectors[0].len()];
    for (vector, weight) in vectors.iter().zip(&*weight) {
        sum.iter_mut().zip(vector).for_each(|(s, v)| *s += v * *weight);
    }
    let scale = (0..count).map(|k| gram[k * count + k]).fold(0.0, f64::max);
    (energy(&sum) > 1e-24 * scale).then(|| unit(sum))
}

/// Writes the convex weights of the shortest vector, by its Gram matrix; the search begins at those that are there, if any.
fn hull_weights(gram: &[f64], count: usize, weight: &mut Vec<f64>) {
    let shortest = (0..count).min_by(|a, b| gram[a * count + a].total_cmp(&gram[b * count + b])).unwrap_or(0);
    if weight.len() != count {
        weight.clear();
        weight.resize(count, 0.0);
        weight[shortest] = 1.0;
    }
    let row = |k: usize| gram[k * count..(k + 1) * count].iter().zip(&*weight).map(|(g, w)| g * w).sum();
    let mut along: Vec<f64> = (0..count).map(row).collect();
    for _ in 0..200 + 40 * count {
        let (mut near, mut far) = (0, shortest);
        let mut farthest = f64::NEG_INFINITY;
        for k in 0..count {
            if along[k] < along[near] {
                near = k;
            }
            if weight[k] > 0.0 && along[k] > farthest {
                (far, farthest) = (k, along[k]);
            }
        }
        let squared: f64 = weight.iter().zip(&along).map(|(w, a)| w * a).sum();
        let slope = along[far] - along[near];
        if squared - along[near] <= HULL_GAP * squared.abs() || slope <= 0.0 {
            break;
        }
        let (row_near, row_far) = (&gram[near * count..][..count], &gram[far * count..][..count]);
        let curvature = row_near[near] + row_far[far] - 2.0 * row_near[far];
        let step = if curvature > 0.0 { (slope / curvature).min(weight[far]) } else { weight[far] };
        weight[near] += step;
        weight[far] = (weight[far] - step).max(0.0);
        for (a, (n, f)) in along.iter_mut().zip(row_near.iter().zip(row_far)) {
            *a += step * (n - f);
        }
    }
}

/// Returns `a^H b`.
pub(crate) fn inner(a: &[Complex64], b: &[Complex64]) -> Complex64 {
    a.iter().zip(b).map(|(x, y)| x.conj() * y).sum()
}

/// Returns `||a||^2`.
pub(crate) fn energy(a: &[Complex64]) -> f64 {
    a.iter().map(|x| x.norm_sqr()).sum()
}

/// Returns a vector at unit norm; the first axis where it is 0.
pub(crate) fn unit(mut a: Vec<Complex64>) -> Vec<Complex64> {
    let norm = energy(&a).sqrt();
    if norm > 0.0 {
        a.iter_mut().for_each(|x| *x /= norm);
    } else if let Some(first) = a.first_mut() {
        *first = Complex64::new(1.0, 0.0);
    }
    a
}
