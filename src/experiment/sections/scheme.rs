//! `[scheme]`: which aggregation scheme, and its parameters.

use super::scheme_keys::energy;
use super::scheme_keys::devices_alone;
use super::scheme_keys::misaligned::MisalignedSection;
use super::scheme_keys::sparse_analog::SparseAnalogSection;
use super::scheme_keys::votes;
use crate::config::{Bound, ConfigError, NumberOrWord, TableReader};
use crate::medium::ChannelModel;
use crate::scheme::energy::{ChannelScaling, EnergyScheme};
use crate::scheme::cotaf::Cotaf;
use crate::scheme::phase_only::PhaseOnly;
use crate::scheme::one_bit_majority::OneBitMajority;
use crate::scheme::truncated_inversion::{PowerConstraint, Scale, TruncatedInversion};
use crate::scheme::{DeviceKnowledge, LinkBudget, Needs, digital::MAX_BITS};
use crate::sounding::{KnowledgeConfig, KnownStatistics};
use crate::theory::{Formula, ReceiveScale};

/// Every scheme with one line on what it does and what its devices must know of their channels.
pub const SCHEMES: [(&str, &str, DeviceKnowledge); 14] = [
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
        "phase-only",
        "phases aligned, one amplitude for all, nothing inverted (scale)",
        DeviceKnowledge::Own,
    ),
    (
        "cotaf",
        "inversion scaled to each round's updates, averaged over the active devices (threshold)",
        DeviceKnowledge::Own,
    ),
    (
        "a-dsgd",
        "largest values kept, projected at random, recovered by message passing (rows, sparsity, threshold)",
        DeviceKnowledge::Own,
    ),
    (
        "blind-combining",
        "devices know nothing, the server combines link.receive_antennas with the sum of all channels",
        DeviceKnowledge::None,
    ),
    (
        "digital",
        "dithered quantisation over own elements with ideal codes (bits, or a [budget])",
        DeviceKnowledge::Joint,
    ),
    (
        "misaligned",
        "single carrier whose symbols arrive at fractions of a symbol (receiver, delays_symbols, phases_rad)",
        DeviceKnowledge::Joint,
    ),
    (
        "energy",
        "values as energy under random phases, no phase is used (sequence_length, range, channel_scaling)",
        DeviceKnowledge::None,
    ),
    (
        "balanced-number",
        "balanced digits as energy on pairs of bins, no phase is used (base, digits, copies, range)",
        DeviceKnowledge::None,
    ),
    (
        "one-bit-majority",
        "two votes an element over inverted channels, decided by signs (threshold, power_constraint)",
        DeviceKnowledge::Own,
    ),
    (
        "fsk-majority",
        "a vote puts energy on one of two elements at random phase, decided by energies (copies)",
        DeviceKnowledge::None,
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
    /// Phase-only precoding.
    PhaseOnly(PhaseOnly),
    /// Update-scaled precoding.
    Cotaf(Cotaf),
    /// Sparsified analog aggregation.
    SparseAnalog(SparseAnalogSection),
    /// Combining of receive antennas without knowledge at the devices.
    BlindCombining {
        /// Receive antennas.
        antennas: usize,
    },
    /// The digital baseline; the bits are of no account under a budget.
    Digital {
        /// Bits a value.
        bits: u32,
    },
    /// Misaligned single-carrier frames.
    Misaligned(MisalignedSection),
    /// One-bit majority votes over inverted channels.
    OneBitMajority(OneBitMajority),
    /// Non-coherent majority votes.
    FskMajority {
        /// How often each vote is sent; of no account under a budget.
        copies: usize,
        /// Receive antennas.
        antennas: usize,
    },
    /// Aggregation by energy: values themselves, or balanced digits.
    Energy(EnergyScheme),
}

/// Returns the schemes whose devices need to know nothing.
fn schemes_without_knowledge() -> Vec<&'static str> {
    SCHEMES.iter().filter(|s| s.2 == DeviceKnowledge::None).map(|s| s.0).collect()
}

impl SchemeKind {
    /// Returns whether the privacy meter knows the scheme.
    pub fn is_metered(&self) -> bool {
        matches!(
            self,
            Self::TruncatedInversion(_)
                | Self::FullInversion
                | Self::OptimalPower
                | Self::FullPower
                | Self::PhaseOnly(_)
                | Self::Cotaf(_)
        )
    }

    /// Returns which knowledge the scheme needs.
    pub fn needs(&self) -> Needs {
        let (knowledge, transmits) = match self {
            Self::TruncatedInversion(_) | Self::PhaseOnly(_) | Self::Cotaf(_) => (DeviceKnowledge::Own, true),
            Self::BlindCombining { .. } => (DeviceKnowledge::None, true),
            Self::FullInversion | Self::OptimalPower | Self::FullPower | Self::Misaligned(_) => {
                (DeviceKnowledge::Joint, true)
            }
            Self::Digital { .. } => (DeviceKnowledge::Joint, false),
            Self::OneBitMajority(_) | Self::SparseAnalog(_) => (DeviceKnowledge::Own, true),
            Self::FskMajority { .. } => (DeviceKnowledge::None, true),
            Self::Energy(scheme) => (scheme.knowledge(), true),
        };
        Needs { knowledge, transmits, sum_channel: matches!(self, Self::BlindCombining { .. }) }
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
            Self::PhaseOnly(scheme) => Formula::PhaseOnly { unbiased: scheme.unbiased },
            Self::Cotaf(scheme) => Formula::Cotaf { threshold: scheme.threshold },
            Self::SparseAnalog(_) => Formula::SparseAnalog,
            Self::BlindCombining { antennas } => Formula::BlindCombining { antennas: *antennas },
            Self::Digital { bits } => Formula::DigitalBits(*bits),
            Self::Misaligned(_) => Formula::Misaligned,
            Self::OneBitMajority(scheme) => Formula::OneBitMajority {
                threshold: scheme.inversion.threshold,
                average_power: scheme.inversion.constraint == PowerConstraint::Average,
            },
            Self::FskMajority { antennas, .. } => Formula::FskMajority { antennas: *antennas },
            Self::Energy(scheme) => Formula::Energy(scheme.formula()),
        }
    }

    /// Returns the elements that each value has for its own; `None` where values share elements two by two.
    pub fn elements_a_value(&self) -> Option<usize> {
        match self {
            Self::Energy(scheme) => Some(scheme.code.elements()),
            Self::FskMajority { .. } => Some(crate::scheme::fsk_majority::ELEMENTS),
            _ => None,
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
            "energy" | "balanced-number" => {
                section.kind = SchemeKind::Energy(energy::read(reader, name, has_budget)?);
            }
            "one-bit-majority" => section.kind = SchemeKind::OneBitMajority(votes::read_one_bit(reader)?),
            "fsk-majority" => {
                let copies = votes::read_fsk(reader, has_budget)?;
                // The link says how many antennas there are.
                section.kind = SchemeKind::FskMajority { copies, antennas: 1 };
            }
            "misaligned" => {
                reader.choice("power_constraint", Some("peak"), &["peak"])?;
                section.kind = SchemeKind::Misaligned(MisalignedSection::read(reader)?);
            }
            "phase-only" => section.kind = SchemeKind::PhaseOnly(devices_alone::read_phase_only(reader)?),
            "cotaf" => section.kind = SchemeKind::Cotaf(devices_alone::read_cotaf(reader)?),
            "a-dsgd" => section.kind = SchemeKind::SparseAnalog(SparseAnalogSection::read(reader, has_budget)?),
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
                    // The link says how many antennas there are.
                    "blind-combining" => SchemeKind::BlindCombining { antennas: 1 },
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
        if matches!(self.kind, SchemeKind::Misaligned(_)) && !known.is_perfect() {
            let message = "scheme.kind = \"misaligned\" takes the channels as known exactly; scheme.phases_rad says \
                           which phase errors are left, so leave link.csi and its keys at their defaults";
            return Err(link.invalid("csi", message));
        }
        if !needs.transmits && !known.is_perfect() {
            let message = "the digital baseline takes the rates of ideal codes at perfect knowledge; \
                           leave link.csi and its keys at their defaults";
            return Err(link.invalid("csi", message));
        }
        Ok(())
    }

    /// Tells the scheme of the server's antennas.
    ///
    /// # Errors
    /// When there are several, and the scheme listens to one.
    pub fn check_antennas(&mut self, link: &TableReader<'_>, antennas: usize) -> Result<(), ConfigError> {
        if let SchemeKind::BlindCombining { antennas: combined }
        | SchemeKind::FskMajority { antennas: combined, .. } = &mut self.kind
        {
            *combined = antennas;
        }
        if antennas > 1 && !COMBINING.contains(&self.name.as_str()) {
            let combining = SCHEMES.iter().map(|s| s.0).filter(|name| COMBINING.contains(name));
            let message = format!(
                "{antennas} antennas are of no use to scheme.kind = \"{}\", which listens to one; \
                 schemes that combine antennas: {}",
                self.name,
                combining.collect::<Vec<_>>().join(", ")
            );
            return Err(link.invalid("receive_antennas", message));
        }
        Ok(())
    }

    /// Refuses a privacy meter where devices do not precode unit-power values element by element.
    ///
    /// # Errors
    /// When the scheme is not metered.
    pub fn check_privacy(&self, privacy: &TableReader<'_>) -> Result<(), ConfigError> {
        if self.kind.is_metered() {
            return Ok(());
        }
        let message = format!(
            "scheme.kind = \"{}\" is not metered: the meter knows schemes that align real values on elements, \
             as truncated-inversion, optimal-power, full-power, full-inversion, phase-only and cotaf do",
            self.name
        );
        Err(privacy.invalid("delta", message))
    }

    /// Tells the scheme what is known, the budget and the passes, and settles a threshold that was left to it.
    pub fn resolve(
        &mut self,
        budget: &LinkBudget,
        known: &KnownStatistics,
        channel: &ChannelModel,
        passes: usize,
    ) {
        if let SchemeKind::Energy(scheme) = &mut self.kind {
            scheme.known = known.clone();
        }
        match &mut self.kind {
            SchemeKind::PhaseOnly(scheme) => scheme.known = known.clone(),
            SchemeKind::Cotaf(scheme) => scheme.constant = known.is_constant(),
            SchemeKind::SparseAnalog(section) => section.scheme.known = known.clone(),
            _ => {}
        }
        let best = self.best_threshold;
        let inversion = match &mut self.kind {
            SchemeKind::TruncatedInversion(scheme) => Some(scheme),
            SchemeKind::OneBitMajority(scheme) => Some(&mut scheme.inversion),
            _ => None,
        };
        if let Some(scheme) = inversion {
            (scheme.known, scheme.passes) = (known.clone(), passes);
            scheme.fades = if matches!(channel, ChannelModel::PerElement { .. }) { passes } else { 1 };
            if best {
                scheme.choose_best_threshold(budget);
            }
        }
    }

    /// Refuses a function other than the majority for schemes that send votes.
    ///
    /// # Errors
    /// When the scheme sends votes, and values are to be averaged.
    pub fn check_function(&self, payload: &TableReader<'_>, majority: bool) -> Result<(), ConfigError> {
        let votes = matches!(self.kind, SchemeKind::OneBitMajority(_) | SchemeKind::FskMajority { .. });
        if votes && !majority {
            let message = format!(
                "scheme.kind = \"{}\" sends votes, of which only the majority can be had: \
                 payload.function = \"majority\" is expected",
                self.name
            );
            return Err(payload.invalid("function", message));
        }
        Ok(())
    }

    /// Returns the power that `receive_snr_db` relates to the noise, where the noise does not change it: that of an element,
    /// or of one vote on its quadrature.
    pub fn aligned_power(&self, budget: &LinkBudget) -> Option<f64> {
        match &self.kind {
            SchemeKind::TruncatedInversion(scheme) if !self.best_threshold => Some(scheme.aligned_power(budget)),
            SchemeKind::OneBitMajority(scheme) => Some(scheme.vote_power(budget)),
            _ => None,
        }
    }

    /// Returns why the resolved scheme cannot run, if so.
    pub fn objection(&self) -> Option<String> {
        if let SchemeKind::Energy(scheme) = &self.kind {
            let endless = scheme.scaling == ChannelScaling::Magnitude { threshold: 0.0 };
            let message = "0 inverts every fade, which takes infinite power on average; \
                           a positive threshold is expected over a fading channel";
            return (endless && !scheme.known.is_constant()).then(|| message.to_string());
        }
        if let SchemeKind::SparseAnalog(section) = &self.kind {
            return section.objection();
        }
        if let SchemeKind::Cotaf(scheme) = &self.kind {
            return devices_alone::objection_to_cotaf(scheme);
        }
        let scheme = match &self.kind {
            SchemeKind::TruncatedInversion(scheme) => scheme,
            SchemeKind::OneBitMajority(scheme) => &scheme.inversion,
            _ => return None,
        };
        (scheme.threshold == 0.0 && !scheme.known.is_constant()).then(|| {
            "0 inverts every fade, which takes infinite power on average; \
             a positive threshold or \"best\" is expected over a fading channel"
                .to_string()
        })
    }
}

/// Schemes that make use of several receive antennas.
const COMBINING: [&str; 3] = ["blind-combining", "fsk-majority", "energy"];

/// Keys that only some schemes have.
const OWN_KEYS: [(&str, &[&str]); 20] = [
    ("rows", &["a-dsgd"]),
    ("compression", &["a-dsgd"]),
    ("sparsity", &["a-dsgd"]),
    ("amp_iterations", &["a-dsgd"]),
    ("amp_threshold", &["a-dsgd"]),
    ("error_feedback", &["a-dsgd"]),
    ("threshold", &["truncated-inversion", "cotaf", "a-dsgd", "one-bit-majority", "energy", "balanced-number"]),
    ("scale", &["truncated-inversion", "phase-only"]),
    ("bits", &["digital"]),
    ("receiver", &["misaligned"]),
    ("delays_symbols", &["misaligned"]),
    ("phases_rad", &["misaligned"]),
    ("symbols_per_frame", &["misaligned"]),
    ("oversampling", &["misaligned"]),
    ("sequence_length", &["energy"]),
    ("range", &["energy", "balanced-number"]),
    ("channel_scaling", &["energy", "balanced-number"]),
    ("base", &["balanced-number"]),
    ("digits", &["balanced-number"]),
    ("copies", &["balanced-number", "fsk-majority"]),
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
