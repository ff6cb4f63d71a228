//! Geometric mean, norm and maximum: values are mapped before the sum, and the sum is mapped back.

use crate::agreement::*;
use crate::setup::*;
use airloop::config::{Node, overrides::parse_set};
use airloop::experiment::Loader;
use airloop::ladder::Law;
use airloop::ladder::law::symbol_against_theory;
use airloop::live::{Air, RoundOptions};
use airloop::report::Fidelity;
use airloop::run::TrialContext;
use rayon::prelude::*;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

const INVERSION: &str = "scheme.kind=full-inversion";

fn drawn(source: &str, devices: usize, length: usize, function: &str) -> String {
    format!(
        "payload.source={source}; payload.devices={devices}; payload.length={length}; payload.function={function}"
    )
}

/// NMSE of a geometric mean under Gaussian error of variance `v` of the sum of logarithms of K devices.
fn geometric(k: f64, v: f64) -> f64 {
    (2.0 * v / (k * k)).exp() - 2.0 * (v / (2.0 * k * k)).exp() + 1.0
}

#[test]
fn geometric_means_have_the_lognormal_error() {
    assert!((geometric(10.0, 1.0) / 0.0101763 - 1.0).abs() < 1e-5);
    // ln x is standard normal, so that the noise of the sum is s2/P.
    for (devices, snr_db, fidelity, count) in [
        (10usize, 0.0, Fidelity::Symbol, 512),
        (8, -3.0, Fidelity::Symbol, 768),
        (6, 0.0, Fidelity::Symbol, 1024),
        (10, 0.0, Fidelity::Waveform, 512),
    ] {
        let since = Instant::now();
        let expected = geometric(devices as f64, 1.0 / ratio(snr_db));
        let settings = [
            &drawn("lognormal", devices, 960, "geometric-mean"),
            AWGN,
            INVERSION,
            &format!("link.snr_db={snr_db}"),
        ];
        let experiment = load(&settings);
        let found = trials(&experiment, fidelity, count);
        assert_mean(&format!("{fidelity}, K {devices}"), found.iter().map(|t| t.nmse()), expected, since);
        // The sum below is what it always was: s2/(K P).
        assert_error("sum", &found, 1.0 / ratio(snr_db) / devices as f64, since);
        let theory = report(&experiment, Fidelity::Theory);
        assert_equal("theory", theory.metrics.nmse.unwrap().mean.unwrap(), expected);
        assert_eq!(theory.stop_reason, "closed-form");
    }
}

#[test]
fn geometric_means_are_biased_upwards_by_noise() {
    assert!((((1.0f64 / 200.0).exp() - 1.0) / 0.005_012_52 - 1.0).abs() < 1e-5);
    for (devices, snr_db) in [(3usize, -6.0), (2, -3.0), (4, -8.0)] {
        let since = Instant::now();
        let settings = [
            &drawn("lognormal", devices, 960, "geometric-mean"),
            AWGN,
            INVERSION,
            &format!("link.snr_db={snr_db}"),
        ];
        let experiment = load(&settings);
        let context = TrialContext::new(&experiment, Fidelity::Symbol).unwrap();
        let of = |trial: u64| {
            let (_, vectors) = context.run_with_vectors(trial).unwrap();
            let ratio = |(s, t): (&f32, &f32)| {
                experiment.payload.aggregate((*s).into()) / experiment.payload.aggregate((*t).into())
            };
            vectors.estimate.iter().zip(&vectors.truth).map(ratio).map(|r| r - 1.0).collect::<Vec<f64>>()
        };
        let biases: Vec<f64> = (0..1280u64).into_par_iter().flat_map_iter(of).collect();
        let expected = (0.5 / ratio(snr_db) / (devices * devices) as f64).exp() - 1.0;
        assert_mean(&format!("bias, K {devices}"), biases, expected, since);
    }
}

#[test]
fn norms_have_the_error_of_their_slope() {
    // p = 1: nothing is bent, v/E(sum |x|)^2 with E|x| = sqrt(3)/2 of unit-power uniform values.
    // p = 2 of normal values: (psi')^2 v E x^4 = 3 v/(4 s), E s = K, E 1/s = 1/(K - 2); centred, the fourth moment is 2.
    let plain = |k: f64, v: f64| v / (k + 0.75 * k * (k - 1.0));
    let bent = |k: f64, moment: f64, v: f64| moment * v / (4.0 * k * (k - 2.0));
    for (source, order, k, snr_db, center, fidelity) in [
        ("uniform", 1, 10usize, 10.0, false, Fidelity::Symbol),
        ("gaussian", 2, 10, 20.0, false, Fidelity::Symbol),
        ("gaussian", 2, 20, 15.0, false, Fidelity::Symbol),
        ("gaussian", 2, 10, 20.0, true, Fidelity::Symbol),
        ("gaussian", 2, 10, 20.0, false, Fidelity::Waveform),
    ] {
        let since = Instant::now();
        let settings = [
            &drawn(source, k, 960, "norm"),
            AWGN,
            INVERSION,
            &format!("payload.norm_order={order}; payload.center={center}; link.snr_db={snr_db}"),
        ];
        let (devices, v) = (k as f64, 1.0 / ratio(snr_db));
        let expected =
            if order == 1 { plain(devices, v) } else { bent(devices, if center { 2.0 } else { 3.0 }, v) };
        let found = trials(&load(&settings), fidelity, 320);
        assert_mean(&format!("{fidelity}, {settings:?}"), found.iter().map(|t| t.nmse()), expected, since);
    }
}

#[test]
fn the_maximum_of_one_device_has_the_error_of_its_slope() {
    // x + ln(1 + e^(-beta x) e)/beta: v E e^(2 beta x) E e^(-2 beta x)/beta^2 = v e^(4 beta^2)/beta^2 of normal values.
    for (beta, snr_db, fidelity) in [
        (0.5f64, 40.0, Fidelity::Symbol),
        (0.3, 40.0, Fidelity::Symbol),
        (0.4, 40.0, Fidelity::Symbol),
        (0.3, 40.0, Fidelity::Waveform),
    ] {
        let since = Instant::now();
        let function =
            format!("payload.approximation=log-sum-exp; payload.sharpness={beta}; link.snr_db={snr_db}");
        let experiment = load(&[&drawn("gaussian", 1, 960, "max"), AWGN, INVERSION, &function]);
        let expected = (4.0 * beta * beta).exp() / (beta * beta) / ratio(snr_db);
        let found = trials(&experiment, fidelity, 1280);
        assert_mean(&format!("{fidelity}, beta {beta}"), found.iter().map(|t| t.nmse()), expected, since);
    }
}

#[test]
fn the_symbol_rung_follows_theory_with_functions_over_fading_and_clamped_sums() {
    let largest = |approximation: &str| format!("max; payload.approximation={approximation}");
    let truncated = "scheme.kind=truncated-inversion; scheme.threshold=0.2; scheme.scale=unbiased";
    for (source, function, channel, scheme) in [
        ("lognormal", "geometric-mean".to_string(), RAYLEIGH, truncated),
        ("gaussian", "norm; payload.norm_order=3".into(), RAYLEIGH, "scheme.kind=optimal-power"),
        (
            "gaussian",
            "norm; payload.norm_order=2; payload.center=true".into(),
            SELECTIVE,
            "scheme.kind=phase-only",
        ),
        ("lognormal", largest("p-norm; payload.norm_order=2"), AWGN, "scheme.kind=full-power"),
        ("uniform", largest("log-sum-exp; payload.sharpness=3"), AWGN, INVERSION),
        ("gaussian", largest("log-sum-exp; payload.sharpness=1"), RAYLEIGH, truncated),
    ] {
        let settings = [&drawn(source, 5, 240, &function), channel, scheme, "link.snr_db=3; stop.trials=16"];
        let (law, _) = symbol_against_theory(&load(&settings), &AtomicBool::new(false)).unwrap();
        println!("{settings:?}: {law:?}");
        assert!(matches!(law, Law::ZScore(_)) && law.holds(), "{settings:?}: {law:?}");
    }
    // Energies and bits leave no Gaussian error: nothing is claimed.
    for scheme in ["scheme.kind=digital; scheme.bits=4", "scheme.kind=energy; scheme.sequence_length=4"] {
        let experiment =
            load(&[&drawn("lognormal", 5, 480, "geometric-mean"), AWGN, scheme, "link.snr_db=3"]);
        let (law, _) = symbol_against_theory(&experiment, &AtomicBool::new(false)).unwrap();
        assert!(matches!(law, Law::NotApplicable(_)), "{law:?}");
        let theory = report(&experiment, Fidelity::Theory);
        assert!(theory.metrics.nmse.is_none() && theory.stop_reason == "no-formula");
    }
}

/// Positive values of `devices` devices, neither smooth nor sorted.
fn values(devices: usize, length: usize) -> Vec<f32> {
    (0..devices * length).map(|i| 0.05 + ((i * 7919) % 1009) as f32 / 250.0).collect()
}

fn aggregate(devices: usize, values: &[f32], function: &str) -> Result<(Vec<f64>, f64), String> {
    let text = format!(
        "[payload]\n{function}\ninterleave = \"none\"\n[ofdm]\nnumerology = \"custom\"\nsample_rate_hz = 1.92e6\nfft_size = 64\n\
         cyclic_prefix_samples = 16\nused_subcarriers = 48\n[channel]\nmodel = \"awgn\"\n[link]\nsnr_db = 120.0\n\
         [scheme]\nkind = \"full-inversion\"\n"
    );
    let mut air = Air::from_toml(&text, Fidelity::Symbol).map_err(|e| e.to_string())?;
    let found = air.aggregate(devices, values, RoundOptions::default()).map_err(|e| e.to_string())?;
    Ok((found.estimate, found.report.payload_papr_db.unwrap()))
}

#[test]
fn aggregates_are_the_functions_values_and_maxima_overshoot_within_their_bounds() {
    let (devices, length) = (6usize, 200usize);
    let all = values(devices, length);
    let column = |n: usize| (0..devices).map(|k| f64::from(all[k * length + n])).collect::<Vec<f64>>();
    let k = devices as f64;
    for (function, of) in [
        (
            "function = \"geometric-mean\"",
            Box::new(|x: &[f64]| x.iter().map(|x| x.ln()).sum::<f64>() / x.len() as f64)
                as Box<dyn Fn(&[f64]) -> f64>,
        ),
        (
            "function = \"norm\"\nnorm_order = 2.0",
            Box::new(|x: &[f64]| x.iter().map(|x| x * x).sum::<f64>().ln() / 2.0),
        ),
    ] {
        let (found, _) = aggregate(devices, &all, function).unwrap();
        for (n, found) in found.iter().enumerate() {
            let expected = of(&column(n)).exp();
            assert!((found / expected - 1.0).abs() < 1e-4, "{function}, {n}: {found} {expected}");
        }
    }
    for (settings, bound) in [
        ("approximation = \"p-norm\"\nnorm_order = 4.0", k.powf(0.25)),
        ("approximation = \"p-norm\"\nnorm_order = 16.0", k.powf(1.0 / 16.0)),
        ("approximation = \"log-sum-exp\"\nsharpness = 4.0", k.ln() / 4.0),
    ] {
        let (found, _) = aggregate(devices, &all, &format!("function = \"max\"\n{settings}")).unwrap();
        let norm = settings.contains("norm_order");
        let mut most = 0.0f64;
        for (n, found) in found.iter().enumerate() {
            let largest = column(n).into_iter().fold(0.0, f64::max);
            let over = if norm { found / largest } else { found - largest };
            let least = if norm { 1.0 } else { 0.0 };
            assert!(over > least - 1e-3 && over < bound + 1e-3, "{settings}, {n}: {over} {bound}");
            most = most.max(over);
        }
        // The control: several devices near the maximum do overshoot.
        assert!(most > if norm { 1.005 } else { 0.02 }, "{settings}: {most}");
    }
}

#[test]
fn the_order_of_devices_is_of_no_account() {
    let (devices, length) = (6, 200);
    let all = values(devices, length);
    let turned: Vec<f32> =
        (0..devices).flat_map(|k| all[(k + 2) % devices * length..][..length].to_vec()).collect();
    for function in [
        "function = \"geometric-mean\"",
        "function = \"norm\"\nnorm_order = 3.0",
        "function = \"max\"\napproximation = \"p-norm\"\nnorm_order = 8.0",
        "function = \"max\"\napproximation = \"log-sum-exp\"\nsharpness = 2.0",
    ] {
        let (a, b) =
            (aggregate(devices, &all, function).unwrap(), aggregate(devices, &turned, function).unwrap());
        assert!(a.0.iter().zip(&b.0).all(|(a, b)| (a / b - 1.0).abs() < 1e-4), "{function}");
        assert!((a.1 - b.1).abs() < 1e-9);
    }
}

#[test]
fn the_dynamic_range_is_that_of_mapped_values() {
    // Squares 1, 4, 9, 16 of two devices; the power is the larger device's mean square, the mean that of both.
    let (_, papr_db) = aggregate(2, &[1.0, 2.0, 3.0, 4.0], "function = \"norm\"\nnorm_order = 2.0").unwrap();
    let expected = 256.0 / ((1.0 + 16.0 + 81.0 + 256.0) / 4.0);
    assert!((ratio(papr_db) / expected - 1.0).abs() < 1e-5, "{papr_db}");
    // One in 10^4 normal values is beyond 3.8906: e^(2 p 3.8906) over e^(2 p^2) for p = 3.
    let settings = [
        &drawn("lognormal", 10, 1000, "norm"),
        AWGN,
        INVERSION,
        "payload.norm_order=3; link.snr_db=10; stop.trials=1",
    ];
    let found = report(&load(&settings), Fidelity::Theory);
    let expected = (6.0f64 * 3.890_592 - 18.0).exp();
    assert!((ratio(found.payload_papr_db.unwrap()) / expected - 1.0).abs() < 1e-5);
    assert!(found.warnings.iter().any(|w| w.code == "dynamic-range"));
    assert!(
        report(&load(&[&gaussian(4, 96), AWGN, INVERSION, "link.snr_db=10"]), Fidelity::Theory)
            .payload_papr_db
            .is_none()
    );
}

#[test]
fn weak_links_clamp_sums_and_say_so() {
    let settings = [
        &drawn("gaussian", 2, 960, "norm"),
        AWGN,
        INVERSION,
        "payload.norm_order=2; link.snr_db=-10; stop.trials=16",
    ];
    let found = report(&load(&settings), Fidelity::Symbol);
    assert!(found.warnings.iter().any(|w| w.code == "sums-clamped"), "{:?}", found.warnings);
}

/// Returns what the loader says of wrong settings.
fn objection(settings: &[&str]) -> String {
    let mut node = Node::parse_toml("", Path::new("test.toml")).unwrap();
    for setting in settings.iter().flat_map(|list| list.split(';')).filter(|s| !s.trim().is_empty()) {
        let (path, value) = parse_set(setting.trim()).unwrap();
        node.set(&path, value).unwrap();
    }
    let error = Loader::default().load(&node).expect_err("the settings are wrong");
    let source = std::error::Error::source(&error).map(|e| e.to_string()).unwrap_or_default();
    format!("{error} {source}")
}

#[test]
fn what_functions_do_not_take_is_refused_with_the_cure() {
    let around = [AWGN, INVERSION, "link.snr_db=10"];
    let fails = |payload: &str, words: &[&str]| {
        let said = objection(&[&[payload], &around[..]].concat());
        assert!(words.iter().all(|w| said.contains(w)), "{payload}: {said}");
    };
    let of = |source: &str, function: &str| drawn(source, 4, 96, function);
    fails(&of("gaussian", "geometric-mean"), &["payload.source", "lognormal"]);
    fails(&of("lognormal", "mean"), &["payload.function", "geometric-mean"]);
    fails(&of("lognormal", "majority"), &["payload.function", "geometric-mean"]);
    fails(&of("gaussian", "norm"), &["payload.norm_order"]);
    fails(&of("gaussian", "norm; payload.norm_order=0.5"), &["payload.norm_order", "0.5"]);
    fails(&of("gaussian", "max"), &["payload.approximation"]);
    fails(
        &of("gaussian", "max; payload.approximation=p-norm; payload.norm_order=4"),
        &["payload.source", "log-sum-exp"],
    );
    fails(
        &of("lognormal", "max; payload.approximation=log-sum-exp; payload.sharpness=1"),
        &["payload.source", "p-norm"],
    );
    fails(
        &of("gaussian", "max; payload.approximation=log-sum-exp; payload.norm_order=4"),
        &["payload.norm_order"],
    );
    fails(&of("lognormal", "geometric-mean; payload.sharpness=4"), &["payload.sharpness"]);
    fails(&of("gaussian", "mean; payload.norm_order=4"), &["payload.norm_order"]);
    fails(&of("lognormal", "norm; payload.norm_order=9"), &["payload.norm_order", "rare"]);
    fails(&of("gaussian", "norm; payload.norm_order=2; payload.correlation=0.5"), &["payload.correlation"]);
    fails(
        &of("sign; payload.agreement=0.7", "norm; payload.norm_order=2"),
        &["payload.function", "majority"],
    );
    let mut wrong = values(3, 40);
    wrong[47] = -0.5;
    for (function, word) in [
        ("function = \"geometric-mean\"", "above 0"),
        ("function = \"max\"\napproximation = \"p-norm\"\nnorm_order = 4.0", "log-sum-exp"),
    ] {
        let said = aggregate(3, &wrong, function).unwrap_err();
        assert!(said.contains("device 1, value 7 is -0.5") && said.contains(word), "{said}");
    }
    // A maximum by exponentials takes them.
    aggregate(3, &wrong, "function = \"max\"\napproximation = \"log-sum-exp\"\nsharpness = 2.0").unwrap();
}
