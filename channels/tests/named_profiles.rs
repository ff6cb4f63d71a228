//! Every named profile as drawn, against its table: delays, powers, K factor, Doppler, distribution, correlation over frequency.
//!
//! With `AIRLOOP_FULL=1` the powers of all profiles are held to 1 % in place of 5 %, and their correlations over frequency to
//! 0.02 in place of 0.04.

mod support;

use airloop_baseband::checks::{CheckFailure, check_distribution, check_mean};
use airloop_baseband::special::bessel_j0;
use airloop_baseband::units::power_from_db;
use airloop_baseband::{Complex32, Complex64};
use airloop_channels::{Fading, Profile, Steering, TimeGrid};
use std::f64::consts::TAU;
use support::*;

/// Delay spread of the profiles that scale, in seconds.
const SPREAD_S: f64 = 300e-9;

/// Maximum Doppler shift, in hertz.
const DOPPLER_HZ: f64 = 100.0;

/// What a table says of a path.
#[derive(Clone, Copy, Debug)]
struct Row {
    delay_s: f64,
    power: f64,
    line_of_sight: bool,
}

/// Reads the rows of a profile from the one table that has it, by the names of its header, with unit total power.
fn table(name: &str) -> Vec<Row> {
    if name == "exponential" {
        return exponential();
    }
    let tables = [
        (include_str!("../src/data/tr38901_tdl.csv"), "normalised_delay", SPREAD_S),
        (include_str!("../src/data/ts36104_lte.csv"), "delay_ns", 1e-9),
        (include_str!("../src/data/ts38101_4_tdl.csv"), "delay_ns", 1e-9),
    ];
    let mut rows = Vec::new();
    for (text, delay_column, unit_s) in tables {
        let mut lines = text.lines().filter(|line| !line.starts_with('#'));
        let header: Vec<&str> = lines.next().unwrap().split(',').collect();
        let column = |word: &str| header.iter().position(|h| *h == word);
        let [profile, delay, power] = ["profile", delay_column, "power_db"].map(|word| column(word).unwrap());
        for cells in lines.map(|line| line.split(',').collect::<Vec<&str>>()) {
            if cells[profile].eq_ignore_ascii_case(name) {
                rows.push(Row {
                    delay_s: unit_s * cells[delay].parse::<f64>().unwrap(),
                    power: power_from_db(cells[power].parse().unwrap()),
                    line_of_sight: column("fading").is_some_and(|at| cells[at] == "los"),
                });
            }
        }
    }
    let total: f64 = rows.iter().map(|row| row.power).sum();
    rows.iter_mut().for_each(|row| row.power /= total);
    rows
}

/// Returns 24 paths at even spacing over seven decay constants, scaled to the delay spread.
fn exponential() -> Vec<Row> {
    let decays: Vec<f64> = (0..24).map(|l| 7.0 * f64::from(l) / 23.0).collect();
    let total: f64 = decays.iter().map(|x| (-x).exp()).sum();
    let moment = |n: i32| decays.iter().map(|x| (-x).exp() / total * x.powi(n)).sum::<f64>();
    let scale_s = SPREAD_S / (moment(2) - moment(1).powi(2)).sqrt();
    let row = |x: &f64| Row { delay_s: scale_s * x, power: (-x).exp() / total, line_of_sight: false };
    decays.iter().map(row).collect()
}

/// Returns the names of all profiles, those that scale first.
fn names() -> Vec<String> {
    let names: Vec<String> = PROFILES.iter().map(ToString::to_string).chain(Profile::fixed_names()).collect();
    assert_eq!(names.len(), 16, "{names:?}");
    names
}

#[test]
fn every_profile_has_the_delays_and_powers_of_its_table() {
    for name in names() {
        let (rows, profile) = (table(&name), profile(&name, SPREAD_S));
        assert_eq!(profile.paths().len(), rows.len(), "{name}");
        let fading = Fading::with_max_doppler(profile.clone(), 0.0);
        for_each_draw(&fading, 1, 1, |taps, _| {
            for ((path, row), delay_s) in profile.paths().iter().zip(&rows).zip(taps.delays_s()) {
                assert!((path.delay_s - row.delay_s).abs() <= 1e-14 * row.delay_s, "{name} {path:?} {row:?}");
                assert!((path.power / row.power - 1.0).abs() < 1e-12, "{name} {path:?} {row:?}");
                assert_eq!(*delay_s, path.delay_s);
            }
        });
        // A table with two rows exchanged is another one.
        assert!((profile.paths()[1].delay_s / rows[2].delay_s - 1.0).abs() > 1e-3, "{name}");
    }
}

/// Checks the taps of one profile, moving.
fn check_taps(name: &str, seed: u64) {
    // The mean of n exponentials is seen to 8/sqrt(n), and the sup distance of 180,000 samples to 1.2 %.
    let (draws, share) = if full() { (700_000, 0.01) } else { (27_000, 0.05) };
    const DISTRIBUTED: usize = 180_000;
    let clock = Clock::start(&format!("taps of {name}"));
    let (rows, fading) = (table(name), Fading::with_max_doppler(profile(name, SPREAD_S), DOPPLER_HZ));
    let phase = 1.2;
    let step_s = phase / (TAU * DOPPLER_HZ);
    let mut powers = vec![Sums::default(); rows.len()];
    let (mut correlation, mut fourth, mut relatives) = ([Sums::default(); 2], Sums::default(), Vec::new());
    let (mut modulus_error, mut doppler_error) = (0.0f64, 0.0f64);
    let mut gains = vec![Complex32::default(); 2 * rows.len()];
    for_each_draw(&fading, seed, draws, |taps, start_s| {
        taps.gains(TimeGrid { start_s, step_s, count: 2 }, &mut gains);
        for (p, row) in rows.iter().enumerate() {
            let [now, later] = [gains[p], gains[rows.len() + p]]
                .map(|a| Complex64::new(a.re.into(), a.im.into()) / row.power.sqrt());
            let (relative, product) = (now.norm_sqr(), later * now.conj());
            if row.line_of_sight {
                modulus_error = modulus_error.max((relative - 1.0).abs());
                doppler_error = doppler_error.max((product.arg() - 0.7 * phase).abs());
                continue;
            }
            powers[p].push(relative);
            correlation[0].push(product.re);
            correlation[1].push(product.im);
            fourth.push(relative * relative - 4.0 * (relative - 1.0));
            if relatives.len() < DISTRIBUTED {
                relatives.push(relative);
            }
        }
    });
    // A line of sight is one line of constant modulus: parts rounded to f32, each by 2^-24 of the modulus.
    assert!(modulus_error <= 4.0 * 2f64.powi(-24), "{name}: {modulus_error:e}");
    assert!(doppler_error <= 4.0 * 2f64.powi(-24), "{name}: {doppler_error:e}");
    for (row, sums) in rows.iter().zip(&powers).filter(|(row, _)| !row.line_of_sight) {
        check_mean(&sums.moments(), 1.0, spec(share)).unwrap_or_else(|e| panic!("{name} {row:?}: {e}"));
        assert_disagrees(check_mean(&sums.moments(), 1.0 + share, spec(share)));
    }
    let [re, im] = correlation.map(|sums| sums.moments());
    let pass = check_mean(&re, bessel_j0(phase), spec(0.02)).unwrap();
    check_mean(&im, 0.0, spec(0.02)).unwrap();
    // A maximum Doppler shift 3 % higher.
    assert_disagrees(check_mean(&re, bessel_j0(1.03 * phase), spec(0.02)));
    // E|a|^4/(E|a|^2)^2 is 2 + mean(|a|^4 - 4 (|a|^2 - 1) - 2) about 2; eight equal sinusoids have 1.875.
    let ratio = check_mean(&fourth.moments(), 2.0, spec(0.05)).unwrap();
    assert_disagrees(check_mean(&fourth.moments(), 1.875, spec(0.05)));
    let distance = check_distribution(&mut relatives, |g| 1.0 - (-g).exp(), spec(0.012)).unwrap();
    // An exponent of 1.05 has fewer deep fades.
    assert_disagrees(check_distribution(&mut relatives, |g| 1.0 - (-g.powf(1.05)).exp(), spec(0.012)));
    let finding = format!(
        "correlation {:.4} of {:.4}, ratio {:.4}, sup distance {:.4}",
        pass.observed, pass.expected, ratio.observed, distance.observed
    );
    clock.print(draws, &finding);
}

/// Checks a part of the names, so that no test takes long.
fn check_part(part: std::ops::Range<usize>) {
    part.for_each(|i| check_taps(&names()[i], 40 + i as u64));
}

#[test]
fn taps_of_tdl_a_to_c_have_the_powers_of_their_table_and_are_rayleigh() {
    check_part(0..3);
}

#[test]
fn taps_of_tdl_d_and_e_and_exponential_have_their_powers_and_are_rayleigh_or_a_line() {
    check_part(3..6);
}

#[test]
fn taps_of_epa_to_tdla30_have_the_powers_of_their_tables_and_are_rayleigh() {
    check_part(6..11);
}

#[test]
fn taps_of_tdlb100_to_tdld30_have_the_powers_of_their_table_and_are_rayleigh_or_a_line() {
    check_part(11..16);
}

#[test]
fn every_frequency_correlation_is_the_transform_of_the_table() {
    let (draws, bound) = if full() { (240_000, 0.02) } else { (60_000, 0.04) };
    for (seed, name) in names().iter().enumerate() {
        let clock = Clock::start(&format!("frequency correlation of {name}"));
        let (rows, profile) = (table(name), profile(name, SPREAD_S));
        let spacings_hz = [0.0, 0.02, 0.08, 0.25, 1.0].map(|share| share / profile.rms_delay_spread_s());
        // E[H(f + df) conj H(f)] = sum_p P_p exp(-j 2 pi df tau_p), about any f.
        let transform = |spacing_hz: f64| -> Complex64 {
            rows.iter().map(|row| Complex64::from_polar(row.power, -TAU * spacing_hz * row.delay_s)).sum()
        };
        let frequencies: Vec<f64> = spacings_hz.iter().map(|df| -1.1e6 + df).collect();
        let delays: Vec<f64> = profile.paths().iter().map(|path| path.delay_s).collect();
        let steering = Steering::new(&delays, &frequencies);
        let fading = Fading::with_max_doppler(profile, 0.0);
        let mut sums = [[Sums::default(); 2]; 5];
        let mut response = [Complex32::default(); 5];
        for_each_draw(&fading, 70 + seed as u64, draws, |taps, time_s| {
            steering.respond(&gains_at(taps, time_s), &mut response);
            for (sums, h) in sums.iter_mut().zip(&response) {
                let product = h * response[0].conj();
                sums[0].push(product.re.into());
                sums[1].push(product.im.into());
            }
        });
        // How far off the worst is where all agree, else the first that does not.
        let check = |expected: &dyn Fn(f64) -> Complex64| {
            let mut worst = 0.0f64;
            for (spacing_hz, [re, im]) in spacings_hz.iter().zip(&sums) {
                let expected = expected(*spacing_hz);
                for (sums, expected) in [(re, expected.re), (im, expected.im)] {
                    let pass = check_mean(&sums.moments(), expected, spec(bound))?;
                    worst = worst.max((pass.observed - expected).abs());
                }
            }
            Ok::<f64, CheckFailure>(worst)
        };
        let worst = check(&transform).unwrap_or_else(|e| panic!("{name}: {e}"));
        // Delays of the wrong sign, and half as long again.
        let wrong = [check(&|df| transform(df).conj()), check(&|df| transform(1.5 * df))];
        assert!(wrong.iter().all(|w| matches!(w, Err(CheckFailure::Disagrees(_)))), "{name}: {wrong:?}");
        clock.print(draws, &format!("worst off by {worst:.4}"));
    }
}
