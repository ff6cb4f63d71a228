//! Sums of PAM points, decided to the nearest.
//!
//! ```text
//! digits uniform on 0 .. q - 1, S their sum over K devices:  P(S_hat > j) = Q((j + 1/2 - S) sqrt(12 SNR/(q^2 - 1)))
//! values nearest to the middles of q^D equal cells:   MSE = step^2 E(S_hat - S)^2 sum_d q^(2d) + K step^2/12,  step = 2 sqrt 3/q^D
//! ```

use crate::agreement::*;
use crate::setup::*;
use airloop::baseband::checks::{CheckFailure, CheckSpec, check_rate};
use airloop::baseband::{Purpose, Seeds};
use airloop::config::{Node, overrides::parse_set};
use airloop::experiment::{Experiment, Loader};
use airloop::ladder::law::{symbol_against_theory, waveform_against_symbol};
use airloop::report::{Fidelity, TheoryKind};
use airloop::run::TrialContext;
use airloop::theory::digital_aircomp::sum_error_rate;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

const SCHEME: &str = "scheme.kind=digital-aircomp";

/// The tail of the normal distribution by Simpson's rule, from another formula than the library's: `Q(x) = int_0^(pi/2)
/// exp(-x^2/(2 sin^2 t)) dt/pi` for `x >= 0`.
fn tail(x: f64) -> f64 {
    if x < 0.0 {
        return 1.0 - tail(-x);
    }
    let integrand = |t: f64| if t == 0.0 { 0.0 } else { (-x * x / (2.0 * t.sin().powi(2))).exp() };
    simpson(integrand, 0.0, std::f64::consts::FRAC_PI_2, 400) / std::f64::consts::PI
}

/// Returns error rate and mean squared error of the decided sum of K digits with given chances, in digits.
fn slicer(devices: usize, chances: &[f64], snr: f64) -> (f64, f64) {
    let q = chances.len();
    let mut sums = vec![1.0];
    for _ in 0..devices {
        let mut next = vec![0.0; sums.len() + q - 1];
        for (i, a) in sums.iter().enumerate() {
            chances.iter().enumerate().for_each(|(j, b)| next[i + j] += a * b);
        }
        sums = next;
    }
    let most = sums.len() as i64 - 1;
    let scale = (12.0 * snr / ((q * q - 1) as f64)).sqrt();
    let beyond: Vec<f64> = (0..=most).map(|d| tail((d as f64 + 0.5) * scale)).collect();
    let (mut rate, mut square) = (0.0, 0.0);
    for (s, chance) in (0i64..).zip(&sums) {
        // Each step away is taken where the noise passes it, up to the last number on that side.
        for side in [most - s, s] {
            for away in 1..=side {
                let passed = beyond[away as usize - 1];
                rate += chance * if away == 1 { passed } else { 0.0 };
                square += chance * (2 * away - 1) as f64 * passed;
            }
        }
    }
    (rate, square)
}

fn even(base: usize) -> Vec<f64> {
    vec![1.0 / base as f64; base]
}

#[test]
fn the_rate_of_wrong_sums_is_that_of_the_catalogue() {
    // K = 10, q = 4: the table by sums over all decisions, computed apart.
    for (snr_db, rate, nmse) in [(10.0, 0.157_299, 0.012_589_2), (20.0, 7.744_209e-6, 6.195_367e-7)] {
        let formula = sum_error_rate(10, 4, ratio(snr_db));
        let (found, square) = slicer(10, &even(4), ratio(snr_db));
        assert!(
            (formula / rate - 1.0).abs() < 1e-6 && (found / rate - 1.0).abs() < 1e-5,
            "{formula} {found}"
        );
        // A step of the points is sqrt(12/(q^2 - 1)) of a device's amplitude.
        assert!((square * 12.0 / 15.0 / 10.0 / nmse - 1.0).abs() < 1e-5, "{square}");
    }
    // Two digits of 16 levels at 20 dB: either may err; the step of 16 points of unit power is sqrt(12/255).
    let (rate, square) = slicer(10, &even(4), 100.0);
    assert!(((2.0 * rate - rate * rate) / 1.548_836e-5 - 1.0).abs() < 1e-5);
    assert!((square * 12.0 / 255.0 * 17.0 / 10.0 / 6.195_367e-7 - 1.0).abs() < 1e-5);
    assert!((sum_error_rate(1, 2, 1.0) / tail(1.0) - 1.0).abs() < 1e-9);
}

#[derive(Clone, Copy)]
struct Digits {
    devices: usize,
    base: u32,
    digits: u32,
    snr_db: f64,
}

const SETTINGS: [Digits; 5] = [
    Digits { devices: 10, base: 4, digits: 2, snr_db: 10.0 },
    Digits { devices: 10, base: 4, digits: 1, snr_db: 5.0 },
    // Few devices: the outer sums are often sent, and err to one side.
    Digits { devices: 2, base: 3, digits: 2, snr_db: 0.0 },
    Digits { devices: 1, base: 2, digits: 3, snr_db: 3.0 },
    Digits { devices: 4, base: 16, digits: 1, snr_db: 20.0 },
];

impl Digits {
    fn experiment(&self, settings: &[&str]) -> Experiment {
        let Self { devices, base, digits, snr_db } = self;
        let own = format!(
            "payload.source=uniform; payload.devices={devices}; payload.length=961; link.snr_db={snr_db}; \
             {SCHEME}; scheme.base={base}; scheme.digits={digits}"
        );
        load(&[&[&own[..], AWGN], settings].concat())
    }

    fn levels(&self) -> f64 {
        f64::from(self.base).powi(self.digits as i32)
    }

    /// Returns the settings with which all numbers are equally likely.
    fn even_cells(&self) -> String {
        let range = 3f64.sqrt() * (1.0 - 1.0 / self.levels());
        format!("scheme.rounding=nearest; scheme.range={range}")
    }

    /// Returns the error per device, and that without decisions that err.
    fn error(&self) -> (f64, f64) {
        let step = 2.0 * 3f64.sqrt() / self.levels();
        let square = slicer(self.devices, &even(self.base as usize), ratio(self.snr_db)).1;
        let places: f64 = (0..self.digits).map(|d| f64::from(self.base).powi(2 * d as i32)).sum();
        let rounding = step * step / 12.0;
        (step * step * square * places / self.devices as f64 + rounding, rounding)
    }
}

#[test]
fn equally_likely_numbers_have_the_error_of_the_slicer_and_of_rounding() {
    for setting in SETTINGS {
        let since = Instant::now();
        let experiment = setting.experiment(&[&setting.even_cells()]);
        let (expected, rounding) = setting.error();
        let theory = report(&experiment, Fidelity::Theory);
        assert_eq!(theory.theory_kind, Some(TheoryKind::Ensemble));
        let predicted = theory.metrics.mse_per_device.unwrap().mean.unwrap();
        assert!((predicted / expected - 1.0).abs() < 1e-6, "{predicted} {expected}");
        assert_eq!(theory.metrics.nmse, None);
        let found = trials(&experiment, Fidelity::Symbol, 800);
        let what = format!("base {} digits {}", setting.base, setting.digits);
        assert_error(&what, &found, expected, since);
        assert_differs("without wrong sums", found.iter().map(|t| t.mse_per_device()), rounding);
        let power = found.iter().map(|t| t.account.power_used_mean).sum::<f64>() / found.len() as f64;
        assert!((power / theory.power_used_mean.unwrap() - 1.0).abs() < 0.01, "{power}");
    }
    let setting = SETTINGS[1];
    let since = Instant::now();
    let found = trials(&setting.experiment(&[&setting.even_cells()]), Fidelity::Waveform, 200);
    assert_error("waveform", &found, setting.error().0, since);
}

/// One digit, levels from end to end: the outer numbers are half as likely, and the error of rounding goes with the sum.
#[test]
fn other_roundings_follow_the_ensemble_and_long_payloads_have_an_nmse() {
    for (rounding, snr_db, devices) in [("stochastic", 6.0, 3), ("nearest", 0.0, 2), ("stochastic", 30.0, 10)]
    {
        let since = Instant::now();
        let setting = Digits { devices, base: 4, digits: 1, snr_db };
        let settings = format!("scheme.rounding={rounding}; payload.length=4000");
        let experiment = setting.experiment(&[&settings]);
        let theory = report(&experiment, Fidelity::Theory);
        assert_eq!(theory.theory_kind, Some(TheoryKind::Ensemble));
        let found = trials(&experiment, Fidelity::Symbol, 400);
        let expected = theory.metrics.mse_per_device.unwrap().mean.unwrap();
        assert_error(&format!("{rounding}, {snr_db} dB"), &found, expected, since);
        let nmse = theory.metrics.nmse.unwrap().mean.unwrap();
        assert_mean("nmse", found.iter().map(|t| t.nmse()), nmse, since);
        if snr_db == 30.0 {
            // No sum is wrong any more: E f (1 - f) = 1/6 of squared steps.
            let step = 2.0 * 3f64.sqrt() / 3.0;
            assert!((expected / (step * step / 6.0) - 1.0).abs() < 1e-3, "{expected}");
        }
    }
}

/// Rows of the points themselves: every level equally often, so that a device's rms is 1 and nothing is rounded.
#[test]
fn points_as_values_err_as_often_and_as_much_as_the_catalogue_says() {
    let (devices, length) = (10, 2000);
    let mut values = vec![0.0f32; devices * length];
    let half = 0.2f64.sqrt();
    for (device, row) in values.chunks_mut(length).enumerate() {
        let order = Seeds::new(8).stream(Purpose::Subset, 0, device as u64).permutation(length);
        row.iter_mut()
            .zip(order)
            .for_each(|(v, place)| *v = ((2 * (place % 4)) as f64 * half - 3.0 * half) as f32);
        let mean_square = row.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>() / length as f64;
        row.iter_mut().for_each(|v| *v = (f64::from(*v) / mean_square.sqrt()) as f32);
    }
    let path = std::env::temp_dir().join(format!("airloop-points-{}.npy", std::process::id()));
    airloop::tensor::write_npy_f32(&path, &[devices, length], &values).unwrap();
    let settings = format!(
        "payload.source=file; payload.path={}; payload.interleave=none; link.snr_db=10; {SCHEME}; scheme.base=4; \
         scheme.rounding=nearest; scheme.range={}",
        path.display(),
        3.0 * half
    );
    let experiment = load(&[AWGN, &settings]);
    let context = TrialContext::new(&experiment, Fidelity::Symbol).unwrap();
    let (mut wrong, mut square) = (0u64, Vec::new());
    let trials = 240;
    for trial in 0..trials {
        let (_, vectors) = context.run_with_vectors(trial).unwrap();
        let errors = vectors.estimate.iter().zip(&vectors.truth).map(|(e, t)| f64::from(e - t));
        wrong += errors.clone().filter(|e| e.abs() > half).count() as u64;
        square.push(errors.map(|e| e * e).sum::<f64>() / (devices * length) as f64);
    }
    std::fs::remove_file(&path).unwrap();
    let spec = CheckSpec { alpha: ALPHA, detects: 0.03 * 0.157_299 };
    let sums = trials * length as u64;
    println!("{}", check_rate(wrong, sums, 0.157_299, spec).unwrap());
    // Control: an outer sum of one device would err to one side only.
    assert!(matches!(check_rate(wrong, sums, 0.157_299 * 0.95, spec), Err(CheckFailure::Disagrees(_))));
    assert_mean("nmse of points", square, 0.012_589_2, Instant::now());
}

const PAYLOAD: &str = "payload.devices=5; payload.length=151; link.snr_db=12; link.snr_spread_db=6";

/// Holds trials of the symbol rung against the formula for their own channels, payload and rounding.
fn follows(settings: &[&str]) {
    let experiment = load(&[&[PAYLOAD, SCHEME], settings].concat());
    let (law, _) = symbol_against_theory(&experiment, &AtomicBool::new(false)).unwrap();
    println!("{settings:?}: {law:?}");
    assert!(law.holds(), "{settings:?}: {law:?}");
}

#[test]
fn trials_follow_the_formula_where_all_devices_send() {
    for settings in [
        // Gaussian values are clipped at sqrt 3; the first slot ends after four of the five digits of a value.
        &["payload.source=gaussian; payload.length=301; scheme.base=3; scheme.digits=5", SELECTIVE][..],
        &[
            "payload.source=gaussian; payload.correlation=0.4; scheme.base=8; scheme.rounding=nearest",
            RAYLEIGH,
        ],
        &["payload.source=uniform; scheme.digits=2", AWGN],
    ] {
        follows(settings);
    }
}

#[test]
fn trials_follow_the_formula_where_weak_devices_are_silent_or_channels_move() {
    for settings in [
        &["payload.source=uniform; scheme.digits=2; scheme.threshold=0.1", SELECTIVE][..],
        &[
            "payload.source=uniform; scheme.base=5; scheme.threshold=0.3; scheme.power_constraint=peak",
            RAYLEIGH,
        ],
        &["payload.source=uniform; link.csi=imperfect; link.csi_error=0.02; scheme.threshold=0.2", RAYLEIGH],
        &[
            "payload.source=gaussian; rounds=3; payload.round_decay=0.8",
            "channel.model=rayleigh; channel.speed_m_s=30",
        ],
    ] {
        follows(settings);
    }
}

#[test]
fn samples_carry_the_grids() {
    for settings in [
        &["scheme.digits=2", SELECTIVE][..],
        &["scheme.threshold=0.3", SELECTIVE],
        &["scheme.constellation=designed; scheme.base=3", SELECTIVE],
    ] {
        let all = [&[PAYLOAD, SCHEME, "payload.source=uniform"], settings].concat();
        let law = waveform_against_symbol(&load(&all)).unwrap();
        println!("{settings:?}: {law:?}");
        assert!(law.holds(), "{settings:?}: {law:?}");
    }
}

fn refused(settings: &[&str]) -> String {
    let mut node = Node::parse_toml("", Path::new("test.toml")).unwrap();
    for setting in settings.iter().flat_map(|list| list.split(';')).filter(|s| !s.trim().is_empty()) {
        let (path, value) = parse_set(setting.trim()).unwrap();
        node.set(&path, value).unwrap();
    }
    match Loader::default().load(&node) {
        Ok(_) => panic!("{settings:?} is taken"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn wrong_settings_are_refused_by_name() {
    let rest = [PAYLOAD, SCHEME, "payload.source=uniform", RAYLEIGH];
    for (settings, words) in [
        ("scheme.base=1", &["base"][..]),
        ("scheme.base=5000", &["base", "4096"]),
        ("scheme.digits=0", &["digits"]),
        ("scheme.digits=11", &["digits", "10"]),
        ("scheme.range=0", &["range"]),
        ("scheme.rounding=up", &["rounding", "nearest"]),
        ("scheme.threshold=0", &["threshold", "infinite power"]),
        ("scheme.power_constraint=average", &["power_constraint"]),
        ("scheme.copies=2", &["copies", "balanced-number"]),
        ("budget.elements=100000", &["kind", "[budget]"]),
        ("link.receive_antennas=2", &["receive_antennas"]),
        ("link.csi=none", &["csi", "none"]),
        ("scheme.constellation=designed; scheme.digits=2", &["digits", "designed"]),
        ("scheme.constellation=designed; scheme.threshold=0.1", &["threshold", "designed"]),
        ("scheme.constellation=designed; scheme.base=8", &["constellation", "792", "220"]),
    ] {
        let message = refused(&[&rest[..], &[settings]].concat());
        for word in words {
            assert!(message.contains(word), "{settings}: {message}");
        }
    }
    let message = refused(&[
        PAYLOAD,
        RAYLEIGH,
        "payload.source=uniform; scheme.kind=full-power; scheme.rounding=nearest",
    ]);
    assert!(message.contains("rounding") && message.contains("digital-aircomp"), "{message}");
}

#[test]
fn clipped_values_are_told() {
    let told = |settings: &str| {
        let experiment = load(&[PAYLOAD, SCHEME, AWGN, settings]);
        experiment.warnings.iter().any(|warning| warning.code == "values-clipped")
    };
    assert!(told("payload.source=gaussian") && !told("payload.source=uniform"));
}
