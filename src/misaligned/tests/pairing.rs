//! The law of the ladder: samples over the emulated air against intervals.

use super::super::{IntervalNoise, MisalignedPlan, MisalignedRound, Receiver};
use super::plan;
use airloop_baseband::{Complex32, Purpose, Seeds};
use airloop_channels::{
    AirConfig, EmulatedAir, Fading, FilterBank, FractionalDelay, Link, Profile, Taps, TimeGrid,
};
use std::sync::Arc;

const DELAYS: [f64; 4] = [0.75, 0.125, 0.25, 0.125];
const PHASES: [f64; 4] = [0.0, 0.4, -1.0, 2.0];

/// Whole frames in more than one block, and a short one with half a symbol.
const LENGTH: usize = 2 * 64 * 40 + 37;

/// Draws flat Rayleigh channels, and returns them with their gains.
fn channels(trial: u64) -> (Vec<Taps>, Vec<Complex32>) {
    let fading = Fading::new(Profile::flat(0.0), 1e9, 0.0);
    let taps = fading.draw(&Seeds::new(7), trial, 0..DELAYS.len());
    let now = TimeGrid { start_s: 0.0, step_s: 0.0, count: 1 };
    let gain = |taps: &Taps| {
        let mut gain = [Complex32::default()];
        taps.gains(now, &mut gain);
        gain[0]
    };
    let gains = taps.iter().map(gain).collect();
    (taps, gains)
}

/// Makes the air of a trial; every channel comes `late_samples` late.
fn air(plan: &MisalignedPlan, trial: u64, late_samples: f64) -> EmulatedAir {
    let sample_rate_hz = 1e6;
    let config = AirConfig {
        sample_rate_hz,
        noise_power: plan.budget.noise_power * plan.oversampling as f64,
        origin: 0,
        receive_ports: 1,
    };
    let filter = Arc::new(FilterBank::new(
        &[late_samples / sample_rate_hz],
        sample_rate_hz,
        &FractionalDelay::new(0.9, -60.0),
    ));
    let link = |(transmit, taps)| Link { transmit, receive: 0, taps, filter: Arc::clone(&filter) };
    let links = channels(trial).0.into_iter().enumerate().map(link).collect();
    EmulatedAir::new(config, links, noise(trial))
}

fn noise(trial: u64) -> airloop_baseband::Stream {
    Seeds::new(7).stream(Purpose::Noise, trial, 0)
}

/// Returns the largest difference of received samples and of estimates, over their largest.
fn distance(plan: &MisalignedPlan, late_samples: f64, trial: u64) -> (f64, f64) {
    let gains = channels(trial).1;
    let mut symbol = MisalignedRound::new(plan, trial, &gains).unwrap().keeping();
    let samples =
        IntervalNoise::Samples { stream: noise(trial).substream(0), oversampling: plan.oversampling };
    let low = symbol.run_symbol(samples).unwrap();
    let mut waveform = MisalignedRound::new(plan, trial, &gains).unwrap().keeping();
    let high = waveform.run_waveform(&mut air(plan, trial, late_samples)).unwrap();
    assert_eq!((&low.truth, low.account), (&high.truth, high.account));
    let (a, b) = (symbol.kept().unwrap(), waveform.kept().unwrap());
    assert_eq!(a.len(), b.len());
    let largest = a.iter().map(|y| y.norm()).fold(0.0, f32::max);
    let grids = a.iter().zip(b).map(|(a, b)| (a - b).norm()).fold(0.0, f32::max) / largest;
    let largest = low.estimate.iter().map(|x| x.abs()).fold(0.0, f32::max);
    let estimates = low.estimate.iter().zip(&high.estimate);
    let estimates = estimates.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max) / largest;
    (grids.into(), estimates.into())
}

#[test]
fn samples_and_intervals_agree() {
    for receiver in super::RECEIVERS {
        for noise_power in [0.0, 0.2] {
            let plan = plan((&DELAYS, &PHASES), noise_power, LENGTH, receiver);
            for trial in 0..2 {
                let (grids, estimates) = distance(&plan, 0.0, trial);
                // Rounding of sums of a few samples; joint receivers carry it along a frame.
                assert!(grids < 2e-6, "{receiver:?} {noise_power}: {grids:e}");
                assert!(estimates < 1e-4, "{receiver:?} {noise_power}: {estimates:e}");
            }
        }
    }
}

#[test]
fn a_sample_too_late_is_seen() {
    let plan = plan((&DELAYS, &PHASES), 0.0, LENGTH, Receiver::Lmmse);
    assert!(distance(&plan, 1.0, 0).0 > 0.01);
}

#[test]
fn noise_of_its_own_is_no_other_power() {
    let plan = plan((&DELAYS, &PHASES), 0.2, LENGTH, Receiver::AlignedSample);
    let gains = channels(0).1;
    let mut round = MisalignedRound::new(&plan, 0, &gains).unwrap();
    let powers: Vec<f64> = [
        IntervalNoise::Intervals(noise(0)),
        IntervalNoise::Samples { stream: noise(0), oversampling: plan.oversampling },
    ]
    .into_iter()
    .map(|noise| {
        round.run_symbol(noise).unwrap();
        let tally = round.tally();
        tally.noise / tally.noise_count as f64
    })
    .collect();
    round.run_waveform(&mut air(&plan, 0, 0.0)).unwrap();
    let tally = round.tally();
    let sampled = tally.noise / tally.noise_count as f64;
    // More than 8,000 complex draws: 1.1 % of chance, six times that.
    for power in [powers[0], powers[1], sampled] {
        assert!((power / 0.2 - 1.0).abs() < 0.066, "{powers:?} {sampled}");
    }
}
