//! Hardware of a preset, drawn for one radio.

use super::Hardware;
use crate::ether::EtherInfo;
use airloop_baseband::{Purpose, Resampler, Seeds, Stream};
use airloop_channels::impairment::{
    DcOffset, IqImbalance, MaskPoint, PhaseMask, PhaseNoise, PhaseNoiseConfig, Preset, QuantiserConfig,
    Receiver, ReceiverConfig, SampleClock, Transmitter, TransmitterConfig,
};
use airloop_channels::{ChannelError, FrontEnd, FrontEndConfig};
use std::f64::consts::TAU;
use std::sync::Arc;

/// Level at which converters clip, in decibels over the mean power for which levels are stated: a component of 1.
pub const HEADROOM_DB: f64 = 12.0;

/// First trial of the draws of radios' hardware, beyond those of any experiment's rounds.
const RADIOS: u64 = 1 << 63;

/// Which radio hardware is drawn for.
#[derive(Clone, Debug)]
pub struct HardwareSetting {
    /// Root of the draws.
    pub seeds: Seeds,
    /// Number of the radio: another radio has other hardware, and changes nobody else's.
    pub number: u64,
    /// Nominal sample clock, and the instant at which its phase is drawn.
    pub clock: SampleClock,
    /// Nominal carrier, in hertz.
    pub carrier_hz: f64,
    /// Resampler of the band that signals occupy.
    pub resampler: Arc<Resampler>,
    /// Channels that receive.
    pub receive_channels: usize,
}

/// Share of the air's rate that signals occupy unless a setting says otherwise, and the error of what resamples there.
const BAND: (f64, f64) = (0.9, -80.0);

impl HardwareSetting {
    /// Makes the setting of a radio at its place, with its phases drawn at time zero; the air has a carrier of its own or this one.
    pub fn at(info: &EtherInfo, seeds: Seeds, number: u64, carrier_hz: f64) -> Self {
        Self {
            seeds,
            number,
            clock: SampleClock { sample_rate_hz: info.sample_rate_hz, origin: 0 },
            carrier_hz: info.centre_hz.unwrap_or(carrier_hz),
            resampler: Arc::new(Resampler::new(BAND.0, BAND.1)),
            receive_channels: info.place.receive.len(),
        }
    }

    /// Returns the stream that all of a radio is drawn from.
    pub fn stream(&self) -> Stream {
        self.seeds.stream(Purpose::Impairment, RADIOS, self.number)
    }
}

impl Hardware {
    /// Draws the hardware of a radio of a preset: an oscillator, a timing and a power anywhere in the preset's bounds, any phases.
    ///
    /// Full scale is a component of 1; lines and images are relative to a mean power [`HEADROOM_DB`] below it.
    ///
    /// # Errors
    /// [`ChannelError::OutOfRange`] for a preset beyond the limits of an impairment at this rate and carrier.
    pub fn draw(preset: &Preset, setting: &HardwareSetting) -> Result<Self, ChannelError> {
        let HardwareSetting { clock, carrier_hz, .. } = *setting;
        let stream = setting.stream();
        let uniform = |draw: u64| stream.uniform(draw);
        let within =
            |most: Option<f64>, draw: u64| most.map_or(0.0, |most| most * (2.0 * uniform(draw) - 1.0));
        let clocks = FrontEndConfig {
            timing_offset_s: within(preset.timing_offset_s, 0),
            cfo_hz: within(preset.cfo_hz, 1),
            phase_rad: if *preset == Preset::default() { 0.0 } else { TAU * uniform(2) },
            oscillator_ppm: within(preset.oscillator_ppm, 3),
            sample_clock_ppm: 0.0,
            carrier_hz,
        };
        let noise = phase_noise(preset, carrier_hz)?;
        let noise = |draw: u64| PhaseNoise::new(&noise, clock, stream.substream(draw));
        let imbalance = match preset.image_rejection_db {
            Some(rejection_db) => IqImbalance::of_rejection(rejection_db)?,
            None => IqImbalance::default(),
        };
        let line = |draw: u64| match preset.dc_offset_dbc {
            Some(level_dbc) => DcOffset { level_dbc, phase_rad: TAU * uniform(draw) },
            None => DcOffset::default(),
        };
        let converter =
            |bits: Option<u32>| bits.map(|bits| QuantiserConfig { bits, headroom_db: HEADROOM_DB });
        let mean_power = 2.0 * 10f64.powf(-0.1 * HEADROOM_DB);
        let power_error_db = within(preset.power_step_db.map(|step| 0.5 * step), 5);
        let transmitter = TransmitterConfig {
            converter: converter(preset.dac_bits),
            imbalance,
            leakage: line(4),
            gain_db: power_error_db,
            amplifier: None,
        };
        let receiver = |channel: usize| {
            let config = ReceiverConfig {
                imbalance,
                leakage: line(6 + channel as u64),
                converter: converter(preset.adc_bits),
                ..ReceiverConfig::default()
            };
            Receiver::new(&config, None, mean_power)
        };
        let front_end = FrontEnd::new(&clocks, clock, Arc::clone(&setting.resampler))?;
        let front_end = front_end.with_phase_noise(noise(0)?);
        Ok(Self {
            clocks,
            front_end: Some(front_end).filter(|front_end| !front_end.is_identity()),
            transmitter: Transmitter::new(&transmitter, mean_power)?,
            power_error_db,
            receive_noise: Some(noise(1)?).filter(|noise| !noise.is_identity()),
            receivers: (0..setting.receive_channels).map(receiver).collect::<Result<_, _>>()?,
        })
    }
}

fn phase_noise(preset: &Preset, carrier_hz: f64) -> Result<PhaseNoiseConfig, ChannelError> {
    let point = |[offset_hz, dbc_hz]: &[f64; 2]| MaskPoint { offset_hz: *offset_hz, dbc_hz: *dbc_hz };
    let mask = match preset.mask_reference_hz.filter(|_| carrier_hz > 0.0) {
        Some(reference_hz) => {
            let mask = PhaseMask::new(preset.phase_noise_mask.iter().map(point).collect())?;
            Some(mask.multiplied(reference_hz, carrier_hz)?)
        }
        None => None,
    };
    Ok(PhaseNoiseConfig { linewidth_hz: 0.0, mask })
}
