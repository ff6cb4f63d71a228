//! The search for a threshold on a curve that is known.

use airloop::baseband::checks::{CheckSpec, check_mean};
use airloop::baseband::special::{normal_quantile, q_function};
use airloop::baseband::statistics::Moments;
use airloop::baseband::units::db_from_power;
use airloop::baseband::{Purpose, Seeds};
use airloop::effective_sinr::{EffectiveSinrError, Threshold, ThresholdSearch};

const SEARCH: ThresholdSearch = ThresholdSearch { target_bler: 0.1, accuracy_db: 0.03, most_blocks: 20_000 };

/// Standard deviations of noise a decibel, and where half of the blocks are lost.
const SLOPE: f64 = 3.0;
const HALF_DB: f64 = 2.0;

/// Looks for the threshold on the curve `Phi(-SLOPE (s - HALF_DB))` from a start on, with an expected slope.
fn search(trial: u64, start_db: f64, slope: f64) -> Threshold {
    let stream = Seeds::new(11).stream(Purpose::Bits, trial, 0);
    let lost = |snr: f64, block: u64| -> Result<bool, EffectiveSinrError> {
        Ok(stream.uniform(block) < q_function(SLOPE * (db_from_power(snr) - HALF_DB)))
    };
    SEARCH.run((start_db, slope), lost).unwrap()
}

/// Statistical: alpha 1e-6, detects 0.008 dB of bias, and standard errors that are off by a fifth.
#[test]
fn thresholds_are_right_and_so_are_their_standard_errors() {
    let expected = HALF_DB - normal_quantile(0.1) / SLOPE;
    // Starts up to 6 dB off, and expected slopes from half to twice the true one.
    let found: Vec<Threshold> = (0..1200)
        .map(|trial| {
            let (offset, factor) = ((trial % 7) as f64 - 3.0, [0.5, 1.0, 2.0][trial as usize % 3]);
            search(trial, expected + 2.0 * offset, SLOPE * factor)
        })
        .collect();
    let errors = Moments::of(found.iter().map(|one| one.snr_db));
    let spec = CheckSpec { alpha: 1e-6, detects: 0.008 };
    check_mean(&errors, expected, spec).unwrap_or_else(|e| panic!("{e}"));
    // Control: the target lies where one block in ten is lost, not one in nine.
    let off = HALF_DB - normal_quantile(0.11) / SLOPE;
    assert!(check_mean(&errors, off, spec).is_err());
    let squares = |factor: f64| {
        let square = |one: &Threshold| ((one.snr_db - expected) / (factor * one.standard_error_db)).powi(2);
        Moments::of(found.iter().map(square))
    };
    let spec = CheckSpec { alpha: 1e-6, detects: 0.45 };
    check_mean(&squares(1.0), 1.0, spec).unwrap_or_else(|e| panic!("{e}"));
    assert!(check_mean(&squares(0.7), 1.0, spec).is_err() && check_mean(&squares(1.5), 1.0, spec).is_err());
    assert!(found.iter().all(|one| one.standard_error_db <= SEARCH.accuracy_db));
}

#[test]
fn a_rate_that_is_never_reached_is_said() {
    let refusal = SEARCH.run((5.0, 2.0), |_, _| Ok::<_, EffectiveSinrError>(true)).unwrap_err();
    assert_eq!(refusal.to_string(), "no block error rate of 0.1 within 60 dB of 5.0 dB");
    assert!(SEARCH.run((5.0, 2.0), |_, _| Ok::<_, EffectiveSinrError>(false)).is_err());
    // Blocks end the search where the standard error does not.
    let few = ThresholdSearch { accuracy_db: 1e-3, most_blocks: 400, ..SEARCH };
    let stream = Seeds::new(11).stream(Purpose::Bits, 0, 1);
    let lost = |snr: f64, block: u64| -> Result<bool, EffectiveSinrError> {
        Ok(stream.uniform(block) < q_function(SLOPE * (db_from_power(snr) - HALF_DB)))
    };
    let found = few.run((2.0, SLOPE), lost).unwrap();
    assert!(found.blocks >= 400 && found.blocks < 600 && found.standard_error_db > 1e-3, "{found:?}");
}
