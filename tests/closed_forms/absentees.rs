//! Votes that are not cast, and votes that a code delivers.

use crate::agreement::*;
use crate::setup::*;
use crate::votes::{Rates, binomial, over_votes};
use airloop::report::{Fidelity, TheoryKind};
use airloop::run::Trial;
use std::time::Instant;

fn of_votes(trial: &Trial) -> f64 {
    trial.errors.vote_error_rate.unwrap()
}

fn of_truth(trial: &Trial) -> f64 {
    trial.errors.vote_error_rate_truth.unwrap()
}

/// Keyed votes over Rayleigh elements with one copy: `((a-) + 1/SNR)/(a+ + a- + 2/SNR)` over who takes part.
fn thinned((devices, q, snr_db): (u32, f64, f64), participation: f64) -> Rates {
    let noise = 1.0 / ratio(snr_db);
    over_votes((devices, q), |right, wrong| {
        let mut sum = 0.0;
        for a in 0..=right {
            for b in 0..=wrong {
                let chance = binomial(right, a, participation) * binomial(wrong, b, participation);
                sum += chance * (f64::from(b) + noise) / (f64::from(a + b) + 2.0 * noise);
            }
        }
        sum
    })
}

#[test]
fn keyed_votes_of_those_who_take_part_hit_their_formula() {
    for (devices, q, snr_db, participation, fidelity, count) in [
        (20, 0.7, 0.0, 0.3, Fidelity::Symbol, 256),
        (9, 0.8, 3.0, 0.2, Fidelity::Symbol, 256),
        (5, 0.9, 3.0, 0.5, Fidelity::Symbol, 256),
        (20, 0.7, 0.0, 0.2, Fidelity::Waveform, 2000),
    ] {
        let since = Instant::now();
        let length = if fidelity == Fidelity::Waveform { 96 } else { 960 };
        let payload = format!(
            "payload.source=sign; payload.devices={devices}; payload.length={length}; payload.agreement={q}"
        );
        let scheme =
            format!("scheme.kind=fsk-majority; scheme.participation={participation}; link.snr_db={snr_db}");
        let channel = if fidelity == Fidelity::Waveform { SELECTIVE } else { RAYLEIGH };
        let experiment = load(&[&payload, &scheme, channel]);
        let expected = thinned((devices, q, snr_db), participation);
        let what = format!("{fidelity}, {participation} of {devices}");
        let found = trials(&experiment, fidelity, count);
        assert_mean(&format!("{what}, votes"), found.iter().map(of_votes), expected.votes, since);
        assert_mean(&format!("{what}, truth"), found.iter().map(of_truth), expected.truth, since);
        // Had all voted, the rate would be another.
        assert_differs("all vote", found.iter().map(of_votes), thinned((devices, q, snr_db), 1.0).votes);
        assert!((found[0].account.active_fraction / participation - 1.0).abs() < 0.05, "{what}");
        let theory = report(&experiment, Fidelity::Theory);
        assert_equal("theory", theory.metrics.vote_error_rate.unwrap().mean.unwrap(), expected.votes);
        assert_equal(
            "theory, truth",
            theory.metrics.vote_error_rate_truth.unwrap().mean.unwrap(),
            expected.truth,
        );
    }
}

#[test]
fn votes_that_bits_deliver_are_those_that_were_cast() {
    // Only the voters themselves can be wrong: more than half of 5 are, or of 6 with a tie counting 1/2.
    for (devices, bits) in [(5u32, 1), (6, 1), (5, 3)] {
        let since = Instant::now();
        let settings = [
            &format!(
                "payload.source=sign; payload.devices={devices}; payload.length=960; payload.agreement=0.7"
            ),
            AWGN,
            &format!("scheme.kind=digital; scheme.bits={bits}; link.snr_db=10"),
        ];
        let experiment = load(&settings);
        let share = |k: u32| binomial(devices, k, 0.7);
        let tie = if devices % 2 == 0 { share(devices / 2) / 2.0 } else { 0.0 };
        let truth = (0..devices.div_ceil(2)).map(share).sum::<f64>() + tie;
        let found = trials(&experiment, Fidelity::Symbol, 1024);
        assert_mean("truth", found.iter().map(of_truth), truth, since);
        // Every decision is that of the votes; a tie counts 1/2 either way.
        let ties = found.iter().map(of_votes).sum::<f64>() / 1024.0;
        assert!((ties - tie).abs() < 0.01 && (tie > 0.0 || ties == 0.0), "{ties} {tie}");
        let theory = report(&experiment, Fidelity::Theory);
        assert_eq!(theory.theory_kind, Some(TheoryKind::Ensemble));
        assert_equal("theory", theory.metrics.vote_error_rate.unwrap().mean.unwrap() + 1.0, 1.0 + tie);
        assert_equal("theory, truth", theory.metrics.vote_error_rate_truth.unwrap().mean.unwrap(), truth);
    }
}
