//! Negative controls: what must vanish, remain, or not change.

use crate::agreement::*;
use crate::setup::*;
use airloop::baseband::{Complex32, Purpose, Seeds};
use airloop::experiment::Loader;
use airloop::medium::Knowledge;
use airloop::payload::Source;
use airloop::report::Fidelity;
use airloop::scheme::full_inversion::FullInversion;
use airloop::scheme::full_power::FullPower;
use airloop::scheme::optimal_power::OptimalPower;
use airloop::scheme::{Alignment, LinkBudget, PowerControl};
use std::time::Instant;

const ANALOG: [&str; 4] = [
    "scheme.kind=truncated-inversion; scheme.threshold=0.05; scheme.scale=plain",
    "scheme.kind=full-inversion",
    "scheme.kind=optimal-power",
    "scheme.kind=full-power",
];

#[test]
fn one_device_is_a_plain_link() {
    // Known amplitude sqrt(g) at full power: best linear error 1/(1 + SNR g), over Rayleigh e^(1/SNR) E1(1/SNR)/SNR.
    let expected = (0.2f64).exp() * e1(0.2) * 0.2;
    for scheme in ["scheme.kind=optimal-power", "scheme.kind=full-power"] {
        let since = Instant::now();
        let link = format!("link.snr_db={}", 10.0 * 5f64.log10());
        let found = trials(&load(&[&gaussian(1, 960), RAYLEIGH, &link, scheme]), Fidelity::Symbol, 1024);
        assert_error(&format!("K = 1, {scheme}"), &found, expected, since);
    }
    // Without fading, inversion leaves the noise: 1/SNR.
    let since = Instant::now();
    let found = trials(&load(&[&gaussian(1, 960), AWGN, "link.snr_db=10", ANALOG[1]]), Fidelity::Symbol, 512);
    assert_error("K = 1, AWGN", &found, 0.1, since);
}

#[test]
fn a_huge_threshold_sends_nothing_and_the_error_is_the_target() {
    for (channel, threshold) in
        [(RAYLEIGH, 30.0), (RAYLEIGH, 200.0), (RAYLEIGH, 1000.0), (SELECTIVE, 1000.0), (AWGN, 1.5)]
    {
        for scale in ["plain", "lmmse"] {
            let scheme = format!(
                "scheme.kind=truncated-inversion; scheme.threshold={threshold}; scheme.scale={scale}"
            );
            let mut experiment = load(&[&gaussian(2, 96), channel, "link.snr_db=0", &scheme]);
            experiment.stop.rule = airloop::experiment::sections::Rule::Trials(8);
            for fidelity in [Fidelity::Theory, Fidelity::Symbol] {
                let report = report(&experiment, fidelity);
                let nmse = report.metrics.nmse.unwrap().mean.unwrap();
                assert!((nmse - 1.0).abs() < 1e-6, "{fidelity}, {channel}, {threshold}, {scale}: {nmse}");
                assert!(report.active_fraction.unwrap() < 1e-9);
                assert!(report.receive_snr_db.is_none_or(f64::is_finite));
            }
        }
    }
    // "best" may well be not to send: one device below 0 dB would only add 1/SNR > 1 of noise.
    let alone = load(&[
        &gaussian(1, 96),
        AWGN,
        "link.snr_db=-3; scheme.kind=truncated-inversion; scheme.threshold=best; scheme.scale=plain",
    ]);
    for fidelity in [Fidelity::Theory, Fidelity::Symbol] {
        assert_eq!(report(&alone, fidelity).metrics.nmse.unwrap().mean, Some(1.0));
    }
}

#[test]
fn without_noise_only_the_bias_remains() {
    // Truncation leaves 1 - zeta; two devices at full power K - (|h1| + |h2|)^2/(g1 + g2): with polar angle t of
    // (|h1|, |h2|), density sin 2t, E[sin 2t] = pi/4, so (1 - pi/4)/2 a device. Inversion and optimal power leave nothing.
    let clean = "link.snr_db=90";
    for (scheme, devices, floor) in
        [(ANALOG[0], 8, 1.0 - (-0.05f64).exp()), (ANALOG[3], 2, (1.0 - std::f64::consts::FRAC_PI_4) / 2.0)]
    {
        let since = Instant::now();
        let found =
            trials(&load(&[&gaussian(devices, 960), RAYLEIGH, clean, scheme]), Fidelity::Symbol, 1024);
        assert_error(&format!("floor, {scheme}"), &found, floor, since);
    }
    for scheme in [ANALOG[1], ANALOG[2]] {
        let experiment = load(&[&gaussian(4, 96), "channel.model=rayleigh", "link.snr_db=140", scheme]);
        for trial in trials(&experiment, Fidelity::Symbol, 64) {
            assert!(trial.mse_per_device() < 1e-9, "{scheme}: {}", trial.mse_per_device());
        }
    }
}

#[test]
fn permuting_devices_changes_nothing_without_fading() {
    let rows: Vec<Vec<f32>> = (0..4)
        .map(|k| (0..600).map(|n| ((n * (k + 3)) as f32 * 0.37).sin() * (k + 1) as f32).collect())
        .collect();
    let snr_db = [3.0, 12.0, 7.0, 20.0];
    let errors = |order: [usize; 4], scheme: &str| {
        let values: Vec<f32> = order.iter().flat_map(|k| rows[*k].clone()).collect();
        let loader = Loader::with_source(Source::array(4, values.into()).unwrap());
        let link = format!("link.snr_db_per_device={:?}", order.map(|k| snr_db[k]));
        let experiment = load_with(&loader, &["ofdm.bandwidth_hz=5e6", AWGN, &link, scheme]);
        trials(&experiment, Fidelity::Symbol, 1)[0].nmse()
    };
    for scheme in ANALOG {
        let (one, other) = (errors([0, 1, 2, 3], scheme), errors([2, 0, 3, 1], scheme));
        // Sums of four in single precision, in another order.
        assert!((one / other - 1.0).abs() < 1e-5, "{scheme}: {one} {other}");
        let wrong = errors([0, 1, 3, 3], scheme);
        assert!((one / wrong - 1.0).abs() > 1e-3, "{scheme}: the control, another set of devices");
    }
}

#[test]
fn permuting_devices_changes_no_joint_decision() {
    let (devices, elements) = (7, 48);
    let mut gains = vec![Complex32::default(); devices * elements];
    Seeds::new(3).stream(Purpose::Fading, 0, 0).fill_complex_gaussian(0, 1.0, &mut gains);
    let power: Vec<f64> = (0..devices).map(|k| 0.5 + k as f64).collect();
    let order = [3, 6, 0, 5, 1, 4, 2];
    let decide = |control: &mut dyn PowerControl, order: &[usize]| {
        let all: Vec<Complex32> =
            order.iter().flat_map(|k| gains[k * elements..(k + 1) * elements].to_vec()).collect();
        let budget = LinkBudget {
            noise_power: 0.1,
            power: order.iter().map(|k| power[*k]).collect(),
            weight: vec![1.0; order.len()],
        };
        let mut alignment = Alignment::default();
        control.agree(&budget, &Knowledge::new(&all, devices, elements, 1), &mut alignment);
        alignment
    };
    let straight: Vec<usize> = (0..devices).collect();
    let controls: [Box<dyn PowerControl>; 3] =
        [Box::new(FullInversion), Box::new(OptimalPower::default()), Box::new(FullPower)];
    for mut control in controls {
        let (one, other) = (decide(control.as_mut(), &straight), decide(control.as_mut(), &order));
        for (a, b) in one.scale.iter().zip(&other.scale).chain(one.reach.iter().zip(&other.reach)) {
            // Infinite reach stays infinite; sums of seven in single precision.
            assert!(a == b || (a / b - 1.0).abs() < 1e-6, "{a} {b}");
        }
    }
}

#[test]
fn doubling_power_and_noise_changes_nothing() {
    for scheme in ANALOG.into_iter().chain(["scheme.kind=digital; scheme.bits=5"]) {
        for channel in [RAYLEIGH, SELECTIVE] {
            let experiment =
                load(&[&gaussian(5, 960), channel, "link.snr_db=8; link.snr_spread_db=4", scheme]);
            let errors = |power: f64, noise: f64| {
                let mut scaled = experiment.clone();
                scaled.budget.noise_power *= noise;
                scaled.budget.power.iter_mut().for_each(|p| *p *= power);
                trials(&scaled, Fidelity::Symbol, 2).iter().map(|t| t.mse_per_device()).collect::<Vec<f64>>()
            };
            let plain = errors(1.0, 1.0);
            for (a, b) in plain.iter().zip(errors(2.0, 2.0)) {
                assert!((a / b - 1.0).abs() < 1e-5, "{scheme}: {a} {b}");
            }
            // Powers of 4 scale amplitudes by 2, which is exact.
            assert_eq!(plain, errors(4.0, 4.0), "{scheme}");
            // The control: twice the power alone helps; the fixed bits of the digital link only save airtime.
            if !scheme.contains("digital") {
                assert!(plain.iter().zip(errors(2.0, 1.0)).all(|(a, b)| b < *a), "{scheme}");
            }
        }
    }
}
