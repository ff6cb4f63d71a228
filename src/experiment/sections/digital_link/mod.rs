//! The tables of a digital link: `[code]` or `[mcs]`, `[slot]`, `[reception]`, `[harq]`, `[adaptation]`, `[scheduling]`.

mod code;
mod control;
mod slot;

use crate::config::{ConfigError, TableReader};
use crate::link::config::{Content, LinkConfig};
use crate::ofdm::Numerology;
use code::CodeKeys;
use control::ControlKeys;
use slot::SlotKeys;

/// The tables, and what makes one need another.
const TABLES: [&str; 5] = ["slot", "reception", "harq", "adaptation", "scheduling"];

/// A digital link as configured; its slot follows from the numerology.
#[derive(Clone, Debug, PartialEq)]
pub struct DigitalLinkSection {
    code: CodeKeys,
    slot: SlotKeys,
    control: ControlKeys,
}

impl DigitalLinkSection {
    /// Reads the tables; `None` where there is neither `[code]` nor `[mcs]`.
    ///
    /// # Errors
    /// When a key is wrong, or does not go with others.
    pub fn read(root: &TableReader<'_>) -> Result<Option<Self>, ConfigError> {
        if !root.has("code") && !root.has("mcs") {
            for table in TABLES {
                root.require_absent(table, "goes with [mcs] or [code], which say what a digital link sends")?;
            }
            return Ok(None);
        }
        let code = CodeKeys::read(&root.section("code")?, &root.section("mcs")?, root.has("mcs"))?;
        let slot = SlotKeys::read(&root.section("slot")?, &root.section("reception")?, &code.content)?;
        let control = ControlKeys::read(root, &code.content)?;
        Ok(Some(Self { code, slot, control }))
    }

    /// Returns the link on a numerology between so many antennas, `(receive, transmit)`.
    ///
    /// # Errors
    /// When a slot has no place for its pilots, layers need more antennas, or a block does not fit.
    pub fn link(
        &self,
        root: &TableReader<'_>,
        numerology: &Numerology,
        antennas: (usize, usize),
    ) -> Result<LinkConfig, ConfigError> {
        let slot = self.slot.slot(&root.section("slot")?, numerology, (&self.code.content, antennas))?;
        Ok(LinkConfig {
            content: self.code.content.clone(),
            decoder: self.code.decoder,
            demapping: self.code.demapping,
            slot,
            precoding: self.slot.precoding,
            reception: self.slot.reception,
            harq: self.control.harq.clone(),
            adaptation: self.control.adaptation,
            scheduling: self.control.scheduling,
        })
    }

    /// Returns what a block is.
    pub fn content(&self) -> &Content {
        &self.code.content
    }
}
