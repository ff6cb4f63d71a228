//! The law of the search statistic, with and without a preamble.

use crate::special::{ln_gamma, marcum_q1, regularised_beta};

/// How the search statistic is distributed, over noise alone and over a preamble in noise.
///
/// ```text
/// noise alone:    t ~ Beta(D, L - D)                      L = samples, D = dimensions
/// preamble:       t ~ noncentral Beta(D, L - D; 2 L snr)  snr = mean power of the preamble over noise power, per sample
/// ```
///
/// The statistic is the share of a window's energy that lies in the subspace of the `D` periods that are correlated
/// separately, so its law without a preamble does not depend on the noise power. Exact for white circular Gaussian noise,
/// of any unknown power; coherent combining has `D = 1`, non-coherent `D = repetitions`. The law of a ratio of quadratic
/// forms; Kay, Fundamentals of Statistical Signal Processing II (1998) chapter 9.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DetectionLaw {
    samples: usize,
    dimensions: usize,
}

impl DetectionLaw {
    /// Makes the law for a window and the number of periods correlated separately, `1 <= dimensions < samples`.
    pub(super) fn new(samples: usize, dimensions: usize) -> Self {
        Self { samples, dimensions }
    }

    /// Returns the length of the window that a statistic looks at.
    pub fn samples(&self) -> usize {
        self.samples
    }

    /// Returns the number of periods correlated separately.
    pub fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// Returns the probability that noise alone exceeds a threshold at one lag.
    ///
    /// ```text
    /// P = I_(1 - t)(L - D, D),   which is (1 - t)^(L - 1) for D = 1
    /// ```
    ///
    /// Valid for a threshold in [0, 1], NaN elsewhere.
    pub fn false_alarm_rate(&self, threshold: f64) -> f64 {
        regularised_beta((self.samples - self.dimensions) as f64, self.dimensions as f64, 1.0 - threshold)
    }

    /// Returns the threshold that noise alone exceeds at one lag or more of a search with the given probability.
    ///
    /// ```text
    /// false_alarm_rate(threshold) = 1 - (1 - rate)^(1/lags)
    /// ```
    ///
    /// Exact for independent lags; neighbouring lags of a band-limited preamble depend on each other, and the search then
    /// alarms less often. Valid for a rate in (0, 1) and one lag or more, NaN elsewhere.
    pub fn threshold(&self, false_alarm_rate: f64, lags: usize) -> f64 {
        if !(false_alarm_rate > 0.0 && false_alarm_rate < 1.0 && lags > 0) {
            return f64::NAN;
        }
        let per_lag = -((-false_alarm_rate).ln_1p() / lags as f64).exp_m1();
        if self.dimensions == 1 {
            return -(per_lag.ln() / (self.samples - 1) as f64).exp_m1();
        }
        let (mut low, mut high) = (0.0, 1.0);
        for _ in 0..60 {
            let middle = 0.5 * (low + high);
            if self.false_alarm_rate(middle) > per_lag { low = middle } else { high = middle }
        }
        high
    }

    /// Returns the probability that a preamble, at its own lag, exceeds a threshold.
    ///
    /// ```text
    /// P = sum over j of exp(-L snr) (L snr)^j / j! * (1 - I_t(D + j, L - D))
    /// ```
    ///
    /// `snr` is the mean power of the received preamble over the noise power, per sample. Valid for `snr >= 0` and a
    /// threshold in [0, 1], NaN elsewhere.
    pub fn detection_probability(&self, snr: f64, threshold: f64) -> f64 {
        let mean = self.samples as f64 * snr;
        if !(mean >= 0.0 && mean.is_finite() && (0.0..=1.0).contains(&threshold)) {
            return f64::NAN;
        }
        let spread = 10.0 * mean.sqrt() + 40.0;
        let others = (self.samples - self.dimensions) as f64;
        let (first, last) = ((mean - spread).max(0.0) as u64, (mean + spread) as u64);
        let term = |j: u64| {
            let j = j as f64;
            let ln_weight = if j == 0.0 { -mean } else { j * mean.ln() - mean - ln_gamma(j + 1.0) };
            let exceeds = regularised_beta(others, self.dimensions as f64 + j, 1.0 - threshold);
            if ln_weight > -700.0 { ln_weight.exp() * exceeds } else { 0.0 }
        };
        (first..=last).map(term).sum::<f64>().min(1.0)
    }

    /// Returns the probability of detection with a carrier offset that leaves the share `loss` of a coherent sum.
    ///
    /// ```text
    /// P = detection_probability(snr loss, t'),   t'/(1 - t') = t/(1 - t) (1 + snr (1 - loss) L/(L - D))
    /// ```
    ///
    /// `loss` is [`cfo_loss`] over the samples combined coherently: all `L`, or one period. What the offset takes out of
    /// the sum stays in the window's energy and raises the threshold; its fluctuation, a share of about `1/sqrt(L)`, is left
    /// out. Valid for `loss` in [0, 1], otherwise as [`detection_probability`](Self::detection_probability).
    pub fn detection_probability_with_loss(&self, snr: f64, loss: f64, threshold: f64) -> f64 {
        if !(0.0..=1.0).contains(&loss) {
            return f64::NAN;
        }
        let share = self.samples as f64 / (self.samples - self.dimensions) as f64;
        let raised = threshold * (1.0 + snr * (1.0 - loss) * share);
        self.detection_probability(snr * loss, raised / (1.0 - threshold + raised))
    }
}

/// Returns the probability of detection of a matched filter that knows the noise power, at one lag.
///
/// ```text
/// P_d = Q1(sqrt(2 E/N0), sqrt(-2 ln P_fa))
/// ```
///
/// `energy_over_noise` is the energy of the preamble over the noise power, `L snr`. It bounds what a search with unknown
/// noise power can reach, and is its limit for long windows. Valid for `energy_over_noise >= 0` and a rate in (0, 1).
/// Marcum, IRE Trans. Inf. Theory 6 (1960) 59-267.
pub fn known_noise_detection_probability(energy_over_noise: f64, false_alarm_rate: f64) -> f64 {
    marcum_q1((2.0 * energy_over_noise).sqrt(), (-2.0 * false_alarm_rate.ln()).sqrt())
}

/// Returns the share of power that a carrier offset leaves of a coherent sum of samples of constant modulus.
///
/// ```text
/// loss = (sin(pi f L / fs) / (L sin(pi f / fs)))^2
/// ```
///
/// Valid for any offset; `samples` is the number combined coherently, a whole preamble or one period.
pub fn cfo_loss(cfo_hz: f64, samples: usize, sample_rate_hz: f64) -> f64 {
    let half_turn = std::f64::consts::PI * cfo_hz / sample_rate_hz;
    let denominator = samples as f64 * half_turn.sin();
    if denominator == 0.0 { 1.0 } else { ((samples as f64 * half_turn).sin() / denominator).powi(2) }
}
