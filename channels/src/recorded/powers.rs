//! Mean powers of recorded gains over links and instants, by the products of their paths.

use super::grid::Kernel;
use super::responses::Extent;
use airloop_baseband::{Complex32, Complex64, Purpose, Seeds};
use multiversion::multiversion;
use std::f64::consts::TAU;
use std::ops::Range;

/// Instants of a drop up to which all are taken; of more, one at random in each of so many equal stretches.
const INSTANTS: usize = 1 << 14;

/// Products summed side by side, and how many are summed in single precision.
const LANES: usize = 16;
const BLOCK: usize = 256;

/// The gains of one link at the chosen instants: real and imaginary parts, path after path.
struct Rows {
    instants: Vec<usize>,
    re: Vec<f32>,
    im: Vec<f32>,
}

impl Rows {
    fn new(extent: &Extent) -> Self {
        let drawn = Seeds::new(0).stream(Purpose::Fading, 0, 0);
        let (times, count) = (extent.times, extent.times.min(INSTANTS));
        let within = |i: usize| {
            let place = i as f64 + if times > count { drawn.uniform(i as u64) } else { 0.0 };
            ((place * times as f64 / count as f64) as usize).min(times - 1)
        };
        let values = vec![0.0; count * extent.paths];
        Self { instants: (0..count).map(within).collect(), re: values.clone(), im: values }
    }

    fn gather(&mut self, link: &[Complex32], times: usize, scale: f32) {
        let count = self.instants.len();
        let rows = self.re.chunks_exact_mut(count).zip(self.im.chunks_exact_mut(count));
        for (path, (re, im)) in link.chunks_exact(times).zip(rows) {
            for ((re, im), i) in re.iter_mut().zip(im).zip(&self.instants) {
                (*re, *im) = (path[*i].re * scale, path[*i].im * scale);
            }
        }
    }

    fn path(&self, path: usize) -> (&[f32], &[f32]) {
        let row: Range<usize> = path * self.instants.len()..(path + 1) * self.instants.len();
        (&self.re[row.clone()], &self.im[row])
    }
}

/// Mean products of the paths of a device in a drop.
///
/// ```text
/// G_pq = mean over links and instants of a_p a_q^*,   q <= p
/// ```
pub(super) struct Products {
    /// The lower triangle, row after row.
    products: Vec<Complex64>,
}

impl Products {
    /// Returns the products of the gains `[link, path, time]`.
    pub fn of(gains: &[Complex32], extent: &Extent) -> Self {
        let (paths, times) = (extent.paths, extent.times);
        let mut products = vec![Complex64::default(); paths * (paths + 1) / 2];
        // Weak gains are looked at near 1, so that their squares keep their digits.
        let largest = gains.iter().map(|a| a.norm()).fold(0.0f32, f32::max);
        if largest == 0.0 {
            return Self { products };
        }
        let mut rows = Rows::new(extent);
        for link in gains.chunks_exact(paths * times) {
            rows.gather(link, times, 1.0 / largest);
            let mut at = 0;
            for p in 0..paths {
                for q in 0..=p {
                    products[at] += product(rows.path(p), rows.path(q));
                    at += 1;
                }
            }
        }
        let scale = f64::from(largest).powi(2) / (rows.instants.len() * extent.links()) as f64;
        products.iter_mut().for_each(|z| *z *= scale);
        Self { products }
    }

    /// Returns the sum over all pairs of paths of the real part of their product times a weight, `weight(p, q)` that of `p >= q`
    /// and its conjugate that of the pair the other way round.
    fn weighed(&self, weight: impl Fn(usize, usize) -> Complex64) -> f64 {
        let (mut sum, mut p, mut q) = (0.0, 0, 0);
        for product in &self.products {
            let both = (product * weight(p, q)).re;
            if q == p {
                sum += both;
                (p, q) = (p + 1, 0);
            } else {
                sum += 2.0 * both;
                q += 1;
            }
        }
        sum
    }

    /// Returns the mean of `|sum_p a_p exp(-j 2 pi f tau_p)|^2` over the frequencies of a band.
    pub fn over_band(&self, band: &Band) -> f64 {
        self.weighed(|p, q| band.coherence[p * (p + 1) / 2 + q])
    }

    /// Adds the mean powers of the taps that paths become.
    pub fn on_taps(&self, kernels: &[Kernel], powers: &mut [f64]) {
        for (p, a) in kernels.iter().enumerate() {
            for (q, b) in kernels[..=p].iter().enumerate() {
                let both = if p == q { 1.0 } else { 2.0 };
                let product = both * self.products[p * (p + 1) / 2 + q].re;
                let (begin, end) =
                    (a.first.max(b.first), (a.first + a.taps.len()).min(b.first + b.taps.len()));
                if begin < end {
                    let pairs = a.taps[begin - a.first..].iter().zip(&b.taps[begin - b.first..]);
                    powers[begin..end]
                        .iter_mut()
                        .zip(pairs)
                        .for_each(|(sum, (a, b))| *sum += product * f64::from(*a) * f64::from(*b));
                }
            }
        }
    }
}

/// How paths of given delays add up over a band.
///
/// ```text
/// S_pq = mean over f of exp(-j 2 pi f (tau_p - tau_q)),   q <= p
/// ```
pub(super) struct Band {
    delays_s: Vec<f64>,
    coherence: Vec<Complex64>,
}

impl Band {
    /// Prepares a band for delays in seconds, which may be no numbers where paths are absent.
    pub fn new(delays_s: &[f64], frequencies_hz: &[f64]) -> Self {
        let count = frequencies_hz.len();
        let (mut re, mut im) = (Vec::new(), Vec::new());
        for delay_s in delays_s.iter().map(|d| if d.is_nan() { 0.0 } else { *d }) {
            for f in frequencies_hz {
                let (sin, cos) = (-TAU * f * delay_s).sin_cos();
                re.push(cos as f32);
                im.push(sin as f32);
            }
        }
        let row = |p: usize| (&re[p * count..(p + 1) * count], &im[p * count..(p + 1) * count]);
        let mut coherence = Vec::with_capacity(delays_s.len() * (delays_s.len() + 1) / 2);
        for p in 0..delays_s.len() {
            coherence.extend((0..=p).map(|q| product(row(p), row(q)) / count as f64));
        }
        Self { delays_s: delays_s.to_vec(), coherence }
    }

    /// Returns whether it was prepared for these delays.
    pub fn is_of(&self, delays_s: &[f64]) -> bool {
        self.delays_s.iter().zip(delays_s).all(|(a, b)| a.to_bits() == b.to_bits())
    }
}

/// Returns `sum of a b^*`.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw", "x86_64+avx2", "aarch64+neon"))]
fn product((a_re, a_im): (&[f32], &[f32]), (b_re, b_im): (&[f32], &[f32])) -> Complex64 {
    let mut sum = Complex64::default();
    let blocks = a_re.chunks(BLOCK).zip(a_im.chunks(BLOCK)).zip(b_re.chunks(BLOCK).zip(b_im.chunks(BLOCK)));
    for ((a_re, a_im), (b_re, b_im)) in blocks {
        let (mut re, mut im) = ([0.0f32; LANES], [0.0f32; LANES]);
        let whole = a_re.len() / LANES * LANES;
        for at in (0..whole).step_by(LANES) {
            for l in 0..LANES {
                let i = at + l;
                re[l] += a_re[i] * b_re[i] + a_im[i] * b_im[i];
                im[l] += a_im[i] * b_re[i] - a_re[i] * b_im[i];
            }
        }
        for i in whole..a_re.len() {
            re[i - whole] += a_re[i] * b_re[i] + a_im[i] * b_im[i];
            im[i - whole] += a_im[i] * b_re[i] - a_re[i] * b_im[i];
        }
        let total = |lanes: [f32; LANES]| lanes.iter().map(|x| f64::from(*x)).sum::<f64>();
        sum += Complex64::new(total(re), total(im));
    }
    sum
}
