//! The loops of filters: sums over taps for groups of outputs that are kept in registers.

use super::Split;
use airloop_baseband::Complex32;
use multiversion::multiversion;

/// Samples in a vector.
pub(super) const LANES: usize = 16;

/// Vectors whose sums are kept in registers.
const VECTORS: usize = 4;

/// Samples whose sums are kept in registers.
pub(super) const GROUP: usize = VECTORS * LANES;

/// Real and imaginary parts of sums.
type Sums<const V: usize> = [([f32; LANES], [f32; LANES]); V];

/// Sums the kernels times their paths' gains, for all instants.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw", "x86_64+avx2", "aarch64+neon"))]
pub(super) fn combine<'a>(
    kernels: impl Iterator<Item = &'a [(usize, f32)]>,
    nodes: usize,
    paths: &Split,
    out: &mut [f32],
) {
    for (kernel, out) in kernels.zip(out.chunks_exact_mut(4 * nodes)) {
        let (out_re, out_im) = out[..2 * nodes].split_at_mut(nodes);
        let chunks = out_re.as_chunks_mut::<LANES>().0.iter_mut().zip(out_im.as_chunks_mut::<LANES>().0);
        for (chunk, (out_re, out_im)) in chunks.enumerate() {
            let (mut re, mut im) = ([0.0f32; LANES], [0.0f32; LANES]);
            for (path, k) in kernel {
                let at = path * nodes + chunk * LANES;
                let (path_re, path_im) = (&paths.re[at..at + LANES], &paths.im[at..at + LANES]);
                for l in 0..LANES {
                    re[l] += path_re[l] * k;
                    im[l] += path_im[l] * k;
                }
            }
            (*out_re, *out_im) = (re, im);
        }
    }
}

/// Fills in each tap's change a sample from one instant to the next.
pub(super) fn slopes(nodes: usize, rate: f32, taps: &mut [f32]) {
    for row in taps.chunks_exact_mut(4 * nodes) {
        let (values, slopes) = row.split_at_mut(2 * nodes);
        for (values, slopes) in values.chunks_exact(nodes).zip(slopes.chunks_exact_mut(nodes)) {
            for (slope, pair) in slopes.iter_mut().zip(values.windows(2)) {
                *slope = (pair[1] - pair[0]) * rate;
            }
        }
    }
}

/// Filters with taps that stay as they are.
///
/// `places` holds where each tap's input for the first output lies, `taps` its value at the beginning of rows of `4 nodes`.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw+fma", "x86_64+avx2+fma", "aarch64+neon"))]
pub(super) fn filter_static(
    places: &[usize],
    (nodes, taps): (usize, &[f32]),
    signal: &Split,
    out: &mut [Complex32],
) {
    for (c, out) in out.chunks_mut(GROUP).enumerate() {
        let mut sum: Sums<VECTORS> = [([0.0f32; LANES], [0.0f32; LANES]); VECTORS];
        for (place, tap) in places.iter().zip(taps.chunks_exact(4 * nodes)) {
            let (re, im) = ([tap[0]; LANES], [tap[nodes]; LANES]);
            let (x, y) = vectors::<VECTORS>(signal, place + c * GROUP);
            for ((sum, x), y) in sum.iter_mut().zip(x).zip(y) {
                add_product((&re, &im), (x, y), sum);
            }
        }
        add(&sum, 0, out);
    }
}

/// Where a stretch of output lies.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// Instants in a row of taps.
    pub nodes: usize,
    /// The taps' instant before the stretch.
    pub node: usize,
    /// Samples from that instant to the stretch.
    pub ramp: usize,
    /// First sample of the stretch in the burst.
    pub begin: usize,
    /// Whether a whole number of groups lies between two instants.
    pub whole_groups: bool,
}

/// Filters a stretch between two instants with taps that change linearly: `c_d(n) = tap_d + n slope_d`.
///
/// What is computed for a sample does not depend on where a stretch begins or ends: groups lie at whole multiples of their
/// length after the instant, and one that is cut is computed in full.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw+fma", "x86_64+avx2+fma", "aarch64+neon"))]
pub(super) fn filter_moving(
    place: Place,
    (places, taps): (&[usize], &[f32]),
    signal: &Split,
    out: &mut [Complex32],
) {
    if place.whole_groups {
        groups::<VECTORS>(place, (places, taps), signal, out);
    } else {
        groups::<1>(place, (places, taps), signal, out);
    }
}

#[inline(always)]
fn groups<const V: usize>(
    place: Place,
    (places, taps): (&[usize], &[f32]),
    signal: &Split,
    out: &mut [Complex32],
) {
    let Place { nodes, node, ramp, begin, .. } = place;
    let mut done = 0;
    while done < out.len() {
        let since = ramp + done;
        let cut = since % (V * LANES);
        let end = (done + V * LANES - cut).min(out.len());
        // The signal begins a group early, so that a group that began before the stretch can be computed in full.
        let at = (begin + done) as isize - cut as isize;
        let sum = group::<V>((nodes, node), (at, since - cut), (places, taps), signal);
        add(&sum, cut, &mut out[done..end]);
        done = end;
    }
}

/// Filters `V` vectors.
#[inline(always)]
fn group<const V: usize>(
    (nodes, node): (usize, usize),
    (at, since): (isize, usize),
    (places, taps): (&[usize], &[f32]),
    signal: &Split,
) -> Sums<V> {
    let mut ramp = [0.0f32; LANES];
    for (l, ramp) in ramp.iter_mut().enumerate() {
        *ramp = (since + l) as f32;
    }
    let mut sum = [([0.0f32; LANES], [0.0f32; LANES]); V];
    for (place, tap) in places.iter().zip(taps.chunks_exact(4 * nodes)) {
        let (re, im) = (tap[node], tap[nodes + node]);
        let (slope_re, slope_im) = (tap[2 * nodes + node], tap[3 * nodes + node]);
        let (step_re, step_im) = (slope_re * LANES as f32, slope_im * LANES as f32);
        let (mut now_re, mut now_im) = ([0.0f32; LANES], [0.0f32; LANES]);
        for l in 0..LANES {
            now_re[l] = ramp[l].mul_add(slope_re, re);
            now_im[l] = ramp[l].mul_add(slope_im, im);
        }
        let (x, y) = vectors::<V>(signal, place.wrapping_add_signed(at));
        for ((sum, x), y) in sum.iter_mut().zip(x).zip(y) {
            add_product((&now_re, &now_im), (x, y), sum);
            for l in 0..LANES {
                now_re[l] += step_re;
                now_im[l] += step_im;
            }
        }
    }
    sum
}

/// Returns the real and imaginary parts of `V` vectors of the signal.
#[inline(always)]
fn vectors<const V: usize>(signal: &Split, at: usize) -> (&[[f32; LANES]], &[[f32; LANES]]) {
    let range = at..at + V * LANES;
    (signal.re[range.clone()].as_chunks().0, signal.im[range].as_chunks().0)
}

/// Adds taps times samples to a sum: `sum[l] += tap[l] x[l]`.
#[inline(always)]
fn add_product(
    (re, im): (&[f32; LANES], &[f32; LANES]),
    (x, y): (&[f32; LANES], &[f32; LANES]),
    sum: &mut ([f32; LANES], [f32; LANES]),
) {
    for l in 0..LANES {
        sum.0[l] = (-im[l]).mul_add(y[l], re[l].mul_add(x[l], sum.0[l]));
        sum.1[l] = im[l].mul_add(x[l], re[l].mul_add(y[l], sum.1[l]));
    }
}

/// Adds vectors of sums, of which the first `cut` samples are left out, to the output, which may end within them.
#[inline(always)]
fn add<const V: usize>(sum: &Sums<V>, cut: usize, out: &mut [Complex32]) {
    if cut == 0 && out.len() == V * LANES {
        for (sum, out) in sum.iter().zip(out.as_chunks_mut::<LANES>().0) {
            for ((out, re), im) in out.iter_mut().zip(sum.0).zip(sum.1) {
                out.re += re;
                out.im += im;
            }
        }
    } else {
        for (i, out) in out.iter_mut().enumerate() {
            let (v, l) = ((cut + i) / LANES, (cut + i) % LANES);
            *out += Complex32::new(sum[v].0[l], sum[v].1[l]);
        }
    }
}
