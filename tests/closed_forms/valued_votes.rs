//! Votes that devices cast by the signs of their values: stored gradients, and drawn normals.

use crate::agreement::*;
use crate::setup::*;
use crate::votes::{binomial, fsk, of_votes, one_bit, over_votes};
use airloop::baseband::special::erfc;
use airloop::report::Fidelity;
use std::time::Instant;

#[test]
fn real_gradients_vote_by_their_signs() {
    for (abstain, seed) in [(0.0, 1), (0.5, 2)] {
        let since = Instant::now();
        let rows = raw_gradients();
        let limits: Vec<f64> = rows.iter().map(|row| abstain * product(row, row).sqrt()).collect();
        let counts: Vec<(f64, f64)> = (0..9610)
            .map(|n| {
                rows.iter().zip(&limits).fold((0.0, 0.0), |(right, wrong), (row, limit)| match row[n] {
                    g if g > 0.0 && g >= *limit => (right + 1.0, wrong),
                    g if g < 0.0 && -g >= *limit => (right, wrong + 1.0),
                    _ => (right, wrong),
                })
            })
            .collect();
        // Over gains of 1 all devices are active: Q(|m| sqrt(2 rho0/s2)), and 1/2 where votes tie.
        let snr = ratio(-6.0);
        let of = |(right, wrong): &(f64, f64)| 0.5 * erfc((right - wrong).abs() * snr.sqrt());
        let expected = counts.iter().map(of).sum::<f64>() / 9610.0;
        let payload = format!("{}; payload.function=majority; payload.abstain_below={abstain}", shipped());
        let experiment = load(&[&payload, &one_bit(-6.0, 0.0), AWGN, &format!("seed={seed}")]);
        let found = trials(&experiment, Fidelity::Symbol, 64);
        assert_mean(&format!("abstain below {abstain}"), found.iter().map(of_votes), expected, since);
        assert!(found.iter().all(|t| t.errors.vote_error_rate_truth.is_none()));
        let theory = report(&experiment, Fidelity::Theory).metrics.vote_error_rate.unwrap().mean.unwrap();
        assert!((theory / expected - 1.0).abs() < 1e-5, "{theory} {expected}");
        // By energies of independent elements: those who abstain send nothing, and K counts voters only.
        let keyed = load(&[&payload, &fsk(10.0), RAYLEIGH]);
        let noise = 1.0 / ratio(10.0);
        let of = |(right, wrong): &(f64, f64)| {
            let x = (right.min(*wrong) + noise) / (right + wrong + 2.0 * noise);
            if right == wrong { 0.5 } else { x }
        };
        let expected = counts.iter().map(of).sum::<f64>() / 9610.0;
        let found = trials(&keyed, Fidelity::Symbol, 32);
        assert_mean(&format!("keyed, abstain below {abstain}"), found.iter().map(of_votes), expected, since);
        let voting = counts.iter().map(|(r, w)| r + w).sum::<f64>() / (9610.0 * 20.0);
        assert!((found[0].account.active_fraction / voting - 1.0).abs() < 1e-6);
        assert!((found[0].account.power_used_mean / (voting / 2.0) - 1.0).abs() < 1e-6);
    }
}

#[test]
fn gaussian_values_vote_and_abstain_as_their_distribution_says() {
    // Votes of independent standard normals: cast with probability 2 Q(t) = erfc(t/sqrt 2), either way alike.
    let since = Instant::now();
    let (devices, limit) = (7, 0.8);
    let cast = erfc(limit / 2f64.sqrt());
    let mut expected = 0.0;
    for voters in 0..=devices {
        let rates = over_votes((voters, 0.5), |right, wrong| {
            0.5 * erfc((f64::from(right) - f64::from(wrong)) * ratio(0.0).sqrt())
        });
        expected += binomial(devices, voters, cast) * rates.votes;
    }
    let payload = format!(
        "{}; payload.function=majority; payload.abstain_below={limit}",
        gaussian(devices as usize, 960)
    );
    let experiment = load(&[&payload, &one_bit(0.0, 0.0), AWGN]);
    let theory = report(&experiment, Fidelity::Theory).metrics.vote_error_rate.unwrap().mean.unwrap();
    assert_equal("theory", theory, expected);
    let found = trials(&experiment, Fidelity::Symbol, 1024);
    assert_mean("abstaining normals", found.iter().map(of_votes), expected, since);
}
