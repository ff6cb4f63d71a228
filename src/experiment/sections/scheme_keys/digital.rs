//! Keys of the digital scheme: bits of ideal codes, or the quantiser of a coded link.

use crate::config::{ConfigError, TableReader};
use crate::quantisation::{CODINGS, KeptValues, LevelCoding, QuantiserConfig};
use crate::scheme::coded_digital::OnLoss;
use crate::scheme::digital::MAX_BITS;

/// Most bits of a value on a coded link.
const MOST_CODED_BITS: u64 = 16;

/// Values that share a norm, unless the file says otherwise.
const USUAL_BUCKET: usize = 512;

/// The digital scheme over a coded link, as configured.
#[derive(Clone, Debug, PartialEq)]
pub struct CodedDigital {
    /// The quantiser; its bits are 1 until a budget settles them.
    pub quantiser: QuantiserConfig,
    /// Whether the bits a value follow from a budget.
    pub bits_follow: bool,
    /// What is done with lost blocks.
    pub on_loss: OnLoss,
}

/// Reads the bits of ideal codes.
///
/// # Errors
/// When they are missing or out of range, or a budget fixes them.
pub fn read_ideal(reader: &TableReader<'_>, has_budget: bool) -> Result<u32, ConfigError> {
    for key in ["quantiser", "on_loss"] {
        reader.require_absent(
            key,
            "goes with a coded link, which [mcs] or [code] make of scheme.kind = \"digital\"",
        )?;
    }
    if has_budget {
        reader.require_absent("bits", "a [budget] fixes the airtime, and the bits follow from it")?;
        return Ok(1);
    }
    if !reader.has("bits") {
        return Err(reader.invalid("bits", "is missing: a digital scheme needs bits, or a [budget]"));
    }
    bits(reader, u64::from(MAX_BITS))
}

/// Reads the quantiser of a coded link.
///
/// # Errors
/// When a key is wrong, or does not go with the quantiser.
pub fn read_coded(reader: &TableReader<'_>, has_budget: bool) -> Result<CodedDigital, ConfigError> {
    let names = ["stochastic", "dithered", "qsgd", "sign", "top-k"];
    let name = reader.choice("quantiser", Some("stochastic"), &names)?;
    for (key, owners) in OWNERS {
        if !owners.contains(&name) {
            let with = owners.join("\" or \"");
            reader.require_absent(
                key,
                &format!("goes with scheme.quantiser = \"{with}\", not with \"{name}\""),
            )?;
        }
    }
    let uniform = matches!(name, "stochastic" | "dithered");
    let bits_follow = uniform && has_budget && !reader.has("bits");
    if uniform && !bits_follow && !reader.has("bits") {
        return Err(reader.invalid("bits", "is missing: a uniform quantiser needs bits, or a [budget]"));
    }
    let width = if bits_follow || !uniform { 1 } else { bits(reader, MOST_CODED_BITS)? };
    let quantiser = match name {
        "dithered" => QuantiserConfig::Dithered { bits: width, subtractive: true },
        "qsgd" => QuantiserConfig::Qsgd {
            levels: reader.u64("levels", Some(15), 1)? as u32,
            bucket: reader.usize("bucket", Some(USUAL_BUCKET), 1)?,
            coding: match reader.choice(
                "level_coding",
                Some("fixed"),
                &["fixed", "elias-dense", "elias-sparse"],
            )? {
                "elias-dense" => LevelCoding::EliasDense,
                "elias-sparse" => LevelCoding::EliasSparse,
                _ => LevelCoding::Fixed,
            },
        },
        "sign" => QuantiserConfig::Sign { bucket: reader.usize("bucket", Some(USUAL_BUCKET), 1)? },
        "top-k" => read_top_k(reader)?,
        _ => QuantiserConfig::StochasticUniform { bits: width },
    };
    let on_loss = match reader.choice("on_loss", Some("erase"), &["erase", "rescale", "keep"])? {
        "rescale" => OnLoss::Rescale,
        "keep" => OnLoss::Keep,
        _ => OnLoss::Erase,
    };
    Ok(CodedDigital { quantiser, bits_follow, on_loss })
}

/// Keys that only some quantisers have.
const OWNERS: [(&str, &[&str]); 7] = [
    ("bits", &["stochastic", "dithered"]),
    ("levels", &["qsgd"]),
    ("level_coding", &["qsgd"]),
    ("bucket", &["qsgd", "sign"]),
    ("kept", &["top-k"]),
    ("value_bits", &["top-k"]),
    ("positions", &["top-k"]),
];

fn bits(reader: &TableReader<'_>, most: u64) -> Result<u32, ConfigError> {
    let bits = reader.u64("bits", None, 1)?;
    if bits > most {
        return Err(
            reader.invalid("bits", format!("{bits} is out of range: 1 to {most} bits a value are possible"))
        );
    }
    Ok(bits as u32)
}

fn read_top_k(reader: &TableReader<'_>) -> Result<QuantiserConfig, ConfigError> {
    let names: Vec<&str> =
        std::iter::once("cheapest").chain(CODINGS.iter().map(|coding| coding.name())).collect();
    let positions = reader.choice("positions", Some("cheapest"), &names)?;
    let value_bits = reader.optional_u64("value_bits", 1)?;
    if let Some(bits) = value_bits.filter(|bits| *bits > MOST_CODED_BITS) {
        let message =
            format!("{bits} is out of range: 1 to {MOST_CODED_BITS} bits a kept value are possible");
        return Err(reader.invalid("value_bits", message));
    }
    Ok(QuantiserConfig::TopK {
        kept: reader.usize("kept", None, 1)?,
        positions: CODINGS.into_iter().find(|coding| coding.name() == positions),
        values: value_bits.map_or(KeptValues::Float, |bits| KeptValues::Stochastic { bits: bits as u32 }),
        error_feedback: reader.bool("error_feedback", Some(true))?,
    })
}
