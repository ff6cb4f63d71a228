//! Balanced digits of uniform values as energy on pairs of bins.
//!
//! ```text
//! u in [-sqrt 3, sqrt 3] -> q step, step = 2 sqrt 3/(base^D - 1): all numbers are equally likely, the two outer ones half as
//! p = max(digit, 0), level c p with c = 8 base/(base^2 - 1), v = s2/(c P), S = sum_k p_k, C copies
//! Rayleigh, independent elements: Var of a bin = E (S + v)^2/C;   constant: E [S^2 - sum p^2 + 2 S v + v^2]/C
//! error of the sum of u = step^2 sum_d base^(2d) 2 Var_d + K step^2/12
//! ```

use crate::agreement::*;
use crate::setup::*;
use airloop::experiment::Experiment;
use airloop::report::{Fidelity, TheoryKind};
use std::time::Instant;

#[derive(Clone, Copy)]
struct Balanced {
    devices: usize,
    base: i64,
    digits: u32,
    copies: usize,
    snr_db: f64,
}

const SETTINGS: [Balanced; 4] = [
    Balanced { devices: 6, base: 3, digits: 3, copies: 1, snr_db: 20.0 },
    Balanced { devices: 5, base: 5, digits: 2, copies: 4, snr_db: 0.0 },
    // One digit in copies: what rounding leaves shows.
    Balanced { devices: 3, base: 3, digits: 1, copies: 16, snr_db: 20.0 },
    Balanced { devices: 1, base: 7, digits: 2, copies: 3, snr_db: 10.0 },
];

impl Balanced {
    fn experiment(&self, settings: &[&str]) -> Experiment {
        let Self { devices, base, digits, copies, snr_db } = self;
        let own = format!(
            "payload.source=uniform; payload.devices={devices}; payload.length=480; link.snr_db={snr_db}; \
             scheme.kind=balanced-number; scheme.base={base}; scheme.digits={digits}; scheme.copies={copies}"
        );
        load(&[&[&own[..]], settings].concat())
    }

    fn step(&self) -> f64 {
        2.0 * 3f64.sqrt() / (self.base.pow(self.digits) - 1) as f64
    }

    /// Returns the error per device; over independent Rayleigh elements, or over a constant channel.
    fn error(&self, rayleigh: bool, rounding: bool) -> f64 {
        let (k, base) = (self.devices as f64, self.base as f64);
        let v = (base * base - 1.0) / (8.0 * base) / ratio(self.snr_db);
        let largest = (self.base.pow(self.digits) - 1) / 2;
        let mut error = 0.0;
        for d in 0..self.digits {
            // Digit d of q: what is left of q modulo base^(d+1) in balanced form, divided by base^d.
            let (mut mean, mut square) = (0.0, 0.0);
            for q in -largest..=largest {
                let chance = if q.abs() == largest { 0.5 } else { 1.0 } / (2 * largest) as f64;
                let (high, low) = (self.base.pow(d + 1), self.base.pow(d));
                let residue = |m: i64| (q + (m - 1) / 2).rem_euclid(m) - (m - 1) / 2;
                let p = ((residue(high) - residue(low)) / low).max(0) as f64;
                mean += chance * p;
                square += chance * p * p;
            }
            let own = if rayleigh { 0.0 } else { k * square };
            let sum_square = k * square + k * (k - 1.0) * mean * mean;
            let bin = (sum_square - own + 2.0 * k * mean * v + v * v) / self.copies as f64;
            error += (self.step() * base.powi(d as i32)).powi(2) * 2.0 * bin;
        }
        error / k + if rounding { self.step().powi(2) / 12.0 } else { 0.0 }
    }
}

/// Holds theory against the formula to nine digits, and the symbol rung against it statistically.
fn holds(channel: &str, rayleigh: bool) {
    for setting in SETTINGS {
        let since = Instant::now();
        let experiment = setting.experiment(&[channel]);
        let expected = setting.error(rayleigh, true);
        let theory = report(&experiment, Fidelity::Theory);
        assert_eq!(theory.theory_kind, Some(TheoryKind::Ensemble));
        assert_equal(channel, theory.metrics.mse_per_device.unwrap().mean.unwrap(), expected);
        let found = trials(&experiment, Fidelity::Symbol, 1300);
        let what = format!("symbol, base {} digits {}, {channel}", setting.base, setting.digits);
        assert_error(&what, &found, expected, since);
        let mean = |of: &dyn Fn(&airloop::run::Trial) -> f64| found.iter().map(of).sum::<f64>() / 1300.0;
        let (power, active) = (mean(&|t| t.account.power_used_mean), mean(&|t| t.account.active_fraction));
        assert!((power / theory.power_used_mean.unwrap() - 1.0).abs() < 0.01, "{power}");
        assert!((active / theory.active_fraction.unwrap() - 1.0).abs() < 0.01, "{active}");
        if setting.digits == 1 {
            let errors = found.iter().map(|t| t.mse_per_device());
            assert_differs("without rounding", errors, setting.error(rayleigh, false));
        }
    }
}

#[test]
fn uniform_values_hit_their_formula_over_rayleigh_elements() {
    holds(RAYLEIGH, true);
}

#[test]
fn uniform_values_hit_their_formula_over_constant_channels() {
    holds(AWGN, false);
}

#[test]
fn elements_and_power_are_what_the_digits_take() {
    let setting = SETTINGS[1];
    let found = report(&setting.experiment(&[RAYLEIGH]), Fidelity::Symbol);
    // N values of D digits on two bins in C copies.
    assert_eq!(found.elements, Some((480 * 2 * 2 * 4) as f64));
    // The sum of |digit| over 25 numbers is 30; the outer two, whose digit is 2, count half, so E|digit| = (30 - 2)/24, and
    // the mean level on two bins is c E|digit|/2.
    let (base, numbers) = (5.0, 25.0);
    let all = numbers / base * (2.0 * (1.0 + 2.0));
    let level = 8.0 * base / (base * base - 1.0) / 2.0 * (all - 2.0) / (numbers - 1.0);
    let theory = report(&setting.experiment(&[RAYLEIGH]), Fidelity::Theory);
    assert_equal("power", theory.power_used_mean.unwrap(), level);
}

#[test]
fn a_wider_range_leaves_less_of_the_digits_but_the_same_law() {
    // Values on a third of the range: numbers beyond are never sent, the middle ones each stand for a whole cell.
    let wide = format!("scheme.range={}; scheme.copies=8", 3.0 * 3f64.sqrt());
    let setting = Balanced { devices: 4, base: 3, digits: 2, copies: 8, snr_db: 10.0 };
    let experiment = setting.experiment(&[RAYLEIGH, &wide]);
    // Nine numbers with step = 3/4 sqrt 3: cells end at 3/8, 9/8 of sqrt 3, so q = 0 has the chance 3/8, q = +-1 5/16 each.
    let (chance, v, k): (f64, f64, f64) = (5.0 / 16.0, 8.0 / 24.0 / 10.0, 4.0);
    let step = 0.75 * 3f64.sqrt();
    let bin = |p: f64| (k * p + k * (k - 1.0) * p * p + 2.0 * k * p * v + v * v) / 8.0;
    let digits = step * step * 2.0 * (bin(chance) + 9.0 * bin(0.0));
    // Rounding: E (u - q step)^2, in units of sqrt 3: 3 [integral of x^2 to 3/8 + integral of (x - 3/4)^2 from 3/8 to 1].
    let rounding = 3.0 * (0.375f64.powi(3) / 3.0 + (0.25f64.powi(3) + 0.375f64.powi(3)) / 3.0);
    let expected = digits / k + rounding;
    let theory = report(&experiment, Fidelity::Theory).metrics.mse_per_device.unwrap().mean.unwrap();
    assert_equal("wide", theory, expected);
    assert_error("wide", &trials(&experiment, Fidelity::Symbol, 800), expected, Instant::now());
}

#[test]
fn theory_s_nmse_is_right_to_first_order() {
    let setting = Balanced { devices: 3, base: 3, digits: 2, copies: 2, snr_db: 10.0 };
    let experiment = setting.experiment(&[RAYLEIGH, "payload.length=100"]);
    let since = Instant::now();
    let theory = report(&experiment, Fidelity::Theory).metrics;
    let found = trials(&experiment, Fidelity::Symbol, 40_000);
    assert_mean(
        "nmse of 100 values",
        found.iter().map(|t| t.nmse()),
        theory.nmse.unwrap().mean.unwrap(),
        since,
    );
    let plain = theory.mse_per_device.unwrap().mean.unwrap();
    assert_differs("without the target's spread", found.iter().map(|t| t.nmse()), plain);
}

#[test]
fn waveforms_hit_the_formula_whatever_their_phase() {
    let turned = "impairments.phase_rad={ uniform = [-3.2, 3.2] }; impairments.timing_offset_s={ uniform = [-5e-7, 5e-7] }";
    for (setting, impairments) in [(SETTINGS[0], ""), (SETTINGS[1], turned)] {
        let since = Instant::now();
        let experiment = setting.experiment(&[AWGN, impairments]);
        let found = trials(&experiment, Fidelity::Waveform, 700);
        assert_error(&format!("waveform, {impairments}"), &found, setting.error(false, true), since);
        let errors = found.iter().map(|t| t.mse_per_device());
        assert_differs("as if over Rayleigh", errors, setting.error(true, true));
    }
}
