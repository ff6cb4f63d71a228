//! `[effective_sinr]`: over which channels the maps to an effective SINR are fitted.

use crate::config::{Bound, ConfigError, TableReader, Value};
use crate::effective_sinr::{EffectiveSinrConfig, ThresholdSearch};
use crate::ofdm::Numerology;
use airloop_channels::Profile;

/// Subcarriers of a resource block.
const BLOCK: usize = 12;

/// Largest rms delay spread, in seconds: 300 km of detour.
const MAX_DELAY_SPREAD_S: f64 = 1e-3;

/// Most realisations, antennas and blocks, each far above any use.
const MOST_REALISATIONS: usize = 100_000;
const MOST_ANTENNAS: usize = 64;
const MOST_BLOCKS: u64 = 100_000_000;

/// Profiles that are scaled to a delay spread.
const SCALED: [&str; 6] = ["tdl-a", "tdl-b", "tdl-c", "tdl-d", "tdl-e", "exponential"];

/// The fit as configured; its band follows from the numerology.
#[derive(Clone, Debug, PartialEq)]
pub struct EffectiveSinrSection {
    resource_blocks: Option<usize>,
    config: EffectiveSinrConfig,
}

impl EffectiveSinrSection {
    /// Reads the table; `None` where there is none.
    ///
    /// # Errors
    /// When a key is wrong, or there is no digital link whose blocks could be sent.
    pub fn read(root: &TableReader<'_>) -> Result<Option<Self>, ConfigError> {
        let Some(reader) = root.table("effective_sinr")? else { return Ok(None) };
        if !root.has("mcs") && !root.has("code") {
            root.require_absent("effective_sinr", "goes with [mcs], which says whose blocks are sent")?;
        }
        let usual = EffectiveSinrConfig::new(1, 1.0);
        let spreads = Bound::between(0.0, MAX_DELAY_SPREAD_S);
        let profiles = read_profiles(&reader, &usual.profiles)?;
        let delay_spreads_s = reader.f64_list("delay_spreads_s", Some(&usual.delay_spreads_s), spreads)?;
        if delay_spreads_s.is_empty() {
            return Err(reader.invalid(
                "delay_spreads_s",
                "is empty: one value at least is expected, for example [100e-9]",
            ));
        }
        let most = |key: &str, usual: usize, least: usize, most: usize| {
            let count = reader.usize(key, Some(usual), least)?;
            if count > most {
                return Err(
                    reader.invalid(key, format!("{count} is out of range: {least} to {most} are possible"))
                );
            }
            Ok(count)
        };
        let blocks = reader.u64("most_blocks", Some(usual.search.most_blocks), 100)?;
        if blocks > MOST_BLOCKS {
            let message = format!("{blocks} is out of range: 100 to {MOST_BLOCKS} blocks are possible");
            return Err(reader.invalid("most_blocks", message));
        }
        let config = EffectiveSinrConfig {
            receive_antennas: most("receive_antennas", usual.receive_antennas, 1, MOST_ANTENNAS)?,
            realisations: most("realisations", usual.realisations, 1, MOST_REALISATIONS)?,
            fresh_realisations: most("fresh_realisations", usual.fresh_realisations, 0, MOST_REALISATIONS)?,
            search: ThresholdSearch {
                target_bler: reader.f64_in(
                    "target_bler",
                    Some(usual.search.target_bler),
                    Bound::between(1e-4, 0.9),
                )?,
                accuracy_db: reader.f64_in(
                    "accuracy_db",
                    Some(usual.search.accuracy_db),
                    Bound::between(1e-3, 1.0),
                )?,
                most_blocks: blocks,
            },
            profiles,
            delay_spreads_s,
            ..usual
        };
        Ok(Some(Self { resource_blocks: reader.optional_usize("resource_blocks", 1)?, config }))
    }

    /// Returns the fit on a numerology.
    ///
    /// # Errors
    /// When the band has fewer resource blocks.
    pub fn config(
        &self,
        root: &TableReader<'_>,
        numerology: &Numerology,
    ) -> Result<EffectiveSinrConfig, ConfigError> {
        let used = numerology.used();
        let subcarriers = match self.resource_blocks {
            None => used,
            Some(blocks) if blocks <= used / BLOCK => blocks * BLOCK,
            Some(blocks) => {
                let most = used / BLOCK;
                let message = format!(
                    "{blocks} is out of range: the band has {used} subcarriers, room for 1 to {most} blocks of {BLOCK}"
                );
                return Err(root.section("effective_sinr")?.invalid("resource_blocks", message));
            }
        };
        let subcarrier_spacing_hz = numerology.subcarrier_spacing_hz();
        Ok(EffectiveSinrConfig { subcarriers, subcarrier_spacing_hz, ..self.config.clone() })
    }
}

/// Reads the names of profiles.
fn read_profiles(reader: &TableReader<'_>, usual: &[String]) -> Result<Vec<String>, ConfigError> {
    const KEY: &str = "profiles";
    const EXPECTED: &str = "an array of names is expected, for example [\"tdl-a\", \"tdl-c\"]";
    let json = |names: &[String]| Some(names.to_vec().into());
    let Some(node) = reader.node(KEY) else {
        reader.record(KEY, json(usual), None);
        return Ok(usual.to_vec());
    };
    let path = reader.path(KEY);
    let Value::Array(items) = &node.value else { return Err(ConfigError::wrong_type(&path, node, EXPECTED)) };
    if items.is_empty() {
        return Err(reader.invalid(KEY, format!("is empty: {EXPECTED}")));
    }
    let fixed = Profile::fixed_names();
    let known: Vec<&str> = SCALED.into_iter().chain(fixed.iter().map(String::as_str)).collect();
    let mut names = Vec::new();
    for (i, item) in items.iter().enumerate() {
        let path = format!("{path}[{i}]");
        let name = item.text(&path, EXPECTED)?;
        if !known.contains(&name) {
            return Err(ConfigError::bad_choice(&path, item, name, &known));
        }
        names.push(name.to_owned());
    }
    reader.record(KEY, json(usual), json(&names));
    Ok(names)
}
