//! Whether the samples of the waveform rung may be made from summed spectra.

use super::Experiment;
use crate::config::{ConfigError, TableReader};
use crate::medium::spectra::{MOST_NEGLECTED_DB, Neglected, change, inter_carrier_interference, most_motion};
use crate::medium::{ChannelModel, WaveformPath};
use airloop_baseband::units::db_from_power;
use airloop_channels::ChannelError;

impl Experiment {
    /// Returns how the samples of the waveform rung are made.
    ///
    /// Summed spectra are for devices whose front ends get nothing wrong, over channels that stand still enough within a symbol
    /// and end inside the prefix ([`Neglected::is_allowed`]); else each device's samples pass a filter.
    ///
    /// # Errors
    /// When an impairment is beyond what a front end can do.
    pub fn waveform_path(&self) -> Result<WaveformPath, ChannelError> {
        if let Some(path) = self.waveform.path {
            return Ok(path);
        }
        let allowed = self.devices_are_ideal() && self.neglected_by_summing()?.is_allowed();
        Ok(if allowed { WaveformPath::SummedSpectra } else { WaveformPath::PerSample })
    }

    /// Returns whether devices send grids as they are, at the time that is asked of them.
    fn devices_are_ideal(&self) -> bool {
        self.impairments.is_ideal() && self.sync.is_none() && self.misaligned().is_none()
    }

    /// Returns what summed spectra would leave out of a device's signal.
    ///
    /// # Errors
    /// When an impairment is beyond what a front end can do.
    pub fn neglected_by_summing(&self) -> Result<Neglected, ChannelError> {
        let window = self.receive_window()?;
        let (max_doppler_hz, jakes) = match &self.channel {
            ChannelModel::Taps { fading, .. } => (fading.max_doppler_hz(), fading.has_jakes_spectrum()),
            ChannelModel::PerElement { .. } => (0.0, true),
        };
        let useful_s = 1.0 / self.numerology.subcarrier_spacing_hz();
        let early_s = window.advance_samples as f64 / self.numerology.sample_rate_hz();
        let motion = match jakes {
            _ if max_doppler_hz == 0.0 => 0.0,
            true => inter_carrier_interference(max_doppler_hz, useful_s) + change(max_doppler_hz, early_s),
            false => most_motion(max_doppler_hz, useful_s, early_s),
        };
        Ok(Neglected { motion, outside_window: window.interference })
    }

    /// Checks that summed spectra, where they are asked for, leave out little enough.
    pub(super) fn check_waveform_path(&self, reader: &TableReader<'_>) -> Result<(), ConfigError> {
        if self.waveform.path != Some(WaveformPath::SummedSpectra) {
            return Ok(());
        }
        let cure = "leave waveform.path out, or set it to \"per-sample\"";
        if !self.devices_are_ideal() {
            let message = format!(
                "is \"summed-spectra\", which holds for devices whose grids arrive as they are; [impairments], \
                 sync.mode = \"preamble\" and scheme.kind = \"misaligned\" act on each device's samples: {cure}"
            );
            return Err(reader.invalid("path", message));
        }
        let neglected = self.neglected_by_summing().map_err(|e| reader.invalid("path", e.to_string()))?;
        if neglected.is_allowed() {
            return Ok(());
        }
        let decibels =
            |x: f64| if x > 0.0 { format!("{:.1} dB", db_from_power(x)) } else { "nothing".to_string() };
        let message = format!(
            "is \"summed-spectra\", which would leave out inter-carrier interference of {} and interference between symbols of \
             {}, relative to a device's power; below {MOST_NEGLECTED_DB} dB each is expected: {cure}",
            decibels(neglected.motion),
            decibels(neglected.outside_window)
        );
        Err(reader.invalid("path", message))
    }
}
