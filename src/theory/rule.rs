//! What a scheme makes of the known gains of one element.

use super::conditional::Element;
use super::ensemble::inversion_constants;
use super::{Formula, ReceiveScale, Setting, cotaf, phase_only};

/// A formula with what is common to all elements worked out.
#[derive(Clone, Copy, Debug)]
pub(super) enum Rule {
    Truncated {
        threshold: f64,
        rho: f64,
        c: f64,
    },
    FullInversion,
    OptimalPower,
    FullPower,
    PhaseOnly {
        factor: f64,
    },
    Cotaf {
        threshold: f64,
        rho: f64,
    },
    BlindCombining {
        antennas: usize,
    },
    /// Beams have weights of their own.
    Beams,
}

impl Rule {
    pub(super) fn of(setting: &Setting<'_>) -> Self {
        match setting.formula {
            Formula::TruncatedInversion { threshold, average_power, scale } => {
                let (rho, c) = inversion_constants(setting, threshold, average_power, scale);
                Self::Truncated { threshold, rho, c }
            }
            Formula::OneBitMajority { threshold, average_power } => {
                let (rho, c) = inversion_constants(setting, threshold, average_power, ReceiveScale::Plain);
                Self::Truncated { threshold, rho, c }
            }
            Formula::OptimalPower => Self::OptimalPower,
            Formula::FullPower => Self::FullPower,
            Formula::PhaseOnly { unbiased } => {
                Self::PhaseOnly { factor: phase_only::receive_factor(setting, unbiased) }
            }
            Formula::Cotaf { threshold } => {
                Self::Cotaf { threshold, rho: cotaf::aligned_power(setting, threshold) }
            }
            Formula::BlindCombining { antennas } => Self::BlindCombining { antennas },
            Formula::ReceiveCombining { .. } | Formula::UniformForcing { .. } => Self::Beams,
            // What is not analog has a formula of its own and no rule of gains.
            Formula::FullInversion
            | Formula::Misaligned
            | Formula::FskMajority { .. }
            | Formula::Energy(_)
            | Formula::DigitalAircomp(_)
            | Formula::SparseAnalog(_)
            | Formula::CodedDigital
            | Formula::DigitalBits(_)
            | Formula::DigitalSymbols(_) => Self::FullInversion,
        }
    }

    /// Writes `r_k = a |h_hat_k b_k|` for the known power gains of one element.
    ///
    /// ```text
    /// truncated: r = c [g >= threshold], noise c^2 s2 / rho;      full inversion: r = 1, noise s2 / min P g
    /// optimal:   a = max_l sum w c / (s2 + sum w c^2), r = min(a c_k, 1);  full power: a = sum w c / (s2 + sum w c^2), r = a c_k
    /// phase-only: r = c sqrt(g), noise c^2 s2 / min P;            cotaf: r = K/|A| [g >= threshold], noise (K/|A|)^2 s2 / rho
    /// ```
    pub(super) fn leaves(
        self,
        setting: &Setting<'_>,
        gains: &[f64],
        leaves: &mut [f64],
        (order, ranks): (&mut Vec<f64>, &mut Vec<usize>),
    ) -> Element {
        let (s2, k) = (setting.noise_power, gains.len() as f64);
        let gram = setting.payload.gram();
        let weight = |device: usize| setting.payload.budget_power(device);
        let load = |device: usize| gram.power(device) / setting.payload.budget_power(device);
        order.clear();
        order.extend(gains.iter().zip(setting.power).map(|(g, p)| (g * p).sqrt()));
        let mut of = Element::default();
        match self {
            Self::Truncated { threshold, rho, c } => {
                for (device, (leaves, g)) in leaves.iter_mut().zip(gains).enumerate() {
                    // Single precision gains decide who is active, as they do on the grid.
                    let on = *g as f32 >= threshold as f32;
                    *leaves = if on { c } else { 0.0 };
                    of.active += f64::from(on) / k;
                    of.power += if on { rho / g / setting.power[device] * load(device) / k } else { 0.0 };
                }
                of.noise = c * c * s2 / rho;
                of.aligned = rho / s2;
            }
            Self::FullInversion => {
                let eta = order.iter().map(|c| c * c).fold(f64::INFINITY, f64::min);
                leaves.fill(1.0);
                of.active = 1.0;
                of.power = order.iter().enumerate().map(|(d, c)| eta / (c * c) * load(d)).sum::<f64>() / k;
                (of.noise, of.aligned) = (s2 / eta, eta / s2);
            }
            Self::OptimalPower => {
                ranks.clear();
                ranks.extend(0..order.len());
                ranks.sort_unstable_by(|i, j| order[*i].total_cmp(&order[*j]));
                let (mut sum, mut square, mut a) = (0.0, s2, 0.0f64);
                for device in &*ranks {
                    let (c, w) = (order[*device], weight(*device));
                    sum += w * c;
                    square += w * c * c;
                    a = a.max(sum / square);
                }
                let amplitude = |c: f64| (1.0 / (a * c)).min(1.0);
                for (leaves, c) in leaves.iter_mut().zip(&*order) {
                    *leaves = a * c * amplitude(*c);
                }
                of.active = 1.0;
                of.power =
                    order.iter().enumerate().map(|(d, c)| amplitude(*c).powi(2) * load(d)).sum::<f64>() / k;
                (of.noise, of.aligned) = (a * a * s2, 1.0 / (a * a * s2));
            }
            Self::FullPower => {
                let sum: f64 = order.iter().enumerate().map(|(d, c)| weight(d) * c).sum();
                let a = sum / (s2 + order.iter().enumerate().map(|(d, c)| weight(d) * c * c).sum::<f64>());
                for (leaves, c) in leaves.iter_mut().zip(&*order) {
                    *leaves = a * c;
                }
                of.active = 1.0;
                of.power = (0..gains.len()).map(load).sum::<f64>() / k;
                of.noise = a * a * s2;
            }
            Self::PhaseOnly { factor } => {
                for (leaves, g) in leaves.iter_mut().zip(gains) {
                    *leaves = factor * g.sqrt();
                }
                let weakest = setting.weakest();
                of.active = 1.0;
                of.power = (0..gains.len()).map(|d| weakest / setting.power[d] * load(d)).sum::<f64>() / k;
                of.noise = factor * factor * s2 / weakest;
            }
            Self::Cotaf { threshold, rho } => {
                let active = gains.iter().filter(|g| **g as f32 >= threshold as f32).count() as f64;
                let share = if active > 0.0 { k / active } else { 0.0 };
                for (device, (leaves, g)) in leaves.iter_mut().zip(gains).enumerate() {
                    let on = *g as f32 >= threshold as f32;
                    *leaves = if on { share } else { 0.0 };
                    of.power += if on { rho / g / setting.power[device] * load(device) / k } else { 0.0 };
                }
                of.active = active / k;
                of.noise = share * share * s2 / rho;
                of.aligned = rho * cotaf::level(setting) / s2;
            }
            // Their weights follow from the channels of all antennas.
            Self::BlindCombining { .. } | Self::Beams => {}
        }
        of
    }
}
