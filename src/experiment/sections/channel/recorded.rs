//! `channel.model = "recorded"`: impulse responses from a file, replayed.

mod file;
mod settle;
mod shapes;

use super::DELAY_ACCURACY_DB;
use crate::config::{Bound, ConfigError, NumberOrWord, TableReader};
use crate::experiment::id;
use crate::ofdm::Numerology;
use airloop_channels::Fading;
use airloop_channels::fading::Antennas;
use airloop_channels::recorded::{GridConfig, Normalisation, Recording, Replay, Start, Timing};
use file::FileKeys;
use shapes::Layout;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Keys that go with recorded channels only.
const KEYS: [&str; 11] = [
    "file",
    "tensor",
    "delay_tensor",
    "layout",
    "step_s",
    "sample_rate_hz",
    "normalise",
    "timing",
    "start",
    "wrap",
    "replay_speed",
];

/// Fastest pace.
const MAX_REPLAY_SPEED: f64 = 1e3;

/// Recorded channels as configured.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordedKeys {
    file: FileKeys,
    normalisation: Normalisation,
    timing: Timing,
    replay: Replay,
}

/// All devices, those of them that take part, and where they stand.
#[derive(Clone, Copy, Debug)]
pub struct Population<'a> {
    /// Devices before any selection.
    pub devices: usize,
    /// Indices of those that take part, if not all do.
    pub part: Option<&'a [usize]>,
    /// Azimuths in which the server sees all devices of a cell, in degrees.
    pub azimuths_deg: Option<&'a [f64]>,
}

impl RecordedKeys {
    /// Reads the keys; `None` for other models, which must not have them.
    ///
    /// # Errors
    /// When a key is wrong or does not go with the model, or the file cannot be read.
    pub fn read(reader: &TableReader<'_>, model: &str) -> Result<Option<Self>, ConfigError> {
        if model != "recorded" {
            for key in KEYS {
                reader.require_absent(key, "goes with channel.model = \"recorded\"")?;
            }
            return Ok(None);
        }
        for key in ["speed_m_s", "doppler_hz"] {
            let why = "is not chosen for a recording, which moves as it was recorded; channel.replay_speed changes its pace";
            reader.require_absent(key, why)?;
        }
        let layout =
            match reader.choice("layout", Some("auto"), &["auto", "airloop", "sionna", "deepmimo"])? {
                "airloop" => Some(Layout::Airloop),
                "sionna" => Some(Layout::Sionna),
                "deepmimo" => Some(Layout::DeepMimo),
                _ => None,
            };
        let file = FileKeys {
            path: path(reader)?,
            tensor: reader.optional_string("tensor")?,
            delay_tensor: reader.string("delay_tensor", Some("tau"))?,
            layout,
            step_s: reader.optional_f64("step_s", Bound::between(0.0, 1e6).open_low())?,
            sample_rate_hz: reader.optional_f64("sample_rate_hz", Bound::between(0.0, 1e15).open_low())?,
        };
        let normalisation = match reader.choice("normalise", Some("device"), &["device", "all", "none"])? {
            "all" => Normalisation::All,
            "none" => Normalisation::None,
            _ => Normalisation::Device,
        };
        let timing = match reader.choice("timing", Some("recorded"), &["recorded", "device", "all"])? {
            "device" => Timing::Device,
            "all" => Timing::All,
            _ => Timing::Recorded,
        };
        let replay = Replay {
            wrap: reader.bool("wrap", Some(false))?,
            speed: reader.f64_in("replay_speed", Some(1.0), Bound::between(0.0, MAX_REPLAY_SPEED))?,
            ..Replay::from_start(read_start(reader)?)
        };
        Ok(Some(Self { file, normalisation, timing, replay }))
    }

    /// Makes the model on a numerology's grid.
    ///
    /// # Errors
    /// When the file does not hold the channels of these devices and antennas.
    pub fn model(
        &self,
        reader: &TableReader<'_>,
        numerology: &Numerology,
        (antennas, population): (Antennas, Population<'_>),
        rounded: bool,
    ) -> Result<Fading, ConfigError> {
        let failed = |(key, what): (&str, String)| {
            // What is wrong with an array begins with its file.
            let file = self.file.path.display().to_string();
            reader.invalid(key, if what.starts_with(&file) { what } else { format!("{file}: {what}") })
        };
        let expected = shapes::Expected {
            devices: population.devices,
            receive: antennas.receive,
            device_antennas: antennas.device,
        };
        let frequencies_hz = numerology.frequencies_hz();
        let band_hz = frequencies_hz.iter().fold(0.0f64, |most, f| most.max(f.abs()));
        let mut responses = self.file.responses(expected, band_hz).map_err(failed)?;
        if let Some(part) = population.part {
            responses = responses.part(part);
        }
        let config = GridConfig {
            sample_rate_hz: numerology.sample_rate_hz(),
            occupied_share: numerology.occupied_share(),
            accuracy_db: DELAY_ACCURACY_DB,
            frequencies_hz: &frequencies_hz,
            rounded,
            normalisation: self.normalisation,
            timing: self.timing,
            longest_s: 1.0 / numerology.subcarrier_spacing_hz(),
        };
        let recording = Recording::new(responses, &config).map_err(|e| failed(("file", e.to_string())))?;
        Ok(Fading::recorded(Arc::new(recording), self.replay))
    }

    /// Returns whether gains are taken as they were recorded.
    pub fn keeps_gains(&self) -> bool {
        self.normalisation == Normalisation::None
    }
}

/// Reads the path of the file; its content, not its path, is part of an experiment's identity.
fn path(reader: &TableReader<'_>) -> Result<PathBuf, ConfigError> {
    const EXPECTED: &str = "the path of a .npz, .safetensors or .npy file with impulse responses is expected, for example \"cir.npz\"";
    let Some(node) = reader.node("file") else {
        return Err(reader.invalid("file", format!("is missing: {EXPECTED}")));
    };
    let text = node.text(&reader.path("file"), EXPECTED)?;
    if text.to_ascii_lowercase().ends_with(".csv") {
        return Err(reader.invalid("file", format!("{text}: {EXPECTED}")));
    }
    let path = node.origin.file().and_then(Path::parent).unwrap_or(Path::new("")).join(text);
    let hash = id::file_sha256(&path)
        .map_err(|e| reader.invalid("file", format!("{}: {e}; {EXPECTED}", path.display())))?;
    reader.record("file", None, Some(serde_json::json!({ "sha256": hash })));
    Ok(path)
}

fn read_start(reader: &TableReader<'_>) -> Result<Start, ConfigError> {
    let default = NumberOrWord::Word("random".into());
    match reader.number_or_word("start", Some(default), &["random", "sequential"])? {
        NumberOrWord::Number(start_s) if start_s >= 0.0 => Ok(Start::At(start_s)),
        NumberOrWord::Number(start_s) => {
            let message =
                format!("{start_s} is out of range: a time of the recording in seconds is at least 0");
            Err(reader.invalid("start", message))
        }
        NumberOrWord::Word(word) if word == "sequential" => Ok(Start::Sequential),
        NumberOrWord::Word(_) => Ok(Start::Random),
    }
}
