//! `[slot]` and `[reception]`: where pilots lie, how layers are sent, what the receiver does.

use crate::config::{ConfigError, TableReader};
use crate::link::config::{Content, EqualiserRule, EstimatorRule, PrecodingRule, Reception};
use crate::link::slot_layout::{LayoutError, SlotConfig, SlotLayout};
use crate::ofdm::Numerology;

/// Subcarriers of a resource block.
const BLOCK: usize = 12;

/// Most symbols of a slot without pilots: a plain block may take so many.
const MOST_SYMBOLS: usize = 4096;

/// Keys of `[slot]` that need pilots or a slot of the standard's shape.
const SLOT_KEYS: [&str; 3] = ["symbols", "control_symbols", "groups_without_data"];

/// A slot as configured.
#[derive(Clone, Debug, PartialEq)]
pub struct SlotKeys {
    symbols: usize,
    control_symbols: usize,
    pilot_symbols: usize,
    groups_without_data: usize,
    layers: usize,
    resource_blocks: Option<usize>,
    pub precoding: PrecodingRule,
    pub reception: Reception,
}

impl SlotKeys {
    /// Reads both tables.
    pub fn read(
        slot: &TableReader<'_>,
        reception: &TableReader<'_>,
        content: &Content,
    ) -> Result<Self, ConfigError> {
        let pilot_symbols = slot.usize("pilot_symbols", Some(usize::from(content.is_transport())), 0)?;
        if pilot_symbols == 0 {
            for key in SLOT_KEYS {
                slot.require_absent(key, "goes with slot.pilot_symbols of 1 to 4")?;
            }
            if content.is_transport() {
                return Err(slot.invalid("pilot_symbols", "0 goes with [code]; transport blocks need 1 to 4"));
            }
        }
        let usual = if pilot_symbols == 0 { "perfect" } else { "wiener" };
        let names = ["perfect", "least-squares", "wiener", "robust-wiener"];
        let estimator = match reception.choice("estimator", Some(usual), &names)? {
            "perfect" => EstimatorRule::Perfect,
            "least-squares" => EstimatorRule::LeastSquares,
            "wiener" => EstimatorRule::Wiener,
            _ => EstimatorRule::RobustWiener,
        };
        let equaliser =
            match reception.choice("equaliser", Some("mmse"), &["zero-forcing", "mmse", "mmse-irc"])? {
                "zero-forcing" => EqualiserRule::ZeroForcing,
                "mmse-irc" => EqualiserRule::InterferenceRejection,
                _ => EqualiserRule::MinimumMeanSquareError,
            };
        let usual = if estimator == EstimatorRule::Perfect { "known" } else { "estimated" };
        let known_noise = reception.choice("noise", Some(usual), &["known", "estimated"])? == "known";
        for (key, needs) in [
            ("estimator", estimator != EstimatorRule::Perfect),
            ("equaliser", equaliser == EqualiserRule::InterferenceRejection),
            ("noise", !known_noise),
        ] {
            if needs && pilot_symbols == 0 {
                return Err(reception.invalid(key, "needs pilots: give slot.pilot_symbols, 1 to 4"));
            }
        }
        let group = slot.optional_usize("precoding_blocks", 1)?;
        let precoding = match slot.choice("precoding", Some("none"), &["none", "svd", "codebook"])? {
            "svd" => PrecodingRule::SingularVectors { group_subcarriers: group.map(|blocks| blocks * BLOCK) },
            "codebook" => PrecodingRule::Codebook,
            _ => PrecodingRule::Identity,
        };
        if !matches!(precoding, PrecodingRule::SingularVectors { .. }) {
            slot.require_absent("precoding_blocks", "goes with slot.precoding = \"svd\"")?;
        }
        if group.is_some() && estimator != EstimatorRule::Perfect {
            let message = "makes the channel of a layer jump from matrix to matrix, and estimators smooth over the band: \
                           give reception.estimator = \"perfect\", or leave it out for one matrix";
            return Err(slot.invalid("precoding_blocks", message));
        }
        Ok(Self {
            symbols: slot.usize("symbols", Some(14), 1)?,
            control_symbols: slot.usize("control_symbols", Some(0), 0)?,
            pilot_symbols,
            groups_without_data: slot.usize("groups_without_data", Some(2), 1)?,
            layers: slot.usize("layers", Some(1), 1)?,
            resource_blocks: slot.optional_usize("resource_blocks", 1)?,
            precoding,
            reception: Reception { estimator, equaliser, known_noise },
        })
    }

    /// Returns the slot on a numerology between antennas, `(receive, transmit)`.
    pub fn slot(
        &self,
        reader: &TableReader<'_>,
        numerology: &Numerology,
        (content, (receive, transmit)): (&Content, (usize, usize)),
    ) -> Result<SlotConfig, ConfigError> {
        let subcarriers = self.subcarriers(reader, numerology)?;
        if self.layers > receive.min(transmit) {
            let message = format!(
                "{} layers need as many antennas at both ends: link.receive_antennas is {receive}, link.device_antennas is {transmit}",
                self.layers
            );
            return Err(reader.invalid("layers", message));
        }
        let precoded = self.precoding != PrecodingRule::Identity;
        if precoded && transmit == 1 {
            let message = "needs several antennas to send from; link.device_antennas is 1";
            return Err(reader.invalid("precoding", message));
        }
        if !precoded && transmit > self.layers {
            let message = format!(
                "{transmit} antennas carry {} layers: slot.precoding = \"svd\" or \"codebook\" says how; without precoding \
                 give as many layers as antennas",
                self.layers
            );
            return Err(reader.invalid("precoding", message));
        }
        if self.precoding == PrecodingRule::Codebook && !matches!(transmit, 2 | 4) {
            let message = format!(
                "= \"codebook\" has matrices for 2 and 4 antennas; link.device_antennas is {transmit}"
            );
            return Err(reader.invalid("precoding", message));
        }
        let slot = SlotConfig {
            symbols: self.symbols,
            subcarriers,
            control_symbols: self.control_symbols,
            pilot_symbols: self.pilot_symbols,
            groups_without_data: self.groups_without_data,
            layers: self.layers,
        };
        let slot = if self.pilot_symbols == 0 { self.without_pilots(slot, reader, content)? } else { slot };
        let layout = SlotLayout::new(slot).map_err(|error| refused(reader, &error))?;
        if let Some(elements) = elements(content) {
            let room = layout.data_elements() * self.layers;
            if elements > room {
                let slots = elements.div_ceil(room);
                let message = format!(
                    "leaves room for {room} points of data in a slot, but a block has {elements}: it would take {slots} slots; \
                     give more slot.resource_blocks, bandwidth or layers, or slot.pilot_symbols = 0"
                );
                return Err(reader.invalid("pilot_symbols", message));
            }
        }
        Ok(slot)
    }

    /// Returns the subcarriers of the slot.
    fn subcarriers(&self, reader: &TableReader<'_>, numerology: &Numerology) -> Result<usize, ConfigError> {
        let used = numerology.used();
        match self.resource_blocks {
            Some(blocks) if blocks * BLOCK > used => {
                let most = used / BLOCK;
                let message = format!(
                    "{blocks} is out of range: the band has {used} subcarriers, room for 1 to {most} blocks of {BLOCK}"
                );
                Err(reader.invalid("resource_blocks", message))
            }
            Some(blocks) => Ok(blocks * BLOCK),
            // Pilots come in fours of subcarriers.
            None if self.pilot_symbols > 0 => Ok(used / 4 * 4),
            None => Ok(used),
        }
    }

    /// Returns a slot of as many symbols as a block without pilots needs.
    fn without_pilots(
        &self,
        slot: SlotConfig,
        reader: &TableReader<'_>,
        content: &Content,
    ) -> Result<SlotConfig, ConfigError> {
        let points = elements(content).unwrap_or(0);
        let symbols = points.div_ceil(slot.layers * slot.subcarriers).max(1);
        if symbols > MOST_SYMBOLS {
            let message = format!(
                "a block of {points} points takes {symbols} symbols of {} subcarriers; at most {MOST_SYMBOLS} are possible",
                slot.subcarriers
            );
            return Err(reader.invalid("resource_blocks", message));
        }
        Ok(SlotConfig { symbols, control_symbols: 0, groups_without_data: 1, ..slot })
    }
}

/// Returns the points of a block that is no transport block.
fn elements(content: &Content) -> Option<usize> {
    match content {
        Content::Uncoded { bits, modulation } => Some(bits / modulation.bits_per_symbol()),
        Content::Plain { coded_bits, modulation, .. } => Some(coded_bits / modulation.bits_per_symbol()),
        _ => None,
    }
}

/// Turns what a layout refuses into an error at a key.
fn refused(reader: &TableReader<'_>, error: &LayoutError) -> ConfigError {
    let key = match error {
        LayoutError::OutOfRange { key, .. }
            if ["control_symbols", "groups_without_data", "layers"].contains(key) =>
        {
            key
        }
        LayoutError::OutOfRange { key, .. } if key.starts_with("symbols") => "symbols",
        LayoutError::LayersNeedGroups { .. } => "groups_without_data",
        _ => "pilot_symbols",
    };
    let message = error.to_string();
    // The reader names the key already.
    let message = message.strip_prefix(key).map_or(message.as_str(), str::trim_start);
    reader.invalid(key, message)
}
