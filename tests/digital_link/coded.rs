//! Coded digital aggregation where all blocks arrive: the error is the quantiser's, and what a budget buys.

use super::setup::{ALPHA, aggregation};
use airloop::baseband::checks::{CheckSpec, check_mean};
use airloop::baseband::statistics::Moments;
use airloop::experiment::Experiment;
use airloop::quantisation::{Quantiser, QuantiserConfig};
use airloop::report::Fidelity;
use airloop::run::TrialContext;
use rayon::prelude::*;

const ROUND: &str = "payload.source=gaussian; payload.devices=3; payload.length=500; channel.model=awgn; link.snr_db=20; \
                     mcs.index=8; scheme.kind=digital";

/// Squared errors of trials over what a quantiser is expected to make, summed over devices; and the NMSE over that of the vectors.
fn over_expected(experiment: &Experiment, quantiser: &Quantiser) -> (Moments, f64) {
    let context = TrialContext::new(experiment, Fidelity::Symbol).unwrap();
    let (payload, mut worst) = (&experiment.payload, 0.0f64);
    let trial = |index: u64| {
        let (trial, vectors) = context.run_with_vectors(index).unwrap();
        let mut values = vec![0.0; payload.length()];
        let expected: f64 = (0..payload.devices())
            .map(|device| {
                payload.read(index, device, 0, &mut values).unwrap();
                quantiser.mean_square_error(&values)
            })
            .sum();
        let square = |x: f32| f64::from(x).powi(2);
        let error: f64 = vectors.estimate.iter().zip(&vectors.truth).map(|(a, b)| square(a - b)).sum();
        let power: f64 = vectors.truth.iter().map(|b| square(*b)).sum();
        assert_eq!(trial.account.sent_share, 1.0, "blocks are lost");
        (error / expected, (trial.nmse() / (error / power) - 1.0).abs())
    };
    let trials: Vec<(f64, f64)> = (0..300).into_par_iter().map(trial).collect();
    trials.iter().for_each(|(_, off)| worst = worst.max(*off));
    (Moments::of(trials.iter().map(|(ratio, _)| *ratio)), worst)
}

/// Statistical: alpha 1e-6, detects 3 % of the error.
#[test]
fn the_error_is_the_quantisers() {
    let spec = CheckSpec { alpha: ALPHA, detects: 0.03 };
    for scheme in [
        "scheme.bits=3",
        "scheme.bits=6; scheduling.access=frequency",
        "scheme.quantiser=dithered; scheme.bits=4",
        "scheme.quantiser=qsgd; scheme.levels=7; scheme.bucket=64",
    ] {
        let experiment = aggregation(&[ROUND, scheme]);
        let quantiser = &experiment.coded.as_ref().unwrap().quantiser;
        let (ratio, off) = over_expected(&experiment, quantiser);
        check_mean(&ratio, 1.0, spec).unwrap_or_else(|e| panic!("{scheme}: {e}"));
        assert!(off < 1e-5, "{scheme}: {off}");
    }
    // Control: a bit more a value.
    let experiment = aggregation(&[ROUND, "scheme.bits=3"]);
    let other = Quantiser::new(QuantiserConfig::StochasticUniform { bits: 4 }, 500, None).unwrap();
    assert!(check_mean(&over_expected(&experiment, &other).0, 1.0, spec).is_err());
}

#[test]
fn on_loss_makes_no_difference_where_nothing_is_lost() {
    let errors = |on_loss: &str| {
        let experiment = aggregation(&[ROUND, "scheme.bits=5", &format!("scheme.on_loss={on_loss}")]);
        let context = TrialContext::new(&experiment, Fidelity::Symbol).unwrap();
        (0..5).map(|index| context.run(index).unwrap().nmse()).collect::<Vec<f64>>()
    };
    let erased = errors("erase");
    assert_eq!(errors("rescale"), erased);
    assert_eq!(errors("keep"), erased);
}

/// Slots of a round of 3 devices that send 500 values of so many bits, each packet with a scale of 32 bits.
fn slots(bits: usize, block_bits: usize) -> usize {
    3 * 500usize.div_ceil((block_bits - 32) / bits)
}

#[test]
fn a_larger_budget_buys_bits() {
    let block_bits = aggregation(&[ROUND, "scheme.bits=1"]).coded.as_ref().unwrap().link.blocks[0].bits();
    let mut bought = Vec::new();
    for most in [6, 9, 14, 15, 40] {
        // The budget is one symbol short of another slot.
        let elements = (14 * most + 13) * 48;
        let experiment = aggregation(&[ROUND, &format!("budget.elements={elements}")]);
        let coded = experiment.coded.as_ref().unwrap();
        let QuantiserConfig::StochasticUniform { bits } = *coded.quantiser.config() else {
            panic!("{coded:?}")
        };
        assert_eq!(coded.most_slots, Some(most as u64));
        let expected = (1..=16).rev().find(|bits| slots(*bits, block_bits) <= most).unwrap();
        assert_eq!(bits as usize, expected, "{most} slots of {block_bits} bits");
        let trial = TrialContext::new(&experiment, Fidelity::Symbol).unwrap().run(0).unwrap();
        assert_eq!(trial.account.symbols, 14 * slots(expected, block_bits), "{most} slots");
        bought.push(bits);
    }
    assert!(bought.is_sorted() && bought[0] < bought[4], "{bought:?}");
}
