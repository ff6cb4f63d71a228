//! One trial: fresh channels, noise and synthetic payload, one aggregation round.

use super::RunError;
use super::clocks::DeviceClocks;
use super::equipment::Equipment;
use super::loss::{Epsilons, Losses};
use super::measurement::Measurement;
use super::misaligned::MisalignedRounds;
use super::opening::Opening;
use crate::experiment::Experiment;
use crate::medium::{
    ChannelModel, Channels, ChannelsConfig, GridGains, Medium, NoiseSource, SymbolMedium, Tally, Timeline,
    WaveformPath,
};
use crate::ofdm::Modem;
use crate::privacy::Watch;
use crate::report::{Errors, Fidelity};
use crate::scheme::{Account, Needs, Round};
use crate::sounding::{AirPilots, GridPilots, PilotAir, Sounder};
use airloop_baseband::{Complex32, Purpose, Stream};
use airloop_channels::{AirConfig, EmulatedAir, FilterBank, Link, Taps};
use std::sync::Arc;

/// Label of the root from which an eavesdropper's channels are drawn.
const EAVESDROPPER: u64 = 2;

/// What all trials of one experiment at one rung share.
pub struct TrialContext<'a> {
    /// The experiment.
    pub experiment: &'a Experiment,
    /// Symbol or waveform.
    pub fidelity: Fidelity,
    /// Whether the symbol rung takes the waveform rung's noise samples, for paired comparison.
    pub sample_noise: bool,
    /// Whether received grids are kept.
    pub keep_grids: bool,
    /// Factor on the noise power that is drawn (1 but for controls).
    pub noise_factor: f64,
    /// Samples by which every burst comes late at the waveform rung (0 but for controls).
    pub late_samples: u64,
    /// Carrier offset of the server's receiver against its beacon, in hertz (0 but for controls, and where clocks are right).
    pub server_cfo_hz: f64,
    /// How samples are made at the waveform rung.
    pub path: WaveformPath,
    /// Whether all rounds belong to one trial that has no end.
    endless: bool,
    pub(super) equipment: Arc<Equipment>,
    /// Of the devices, when one gets something wrong or is corrected.
    pub(super) clocks: Option<DeviceClocks<'a>>,
    /// Responses that were measured, where channels are real.
    measured: Option<Vec<Complex32>>,
    misaligned: Option<MisalignedRounds<'a>>,
    pub(super) opening: Opening<'a>,
}

/// What one trial gave: means over its rounds.
#[derive(Clone, Debug)]
pub struct Trial {
    /// The errors.
    pub errors: Errors,
    /// What was spent in a round.
    pub account: Account,
    /// What the medium measured in all rounds; the overhead is that of one round.
    pub tally: Tally,
    /// The privacy that devices lost, where it is metered.
    pub privacy: Option<Epsilons>,
    /// Share of the estimates that were clamped before a function mapped them back.
    pub clamped_share: f64,
}

impl Trial {
    /// Returns the NMSE; not a number where it is not defined.
    pub fn nmse(&self) -> f64 {
        self.errors.nmse.unwrap_or(f64::NAN)
    }

    /// Returns the error per device; not a number where it is not defined.
    pub fn mse_per_device(&self) -> f64 {
        self.errors.mse_per_device.unwrap_or(f64::NAN)
    }
}

/// The vectors behind a trial.
#[derive(Clone, Debug)]
pub struct TrialVectors {
    /// Estimate of the sum in unit-power units and sending order.
    pub estimate: Vec<f32>,
    /// The sum itself.
    pub truth: Vec<f32>,
    /// Received grids, when kept.
    pub grids: Option<Vec<Complex32>>,
}

impl<'a> TrialContext<'a> {
    /// Prepares trials of an experiment at a rung.
    ///
    /// # Errors
    /// When the rung cannot run the experiment.
    pub fn new(experiment: &'a Experiment, fidelity: Fidelity) -> Result<Self, RunError> {
        check(experiment, fidelity)?;
        Self::equipped(experiment, fidelity, Arc::new(Equipment::new(experiment, fidelity)?))
    }

    /// Prepares trials with the equipment of an experiment that differs in its payload's values alone.
    ///
    /// # Errors
    /// When the rung cannot run the experiment.
    pub fn equipped(
        experiment: &'a Experiment,
        fidelity: Fidelity,
        equipment: Arc<Equipment>,
    ) -> Result<Self, RunError> {
        check(experiment, fidelity)?;
        Ok(Self {
            experiment,
            fidelity,
            sample_noise: false,
            keep_grids: false,
            noise_factor: 1.0,
            late_samples: 0,
            server_cfo_hz: 0.0,
            path: equipment.path,
            endless: false,
            clocks: DeviceClocks::new(experiment, fidelity, equipment.modem.advance_samples())?,
            measured: None,
            misaligned: MisalignedRounds::new(experiment, fidelity)?,
            opening: Opening::new(experiment),
            equipment,
        })
    }

    /// Takes the waveform rung's noise samples and keeps grids, so that two rungs can be held against each other; there each
    /// device's samples pass a filter.
    #[must_use]
    pub fn paired(mut self) -> Self {
        self.path = WaveformPath::PerSample;
        self.sample_noise = true;
        self.keep_grids = true;
        self
    }

    /// Takes all rounds for those of one trial that has no end: channels that move are drawn once, and devices remember.
    #[must_use]
    pub fn endless(mut self) -> Self {
        (self.endless, self.opening.goes_on) = (true, true);
        self
    }

    /// Takes the channels as they were measured, `[device, used subcarrier]`, for all that is known of them.
    #[must_use]
    pub fn with_measured(self, rows: Vec<Complex32>) -> Self {
        Self { measured: Some(rows), ..self }
    }

    /// Returns whether devices get something of time wrong, or are corrected.
    pub fn has_clocks(&self) -> bool {
        self.clocks.is_some()
    }

    /// Returns how grids become samples.
    pub fn modem(&self) -> &Modem {
        &self.equipment.modem
    }

    /// Returns how rounds begin.
    pub(crate) fn opening(&self) -> &Opening<'a> {
        &self.opening
    }

    /// Returns how early the receive window opens.
    pub fn advance_samples(&self) -> usize {
        self.equipment.modem.advance_samples()
    }

    /// Runs one trial.
    ///
    /// # Errors
    /// When the payload cannot be read.
    pub fn run(&self, trial: u64) -> Result<Trial, RunError> {
        self.run_with_vectors(trial).map(|(trial, _)| trial)
    }

    /// Runs one trial and returns its vectors too (of the last round).
    ///
    /// # Errors
    /// When the payload cannot be read.
    pub fn run_with_vectors(&self, trial: u64) -> Result<(Trial, TrialVectors), RunError> {
        if let Some(misaligned) = &self.misaligned {
            return misaligned.run_with_vectors(self, trial);
        }
        let experiment = self.experiment;
        let rounds = experiment.rounds as u64;
        let mut round = self.opening.begin(trial * rounds);
        let mut measured = Measurement::new(experiment);
        let mut losses = Losses::new(experiment)?;
        let mut first_symbol = 0;
        let mut last = None;
        for index in trial * rounds..(trial + 1) * rounds {
            if index > trial * rounds {
                round.restart(index);
            }
            let mut medium = self.medium(index, first_symbol)?;
            medium.carry(round.as_mut(), experiment.needs())?;
            let outcome = round.finish()?;
            measured.add(index, &outcome, medium.tally())?;
            if let (Some(losses), Some(watch)) = (&mut losses, medium.watch()) {
                losses.add(watch, &medium.tally())?;
            }
            first_symbol = medium.timeline().end();
            let grids = medium.kept().map(<[Complex32]>::to_vec);
            last = Some(TrialVectors { estimate: outcome.estimate, truth: outcome.truth, grids });
        }
        let vectors = last.unwrap_or(TrialVectors { estimate: Vec::new(), truth: Vec::new(), grids: None });
        let privacy = losses.map(|losses| losses.finish());
        Ok((Trial { privacy, ..measured.finish() }, vectors))
    }

    /// Carries one round of any kind, with the channels and the noise of a trial.
    ///
    /// # Errors
    /// When the transport fails.
    pub fn carry(&self, index: u64, round: &mut dyn Round, needs: Needs) -> Result<Tally, RunError> {
        let mut medium = self.medium(index, 0)?;
        medium.carry(round, needs)?;
        Ok(medium.tally())
    }

    /// Returns the misaligned rounds, where the scheme has such.
    pub fn misaligned(&self) -> Option<&MisalignedRounds<'a>> {
        self.misaligned.as_ref()
    }

    /// Returns the indices of a trial's rounds, counted through all trials.
    pub fn rounds(&self, trial: u64) -> std::ops::Range<u64> {
        let rounds = self.experiment.rounds as u64;
        trial * rounds..(trial + 1) * rounds
    }

    /// Returns the index by which the channels of a round are drawn: static ones anew, moving ones once a trial.
    pub(crate) fn fading_index(&self, index: u64) -> u64 {
        let moving = matches!(&self.experiment.channel, ChannelModel::Taps { fading, .. } if fading.max_doppler_hz() > 0.0);
        match (moving, self.endless) {
            (true, true) => 0,
            (true, false) => index - index % self.experiment.rounds as u64,
            (false, _) => index,
        }
    }

    /// Draws the channels of a round: of a trial, where trials have one round.
    pub fn gains(&self, index: u64) -> GridGains {
        let e = self.experiment;
        if let Some(rows) = &self.measured {
            return GridGains::measured(Arc::clone(&e.numerology), rows.clone());
        }
        let links = e.payload.devices() * e.link.antennas().links();
        GridGains::draw(&e.channel, Arc::clone(&e.numerology), &e.seeds, self.fading_index(index), links)
    }

    /// Makes the sounder of a round, where devices are told something else than the channels.
    pub fn sounder(&self, index: u64) -> Option<Sounder> {
        let e = self.experiment;
        if !e.is_sounded() || self.measured.is_some() {
            return None;
        }
        let config = &e.knowledge.config;
        let noise = e.seeds.stream(Purpose::Pilot, index, 0);
        let pilots = config.pilots().map(|pilots| -> Box<dyn PilotAir> {
            if self.fidelity.makes_samples() {
                return Box::new(self.air_pilots(index, pilots.noise, noise));
            }
            let sampled = self.sample_noise.then(|| Box::new(self.equipment.modem.clone()));
            Box::new(GridPilots {
                numerology: Arc::clone(&e.numerology),
                noise,
                noise_power: pilots.noise,
                age_s: config.age_s,
                sampled,
            })
        });
        let draws = (&e.seeds, self.fading_index(index));
        Some(Sounder::new(&e.knowledge, &e.channel, &e.numerology, draws, pilots))
    }

    /// Makes the watch of a privacy meter; an eavesdropper has channels of its own, of the same kind.
    fn watch(&self, index: u64) -> Option<Watch> {
        let e = self.experiment;
        let devices = e.payload.devices();
        let privacy = e.privacy.as_ref()?;
        let heard = privacy.eavesdropper_noise.map(|_| {
            let seeds = e.seeds.branch(EAVESDROPPER);
            GridGains::draw(&e.channel, Arc::clone(&e.numerology), &seeds, self.fading_index(index), devices)
        });
        Some(Watch::new(devices, heard))
    }

    /// Returns the timeline of a round that begins at an absolute symbol.
    pub fn timeline(&self, first_symbol: usize) -> Timeline {
        self.experiment.timeline(first_symbol)
    }

    /// Makes the channels of a round that begins at an absolute symbol, with what is known of them.
    pub(super) fn channels(&self, index: u64, first_symbol: usize) -> Channels {
        let experiment = self.experiment;
        let numerology = Arc::clone(&experiment.numerology);
        let timeline = self.timeline(first_symbol);
        let antennas = experiment.link.antennas();
        let config = ChannelsConfig { numerology, antennas, timeline, watch: self.watch(index) };
        Channels::new(config, self.gains(index), self.sounder(index))
    }

    /// Makes the medium of a round that begins at an absolute symbol.
    ///
    /// # Errors
    /// When an impairment is beyond what a front end can do.
    pub(super) fn medium(&self, index: u64, first_symbol: usize) -> Result<Box<dyn Medium>, RunError> {
        if self.fidelity.makes_samples() {
            return self.sampled_medium(index, first_symbol);
        }
        Ok(Box::new(self.symbol_medium(index, self.channels(index, first_symbol))))
    }

    /// Makes the symbol medium of a round over its channels.
    pub(super) fn symbol_medium(&self, index: u64, channels: Channels) -> SymbolMedium {
        let experiment = self.experiment;
        let numerology = Arc::clone(&experiment.numerology);
        let source = if self.sample_noise {
            let stream = experiment.seeds.stream(Purpose::Noise, index, 0);
            NoiseSource::Samples { stream, modem: Box::new(self.equipment.modem.clone()) }
        } else {
            NoiseSource::Grid(experiment.seeds.stream(Purpose::Noise, index, 1))
        };
        let noise_power = experiment.budget.noise_power * self.noise_factor;
        let medium = SymbolMedium::new(numerology, channels, source, noise_power);
        if self.keep_grids { medium.keeping() } else { medium }
    }

    /// Returns the taps of all links and the filter of their delays.
    pub(crate) fn links(&self, index: u64) -> (Vec<Taps>, Arc<FilterBank>) {
        let experiment = self.experiment;
        let (ChannelModel::Taps { fading, .. }, Some(bank)) = (&experiment.channel, &self.equipment.bank)
        else {
            unreachable!("channels without taps are refused when the context is made")
        };
        let links = experiment.payload.devices() * experiment.link.antennas().links();
        (fading.draw(&experiment.seeds, self.fading_index(index), 0..links), Arc::clone(bank))
    }

    pub(super) fn air_config(&self, noise_power: f64, receive_ports: usize) -> AirConfig {
        AirConfig {
            sample_rate_hz: self.experiment.numerology.sample_rate_hz(),
            noise_power,
            origin: self.advance_samples() as u64,
            receive_ports,
        }
    }

    /// Makes the air that pilots cross, link by link: each one's own channel, by reciprocity the same in both directions.
    fn air_pilots(&self, index: u64, noise_power: f64, noise: Stream) -> AirPilots {
        let (mut taps, bank) = self.links(index);
        let age_s = self.experiment.knowledge.config.age_s;
        taps.iter_mut().for_each(|taps| *taps = taps.shifted(-age_s));
        let config = self.air_config(noise_power, 1);
        let link = |taps| Link { transmit: 0, receive: 0, taps, filter: Arc::clone(&bank) };
        let air = |(index, taps)| EmulatedAir::new(config, vec![link(taps)], noise.substream(index as u64));
        let airs = taps.into_iter().enumerate().map(air).collect();
        let spacing = self.experiment.knowledge.config.pilots().map_or(1, |p| p.spacing_subcarriers);
        AirPilots::new(self.equipment.modem.clone(), Arc::clone(&self.experiment.numerology), airs, spacing)
    }
}

/// Refuses what a rung cannot run.
fn check(experiment: &Experiment, fidelity: Fidelity) -> Result<(), RunError> {
    let unsupported = |what: &str| RunError::Unsupported { what: what.into(), fidelity };
    let per_element = matches!(experiment.channel, ChannelModel::PerElement { .. });
    if fidelity.makes_samples() && per_element {
        return Err(unsupported("channel.fading = \"per-element\", which no impulse response can have,"));
    }
    if fidelity == Fidelity::Theory {
        return Err(unsupported("a simulated trial"));
    }
    if fidelity == Fidelity::Radio && experiment.misaligned().is_some() {
        return Err(unsupported("scheme.kind = \"misaligned\", whose frames are no slots,"));
    }
    Ok(())
}
