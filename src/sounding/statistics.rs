//! How good knowledge is: second-order statistics of a channel and of what is known of it, element by element.

use super::known_gain::{KnownGain, gather};
use super::mismatch::Mismatch;
use airloop_baseband::Complex64;
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
    /// The part of `h` with constant modulus, in the phase of that of `h_hat`.
    pub sight: Complex64,
    /// `E[h h_hat^*]`.
    pub cross: Complex64,
}

impl KnownElement {
    /// Returns the element of a channel without a part of constant modulus.
    pub fn scattered(weight: f64, power: f64, cross: Complex64) -> Self {
        Self { weight, power, line_of_sight: 0.0, sight: Complex64::default(), cross }
    }
}

/// Statistics of knowledge over the elements of a round.
///
/// Constant parts `s` and `s_hat` share their phase, and the rest is taken as jointly Gaussian:
///
/// ```text
/// h = s + d,  h_hat = s_hat + d_hat,  alpha = E[d d_hat^*]/E|d_hat|^2:   h = alpha h_hat + delta + e,  delta = s - alpha s_hat,
/// E|e|^2 = E|d|^2 - |alpha|^2 E|d_hat|^2, e independent of h_hat;   channels have unit mean power
/// ```
///
/// Devices go by `z h_hat` with the [`Mismatch`] `z`, one draw a device and trial. Methods speak of that product, and of means
/// over `z` too: its amplitude decides who is active and what is sent, its phase shrinks means but no mean square. Exact but
/// for quantised knowledge, whose error is uniform.
#[derive(Clone, Debug, PartialEq)]
pub struct KnownStatistics {
    elements: Arc<[KnownElement]>,
    gains: Arc<[KnownGain]>,
    mismatch: Mismatch,
    gaussian: bool,
}

impl KnownStatistics {
    /// Gathers elements, without errors of reciprocity; equal ones are merged.
    pub fn new(elements: Vec<KnownElement>, gaussian: bool) -> Self {
        Self::mismatched(elements, gaussian, Mismatch::NONE)
    }

    /// Gathers elements that are known but for an error of reciprocity; equal ones are merged.
    pub fn mismatched(mut elements: Vec<KnownElement>, gaussian: bool, mismatch: Mismatch) -> Self {
        let key =
            |e: &KnownElement| [e.power, e.line_of_sight, e.cross.re, e.cross.im, e.sight.re, e.sight.im];
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
        let gains = gather(&elements, mismatch);
        Self { elements: elements.into(), gains: gains.into(), mismatch, gaussian }
    }

    /// Returns the statistics of knowing the channel itself.
    pub fn perfect(marginal_k_factor: f64) -> Self {
        let share =
            if marginal_k_factor.is_infinite() { 1.0 } else { marginal_k_factor / (marginal_k_factor + 1.0) };
        let element = KnownElement {
            weight: 1.0,
            power: 1.0,
            line_of_sight: share,
            sight: Complex64::from(share.sqrt()),
            cross: Complex64::from(1.0),
        };
        Self::new(vec![element], share == 0.0)
    }

    /// Returns whether channel and knowledge are jointly Gaussian with zero mean, so that closed forms hold.
    pub fn is_gaussian(&self) -> bool {
        self.gaussian
    }

    /// Returns whether the channel itself is known.
    pub fn is_exact(&self) -> bool {
        let exact = |e: &KnownElement| e.power == 1.0 && e.cross == Complex64::from(1.0);
        self.mismatch == Mismatch::NONE && self.elements.iter().all(exact)
    }

    /// Returns whether the known gain is the same in all elements and trials.
    pub fn is_constant(&self) -> bool {
        self.elements.len() == 1 && !self.fades() && self.mismatch.spread() == 0.0
    }

    /// Returns whether known gains come close to 0, so that inverting all of them takes infinite power on average.
    pub fn fades(&self) -> bool {
        self.elements.iter().any(|e| e.line_of_sight < e.power)
    }

    /// Returns the groups of elements.
    pub fn elements(&self) -> &[KnownElement] {
        &self.elements
    }

    /// Returns the share of the channel's power that a real multiple of the known channel explains, averaged over elements;
    /// where phases do not count, without the error of reciprocity's phase.
    ///
    /// ```text
    /// min over real c of E|h - c h_hat|^2 = 1 - (Re E[h h_hat^*])^2/E|h_hat|^2
    /// ```
    pub fn explained_share(&self, phases_count: bool) -> f64 {
        let one =
            |e: &KnownElement| if e.power > 0.0 { e.weight * e.cross.re.powi(2) / e.power } else { 0.0 };
        self.elements.iter().map(one).sum::<f64>() * self.mismatch.explained_share(phases_count)
    }

    fn mean(&self, of: impl Fn(&KnownGain, Mismatch) -> f64) -> f64 {
        self.gains.iter().map(|gain| of(gain, self.mismatch)).sum()
    }

    /// Returns `P(|h_hat|^2 >= threshold)`.
    pub fn active_share(&self, threshold: f64) -> f64 {
        self.mean(|gain, z| gain.active_share(threshold, z))
    }

    /// Returns `E[1/|h_hat|^2; |h_hat|^2 >= threshold]`.
    pub fn truncated_inverse(&self, threshold: f64) -> f64 {
        self.mean(|gain, z| gain.truncated_inverse(threshold, z))
    }

    /// Returns `E[Re(h / h_hat); |h_hat|^2 >= threshold]`.
    pub fn mean_ratio(&self, threshold: f64) -> f64 {
        self.mean(|gain, z| gain.mean_ratio(threshold, z)) * self.mismatch.coherence()
    }

    /// Returns the mean over elements of `|E[h / h_hat; |h_hat|^2 >= threshold]|^2`: the mean product of what is left of two
    /// devices, whose errors of reciprocity are independent.
    pub fn square_of_mean_ratio(&self, threshold: f64) -> f64 {
        self.mean(|gain, z| gain.square_of_mean_ratio(threshold, z)) * self.mismatch.coherence().powi(2)
    }

    /// Returns `E[|h / h_hat|^2; |h_hat|^2 >= threshold]`, which no phase enters.
    pub fn mean_square_ratio(&self, threshold: f64) -> f64 {
        self.mean(|gain, z| gain.mean_square_ratio(threshold, z))
    }

    /// Returns `E[Re(h h_hat^*)/|h_hat|]`: `E|h|` where channels are known.
    ///
    /// ```text
    /// zero-mean Gaussian: E[h h_hat^*]/|h_hat| = E[h h_hat^*] / sqrt(E|h_hat|^2) sqrt(pi)/2;   times E cos(phi) of z
    /// ```
    pub fn mean_turned(&self) -> f64 {
        self.mean(|gain, _| gain.mean_turned()) * self.mismatch.coherence()
    }

    /// Returns the mean over elements of `|E[h h_hat^*/|h_hat|]|^2`, the mean product of two devices.
    pub fn square_of_mean_turned(&self) -> f64 {
        self.mean(|gain, _| gain.square_of_mean_turned()) * self.mismatch.coherence().powi(2)
    }
}
