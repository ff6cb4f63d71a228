use super::*;
use airloop_baseband::checks::{CheckSpec, check_mean};
use airloop_baseband::statistics::Moments;
use airloop_baseband::units::db_from_power;
use airloop_baseband::{Complex64, Purpose, Seeds};

fn normal(sd: f64) -> Spread {
    Spread::Normal { sd }
}

#[track_caller]
fn assert_db(floor: Floor, expected_db: f64) {
    let db = db_from_power(floor.independent());
    assert!((db - expected_db).abs() < 0.05, "{db:.3} dB, expected {expected_db} dB");
}

#[test]
fn known_floors_of_phase_and_power() {
    for (degrees, db) in [(5.0_f64, -21.2), (10.0, -15.2), (20.0, -9.3)] {
        assert_db(phase(normal(degrees.to_radians())), db);
    }
    for (step_db, db) in [(0.25, -41.6), (1.0, -29.6)] {
        assert_db(power(Spread::Uniform { half_width: step_db / 2.0 }), db);
    }
    for (sd_db, db) in [(1.0, -18.7), (3.0, -8.3)] {
        assert_db(power(normal(sd_db)), db);
    }
}

#[test]
fn known_floors_of_timing() {
    // -20 dB takes 0.055 samples of the band, 2.8 ns at 20 MHz.
    assert_db(timing(normal(0.0551 / 20e6), 20e6), -20.0);
    assert!((0.0551_f64 / 20e6 * 1e9 - 2.8).abs() < 0.05);
    // 600 subcarriers of 1024 around an empty carrier, half a sample either way.
    let frequencies: Vec<f64> = (-300..=300).filter(|k| *k != 0).map(|k| f64::from(k) / 1024.0).collect();
    let floor = timing_on_grid(Spread::Uniform { half_width: 0.5 }, &frequencies).independent();
    assert!((floor - 0.0922).abs() < 5e-5, "{floor}");
    // A grid that fills the band is the band.
    let fine: Vec<f64> = (0..4000).map(|i| (f64::from(i) + 0.5) / 4000.0 - 0.5).collect();
    let (grid, band) = (timing_on_grid(normal(0.3), &fine), timing(normal(0.3), 1.0));
    assert!((grid.mean_square / band.mean_square - 1.0).abs() < 1e-6);
    assert!((grid.squared_mean / band.squared_mean - 1.0).abs() < 1e-6);
}

#[test]
fn a_tenth_of_a_radian_comes_soon() {
    assert!((turning_time_s(350.0, 0.1) - 45e-6).abs() < 0.5e-6);
    assert!((turning_time_s(-10.0, 0.1) - 1.6e-3).abs() < 0.01e-3);
    // The phase at that time is the one of the phase floor.
    let fixed = 2.0 * (1.0 - (TAU * 350.0 * turning_time_s(350.0, 0.1)).cos());
    assert!((db_from_power(fixed) - -20.0).abs() < 0.01);
}

#[test]
fn small_offsets_follow_their_squares() {
    let ratio = |floor: Floor, expected: f64| (floor.independent() / expected - 1.0).abs();
    assert!(ratio(timing(normal(1e-12), 20e6), (PI * 20e6 * 1e-12_f64).powi(2) / 3.0) < 1e-8);
    assert!(ratio(carrier_offset(normal(0.01), 1e-3), (TAU * 0.01 * 1e-3_f64).powi(2) / 3.0) < 1e-8);
    assert!(ratio(clock_offset(normal(1e-9), 20e6, 1e-3), (PI * 20e6 * 1e-12_f64).powi(2) / 9.0) < 1e-8);
    // The mean turns with the square, and is -x^2/2 at a phase of x: it enters with the fourth power.
    let fourth = |floor: Floor, expected: f64| (floor.squared_mean / expected - 1.0).abs();
    assert!(fourth(carrier_offset(normal(0.01), 1e-3), (TAU * 0.01 * 1e-3_f64).powi(4) / 20.0) < 1e-8);
    assert!(fourth(clock_offset(normal(1e-9), 20e6, 1e-3), (PI * 20e6 * 1e-12_f64).powi(4) / 100.0) < 1e-8);
    let b: f64 = LN_10 / 20.0;
    assert!(ratio(power(Spread::Uniform { half_width: 5e-4 }), (b * 1e-3).powi(2) / 12.0) < 1e-7);
}

#[test]
fn clock_offset_is_the_reference() {
    // pi B d T = 0.7 and 9; by double quadrature in mpmath.
    for (product, expected) in [(0.7, 0.026_069_948_722_871_33), (9.0, 0.605_567_279_722_092_6)] {
        let floor = clock_offset(normal(product / PI), 1.0, 1.0).independent();
        assert!((0.5 * floor / expected - 1.0).abs() < 1e-12, "{floor}");
    }
}

/// Devices' misaligned values over a frame: mean NMSE of their sum for independent and for identical data.
fn simulated(seeds: &Seeds, factor: impl Fn(f64, f64, f64) -> Complex64) -> (Moments, Moments) {
    const DEVICES: usize = 5;
    let (mut independent, mut identical) = (Vec::new(), Vec::new());
    for trial in 0..40_000 {
        let place = seeds.stream(Purpose::Placement, trial, 0);
        let (t, f) = (place.uniform(0), place.uniform(1) - 0.5);
        let errors: Vec<Complex64> = (0..DEVICES)
            .map(|k| factor(seeds.stream(Purpose::Impairment, trial, k as u64).gaussian(0), t, f) - 1.0)
            .collect();
        independent.push(errors.iter().map(Complex64::norm_sqr).sum::<f64>() / DEVICES as f64);
        identical.push((errors.iter().sum::<Complex64>() / DEVICES as f64).norm_sqr());
    }
    (Moments::of(independent), Moments::of(identical))
}

#[test]
fn floors_agree_with_devices_that_are_misaligned() {
    type Factor = fn(f64, f64, f64) -> Complex64;
    let cases: [(Floor, Factor); 5] = [
        (phase(normal(0.4)), |z, _, _| Complex64::from_polar(1.0, 0.4 * z)),
        (timing(normal(0.2), 1.0), |z, _, f| Complex64::from_polar(1.0, -TAU * f * 0.2 * z)),
        (carrier_offset(normal(0.1), 1.0), |z, t, _| Complex64::from_polar(1.0, TAU * 0.1 * z * t)),
        (clock_offset(normal(0.3), 1.0, 1.0), |z, t, f| Complex64::from_polar(1.0, -TAU * f * 0.3 * z * t)),
        (power(normal(1.5)), |z, _, _| Complex64::from(10f64.powf(1.5 * z / 20.0))),
    ];
    for (label, (floor, factor)) in cases.into_iter().enumerate() {
        let (independent, identical) = simulated(&Seeds::new(11).branch(label as u64), factor);
        let spec = |of: f64| CheckSpec { alpha: 1e-6, detects: 0.15 * of };
        let (first, second) = (floor.independent(), floor.identical(5));
        check_mean(&independent, first, spec(first)).unwrap();
        check_mean(&identical, second, spec(second)).unwrap();
        // The one must not pass for the other.
        check_mean(&identical, first, spec(first)).unwrap_err();
    }
}
