//! The channel sounder: what a receiver measures of one link's channel, beside what was configured.
//!
//! It differs from `sounding`, which tells the devices of a round what they know of their channels before they send. Here nothing
//! is aggregated: a link is sounded for its own sake, over many draws, and answers with statistics (delay profile, Doppler
//! spectrum, correlations, factors) that a channel model can be held against.
//!
//! `plan` says when and how finely is sounded; `air` sends a known signal on all used subcarriers and hears noisy responses;
//! `quiet` tells noise from paths; `statistics` makes sums of one draw's responses, `groups` adds them up; `estimates` turns sums
//! into figures, `coherence` finds where correlations fall, `jackknife` says how sure they are; `truth` has what the configured
//! profile should give, exactly and through the same band and windows; `report` puts both side by side, `warnings` says what to
//! doubt, `rows` writes them as a table.

mod air;
mod coherence;
mod estimates;
mod groups;
mod jackknife;
pub mod plan;
mod quiet;
mod report;
mod rows;
mod statistics;
#[cfg(test)]
mod tests;
mod truth;
mod warnings;
mod window;

pub use plan::SoundingPlan;
pub use report::{SoundCurve, SoundFigure, SoundReport};
pub use rows::{COLUMNS, SoundRow};
pub use truth::Truth;

use crate::experiment::Experiment;
use crate::medium::ChannelModel;
use crate::report::Fidelity;
use airloop_baseband::units::power_from_db;
use airloop_channels::recorded::{RecordingError, TrialSpan};
use airloop_channels::{ChannelError, Fading, PathSpec};
use groups::{Group, MOST_GROUPS, groups};
use rayon::prelude::*;
use std::ops::Range;
use truth::Known;

/// Most draws of one measurement.
pub const MAX_DRAWS: usize = 1_000_000;

/// Draws of channels that move: each is heard for many periods of its Doppler shift.
const MOVING_DRAWS: usize = 64;

/// Draws of channels that stand still: each shows one realisation.
const STATIC_DRAWS: usize = 1024;

/// Why a channel cannot be sounded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SoundError {
    /// Elements that are independent of each other.
    #[error(
        "channel.fading = \"per-element\" has no impulse response: its elements are independent of each other, so there is \
         nothing to sound; channel.fading = \"block\" has one"
    )]
    NoImpulseResponse,
    /// A device that the payload does not have.
    #[error("--device {device}: the experiment has devices 0 to {last}")]
    NoSuchDevice {
        /// The device asked for.
        device: usize,
        /// The last one.
        last: usize,
    },
    /// A number outside its range.
    #[error("{name} {value}: {expected}")]
    OutOfRange {
        /// Its flag.
        name: &'static str,
        /// Its value.
        value: f64,
        /// What would be right.
        expected: &'static str,
    },
    /// A band in which noise and channel cannot be told apart.
    #[error(
        "a band of {used} used subcarriers is too narrow to be sounded: at least {least} are needed to tell the channel \
         from noise"
    )]
    TooNarrow {
        /// Used subcarriers.
        used: usize,
        /// How many would do.
        least: usize,
    },
    /// A rung that has no emulated air to sound.
    #[error("--fidelity {0}: a sounder needs something on the emulated air; symbol or waveform is expected")]
    NothingOnTheAir(Fidelity),
    /// A recording that does not hold what is to be sounded.
    #[error("channel.model = \"recorded\": a draw of a sounder is a trial, and {0}")]
    Recording(#[from] RecordingError),
    /// The air refused a burst or a window.
    #[error(transparent)]
    Channel(#[from] ChannelError),
}

/// How a link is to be sounded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SoundConfig {
    /// Symbol or waveform.
    pub fidelity: Fidelity,
    /// The device whose link from its first antenna to the server's first is sounded.
    pub device: usize,
    /// Independent draws of the channel; `None`: 64 that move, or 1024 that stand still.
    pub draws: Option<usize>,
    /// Sounding power over noise per element at unit gain, in decibels; `None`: the device's budget over the experiment's noise.
    pub snr_db: Option<f64>,
}

/// Sounds a link of an experiment.
///
/// The sounder's own radio is ideal: what it reports is the channel's, without `[impairments]` and `[receiver]`. The channel of
/// draw `d` is that of trial `d` of the experiment, of its first round where channels stand still; a recording is cut into pieces
/// as long as a draw instead of a trial.
///
/// # Errors
/// When the channel has no impulse response, the band is too narrow, or a number is out of range.
pub fn sound(experiment: &Experiment, config: &SoundConfig) -> Result<SoundReport, SoundError> {
    let (plan, fading) = plan(experiment)?;
    let air = air(experiment, config, (&plan, &fading))?;
    let draws = draws(config, (&plan, &fading))?;
    let sums = measure(&air, &plan, &groups(draws, MOST_GROUPS))?;
    let (truth, windowed) = truth(&air, (&plan, &fading), draws);
    let given = report::Given { config: *config, draws: draws as usize, snr_db: snr_db(experiment, config)? };
    Ok(SoundReport::new(experiment, &plan, (&truth, &windowed), &sums, given))
}

/// Returns how an experiment's channel is sounded, and its fading.
fn plan(experiment: &Experiment) -> Result<(SoundingPlan, Fading), SoundError> {
    let ChannelModel::Taps { fading, .. } = &experiment.channel else {
        return Err(SoundError::NoImpulseResponse);
    };
    let plan =
        SoundingPlan::new(&experiment.numerology, fading.max_doppler_hz(), fading.profile().max_delay_s())?;
    let mut fading = fading.clone();
    let after_s = plan.numerology.duration_s(plan.symbol(plan.soundings - 1) + 1);
    fading.set_trial_span(TrialSpan { before_s: 0.0, after_s, stride: experiment.rounds as u64 });
    Ok((plan, fading))
}

/// Returns the air that is heard.
fn air<'a>(
    experiment: &Experiment,
    config: &SoundConfig,
    (plan, fading): (&'a SoundingPlan, &'a Fading),
) -> Result<air::SoundingAir<'a>, SoundError> {
    let noise_power = power_from_db(-snr_db(experiment, config)?);
    air::SoundingAir::new(experiment, config, (plan, fading), noise_power)
}

/// Returns the number of draws, which a recording must hold.
fn draws(config: &SoundConfig, (plan, fading): (&SoundingPlan, &Fading)) -> Result<u64, SoundError> {
    let usual = if plan.doppler.is_some() { MOVING_DRAWS } else { STATIC_DRAWS };
    let draws = config.draws.unwrap_or(usual);
    if !(1..=MAX_DRAWS).contains(&draws) {
        let expected = "a number from 1 to 1000000 is expected";
        return Err(SoundError::OutOfRange { name: "--draws", value: draws as f64, expected });
    }
    if let Some((recording, replay)) = fading.recording() {
        // What stands still is taken anew in every round, of which a draw is the first.
        let stride = if plan.doppler.is_some() { 1 } else { replay.span.stride };
        replay.check(recording, (draws as u64 - 1) * stride + 1)?;
    }
    Ok(draws as u64)
}

/// Returns the sums of groups of draws: the same for any number of threads, as each group is added in order.
fn measure(
    air: &air::SoundingAir<'_>,
    plan: &SoundingPlan,
    groups: &[Range<u64>],
) -> Result<Vec<Group>, SoundError> {
    let meter = statistics::Meter::new(plan);
    let group = |draws: &Range<u64>| {
        let mut group = Group::of(meter.measure(&air.hear(draws.start)?));
        for draw in draws.start + 1..draws.end {
            group.add(&meter.measure(&air.hear(draw)?));
        }
        Ok(group)
    };
    groups.par_iter().map(group).collect()
}

/// Returns the truth, and the sums to which it leads through the plan's band and windows: by closed forms those of endless draws,
/// else those of the very channels that are drawn.
fn truth(
    air: &air::SoundingAir<'_>,
    (plan, fading): (&SoundingPlan, &Fading),
    draws: u64,
) -> (Truth, Vec<Group>) {
    if fading.has_jakes_spectrum() {
        let truth = Truth::of(fading);
        let sums = truth.sums(plan);
        return (truth, vec![Group::of(sums)]);
    }
    let meter = statistics::Meter::new(plan);
    let known = |draw| {
        let (powers, rows) = air.know(draw);
        (Group::of(powers), Group::of(meter.measure(&rows)))
    };
    let group = |draws: &Range<u64>| {
        let (mut powers, mut sums) = known(draws.start);
        for draw in draws.start + 1..draws.end {
            let own = known(draw);
            powers.add(&own.0.sums);
            sums.add(&own.1.sums);
        }
        (powers, sums)
    };
    let known: Vec<(Group, Group)> = groups(draws, MOST_GROUPS).par_iter().map(group).collect();
    let (powers, sums): (Vec<_>, Vec<_>) = known.into_iter().unzip();
    let mean = |path: usize| powers.iter().map(|group| group.sums[path]).sum::<f64>() / draws as f64;
    let paths = fading.profile().paths().iter().enumerate();
    let paths = paths.map(|(at, path)| PathSpec { power: mean(at), ..*path }).collect();
    let known = if fading.recording().is_some() { Known::Motion } else { Known::Paths };
    (Truth::drawn(paths, fading.max_doppler_hz(), known), sums)
}

/// Returns the sounding power over noise per element, in decibels.
fn snr_db(experiment: &Experiment, config: &SoundConfig) -> Result<f64, SoundError> {
    let (device, last) = (config.device, experiment.payload.devices() - 1);
    if device > last {
        return Err(SoundError::NoSuchDevice { device, last });
    }
    let budget = &experiment.budget;
    let own = budget.power[device] * experiment.payload.budget_power(device) / budget.noise_power;
    let value = config.snr_db.unwrap_or_else(|| airloop_baseband::units::db_from_power(own));
    if !(-100.0..=200.0).contains(&value) {
        let expected = "a number from -100 to 200 dB is expected";
        return Err(SoundError::OutOfRange { name: "--snr-db", value, expected });
    }
    Ok(value)
}
