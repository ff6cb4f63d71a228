//! `[code]` and `[mcs]`: what a block is, and how it is decoded.

use crate::config::{Bound, ConfigError, TableReader};
use crate::link::config::Content;
use airloop_coding::block_code::BlockCode;
use airloop_coding::ldpc::{BaseGraph, CheckRule, DecoderConfig, EarlyStop, Schedule};
use airloop_coding::mcs::Mcs;
use airloop_coding::{Demapping, Modulation};

/// Most bits of a block without a code.
const MOST_UNCODED_BITS: usize = 1 << 20;

/// Most iterations of a decoder.
const MOST_ITERATIONS: usize = 1000;

/// What stands in `code.decoder`.
const DECODERS: [&str; 6] =
    ["fixed-point", "boxplus", "min-sum", "normalised-min-sum", "offset-min-sum", "none"];

/// What a block is and how it is decoded.
#[derive(Clone, Debug, PartialEq)]
pub struct CodeKeys {
    pub content: Content,
    pub decoder: DecoderConfig,
    pub demapping: Demapping,
}

impl CodeKeys {
    /// Reads both tables; `by_mcs` says that `[mcs]` is there.
    pub fn read(reader: &TableReader<'_>, mcs: &TableReader<'_>, by_mcs: bool) -> Result<Self, ConfigError> {
        let demapping = reader.choice("demapper", Some("max-log"), &Demapping::NAMES)?;
        let demapping = demapping.parse().map_err(|e| invalid(reader, "demapper", &e))?;
        let decoder = reader.choice("decoder", Some("fixed-point"), &DECODERS)?;
        let uncoded = decoder == "none";
        let content = match (by_mcs, uncoded) {
            (true, true) => {
                return Err(reader
                    .invalid("decoder", "= \"none\" goes with code.k and code.modulation, not with [mcs]"));
            }
            (true, false) => read_mcs(reader, mcs)?,
            (false, true) => read_uncoded(reader)?,
            (false, false) => read_plain(reader)?,
        };
        Ok(Self { content, decoder: read_decoder(reader, decoder)?, demapping })
    }
}

/// Turns what a code refuses into an error at a key.
fn invalid(reader: &TableReader<'_>, key: &str, error: &airloop_coding::CodingError) -> ConfigError {
    reader.invalid(key, error.to_string())
}

/// Reads the scheme of transport blocks.
fn read_mcs(code: &TableReader<'_>, mcs: &TableReader<'_>) -> Result<Content, ConfigError> {
    for key in ["k", "n", "modulation", "base_graph"] {
        code.require_absent(
            key,
            "goes with a plain code; [mcs] says the code and the modulation of transport blocks",
        )?;
    }
    let table = mcs.usize("table", Some(1), 1)?;
    if table > 4 {
        return Err(mcs.invalid(
            "table",
            format!("{table} is out of range: tables 1 to 4 of TS 38.214 clause 5.1.3.1 are there"),
        ));
    }
    if mcs.node("index").is_some_and(|node| matches!(node.value, crate::config::Value::String(_))) {
        mcs.choice("index", None, &["adaptive"])?;
        mcs.require_absent(
            "block_bits",
            "goes with an index; mcs.index = \"adaptive\" fills what a slot gives",
        )?;
        return Ok(Content::Adaptive { table: table as u8 });
    }
    let index = mcs.usize("index", None, 0)?;
    match u8::try_from(index).map_err(|_| ()).and_then(|index| Mcs::new(table as u8, index).map_err(|_| ())) {
        Ok(scheme) if mcs.has("block_bits") => read_code_block(mcs, scheme),
        Ok(scheme) => Ok(Content::Transport(scheme)),
        Err(()) => {
            let last = Mcs::table(table as u8).last().map_or(0, |last| last.index);
            Err(mcs.invalid(
                "index",
                format!("{index} is not in table {table}: 0 to {last}, or \"adaptive\", are possible"),
            ))
        }
    }
}

/// Reads one code block of so many bits at the rate and modulation of a scheme: what an entry of a link table is.
///
/// ```text
/// n = smallest multiple of the bits of a point >= k / rate,   base graph: TS 38.212 clause 6.2.2 at the target rate
/// ```
fn read_code_block(reader: &TableReader<'_>, scheme: Mcs) -> Result<Content, ConfigError> {
    let key = "block_bits";
    let information_bits = reader.usize(key, None, 1)?;
    let refused = |error| invalid(reader, key, &error);
    let modulation = Modulation::from_order(scheme.modulation_order).map_err(refused)?;
    let graph = BaseGraph::of_block(information_bits, scheme.code_rate);
    if information_bits > graph.largest_block() {
        let (index, table, most) = (scheme.index, scheme.table, graph.largest_block());
        let message = format!(
            "{information_bits} is out of range: a code block of mcs.index = {index} of table {table} has 12 to {most} bits"
        );
        return Err(reader.invalid(key, message));
    }
    let order = scheme.modulation_order;
    let coded_bits = ((information_bits as f64 / scheme.code_rate).ceil() as usize).next_multiple_of(order);
    BlockCode::new(information_bits, coded_bits, order, Some(graph)).map_err(refused)?;
    Ok(Content::Plain { information_bits, coded_bits, modulation, graph: Some(graph), mcs: Some(scheme) })
}

/// Reads blocks without a code.
fn read_uncoded(reader: &TableReader<'_>) -> Result<Content, ConfigError> {
    for key in ["n", "base_graph"] {
        reader.require_absent(key, "goes with a code; code.decoder = \"none\" has none")?;
    }
    let bits = reader.usize("k", None, 1)?;
    let modulation = read_modulation(reader)?;
    let order = modulation.bits_per_symbol();
    if bits > MOST_UNCODED_BITS || !bits.is_multiple_of(order) {
        let most = MOST_UNCODED_BITS;
        let message = format!(
            "{bits} does not fit: a multiple of the {order} bits of a point, at most {most}, is expected"
        );
        return Err(reader.invalid("k", message));
    }
    Ok(Content::Uncoded { bits, modulation })
}

/// Reads a plain code; whether the standard has it is checked by making it.
fn read_plain(reader: &TableReader<'_>) -> Result<Content, ConfigError> {
    let (information_bits, coded_bits) = (reader.usize("k", None, 1)?, reader.usize("n", None, 1)?);
    let modulation = read_modulation(reader)?;
    let graph = match reader.optional_usize("base_graph", 1)? {
        None => None,
        Some(1) => Some(BaseGraph::One),
        Some(2) => Some(BaseGraph::Two),
        Some(other) => {
            return Err(
                reader.invalid("base_graph", format!("{other} is out of range: base graphs are 1 and 2"))
            );
        }
    };
    let order = modulation.bits_per_symbol();
    let made = BlockCode::new(information_bits, coded_bits, order, graph);
    if let Err(error) = made {
        return Err(invalid(reader, if coded_bits.is_multiple_of(order) { "k" } else { "n" }, &error));
    }
    Ok(Content::Plain { information_bits, coded_bits, modulation, graph, mcs: None })
}

fn read_modulation(reader: &TableReader<'_>) -> Result<Modulation, ConfigError> {
    let name = reader.choice("modulation", None, &Modulation::NAMES)?;
    name.parse().map_err(|e| invalid(reader, "modulation", &e))
}

/// Reads how LDPC codes are decoded.
fn read_decoder(reader: &TableReader<'_>, name: &str) -> Result<DecoderConfig, ConfigError> {
    let rule = match name {
        "boxplus" => CheckRule::Boxplus,
        "min-sum" => CheckRule::MinSum,
        "normalised-min-sum" => CheckRule::NormalisedMinSum {
            factor: reader.f64_in("factor", Some(0.75), Bound::between(0.1, 1.0))? as f32,
        },
        "offset-min-sum" => CheckRule::OffsetMinSum {
            offset: reader.f64_in("offset", Some(0.5), Bound::between(0.0, 10.0))? as f32,
        },
        _ => CheckRule::FixedPoint,
    };
    if name != "normalised-min-sum" {
        reader.require_absent("factor", "goes with code.decoder = \"normalised-min-sum\"")?;
    }
    if name != "offset-min-sum" {
        reader.require_absent("offset", "goes with code.decoder = \"offset-min-sum\"")?;
    }
    let schedule = match reader.choice("schedule", Some("layered"), &["layered", "flooding"])? {
        "flooding" => Schedule::Flooding,
        _ => Schedule::Layered,
    };
    if rule == CheckRule::FixedPoint && schedule == Schedule::Flooding {
        let message =
            "= \"flooding\" goes with the float decoders; code.decoder = \"fixed-point\" is layered";
        return Err(reader.invalid("schedule", message));
    }
    let iterations = reader.usize("iterations", Some(20), 1)?;
    if iterations > MOST_ITERATIONS {
        let message = format!("{iterations} is out of range: 1 to {MOST_ITERATIONS} iterations are possible");
        return Err(reader.invalid("iterations", message));
    }
    let stop = if reader.bool("early_stop", Some(true))? { EarlyStop::Parity } else { EarlyStop::Never };
    Ok(DecoderConfig { rule, schedule, iterations, stop })
}
