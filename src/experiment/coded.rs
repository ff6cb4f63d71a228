//! The coded digital scheme of an experiment, and what a digital link asks of the other tables.

use super::Experiment;
use super::sections::SchemeKind;
use super::sections::scheme_keys::digital::CodedDigital;
use crate::config::{ConfigError, TableReader};
use crate::link::LinkPlan;
use crate::link::config::{Content, LinkConfig};
use crate::quantisation::{Quantiser, QuantiserConfig};
use crate::scheme::coded_digital::{CodedPlan, least_slots, quantiser};
use std::sync::Arc;

/// Most bits of a value that a budget may give.
const MOST_BITS: u32 = 16;

impl Experiment {
    /// Checks the digital link against the other tables, and plans the coded digital scheme where that is the scheme.
    ///
    /// # Errors
    /// When the link is not to be measured and cannot be used, a block does not fit, or the payload does not fit its budget.
    pub(super) fn settle_coded(&mut self, root: &TableReader<'_>) -> Result<(), ConfigError> {
        let Some(link) = self.digital_link.clone() else { return Ok(()) };
        let coded = match &self.scheme.kind {
            SchemeKind::CodedDigital(section) if !self.measures_link => Some(section.clone()),
            _ => None,
        };
        if (coded.is_some() || self.measures_link) && !self.knowledge.config.is_perfect() {
            let message = "is for devices of analog schemes; reception.estimator says what the receiver of a digital link knows: \
                           leave it out";
            return Err(root.section("link")?.invalid("csi", message));
        }
        self.check_slots(root, &link)?;
        let Some(section) = coded else { return Ok(()) };
        let table = if root.has("mcs") { "mcs" } else { "code" };
        let plan = LinkPlan::new(self, &link).map_err(|error| root.invalid(table, error.to_string()))?;
        let most_slots = self.budget_symbols.map(|symbols| symbols / plan.slot_symbols());
        let quantiser = self.settle_quantiser(root, &section, (&plan, most_slots))?;
        self.coded = Some(Arc::new(CodedPlan {
            payload: Arc::clone(&self.payload),
            link: Arc::new(plan),
            quantiser: Arc::new(quantiser),
            on_loss: section.on_loss,
            most_slots: most_slots.map(|slots| slots as u64),
            seeds: self.seeds,
        }));
        Ok(())
    }

    /// Refuses a number of slots where there is nothing that they could end, and its want where nothing else ends a trial.
    fn check_slots(&self, root: &TableReader<'_>, link: &LinkConfig) -> Result<(), ConfigError> {
        let reader = root.section("scheduling")?;
        let given = link.scheduling.slots.is_some();
        if !self.measures_link && given {
            let message = "goes with `airloop link`; a round of aggregation ends when all is delivered, or with its [budget]";
            return Err(reader.invalid("slots", message));
        }
        if self.measures_link && !given && matches!(link.content, Content::Adaptive { .. }) {
            let message = "is missing: mcs.index = \"adaptive\" follows a channel over so many slots a trial, for example 1000";
            return Err(reader.invalid("slots", message));
        }
        Ok(())
    }

    /// Returns the quantiser, its bits settled by the budget where they follow from it.
    fn settle_quantiser(
        &self,
        root: &TableReader<'_>,
        section: &CodedDigital,
        (plan, most_slots): (&LinkPlan, Option<usize>),
    ) -> Result<Quantiser, ConfigError> {
        let reader = root.section("scheme")?;
        let made = |config| {
            // Votes lie on levels: of them the dither is not taken off.
            let config = match config {
                QuantiserConfig::Dithered { bits, .. } => {
                    QuantiserConfig::Dithered { bits, subtractive: !self.payload.is_majority() }
                }
                other => other,
            };
            let made = quantiser(config, self.payload.length(), plan);
            made.map_err(|error| reader.invalid("quantiser", error.to_string()))
        };
        let needed = |quantiser: &Quantiser| least_slots(quantiser, plan).unwrap_or(0);
        let Some(most_slots) = most_slots else { return made(section.quantiser) };
        let fits = |quantiser: &Quantiser| needed(quantiser) <= most_slots as u64;
        let least = made(section.quantiser)?;
        if !fits(&least) {
            let budget = root.section("budget")?;
            let key = if budget.has("airtime_s") { "airtime_s" } else { "elements" };
            let message = format!(
                "is too small: {} devices need {} slots for {} values each at {} bits if no block is lost, and {most_slots} \
                 slots fit; give more airtime, a higher mcs.index, or fewer bits",
                plan.devices,
                needed(&least),
                self.payload.length(),
                bits_of(section.quantiser)
            );
            return Err(budget.invalid(key, message));
        }
        if !section.bits_follow {
            return Ok(least);
        }
        let mut best = least;
        for bits in 2..=MOST_BITS {
            let more = made(with_bits(section.quantiser, bits))?;
            if !fits(&more) {
                break;
            }
            best = more;
        }
        Ok(best)
    }
}

/// Returns a uniform quantiser of another number of bits.
fn with_bits(config: QuantiserConfig, bits: u32) -> QuantiserConfig {
    match config {
        QuantiserConfig::Dithered { subtractive, .. } => QuantiserConfig::Dithered { bits, subtractive },
        QuantiserConfig::StochasticUniform { .. } => QuantiserConfig::StochasticUniform { bits },
        other => other,
    }
}

/// Returns the bits of a value, in words.
fn bits_of(config: QuantiserConfig) -> String {
    match config {
        QuantiserConfig::Dithered { bits, .. } | QuantiserConfig::StochasticUniform { bits } => {
            bits.to_string()
        }
        other => format!("the {} quantiser's", other.name()),
    }
}
