//! `[receiver]`: what the server's radio gets wrong, at waveform fidelity.

mod parts;

use super::impairments::{MaskSection, read_preset, says_none};
use crate::config::{Bound, ConfigError, TableReader};
use airloop_baseband::Stream;
use airloop_channels::ChannelError;
use airloop_channels::impairment::{
    DcOffset, GainControl, HEADROOM_DB, IMAGE_REJECTION_DB, IqImbalance, LEAST_TIME_CONSTANT_SAMPLES,
    MAX_BITS, MAX_IMBALANCE, MAX_LEAKAGE_DBC, MAX_LINEWIDTH_SHARE, PhaseNoise, QuantiserConfig, Receiver,
    ReceiverConfig, SampleClock,
};
use std::f64::consts::TAU;

/// The words for `agc`.
const GAIN_CONTROLS: [&str; 3] = ["none", "frozen", "running"];

/// Default time constants of a running gain control, in seconds.
const ATTACK_S: f64 = 10e-6;
const DECAY_S: f64 = 100e-6;

/// The server's radio as configured, alike at all its antennas, which share an oscillator.
#[derive(Clone, Debug, PartialEq)]
pub struct ReceiverSection {
    linewidth_hz: f64,
    mask: Option<MaskSection>,
    imbalance: IqImbalance,
    dc_offset_dbc: Option<f64>,
    gain: Gain,
    converter: Option<QuantiserConfig>,
}

/// How the gain is set.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Gain {
    Nominal,
    Frozen,
    Running { attack_s: f64, decay_s: f64 },
}

impl ReceiverSection {
    /// Returns a radio that gets nothing wrong.
    pub fn ideal() -> Self {
        Self {
            linewidth_hz: 0.0,
            mask: None,
            imbalance: IqImbalance::default(),
            dc_offset_dbc: None,
            gain: Gain::Nominal,
            converter: None,
        }
    }

    /// Reads the table; a preset stands where a key is missing.
    ///
    /// # Errors
    /// When a value is wrong or out of bounds, or two say the same.
    pub fn read(reader: &TableReader<'_>) -> Result<Self, ConfigError> {
        let preset = read_preset(reader)?;
        let headroom = Bound::between(HEADROOM_DB.0, HEADROOM_DB.1);
        let no_bits = says_none(reader, "adc_bits");
        let bits = if no_bits { None } else { reader.optional_u64("adc_bits", 1)? };
        if bits.is_some_and(|bits| bits > u64::from(MAX_BITS)) {
            return Err(
                reader.invalid("adc_bits", format!("is out of range: 1 to {MAX_BITS} bits are possible"))
            );
        }
        let bits = bits.map(|bits| bits as u32).or(preset.adc_bits.filter(|_| !no_bits));
        if bits.is_none() {
            reader.require_absent("adc_headroom_db", "goes with adc_bits")?;
        }
        let headroom_db = reader.optional_f64("adc_headroom_db", headroom)?;
        let converter = bits.map(|bits| match headroom_db {
            Some(headroom_db) => QuantiserConfig { bits, headroom_db },
            None => QuantiserConfig::best(bits),
        });
        let level = Bound::between(-200.0, MAX_LEAKAGE_DBC);
        Ok(Self {
            linewidth_hz: reader.f64_in("phase_noise_linewidth_hz", Some(0.0), Bound::between(0.0, 1e9))?,
            mask: MaskSection::read(reader, &preset)?,
            imbalance: imbalance(reader, preset.image_rejection_db)?,
            dc_offset_dbc: match says_none(reader, "dc_offset_dbc") {
                true => None,
                false => reader.optional_f64("dc_offset_dbc", level)?.or(preset.dc_offset_dbc),
            },
            gain: gain(reader)?,
            converter,
        })
    }

    /// Returns whether the radio gets nothing wrong.
    pub fn is_ideal(&self) -> bool {
        *self == Self { gain: self.gain, ..Self::ideal() } && !matches!(self.gain, Gain::Running { .. })
    }

    /// Checks that time constants, the linewidth and the mask suit the sample rate and the carrier.
    ///
    /// # Errors
    /// When one does not.
    pub fn check(
        &self,
        reader: &TableReader<'_>,
        (sample_rate_hz, carrier_hz): (f64, f64),
    ) -> Result<(), ConfigError> {
        let most_hz = MAX_LINEWIDTH_SHARE * sample_rate_hz;
        if self.linewidth_hz > most_hz {
            let message = format!("at most 1 % of the sample rate, {most_hz:.4e} Hz, is expected");
            return Err(reader.invalid("phase_noise_linewidth_hz", message));
        }
        let mask = self.mask.as_ref().map(|mask| mask.at(carrier_hz)).transpose();
        mask.map_err(|e| {
            reader.invalid("phase_noise_mask", format!("at the carrier of {carrier_hz:.4e} Hz: {e}"))
        })?;
        if let Gain::Running { attack_s, decay_s } = self.gain {
            let least_s = LEAST_TIME_CONSTANT_SAMPLES / sample_rate_hz;
            for (key, value) in [("agc_attack_s", attack_s), ("agc_decay_s", decay_s)] {
                if value < least_s {
                    let message =
                        format!("{value:e} is too fast: at least 4 samples, {least_s:.4e} s, is expected");
                    return Err(reader.invalid(key, message));
                }
            }
        }
        Ok(())
    }

    /// Returns the receiver of each port in a round, for samples of a nominal mean power; a frozen gain is measured over the first
    /// `symbol_samples` that are heard.
    ///
    /// # Errors
    /// When a value lies beyond its model's range.
    pub fn receivers(
        &self,
        stream: Stream,
        (clock, carrier_hz): (SampleClock, f64),
        (mean_power, symbol_samples): (f64, usize),
        ports: usize,
    ) -> Result<Vec<(usize, Receiver)>, ChannelError> {
        let noise = self.phase_noise(carrier_hz)?;
        let noise =
            if noise.is_none() { None } else { Some(PhaseNoise::new(&noise, clock, stream.substream(0))?) };
        let samples = |seconds: f64| seconds * clock.sample_rate_hz;
        let gain_control = match self.gain {
            Gain::Nominal => GainControl::Nominal,
            Gain::Frozen => GainControl::Frozen { length_samples: symbol_samples as u64 },
            Gain::Running { attack_s, decay_s } => {
                GainControl::Running { attack_samples: samples(attack_s), decay_samples: samples(decay_s) }
            }
        };
        let receiver = |port: usize| {
            let phase_rad = TAU * stream.substream(1).uniform(port as u64);
            let config = ReceiverConfig {
                imbalance: self.imbalance,
                leakage: DcOffset { phase_rad, ..self.leakage() },
                gain_control,
                converter: self.converter,
            };
            Ok((port, Receiver::new(&config, noise.clone(), mean_power)?))
        };
        (0..ports).map(receiver).collect()
    }
}

fn imbalance(reader: &TableReader<'_>, preset_db: Option<f64>) -> Result<IqImbalance, ConfigError> {
    const KEYS: [&str; 3] = ["iq_gain_db", "iq_phase_rad", "image_rejection_db"];
    let symmetric = |most: f64| Bound::between(-most, most);
    let gain_db = reader.optional_f64(KEYS[0], symmetric(MAX_IMBALANCE.0))?;
    let phase_rad = reader.optional_f64(KEYS[1], symmetric(MAX_IMBALANCE.1))?;
    if gain_db.is_some() || phase_rad.is_some() {
        let why = "says the same as iq_gain_db and iq_phase_rad; leave one out";
        reader.require_absent(KEYS[2], why)?;
        let imbalance = IqImbalance::new(gain_db.unwrap_or(0.0), phase_rad.unwrap_or(0.0));
        return imbalance.map_err(|e| reader.invalid(KEYS[0], e.to_string()));
    }
    if says_none(reader, KEYS[2]) {
        return Ok(IqImbalance::default());
    }
    let rejection = Bound::between(IMAGE_REJECTION_DB.0, IMAGE_REJECTION_DB.1);
    let Some(rejection_db) = reader.optional_f64(KEYS[2], rejection)?.or(preset_db) else {
        return Ok(IqImbalance::default());
    };
    IqImbalance::of_rejection(rejection_db).map_err(|e| reader.invalid(KEYS[2], e.to_string()))
}

fn gain(reader: &TableReader<'_>) -> Result<Gain, ConfigError> {
    const KEYS: [&str; 2] = ["agc_attack_s", "agc_decay_s"];
    let word = reader.choice("agc", Some(GAIN_CONTROLS[0]), &GAIN_CONTROLS)?;
    if word != "running" {
        KEYS.iter().try_for_each(|key| reader.require_absent(key, "goes with agc = \"running\""))?;
        return Ok(if word == "frozen" { Gain::Frozen } else { Gain::Nominal });
    }
    let constant = |key, default| reader.f64_in(key, Some(default), Bound::between(0.0, 10.0).open_low());
    Ok(Gain::Running { attack_s: constant(KEYS[0], ATTACK_S)?, decay_s: constant(KEYS[1], DECAY_S)? })
}
