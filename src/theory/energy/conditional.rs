//! The formula given channels and payload: exact expectations over phases and noise for one round.

use super::super::{Prediction, Setting};
use super::{EnergyBins, EnergyFormula, balanced_digits, level_of_one};
use crate::medium::Knowledge;
use crate::report::Errors;
use airloop_baseband::Complex64;

/// A slot of a round as the formula sees it.
#[derive(Clone, Copy, Debug)]
pub struct EnergySlot<'a> {
    /// The channels of all links, a device's antennas side by side.
    pub truth: &'a Knowledge<'a>,
    /// What devices know of them, in the same order.
    pub known: &'a Knowledge<'a>,
    /// Position of the slot's first element in the round.
    pub first_element: usize,
    /// Number of elements that carry values.
    pub elements: usize,
    /// Values of all devices that lie on these elements, device after device.
    pub values: &'a [f32],
}

/// Accumulates the prediction over the elements of a round.
///
/// ```text
/// bias = sum_e w_e sum_k level_k[e] G_k[e]/m - K offset - sum_k u_k,   variance = sum_e w_e^2 Var|y[e]|^2/(rho m)^2
/// error of a value = bias^2 + variance
/// several antennas, per element: Var of their mean = sum_mn (|R_mn|^2 - sum_k level_k^2 |b_k|^4 g_km g_kn)/M^2 + noise terms/M^2,
/// R_mn = sum_k level_k |b_k|^2 h_km h_kn^*
/// ```
pub struct EnergyConditional<'a> {
    setting: &'a Setting<'a>,
    formula: EnergyFormula,
    weights: Vec<f64>,
    noise: f64,
    mean_gain: f64,
    levels: Vec<f64>,
    digits: Vec<i64>,
    arrived: Vec<Complex64>,
    bias: f64,
    variance: f64,
    error: f64,
    target: f64,
    sum: f64,
    active: u64,
    power: f64,
    elements: u64,
}

impl<'a> EnergyConditional<'a> {
    /// Begins a round.
    pub fn new(setting: &'a Setting<'a>, formula: EnergyFormula) -> Self {
        let weights = match formula.bins {
            EnergyBins::Affine { elements } => vec![formula.range / elements as f64; elements],
            EnergyBins::Balanced { base, digits, copies } => {
                let largest = (f64::from(base).powi(digits as i32) - 1.0) / 2.0;
                let unit = formula.range / largest / level_of_one(base) / copies as f64;
                let digit = |d: u32| std::iter::repeat_n(unit * f64::from(base.pow(d)), copies);
                (0..digits).flat_map(digit).flat_map(|w| [w, -w]).collect()
            }
        };
        Self {
            setting,
            formula,
            levels: vec![0.0; setting.power.len() * weights.len()],
            weights,
            noise: setting.noise_power / formula.received_power(setting),
            mean_gain: formula.mean_gain(setting),
            digits: Vec::new(),
            arrived: vec![Complex64::default(); formula.antennas.pow(2)],
            bias: 0.0,
            variance: 0.0,
            error: 0.0,
            target: 0.0,
            sum: 0.0,
            active: 0,
            power: 0.0,
            elements: 0,
        }
    }

    /// Adds a slot; slots come in order.
    pub fn add(&mut self, slot: &EnergySlot<'_>) {
        let each = self.weights.len();
        let stride = slot.values.len() / self.setting.power.len();
        let first_value = slot.first_element / each;
        for e in 0..slot.elements {
            let (value, chip) = ((slot.first_element + e) / each, (slot.first_element + e) % each);
            if chip == 0 || e == 0 {
                self.encode(slot.values.iter().skip(value - first_value).step_by(stride));
            }
            self.element(slot, e, chip);
            if chip + 1 == each {
                self.end_value();
            }
        }
    }

    /// Makes the levels of a value of all devices.
    fn encode<'v>(&mut self, values: impl Iterator<Item = &'v f32>) {
        let EnergyFormula { bins, range, .. } = self.formula;
        let each = self.weights.len();
        self.sum = 0.0;
        for (u, levels) in values.zip(self.levels.chunks_exact_mut(each)) {
            self.sum += f64::from(*u);
            let clipped = f64::from(*u).clamp(-range, range);
            match bins {
                EnergyBins::Affine { .. } => levels.fill(1.0 + clipped / range),
                EnergyBins::Balanced { base, digits, copies } => {
                    let largest = (i64::from(base).pow(digits) - 1) / 2;
                    let number = (clipped / range * largest as f64).round() as i64;
                    self.digits.resize(digits as usize, 0);
                    balanced_digits(number, base, &mut self.digits);
                    for (digit, bins) in self.digits.iter().zip(levels.chunks_exact_mut(2 * copies)) {
                        for pair in bins.chunks_exact_mut(2) {
                            pair[0] = level_of_one(base) * digit.max(&0).to_owned() as f64;
                            pair[1] = level_of_one(base) * (-digit).max(0) as f64;
                        }
                    }
                }
            }
        }
    }

    /// Adds what one element of a value leaves.
    fn element(&mut self, slot: &EnergySlot<'_>, e: usize, chip: usize) {
        let setting = self.setting;
        let (each, antennas) = (self.weights.len(), self.formula.antennas);
        let (symbol, subcarrier) = (e / slot.truth.subcarriers(), e % slot.truth.subcarriers());
        self.arrived.fill(Complex64::default());
        // The sum over devices of what must be taken off |R_mn|^2.
        let mut own = 0.0;
        for device in 0..setting.power.len() {
            let level = self.levels[device * each + chip];
            let spent = match self.formula.threshold {
                None => 1.0,
                Some(threshold) => {
                    let g = slot.known.link(device * antennas).row(symbol)[subcarrier].norm_sqr();
                    // Single precision gains decide who is active, as they do on the grid.
                    if g >= threshold as f32 { 1.0 / f64::from(g) } else { 0.0 }
                }
            };
            self.active += u64::from(level * spent > 0.0);
            let nominal = setting.power[device] * setting.payload.budget_power(device);
            self.power += level * spent / nominal;
            let h = |m: usize| {
                let h = slot.truth.link(device * antennas + m).row(symbol)[subcarrier];
                Complex64::new(h.re.into(), h.im.into())
            };
            let mut gain = 0.0;
            for m in 0..antennas {
                gain += h(m).norm_sqr();
                for n in 0..antennas {
                    self.arrived[m * antennas + n] += h(m) * h(n).conj() * level * spent;
                }
            }
            own += (level * spent * gain).powi(2);
        }
        self.elements += 1;
        let (mut mean, mut square) = (0.0, -own);
        for m in 0..antennas {
            let energy = self.arrived[m * antennas + m].re;
            mean += energy;
            square += 2.0 * energy * self.noise + self.noise * self.noise;
        }
        square += self.arrived.iter().map(Complex64::norm_sqr).sum::<f64>();
        let weight = self.weights[chip] / self.mean_gain / antennas as f64;
        self.bias += weight * mean;
        self.variance += weight * weight * square;
    }

    fn end_value(&mut self) {
        let offset = match self.formula.bins {
            EnergyBins::Affine { .. } => self.formula.range * self.setting.power.len() as f64,
            EnergyBins::Balanced { .. } => 0.0,
        };
        let (unit, shift) = (self.setting.payload.unit(), self.setting.payload.offset());
        self.error += (self.bias - offset - self.sum).powi(2) + self.variance;
        self.target += (unit * self.sum + shift).powi(2);
        (self.bias, self.variance) = (0.0, 0.0);
    }

    /// Ends the round, whose draws are those of `index`.
    pub fn finish(self, index: u64) -> Prediction {
        let payload = self.setting.payload;
        let powers = payload.gram().trace() * payload.length() as f64 * payload.round_power(index);
        let pairs = self.elements as f64 * self.setting.power.len() as f64;
        let power = self.formula.received_power(self.setting);
        Prediction {
            errors: Errors {
                nmse: Some(payload.unit().powi(2) * self.error / self.target),
                mse_per_device: Some(self.error / powers),
                ..Errors::default()
            },
            symbols: None,
            active_fraction: self.active as f64 / pairs,
            power_used_mean: self.power * power / pairs,
            receive_snr: self.formula.threshold.map(|_| power / self.setting.noise_power),
            sent_share: 1.0,
        }
    }
}
