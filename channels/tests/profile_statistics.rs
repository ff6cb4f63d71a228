//! Profiles against the table, line-of-sight paths, and the correlation over frequency.

mod support;

use airloop_baseband::checks::{check_distribution, check_mean};
use airloop_baseband::units::power_from_db;
use airloop_baseband::{Complex32, Complex64};
use airloop_channels::{Fading, Marginal, PathKind, Profile, Steering, TimeGrid};
use std::f64::consts::TAU;
use support::*;

/// A row of the table: normalised delay, power in decibels, line of sight.
type Row = (f64, f64, bool);

/// Reads the rows of one profile of the table, by its header's names.
fn table(name: &str) -> Vec<Row> {
    let text = include_str!("../src/data/tr38901_tdl.csv");
    let mut lines = text.lines().filter(|line| !line.starts_with('#'));
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    let column = |word: &str| header.iter().position(|h| *h == word).unwrap();
    let columns = ["profile", "normalised_delay", "power_db", "fading"].map(column);
    let cells = lines.map(|line| line.split(',').collect::<Vec<&str>>());
    let rows = cells.map(|cells| columns.map(|c| cells[c]));
    rows.filter(|row| row[0].eq_ignore_ascii_case(name))
        .map(|row| (row[1].parse().unwrap(), row[2].parse().unwrap(), row[3] == "los"))
        .collect()
}

#[test]
fn paths_are_those_of_the_table_times_the_delay_spread() {
    for name in &PROFILES[..5] {
        let rows = table(name);
        let total: f64 = rows.iter().map(|row| power_from_db(row.1)).sum();
        let profile = Profile::tdl(name, 363e-9).unwrap();
        assert_eq!(profile.paths().len(), rows.len());
        for (path, (delay, power_db, line)) in profile.paths().iter().zip(rows) {
            assert!((path.delay_s - delay * 363e-9).abs() <= 1e-15 * 363e-9 * delay, "{name} {path:?}");
            assert!((path.power * total / power_from_db(power_db) - 1.0).abs() < 1e-12, "{name} {path:?}");
            assert_eq!(path.kind == PathKind::LineOfSight, line, "{name} {path:?}");
        }
    }
}

#[test]
fn the_rms_delay_spread_scales_with_the_one_asked_for() {
    for name in PROFILES {
        let unit = profile(name, 1.0).rms_delay_spread_s();
        for asked_s in [1e-9, 93e-9, 1148e-9] {
            let spread_s = profile(name, asked_s).rms_delay_spread_s();
            assert!((spread_s / (unit * asked_s) - 1.0).abs() < 1e-12, "{name} {asked_s} {spread_s}");
        }
        // The table's powers are rounded to 0.1 dB and those of D and E to less: E stands 4 % off one.
        assert!((unit - 1.0).abs() < 0.05, "{name} {unit}");
    }
}

#[test]
fn the_first_taps_of_tdl_d_and_tdl_e_have_the_stated_k_factors() {
    const DRAWS: usize = 1_000_000;
    for (name, k_db, seed) in [("tdl-d", 13.3, 21), ("tdl-e", 22.0, 22)] {
        let clock = Clock::start(&format!("K factor of {name}"));
        // The two paths of the first tap alone: powers of one profile keep their ratio.
        let first = Profile::new(profile(name, 100e-9).paths()[..2].to_vec()).unwrap();
        let fading = Fading::new(first, CARRIER_HZ, 0.0);
        let (k, mut scattered) = (power_from_db(k_db), Sums::default());
        let mut taps_powers = Vec::with_capacity(DRAWS);
        for_each_draw(&fading, seed, DRAWS, |taps, time_s| {
            let gains = gains_at(taps, time_s);
            scattered.push(k * power(gains[1]) / power(gains[0]));
            taps_powers.push(power(gains[0] + gains[1]));
        });
        let pass = check_mean(&scattered.moments(), 1.0, spec(0.01)).unwrap();
        let k_measured_db = k_db - 10.0 * pass.observed.log10();
        assert_disagrees(check_mean(&scattered.moments(), power_from_db(0.1), spec(0.01)));
        let rician = |k: f64| move |g: f64| Marginal::rician(k).cumulative(g);
        let mut part = taps_powers[..60_000].to_vec();
        let pass = check_distribution(&mut part, rician(k), spec(0.02)).unwrap();
        assert_disagrees(check_distribution(&mut part, rician(k * power_from_db(1.0)), spec(0.02)));
        let finding = format!("K {k_measured_db:.3} dB of {k_db} dB, sup distance {:.5}", pass.observed);
        clock.print(DRAWS, &finding);
    }
}

#[test]
fn the_line_of_sight_is_one_line_at_seven_tenths_of_the_maximum_doppler_shift() {
    const STEPS: usize = 2000;
    for (profile, path) in [(profile("tdl-d", 1e-7), 0), (profile("tdl-e", 1e-7), 0), (Profile::flat(5.0), 0)]
    {
        let fading = Fading::new(profile, CARRIER_HZ, 20.0);
        let step_s = 1.0 / (20.0 * fading.max_doppler_hz());
        for_each_draw(&fading, 23, 50, |taps, start_s| {
            let mut gains = vec![Complex32::default(); (STEPS + 1) * taps.paths()];
            taps.gains(TimeGrid { start_s, step_s, count: STEPS + 1 }, &mut gains);
            let line: Vec<Complex64> = gains
                .iter()
                .skip(path)
                .step_by(taps.paths())
                .map(|g| Complex64::new(g.re.into(), g.im.into()))
                .collect();
            // Advances telescope, so that only the two ends' rounding remains: 2^-23 of a radian over 100 periods.
            let turns: f64 = line.windows(2).map(|w| (w[1] * w[0].conj()).arg() / TAU).sum();
            let share = turns / (STEPS as f64 * step_s * fading.max_doppler_hz());
            let bound = 2f64.powi(-22) / TAU / (STEPS as f64 / 20.0);
            assert!((share - 0.7).abs() < bound, "{share}");
            for wrong in [-0.7, 1.0, 0.7001] {
                assert!((share - wrong).abs() > bound, "a control passes: {wrong}");
            }
        });
    }
}

#[test]
fn the_frequency_correlation_is_the_transform_of_the_profile() {
    const DRAWS: usize = 250_000;
    const SPREAD_S: f64 = 300e-9;
    let spacings_hz = [0.0, 50e3, 200e3, 700e3, 3e6];
    for (seed, name) in PROFILES.into_iter().enumerate() {
        let clock = Clock::start(&format!("frequency correlation of {name}"));
        let fading = Fading::new(profile(name, SPREAD_S), CARRIER_HZ, 0.0);
        let powers: Vec<(f64, f64)> = match name {
            "exponential" => fading.profile().paths().iter().map(|p| (p.delay_s, p.power)).collect(),
            name => table(name).iter().map(|row| (row.0 * SPREAD_S, power_from_db(row.1))).collect(),
        };
        let total: f64 = powers.iter().map(|p| p.1).sum();
        let transform = |spacing_hz: f64| -> Complex64 {
            powers.iter().map(|(d, p)| Complex64::from_polar(p / total, TAU * spacing_hz * d)).sum()
        };
        // E[H(f) conj H(f + df)] = sum of P exp(+j 2 pi df tau), about any f.
        let frequencies: Vec<f64> = spacings_hz.iter().map(|df| -1.1e6 + df).collect();
        let steering = Steering::new(taps_delays(&fading).as_slice(), &frequencies);
        let mut sums = vec![[Sums::default(); 2]; spacings_hz.len()];
        let mut response = vec![Complex32::default(); spacings_hz.len()];
        for_each_draw(&fading, 30 + seed as u64, DRAWS, |taps, time_s| {
            steering.respond(&gains_at(taps, time_s), &mut response);
            for (sums, h) in sums.iter_mut().zip(&response) {
                let product = response[0] * h.conj();
                sums[0].push(product.re.into());
                sums[1].push(product.im.into());
            }
        });
        let mut worst = 0.0f64;
        for (spacing_hz, [re, im]) in spacings_hz.iter().zip(&sums) {
            let expected = transform(*spacing_hz);
            let re = check_mean(&re.moments(), expected.re, spec(0.02)).unwrap();
            let im = check_mean(&im.moments(), expected.im, spec(0.02)).unwrap();
            worst = worst.max(Complex64::new(re.observed - expected.re, im.observed - expected.im).norm());
        }
        // Delays of the wrong sign, and half as long again.
        assert_disagrees(check_mean(&sums[2][1].moments(), -transform(spacings_hz[2]).im, spec(0.02)));
        assert_disagrees(check_mean(&sums[2][1].moments(), transform(1.5 * spacings_hz[2]).im, spec(0.02)));
        clock.print(DRAWS, &format!("worst off by {worst:.4}"));
    }
}

fn taps_delays(fading: &Fading) -> Vec<f64> {
    fading.profile().paths().iter().map(|p| p.delay_s).collect()
}
