//! Interpolation over subcarriers: a window of observations for every subcarrier.

use super::pilots::Comb;
use super::planes::{LANES, vectorised};
use airloop_baseband::{Complex32, Complex64};

/// Coefficients that make the channel of every subcarrier of the observations around it.
///
/// Away from the edges of the band they depend on the place between two observations only, so that one pass over the
/// observations serves all subcarriers of the same place.
#[derive(Clone, Debug)]
pub struct FrequencyFilter {
    comb: Comb,
    subcarriers: usize,
    taps: usize,
    /// Coefficients of the places between observations, `[place, tap]`.
    inner: Vec<Complex32>,
    /// Coefficients of the subcarriers before the first inner one, `[subcarrier, tap]`.
    head: Vec<Complex32>,
    /// Coefficients of the subcarriers after the last inner one, `[subcarrier, tap]`.
    tail: Vec<Complex32>,
}

impl FrequencyFilter {
    /// Makes a filter; `solve` writes the coefficients of a subcarrier, given the index of the window's first observation.
    pub fn new(
        comb: Comb,
        subcarriers: usize,
        taps: usize,
        mut solve: impl FnMut(usize, usize, &mut [Complex64]),
    ) -> Self {
        let taps = taps.min(comb.count);
        let mut filter = Self { comb, subcarriers, taps, inner: vec![], head: vec![], tail: vec![] };
        let mut coefficients = vec![Complex64::default(); taps];
        let mut solved = |subcarrier: usize, start: usize, into: &mut Vec<Complex32>| {
            solve(subcarrier, start, &mut coefficients);
            into.extend(coefficients.iter().map(|c| Complex32::new(c.re as f32, c.im as f32)));
        };
        let (begin, end) = filter.inner_subcarriers();
        (0..begin).for_each(|k| solved(k, 0, &mut filter.head));
        if begin < end {
            (begin..begin + comb.spacing()).for_each(|k| solved(k, 0, &mut filter.inner));
        }
        (end..subcarriers).for_each(|k| solved(k, comb.count - taps, &mut filter.tail));
        filter
    }

    /// Returns the first inner subcarrier and the one after the last.
    fn inner_subcarriers(&self) -> (usize, usize) {
        let windows = self.comb.count - self.taps + 1;
        if windows == 1 {
            return (self.subcarriers, self.subcarriers);
        }
        let begin = self.comb.position((self.taps - 1) / 2);
        (begin, begin + windows * self.comb.spacing())
    }

    /// Returns the coefficients of a subcarrier and the index of the first observation that they are for.
    pub fn coefficients(&self, subcarrier: usize) -> (&[Complex32], usize) {
        let (begin, end) = self.inner_subcarriers();
        let (all, index, start) = if subcarrier < begin {
            (&self.head, subcarrier, 0)
        } else if subcarrier < end {
            let (window, place) =
                ((subcarrier - begin) / self.comb.spacing(), (subcarrier - begin) % self.comb.spacing());
            (&self.inner, place, window)
        } else {
            (&self.tail, subcarrier - end, self.comb.count - self.taps)
        };
        (&all[index * self.taps..(index + 1) * self.taps], start)
    }

    /// Makes one row of channels of a row of observations; both have padding for whole lanes.
    pub fn apply(&self, (z_re, z_im): (&[f32], &[f32]), (re, im): (&mut [f32], &mut [f32])) {
        let (begin, end) = self.inner_subcarriers();
        let last = self.comb.count - self.taps;
        edge(&self.head, (&z_re[..self.taps], &z_im[..self.taps]), (&mut re[..begin], &mut im[..begin]));
        if begin < end {
            let out = (&mut re[begin..end], &mut im[begin..end]);
            if self.comb.shared {
                inner::<4>(&self.inner, (z_re, z_im), out);
            } else {
                inner::<2>(&self.inner, (z_re, z_im), out);
            }
        }
        let z = (&z_re[last..last + self.taps], &z_im[last..last + self.taps]);
        edge(&self.tail, z, (&mut re[end..self.subcarriers], &mut im[end..self.subcarriers]));
    }
}

/// Makes subcarriers that share one window, each with coefficients of its own.
fn edge(coefficients: &[Complex32], (z_re, z_im): (&[f32], &[f32]), (re, im): (&mut [f32], &mut [f32])) {
    for ((re, im), row) in re.iter_mut().zip(im).zip(coefficients.chunks_exact(z_re.len())) {
        let z = z_re.iter().zip(z_im).map(|(re, im)| Complex32::new(*re, *im));
        let sum: Complex32 = row.iter().zip(z).map(|(a, z)| a * z).sum();
        (*re, *im) = (sum.re, sum.im);
    }
}

vectorised! {
    /// Makes the subcarriers of `S` places, window after window.
    fn inner<const S: usize>(coefficients: &[Complex32], z: (&[f32], &[f32]), out: (&mut [f32], &mut [f32])) {
        let taps = coefficients.len() / S;
        let wide = S * LANES;
        for (at, (re, im)) in out.0.chunks_mut(wide).zip(out.1.chunks_mut(wide)).enumerate() {
            let (mut sum_re, mut sum_im) = ([[0.0f32; LANES]; S], [[0.0f32; LANES]; S]);
            for tap in 0..taps {
                let from = at * LANES + tap;
                let x: &[f32; LANES] = z.0[from..from + LANES].try_into().expect("whole lanes");
                let y: &[f32; LANES] = z.1[from..from + LANES].try_into().expect("whole lanes");
                for place in 0..S {
                    let a = coefficients[place * taps + tap];
                    for l in 0..LANES {
                        sum_re[place][l] += a.re * x[l] - a.im * y[l];
                        sum_im[place][l] += a.re * y[l] + a.im * x[l];
                    }
                }
            }
            // Through arrays of known size, so that the sums stay in registers.
            let (mut wide_re, mut wide_im) = ([[0.0f32; S]; LANES], [[0.0f32; S]; LANES]);
            for l in 0..LANES {
                for place in 0..S {
                    wide_re[l][place] = sum_re[place][l];
                    wide_im[l][place] = sum_im[place][l];
                }
            }
            re.copy_from_slice(&wide_re.as_flattened()[..re.len()]);
            im.copy_from_slice(&wide_im.as_flattened()[..im.len()]);
        }
    }
}

/// Writes the coefficients of the straight line between two observations; the outermost ones hold beyond themselves.
pub fn linear(comb: Comb) -> impl FnMut(usize, usize, &mut [Complex64]) {
    move |subcarrier, start, coefficients| {
        coefficients[0] = Complex64::from(1.0);
        if let [first, second] = coefficients {
            let beyond = subcarrier as f64 - comb.position(start) as f64;
            let share = (beyond / comb.spacing() as f64).clamp(0.0, 1.0);
            (*first, *second) = ((1.0 - share).into(), share.into());
        }
    }
}
