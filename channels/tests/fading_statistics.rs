//! Statistics of taps over independent draws: power, distribution, fourth moment, time correlation. Every named profile has its
//! turn in `named_profiles.rs`.

mod support;

use airloop_baseband::checks::{CheckFailure, CheckPass, check_distribution, check_mean};
use airloop_baseband::special::bessel_j0;
use airloop_baseband::{Complex32, Purpose, Seeds};
use airloop_channels::{Fading, PathKind, Profile, TimeGrid};
use std::f64::consts::TAU;
use support::*;

/// Draws of a million: the mean of n exponentials is known to 1/sqrt(n) of itself, and (4.9 + 3.1)/1000 < 1 %.
const MILLION: usize = 1_000_000;

/// Draws whose distribution is checked: the sup distance of n samples is seen to 4.3/sqrt(n) < 1 %.
const DISTRIBUTED: usize = 250_000;

/// Checks the mean power of every path of the named profiles, and the distribution of one path's power.
fn check_powers(names: &[&str], speed_m_s: f64) {
    for name in names {
        let clock = Clock::start(&format!("powers of {name} at {speed_m_s} m/s"));
        let fading = Fading::new(profile(name, 100e-9), CARRIER_HZ, speed_m_s);
        let seed = 100 + PROFILES.iter().position(|p| p == name).unwrap() as u64;
        let paths = fading.profile().paths();
        let mut sums = vec![Sums::default(); paths.len()];
        let (mut line_error, mut powers) = (0.0f64, Vec::with_capacity(DISTRIBUTED));
        for_each_draw(&fading, seed, MILLION, |taps, time_s| {
            for (p, gain) in gains_at(taps, time_s).into_iter().enumerate() {
                let relative = power(gain) / paths[p].power;
                sums[p].push(relative);
                if paths[p].kind == PathKind::LineOfSight {
                    line_error = line_error.max((relative - 1.0).abs());
                }
                if p == paths.len() / 2 && powers.len() < DISTRIBUTED {
                    powers.push(relative);
                }
            }
        });
        // A line of sight has constant modulus: two parts rounded to f32, each by 2^-24 of itself.
        assert!(line_error <= 4.0 * 2f64.powi(-24), "{name}: {line_error:e}");
        let mut worst = 0.0f64;
        for (path, sums) in paths.iter().zip(&sums).filter(|(path, _)| path.kind == PathKind::Rayleigh) {
            let pass = check_mean(&sums.moments(), 1.0, spec(0.01))
                .unwrap_or_else(|failure| panic!("{name} {path:?}: {failure}"));
            worst = worst.max((pass.observed - 1.0).abs());
            assert_disagrees(check_mean(&sums.moments(), 1.01, spec(0.01)));
        }
        let pass = check_distribution(&mut powers, |g| 1.0 - (-g).exp(), spec(0.01)).unwrap();
        // A power 4 % off is a sup distance of 0.015; an exponent of 1.05 (fewer deep fades) one of 0.014.
        assert_disagrees(check_distribution(&mut powers, |g| 1.0 - (-1.04 * g).exp(), spec(0.01)));
        assert_disagrees(check_distribution(&mut powers, |g| 1.0 - (-g.powf(1.05)).exp(), spec(0.01)));
        let percent = 100.0 * worst;
        let distance = pass.observed;
        clock.print(MILLION, &format!("worst power off by {percent:.3} %, sup distance {distance:.5}"));
    }
}

#[test]
fn moving_paths_have_their_own_mean_power_to_one_percent_and_are_exponentially_distributed() {
    check_powers(&["tdl-d"], 30.0);
}

#[test]
fn static_paths_have_their_own_mean_power_to_one_percent_and_are_exponentially_distributed() {
    check_powers(&["tdl-c"], 0.0);
}

/// Checks `E|a|^4 / (E|a|^2)^2` of unit-power gains, and returns the ratio.
///
/// ```text
/// r = m4/m2^2 about m2 = 1, m4 = 2:   r = 2 + mean(|a|^4 - 4 (|a|^2 - 1) - 2),   standard deviation 2 a sample
/// ```
fn check_fourth_moment(powers: &[f64]) -> (f64, Result<CheckPass, CheckFailure>) {
    let (mut second, mut linear) = (Sums::default(), Sums::default());
    let mut fourth = 0.0;
    for g in powers {
        second.push(*g);
        linear.push(g * g - 4.0 * (g - 1.0));
        fourth += g * g;
    }
    let ratio = fourth / powers.len() as f64 / second.moments().mean.powi(2);
    (ratio, check_mean(&linear.moments(), 2.0, spec(0.02)))
}

#[test]
fn the_fourth_moment_ratio_is_two_and_eight_equal_sinusoids_have_too_few_deep_fades() {
    for speed_m_s in [0.0, 30.0] {
        let clock = Clock::start(&format!("fourth moment at {speed_m_s} m/s"));
        let fading = Fading::new(Profile::flat(0.0), CARRIER_HZ, speed_m_s);
        let mut powers = Vec::with_capacity(MILLION);
        for_each_draw(&fading, 13, MILLION, |taps, time_s| powers.push(power(gains_at(taps, time_s)[0])));
        let (ratio, outcome) = check_fourth_moment(&powers);
        outcome.unwrap();
        assert!((ratio - 2.0).abs() <= 0.02, "{ratio}");
        clock.print(MILLION, &format!("ratio {ratio:.4}"));
    }
    let stream = Seeds::new(14).stream(Purpose::Fading, 0, 0);
    let equal = |draw: usize| {
        let phases = (0..8).map(|i| TAU * stream.uniform((8 * draw + i) as u64));
        let (re, im) = phases.fold((0.0, 0.0), |(re, im), p| (re + p.cos(), im + p.sin()));
        (re * re + im * im) / 8.0
    };
    let (ratio, outcome) = check_fourth_moment(&(0..MILLION).map(equal).collect::<Vec<f64>>());
    assert_disagrees(outcome);
    assert!((ratio - 1.875).abs() <= 0.02, "{ratio}");
}

#[test]
fn the_time_correlation_is_the_bessel_function_out_to_four_periods_at_any_time() {
    const LAGS: usize = 17;
    let clock = Clock::start("time correlation");
    let two = [1, 5].map(|p| profile("tdl-c", 100e-9).paths()[p]);
    let fading = Fading::new(Profile::new(two.to_vec()).unwrap(), CARRIER_HZ, 30.0);
    let powers = [0, 1].map(|p| fading.profile().paths()[p].power);
    let step_s = 4.0 / fading.max_doppler_hz() / (LAGS - 1) as f64;
    let mut products = [[[Sums::default(); 2]; 2]; LAGS];
    let mut across = Sums::default();
    for_each_draw(&fading, 15, MILLION, |taps, start_s| {
        let mut gains = [Complex32::default(); 2 * LAGS];
        taps.gains(TimeGrid { start_s, step_s, count: LAGS }, &mut gains);
        for (sums, row) in products.iter_mut().zip(gains.chunks(2)) {
            for p in 0..2 {
                let product = row[p] * gains[p].conj();
                sums[p][0].push(f64::from(product.re) / powers[p]);
                sums[p][1].push(f64::from(product.im) / powers[p]);
            }
        }
        across.push(f64::from((gains[0] * gains[1].conj()).re) / (powers[0] * powers[1]).sqrt());
    });
    let (mut worst, at) = (0.0f64, |lag: usize| TAU * lag as f64 * step_s * fading.max_doppler_hz());
    for (lag, sums) in products.iter().enumerate() {
        for [re, im] in sums {
            let expected = bessel_j0(at(lag));
            let re = check_mean(&re.moments(), expected, spec(0.01)).unwrap();
            let im = check_mean(&im.moments(), 0.0, spec(0.01)).unwrap();
            worst = worst.max((re.observed - expected).abs()).max(im.observed.abs());
        }
    }
    check_mean(&across.moments(), 0.0, spec(0.01)).unwrap();
    // A maximum Doppler shift 3 % higher, and a flat spectrum of the same width, at the first lags.
    for ([first, _], [second, _]) in products[1].iter().zip(&products[2]) {
        assert_disagrees(check_mean(&first.moments(), bessel_j0(1.03 * at(1)), spec(0.01)));
        assert_disagrees(check_mean(&second.moments(), at(2).sin() / at(2), spec(0.01)));
    }
    clock.print(MILLION, &format!("{} lags of 2 paths, worst off by {worst:.4}", LAGS - 1));
}
