//! Combining of receive antennas when the server knows all channels and devices know nothing.

use airloop_baseband::Complex64;
use airloop_baseband::linear::{factor, solve_factored};

/// How the server weighs its antennas.
///
/// ```text
/// y = G u + z,   G = [a_k h_k]: one column a device, a_k its amplitude, u_k of unit power and independent;   s_hat = w^H y
///
/// mrc            w = c m,  m = G 1,  c = Re(m^H G 1) / (|G^H m|^2 + s2 |m|^2)
/// zero-forcing   w = G (G^H G)^-1 1:  w^H G = 1^T, so every value is there in full
/// mmse           w = (G G^H + s2 I)^-1 G 1 = G (G^H G + s2 I)^-1 1:  least error of any linear combining
/// ```
///
/// `s2` is the noise power of an antenna. Sources: maximum-ratio, zero-forcing and linear MMSE reception, Tse, Viswanath,
/// *Fundamentals of Wireless Communication*, 2005, sections 3.3 and 8.3, here for the sum of the streams in place of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Combiner {
    /// Matched to the sum of the channels, scaled for least error.
    MaximumRatio,
    /// No value is changed by any other; as many antennas as devices are needed.
    ZeroForcing,
    /// Least mean square error.
    Mmse,
}

/// Working memory of a combiner's design.
#[derive(Clone, Debug, Default)]
pub struct CombinerDesign {
    matrix: Vec<Complex64>,
    sum: Vec<Complex64>,
    devices: Vec<Complex64>,
}

/// Share of the mean power of a column that keeps a singular system solvable.
const RIDGE: f64 = 1e-12;

impl CombinerDesign {
    /// Writes the weights `w` of the antennas for columns `G`, device after device; `noise` is the noise power of an antenna.
    ///
    /// Columns that depend on each other, as those of devices in one direction, cannot be told apart: zero-forcing then adds 1e-12 of
    /// their mean power to the diagonal of `G^H G`, and the noise says the rest.
    pub fn weights(&mut self, combiner: Combiner, columns: &[Complex64], noise: f64, out: &mut [Complex64]) {
        let antennas = out.len();
        self.sum.clear();
        self.sum.resize(antennas, Complex64::default());
        for column in columns.chunks_exact(antennas) {
            self.sum.iter_mut().zip(column).for_each(|(sum, g)| *sum += g);
        }
        match combiner {
            Combiner::MaximumRatio => self.maximum_ratio(columns, noise, out),
            Combiner::ZeroForcing => {
                let power: f64 = columns.iter().map(Complex64::norm_sqr).sum();
                let devices = columns.len() / antennas;
                self.among_devices(columns, RIDGE * power / devices as f64, out);
            }
            Combiner::Mmse => self.mmse(columns, noise, out),
        }
    }

    fn maximum_ratio(&mut self, columns: &[Complex64], noise: f64, out: &mut [Complex64]) {
        let (mut wanted, mut all) = (0.0, 0.0);
        for column in columns.chunks_exact(out.len()) {
            let effective: Complex64 = self.sum.iter().zip(column).map(|(m, g)| m.conj() * g).sum();
            wanted += effective.re;
            all += effective.norm_sqr();
        }
        let power: f64 = self.sum.iter().map(Complex64::norm_sqr).sum();
        let scale = if wanted > 0.0 { wanted / (all + noise * power) } else { 0.0 };
        out.iter_mut().zip(&self.sum).for_each(|(w, m)| *w = scale * m);
    }

    /// Solves among devices, with `ridge` on the diagonal.
    ///
    /// ```text
    /// w = G (G^H G + ridge I)^-1 1
    /// ```
    fn among_devices(&mut self, columns: &[Complex64], ridge: f64, out: &mut [Complex64]) {
        let antennas = out.len();
        let devices = columns.len() / antennas;
        self.devices.clear();
        self.devices.resize(devices, Complex64::from(1.0));
        self.matrix.clear();
        self.matrix.resize(devices * devices, Complex64::default());
        for (i, a) in columns.chunks_exact(antennas).enumerate() {
            for (j, b) in columns.chunks_exact(antennas).enumerate().take(i + 1) {
                self.matrix[i * devices + j] = a.iter().zip(b).map(|(a, b)| a.conj() * b).sum();
            }
            self.matrix[i * devices + i] += ridge;
        }
        let solvable = factor(devices, &mut self.matrix);
        if solvable {
            solve_factored(devices, &self.matrix, &mut self.devices);
        }
        out.fill(Complex64::default());
        for (x, column) in self.devices.iter().zip(columns.chunks_exact(antennas)).filter(|_| solvable) {
            out.iter_mut().zip(column).for_each(|(w, g)| *w += x * g);
        }
    }

    /// Solves among antennas, or among devices where they are fewer: both are the same weights.
    fn mmse(&mut self, columns: &[Complex64], noise: f64, out: &mut [Complex64]) {
        let antennas = out.len();
        let power: f64 = columns.iter().map(Complex64::norm_sqr).sum();
        let unknowns = antennas.min(columns.len() / antennas);
        // Without noise there may be more antennas than devices.
        let least = noise.max(RIDGE * power / unknowns as f64);
        if unknowns < antennas {
            return self.among_devices(columns, least, out);
        }
        self.matrix.clear();
        self.matrix.resize(antennas * antennas, Complex64::default());
        for column in columns.chunks_exact(antennas) {
            for (i, row) in self.matrix.chunks_exact_mut(antennas).enumerate() {
                row.iter_mut().zip(column).take(i + 1).for_each(|(r, g)| *r += column[i] * g.conj());
            }
        }
        (0..antennas).for_each(|i| self.matrix[i * antennas + i] += least);
        out.copy_from_slice(&self.sum);
        if factor(antennas, &mut self.matrix) {
            solve_factored(antennas, &self.matrix, out);
        } else {
            out.fill(Complex64::default());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(devices: usize, antennas: usize) -> Vec<Complex64> {
        let wave = |i: usize| Complex64::from_polar(0.3 + (1.7 * i as f64).sin().abs(), (i * i) as f64 * 0.9);
        (0..devices * antennas).map(wave).collect()
    }

    /// Error of an estimate of the sum of independent values: `sum_k |w^H g_k - 1|^2 + s2 |w|^2`.
    fn error(w: &[Complex64], columns: &[Complex64], noise: f64) -> f64 {
        let left = |g: &[Complex64]| -> Complex64 { w.iter().zip(g).map(|(w, g)| w.conj() * g).sum() };
        let misfit: f64 = columns.chunks_exact(w.len()).map(|g| (left(g) - 1.0).norm_sqr()).sum();
        misfit + noise * w.iter().map(Complex64::norm_sqr).sum::<f64>()
    }

    fn design(combiner: Combiner, columns: &[Complex64], antennas: usize, noise: f64) -> Vec<Complex64> {
        let mut w = vec![Complex64::default(); antennas];
        CombinerDesign::default().weights(combiner, columns, noise, &mut w);
        w
    }

    #[test]
    fn zero_forcing_leaves_noise_alone() {
        let g = columns(3, 5);
        let w = design(Combiner::ZeroForcing, &g, 5, 0.1);
        assert!(error(&w, &g, 0.0) < 1e-18, "{}", error(&w, &g, 0.0));
        // A control: other combiners do not.
        assert!(error(&design(Combiner::MaximumRatio, &g, 5, 0.1), &g, 0.0) > 0.01);
    }

    #[test]
    fn mmse_is_best_in_every_direction() {
        for (devices, antennas) in [(2, 1), (3, 5), (9, 4)] {
            let (g, noise) = (columns(devices, antennas), 0.2);
            let best = design(Combiner::Mmse, &g, antennas, noise);
            let least = error(&best, &g, noise);
            for step in 0..4 * antennas {
                let mut other = best.clone();
                other[step / 4] +=
                    Complex64::from_polar(1e-3, f64::from(step as u32 % 4) * std::f64::consts::FRAC_PI_2);
                assert!(error(&other, &g, noise) > least, "{devices} {antennas} {step}");
            }
            for combiner in [Combiner::MaximumRatio, Combiner::ZeroForcing] {
                if combiner != Combiner::ZeroForcing || devices <= antennas {
                    assert!(error(&design(combiner, &g, antennas, noise), &g, noise) >= least);
                }
            }
        }
    }

    #[test]
    fn the_maximum_ratio_scale_is_best_and_one_antenna_has_no_choice() {
        let (g, noise) = (columns(4, 3), 0.3);
        let w = design(Combiner::MaximumRatio, &g, 3, noise);
        for factor in [0.99, 1.01] {
            let other: Vec<Complex64> = w.iter().map(|w| w * factor).collect();
            assert!(error(&other, &g, noise) > error(&w, &g, noise));
        }
        let g = columns(4, 1);
        let (ratio, mmse) =
            (design(Combiner::MaximumRatio, &g, 1, noise), design(Combiner::Mmse, &g, 1, noise));
        assert!((error(&ratio, &g, noise) - error(&mmse, &g, noise)).abs() < 1e-12);
    }

    #[test]
    fn devices_in_one_direction_are_no_panic() {
        let g = [columns(1, 4), columns(1, 4)].concat();
        for combiner in [Combiner::MaximumRatio, Combiner::ZeroForcing, Combiner::Mmse] {
            assert!(design(combiner, &g, 4, 0.0).iter().all(|w| w.re.is_finite() && w.im.is_finite()));
        }
        assert!(design(Combiner::Mmse, &[Complex64::default(); 4], 4, 0.0).iter().all(|w| w.norm() == 0.0));
    }
}
