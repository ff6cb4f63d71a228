//! Linear minimum mean square error estimation over the paths of a profile.
//!
//! ```text
//! y_s = F a(t_s) + n_s,   a_l zero-mean with power P_l and correlation rho_l(t - t'),   n of variance v
//! a_hat(t) = R_t alpha,   alpha = (G R + v I)^-1 z,   z = F^H y,   G = I x F^H F,   R = E[a a^H],   h_hat = F a_hat
//! ```
//!
//! The Wiener filter of all pilots at once, by the rank of the paths. Source: Kay, "Fundamentals of Statistical Signal
//! Processing: Estimation Theory", 1993, section 12.5 (in the form of the matrix inversion lemma).

use super::matrix::Matrix;
use airloop_baseband::special::bessel_j0;
use airloop_baseband::{Complex32, Complex64};
use airloop_channels::fading::LINE_OF_SIGHT_DOPPLER_SHARE;
use airloop_channels::{Fading, PathKind, Steering};

/// What a path's gain remembers: `E[a(t + lag) a(t)^*]`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PathMemory {
    power: f64,
    kind: PathKind,
    max_doppler_hz: f64,
}

impl PathMemory {
    /// Returns the memory of every path of a fading model.
    pub fn of(fading: &Fading) -> Vec<Self> {
        let max_doppler_hz = fading.max_doppler_hz();
        let paths = fading.profile().paths().iter();
        paths.map(|p| Self { power: p.power, kind: p.kind, max_doppler_hz }).collect()
    }

    /// Returns the path's power `P`.
    pub fn power(&self) -> f64 {
        self.power
    }

    /// Returns the autocorrelation: `P J0(2 pi f_D lag)`, or `P exp(j 2 pi 0.7 f_D lag)` in line of sight.
    pub fn correlation(&self, lag_s: f64) -> Complex64 {
        unit_correlation(self.kind, self.max_doppler_hz, lag_s) * self.power
    }
}

/// Returns the autocorrelation of a path of power 1.
fn unit_correlation(kind: PathKind, max_doppler_hz: f64, lag_s: f64) -> Complex64 {
    let turn = std::f64::consts::TAU * max_doppler_hz * lag_s;
    match kind {
        PathKind::Rayleigh => Complex64::from(bessel_j0(turn)),
        PathKind::LineOfSight => Complex64::cis(LINE_OF_SIGHT_DOPPLER_SHARE * turn),
    }
}

/// The estimator, prepared for a profile, pilot subcarriers and pilot instants.
#[derive(Clone, Debug)]
pub struct Mmse {
    memory: Vec<PathMemory>,
    /// `F` on the pilot subcarriers.
    steering: Steering,
    spacing: usize,
    /// Pilot instants after the first; a static channel has one, with averaged noise.
    instants_s: Vec<f64>,
    /// `(G R + v I)^-1`.
    inverse: Matrix,
    /// `F^H F`.
    overlap: Matrix,
    /// `(G R + v I)^-1 G`.
    gained: Matrix,
}

impl Mmse {
    /// Prepares the estimator; `instants_s` are the pilot symbols' centres after the first one's.
    ///
    /// Returns `None` when the equations are singular, which noise prevents.
    pub fn new(
        fading: &Fading,
        pilot_frequencies_hz: &[f64],
        spacing: usize,
        instants_s: &[f64],
        noise: f64,
    ) -> Option<Self> {
        let memory = PathMemory::of(fading);
        let delays: Vec<f64> = fading.profile().paths().iter().map(|p| p.delay_s).collect();
        let moving = fading.max_doppler_hz() > 0.0;
        let (instants_s, noise) =
            if moving { (instants_s.to_vec(), noise) } else { (vec![0.0], noise / instants_s.len() as f64) };
        let phasor = |delay: f64, f: f64| Complex64::cis(std::f64::consts::TAU * f * delay);
        let overlap = Matrix::from_fn(delays.len(), |l, m| {
            pilot_frequencies_hz.iter().map(|f| phasor(delays[l] - delays[m], *f)).sum()
        });
        let mut mmse = Self {
            memory,
            steering: Steering::new(&delays, pilot_frequencies_hz),
            spacing,
            instants_s,
            inverse: Matrix::from_fn(0, |_, _| Complex64::default()),
            gained: Matrix::from_fn(0, |_, _| Complex64::default()),
            overlap,
        };
        let (count, size) = (delays.len(), delays.len() * mmse.instants_s.len());
        // (G R)[(s, l), (s', m)] = sum_k [s = s''] overlap[l, k] R[(s, k), (s', m)], and R couples equal paths only.
        mmse.inverse = Matrix::from_fn(size, |row, column| {
            let ((s, l), (t, m)) = ((row / count, row % count), (column / count, column % count));
            let lag_s = mmse.instants_s[s] - mmse.instants_s[t];
            mmse.overlap.at(l, m) * mmse.memory[m].correlation(lag_s)
                + if row == column { Complex64::from(noise) } else { Complex64::default() }
        })
        .inverse()?;
        mmse.gained = Matrix::from_fn(size, |row, column| {
            let (s, m) = (column / count, column % count);
            (0..count).map(|l| mmse.inverse.at(row, s * count + l) * mmse.overlap.at(l, m)).sum()
        });
        Some(mmse)
    }

    /// Returns the number of paths.
    pub fn paths(&self) -> usize {
        self.memory.len()
    }

    /// Returns the number of instants that are told apart.
    pub fn instants(&self) -> usize {
        self.instants_s.len()
    }

    /// Writes `alpha` of every device, `[device, pilot instant, path]`, from pilot observations
    /// `[device, pilot symbol, used subcarrier]`.
    pub fn solve(&self, observed: &[Complex32], (used, symbols): (usize, usize), alpha: &mut Vec<Complex64>) {
        let pilots = used.div_ceil(self.spacing);
        let averaged = symbols / self.instants();
        let share = 1.0 / averaged as f32;
        let mut looks = Vec::with_capacity(observed.len() / used / averaged * pilots);
        for rows in observed.chunks_exact(averaged * used) {
            let mean = |k: usize| rows.iter().skip(k * self.spacing).step_by(used).sum::<Complex32>() * share;
            looks.extend((0..pilots).map(mean));
        }
        let mut z = vec![Complex32::default(); looks.len() / pilots * self.paths()];
        self.steering.project(&looks, &mut z);
        let z: Vec<Complex64> = z.iter().map(|z| Complex64::new(z.re.into(), z.im.into())).collect();
        alpha.clear();
        alpha.resize(z.len(), Complex64::default());
        let size = self.paths() * self.instants();
        for (z, alpha) in z.chunks_exact(size).zip(alpha.chunks_exact_mut(size)) {
            self.inverse.apply(z, alpha);
        }
    }

    /// Returns the kinds of path there are; all paths of a kind are remembered alike.
    fn kinds(&self) -> impl Iterator<Item = PathKind> + '_ {
        let kinds = [PathKind::Rayleigh, PathKind::LineOfSight];
        kinds.into_iter().filter(|kind| self.memory.iter().any(|m| m.kind == *kind))
    }

    /// Returns the number of parts of which every prediction is made: one for each pilot instant and kind of path.
    pub fn parts(&self) -> usize {
        self.instants() * self.kinds().count()
    }

    /// Appends the path gains of every part, `[part, path]`: `P_l alpha_l` of one instant and kind, 0 elsewhere.
    ///
    /// ```text
    /// a_hat(t) = sum_part weight_part(t) gains_part,   weight = J0(2 pi f_D (t - t_s)) or exp(j 2 pi 0.7 f_D (t - t_s))
    /// ```
    pub fn part_gains(&self, alpha: &[Complex64], gains: &mut Vec<Complex32>) {
        for alpha in alpha.chunks_exact(self.paths()) {
            for kind in self.kinds() {
                gains.extend(self.memory.iter().zip(alpha).map(|(memory, alpha)| {
                    let gain = if memory.kind == kind { alpha * memory.power } else { Complex64::default() };
                    Complex32::new(gain.re as f32, gain.im as f32)
                }));
            }
        }
    }

    /// Appends the weights of the parts at a lag after the first pilot instant.
    pub fn part_weights(&self, lag_s: f64, weights: &mut Vec<Complex32>) {
        let Some(max_doppler_hz) = self.memory.first().map(|m| m.max_doppler_hz) else { return };
        for instant_s in &self.instants_s {
            weights.extend(self.kinds().map(|kind| {
                let weight = unit_correlation(kind, max_doppler_hz, lag_s - instant_s);
                Complex32::new(weight.re as f32, weight.im as f32)
            }));
        }
    }

    /// Returns what the estimator makes of a line of sight: the mean path gains for a path of phase 0, times its
    /// amplitude; `None` without such a path.
    pub fn line_of_sight(&self, lag_s: f64) -> Option<Vec<Complex64>> {
        let (count, instants) = (self.paths(), self.instants());
        let path = self.memory.iter().position(|m| m.kind == PathKind::LineOfSight)?;
        let memory = &self.memory[path];
        let sent: Vec<Complex64> =
            self.instants_s.iter().map(|t| memory.correlation(*t) / memory.power.sqrt()).collect();
        let of = |l: usize| {
            let one = |s: usize| {
                let row = s * count + l;
                let gained: Complex64 =
                    sent.iter().enumerate().map(|(t, a)| self.gained.at(row, t * count + path) * a).sum();
                self.memory[l].correlation(lag_s - self.instants_s[s]) * gained
            };
            (0..instants).map(one).sum()
        };
        Some((0..count).map(of).collect())
    }

    /// Returns the covariance of the estimated path gains at a lag: `R_t (G R + v I)^-1 G R_t^H`, `[path, path]`.
    pub fn covariance(&self, lag_s: f64) -> Matrix {
        let (count, instants) = (self.paths(), self.instants());
        let reach: Vec<Complex64> = (0..instants * count)
            .map(|i| self.memory[i % count].correlation(lag_s - self.instants_s[i / count]))
            .collect();
        Matrix::from_fn(count, |l, m| {
            let mut sum = Complex64::default();
            for s in 0..instants {
                for t in 0..instants {
                    let (row, column) = (s * count + l, t * count + m);
                    sum += reach[row] * self.gained.at(row, column) * reach[column].conj();
                }
            }
            sum
        })
    }
}
