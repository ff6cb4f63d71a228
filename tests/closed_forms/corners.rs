//! Corners where a formula that looks right is not: weak devices, repeated passes, short payloads.

use crate::agreement::*;
use crate::setup::*;
use airloop::baseband::checks::{CheckSpec, check_paired};
use airloop::baseband::statistics::Moments;
use airloop::report::Fidelity;
use airloop::run::theory::predict;
use airloop::run::trial::TrialContext;
use std::time::Instant;

/// One of ten devices is a thousand times weaker than the others.
fn weak_device(normalisation: &str, scheme: &str) -> String {
    let values: Vec<f32> = (0..10 * 600)
        .map(|i| ((i as f32 * 12.9898).sin() * 43_758.547).fract() * if i < 600 { 1e-3 } else { 1.0 })
        .collect();
    let path = std::env::temp_dir()
        .join(format!("airloop-weak-{}-{normalisation}-{scheme}.npy", std::process::id()));
    airloop::tensor::write_npy_f32(&path, &[10, 600], &values).unwrap();
    format!("payload.source=file; payload.path={}; payload.normalisation={normalisation}", path.display())
}

/// The error of weights e_k = a c_k - 1 on this payload, by hand: (|sum e u|^2 + a^2 s2) / |sum u|^2 per value.
fn by_hand(experiment: &airloop::experiment::Experiment, capped: bool) -> f64 {
    let (k, n, s2) = (10, 600, 0.1);
    let mut rows = vec![vec![0.0f32; n]; k];
    rows.iter_mut().enumerate().for_each(|(d, row)| experiment.payload.read(0, d, 0, row).unwrap());
    let weight: Vec<f64> =
        rows.iter().map(|r| r.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>() / n as f64).collect();
    // AWGN: the amplitude at full power is 1 over the rms of the device's values.
    let c: Vec<f64> = weight.iter().map(|w| 1.0 / w.sqrt()).collect();
    let scale = |most: f64| {
        let used: Vec<usize> = (0..k).filter(|d| c[*d] <= most).collect();
        let sum = |power: i32| used.iter().map(|d| weight[*d] * c[*d].powi(power)).sum::<f64>();
        sum(1) / (s2 + sum(2))
    };
    let a = if capped { c.iter().map(|most| scale(*most)).fold(0.0, f64::max) } else { scale(f64::INFINITY) };
    let e: Vec<f64> = c.iter().map(|c| if capped { (a * c).min(1.0) - 1.0 } else { a * c - 1.0 }).collect();
    let total = |of: &dyn Fn(usize) -> f64| {
        let value = |i: usize| (0..k).map(|d| of(d) * f64::from(rows[d][i])).sum::<f64>();
        (0..n).map(|i| value(i).powi(2)).sum::<f64>() / n as f64
    };
    (total(&|d| e[d]) + a * a * s2) / total(&|_| 1.0)
}

#[test]
fn a_weak_device_counts_by_its_power_under_its_own_normalisation() {
    // With mean squares w the best scale is a = sum w c / (s2 + sum w c^2); without w the weak device (c = 1000) decides.
    for (scheme, capped) in [("full-power", false), ("optimal-power", true)] {
        let payload = weak_device("per-device", scheme);
        let settings = format!("link.snr_db=10; scheme.kind={scheme}; stop.trials=512");
        let experiment = load(&[&payload, AWGN, &settings]);
        let since = Instant::now();
        let found = trials(&experiment, Fidelity::Symbol, 512);
        let expected = by_hand(&experiment, capped);
        assert_mean(scheme, found.iter().map(|t| t.nmse()), expected, since);
        let theory = report(&experiment, Fidelity::Theory).metrics.nmse.unwrap().mean.unwrap();
        assert!((theory / expected - 1.0).abs() < 1e-3, "{scheme}: {theory} {expected}");
    }
}

#[test]
fn passes_over_independent_fades_average_silence_too() {
    // R = 4 passes, zeta = exp(-0.5): the mean share A of active passes has E A = zeta, E A^2 = zeta^2 + zeta(1-zeta)/R;
    // the best factor is c = zeta / (E A^2 + n) with n = E1(g)/(K SNR R), and the error 1 - c zeta.
    let (zeta, e1, k, r) = ((-0.5f64).exp(), 0.559_773_594_8, 10.0, 4.0);
    let n = e1 / (k * 10.0 * r);
    let c = zeta / (zeta * zeta + zeta * (1.0 - zeta) / r + n);
    let elements = 48 * 10 * 4;
    let settings = format!(
        "channel.model=rayleigh; channel.fading=per-element; link.snr_db=10; budget.elements={elements}; \
         scheme.kind=truncated-inversion; scheme.threshold=0.5; scheme.scale=lmmse"
    );
    let experiment = load(&[&gaussian(10, 960), &settings]);
    let since = Instant::now();
    let found = trials(&experiment, Fidelity::Symbol, 256);
    assert_error("lmmse over four fades", &found, 1.0 - c * zeta, since);
    let theory = report(&experiment, Fidelity::Theory).metrics.mse_per_device.unwrap().mean.unwrap();
    assert!((theory / (1.0 - c * zeta) - 1.0).abs() < 1e-6, "{theory}");
}

#[test]
fn moving_channels_have_a_conditional_value_for_repeated_passes() {
    let settings = "channel.model=rayleigh; channel.speed_m_s=30; link.snr_db=10; \
                    budget.elements=5760; scheme.kind=truncated-inversion; scheme.threshold=0.3; scheme.scale=plain; \
                    stop.trials=64";
    let experiment = load(&[&gaussian(5, 960), settings]);
    let kind = report(&experiment, Fidelity::Theory).theory_kind;
    assert_eq!(kind.map(|k| k.word()), Some("conditional"));
    // Trial by trial over the same channels only noise and payload are left random; the control is a formula 3 % off.
    let (context, setting) =
        (TrialContext::new(&experiment, Fidelity::Symbol).unwrap(), experiment.setting());
    let pair = |trial| {
        let predicted = predict(&context, &setting, trial).unwrap().errors.mse_per_device.unwrap();
        (context.run(trial).unwrap().mse_per_device(), predicted)
    };
    let pairs: Vec<(f64, f64)> = (0..512).map(pair).collect();
    let mean = pairs.iter().map(|p| p.1).sum::<f64>() / 512.0;
    let spec = CheckSpec { alpha: ALPHA, detects: 0.03 * mean };
    let differences = |factor: f64| Moments::of(pairs.iter().map(|p| p.0 - factor * p.1));
    println!("moving, repeated: {}", check_paired(&differences(1.0), spec).unwrap());
    assert!(check_paired(&differences(1.03), spec).is_err());
}

#[test]
fn short_drawn_payloads_have_no_mean_and_no_first_order_formula() {
    for (payload, kind) in [("gaussian", "full-power"), ("uniform", "full-power")] {
        let settings = format!("payload.source={payload}; payload.devices=2; payload.length=2");
        let experiment =
            load(&[&settings, AWGN, &format!("link.snr_db=10; scheme.kind={kind}; stop.trials=16")]);
        for fidelity in [Fidelity::Theory, Fidelity::Symbol] {
            let metrics = report(&experiment, fidelity).metrics;
            assert!(metrics.nmse.is_none_or(|e| e.mean.is_none()), "{payload}, {fidelity}");
            assert!(metrics.mse_per_device.unwrap().mean.is_some(), "{payload}, {fidelity}");
        }
    }
}
