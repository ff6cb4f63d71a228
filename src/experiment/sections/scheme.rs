//! `[scheme]`: which aggregation scheme, and its parameters.

use crate::config::{Bound, ConfigError, NumberOrWord, TableReader};
use crate::medium::ChannelModel;
use crate::scheme::truncated_inversion::{PowerConstraint, Scale, TruncatedInversion};
use crate::scheme::{DeviceKnowledge, LinkBudget, Needs, digital::MAX_BITS};
use crate::sounding::{KnowledgeConfig, KnownStatistics};
use crate::theory::{Formula, ReceiveScale};

/// Every scheme with one line on what it does and what its devices must know of their channels.
pub const SCHEMES: [(&str, &str, DeviceKnowledge); 5] = [
    (
        "truncated-inversion",
        "inverts channels above a threshold, silent below (threshold, scale, power_constraint)",
        DeviceKnowledge::Own,
    ),
    (
        "full-inversion",
        "all devices arrive at the amplitude that the weakest can reach",
        DeviceKnowledge::Joint,
    ),
    (
        "optimal-power",
        "weak devices at full power, the others inverted: least error for independent payloads",
        DeviceKnowledge::Joint,
    ),
    (
        "full-power",
        "phases aligned, all at full power, best receive scale",
        DeviceKnowledge::Joint,
    ),
    (
        "digital",
        "dithered quantisation over own elements with ideal codes (bits, or a [budget])",
        DeviceKnowledge::Joint,
    ),
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

/// Returns the schemes whose devices need to know nothing.
fn schemes_without_knowledge() -> Vec<&'static str> {
    SCHEMES.iter().filter(|s| s.2 == DeviceKnowledge::None).map(|s| s.0).collect()
}

impl SchemeKind {
    /// Returns which knowledge the scheme needs.
    pub fn needs(&self) -> Needs {
        let (knowledge, transmits) = match self {
            Self::TruncatedInversion(_) => (DeviceKnowledge::Own, true),
            Self::FullInversion | Self::OptimalPower | Self::FullPower => (DeviceKnowledge::Joint, true),
            Self::Digital { .. } => (DeviceKnowledge::Joint, false),
        };
        Needs { knowledge, transmits, sum_channel: false }
    }

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
            known: KnownStatistics::perfect(f64::INFINITY),
            passes: 1,
            fades: 1,
        });
        Ok(())
    }

    /// Refuses knowledge that the scheme cannot live with.
    ///
    /// # Errors
    /// When nothing is known of channels that devices must invert, or the digital baseline is told less than everything.
    pub fn check_knowledge(&self, link: &TableReader<'_>, known: &KnowledgeConfig) -> Result<(), ConfigError> {
        let needs = self.kind.needs();
        if needs.knowledge != DeviceKnowledge::None && !known.exists() {
            let message = format!(
                "scheme.kind = \"{}\" needs the devices' channels, and with csi = \"none\" nobody knows them; \
                 choose csi = \"perfect\", \"imperfect\" or \"estimated\", or a scheme that needs none: {}",
                self.name,
                schemes_without_knowledge().join(", ")
            );
            return Err(link.invalid("csi", message));
        }
        if !needs.transmits && !known.is_perfect() {
            let message = "the digital baseline takes the rates of ideal codes at perfect knowledge; \
                           leave link.csi and its keys at their defaults";
            return Err(link.invalid("csi", message));
        }
        Ok(())
    }

    /// Tells the scheme what is known, the budget and the passes, and settles a threshold that was left to it.
    pub fn resolve(
        &mut self,
        budget: &LinkBudget,
        known: &KnownStatistics,
        channel: &ChannelModel,
        passes: usize,
    ) {
        if let SchemeKind::TruncatedInversion(scheme) = &mut self.kind {
            (scheme.known, scheme.passes) = (known.clone(), passes);
            scheme.fades = if matches!(channel, ChannelModel::PerElement { .. }) { passes } else { 1 };
            if self.best_threshold {
                scheme.choose_best_threshold(budget);
            }
        }
    }

    /// Returns why the resolved scheme cannot run, if so.
    pub fn objection(&self) -> Option<String> {
        let SchemeKind::TruncatedInversion(scheme) = &self.kind else { return None };
        (scheme.threshold == 0.0 && !scheme.known.is_constant()).then(|| {
            "0 inverts every fade, which takes infinite power on average; \
             a positive threshold or \"best\" is expected over a fading channel"
                .to_string()
        })
    }
}

/// Keys that only some schemes have.
const OWN_KEYS: [(&str, &[&str]); 3] = [
    ("threshold", &["truncated-inversion"]),
    ("scale", &["truncated-inversion"]),
    ("bits", &["digital"]),
];

/// Refuses keys that belong to other schemes, with the schemes that they belong to.
fn refuse_foreign_keys(reader: &TableReader<'_>, name: &str) -> Result<(), ConfigError> {
    for (key, schemes) in OWN_KEYS {
        if !schemes.contains(&name) {
            let with = schemes.join("\" or \"");
            let none = if key == "bits" { "sends no bits" } else { "has none" };
            let why = format!("goes with kind = \"{with}\"; kind = \"{name}\" {none}: leave it out");
            reader.require_absent(key, &why)?;
        }
    }
    if name == "digital" {
        let why = "goes with analog schemes; a digital device keeps to its budget";
        reader.require_absent("power_constraint", why)?;
    }
    Ok(())
}
