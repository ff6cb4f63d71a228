//! The digital link: quantisers of step `Delta_k = 2 max|u_k| / (2^b - 1)`, ideal codes over every K-th element.

use crate::agreement::*;
use crate::setup::*;
use airloop::baseband::checks::{CheckFailure, CheckSpec, check_paired};
use airloop::baseband::statistics::Moments;
use airloop::experiment::Experiment;
use airloop::ofdm::SlotShape;
use airloop::report::Fidelity;
use airloop::run::TrialContext;
use std::time::Instant;

/// Subcarriers, and seconds of a symbol: 64 and 16 samples at 1.92 MHz.
const USED: usize = 48;
const SYMBOL_S: f64 = 80.0 / 1.92e6;

fn digital(devices: usize, length: usize, rest: &str) -> Experiment {
    load(&[&gaussian(devices, length), "channel.model=awgn; scheme.kind=digital", rest])
}

/// Returns `E[largest^2]` over devices and values of one trial's payload, and the mean power.
fn payload(experiment: &Experiment, trial: u64) -> (f64, f64) {
    let (k, n) = (experiment.payload.devices(), experiment.payload.length());
    let mut values = vec![0.0f32; n];
    let (mut largest, mut power) = (0.0, 0.0);
    for device in 0..k {
        experiment.payload.read(trial, device, 0, &mut values).unwrap();
        largest += f64::from(values.iter().fold(0.0f32, |m, v| m.max(v.abs()))).powi(2);
        power += values.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>() / n as f64;
    }
    (largest / k as f64, power / k as f64)
}

/// Holds trials against a formula of their own payload, with the formula 3 % off as the control.
fn assert_paired(what: &str, experiment: &Experiment, count: u64, formula: impl Fn(f64, f64) -> f64) {
    let since = Instant::now();
    let context = TrialContext::new(experiment, Fidelity::Symbol).unwrap();
    let one = |trial| {
        let (largest, power) = payload(experiment, trial);
        (context.run(trial).unwrap().mse_per_device(), formula(largest, power))
    };
    let pairs: Vec<(f64, f64)> = (0..count).map(one).collect();
    let spec =
        CheckSpec { alpha: ALPHA, detects: 0.03 * pairs.iter().map(|p| p.1).sum::<f64>() / count as f64 };
    let differences = |factor: f64| Moments::of(pairs.iter().map(|p| p.0 - factor * p.1));
    let pass = check_paired(&differences(1.0), spec).unwrap();
    println!("{what}: {pass}, {:.2} s", since.elapsed().as_secs_f64());
    for factor in [0.97, 1.03] {
        assert!(
            matches!(check_paired(&differences(factor), spec), Err(CheckFailure::Disagrees(_))),
            "{what}"
        );
    }
}

#[test]
fn the_error_is_a_twelfth_of_the_squared_steps() {
    for bits in [1, 4, 8, 16] {
        let experiment = digital(10, 960, &format!("link.snr_db=10; scheme.bits={bits}"));
        let step2 = |largest: f64| 4.0 * largest / (2f64.powi(bits) - 1.0).powi(2);
        assert_paired(&format!("{bits} bits"), &experiment, 256, |largest, _| step2(largest) / 12.0);
    }
}

#[test]
fn the_largest_magnitude_has_its_formula() {
    // Uniform on +-sqrt 3: the largest of N magnitudes is sqrt 3 times a Beta(N, 1), so E M^2 = 3 N/(N + 2).
    // Gaussian: E M^2 = integral of 2 t (1 - P(|u| <= t)^N) dt, with the normal distribution by integrating its density.
    let n = 200;
    let density = |t: f64| (-t * t / 2.0).exp() * (2.0 / std::f64::consts::PI).sqrt();
    let steps = 4000;
    let h = 8.0 / f64::from(steps);
    let (mut inside, mut gaussian) = (0.0, 0.0);
    for i in 0..steps {
        let t = f64::from(i) * h;
        let middle = inside + simpson(density, t, t + h / 2.0, 4);
        gaussian += h * 2.0 * (t + h / 2.0) * (1.0 - middle.powi(n));
        inside += simpson(density, t, t + h, 4);
    }
    for (source, largest) in [("uniform", 3.0 * f64::from(n) / f64::from(n + 2)), ("gaussian", gaussian)] {
        for bits in [2, 4, 8] {
            let since = Instant::now();
            let settings = format!("payload.source={source}; link.snr_db=10; scheme.bits={bits}");
            let experiment = digital(10, 200, &settings);
            let expected = 4.0 * largest / (12.0 * (2f64.powi(bits) - 1.0).powi(2));
            let theory = report(&experiment, Fidelity::Theory).metrics.mse_per_device.unwrap().mean.unwrap();
            // The midpoint rule above is good to h^2/24 times the integrand's curvature.
            assert!((theory / expected - 1.0).abs() < 1e-6, "{settings}: {theory} {expected}");
            assert_error(&settings, &trials(&experiment, Fidelity::Symbol, 2048), expected, since);
        }
    }
}

#[test]
fn the_shipped_gradients_are_quantised_with_their_own_steps() {
    let rows = raw_gradients();
    let largest_power = rows.iter().map(|row| product(row, row)).fold(0.0, f64::max);
    // Per device of unit power: over the trace of the Gram matrix.
    let trace = rows.iter().map(|row| product(row, row)).sum::<f64>() / largest_power;
    let largest = |row: &Vec<f64>| row.iter().fold(0.0f64, |m, v| m.max(v.abs())).powi(2) / largest_power;
    for bits in [2, 5, 8] {
        let since = Instant::now();
        let experiment =
            load(&[&shipped(), AWGN, &format!("link.snr_db=10; scheme.kind=digital; scheme.bits={bits}")]);
        let steps: f64 = rows.iter().map(|row| 4.0 * largest(row) / (2f64.powi(bits) - 1.0).powi(2)).sum();
        let found = trials(&experiment, Fidelity::Symbol, 64);
        assert_error(&format!("gradients, {bits} bits"), &found, steps / 12.0 / trace, since);
        let theory = report(&experiment, Fidelity::Theory).metrics.mse_per_device.unwrap().mean.unwrap();
        // Values and thus the largest are in single precision.
        assert!((theory / (steps / 12.0 / trace) - 1.0).abs() < 1e-6);
    }
}

#[test]
fn over_awgn_the_airtime_follows_by_hand() {
    // b N + 32 bits at log2(1 + K SNR_k) a element; device k owns elements k, k + K, ...: its m-th lies in symbol
    // ((m - 1) K + k)/48, and the round ends with the last device's symbol.
    for (devices, bits, link) in [
        (10, 8, "link.snr_db=10".to_string()),
        (7, 3, "link.snr_db=-5".to_string()),
        (4, 16, "link.snr_db_per_device=[0, 5, 10, 15]".to_string()),
        (1, 1, "link.snr_db=20".to_string()),
    ] {
        let experiment = digital(devices, 500, &format!("{link}; scheme.bits={bits}"));
        let snr = |k: usize| experiment.budget.power[k] / experiment.budget.noise_power;
        let last = |k: usize| {
            let rate = (1.0 + devices as f64 * snr(k)).log2();
            let elements = (f64::from(bits * 500 + 32) / rate).ceil() as usize;
            ((elements - 1) * devices + k) / USED + 1
        };
        let symbols = (0..devices).map(last).max().unwrap();
        for fidelity in Fidelity::ALL {
            let report = report(&experiment, fidelity);
            assert_eq!(report.elements, Some((symbols * USED) as f64), "{fidelity}, {link}");
            assert!((report.airtime_s.unwrap() / (symbols as f64 * SYMBOL_S) - 1.0).abs() < 1e-12);
        }
    }
    // A device's energy is as in analog: 10 dB is 10 dB on all elements, or 100 on a tenth: log2(101) = 6.658 bits.
    let experiment = digital(10, 500, "link.snr_db=10; scheme.bits=8");
    assert_eq!(trials(&experiment, Fidelity::Symbol, 1)[0].account.symbols, 127);
}

#[test]
fn over_fading_channels_the_airtime_follows_the_rates_of_the_channels() {
    let (devices, bits) = (5, 6);
    for channel in [RAYLEIGH, SELECTIVE] {
        let settings = format!("{channel}; link.snr_db=5; scheme.kind=digital; scheme.bits={bits}");
        let experiment = load(&[&gaussian(devices, 300), &settings]);
        let context = TrialContext::new(&experiment, Fidelity::Symbol).unwrap();
        for trial in 0..40 {
            let mut gains = context.gains(trial);
            let mut have = vec![0.0f64; devices];
            let mut symbol = 0;
            while have.iter().any(|have| *have < f64::from(bits * 300 + 32)) {
                let known = gains.all(SlotShape { first_symbol: symbol, symbols: 1 });
                for element in symbol * USED..(symbol + 1) * USED {
                    let h = known.link(element % devices).row(0)[element % USED];
                    have[element % devices] += (1.0 + 5.0 * ratio(5.0) * f64::from(h.norm_sqr())).log2();
                }
                symbol += 1;
            }
            assert_eq!(context.run(trial).unwrap().account.symbols, symbol, "{channel}, trial {trial}");
        }
    }
}

#[test]
fn a_budget_of_airtime_gives_as_many_bits_as_fit() {
    let (devices, length) = (8, 480);
    // log2(1 + 8 * 10) = 6.3399 bits a element; 48/8 = 6 elements a device and symbol.
    for (settings, symbols) in [
        ("budget.elements=1500", 31),
        ("budget.elements=4848", 101),
        (&format!("budget.airtime_s={}", 60.5 * SYMBOL_S), 60),
    ] {
        let experiment = digital(devices, length, &format!("link.snr_db=10; {settings}"));
        let bits = ((6.0 * symbols as f64 * 81f64.log2() - 32.0) / length as f64).floor();
        assert!(bits >= 2.0);
        let step2 = |largest: f64| 4.0 * largest / (2f64.powf(bits) - 1.0).powi(2);
        assert_paired(&format!("{settings}, {bits} bits"), &experiment, 512, |largest, _| {
            step2(largest) / 12.0
        });
        assert_eq!(report(&experiment, Fidelity::Symbol).airtime_s, Some(symbols as f64 * SYMBOL_S));
        // Nothing is on the air, so the waveform rung is the symbol rung.
        let errors = |fidelity| {
            trials(&experiment, fidelity, 4).iter().map(|t| t.mse_per_device()).collect::<Vec<_>>()
        };
        assert_eq!(errors(Fidelity::Symbol), errors(Fidelity::Waveform));
    }
}

#[test]
fn a_budget_below_one_bit_sends_a_random_subset_of_the_values() {
    // f N values of 1 bit (Delta = 2 max), scaled by 1/f: error of a device G (1/f - 1) + Delta^2/(12 f).
    let (devices, length) = (8, 480);
    for symbols in [3, 6, 12] {
        let experiment =
            digital(devices, length, &format!("link.snr_db=10; budget.elements={}", symbols * USED));
        let sent = (6.0 * symbols as f64 * 81f64.log2() - 32.0).floor();
        let f = sent / length as f64;
        assert!(f < 1.0);
        let formula = |largest: f64, power: f64| power * (1.0 / f - 1.0) + 4.0 * largest / (12.0 * f);
        assert_paired(&format!("{symbols} symbols, share {f}"), &experiment, 1024, formula);
        let report = report(&experiment, Fidelity::Symbol);
        assert!(report.warnings.iter().any(|w| w.code == "budget-too-small"));
        let context = TrialContext::new(&experiment, Fidelity::Symbol).unwrap();
        assert!((context.run(0).unwrap().account.sent_share - f).abs() < 1e-12);
        // Unbiased: the estimate's share of the truth is 1 on average.
        let share = (0..5000).map(|trial| {
            let (_, vectors) = context.run_with_vectors(trial).unwrap();
            let dot = |a: &[f32], b: &[f32]| {
                a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>()
            };
            dot(&vectors.estimate, &vectors.truth) / dot(&vectors.truth, &vectors.truth)
        });
        assert_mean(&format!("{symbols} symbols, unbiased"), share, 1.0, Instant::now());
    }
}
