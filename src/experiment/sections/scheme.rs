//! `[scheme]`: which aggregation scheme, and its parameters.

use crate::config::{Bound, ConfigError, NumberOrWord, TableReader};
use crate::medium::ChannelModel;
use crate::scheme::truncated_inversion::{PowerConstraint, Scale, TruncatedInversion};
use crate::scheme::{LinkBudget, digital::MAX_BITS};
use crate::theory::{Formula, ReceiveScale};
use airloop_channels::Marginal;

/// Every scheme with one line on what it does.
pub const SCHEMES: [(&str, &str); 5] = [
    (
        "truncated-inversion",
        "inverts channels above a threshold, silent below (threshold, scale, power_constraint)",
    ),
    ("full-inversion", "all devices arrive at the amplitude that the weakest can reach"),
    (
        "optimal-power",
        "weak devices at full power, the others inverted: least error for independent payloads",
    ),
    ("full-power", "phases aligned, all at full power, best receive scale"),
    ("digital", "dithered quantisation over own elements with ideal codes (bits, or a [budget])"),
];

/// A scheme with its parameters.
#[derive(Clone, Debug, PartialEq)]
pub enum SchemeKind {
    /// Truncated channel inversion.
    TruncatedInversion(TruncatedInversion),
    /// Full inversion.
    FullInversion,
    /// Optimal power control.
    OptimalPower,
    /// Full power.
    FullPower,
    /// The digital baseline; the bits are of no account under a budget.
    Digital {
        /// Bits a value.
        bits: u32,
    },
}

impl SchemeKind {
    /// Returns what theory calls an analog scheme.
    pub fn formula(&self) -> Formula {
        match self {
            Self::TruncatedInversion(t) => Formula::TruncatedInversion {
                threshold: t.threshold,
                average_power: t.constraint == PowerConstraint::Average,
                scale: match t.scale {
                    Scale::Plain => ReceiveScale::Plain,
                    Scale::Unbiased => ReceiveScale::Unbiased,
                    Scale::Lmmse => ReceiveScale::Lmmse,
                },
            },
            Self::FullInversion => Formula::FullInversion,
            Self::OptimalPower => Formula::OptimalPower,
            Self::FullPower => Formula::FullPower,
            Self::Digital { bits } => Formula::DigitalBits(*bits),
        }
    }
}

/// The scheme as configured.
#[derive(Clone, Debug, PartialEq)]
pub struct SchemeSection {
    /// Its name in files and tables.
    pub name: String,
    /// What it is.
    pub kind: SchemeKind,
    /// Whether the receive scale is the default one, which is biased.
    pub default_scale: bool,
    best_threshold: bool,
}

impl SchemeSection {
    /// Reads the table.
    ///
    /// # Errors
    /// When a key is wrong or does not go with the scheme.
    pub fn read(reader: &TableReader<'_>, has_budget: bool) -> Result<Self, ConfigError> {
        let names: Vec<&str> = SCHEMES.iter().map(|s| s.0).collect();
        let name = reader.choice("kind", None, &names)?;
        let mut section = Self {
            name: name.to_string(),
            kind: SchemeKind::FullInversion,
            default_scale: false,
            best_threshold: false,
        };
        refuse_foreign_keys(reader, name)?;
        match name {
            "truncated-inversion" => section.read_truncated(reader)?,
            "digital" => {
                let bits = if has_budget {
                    reader.require_absent(
                        "bits",
                        "a [budget] fixes the airtime, and the bits follow from it",
                    )?;
                    1
                } else if reader.has("bits") {
                    let bits = reader.u64("bits", None, 1)?;
                    if bits > u64::from(MAX_BITS) {
                        let message =
                            format!("{bits} is out of range: 1 to {MAX_BITS} bits a value are possible");
                        return Err(reader.invalid("bits", message));
                    }
                    bits as u32
                } else {
                    return Err(
                        reader.invalid("bits", "is missing: a digital scheme needs bits, or a [budget]")
                    );
                };
                section.kind = SchemeKind::Digital { bits };
            }
            other => {
                reader.choice("power_constraint", Some("peak"), &["peak"])?;
                section.kind = match other {
                    "optimal-power" => SchemeKind::OptimalPower,
                    "full-power" => SchemeKind::FullPower,
                    _ => SchemeKind::FullInversion,
                };
            }
        }
        Ok(section)
    }

    fn read_truncated(&mut self, reader: &TableReader<'_>) -> Result<(), ConfigError> {
        let threshold = match reader.number_or_word("threshold", None, &["best"])? {
            NumberOrWord::Word(_) => None,
            NumberOrWord::Number(x) => {
                if !(Bound::between(0.0, 1e3).allows(x)) {
                    let message = format!(
                        "{x} is out of range: 0 to 1000 times the mean gain, or \"best\", is expected"
                    );
                    return Err(reader.invalid("threshold", message));
                }
                Some(x)
            }
        };
        self.default_scale = !reader.has("scale");
        let scale = match reader.choice("scale", Some("plain"), &["plain", "unbiased", "lmmse"])? {
            "unbiased" => Scale::Unbiased,
            "lmmse" => Scale::Lmmse,
            _ => Scale::Plain,
        };
        let constraint = match reader.choice("power_constraint", Some("average"), &["average", "peak"])? {
            "peak" => PowerConstraint::Peak,
            _ => PowerConstraint::Average,
        };
        self.best_threshold = threshold.is_none();
        self.kind = SchemeKind::TruncatedInversion(TruncatedInversion {
            threshold: threshold.unwrap_or(0.0),
            scale,
            constraint,
            marginal: Marginal::rician(f64::INFINITY),
            passes: 1,
            fades: 1,
        });
        Ok(())
    }

    /// Tells the scheme the configured fading, budget and passes, and settles a threshold that was left to it.
    pub fn resolve(&mut self, budget: &LinkBudget, channel: &ChannelModel, passes: usize) {
        if let SchemeKind::TruncatedInversion(scheme) = &mut self.kind {
            (scheme.marginal, scheme.passes) = (channel.marginal(), passes);
            scheme.fades = if matches!(channel, ChannelModel::PerElement { .. }) { passes } else { 1 };
            if self.best_threshold {
                scheme.choose_best_threshold(budget);
            }
        }
    }

    /// Returns why the resolved scheme cannot run, if so.
    pub fn objection(&self) -> Option<String> {
        let SchemeKind::TruncatedInversion(scheme) = &self.kind else { return None };
        (scheme.threshold == 0.0 && !scheme.marginal.is_constant()).then(|| {
            "0 inverts every fade, which takes infinite power on average; \
             a positive threshold or \"best\" is expected over a fading channel"
                .to_string()
        })
    }
}

/// Refuses keys that belong to other schemes, with the scheme that they belong to.
fn refuse_foreign_keys(reader: &TableReader<'_>, name: &str) -> Result<(), ConfigError> {
    if name != "truncated-inversion" {
        for key in ["threshold", "scale"] {
            let why =
                format!("goes with kind = \"truncated-inversion\"; kind = \"{name}\" has none: leave it out");
            reader.require_absent(key, &why)?;
        }
    }
    if name != "digital" {
        let why = format!("goes with kind = \"digital\"; kind = \"{name}\" sends no bits: leave it out");
        return reader.require_absent("bits", &why);
    }
    reader
        .require_absent("power_constraint", "goes with analog schemes; a digital device keeps to its budget")
}
