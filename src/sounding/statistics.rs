//! How good knowledge is: second-order statistics of a channel and of what is known of it, element by element.

use airloop_baseband::Complex64;
use airloop_channels::Marginal;
use std::sync::Arc;

/// Elements whose knowledge is equally good.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KnownElement {
    /// Share of all elements.
    pub weight: f64,
    /// `E|h_hat|^2`.
    pub power: f64,
    /// Power of the part of `h_hat` with constant modulus.
    pub line_of_sight: f64,
    /// `E[h h_hat^*]`.
    pub cross: Complex64,
}

/// Statistics of knowledge over the elements of a round.
///
/// ```text
/// h = alpha h_hat + e,   alpha = E[h h_hat^*] / E|h_hat|^2,   E|e|^2 = 1 - |E[h h_hat^*]|^2 / E|h_hat|^2
/// ```
///
/// `e` is independent of `h_hat` when both are jointly Gaussian: [`KnownStatistics::is_gaussian`].
#[derive(Clone, Debug, PartialEq)]
pub struct KnownStatistics {
    elements: Arc<[KnownElement]>,
    gaussian: bool,
}

impl KnownStatistics {
    /// Gathers elements; equal ones are merged.
    pub fn new(mut elements: Vec<KnownElement>, gaussian: bool) -> Self {
        let key = |e: &KnownElement| [e.power, e.cross.re, e.cross.im, e.line_of_sight];
        elements.sort_by(|a, b| {
            key(a).iter().zip(key(b)).fold(std::cmp::Ordering::Equal, |o, (a, b)| o.then(a.total_cmp(&b)))
        });
        elements.dedup_by(|b, a| {
            let same = key(a).iter().zip(key(b)).all(|(a, b)| (a - b).abs() < 1e-12);
            if same {
                a.weight += b.weight;
            }
            same
        });
        let total: f64 = elements.iter().map(|e| e.weight).sum();
        elements.iter_mut().for_each(|e| e.weight /= total);
        Self { elements: elements.into(), gaussian }
    }

    /// Returns the statistics of knowing the channel itself.
    pub fn perfect(marginal_k_factor: f64) -> Self {
        let share =
            if marginal_k_factor.is_infinite() { 1.0 } else { marginal_k_factor / (marginal_k_factor + 1.0) };
        let cross = Complex64::from(1.0);
        Self::new(vec![KnownElement { weight: 1.0, power: 1.0, line_of_sight: share, cross }], share == 0.0)
    }

    /// Returns whether channel and knowledge are jointly Gaussian with zero mean, so that closed forms hold.
    pub fn is_gaussian(&self) -> bool {
        self.gaussian
    }

    /// Returns whether the channel itself is known.
    pub fn is_exact(&self) -> bool {
        self.elements.iter().all(|e| e.power == 1.0 && e.cross == Complex64::from(1.0))
    }

    /// Returns whether the known gain is the same in all elements and trials.
    pub fn is_constant(&self) -> bool {
        self.elements.len() == 1 && self.elements[0].line_of_sight >= self.elements[0].power
    }

    /// Returns the groups of elements.
    pub fn elements(&self) -> &[KnownElement] {
        &self.elements
    }

    fn mean(&self, of: impl Fn(&KnownElement, f64, f64) -> f64, threshold: f64) -> f64 {
        let one = |e: &KnownElement| {
            let (marginal, at) = (marginal(e), threshold / e.power);
            e.weight * of(e, marginal.active_share(at), marginal.truncated_inverse(at) / e.power)
        };
        self.elements.iter().map(one).sum()
    }

    /// Returns `P(|h_hat|^2 >= threshold)`.
    pub fn active_share(&self, threshold: f64) -> f64 {
        self.mean(|_, share, _| share, threshold)
    }

    /// Returns `E[1/|h_hat|^2; |h_hat|^2 >= threshold]`.
    pub fn truncated_inverse(&self, threshold: f64) -> f64 {
        self.mean(|_, _, inverse| inverse, threshold)
    }

    /// Returns `E[Re(h / h_hat); |h_hat|^2 >= threshold]`: exact for Gaussian knowledge.
    pub fn mean_ratio(&self, threshold: f64) -> f64 {
        self.mean(|e, share, _| share * (e.cross / e.power).re, threshold)
    }

    /// Returns the mean over elements of `|E[h / h_hat; |h_hat|^2 >= threshold]|^2`.
    pub fn square_of_mean_ratio(&self, threshold: f64) -> f64 {
        self.mean(|e, share, _| share * share * (e.cross / e.power).norm_sqr(), threshold)
    }

    /// Returns `E[|h / h_hat|^2; |h_hat|^2 >= threshold]`: exact for Gaussian knowledge.
    pub fn mean_square_ratio(&self, threshold: f64) -> f64 {
        self.mean(|e, share, inverse| share * (e.cross / e.power).norm_sqr() + error(e) * inverse, threshold)
    }

    /// Returns the mean over elements of a function of `E[h h_hat^*]/|h_hat|`, what is left of a channel whose phase is
    /// turned back by that of the known one.
    fn mean_of_turned(&self, of: impl Fn(Complex64) -> f64) -> f64 {
        let one = |e: &KnownElement| e.weight * of(e.cross / e.power.sqrt() * marginal(e).mean_amplitude());
        self.elements.iter().map(one).sum()
    }

    /// Returns `E[Re(h h_hat^*)/|h_hat|]`: exact for Gaussian knowledge, `E|h|` where channels are known.
    ///
    /// ```text
    /// Gaussian: E[h h_hat^*]/|h_hat| = E[h h_hat^*] / sqrt(E|h_hat|^2) sqrt(pi)/2
    /// ```
    pub fn mean_turned(&self) -> f64 {
        self.mean_of_turned(|turned| turned.re)
    }

    /// Returns the mean over elements of `|E[h h_hat^*/|h_hat|]|^2`.
    pub fn square_of_mean_turned(&self) -> f64 {
        self.mean_of_turned(|turned| turned.norm_sqr())
    }
}

/// Returns the distribution of the known gain over its mean.
fn marginal(e: &KnownElement) -> Marginal {
    Marginal::rician(if e.line_of_sight >= e.power {
        f64::INFINITY
    } else {
        e.line_of_sight / (e.power - e.line_of_sight)
    })
}

/// Returns `E|e|^2`.
fn error(e: &KnownElement) -> f64 {
    // Where nothing is uncertain rounding must not make it so: inversion of a full fade is infinite.
    let error = 1.0 - e.cross.norm_sqr() / e.power;
    if error < 1e-14 { 0.0 } else { error }
}
