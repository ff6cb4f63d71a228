//! Correlation between antennas, element by element, at one instant and over time.

mod support;

use airloop_baseband::checks::check_mean;
use airloop_baseband::special::bessel_j0;
use airloop_baseband::{Complex32, Complex64, Seeds};
use airloop_channels::{
    Antennas, Correlation, CorrelationLevel, Fading, PathKind, PathSpec, Profile, Taps, TimeGrid,
};
use std::f64::consts::TAU;
use support::*;

/// Paths of equal power: as many independent draws of the antennas.
const PATHS: usize = 8;

/// Devices drawn: a mean product of unit-power gains is seen to 8/sqrt(n), and 8/sqrt(8 * 5,600) < 0.04.
const DEVICES: usize = 5_600;

/// Smallest error of an element that is seen; each fails by chance once in a million.
const DETECTS: f64 = 0.04;

/// Devices drawn in one trial.
const TOGETHER: usize = 100;

/// Maximum Doppler shift in hertz.
const DOPPLER_HZ: f64 = 50.0;

/// A lag at which the time correlation is J0(1) = 0.765, in seconds.
const LAG_S: f64 = 1.0 / (TAU * DOPPLER_HZ);

/// Measures `E[h_i(t + lag) h_j(t)^*]` of unit-power gains for all links of a device: real and imaginary parts, row by row.
fn products(fading: &Fading, seed: u64) -> Vec<[Sums; 2]> {
    let links = fading.antennas().links();
    let mut sums = vec![[Sums::default(); 2]; links * links];
    let mut gains = vec![[[Complex32::default(); PATHS]; 2]; links];
    let wide = |z: Complex32| Complex64::new(z.re.into(), z.im.into()) * (PATHS as f64).sqrt();
    let seeds = Seeds::new(seed);
    for trial in 0..(DEVICES / TOGETHER) as u64 {
        let taps = fading.draw(&seeds, trial, 0..TOGETHER * links);
        for device in taps.chunks_exact(links) {
            for (taps, gains) in device.iter().zip(&mut gains) {
                let grid = TimeGrid { start_s: 7.0, step_s: LAG_S, count: 2 };
                taps.gains(grid, gains.as_flattened_mut());
            }
            for (at, sums) in sums.iter_mut().enumerate() {
                for (later, now) in gains[at / links][1].iter().zip(&gains[at % links][0]) {
                    let product = wide(*later) * wide(*now).conj();
                    sums[0].push(product.re);
                    sums[1].push(product.im);
                }
            }
        }
    }
    sums
}

/// Checks all products against J0 times an expected matrix: how far off the worst is, or the first that disagrees.
fn check(sums: &[[Sums; 2]], expected: impl Fn(usize, usize) -> Complex64) -> Result<f64, String> {
    let links = sums.len().isqrt();
    let mut worst = 0.0f64;
    for (at, [re, im]) in sums.iter().enumerate() {
        let value = bessel_j0(1.0) * expected(at / links, at % links);
        for (sums, value) in [(re, value.re), (im, value.im)] {
            let pass = check_mean(&sums.moments(), value, spec(DETECTS)).map_err(|e| format!("{at}: {e}"))?;
            worst = worst.max((pass.observed - value).abs());
        }
    }
    Ok(worst)
}

fn rayleigh() -> Fading {
    let path = |p: usize| PathSpec { delay_s: p as f64 * 1e-9, power: 1.0, kind: PathKind::Rayleigh };
    Fading::with_max_doppler(Profile::new((0..PATHS).map(path).collect()).unwrap(), DOPPLER_HZ)
}

/// Checks the levels of the standard with so many antennas at each end.
fn check_levels(antennas: usize) {
    // Coefficients at the base station, which receives, and at the device: TS 36.101 table B.2.3.2-1.
    let levels = [
        (CorrelationLevel::Low, 0.0, 0.0),
        (CorrelationLevel::Medium, 0.3f64, 0.9f64),
        (CorrelationLevel::High, 0.9, 0.9),
    ];
    for (seed, (level, alpha, beta)) in levels.into_iter().enumerate() {
        let clock = Clock::start(&format!("{level:?} {antennas} by {antennas}"));
        let (receive, device) = level.coefficients();
        let of = |coefficient| Correlation::standard(coefficient, antennas).unwrap();
        let sums = products(&rayleigh().with_correlation(of(receive), of(device)), 90 + seed as u64);
        // Exponents of 2 antennas are 0 and 1; of 4 they are 0, 1/9, 4/9 and 1.
        let end = |coefficient: f64, i: usize, j: usize| {
            let squares = [0.0, 1.0, 4.0, 9.0][i.abs_diff(j)];
            let exponent = if antennas == 2 { squares } else { squares / 9.0 };
            if exponent == 0.0 { 1.0 } else { coefficient.powf(exponent) }
        };
        let kronecker = |alpha: f64, beta: f64| {
            move |i: usize, j: usize| {
                Complex64::from(
                    end(alpha, i / antennas, j / antennas) * end(beta, i % antennas, j % antennas),
                )
            }
        };
        let worst = check(&sums, kronecker(alpha, beta)).unwrap_or_else(|e| panic!("{level:?}: {e}"));
        // Coefficients 0.1 off at one end, and the ends exchanged.
        assert!(check(&sums, kronecker(alpha + 0.1, beta)).is_err(), "{level:?}: a control passes");
        assert!(
            check(&sums, kronecker(alpha, (beta - 0.1f64).abs())).is_err(),
            "{level:?}: a control passes"
        );
        if alpha != beta {
            assert!(check(&sums, kronecker(beta, alpha)).is_err(), "{level:?}: a control passes");
        }
        clock.print(DEVICES * PATHS, &format!("{} elements, worst off by {worst:.4}", sums.len()));
    }
}

#[test]
fn levels_of_the_standard_are_drawn_element_by_element_with_two_by_two_antennas() {
    check_levels(2);
}

#[test]
fn levels_of_the_standard_are_drawn_element_by_element_with_four_by_four_antennas() {
    check_levels(4);
}

#[test]
fn exponential_and_complex_matrices_are_drawn_with_their_phases() {
    let turned = |i: usize, j: usize, sign: f64| {
        Complex64::from_polar(0.7f64.powi(i.abs_diff(j) as i32), sign * 0.9 * (i as f64 - j as f64))
    };
    let rows: Vec<Vec<Complex64>> = (0..3).map(|i| (0..3).map(|j| turned(i, j, 1.0)).collect()).collect();
    let (receive, device) =
        (Correlation::from_rows(3, &rows).unwrap(), Correlation::exponential(0.5, 2).unwrap());
    let sums = products(&rayleigh().with_correlation(receive, device), 95);
    let expected = |sign: f64| {
        move |i: usize, j: usize| turned(i / 2, j / 2, sign) * 0.5f64.powi((i % 2).abs_diff(j % 2) as i32)
    };
    check(&sums, expected(1.0)).unwrap();
    // The transposed matrix, and antennas that know nothing of each other.
    assert!(check(&sums, expected(-1.0)).is_err());
    assert!(check(&sums, |i, j| Complex64::from(f64::from(i == j))).is_err());
    let alone = products(&rayleigh().with_antennas(Antennas { receive: 3, device: 2 }), 95);
    check(&alone, |i, j| Complex64::from(f64::from(i == j))).unwrap();
    assert!(check(&alone, expected(1.0)).is_err());
}

fn gains(taps: &[Taps]) -> Vec<Complex32> {
    taps.iter().flat_map(|taps| gains_at(taps, 0.3)).collect()
}

#[test]
fn a_device_draws_the_same_whoever_else_is_there() {
    let seeds = Seeds::new(5);
    let profile = || profile("tdl-d", 100e-9);
    for doppler_hz in [0.0, 40.0] {
        let plain = Fading::with_max_doppler(profile(), doppler_hz);
        let several = plain.clone().with_antennas(Antennas { receive: 2, device: 2 });
        // Without correlation a link's number says all.
        assert_eq!(gains(&plain.draw(&seeds, 3, 0..12)), gains(&several.draw(&seeds, 3, 0..12)));
        let end = |n| Correlation::exponential(0.6, n).unwrap();
        let correlated = plain.clone().with_correlation(end(2), end(2));
        let many = gains(&correlated.draw(&seeds, 3, 0..12));
        assert_ne!(many, gains(&plain.draw(&seeds, 3, 0..12)));
        for range in [0..4, 4..8, 0..1, 5..7, 3..12, 11..12, 6..6] {
            let part = gains(&correlated.draw(&seeds, 3, range.clone()));
            let paths = correlated.profile().paths().len();
            assert_eq!(part, many[range.start * paths..range.end * paths], "{range:?}");
        }
    }
}

#[test]
fn a_line_of_sight_comes_alike_to_correlated_antennas() {
    let correlated = Fading::with_max_doppler(profile("tdl-d", 100e-9), 40.0)
        .with_correlation(Correlation::exponential(0.6, 2).unwrap(), Correlation::identity(2));
    let drawn = correlated.draw(&Seeds::new(6), 0, 0..8);
    let paths = correlated.profile().paths().len();
    let lines: Vec<Complex32> = gains(&drawn).into_iter().step_by(paths).collect();
    for device in lines.chunks_exact(4) {
        assert!(device.iter().all(|line| *line == device[0]), "{device:?}");
    }
    assert_ne!(lines[0], lines[4], "devices have phases of their own");
    // The first scattered path of the same delay differs from antenna to antenna.
    let scattered: Vec<Complex32> = gains(&drawn).into_iter().skip(1).step_by(paths).collect();
    assert!(scattered.windows(2).all(|pair| pair[0] != pair[1]));
}
