//! `[scheme]`: which aggregation scheme, and its parameters.

use super::scheme_keys::combining;
use super::scheme_keys::devices_alone;
use super::scheme_keys::digital;
use super::scheme_keys::digital_aircomp;
use super::scheme_keys::energy;
use super::scheme_keys::foreign::refuse_foreign_keys;
use super::scheme_keys::misaligned::MisalignedSection;
use super::scheme_keys::sparse_analog::SparseAnalogSection;
use super::scheme_keys::votes;
use super::scheme_kind::{SCHEMES, SchemeKind, schemes_without_knowledge};
use crate::beamforming::Antennas;
use crate::config::{Bound, ConfigError, NumberOrWord, TableReader};
use crate::medium::ChannelModel;
use crate::scheme::LinkBudget;
use crate::scheme::digital_aircomp::DigitalAircomp;
use crate::scheme::energy::ChannelScaling;
use crate::scheme::truncated_inversion::{PowerConstraint, Scale, TruncatedInversion};
use crate::sounding::{KnowledgeConfig, KnownStatistics, Sounding};

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
    /// Reads the table; `coded` says that the file has a digital link.
    ///
    /// # Errors
    /// When a key is wrong or does not go with the scheme.
    pub fn read(reader: &TableReader<'_>, has_budget: bool, coded: bool) -> Result<Self, ConfigError> {
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
            "digital-aircomp" => {
                section.kind = SchemeKind::DigitalAircomp(digital_aircomp::read(reader, has_budget)?);
            }
            "one-bit-majority" => section.kind = SchemeKind::OneBitMajority(votes::read_one_bit(reader)?),
            "fsk-majority" => {
                let (copies, participation) = votes::read_fsk(reader, has_budget)?;
                // The link says how many antennas there are.
                section.kind = SchemeKind::FskMajority { copies, antennas: 1, participation };
            }
            "misaligned" => {
                reader.choice("power_constraint", Some("peak"), &["peak"])?;
                section.kind = SchemeKind::Misaligned(MisalignedSection::read(reader)?);
            }
            "receive-combining" => {
                section.kind = SchemeKind::ReceiveCombining(combining::read_receive_combining(reader)?);
            }
            "uniform-forcing" => {
                section.kind = SchemeKind::UniformForcing(combining::read_uniform_forcing(reader)?);
            }
            "phase-only" => section.kind = SchemeKind::PhaseOnly(devices_alone::read_phase_only(reader)?),
            "cotaf" => section.kind = SchemeKind::Cotaf(devices_alone::read_cotaf(reader)?),
            "a-dsgd" => {
                section.kind = SchemeKind::SparseAnalog(SparseAnalogSection::read(reader, has_budget)?)
            }
            "digital" => {
                section.kind = match coded {
                    true => SchemeKind::CodedDigital(digital::read_coded(reader, has_budget)?),
                    false => SchemeKind::Digital { bits: digital::read_ideal(reader, has_budget)? },
                };
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
    pub fn check_knowledge(
        &self,
        link: &TableReader<'_>,
        known: &KnowledgeConfig,
    ) -> Result<(), ConfigError> {
        if matches!(self.kind, SchemeKind::CodedDigital(_)) {
            return Ok(());
        }
        let needs = self.kind.needs();
        if needs.channels() && !known.exists() {
            let message = format!(
                "scheme.kind = \"{}\" needs the devices' channels, and with csi = \"none\" nobody knows them; \
                 choose csi = \"perfect\", \"imperfect\" or \"estimated\", or a scheme that needs none: {}",
                self.name,
                schemes_without_knowledge().join(", ")
            );
            return Err(link.invalid("csi", message));
        }
        if needs.all_channels {
            combining::check_knowledge(&self.name, link, known)?;
        } else if known.pilots().is_some_and(|p| p.sounding == Sounding::Uplink) && known.bits.is_none() {
            let why = "is missing: with pilots.sounding = \"uplink\" the server feeds what it measured back, \
                       so the bits of each real part must be given, for example 8";
            return Err(link.invalid("csi_bits", why));
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
    /// When there are several, and the scheme or its devices know of one.
    pub fn check_antennas(&mut self, link: &TableReader<'_>, antennas: Antennas) -> Result<(), ConfigError> {
        if matches!(self.kind, SchemeKind::CodedDigital(_)) {
            // The link says which antennas go with which layers.
            return Ok(());
        }
        combining::check_antennas(self, link, antennas)?;
        let antennas = antennas.receive;
        if let SchemeKind::BlindCombining { antennas: combined }
        | SchemeKind::FskMajority { antennas: combined, .. } = &mut self.kind
        {
            *combined = antennas;
        }
        if let SchemeKind::Energy(scheme) = &mut self.kind {
            scheme.with_antennas(link, antennas)?;
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

    /// Refuses fewer antennas than the scheme's devices need.
    ///
    /// # Errors
    /// When zero-forcing cannot tell all devices apart.
    pub fn check_devices(
        &self,
        link: &TableReader<'_>,
        antennas: Antennas,
        devices: usize,
    ) -> Result<(), ConfigError> {
        combining::check_devices(self, link, antennas, devices)
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
            SchemeKind::DigitalAircomp(scheme) => scheme.inversion.as_mut(),
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
            SchemeKind::TruncatedInversion(scheme) if !self.best_threshold => {
                Some(scheme.aligned_power(budget))
            }
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
            return (endless && scheme.known.fades()).then(|| message.to_string());
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
            SchemeKind::DigitalAircomp(DigitalAircomp { inversion: Some(inversion), .. }) => inversion,
            _ => return None,
        };
        scheme.inverts_every_fade().then(|| {
            "0 inverts every fade, which takes infinite power on average; \
             a positive threshold or \"best\" is expected over a fading channel"
                .to_string()
        })
    }
}

/// Schemes that make use of several receive antennas.
const COMBINING: [&str; 6] =
    ["blind-combining", "receive-combining", "uniform-forcing", "fsk-majority", "energy", "balanced-number"];
