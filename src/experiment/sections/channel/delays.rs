//! `channel.model` with its delays: `channel.delay_spread_s`, `channel.profile_file`.

use crate::config::{Bound, ConfigError, TableReader};
use crate::experiment::sections::text_file;
use airloop_channels::{PathKind, Profile};
use std::path::Path;

/// Largest rms delay spread, in seconds: 300 km of detour.
const MAX_DELAY_SPREAD_S: f64 = 1e-3;

/// Where the paths of a model lie.
#[derive(Clone, Debug, PartialEq)]
pub enum Delays {
    /// One path without delay.
    Flat,
    /// Delays that scale with an rms delay spread in seconds.
    Scaled(f64),
    /// Delays that a standard or a file fixes.
    Fixed(Profile),
    /// Delays of a recording.
    Recorded,
}

impl Delays {
    /// Reads the keys of a model.
    ///
    /// # Errors
    /// When a key does not go with the model, or a file holds no profile.
    pub fn read(reader: &TableReader<'_>, model: &str) -> Result<Self, ConfigError> {
        if model != "profile" {
            reader.require_absent("profile_file", "goes with channel.model = \"profile\"")?;
        }
        let scales = model.starts_with("tdl-") || model.starts_with("cdl-") || model == "exponential";
        if scales {
            let bound = Bound::between(0.0, MAX_DELAY_SPREAD_S);
            return Ok(Self::Scaled(reader.f64_in("delay_spread_s", None, bound)?));
        }
        let fixed = match model {
            "awgn" | "rayleigh" | "rician" | "recorded" => None,
            "profile" => Some(from_file(reader)?),
            name => Some(Profile::fixed(name).map_err(|e| reader.invalid("model", e.to_string()))?),
        };
        let why = match &fixed {
            None => "goes with tdl-a to tdl-e, cdl-a to cdl-e and exponential".to_string(),
            Some(profile) => format!(
                "goes with tdl-a to tdl-e, cdl-a to cdl-e and exponential; the delays of \"{model}\" are fixed, their spread is {:.4e} s",
                profile.rms_delay_spread_s()
            ),
        };
        reader.require_absent("delay_spread_s", &why)?;
        Ok(match fixed {
            Some(profile) => Self::Fixed(profile),
            None if model == "recorded" => Self::Recorded,
            None => Self::Flat,
        })
    }
}

/// Reads the profile of a file; its paths are its content, not its path.
fn from_file(reader: &TableReader<'_>) -> Result<Profile, ConfigError> {
    const KEY: &str = "profile_file";
    let expected =
        "the path of a file with the columns delay_s,power_db,kind is expected, for example \"hall.csv\"";
    let Some(node) = reader.node(KEY) else {
        let message = format!("is missing: {expected}");
        return Err(reader.invalid(KEY, message));
    };
    let text = node.text(&reader.path(KEY), expected)?;
    let path = node.origin.file().and_then(Path::parent).unwrap_or(Path::new("")).join(text);
    let failed = |what: String| reader.invalid(KEY, format!("{}: {what}", path.display()));
    let text = text_file::read(&path).map_err(|e| failed(e.to_string()))?;
    let profile = Profile::parse(&text).map_err(|e| failed(e.to_string()))?;
    let content = |kind| if kind == PathKind::LineOfSight { "line-of-sight" } else { "rayleigh" };
    let paths: Vec<serde_json::Value> =
        profile.paths().iter().map(|p| serde_json::json!([p.delay_s, p.power, content(p.kind)])).collect();
    reader.record(KEY, None, Some(paths.into()));
    Ok(profile)
}
