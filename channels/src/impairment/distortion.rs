//! What memoryless distortion makes of Gaussian samples: a linear gain, and distortion with a spectrum of its own.

use airloop_baseband::Complex64;
use std::f64::consts::TAU;

/// Orders of an expansion that are kept one by one.
const ORDERS: usize = 24;

/// Steps and end of the integral over the envelope of unit-power samples.
const STEPS: usize = 8192;
const LARGEST_ENVELOPE: f64 = 8.0;

/// The used subcarriers of an OFDM signal, as the autocorrelation of its samples.
///
/// ```text
/// rho[n] = 1/U sum over used k of exp(j 2 pi k n / N),   n = 0 .. N - 1
/// ```
///
/// Within the window of a transform, independent Gaussian values of equal power on the used subcarriers are a stationary process
/// with exactly this circular autocorrelation.
#[derive(Clone, Debug)]
pub struct OccupiedBand {
    used: usize,
    mirrored_share: f64,
    direct: bool,
    autocorrelation: Vec<Complex64>,
}

impl OccupiedBand {
    /// Makes the band of used subcarriers, counted from the carrier either way, of a transform of `fft_size` points.
    ///
    /// # Panics
    /// When there are no subcarriers.
    pub fn new(fft_size: usize, subcarriers: &[i64]) -> Self {
        assert!(!subcarriers.is_empty(), "a band without subcarriers");
        let size = fft_size as i64;
        let mut used = vec![false; fft_size];
        subcarriers.iter().for_each(|k| used[k.rem_euclid(size) as usize] = true);
        let bins: Vec<usize> = (0..fft_size).filter(|bin| used[*bin]).collect();
        let roots: Vec<Complex64> =
            (0..fft_size).map(|i| Complex64::cis(TAU * i as f64 / fft_size as f64)).collect();
        let at = |n: usize| {
            let sum: Complex64 = bins.iter().map(|bin| roots[bin * n % fft_size]).sum();
            sum / bins.len() as f64
        };
        let mirrored = bins.iter().filter(|bin| used[(fft_size - **bin) % fft_size]).count();
        Self {
            used: bins.len(),
            mirrored_share: mirrored as f64 / bins.len() as f64,
            direct: used[0],
            autocorrelation: (0..fft_size).map(at).collect(),
        }
    }

    /// Makes the band that uses all subcarriers: every distortion of it is in band.
    pub fn full(fft_size: usize) -> Self {
        Self::new(fft_size, &(0..fft_size as i64).collect::<Vec<_>>())
    }

    /// Returns the share of the subcarriers that is used, which is that of white noise that falls on them.
    pub fn white_share(&self) -> f64 {
        self.used as f64 / self.autocorrelation.len() as f64
    }

    /// Returns the share of the used subcarriers whose mirror image about the carrier is used too.
    pub fn mirrored_share(&self) -> f64 {
        self.mirrored_share
    }

    /// Returns whether the subcarrier on the carrier is used.
    pub fn uses_carrier(&self) -> bool {
        self.direct
    }

    /// Returns the error on the used subcarriers over the signal's power when samples are multiplied by `1 + g`, `g` small or
    /// not, by the correlations `E[g[n] g*[m]]` of which the real parts are given.
    ///
    /// ```text
    /// U/N^2 sum over n and m of |rho[n - m]|^2 E[g[n] g*[m]]
    /// ```
    pub(super) fn multiplied(&self, correlation: impl Fn(usize, usize) -> f64) -> f64 {
        let size = self.size();
        let row = |n: usize| {
            let term = |m: usize| self.autocorrelation[n.abs_diff(m)].norm_sqr() * correlation(n, m);
            (0..size).map(term).sum::<f64>()
        };
        (0..size).map(row).sum::<f64>() * self.white_share() / size as f64
    }

    /// Returns the points of the transform.
    pub fn size(&self) -> usize {
        self.autocorrelation.len()
    }

    /// Returns the share of a part of the distortion that falls on the used subcarriers.
    ///
    /// ```text
    /// envelope of order m:       R_d = rho |rho|^(2 m),                   share = U/N sum |rho|^(2 m + 2)
    /// components of order k:     R_d = (Re rho)^k + j (Im rho)^k,         share = U/N sum (Re rho)^(k+1) + (Im rho)^(k+1)
    /// ```
    fn share(&self, expansion: Expansion, order: usize) -> f64 {
        let sum: f64 = match expansion {
            Expansion::Envelope => {
                self.autocorrelation.iter().map(|r| r.norm_sqr().powi(order as i32 + 1)).sum()
            }
            Expansion::Components => {
                let power = order as i32 + 1;
                self.autocorrelation.iter().map(|r| r.re.powi(power) + r.im.powi(power)).sum()
            }
        };
        sum * self.white_share()
    }
}

/// By which polynomials a distortion is expanded.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Expansion {
    /// Of the envelope: Laguerre polynomials, part `i` of order `i + 1`.
    Envelope,
    /// Of real and imaginary part: Hermite polynomials, part `i` of order `2 i + 3`.
    Components,
}

impl Expansion {
    fn order(self, part: usize) -> usize {
        match self {
            Self::Envelope => part + 1,
            Self::Components => 2 * part + 3,
        }
    }

    /// Returns the order that stands for all that are not computed: fine steps are of far higher orders than smooth curves.
    fn beyond(self) -> usize {
        match self {
            Self::Envelope => 2 * ORDERS,
            Self::Components => 1001,
        }
    }
}

/// A memoryless distortion of circular complex Gaussian samples, split by Bussgang's theorem.
///
/// ```text
/// y = gain x + d,   E[d x*] = 0,   power = E|d|^2 / E|x|^2
/// ```
///
/// The power of `d` is known by orders of Laguerre or Hermite polynomials, each with a spectrum of its own (Price's theorem), so
/// that [`Distortion::in_band`] says how much of it the used subcarriers of a grid see. The first orders are exact; what
/// little a smooth curve has beyond its first 24 is taken at order 48, what fine steps have beyond 31 at order 1001, where it is
/// all but white.
/// Sources: Bussgang, MIT RLE report 216, 1952; Price, IRE Trans. Inform. Theory 4(2), 1958.
#[derive(Clone, Debug)]
pub struct Distortion {
    /// Linear gain.
    pub gain: Complex64,
    /// Power of the uncorrelated distortion over that of the input.
    pub power: f64,
    expansion: Expansion,
    parts: Vec<f64>,
}

impl Distortion {
    /// Returns what `y = x f(|x|)` does to Gaussian samples of unit mean power, by an integral over the envelope `r`.
    ///
    /// ```text
    /// gain    = integral of f(r) r^2 2 r exp(-r^2),      power = integral of |f(r) - gain|^2 r^2 2 r exp(-r^2)
    /// part m  = |integral of f(r) r^2 L_m^(1)(r^2) 2 r exp(-r^2)|^2 / (m + 1)
    /// ```
    pub(super) fn of_envelope(f: impl Fn(f64) -> Complex64) -> Self {
        let step = LARGEST_ENVELOPE / STEPS as f64;
        let points: Vec<(f64, f64, Complex64)> = (0..STEPS)
            .map(|i| {
                let r = (i as f64 + 0.5) * step;
                (r * r, 2.0 * r * r * r * (-r * r).exp() * step, f(r))
            })
            .collect();
        let gain: Complex64 = points.iter().map(|(_, weight, f)| f * weight).sum();
        let power = points.iter().map(|(_, weight, f)| (f - gain).norm_sqr() * weight).sum();
        let mut sums = [Complex64::default(); ORDERS];
        for (t, weight, f) in points {
            let (mut previous, mut polynomial) = (1.0, 2.0 - t);
            for (index, sum) in sums.iter_mut().enumerate() {
                *sum += f * (weight * polynomial);
                let m = index as f64 + 1.0;
                let next = ((2.0 * m + 2.0 - t) * polynomial - (m + 1.0) * previous) / (m + 1.0);
                (previous, polynomial) = (polynomial, next);
            }
        }
        let part = |(index, sum): (usize, &Complex64)| sum.norm_sqr() / (index as f64 + 2.0);
        let parts = sums.iter().enumerate().map(part).collect();
        Self { gain, power, expansion: Expansion::Envelope, parts }
    }

    /// Makes the distortion of real and imaginary part, each by itself; `parts` are those of orders 3, 5, 7, ...
    pub(super) fn of_components(gain: f64, power: f64, parts: Vec<f64>) -> Self {
        Self { gain: gain.into(), power, expansion: Expansion::Components, parts }
    }

    /// Returns the distortion after the linear gain is divided out.
    #[must_use]
    pub fn calibrated(mut self) -> Self {
        let scale = 1.0 / self.gain.norm_sqr();
        self.gain = Complex64::ONE;
        self.power *= scale;
        self.parts.iter_mut().for_each(|part| *part *= scale);
        self
    }

    /// Returns the power of the linear part over that of the distortion.
    pub fn signal_to_distortion(&self) -> f64 {
        self.gain.norm_sqr() / self.power
    }

    /// Returns the error `E|y - x|^2 / E|x|^2` over the whole sample rate: what a fully loaded grid sees.
    pub fn error_vector_power(&self) -> f64 {
        (self.gain - 1.0).norm_sqr() + self.power
    }

    /// Returns the share of the distortion that falls on the used subcarriers.
    pub fn in_band_share(&self, band: &OccupiedBand) -> f64 {
        if self.power == 0.0 {
            return 0.0;
        }
        let known =
            |(part, power): (usize, &f64)| power * band.share(self.expansion, self.expansion.order(part));
        let sum: f64 = self.parts.iter().enumerate().map(known).sum();
        let rest = (self.power - self.parts.iter().sum::<f64>()).max(0.0);
        (sum + rest * band.share(self.expansion, self.expansion.beyond())) / self.power
    }

    /// Returns the error on the used subcarriers, over the signal's power.
    pub fn in_band(&self, band: &OccupiedBand) -> f64 {
        (self.gain - 1.0).norm_sqr() + self.power * self.in_band_share(band)
    }
}

/// Returns the linear gain of `y = x f(|x|)` for Gaussian samples of unit mean power, as [`Distortion::of_envelope`] does, by a
/// number of steps.
///
/// 1024 steps are exact to 1e-9 for smooth curves and to 6e-6 of the gain for the soft limiter's corner; the corner of a clipped
/// power of 15 costs 1e-4 with them, and 2e-6 with 8192.
pub(super) fn linear_gain(f: impl Fn(f64) -> Complex64, steps: u32) -> Complex64 {
    let step = LARGEST_ENVELOPE / f64::from(steps);
    let point = |i: u32| {
        let r = (f64::from(i) + 0.5) * step;
        f(r) * (2.0 * r * r * r * (-r * r).exp() * step)
    };
    (0..steps).map(point).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_band_sees_all_and_a_narrow_one_what_falls_on_it() {
        let cubic = Distortion::of_envelope(|r| Complex64::from(1.0 - 0.05 * r * r));
        // x - a x |x|^2: gain 1 - 2 a, distortion 2 a^2, all of it of order 1.
        assert!((cubic.gain.re - 0.9).abs() < 1e-9 && (cubic.power - 0.005).abs() < 1e-9, "{cubic:?}");
        assert!((cubic.in_band_share(&OccupiedBand::full(64)) - 1.0).abs() < 1e-9);
        // By counting: the share of triples i + j - k of used subcarriers that are used.
        let (fft_size, used) = (64i64, [-3i64, -2, -1, 1, 2, 3]);
        let inside = |bin: i64| used.contains(&((bin + fft_size / 2).rem_euclid(fft_size) - fft_size / 2));
        let mut count = 0;
        for i in used {
            for j in used {
                count += used.iter().filter(|k| inside(i + j - **k)).count();
            }
        }
        let share = count as f64 / 216.0;
        let found = cubic.in_band_share(&OccupiedBand::new(64, &used));
        assert!((found - share).abs() < 1e-6 && share < 0.8, "{found} {share}");
    }
}
