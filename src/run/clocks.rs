//! The devices' clocks in a trial: drawn raw, and corrected by what each hears of the beacon.

use super::RunError;
use crate::experiment::Experiment;
use crate::medium::ChannelModel;
use crate::report::Fidelity;
use crate::synchronisation::beacon::Heard;
use crate::synchronisation::clocks::Fixed;
use crate::synchronisation::{BeaconReceiver, CommonReceiver, RoundClocks, SyncConfig, corrected};
use airloop_baseband::synchronisation::SynchronisationError;
use airloop_baseband::{Purpose, Resampler};
use airloop_channels::impairment::{CarrierOffset, FrontEnd, FrontEndConfig, SampleClock};
use airloop_channels::{ChannelError, FilterBank, Taps};
use std::sync::Arc;

/// What all rounds of an experiment share.
pub struct DeviceClocks<'a> {
    experiment: &'a Experiment,
    resampler: Arc<Resampler>,
    preamble: Option<Preambles>,
    round_samples: usize,
    advance_samples: usize,
    /// Of the advance, what front ends may answer ahead.
    lead_samples: usize,
}

struct Preambles {
    config: Arc<SyncConfig>,
    beacon: BeaconReceiver,
    common: Option<Arc<CommonReceiver>>,
}

impl<'a> DeviceClocks<'a> {
    /// Prepares the clocks at a rung whose receive window opens early by `advance_samples`; `None` where all are right.
    ///
    /// # Errors
    /// When a preamble cannot be searched for.
    pub fn new(
        experiment: &'a Experiment,
        fidelity: Fidelity,
        advance_samples: usize,
    ) -> Result<Option<Self>, RunError> {
        let acts = fidelity.makes_samples() && experiment.needs().transmits;
        if !acts || (experiment.impairments.is_ideal() && experiment.sync.is_none()) {
            return Ok(None);
        }
        let resampler = Arc::new(experiment.resampler());
        let preamble = match &experiment.sync {
            Some(config) => Some(preambles(experiment, config, &resampler)?),
            None => None,
        };
        let round_samples = experiment.round_samples();
        let filters = experiment.filter_bank().map_or(0, |(bank, _)| bank.precursor_samples());
        let lead_samples = advance_samples.saturating_sub(filters);
        Ok(Some(Self { experiment, preamble, resampler, round_samples, advance_samples, lead_samples }))
    }

    /// Returns the clocks of a round that begins at an absolute symbol. `server_cfo_hz` is added to all carriers, as heard by a
    /// server whose receiver is off its own beacon.
    ///
    /// # Errors
    /// When an impairment is beyond what a front end can do.
    pub fn round(
        &self,
        (taps, filter): (&[Taps], &Arc<FilterBank>),
        (index, first_symbol): (u64, usize),
        server_cfo_hz: f64,
    ) -> Result<RoundClocks, RunError> {
        let e = self.experiment;
        let sample_rate_hz = e.numerology.sample_rate_hz();
        let origin = (e.numerology.symbol_start(first_symbol) + self.advance_samples) as u64;
        let clock = SampleClock { sample_rate_hz, origin };
        let server = CarrierOffset { cfo_hz: server_cfo_hz };
        let mut clocks = RoundClocks::default();
        if let Some(Preambles { common: Some(common), .. }) = &self.preamble {
            clocks.common = Some(common.begin(first_symbol));
        }
        for device in 0..e.payload.devices() {
            let config = e.impairments.front_end(&e.seeds, index, device, e.channel_section.carrier_hz);
            let raw = FrontEnd::new(&config, clock, Arc::clone(&self.resampler))?;
            let left = match &self.preamble {
                None => raw,
                Some(preambles) => {
                    clocks.tally.listened += 1;
                    let noise = e.seeds.stream(Purpose::Beacon, index, device as u64);
                    let link = (&taps[device * e.link.antennas().links()], filter);
                    let heard = preambles.beacon.hear(link, &config, Some(noise), first_symbol)?;
                    clocks.silent.push(heard.is_none());
                    let Some(heard) = heard else { continue };
                    clocks.tally.detected += 1;
                    let own = self.own(preambles, link, first_symbol)?;
                    let shared = (&*preambles.config, self.round_samples);
                    corrected((&raw, &config), (heard, own), shared, (clock, &self.resampler))?
                }
            };
            let left = if server_cfo_hz == 0.0 {
                left
            } else {
                FrontEnd::chain(&[&Fixed(left.warp()), &server], clock, Arc::clone(&self.resampler))?
            };
            let left = self.radio((index, device), clock, left)?;
            clocks.send(device, left.with_lead(self.lead_samples), sample_rate_hz);
        }
        Ok(clocks)
    }

    /// Puts a device's radio around its clocks; levels are referred to the mean sample power of its budget, shared by its antennas.
    fn radio(
        &self,
        (index, device): (u64, usize),
        clock: SampleClock,
        front_end: FrontEnd,
    ) -> Result<FrontEnd, ChannelError> {
        let (e, radio) = (self.experiment, &self.experiment.impairments.radio);
        if radio.is_ideal() {
            return Ok(front_end);
        }
        let mean_power = e.device_sample_power(device) / e.link.device_antennas as f64;
        let place = (index, device);
        let front_end = front_end.with_transmitter(radio.transmitter(&e.seeds, place, mean_power)?);
        let noise = radio.phase_noise(&e.seeds, place, (clock, e.channel_section.carrier_hz))?;
        Ok(match noise {
            Some(noise) => front_end.with_phase_noise(noise),
            None => front_end,
        })
    }

    /// Returns what a device whose clock is right would read off a beacon without noise: all that its channel does to it.
    ///
    /// A device that does not know its channel takes the mean delay of the profile for it.
    fn own(
        &self,
        preambles: &Preambles,
        link: (&Taps, &Arc<FilterBank>),
        first_symbol: usize,
    ) -> Result<Heard, ChannelError> {
        let ChannelModel::Taps { fading, .. } = &self.experiment.channel else { return Ok(Heard::default()) };
        let profile = fading.profile();
        if profile.max_delay_s() == 0.0 && fading.max_doppler_hz() == 0.0 {
            return Ok(Heard::default());
        }
        let mean_s: f64 = profile.paths().iter().map(|path| path.power * path.delay_s).sum();
        let mean = Heard { late_samples: mean_s * self.experiment.numerology.sample_rate_hz(), cfo_hz: 0.0 };
        if !preambles.config.knows_channel {
            return Ok(mean);
        }
        let right = FrontEndConfig::default();
        Ok(preambles.beacon.hear(link, &right, None, first_symbol)?.unwrap_or(mean))
    }
}

/// Prepares the receivers of the preambles.
fn preambles(
    experiment: &Experiment,
    config: &Arc<SyncConfig>,
    resampler: &Arc<Resampler>,
) -> Result<Preambles, SynchronisationError> {
    let numerology = &experiment.numerology;
    let beacon = BeaconReceiver::new(config, numerology, resampler)?;
    let power = experiment.budget.power.iter().enumerate();
    let amplitudes = power.map(|(k, p)| (p * experiment.payload.budget_power(k)).sqrt() as f32).collect();
    let common = match config.common {
        true => Some(Arc::new(CommonReceiver::new(config, numerology, resampler, amplitudes)?)),
        false => None,
    };
    Ok(Preambles { config: Arc::clone(config), beacon, common })
}
