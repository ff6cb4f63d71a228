//! Which channels are drawn, and how their sums are kept.

use super::*;
use crate::ofdm::SlotShape;
use crate::run::trial::TrialContext;
use airloop_baseband::Complex32;

#[test]
fn a_draw_is_the_channel_of_a_trial_of_several_rounds() {
    for doppler_hz in [0.0, 30.0] {
        let channel = format!("model = \"tdl-c\"\ndelay_spread_s = 3e-7\ndoppler_hz = {doppler_hz:?}");
        let text = text(&channel, "").replace("seed = 11\n", "seed = 11\nrounds = 3\n");
        let experiment = load(&text);
        let (plan, fading) = plan(&experiment).unwrap();
        let air = air(&experiment, &config(1), (&plan, &fading)).unwrap();
        let trials = TrialContext::new(&experiment, Fidelity::Symbol).unwrap();
        let used = experiment.numerology.used();
        let truth = |trial: u64| {
            let mut gains = trials.gains(trials.rounds(trial).start);
            let mut row = Vec::new();
            let states = gains.all(SlotShape { first_symbol: 0, symbols: 1 });
            states.link(1).for_each_row(|h| row.extend_from_slice(h));
            row
        };
        let off = |draw: u64, trial: u64| -> f32 {
            let (heard, truth): (Vec<Complex32>, Vec<Complex32>) = (air.know(draw).1, truth(trial));
            heard[..used].iter().zip(&truth).map(|(a, b)| (a - b).norm_sqr()).sum::<f32>() / used as f32
        };
        for draw in [0, 1, 4] {
            assert!(off(draw, draw) < 1e-9, "{doppler_hz} Hz, draw {draw}: {}", off(draw, draw));
        }
        assert!(off(3, 1) > 1e-2, "control: rounds counted as trials pass");
    }
}

#[test]
fn groups_of_draws_agree_with_single_ones() {
    let experiment = experiment("model = \"tdl-c\"\ndelay_spread_s = 3e-7", "");
    let (plan, fading) = plan(&experiment).unwrap();
    let air = air(&experiment, &config(1), (&plan, &fading)).unwrap();
    let estimator = Estimator::new(&plan);
    let of = |most: u64| {
        let groups = groups(3000, most);
        let sums = measure(&air, &plan, &groups).unwrap();
        (groups.len(), jackknife(&sums, |sums| estimator.of(sums)))
    };
    let ((plain_count, plain), (count, grouped)) = (of(3000), of(256));
    assert_eq!((plain_count, count), (3000, 250));
    let scalars = [
        Scalar::MeanPower,
        Scalar::NoisePower,
        Scalar::MeanDelay,
        Scalar::DelayVariance,
        Scalar::CoherenceBandwidth50,
        Scalar::SteadyShareSquared,
    ];
    for scalar in scalars {
        let (one, all) = (&plain[scalar as usize], &grouped[scalar as usize]);
        assert!((one.value / all.value - 1.0).abs() < 1e-9, "{scalar:?}: {} {}", one.value, all.value);
        let ((a, _), (b, _)) = (one.interval(), all.interval());
        assert!((a - b).abs() < 0.1 * one.doubt().unwrap(), "{scalar:?}: {a} {b}");
        // An error from 250 groups is itself known to 4.5 %; groups taken for draws would be off by the root of 12.
        let ratio = all.doubt().unwrap() / one.doubt().unwrap();
        assert!((ratio - 1.0).abs() < 0.25, "{scalar:?}: {ratio}");
    }
}
