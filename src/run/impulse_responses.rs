//! The channels of an experiment as a file, which `channel.model = "recorded"` reads back.

use super::RunError;
use crate::experiment::Experiment;
use crate::medium::ChannelModel;
use crate::tensor::NpzWriter;
use airloop_baseband::Complex32;
use airloop_channels::recorded::CONTENT_SHARE;
use airloop_channels::{Fading, Steering, TimeGrid};
use std::path::Path;

/// Fewest instants of channels that move, so that all can be interpolated between as exactly as documented.
const FEWEST_INSTANTS: usize = 12;

/// Share of the content that interpolation takes which the default spacing leaves for what moves faster than the spectrum says.
const RESERVE: f64 = 0.2;

/// Most complex values of an array.
const MOST_VALUES: usize = 1 << 28;

/// Which channels are written.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ImpulseResponsesConfig {
    /// Trials, from the first on; at least 1.
    pub trials: usize,
    /// Spacing of the instants, in seconds; `None`: four fifths of what interpolation needs at the maximum Doppler shift.
    pub step_s: Option<f64>,
    /// Instants; `None`: as many as a trial takes.
    pub count: Option<usize>,
    /// Whether frequency responses are written too.
    pub response: bool,
}

/// What was written.
#[derive(Clone, Debug, PartialEq)]
pub struct WrittenResponses {
    /// Shape of the gains.
    pub gains: Vec<usize>,
    /// Shape of the delays.
    pub delays: Vec<usize>,
    /// Spacing of the instants, in seconds; 0 for a single one.
    pub step_s: f64,
}

/// Writes the channels that an experiment draws in its first trials as `.npz`.
///
/// ```text
/// a [trial, device, receive, device_antenna, path, time]   gains, complex64; without the first axis for one trial
/// tau [device, path]                                        delays in seconds, float64
/// step_s [1]                                                spacing of the instants in seconds, float64; 0 for a single one
/// response [trial, device, receive, device_antenna, time, subcarrier], frequencies_hz [subcarrier]   if asked for
/// ```
///
/// Time 0 is the start of the trial's first symbol. Channels that stand still are those of the trial's first round.
///
/// # Errors
/// When channels have no impulse response or are a recording already, the arrays would be too large, or the file cannot be written.
pub fn write_impulse_responses(
    experiment: &Experiment,
    config: ImpulseResponsesConfig,
    path: &Path,
) -> Result<WrittenResponses, RunError> {
    let refused = |what: String| RunError::Channels { what };
    let ChannelModel::Taps { fading, steering } = &experiment.channel else {
        let what = "channel.fading = \"per-element\" has no impulse response; \"block\" has one";
        return Err(refused(what.into()));
    };
    if fading.recording().is_some() {
        return Err(refused("channel.model = \"recorded\" is a file already".into()));
    }
    let instants = instants(experiment, fading, config).map_err(refused)?;
    let (devices, antennas) = (experiment.payload.devices(), fading.antennas());
    let (links, paths) = (devices * antennas.links(), fading.profile().paths().len());
    let wide = if config.response { paths.max(steering.frequencies()) } else { paths };
    let values = [config.trials, links, instants.count, wide];
    if values.iter().try_fold(1usize, |all, n| all.checked_mul(*n)).is_none_or(|all| all > MOST_VALUES) {
        let [trials, links, count, wide] = values;
        return Err(refused(format!(
            "{trials} trials of {links} links at {count} instants with {wide} values each are more than the 2^28 values of an array; \
             fewer trials or instants are expected"
        )));
    }
    let (mut gains, mut responses) = (Vec::new(), Vec::new());
    let mut rows = vec![Complex32::default(); instants.count * paths];
    for trial in 0..config.trials as u64 {
        for taps in fading.draw(&experiment.seeds, trial * experiment.rounds as u64, 0..links) {
            taps.gains(instants, &mut rows);
            gains.extend((0..paths).flat_map(|p| rows[p..].iter().step_by(paths).map(|a| [a.re, a.im])));
            if config.response {
                respond(steering, (&rows, instants.count), &mut responses);
            }
        }
    }
    let trials = (config.trials > 1).then_some(config.trials);
    let shape = |last: [usize; 2]| -> Vec<usize> {
        trials.into_iter().chain([devices, antennas.receive, antennas.device]).chain(last).collect()
    };
    let written = WrittenResponses {
        gains: shape([paths, instants.count]),
        delays: vec![devices, paths],
        step_s: instants.step_s,
    };
    let own = fading.profile().paths().iter().map(|p| p.delay_s);
    let delays: Vec<f64> = (0..devices).flat_map(|_| own.clone()).collect();
    let mut npz = NpzWriter::create(path)?;
    npz.complex64("a", &written.gains, &gains)?;
    npz.f64("tau", &written.delays, &delays)?;
    npz.f64("step_s", &[1], &[instants.step_s])?;
    if config.response {
        let frequencies_hz = experiment.numerology.frequencies_hz();
        npz.complex64("response", &shape([instants.count, frequencies_hz.len()]), &responses)?;
        npz.f64("frequencies_hz", &[frequencies_hz.len()], &frequencies_hz)?;
    }
    npz.finish()?;
    Ok(written)
}

/// Appends the frequency responses of path gains at so many instants.
fn respond(steering: &Steering, (rows, count): (&[Complex32], usize), responses: &mut Vec<[f32; 2]>) {
    let mut responded = vec![Complex32::default(); count * steering.frequencies()];
    steering.respond(rows, &mut responded);
    responses.extend(responded.iter().map(|h| [h.re, h.im]));
}

/// Returns the instants at which channels are written.
fn instants(
    experiment: &Experiment,
    fading: &Fading,
    config: ImpulseResponsesConfig,
) -> Result<TimeGrid, String> {
    let doppler_hz = fading.max_doppler_hz();
    if doppler_hz == 0.0 {
        let count = config.count.unwrap_or(1);
        return match config.step_s {
            None if count > 1 => Err(format!("{count} instants of channels that stand still need --step-s")),
            step_s => {
                Ok(TimeGrid { start_s: 0.0, step_s: step_s.filter(|_| count > 1).unwrap_or(0.0), count })
            }
        };
    }
    let step_s = config.step_s.unwrap_or((1.0 - RESERVE) * CONTENT_SHARE / (2.0 * doppler_hz));
    let whole = (experiment.trial_span_s().1 / step_s).ceil();
    let count = match config.count {
        Some(count) => count,
        None if whole < MOST_VALUES as f64 => (whole as usize + 1).max(FEWEST_INSTANTS),
        None => {
            return Err(format!(
                "a trial has {whole:.0} instants {step_s:.3e} s apart; a wider spacing is expected"
            ));
        }
    };
    Ok(TimeGrid { start_s: 0.0, step_s: if count > 1 { step_s } else { 0.0 }, count })
}
