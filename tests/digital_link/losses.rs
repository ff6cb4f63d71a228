//! Coded digital aggregation where blocks are lost.

use super::setup::{ALPHA, aggregation};
use airloop::baseband::checks::{CheckSpec, check_mean, check_paired};
use airloop::baseband::statistics::Moments;
use airloop::report::Fidelity;
use airloop::run::TrialContext;
use rayon::prelude::*;

const ROUND: &str = "payload.source=gaussian; payload.devices=2; payload.length=900; channel.model=awgn; \
                     scheduling.power=same-power; mcs.index=5; scheme.kind=digital; scheme.bits=8";

/// Share of its values that arrived in a trial, how much of the truth the estimate has, and its NMSE.
fn trials(settings: &[&str], count: u64) -> Vec<(f64, f64, f64)> {
    let experiment = aggregation(&[&[ROUND], settings].concat());
    let context = TrialContext::new(&experiment, Fidelity::Symbol).unwrap();
    let trial = |index: u64| {
        let (trial, vectors) = context.run_with_vectors(index).unwrap();
        let product =
            |a: &[f32]| a.iter().zip(&vectors.truth).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>();
        (trial.account.sent_share, product(&vectors.estimate) / product(&vectors.truth), trial.nmse())
    };
    (0..count).into_par_iter().map(trial).collect()
}

#[test]
fn nothing_arrives_of_a_signal_below_the_noise() {
    for (arrived, _, nmse) in trials(&["link.snr_db=-15"], 10) {
        assert_eq!((arrived, nmse), (0.0, 1.0));
    }
    for (_, _, nmse) in trials(&["link.snr_db=-15; scheme.on_loss=rescale"], 10) {
        assert_eq!(nmse, 1.0);
    }
    // Wrong bits are other values; wrong scales may be anything, of which what no device has is lost.
    let kept = trials(&["link.snr_db=-4; scheme.on_loss=keep"], 40);
    let most = (2.0 * 10.0 * 2f64.sqrt() + 10.0).powi(2) / 2.0;
    for (arrived, _, nmse) in &kept {
        assert!((0.0..1.0).contains(arrived) && *nmse < most, "{nmse} with {arrived}");
    }
    assert!(kept.iter().any(|(arrived, _, nmse)| *arrived > 0.0 && *nmse > 1.0), "{kept:?}");
}

/// Where some of the blocks are lost; two devices of 10 blocks each at least.
const LOSSY: &str = "link.snr_db=-0.2";

/// Statistical: alpha 1e-6, detects 0.03 of the truth.
#[test]
fn erased_values_are_missing_and_rescaled_ones_are_not() {
    let spec = CheckSpec { alpha: ALPHA, detects: 0.03 };
    let erased = trials(&[LOSSY], 200);
    let arrived = Moments::of(erased.iter().map(|trial| trial.0));
    assert!((0.3..0.9).contains(&arrived.mean), "{}", arrived.mean);
    let missing = Moments::of(erased.iter().map(|trial| trial.1 - trial.0));
    check_paired(&missing, spec).unwrap_or_else(|e| panic!("erase: {e}"));
    let whole =
        |trials: &[(f64, f64, f64)]| check_mean(&Moments::of(trials.iter().map(|trial| trial.1)), 1.0, spec);
    // Control: what is erased is not made up for.
    assert!(whole(&erased).is_err());
    let rescaled = trials(&[LOSSY, "scheme.on_loss=rescale"], 200);
    whole(&rescaled).unwrap_or_else(|e| panic!("rescale: {e}"));
    let kept = trials(&[LOSSY, "scheme.on_loss=keep"], 20);
    assert!(kept.iter().zip(&erased).all(|(kept, erased)| kept.0 >= erased.0), "{kept:?}");
    assert!(kept.iter().zip(&erased).any(|(kept, erased)| kept.0 > erased.0), "{kept:?}");
    assert!(rescaled.iter().zip(&erased).all(|(a, b)| a.0 == b.0), "the same blocks are lost");
}

#[test]
fn retransmissions_bring_what_was_lost() {
    let arrived = |harq: &str| trials(&[LOSSY, harq], 40).iter().map(|trial| trial.0).sum::<f64>() / 40.0;
    let once = arrived("harq.transmissions=1");
    assert!((0.3..0.9).contains(&once), "{once}");
    assert_eq!(arrived("harq.transmissions=4"), 1.0);
}
