//! `[sync]`: whether clocks are right by assumption, or corrected by a preamble.

use crate::config::{Bound, ConfigError, TableReader};
use crate::experiment::Experiment;
use crate::experiment::per_device::PerDevice;
use crate::medium::ChannelModel;
use crate::scheme::DeviceKnowledge;
use crate::synchronisation::{SyncConfig, SyncSequence, config::preamble};
use airloop_baseband::synchronisation::CarrierOffset;
use airloop_baseband::units::power_from_db;

/// Keys that go with `mode = "preamble"`.
const PREAMBLE_KEYS: [&str; 7] =
    ["sequence", "root", "repetitions", "snr_db", "false_alarm_rate", "search_window_s", "common"];

/// Most periods of a preamble.
const MAX_REPETITIONS: usize = 64;

/// Longest search to either side, in seconds.
const MAX_SEARCH_S: f64 = 10e-3;

/// The table as configured.
#[derive(Clone, Debug, PartialEq)]
pub struct SyncSection {
    preamble: Option<PreambleKeys>,
}

#[derive(Clone, Debug, PartialEq)]
struct PreambleKeys {
    sequence: SyncSequence,
    repetitions: usize,
    snr_db: Option<f64>,
    false_alarm_rate: f64,
    search_window_s: Option<f64>,
    common: bool,
}

impl SyncSection {
    /// Reads the table.
    ///
    /// # Errors
    /// When a key is wrong or does not go with the mode or the sequence.
    pub fn read(reader: &TableReader<'_>) -> Result<Self, ConfigError> {
        if reader.choice("mode", Some("ideal"), &["ideal", "preamble"])? == "ideal" {
            for key in PREAMBLE_KEYS {
                reader.require_absent(
                    key,
                    "goes with sync.mode = \"preamble\"; without it clocks are not corrected",
                )?;
            }
            return Ok(Self { preamble: None });
        }
        let sequence = match reader.choice("sequence", Some("zadoff-chu"), &["zadoff-chu", "golay"])? {
            "golay" => {
                reader.require_absent("root", "goes with sync.sequence = \"zadoff-chu\"")?;
                SyncSequence::Golay
            }
            _ => SyncSequence::ZadoffChu { root: reader.usize("root", Some(25), 1)? },
        };
        let repetitions = reader.usize("repetitions", Some(2), 1)?;
        if repetitions > MAX_REPETITIONS {
            let message =
                format!("{repetitions} is out of range: 1 to {MAX_REPETITIONS} periods are possible");
            return Err(reader.invalid("repetitions", message));
        }
        Ok(Self {
            preamble: Some(PreambleKeys {
                sequence,
                repetitions,
                snr_db: reader.optional_f64("snr_db", Bound::between(-100.0, 200.0))?,
                false_alarm_rate: reader.f64_in(
                    "false_alarm_rate",
                    Some(1e-3),
                    Bound::between(1e-12, 0.5),
                )?,
                search_window_s: reader.optional_f64("search_window_s", Bound::between(0.0, MAX_SEARCH_S))?,
                common: reader.bool("common", Some(false))?,
            }),
        })
    }

    /// Returns the preamble of an experiment and how devices use it; `None` with ideal clocks. `link_noise` is the noise
    /// power over the mean budget of the link.
    ///
    /// # Errors
    /// When the preamble does not fit the grid, cannot tell the carrier offsets, or the scheme has no symbols for it.
    pub fn config(
        &self,
        reader: &TableReader<'_>,
        experiment: &Experiment,
        link_noise: f64,
    ) -> Result<Option<SyncConfig>, ConfigError> {
        let Some(keys) = &self.preamble else { return Ok(None) };
        if experiment.misaligned().is_some() {
            let why = "\"preamble\" needs OFDM symbols; misaligned frames of a single carrier have their delays from \
                       scheme.delays_symbols, so sync.mode = \"ideal\" is expected";
            return Err(reader.invalid("mode", why));
        }
        let numerology = &experiment.numerology;
        let used = numerology.used();
        let (preamble, values) = preamble(keys.sequence, keys.repetitions, numerology).map_err(|error| {
            let key = match keys.sequence {
                _ if used < 3 => "mode",
                SyncSequence::ZadoffChu { .. } if error.to_string().starts_with("root") => "root",
                _ => "repetitions",
            };
            reader.invalid(key, format!("does not fit {used} used subcarriers: {error}"))
        })?;
        let impairments = &experiment.impairments;
        let carrier_hz = experiment.channel_section.carrier_hz;
        let largest = |of: &PerDevice| of.range().0.abs().max(of.range().1.abs());
        let (ppm, cfo_hz) = (largest(&impairments.oscillator_ppm), largest(&impairments.cfo_hz));
        let cfo_hz = cfo_hz + 1e-6 * ppm * carrier_hz;
        let rate = numerology.sample_rate_hz();
        let needed_s = largest(&impairments.timing_offset_s) + longest_delay_s(&experiment.channel);
        let early = 2.0 * numerology.fft_size() as f64 / used as f64;
        let searched = keys.search_window_s.map_or(needed_s * rate + early, |s| s * rate).ceil();
        let (prefix, size) = (numerology.shortest_prefix_samples(), numerology.fft_size());
        // Between the two preambles a device must have heard all of its window, and the receiver opens its own early by the
        // filters of the channel, of the front end and what devices may be early by.
        let filters = experiment.filter_bank().map_or(0, |(bank, _)| bank.precursor_samples());
        let margin = (filters + experiment.resampler().length()) as f64 + 3.0 * early;
        let guard = searched.max(2.0 * margin) / (prefix + size) as f64;
        let config = SyncConfig {
            preamble,
            values,
            noise_power: keys.snr_db.map_or(link_noise, |db| 1.0 / power_from_db(db)),
            false_alarm_rate: keys.false_alarm_rate,
            search_samples: searched as usize,
            common: keys.common,
            carrier: if cfo_hz > 0.0 { CarrierOffset::Unknown } else { CarrierOffset::Zero },
            corrects_clock: ppm > 0.0,
            knows_channel: experiment.needs().knowledge != DeviceKnowledge::None,
            preamble_symbols: keys.repetitions,
            guard_symbols: (guard.ceil() as usize).max(1),
            used_share: used as f64 / size as f64,
        };
        let range_hz = config.cfo_range_hz(rate);
        if cfo_hz > range_hz {
            let message = format!(
                "carrier offsets reach {cfo_hz:.4e} Hz, but a preamble of {} period(s) of {size} samples tells \
                 {range_hz:.4e} Hz at most; smaller offsets (impairments.cfo_hz, or impairments.oscillator_ppm up to {:.2} \
                 alone) or a larger subcarrier spacing are expected",
                keys.repetitions,
                1e6 * range_hz / experiment.channel_section.carrier_hz
            );
            return Err(reader.invalid("repetitions", message));
        }
        Ok(Some(config))
    }
}

fn longest_delay_s(channel: &ChannelModel) -> f64 {
    match channel {
        ChannelModel::Taps { fading, .. } => fading.profile().max_delay_s(),
        ChannelModel::PerElement { .. } => 0.0,
    }
}
