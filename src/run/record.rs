//! Recordings: what the server's antennas hear in one round.

use super::RunError;
use super::trial::TrialContext;
use crate::experiment::Experiment;
use crate::medium::{Medium, MediumError};
use crate::report::Fidelity;
use crate::synchronisation::RoundClocks;
use airloop_baseband::Transport;
use airloop_hil::recording::{Finished, Recorder, RecorderConfig, TapError, Tapped};
use std::path::Path;

/// Records the first round of a trial as NAME.sigmf-data and NAME.sigmf-meta, one channel an antenna of the server.
///
/// # Errors
/// [`RunError::Unsupported`] where the rung or the scheme makes no samples of slots, and when the round cannot be carried or the
/// recording not be written.
pub fn record(
    experiment: &Experiment,
    fidelity: Fidelity,
    trial: u64,
    path: &Path,
) -> Result<Finished, RunError> {
    let unsupported = |what: &str| Err(RunError::Unsupported { what: what.into(), fidelity });
    if !fidelity.makes_samples() {
        return unsupported("a recording of samples, which waveform and radio fidelity have,");
    }
    if !experiment.needs().transmits || experiment.misaligned().is_some() {
        return unsupported("a recording of a scheme that sends no slots of samples");
    }
    let context = TrialContext::new(experiment, fidelity)?;
    let index = trial * experiment.rounds as u64;
    let ports = experiment.link.receive_antennas;
    let config = RecorderConfig {
        centre_hz: experiment.channel_section.carrier_hz,
        hardware: match fidelity {
            Fidelity::Radio => "airloop virtual radio, ideal".into(),
            _ => "airloop emulated air".into(),
        },
        description: Some(format!("experiment {}, trial {trial}", experiment.id)),
        experiment_id: Some(experiment.id.to_string()),
        ..RecorderConfig::new(experiment.numerology.sample_rate_hz(), ports)
    };
    let recorder = Recorder::create(path, config).map_err(MediumError::from)?;
    let (air, clocks) = context.air(index, 0)?;
    match fidelity {
        Fidelity::Radio => {
            let radios = context.radios(air)?;
            tapped(&context, index, clocks, (radios, recorder))
        }
        _ => tapped(&context, index, clocks, (air.emulated()?, recorder)),
    }
}

fn tapped<T: Transport>(
    context: &TrialContext<'_>,
    index: u64,
    clocks: RoundClocks,
    (transport, recorder): (T, Recorder),
) -> Result<Finished, RunError>
where
    MediumError: From<TapError<T::Error>>,
{
    let experiment = context.experiment;
    let ports = (0..experiment.link.receive_antennas).collect();
    let tap = Tapped::new(transport, ports, recorder).map_err(MediumError::Recording)?;
    let mut medium = context.over((index, 0), clocks, tap);
    medium.carry(context.opening.begin(index).as_mut(), experiment.needs())?;
    let (_, finished) = medium.into_transport().finish().map_err(MediumError::Recording)?;
    Ok(finished)
}
