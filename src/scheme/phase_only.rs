//! Phase-only precoding (gradient-based multiple access): devices correct the phase alone and send at one amplitude.
//!
//! ```text
//! b_k = sqrt(P) conj(h_hat_k)/|h_hat_k|,   P the weakest device's budget;   s_hat = c y / sqrt(P)
//! unbiased: c = 1/m,   m = E[Re(h conj(h_hat))/|h_hat|], which is E|h| where channels are known;   plain: c = 1
//! ```
//!
//! Nothing is inverted, so no power is spent on fades and no device is silent; channels weigh the devices instead. Devices
//! with more power than the weakest do not use it, so that unequal budgets do not weigh them too.
//!
//! Source: Sery, Cohen, "On Analog Gradient Descent Learning Over Multiple Access Fading Channels", IEEE TSP 68, 2020.

use super::alignment::Cap;
use super::{Alignment, LinkBudget, PowerControl};
use crate::medium::Knowledge;
use crate::sounding::KnownStatistics;

/// Phase-only precoding with its receive scale.
#[derive(Clone, Debug, PartialEq)]
pub struct PhaseOnly {
    /// Whether the sum is divided by the mean of what phase correction leaves.
    pub unbiased: bool,
    /// Statistics of the channels and of what is known of them.
    pub known: KnownStatistics,
}

impl PowerControl for PhaseOnly {
    fn joint(&self) -> bool {
        false
    }

    fn aligns(&self) -> bool {
        false
    }

    fn agree(&mut self, _: &LinkBudget, _: &Knowledge<'_>, _: &mut Alignment) {}

    fn fixed(&self, budget: &LinkBudget) -> Option<Alignment> {
        let amplitude = budget.weakest().sqrt();
        let mean = if self.unbiased { self.known.mean_turned() } else { 1.0 };
        Some(Alignment {
            threshold: 0.0,
            reach: vec![f32::INFINITY],
            scale: vec![(1.0 / (mean * amplitude)) as f32],
            cap: Cap::Common(amplitude as f32),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scheme::alignment::{Spent, precode};
    use airloop_baseband::Complex32;

    #[test]
    fn only_phases_depend_on_the_channel() {
        let budget = LinkBudget { noise_power: 0.1, power: vec![4.0, 0.25], weight: vec![1.0; 2] };
        let scheme = PhaseOnly { unbiased: false, known: KnownStatistics::perfect(0.0) };
        let rule = scheme.fixed(&budget).unwrap();
        assert_eq!((rule.cap, &rule.scale[..]), (Cap::Common(0.5), &[2.0f32][..]));
        let gains: Vec<Complex32> =
            (0..19).map(|i| Complex32::from_polar(1e-3 * 2f32.powi(i), i as f32)).collect();
        let mut sent = vec![Complex32::default(); 19];
        let mut spent = Spent::default();
        precode(
            (rule.threshold, &rule.reach, 0.5),
            &gains,
            &[2f32.sqrt(), 0.0].repeat(19),
            &mut sent,
            &mut spent,
        );
        for (h, x) in gains.iter().zip(&sent) {
            assert!((x * h / h.norm() - 0.5).norm() < 1e-6, "{h} {x}");
        }
        assert_eq!((spent.active, spent.peak), (19, 0.25));
    }
}
