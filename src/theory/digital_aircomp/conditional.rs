//! The formula given channels, payload and rounding: exact expectations over noise for one round.

use super::super::{Prediction, Setting};
use super::{DigitalAircompFormula, point_power, slicer_moments, weakest};
use crate::medium::Knowledge;
use crate::report::Errors;
use airloop_baseband::Complex64;

/// A slot of a round as the formula sees it.
#[derive(Clone, Copy, Debug)]
pub struct AircompSlot<'a> {
    /// The channels of all devices.
    pub truth: &'a Knowledge<'a>,
    /// What devices know of them.
    pub known: &'a Knowledge<'a>,
    /// Position of the slot's first real part in the round.
    pub first_part: usize,
    /// Real parts that carry digits, two an element.
    pub parts: usize,
    /// Values of all devices that have digits in the slot, device after device.
    pub values: &'a [f32],
    /// What each is rounded by, uniform in (0, 1).
    pub uniforms: &'a [f32],
}

/// Accumulates the prediction over the elements of a round.
///
/// ```text
/// r = sum_k Re or Im of (h_k/h_hat_k) (a_1 + j a_2) over active devices, a the amplitudes of two digits
/// error of a value = (step sum_d q^d (E decided_d - K_a (q - 1)/2) - sum_k u_k)^2 + sum_d (step q^d)^2 Var decided_d
/// ```
pub struct DigitalAircompConditional<'a> {
    setting: &'a Setting<'a>,
    formula: DigitalAircompFormula,
    /// Power at which points arrive, where it is the same on all elements.
    aligned: Option<f64>,
    bias: f64,
    variance: f64,
    error: f64,
    target: f64,
    active: u64,
    power: f64,
    arrived: f64,
    elements: u64,
}

impl<'a> DigitalAircompConditional<'a> {
    /// Begins a round.
    pub fn new(setting: &'a Setting<'a>, formula: DigitalAircompFormula) -> Self {
        let aligned = formula.aligned_power(setting);
        Self {
            setting,
            formula,
            aligned,
            bias: 0.0,
            variance: 0.0,
            error: 0.0,
            target: 0.0,
            active: 0,
            power: 0.0,
            arrived: 0.0,
            elements: 0,
        }
    }

    /// Adds a slot; slots come in order.
    pub fn add(&mut self, slot: &AircompSlot<'_>) {
        let (digits, devices) = (self.formula.digits as usize, self.setting.power.len());
        let stride = slot.values.len() / devices;
        let first_value = slot.first_part / digits;
        for e in 0..slot.parts.div_ceil(2) {
            let parts = 2 * e..(2 * e + 2).min(slot.parts);
            let place = |part: usize| (slot.first_part + part) / digits - first_value;
            let amplitude = |device: usize, part: usize| {
                if part >= slot.parts {
                    return 0.0;
                }
                let at = device * stride + place(part);
                self.amplitude(slot.values[at], slot.uniforms[at], (slot.first_part + part) % digits)
            };
            let points: Vec<Complex64> = (0..devices)
                .map(|device| Complex64::new(amplitude(device, 2 * e), amplitude(device, 2 * e + 1)))
                .collect();
            let (received, active, arrived) = self.element(slot, e, &points);
            for (part, received) in parts.zip([received.re, received.im]) {
                let digit = (slot.first_part + part) % digits;
                self.digit(digit, received, active, arrived);
                if digit + 1 == digits {
                    let sum =
                        slot.values.iter().skip(place(part)).step_by(stride).map(|u| f64::from(*u)).sum();
                    self.end_value(sum);
                }
            }
        }
    }

    /// Returns a digit's amplitude in units of half the distance of points, `2 digit - (q - 1)`.
    fn amplitude(&self, value: f32, uniform: f32, digit: usize) -> f64 {
        let (range, step) = (self.formula.range, self.formula.step());
        let position = (f64::from(value).clamp(-range, range) + range) / step;
        let number =
            if self.formula.stochastic { (position + f64::from(uniform)).floor() } else { position.round() };
        let number = number.clamp(0.0, (self.formula.levels() - 1) as f64) as u64;
        let base = u64::from(self.formula.base);
        let digit = number / base.pow(digit as u32) % base;
        2.0 * digit as f64 - (base - 1) as f64
    }

    /// Returns what arrives of points without noise, from how many devices, and with which power each.
    fn element(&mut self, slot: &AircompSlot<'_>, e: usize, points: &[Complex64]) -> (Complex64, u32, f64) {
        let setting = self.setting;
        let (symbol, subcarrier) = (e / slot.truth.subcarriers(), e % slot.truth.subcarriers());
        let of = |knowledge: &Knowledge<'_>, device: usize| {
            let h = knowledge.link(device).row(symbol)[subcarrier];
            Complex64::new(h.re.into(), h.im.into())
        };
        let devices = points.len();
        let weakest = || {
            let reached = |k: usize| point_power(setting, k) * of(slot.known, k).norm_sqr();
            (0..devices).map(reached).fold(f64::INFINITY, f64::min)
        };
        let arrived = self.aligned.unwrap_or_else(weakest);
        let (mut received, mut active) = (Complex64::default(), 0);
        let q = f64::from(self.formula.base);
        for (device, point) in points.iter().enumerate() {
            let known = of(slot.known, device);
            // Single precision gains decide who is active, as they do on the grid.
            let gain = slot.known.link(device).row(symbol)[subcarrier].norm_sqr();
            if self.formula.threshold.is_some_and(|(threshold, _)| gain < threshold as f32) || gain == 0.0 {
                continue;
            }
            active += 1;
            received += of(slot.truth, device) / known * point;
            let share = point.norm_sqr() / 2.0 * 3.0 / (q * q - 1.0);
            self.power += arrived / known.norm_sqr() * share / point_power(setting, device);
        }
        self.elements += 1;
        self.active += u64::from(active);
        self.arrived += arrived;
        (received, active, arrived)
    }

    /// Adds what is decided of one digit of a value.
    fn digit(&mut self, digit: usize, received: f64, active: u32, arrived: f64) {
        let most = active * (self.formula.base - 1);
        let middle = f64::from(most) / 2.0;
        let deviation = self.formula.deviation(self.setting, arrived);
        let (mean, variance) = slicer_moments(received / 2.0 + middle, most, deviation);
        let weight = self.formula.step() * f64::from(self.formula.base).powi(digit as i32);
        self.bias += weight * (mean - middle);
        self.variance += weight * weight * variance;
    }

    fn end_value(&mut self, sum: f64) {
        let (unit, shift) = (self.setting.payload.unit(), self.setting.payload.offset());
        self.error += (self.bias - sum).powi(2) + self.variance;
        self.target += (unit * sum + shift).powi(2);
        (self.bias, self.variance) = (0.0, 0.0);
    }

    /// Ends the round, whose draws are those of `index`.
    pub fn finish(self, index: u64) -> Prediction {
        let payload = self.setting.payload;
        let powers = payload.gram().trace() * payload.length() as f64 * payload.round_power(index);
        let pairs = self.elements as f64 * self.setting.power.len() as f64;
        let arrived = self.aligned.unwrap_or_else(|| {
            if self.elements > 0 { self.arrived / self.elements as f64 } else { weakest(self.setting) }
        });
        Prediction {
            errors: Errors {
                nmse: Some(payload.unit().powi(2) * self.error / self.target),
                mse_per_device: Some(self.error / powers),
                ..Errors::default()
            },
            symbols: None,
            active_fraction: self.active as f64 / pairs,
            power_used_mean: self.power / pairs,
            receive_snr: Some(arrived / self.setting.noise_power),
            sent_share: 1.0,
        }
    }
}
