//! Values as energy under random phases, `a = 1 + u/r`, `A = sum_k a_k`, `v = s2/P`, L elements and M antennas.
//!
//! ```text
//! |y|^2/P of an element has mean A + v and variance A^2 - sum a^2 + 2 A v + v^2 over channels of constant modulus:
//! error of the sum of u = r^2 [A^2 - sum a^2 + 2 A v + v^2]/L
//! Rayleigh, independent elements: |y|^2 is exponential, error = r^2 (A + v)^2/(L M)
//! one Rayleigh channel a round:   error = r^2 {[A^2 - sum a^2 + 2 A v + v^2]/L + sum a^2}
//! magnitudes inverted above g:    a device is there with chance zeta = exp(-g), v = s2 E1(g)/P, and
//!   error = r^2 [(zeta A)^2 + (zeta - 2 zeta^2) sum a^2 + 2 zeta A v + v^2]/(zeta^2 L)
//! uniform values, r = sqrt 3:     E A^2 = K^2 + K/3,   E sum a^2 = 4 K/3
//! ```

use crate::agreement::*;
use crate::setup::*;
use airloop::experiment::{Experiment, Loader};
use airloop::payload::Source;
use airloop::report::{Fidelity, TheoryKind};
use std::time::Instant;

/// The grid of the other tests, for experiments with values of their own.
const GRID: &str = "ofdm.numerology=custom; ofdm.sample_rate_hz=1.92e6; ofdm.fft_size=64; \
                    ofdm.cyclic_prefix_samples=16; ofdm.used_subcarriers=48";

/// Levels k/5 of five devices: as unit-power values u = 1.25 (a - 1), all of one device alike; `sum_k E u_k^2` is 1.875.
const FIFTHS: &str = "scheme.kind=energy; scheme.sequence_length=16; scheme.range=1.25; link.snr_db=10";

fn fifths(settings: &[&str]) -> Experiment {
    let values: Vec<f32> = (1..=5).flat_map(|k| vec![0.2 * k as f32 - 1.0; 720]).collect();
    let source = Source::array(5, values.into()).unwrap();
    load_with(&Loader::with_source(source), &[&[GRID, FIFTHS], settings].concat())
}

/// Brings the error of the sum of levels to the error per device.
fn of_fifths(error: f64) -> f64 {
    1.25 * 1.25 * error / 1.875
}

/// K independent uniform values of range sqrt 3, over Rayleigh elements unless said otherwise.
#[derive(Clone, Copy)]
struct Uniform {
    devices: usize,
    elements: usize,
    snr_db: f64,
    antennas: usize,
}

const UNIFORM: [Uniform; 4] = [
    Uniform { devices: 10, elements: 8, snr_db: 5.0, antennas: 1 },
    Uniform { devices: 4, elements: 20, snr_db: -5.0, antennas: 1 },
    Uniform { devices: 6, elements: 3, snr_db: 20.0, antennas: 4 },
    Uniform { devices: 1, elements: 16, snr_db: 10.0, antennas: 2 },
];

impl Uniform {
    fn experiment(&self, settings: &[&str]) -> Experiment {
        let Self { devices, elements, snr_db, antennas } = self;
        let own = format!(
            "payload.source=uniform; payload.devices={devices}; payload.length=960; link.snr_db={snr_db}; \
             link.receive_antennas={antennas}; scheme.kind=energy; scheme.sequence_length={elements}"
        );
        load(&[&[&own[..]], settings].concat())
    }

    /// Returns `E A^2`, `E sum a^2` and `E A`.
    fn moments(&self) -> (f64, f64, f64) {
        let k = self.devices as f64;
        (k * k + k / 3.0, 4.0 * k / 3.0, k)
    }

    /// Error per device over independent Rayleigh elements.
    fn rayleigh(&self) -> f64 {
        let ((square, _, sum), v) = (self.moments(), 1.0 / ratio(self.snr_db));
        3.0 * (square + 2.0 * sum * v + v * v) / (self.elements * self.antennas) as f64 / self.devices as f64
    }
}

/// Holds theory against a formula to nine digits, and the symbol rung against it statistically.
#[track_caller]
fn holds(what: &str, experiment: &Experiment, expected: f64, count: u64) {
    let since = Instant::now();
    let theory = report(experiment, Fidelity::Theory);
    assert_eq!(theory.theory_kind, Some(TheoryKind::Ensemble), "{what}");
    assert_equal(what, theory.metrics.mse_per_device.unwrap().mean.unwrap(), expected);
    let found = trials(experiment, Fidelity::Symbol, count);
    assert_error(what, &found, expected, since);
    for (of, predicted) in [
        (found.iter().map(|t| t.account.power_used_mean).sum::<f64>(), theory.power_used_mean),
        (found.iter().map(|t| t.account.active_fraction).sum::<f64>(), theory.active_fraction),
    ] {
        assert!((of / count as f64 / predicted.unwrap() - 1.0).abs() < 0.01, "{what}: {of} {predicted:?}");
    }
}

#[test]
fn levels_of_fifths_hit_the_catalogue_s_figure() {
    // A = 3, sum a^2 = 2.2, L = 16, v = .1: (9 - 2.2 + .6 + .01)/16 = .463125; over Rayleigh elements 3.1^2/16.
    for (channel, error) in [(AWGN, 0.463_125), (RAYLEIGH, 3.1 * 3.1 / 16.0)] {
        let since = Instant::now();
        let experiment = fifths(&[channel, "seed=2"]);
        let found = trials(&experiment, Fidelity::Symbol, 400);
        assert_error(&format!("symbol, {channel}"), &found, of_fifths(error), since);
        // The control: the receiver leaves the noise power in, a bias of v.
        let biased = of_fifths(error + 0.01);
        assert_differs("noise power left in", found.iter().map(|t| t.mse_per_device()), biased);
        let theory = report(&experiment, Fidelity::Theory);
        assert_eq!(theory.theory_kind, Some(TheoryKind::Conditional));
        if channel == AWGN {
            let value = theory.metrics.mse_per_device.unwrap().mean.unwrap();
            assert!((value / of_fifths(error) - 1.0).abs() < 1e-6, "{value}");
        }
    }
}

#[test]
fn uniform_values_hit_their_formula_over_rayleigh_elements() {
    for setting in UNIFORM {
        holds("rayleigh", &setting.experiment(&[RAYLEIGH]), setting.rayleigh(), 400);
    }
}

#[test]
fn uniform_values_hit_their_formula_over_other_channels() {
    let setting = UNIFORM[0];
    let ((square, own, sum), v) = (setting.moments(), 1.0 / ratio(setting.snr_db));
    let rest = 2.0 * sum * v + v * v;
    let per_device = |error: f64| 3.0 * error / 10.0;
    holds("constant", &setting.experiment(&[AWGN]), per_device((square - own + rest) / 8.0), 400);
    // Rician of factor k: q = E|h|^4 = (2 + 4k + k^2)/(1 + k)^2, and the own terms weigh q - 2.
    let q = (2.0 + 4.0 * 2.0 + 4.0) / 9.0;
    let rician = format!(
        "channel.model=rician; channel.fading=per-element; channel.k_factor_db={}",
        10.0 * 2f64.log10()
    );
    let error = per_device((square + (q - 2.0) * own + rest) / 8.0);
    let experiment = setting.experiment(&[&rician]);
    let theory = report(&experiment, Fidelity::Theory).metrics.mse_per_device.unwrap().mean.unwrap();
    assert!((theory / error - 1.0).abs() < 1e-9);
    let found = trials(&experiment, Fidelity::Symbol, 500);
    assert_error("rician", &found, error, Instant::now());
    assert_differs(
        "as if constant",
        found.iter().map(|t| t.mse_per_device()),
        per_device((square - own + rest) / 8.0),
    );
}

#[test]
fn uniform_values_hit_their_formula_over_one_channel_a_round() {
    // The levels of a device all meet one draw, whose E|h|^4 - 1 is .36 at a Rician factor of 4.
    let setting = Uniform { devices: 4, elements: 2, snr_db: 5.0, antennas: 1 };
    let ((square, own, sum), v) = (setting.moments(), 1.0 / ratio(5.0));
    let expected = 3.0 * ((square - own + 2.0 * sum * v + v * v) / 2.0 + 0.36 * own) / 4.0;
    let channel = format!("channel.model=rician; channel.k_factor_db={}", 10.0 * 4f64.log10());
    let experiment = setting.experiment(&[&channel, "payload.length=24"]);
    let theory = report(&experiment, Fidelity::Theory);
    assert_eq!(theory.theory_kind, Some(TheoryKind::Ensemble));
    let value = theory.metrics.mse_per_device.unwrap().mean.unwrap();
    assert!((value / expected - 1.0).abs() < 1e-9, "{value} {expected}");
    let since = Instant::now();
    let found = trials(&experiment, Fidelity::Symbol, 50_000);
    assert_error("one draw", &found, expected, since);
    let apart = 3.0 * ((square - 0.64 * own + 2.0 * sum * v + v * v) / 2.0) / 4.0;
    assert_differs("independent elements", found.iter().map(|t| t.mse_per_device()), apart);
}

#[test]
fn inverted_magnitudes_hit_their_formula() {
    for (setting, g) in [(UNIFORM[0], 0.2f64), (UNIFORM[1], 0.05), (UNIFORM[1], 1.0)] {
        let (zeta, k) = ((-g).exp(), setting.devices as f64);
        let ((square, own, sum), v) = (setting.moments(), e1(g) / ratio(setting.snr_db));
        let of = |own_weight: f64| {
            let error = zeta * zeta * square + own_weight * own + 2.0 * zeta * sum * v + v * v;
            3.0 * error / (zeta * zeta * setting.elements as f64 * k)
        };
        let scheme = format!("scheme.channel_scaling=magnitude; scheme.threshold={g}");
        let experiment = setting.experiment(&[RAYLEIGH, &scheme]);
        holds(&scheme, &experiment, of(zeta - 2.0 * zeta * zeta), 500);
        let receive_db = report(&experiment, Fidelity::Theory).receive_snr_db.unwrap();
        assert!((receive_db - setting.snr_db + 10.0 * e1(g).log10()).abs() < 1e-9);
    }
}

#[test]
fn theory_s_nmse_is_right_to_first_order() {
    let setting = Uniform { devices: 3, elements: 4, snr_db: 10.0, antennas: 1 };
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
    let settings = "impairments.phase_rad={ uniform = [-3.2, 3.2] }; impairments.timing_offset_s={ uniform = [-5e-7, 5e-7] }";
    for impairments in ["", settings] {
        let since = Instant::now();
        let experiment = fifths(&[AWGN, impairments]);
        let found = trials(&experiment, Fidelity::Waveform, 300);
        assert_error(&format!("waveform, {impairments}"), &found, of_fifths(0.463_125), since);
    }
    // The control: inversion of the channel alone is lost under the same phases.
    let coherent = "scheme.kind=full-inversion; link.snr_db=10";
    let values: Vec<f32> = (1..=5).flat_map(|k| vec![0.2 * k as f32 - 1.0; 720]).collect();
    let loader = Loader::with_source(Source::array(5, values.into()).unwrap());
    let lost = load_with(&loader, &[GRID, coherent, AWGN, settings]);
    let ideal = load_with(&loader, &[GRID, coherent, AWGN]);
    let mean = |e: &Experiment| {
        trials(e, Fidelity::Waveform, 20).iter().map(|t| t.mse_per_device()).sum::<f64>() / 20.0
    };
    assert!(mean(&lost) > 10.0 * mean(&ideal));
}
