//! The formulas against figures computed elsewhere: closed forms and a Monte-Carlo of another program, for 64 symbols.

use super::super::{Receiver, mean_square_error, symbol_errors};
use super::setting;
use std::f64::consts::FRAC_PI_2;

/// Returns the error per device.
fn nmse(delays: &[f64], phases: &[f64], noise_power: f64, receiver: Receiver) -> f64 {
    mean_square_error(&setting(delays, phases, noise_power, 64), receiver).unwrap() / delays.len() as f64
}

#[track_caller]
fn assert_figure(found: f64, figure: f64, digit: f64) {
    assert!((found - figure).abs() <= 0.501 * digit, "{found} is not {figure}");
}

#[test]
fn two_devices_half_a_symbol_apart() {
    let of = |receiver| nmse(&[0.0, 0.5], &[0.0, 0.0], 0.1, receiver);
    assert_figure(of(Receiver::AlignedSample), 0.1, 1e-12);
    assert_figure(of(Receiver::MaximumLikelihood), 0.099_224_8, 1e-7);
    assert_figure(of(Receiver::Lmmse), 0.077_961_2, 1e-7);
    // Two samples an unknown in a chain of 128 unknowns and 129 samples.
    assert_figure(of(Receiver::MaximumLikelihood), 0.1 * 128.0 / 129.0, 1e-12);
}

#[test]
fn two_devices_in_quadrature() {
    let of = |receiver, noise| nmse(&[0.0, 0.5], &[0.0, FRAC_PI_2], noise, receiver);
    assert_figure(of(Receiver::AlignedSample, 0.1), 1.1, 1e-12);
    assert_figure(of(Receiver::MaximumLikelihood, 0.1), 4.333_33, 1e-5);
    assert_figure(of(Receiver::Lmmse, 0.1), 0.215_830, 1e-6);
    assert_figure(of(Receiver::MaximumLikelihood, 1e-4), 0.004_33, 1e-5);
    assert_figure(of(Receiver::AlignedSample, 1e-4), 1.0001, 1e-12);
    // Mean of i (n + 1 - i)/(n + 1) over the n = 128 unknowns is (n + 2)/6; N0/d = 0.2.
    assert_figure(of(Receiver::MaximumLikelihood, 0.1), 0.2 * 130.0 / 6.0, 1e-10);
}

#[test]
fn four_devices() {
    let of = |receiver| nmse(&[0.0, 0.3, 0.6, 0.9], &[0.0; 4], 0.1, receiver);
    assert_figure(of(Receiver::AlignedSample), 0.25, 1e-12);
    assert_figure(of(Receiver::MaximumLikelihood), 0.246_490, 1e-6);
    assert_figure(of(Receiver::Lmmse), 0.115_932, 1e-6);
}

#[test]
fn the_integrator_over_whole_symbols_pays_twice_the_squared_delays() {
    for (delays, figure) in [(&[0.0, 0.5][..], 0.3), (&[0.0, 0.3, 0.6, 0.9], 0.655)] {
        let (k, squares) = (delays.len() as f64, delays.iter().map(|t| t * t).sum::<f64>());
        let setting = setting(delays, &vec![0.0; delays.len()], 0.1, 64);
        let errors = symbol_errors(&setting, Receiver::FullSymbol).unwrap();
        // The figure is that of a symbol with one before it; nothing comes before the first.
        errors[1..].iter().for_each(|error| assert_figure(error / k, figure, 1e-12));
        assert_figure(errors[0] / k, (squares + 0.1) / k, 1e-12);
        let mean = mean_square_error(&setting, Receiver::FullSymbol).unwrap();
        assert_figure(mean, (2.0 - 1.0 / 64.0) * squares + 0.1, 1e-12);
    }
}

#[test]
fn aligned_devices_leave_only_noise() {
    for receiver in super::RECEIVERS {
        let found = mean_square_error(&setting(&[0.0; 5], &[0.0; 5], 0.3, 7), receiver).unwrap();
        // A prior of variance 5 shrinks the estimate.
        let expected = if receiver == Receiver::Lmmse { 1.0 / (1.0 / 0.3 + 1.0 / 5.0) } else { 0.3 };
        assert_figure(found, expected, 1e-9);
    }
}
