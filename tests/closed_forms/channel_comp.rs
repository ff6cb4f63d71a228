//! Designed constellations: their distance by brute force, their decisions in noise, and the experiment that sends them.

use crate::agreement::*;
use crate::setup::*;
use airloop::baseband::{Complex64, Purpose, Seeds};
use airloop::report::Fidelity;
use airloop::scheme::digital_aircomp::{ChannelComp, ChannelCompError, Computed};

/// Returns all ordered tuples of inputs, with their sums and the function's values, from the definitions.
fn tuples(design: &ChannelComp) -> Vec<(Complex64, u64)> {
    let (points, levels) = (design.points(), design.points().len());
    let count = levels.pow(design.devices() as u32);
    let digits = |mut number: usize| -> Vec<usize> {
        (0..design.devices())
            .map(|_| {
                let digit = number % levels;
                number /= levels;
                digit
            })
            .collect()
    };
    let value = |inputs: &[usize]| match design.function() {
        Computed::Sum => inputs.iter().sum::<usize>() as u64,
        Computed::Product => inputs.iter().map(|t| *t as u64 + 1).product(),
        Computed::Maximum => inputs.iter().copied().max().unwrap() as u64,
    };
    (0..count).map(digits).map(|inputs| (inputs.iter().map(|t| points[*t]).sum(), value(&inputs))).collect()
}

const CASES: [(Computed, usize, u32); 10] = [
    (Computed::Sum, 2, 2),
    (Computed::Sum, 2, 3),
    (Computed::Sum, 3, 4),
    (Computed::Sum, 6, 3),
    (Computed::Product, 2, 4),
    (Computed::Product, 3, 4),
    (Computed::Maximum, 5, 2),
    (Computed::Maximum, 2, 4),
    (Computed::Maximum, 3, 4),
    (Computed::Maximum, 4, 3),
];

#[test]
fn every_pair_of_tuples_with_different_values_keeps_the_distance() {
    for (function, devices, levels) in CASES {
        let design = ChannelComp::design(function, devices, levels).unwrap();
        let power = design.points().iter().map(Complex64::norm_sqr).sum::<f64>() / f64::from(levels);
        assert!((power - 1.0).abs() < 1e-12);
        let all = tuples(&design);
        let mut least = f64::INFINITY;
        for (i, (sum, value)) in all.iter().enumerate() {
            for (other, other_value) in &all[..i] {
                if value != other_value {
                    least = least.min((sum - other).norm());
                }
            }
            assert_eq!(design.decide(*sum), *value, "{function:?}");
        }
        println!("{function:?} of {devices} devices, {levels} levels: distance {least:.4}");
        assert!((least / design.distance() - 1.0).abs() < 1e-9, "{least} {}", design.distance());
        assert!(least > 0.1);
    }
}

#[test]
fn distances_are_as_good_as_what_can_be_known_of_them() {
    let distance =
        |function, devices, levels| ChannelComp::design(function, devices, levels).unwrap().distance();
    // Two points are 2 apart, and one device that changes its input moves the sum by that.
    for function in [Computed::Sum, Computed::Product, Computed::Maximum] {
        for devices in [1, 2, 5] {
            assert!((distance(function, devices, 2) - 2.0).abs() < 1e-6);
        }
    }
    // Three points of unit power are at most sqrt 3 apart; two devices that send the corners of a triangle keep that, PAM does not.
    let triangle = distance(Computed::Sum, 2, 3);
    assert!((triangle - 3f64.sqrt()).abs() < 1e-3, "{triangle}");
    // Never worse than PAM for sums, which keeps sqrt(12/(q^2 - 1)) for any number of devices.
    for (devices, levels) in [(2, 4), (3, 4), (4, 4), (10, 3), (2, 8)] {
        let pam = (12.0 / (f64::from(levels).powi(2) - 1.0)).sqrt();
        let designed = distance(Computed::Sum, devices, levels);
        println!("sum of {devices}, {levels} levels: {designed:.4}, pam {pam:.4}");
        assert!(designed > pam * (1.0 - 1e-9));
    }
    // Control: amplitudes in proportion to the numbers do not tell products apart, 1 x 4 from 2 x 3.
    let proportional = (0..4).map(|i| Complex64::new(f64::from(i), 0.0)).collect();
    assert!(ChannelComp::with_points(Computed::Product, 2, proportional).distance() < 1e-9);
    assert!(distance(Computed::Product, 2, 4) > 0.5);
}

#[test]
fn decisions_err_between_what_the_distance_and_all_distances_say() {
    let q = |x: f64| {
        0.5 * (1.0 - simpson(|t| (-t * t / 2.0).exp(), 0.0, x, 200) * (2.0 / std::f64::consts::PI).sqrt())
    };
    for (function, devices, levels) in
        [(Computed::Maximum, 3, 4), (Computed::Product, 2, 4), (Computed::Sum, 2, 3)]
    {
        let design = ChannelComp::design(function, devices, levels).unwrap();
        let all = tuples(&design);
        // Deviation of a real part of the noise.
        let deviation = design.distance() / 4.0;
        let stream = Seeds::new(3).stream(Purpose::Noise, 0, 0);
        let (mut wrong, draws) = (0u64, 40_000u64);
        for draw in 0..draws {
            let (sum, value) = all[stream.word(draw) as usize % all.len()];
            let noise = stream.complex_gaussian(draw) * (deviation * 2f64.sqrt());
            wrong += u64::from(design.decide(sum + noise) != value);
        }
        let rate = wrong as f64 / draws as f64;
        // At most the sum over all sums that mean something else; at least that of the closest one, for the share of the
        // tuples that have it.
        let (mut union, mut close) = (0.0, 0.0);
        for (sum, value) in &all {
            let others = || design.sums().iter().filter(|(_, other)| other != value);
            union +=
                others().map(|(s, _)| q((s - sum).norm() / 2.0 / deviation)).sum::<f64>() / all.len() as f64;
            let nearest = others().map(|(s, _)| (s - sum).norm()).fold(f64::INFINITY, f64::min);
            let same = design.sums().iter().filter(|(s, v)| v == value && (s - sum).norm() > 1e-9).count();
            // Nothing else of the same value around: the whole half plane is lost.
            close += if same == 0 { q(nearest / 2.0 / deviation) / all.len() as f64 } else { 0.0 };
        }
        let error = 4.0 * (rate / draws as f64).sqrt();
        println!("{function:?}: {rate:.4} of {close:.4} to {union:.4}");
        assert!(rate < union + error && rate > close - error && rate > 0.0, "{rate} {close} {union}");
    }
}

#[test]
fn limits_are_told() {
    let fails = |devices, levels| ChannelComp::design(Computed::Sum, devices, levels).unwrap_err();
    assert_eq!(fails(3, 1), ChannelCompError::Levels { levels: 1 });
    assert_eq!(fails(0, 2), ChannelCompError::NoDevices);
    let error = fails(20, 8).to_string();
    assert!(error.contains("888030 different sums") && error.contains("220"), "{error}");
    assert!(fails(1_000_000, 1000).to_string().contains("possible up to 220"));
    assert_eq!(ChannelComp::design(Computed::Sum, 9, 4).unwrap().sums().len(), 220);
}

#[test]
fn experiments_send_designed_points() {
    // Above the noise what is left is rounding to the nearest level: step^2/12 a device for sums of uniform values.
    let range = 3f64.sqrt() * 0.75;
    let settings = format!(
        "payload.source=uniform; payload.devices=3; payload.length=960; link.snr_db=35; scheme.kind=digital-aircomp; \
         scheme.constellation=designed; scheme.base=4; scheme.rounding=nearest; scheme.range={range}"
    );
    let since = std::time::Instant::now();
    let found = trials(&load(&[AWGN, &settings]), Fidelity::Symbol, 200);
    assert_error("designed sum", &found, (3f64.sqrt() / 2.0).powi(2) / 12.0, since);
    // The maximum itself, which sums of p-th powers overshoot.
    let devices = 3;
    let values: Vec<f32> =
        (0..devices * 600).map(|i| ((i as f32 * 12.9898).sin() * 43_758.547).fract().abs()).collect();
    let path = std::env::temp_dir().join(format!("airloop-maxima-{}.npy", std::process::id()));
    airloop::tensor::write_npy_f32(&path, &[devices, 600], &values).unwrap();
    let maximum = |scheme: &str| {
        let settings = format!(
            "payload.source=file; payload.path={}; payload.function=max; payload.approximation=p-norm; \
             payload.norm_order=1; link.snr_db=35; {scheme}",
            path.display()
        );
        let experiment = load(&[AWGN, &settings]);
        let found = trials(&experiment, Fidelity::Symbol, 16);
        let unit = experiment.payload.aggregate(1.0);
        (found.iter().map(|t| t.nmse()).sum::<f64>() / 16.0, unit)
    };
    let designed = "scheme.kind=digital-aircomp; scheme.constellation=designed; scheme.base=4; scheme.rounding=nearest; \
                    scheme.range=1.75";
    let (nmse, unit) = maximum(designed);
    let (plain, _) = maximum("scheme.kind=full-inversion");
    std::fs::remove_file(&path).unwrap();
    // Levels are 3.5/3 of unit-power units apart: by brute force over the true maxima.
    let step = 3.5 / 3.0;
    let (mut error, mut power) = (0.0, 0.0);
    for n in 0..600 {
        let most = (0..devices).map(|k| f64::from(values[k * 600 + n])).fold(0.0, f64::max);
        let level = ((most / unit + 1.75) / step).round() * step - 1.75;
        error += (level * unit - most).powi(2);
        power += most * most;
    }
    println!("maximum: nmse {nmse:.5}, by hand {:.5}, by sums {plain:.3}", error / power);
    assert!((nmse / (error / power) - 1.0).abs() < 1e-3 && plain > 10.0 * nmse, "{nmse} {plain}");
}
