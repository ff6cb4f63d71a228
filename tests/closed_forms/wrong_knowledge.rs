//! How wrong knowledge enters receive constants: errors of reciprocity, lines of sight, knowledge that is next to nothing.
//!
//! With `z = A exp(j phi)`, `ln A = s n`, `E cos(phi) = C`, over Rayleigh elements:
//!
//! ```text
//! phase-only:  c = 2/(sqrt(pi) C),   error a device = c^2 (1 + 1/(K SNR)) - 1
//! inversion above g:  m = C E[exp(-g/A^2)/A],  q = E[exp(-g/A^2)/A^2],  I = E[E1(g/A^2)/A^2]
//! unbiased, average power:  error a device = (q + I/(K SNR))/m^2 - 1
//! ```

use crate::agreement::*;
use crate::setup::*;
use airloop::baseband::checks::{CheckSpec, check_mean};
use airloop::baseband::statistics::Moments;
use airloop::baseband::{Complex64, Purpose, Seeds};
use airloop::config::{Node, overrides::parse_set};
use airloop::experiment::{Experiment, Loader};
use airloop::ofdm::SlotShape;
use airloop::report::{Fidelity, TheoryKind};
use airloop::run::TrialContext;
use airloop::sounding::{KnownElement, KnownStatistics, Mismatch};
use rayon::prelude::*;
use std::f64::consts::PI;
use std::path::Path;
use std::time::Instant;

const INVERSION: &str = "scheme.kind=truncated-inversion; scheme.threshold=0.2; scheme.scale=unbiased";

/// Holds the symbol rung and theory, which averages over channels of trials here, against a formula, and not another.
#[track_caller]
fn holds(what: &str, experiment: &Experiment, expected: f64, (count, detects, wrong): (u64, f64, f64)) {
    let since = Instant::now();
    let found = trials(experiment, Fidelity::Symbol, count);
    let errors = found.iter().map(|t| t.mse_per_device());
    assert_mean_seeing(what, errors, expected, (detects, since));
    assert_differs(what, found.iter().map(|t| t.mse_per_device()), wrong);
    let theory = report(experiment, Fidelity::Theory);
    assert_eq!(theory.theory_kind, Some(TheoryKind::Conditional), "{what}");
    let mean = theory.metrics.mse_per_device.unwrap();
    let (value, low, high) = (mean.mean.unwrap(), mean.low.unwrap(), mean.high.unwrap());
    println!("{what}, theory: {value} in {low} to {high} against {expected}");
    // The interval is one of 95 %, two and a half times its width one of 1e-6; and it must be able to tell.
    let far = |from: f64| (value - from).abs() > 1.25 * (high - low);
    assert!(!far(expected) && far(wrong), "{what}: {value} in {low} to {high}, {expected} or {wrong}");
}

/// `E1` for any argument above 0: `integral of exp(-e^u) du` from `ln x`.
fn e1_of_any(x: f64) -> f64 {
    if x < 2.0 { e1(x) } else { simpson(|u| (-u.exp()).exp(), x.ln(), (x + 50.0).ln(), 2000) }
}

/// Mean over `A` of a function of it, by a dense sum.
fn over_amplitudes(error_db: f64, f: impl Fn(f64) -> f64) -> f64 {
    let s = error_db / 20.0 * 10f64.ln();
    simpson(|x| (-x * x / 2.0).exp() * f((s * x).exp()), -9.0, 9.0, 1800) / (2.0 * PI).sqrt()
}

#[test]
fn phase_only_takes_its_mean_from_the_phase_error_alone() {
    let base = "scheme.kind=phase-only; link.snr_db=4";
    for (error_db, error_rad, figure) in [(1.5, 0.0, 0.3296f64), (0.0, 0.2, 0.3838), (1.5, 0.2, 0.3838)] {
        let errors = format!("link.reciprocity_error_db={error_db}; link.reciprocity_error_rad={error_rad}");
        let experiment = load(&[&gaussian(9, 960), RAYLEIGH, base, &errors]);
        let c2 = 4.0 / PI * f64::exp(error_rad * error_rad);
        let expected = c2 * (1.0 + 1.0 / (9.0 * ratio(4.0))) - 1.0;
        assert!((expected - figure).abs() < 1e-4, "{expected} {figure}");
        // Without the phase error in the constant c, which leaves c E|h| C of a device in the sum.
        let (own, noise) = (4.0 / PI, 1.0 / (9.0 * ratio(4.0)));
        let wrong = own * (1.0 + noise) - 2.0 * (-error_rad * error_rad / 2.0).exp() + 1.0;
        // Amplitude errors of 1.5 dB move the constant by 1.5 %, which the error hardly shows.
        let wrong = if error_rad > 0.0 { wrong } else { 0.9 * expected };
        holds(&errors, &experiment, expected, (1000, DETECTS, wrong));
        let constant = experiment.known.mean_turned();
        assert_equal("constant", constant, 1.0 / c2.sqrt());
    }
}

#[test]
fn inversion_averages_over_amplitude_errors() {
    let (g, error_db) = (0.2, 4.0);
    let base = format!("{INVERSION}; link.snr_db=15; link.reciprocity_error_db={error_db}");
    let experiment = load(&[&gaussian(10, 192), RAYLEIGH, &base, "stop.trials=2000"]);
    let m = over_amplitudes(error_db, |a| (-g / (a * a)).exp() / a);
    let q = over_amplitudes(error_db, |a| (-g / (a * a)).exp() / (a * a));
    let inverse = over_amplitudes(error_db, |a| e1_of_any(g / (a * a)) / (a * a));
    let expected = (q + inverse / (10.0 * ratio(15.0))) / (m * m) - 1.0;
    assert!((expected - 0.545).abs() < 2e-3, "{expected}");
    holds("4 dB", &experiment, expected, (12_000, DETECTS, 0.410));
    let known = &experiment.known;
    for (what, value, dense) in [
        ("mean", known.mean_ratio(g), m),
        ("square", known.mean_square_ratio(g), q),
        ("inverse", known.truncated_inverse(g), inverse),
        ("square of the mean", known.square_of_mean_ratio(g), m * m),
    ] {
        assert!((value / dense - 1.0).abs() < 1e-6, "{what}: {value} {dense}");
    }
    let used = trials(&experiment, Fidelity::Symbol, 6000);
    let used = Moments::of(used.iter().map(|t| t.account.power_used_mean));
    let spec = CheckSpec { alpha: ALPHA, detects: 0.05 };
    check_mean(&used, 1.0, spec).unwrap();
    check_mean(&used, 0.897, spec).unwrap_err();
}

#[test]
fn means_over_amplitude_errors_are_dense_sums_up_to_the_bound() {
    for error_db in [0.01, 1.0, 10.0] {
        for g in [0.01, 0.3, 2.0] {
            let element = KnownElement::scattered(1.0, 0.8, Complex64::new(0.7, 0.1));
            let mismatch = Mismatch::new(error_db, PI);
            let known = KnownStatistics::mismatched(vec![element], false, mismatch);
            let at = |a: f64| g / (0.8 * a * a);
            let share = over_amplitudes(error_db, |a| (-at(a)).exp());
            let mean = 0.875 * (-PI * PI / 2.0).exp() * over_amplitudes(error_db, |a| (-at(a)).exp() / a);
            let inverse = over_amplitudes(error_db, |a| e1_of_any(at(a)) / (a * a)) / 0.8;
            let square = 0.5 / 0.64 * over_amplitudes(error_db, |a| (-at(a)).exp() / (a * a))
                + (1.0 - 0.5 / 0.8) * inverse;
            for (what, value, dense) in [
                ("share", known.active_share(g), share),
                ("mean", known.mean_ratio(g), mean),
                ("inverse", known.truncated_inverse(g), inverse),
                ("square", known.mean_square_ratio(g), square),
            ] {
                assert!((value / dense - 1.0).abs() < 1e-6, "{error_db} dB, {g}, {what}: {value} {dense}");
            }
            // Means without the spread are others.
            let plain = KnownStatistics::new(vec![element], true);
            assert!((plain.truncated_inverse(g) / inverse - 1.0).abs() > 1e-6);
        }
    }
}

#[test]
fn energies_do_not_mind_errors_of_phase() {
    let base = "payload.source=uniform; payload.devices=10; payload.length=96; link.snr_db=20; scheme.kind=energy; \
                scheme.sequence_length=64; scheme.channel_scaling=magnitude; scheme.threshold=0.2";
    let (g, k) = (0.2f64, 10.0);
    let (zeta, v) = ((-g).exp(), e1(g) / ratio(20.0));
    let (square, own) = (k * k + k / 3.0, 4.0 * k / 3.0);
    let error = zeta * zeta * square + (zeta - 2.0 * zeta * zeta) * own + 2.0 * zeta * k * v + v * v;
    let expected = 3.0 * error / (zeta * zeta * 64.0 * k);
    assert!((expected - 0.437).abs() < 0.01, "{expected}");
    let turned = load(&[RAYLEIGH, base, "link.reciprocity_error_rad=0.5; stop.trials=100"]);
    holds("turned", &turned, expected, (500, 0.08, 0.652));
    let straight = load(&[RAYLEIGH, base]);
    assert_eq!(turned.known.mean_square_ratio(g), straight.known.mean_square_ratio(g));
    // An error of amplitude is one of energy.
    let louder = load(&[RAYLEIGH, base, "link.reciprocity_error_db=1"]);
    let gain = over_amplitudes(1.0, |a| (-g / (a * a)).exp() / (a * a));
    assert!((louder.known.mean_square_ratio(g) / gain - 1.0).abs() < 1e-6);
}

/// Draws channels of unit power with a constant part, sees them in noise of variance `v`, and returns pairs `(h, h_hat)`.
fn seen_in_noise(k_factor: f64, v: f64, count: u64) -> impl Iterator<Item = (Complex64, Complex64)> {
    let scattered = 1.0 / (k_factor + 1.0);
    let stream = |link| Seeds::new(7).stream(Purpose::Fading, 0, link);
    let (fading, noise) = (stream(0), stream(1));
    (0..count).map(move |i| {
        let h = Complex64::from((1.0 - scattered).sqrt()) + fading.complex_gaussian(i) * scattered.sqrt();
        (h, h + noise.complex_gaussian(i) * v.sqrt())
    })
}

#[test]
fn a_line_of_sight_enters_the_constants() {
    let link = "channel.model=rician; channel.k_factor_db=4; channel.fading=per-element; link.snr_db=15; \
                link.csi=estimated; pilots.estimator=ls; pilots.snr_db=10";
    let k_snr = 6.0 * ratio(15.0);
    let pairs: Vec<_> = seen_in_noise(ratio(4.0), 0.1, 1_000_000).collect();
    let mean =
        |f: &dyn Fn(Complex64, Complex64) -> f64| Moments::of(pairs.iter().map(|(h, k)| f(*h, *k))).mean;
    let above = |k: Complex64, value: f64| if k.norm_sqr() >= 0.2 { value } else { 0.0 };
    let m = mean(&|h, k| above(k, (h / k).re));
    let q = mean(&|h, k| above(k, (h / k).norm_sqr()));
    let inverse = mean(&|_, k| above(k, 1.0 / k.norm_sqr()));
    let inverted = load(&[&gaussian(6, 960), link, INVERSION]);
    let known = &inverted.known;
    for (what, value, drawn) in [
        ("mean", known.mean_ratio(0.2), m),
        ("square", known.mean_square_ratio(0.2), q),
        ("inverse", known.truncated_inverse(0.2), inverse),
    ] {
        assert!((value / drawn - 1.0).abs() < 4e-3, "{what}: {value} {drawn}");
    }
    assert!((m - 0.851).abs() < 2e-3 && (m - 0.822).abs() > 2e-2, "{m}");
    let expected = (known.mean_square_ratio(0.2) + known.truncated_inverse(0.2) / k_snr)
        / known.mean_ratio(0.2).powi(2)
        - 1.0;
    assert!((expected - 0.2660).abs() < 1e-3, "{expected}");
    holds("inverted", &inverted, expected, (1500, DETECTS, 0.2862));

    let turned = load(&[&gaussian(6, 960), link, "scheme.kind=phase-only"]);
    let t = mean(&|h, k| (h * k.conj()).re / k.norm());
    let constant = turned.known.mean_turned();
    assert!((constant / t - 1.0).abs() < 2e-3 && (constant - 0.882).abs() > 1e-2, "{constant} {t}");
    let expected = (1.0 + 1.0 / k_snr) / (constant * constant) - 1.0;
    assert!((expected - 0.2383).abs() < 1e-3, "{expected}");
    holds("turned", &turned, expected, (1500, DETECTS, 0.2492));
}

/// Means of what is left of channels, drawn from the sounder itself; each of trials: the mean ratio, its square over pairs of
/// devices, the mean square, what is left of the turned channel, the share of the active, and the mean inverse.
fn sounded(experiment: &Experiment, threshold: f64, count: u64) -> [Moments; 6] {
    let context = TrialContext::new(experiment, Fidelity::Symbol).unwrap();
    let wide = |z: airloop::baseband::Complex32| Complex64::new(z.re.into(), z.im.into());
    let one = |trial: u64| {
        let (mut gains, mut sounder) = (context.gains(trial), context.sounder(trial).unwrap());
        let (mut timeline, segments, mut symbol) = (context.timeline(0), experiment.segments(), 0);
        let (mut sums, mut elements) = ([0.0; 6], 0.0);
        let devices = gains.links();
        while let Some(segment) = segments.at(symbol) {
            let (shape, sounds): (SlotShape, _) = timeline.place(segment.shape.symbols);
            if let Some(at) = sounds {
                sounder.sound(&mut gains, at).unwrap();
            }
            symbol += segment.shape.symbols;
            let rows = |knowledge: airloop::medium::Knowledge<'_>| -> Vec<Vec<Complex64>> {
                let of = |d: usize, s: usize| knowledge.link(d).row(s).iter().copied().map(wide).collect();
                (0..devices * shape.symbols).map(|i| of(i % devices, i / devices)).collect()
            };
            let (known, truth) = (rows(sounder.all(&mut gains, shape)), rows(gains.all(shape)));
            for (known, truth) in known.chunks(devices).zip(truth.chunks(devices)) {
                for f in 0..known[0].len() {
                    let (mut all, mut own) = (Complex64::default(), 0.0);
                    for (k, h) in known.iter().map(|k| k[f]).zip(truth.iter().map(|h| h[f])) {
                        sums[3] += (h * k.conj()).re / k.norm();
                        if k.norm_sqr() >= threshold {
                            all += h / k;
                            own += (h / k).norm_sqr();
                            sums[4] += 1.0;
                            sums[5] += 1.0 / k.norm_sqr();
                        }
                    }
                    sums[0] += all.re;
                    sums[1] += (all.norm_sqr() - own) / (devices - 1) as f64;
                    sums[2] += own;
                    elements += devices as f64;
                }
            }
        }
        sums.map(|sum| sum / elements)
    };
    let all: Vec<[f64; 6]> = (0..count).into_par_iter().map(one).collect();
    std::array::from_fn(|i| Moments::of(all.iter().map(|sums| sums[i])))
}

/// Holds the statistics of an experiment's knowledge against what its sounder gives.
#[track_caller]
fn sounds_as_said(channel: &str, knowledge: &str, (length, count): (usize, u64)) {
    let since = Instant::now();
    let scheme = "scheme.kind=truncated-inversion; scheme.threshold=0.3; scheme.scale=plain; link.snr_db=10";
    let experiment = load(&[&gaussian(20, length), channel, scheme, knowledge]);
    let known = &experiment.known;
    let expected = [
        known.mean_ratio(0.3),
        known.square_of_mean_ratio(0.3),
        known.mean_square_ratio(0.3),
        known.mean_turned(),
        known.active_share(0.3),
        known.truncated_inverse(0.3),
    ];
    for (i, (found, expected)) in sounded(&experiment, 0.3, count).iter().zip(expected).enumerate() {
        println!(
            "{channel}; {knowledge} [{i}]: {:.5} against {expected:.5}, z {:+.2}, {:.2} s",
            found.mean,
            (found.mean - expected) / found.standard_error(),
            since.elapsed().as_secs_f64()
        );
        let spec = CheckSpec { alpha: ALPHA, detects: 0.08 * expected };
        check_mean(found, expected, spec).unwrap_or_else(|e| panic!("{channel}; {knowledge} [{i}]: {e}"));
        check_mean(found, 1.08 * expected, spec).unwrap_err();
    }
}

/// A line of sight, and paths behind it.
const SIGHT: &str = "channel.model=tdl-d; channel.delay_spread_s=3e-7; channel.delays=rounded";

/// One path with a line of sight.
const FLAT: &str = "channel.model=rician; channel.k_factor_db=5";

#[test]
fn static_knowledge_is_as_good_as_said() {
    let reciprocity = "link.csi=perfect; link.reciprocity_error_db=3; link.reciprocity_error_rad=0.4";
    for (channel, knowledge) in [
        (FLAT, "link.csi=imperfect; link.csi_error=0.1"),
        (SIGHT, "link.csi=estimated; pilots.estimator=mmse; pilots.snr_db=-5; pilots.spacing_subcarriers=6"),
        (SIGHT, reciprocity),
        (SELECTIVE, reciprocity),
        (RAYLEIGH, "link.csi=estimated; pilots.estimator=ls; pilots.snr_db=3; link.reciprocity_error_db=5"),
    ] {
        sounds_as_said(channel, knowledge, (96, 1000));
    }
}

#[test]
fn old_knowledge_with_a_line_of_sight_is_as_good_as_said() {
    let fast = "channel.speed_m_s=40";
    for (channel, knowledge, count) in [
        (FLAT, "link.csi=imperfect; link.csi_error=0.05; link.csi_age_s=2e-4", 1000),
        (SIGHT, "link.csi=estimated; pilots.estimator=ls; pilots.symbols=2; pilots.snr_db=8", 300),
        (
            SIGHT,
            "link.csi=estimated; pilots.estimator=mmse; pilots.symbols=2; pilots.snr_db=0; \
             pilots.spacing_subcarriers=4; link.csi_age_s=3e-4",
            300,
        ),
    ] {
        sounds_as_said(&format!("{channel}; {fast}"), knowledge, (480, count));
    }
}

/// Returns why settings are refused.
fn refusal(settings: &[&str]) -> String {
    let mut node = Node::parse_toml("", Path::new("test.toml")).unwrap();
    for setting in settings.iter().flat_map(|list| list.split(';')).filter(|s| !s.trim().is_empty()) {
        let (path, value) = parse_set(setting.trim()).unwrap();
        node.set(&path, value).unwrap();
    }
    Loader::default().load(&node).expect_err("refused").to_string()
}

/// Returns the codes of an experiment's doubts, and their words.
fn doubts(settings: &[&str]) -> Vec<(String, String)> {
    load(settings).warnings.into_iter().map(|warning| (warning.code, warning.message)).collect()
}

#[test]
fn knowledge_that_is_nothing_is_refused() {
    let base = gaussian(10, 96) + "; link.snr_db=10; " + INVERSION;
    let moving = "channel.model=rayleigh; channel.speed_m_s=30";
    // The first zero of J0 lies at 2.404826.
    let age = format!("link.csi_age_s={}", 2.404_826 / (2.0 * PI * 30.0 * 3.5e9 / 299_792_458.0));
    for (settings, words) in [
        (
            &[RAYLEIGH, "link.csi=imperfect; link.csi_error=1.0"][..],
            &["csi_error", "csi = \"none\"", "smaller"][..],
        ),
        (&[RAYLEIGH, "link.csi=imperfect; link.csi_error=1.5"], &["csi_error", "csi = \"none\""]),
        (&[RAYLEIGH, "link.reciprocity_error_db=10.1"], &["reciprocity_error_db", "0 to 10"]),
        (&[RAYLEIGH, "link.reciprocity_error_rad=3.15"], &["reciprocity_error_rad", "0 to 3.14"]),
        (&[moving, &age], &["scale", "no unbiased estimate exists", "\"lmmse\""]),
        (&[moving, &age, "scheme.kind=phase-only"], &["scale", "no unbiased estimate exists", "\"plain\""]),
        (
            &[AWGN, "link.reciprocity_error_db=1; scheme.threshold=0; scheme.power_constraint=peak"],
            &["threshold", "positive threshold"],
        ),
    ] {
        let phase_only = settings.iter().any(|s| s.contains("phase-only"));
        let base = if phase_only { gaussian(10, 96) + "; link.snr_db=10" } else { base.clone() };
        let message = refusal(&[&[&base[..]], settings].concat());
        assert!(words.iter().all(|word| message.contains(word)), "{settings:?}: {message}");
    }
    // At the bounds, and with other scales, they load.
    load(&[&base, RAYLEIGH, "link.reciprocity_error_db=10; link.reciprocity_error_rad=3.1415"]);
    load(&[&base, moving, &age, "scheme.scale=lmmse"]);
    load(&[&base, AWGN, "link.reciprocity_error_db=1; scheme.threshold=0"]);
    load(&[&base, "channel.model=rician; channel.k_factor_db=0; link.csi=imperfect; link.csi_error=0.5"]);
}

#[test]
fn poor_knowledge_is_doubted() {
    let base = gaussian(10, 96) + "; link.snr_db=10; " + INVERSION;
    let has = |settings: &[&str], code: &str| {
        let found = doubts(&[&[&base[..]], settings].concat());
        found.into_iter().find(|(own, _)| own == code).map(|(_, message)| message)
    };
    let doppler_hz = 30.0 * 3.5e9 / 299_792_458.0;
    let moving = "channel.model=rayleigh; channel.speed_m_s=30";
    // 1 - J0(1.5)^2 = 0.738, 1 - J0(0.5)^2 = 0.119.
    let age = |turn: f64| format!("link.csi_age_s={}", turn / (2.0 * PI * doppler_hz));
    let message = has(&[moving, &age(1.5)], "poor-knowledge").unwrap();
    assert!(message.contains("26.2 %") && message.contains("csi_age_s"), "{message}");
    assert_eq!(has(&[moving, &age(0.5)], "poor-knowledge"), None);
    // A line of sight at nearly a quarter of its turn, which 0.7 of the largest shift makes.
    let sight = "channel.model=rician; channel.k_factor_db=10; channel.speed_m_s=30";
    assert!(has(&[sight, &age(0.24 * 2.0 * PI / 0.7)], "poor-knowledge").is_some());
    // exp(-1) of the power is left by a radian, and all of it for schemes without phase.
    let radian = "link.reciprocity_error_rad=1";
    assert!(has(&[RAYLEIGH, radian], "poor-knowledge").unwrap().contains("36.8 %"));
    let energy = "payload.source=uniform; payload.devices=10; payload.length=96; link.snr_db=20; scheme.kind=energy; \
                  scheme.sequence_length=64; scheme.channel_scaling=magnitude; scheme.threshold=0.2";
    assert_eq!(doubts(&[RAYLEIGH, energy, radian]), []);
    // Pilots too far apart for the delays, and near enough.
    let sparse = "channel.model=tdl-c; channel.delay_spread_s=2e-6; link.csi=estimated; pilots.snr_db=30; \
                  pilots.estimator=ls; pilots.spacing_subcarriers=";
    let spaced = |spacing: usize| has(&[&format!("{sparse}{spacing}")], "sparse-pilots");
    assert!(spaced(40).unwrap().contains("pilots.spacing_subcarriers"));
    assert_eq!(spaced(2), None);
}
