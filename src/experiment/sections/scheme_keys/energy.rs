//! The keys of `scheme.kind = "energy"` and `"balanced-number"`.

use crate::config::{Bound, ConfigError, TableReader};
use crate::scheme::DeviceKnowledge;
use crate::scheme::energy::code::MAX_NUMBERS;
use crate::scheme::energy::{ChannelScaling, EnergyCode, EnergyScheme};
use crate::sounding::KnownStatistics;
use crate::theory::energy::{EnergyBins, EnergyFormula};

/// Most elements of a value.
const MAX_ELEMENTS: usize = 1 << 16;

/// The range that covers uniform values of unit power.
pub(super) const UNIFORM_RANGE: f64 = 1.732_050_807_568_877_2;

/// Reads the keys of a scheme of either name.
///
/// # Errors
/// When a key is wrong or out of bounds, or there is a budget of airtime.
pub fn read(reader: &TableReader<'_>, name: &str, has_budget: bool) -> Result<EnergyScheme, ConfigError> {
    if has_budget {
        let own = if name == "energy" { "sequence_length" } else { "digits and copies" };
        let message =
            format!("\"{name}\" has no [budget]: its airtime follows from {own}; leave the budget out");
        return Err(reader.invalid("kind", message));
    }
    reader.choice("power_constraint", Some("average"), &["average"])?;
    let range = reader.f64_in("range", Some(UNIFORM_RANGE), Bound::between(0.0, 1e6).open_low())?;
    let code = if name == "energy" {
        EnergyCode::Affine { range, sequence_length: read_elements(reader, "sequence_length", None)? }
    } else {
        read_balanced(reader, range)?
    };
    let scaling = match reader.choice("channel_scaling", Some("none"), &["none", "magnitude"])? {
        "magnitude" => {
            let bound = Bound::between(0.0, 1e3);
            ChannelScaling::Magnitude { threshold: reader.f64_in("threshold", Some(0.0), bound)? }
        }
        _ => {
            let why =
                "goes with channel_scaling = \"magnitude\"; without scaling every device sends: leave it out";
            reader.require_absent("threshold", why)?;
            ChannelScaling::None
        }
    };
    Ok(EnergyScheme { code, scaling, known: KnownStatistics::perfect(f64::INFINITY), antennas: 1 })
}

fn read_elements(reader: &TableReader<'_>, key: &str, default: Option<usize>) -> Result<usize, ConfigError> {
    let elements = reader.usize(key, default, 1)?;
    if elements > MAX_ELEMENTS {
        let message = format!("{elements} is out of range: 1 to {MAX_ELEMENTS} elements are possible");
        return Err(reader.invalid(key, message));
    }
    Ok(elements)
}

fn read_balanced(reader: &TableReader<'_>, range: f64) -> Result<EnergyCode, ConfigError> {
    let base = reader.u64("base", Some(3), 3)?;
    if base.is_multiple_of(2) || base > MAX_NUMBERS {
        let message = format!(
            "{base} is not possible: balanced digits need an odd base, for example 3 or 5, of at most {MAX_NUMBERS}"
        );
        return Err(reader.invalid("base", message));
    }
    let digits = reader.u64("digits", None, 1)?;
    let numbers = u32::try_from(digits).ok().and_then(|digits| base.checked_pow(digits));
    if numbers.is_none_or(|numbers| numbers > MAX_NUMBERS) {
        let most = MAX_NUMBERS.ilog(base);
        let message = format!("{digits} is out of range: base {base} takes 1 to {most} digits");
        return Err(reader.invalid("digits", message));
    }
    let copies = read_elements(reader, "copies", Some(1))?;
    Ok(EnergyCode::Balanced { range, base: base as u32, digits: digits as u32, copies })
}

impl EnergyScheme {
    /// Tells the scheme how many antennas the server has.
    ///
    /// # Errors
    /// When devices scale by the magnitude of one channel and there are several.
    pub fn with_antennas(&mut self, link: &TableReader<'_>, antennas: usize) -> Result<(), ConfigError> {
        if antennas > 1 && self.knowledge() != DeviceKnowledge::None {
            let message = format!(
                "{antennas} antennas do not go with scheme.channel_scaling = \"magnitude\", which inverts one channel a \
                 device; 1 antenna, or channel_scaling = \"none\", is expected"
            );
            return Err(link.invalid("receive_antennas", message));
        }
        self.antennas = antennas;
        Ok(())
    }

    /// Returns what theory calls the scheme.
    pub fn formula(&self) -> EnergyFormula {
        let bins = match self.code {
            EnergyCode::Affine { sequence_length, .. } => EnergyBins::Affine { elements: sequence_length },
            EnergyCode::Balanced { base, digits, copies, .. } => {
                EnergyBins::Balanced { base, digits, copies }
            }
        };
        let threshold = match self.scaling {
            ChannelScaling::None => None,
            ChannelScaling::Magnitude { threshold } => Some(threshold),
        };
        EnergyFormula { bins, range: self.code.range(), threshold, antennas: self.antennas }
    }
}
