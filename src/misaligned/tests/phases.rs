//! Phases that are left: the bias of a receiver that does not look at them.

use super::super::{IntervalNoise, MisalignedRound, Receiver};
use super::plan;
use airloop_baseband::checks::{CheckFailure, CheckSpec, check_mean, detects_share};
use airloop_baseband::statistics::Moments;
use airloop_baseband::{Complex32, Purpose, Seeds};

#[test]
fn uniform_phases_cost_their_bias() {
    const DEVICES: usize = 4;
    const LENGTH: usize = 256;
    let delays = [0.0, 0.25, 0.25, 0.5];
    let bias = |spread: f64| 2.0 - 2.0 * spread.sin() / spread;
    for spread in [0.5f64, 1.5, 3.0] {
        let mut plan = plan((&delays, &[0.0; DEVICES]), 0.0, LENGTH, Receiver::AlignedSample);
        let error = |trial: u64| {
            let draw = Seeds::new(9).stream(Purpose::Placement, trial, 0);
            plan.phases_rad = (0..DEVICES as u64).map(|k| spread * draw.uniform(k)).collect();
            let gains = [Complex32::new(1.0, 0.0); DEVICES];
            let mut round = MisalignedRound::new(&plan, trial, &gains).unwrap();
            let outcome = round.run_symbol(IntervalNoise::Intervals(draw)).unwrap();
            let pairs = outcome.estimate.iter().zip(&outcome.truth);
            pairs.map(|(a, b)| f64::from(a - b).powi(2)).sum::<f64>() / (LENGTH * DEVICES) as f64
        };
        let moments = Moments::of((0..6_000).map(error));
        let spec = CheckSpec { alpha: 1e-6, detects: detects_share(bias(spread), 0.1) };
        let pass = check_mean(&moments, bias(spread), spec);
        println!("spread {spread}: {pass:?}");
        assert!(pass.is_ok(), "{pass:?}");
        let control = check_mean(&moments, bias(1.1 * spread), spec);
        assert!(matches!(control, Err(CheckFailure::Disagrees(_))), "{control:?}");
    }
}
