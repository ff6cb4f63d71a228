//! One round among programs that share an ether: one serves it, and each carries the radios that are its own.

use super::RunError;
use super::loss::Losses;
use super::measurement::Measurement;
use super::point::report_of_trial;
use super::seats::{SERVER, Seats};
use super::trial::{Trial, TrialContext};
use crate::experiment::Experiment;
use crate::medium::{Medium, MediumError};
use crate::report::{Fidelity, Report};
use crate::scheme::Outcome;
use airloop_channels::StreamedAir;
use airloop_hil::{
    Clock, Direction, Ether, EtherConfig, Place, Radio, RadioAir, RadioAirConfig, RadioStatus, Seat, Tuning,
};

/// How an experiment's air is served.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ServeConfig {
    /// Whose time samples keep.
    pub clock: Clock,
    /// Radios that must be active before time begins; `None` is all of the experiment's.
    pub radios: Option<usize>,
    /// Whether the server sends and devices hear, by reciprocity over the channels of the uplinks.
    pub downlinks: bool,
    /// Seconds by which time may be behind the wall's clock before the ether ends.
    pub most_behind_s: f64,
}

impl Default for ServeConfig {
    fn default() -> Self {
        let most_behind_s = EtherConfig::new((0, 0), 0).most_behind_s;
        Self { clock: Clock::default(), radios: None, downlinks: true, most_behind_s }
    }
}

/// An experiment's air, to be served.
pub struct ServedAir {
    /// The ether, in which places are kept for the experiment's radios.
    pub ether: Ether<StreamedAir>,
    /// Those places.
    pub places: Vec<Place>,
    /// Sample rate of the air, in hertz.
    pub sample_rate_hz: f64,
}

/// What a program's share of a round came to.
#[derive(Debug)]
pub struct SharedRound {
    /// The report, where the server's radio was among them.
    pub report: Option<Report>,
    /// What went wrong on the way of samples, at these radios.
    pub status: RadioStatus,
}

/// Makes an ether of the air of an experiment's first round, which goes on without end: its channels, front ends and noise.
///
/// # Errors
/// [`RunError::Unsupported`] for downlinks of devices whose clocks or converters are wrong, which are those of what they send.
pub fn serve(experiment: &Experiment, config: &ServeConfig) -> Result<ServedAir, RunError> {
    let context = context(experiment)?;
    let (mut air, _) = context.air(0, 0)?;
    let mut seats = Seats::of(&air, experiment.link.antennas().device);
    if config.downlinks {
        if !air.front_ends.is_empty() {
            let what = "a downlink to devices whose [impairments] are those of what they send".into();
            return Err(RunError::Unsupported { what, fidelity: Fidelity::Radio });
        }
        seats = seats.with_downlinks(&mut air);
    }
    let places = seats.places();
    let carrier_hz = experiment.channel_section.carrier_hz;
    let radios = config.radios.unwrap_or(places.len());
    let sample_rate_hz = air.config.sample_rate_hz;
    let change = |usual: EtherConfig| EtherConfig {
        clock: config.clock,
        radios,
        most_behind_s: config.most_behind_s,
        centre_hz: (carrier_hz > 0.0).then_some(carrier_hz),
        ..usual
    };
    let ether = air.ether(change, context.advance_samples())?;
    ether.reserve(places.clone());
    Ok(ServedAir { ether, places, sample_rate_hz })
}

/// Returns the names of an experiment's radios, the server's last.
///
/// # Errors
/// When the experiment cannot be carried by radios.
pub fn radio_names(experiment: &Experiment) -> Result<Vec<String>, RunError> {
    let (air, _) = context(experiment)?.air(0, 0)?;
    let seats = Seats::of(&air, experiment.link.antennas().device);
    Ok(seats.places().into_iter().map(|place| place.name).collect())
}

/// Carries the share of an experiment's first round that is of the given radios, each under its name; other programs carry the
/// rest over the same air.
///
/// # Errors
/// When the experiment has several rounds, a radio is none of its own, or the round cannot be carried.
pub fn take_part(
    experiment: &Experiment,
    radios: Vec<(String, Box<dyn Radio>)>,
) -> Result<SharedRound, RunError> {
    let context = context(experiment)?;
    let (air, clocks) = context.air(0, 0)?;
    let seats = Seats::of(&air, experiment.link.antennas().device);
    let whole = seats.config(air.config.sample_rate_hz, context.advance_samples());
    let names: Vec<String> = seats.places().into_iter().map(|place| place.name).collect();
    let hears = radios.iter().any(|(name, _)| name == SERVER);
    let (given, mut radios): (Vec<String>, Vec<Box<dyn Radio>>) = radios.into_iter().unzip();
    if let Some(stranger) = given.iter().find(|name| !names.contains(name)) {
        let (radio, names) = (stranger.clone(), names);
        return Err(airloop_hil::RadioError::NoSuchName { radio, names }.into());
    }
    let here = |seat: Option<Seat>| {
        let Seat { radio, channel } = seat?;
        let radio = given.iter().position(|name| *name == names[radio])?;
        Some(Seat { radio, channel })
    };
    let config = RadioAirConfig {
        transmit: whole.transmit.into_iter().map(here).collect(),
        receive: whole.receive.into_iter().map(here).collect(),
        ..whole
    };
    tune(&mut radios, config.sample_rate_hz, experiment.channel_section.carrier_hz)?;
    let transport = RadioAir::new(config, radios).map_err(MediumError::from)?;
    let mut round = context.opening.begin(0);
    let mut medium = context.over((0, 0), clocks, transport);
    medium.carry(round.as_mut(), experiment.needs())?;
    let outcome = round.finish()?;
    let report = hears.then(|| report_of_round(experiment, &outcome, &medium)).transpose()?;
    Ok(SharedRound { report, status: medium.into_transport().status() })
}

/// Returns the report of an experiment's first round.
///
/// # Errors
/// When the payload cannot be read, or its privacy not be counted.
pub fn report_of_round(
    experiment: &Experiment,
    outcome: &Outcome,
    medium: &dyn Medium,
) -> Result<Report, RunError> {
    let mut measured = Measurement::new(experiment);
    measured.add(0, outcome, medium.tally())?;
    let mut losses = Losses::new(experiment)?;
    if let (Some(losses), Some(watch)) = (&mut losses, medium.watch()) {
        losses.add(watch, &medium.tally())?;
    }
    let privacy = losses.map(|losses| losses.finish());
    let trial = Trial { privacy, ..measured.finish() };
    Ok(report_of_trial(experiment, Fidelity::Radio, &trial))
}

/// Sets all channels of radios to the air's rate and carrier.
fn tune(radios: &mut [Box<dyn Radio>], sample_rate_hz: f64, centre_hz: f64) -> Result<(), MediumError> {
    for radio in radios {
        for direction in [Direction::Transmit, Direction::Receive] {
            for channel in 0..radio.capabilities().channels(direction) {
                let span = radio.capabilities().gain_db(direction);
                let tuning = Tuning { centre_hz, sample_rate_hz, gain_db: 0f64.clamp(span.least, span.most) };
                radio.tune(direction, channel, &tuning)?;
            }
        }
    }
    Ok(())
}

fn context(experiment: &Experiment) -> Result<TrialContext<'_>, RunError> {
    if !experiment.needs().transmits {
        let what = "a scheme that sends no slots of samples".into();
        return Err(RunError::Unsupported { what, fidelity: Fidelity::Radio });
    }
    if experiment.rounds > 1 {
        let what =
            format!("a shared air for {} rounds a trial, each with channels of its own,", experiment.rounds);
        return Err(RunError::Unsupported { what, fidelity: Fidelity::Radio });
    }
    TrialContext::new(experiment, Fidelity::Radio)
}
