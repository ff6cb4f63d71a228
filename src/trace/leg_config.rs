//! `[uplink]`, `[downlink]`, `[air]`: what is offered in a leg, and what its link has of its own.

use super::leg::{Direction, Leg, Stage};
use crate::config::{Bound, ConfigError, Node, Origin, TableReader, Value};

/// Tables of legs, with the direction and the usual stage of each.
pub(super) const LEGS: [(&str, Direction, &str); 3] = [
    ("uplink", Direction::Up, "act"),
    ("downlink", Direction::Down, "grad"),
    ("air", Direction::Air, "grad"),
];

/// Keys of `[link]` that say an SNR; a leg's `snr_db` stands in place of all of them.
const SNRS: [&str; 5] =
    ["link.es_n0_db", "link.eb_n0_db", "link.receive_snr_db", "link.snr_db_per_device", "link.snr_spread_db"];

/// Whether what was lost is sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// What its transmissions lose is lost.
    Lossy,
    /// Lost bits are offered again in new blocks, until the deadline.
    Reliable,
}

/// A leg as configured.
#[derive(Clone, Debug, PartialEq)]
pub struct LegConfig {
    /// What devices offer.
    pub leg: Leg,
    /// Time between the leg before, or the start of the round, and this one.
    pub delay_s: f64,
    /// Whether what was lost is sent again.
    pub delivery: Delivery,
    /// Time after which the leg ends, whatever is on its way.
    pub deadline_s: Option<f64>,
}

impl LegConfig {
    /// Reads the table of a leg, and makes the tree of its experiment from that of the file: tables within it stand above the file's.
    ///
    /// # Errors
    /// When a key is unknown or wrong.
    pub fn read(name: &str, node: &Node, file: &Node) -> Result<(Self, Node), ConfigError> {
        let (mut keys, mut tree) = (node.clone(), file.clone());
        for entry in node.as_table().into_iter().flat_map(|table| table.iter()) {
            if entry.node.as_table().is_some() {
                let mut own = entry.node.clone();
                file.get(&entry.key).into_iter().for_each(|of_file| own.fill_from(of_file));
                tree.replace_table(&entry.key, own)?;
                keys.take(&entry.key);
            }
        }
        let reader = TableReader::new(&keys, name)?;
        let config = Self::of(&reader, name)?;
        if let Some(snr_db) = reader.optional_f64("snr_db", Bound::between(-100.0, 200.0))? {
            SNRS.iter().for_each(|key| drop(tree.take(key)));
            tree.set("link.snr_db", Node::new(Value::Float(snr_db), reader.origin("snr_db").clone()))?;
        }
        reader.finish()?;
        Ok((config, tree))
    }

    /// Returns the name of its table.
    pub fn table(&self) -> &'static str {
        LEGS.iter().find(|leg| leg.1 == self.leg.direction).map_or("", |leg| leg.0)
    }

    fn of(reader: &TableReader<'_>, name: &str) -> Result<Self, ConfigError> {
        let (_, direction, stage) = LEGS.into_iter().find(|leg| leg.0 == name).unwrap_or(LEGS[0]);
        let stage =
            Stage::from_word(reader.choice("stage", Some(stage), Stage::WORDS)?).unwrap_or(Stage::Act);
        let analog = direction == Direction::Air;
        let (values, bits_per_value) = match reader.has("bytes") {
            true => {
                reader.require_absent("values", "says the same as bytes; leave one out")?;
                reader.require_absent("bits_per_value", "goes with values, not with bytes")?;
                (reader.u64("bytes", None, 1)?, 8)
            }
            false => {
                let bits = reader.u64("bits_per_value", Some(if analog { 32 } else { 8 }), 1)?;
                if bits > 64 {
                    return Err(reader.invalid(
                        "bits_per_value",
                        format!("{bits} is out of range: 1 to 64 bits of a value are possible"),
                    ));
                }
                (reader.u64("values", None, 1)?, bits as u32)
            }
        };
        if values > 1 << 48 {
            let key = if reader.has("bytes") { "bytes" } else { "values" };
            return Err(reader.invalid(key, format!("{values} is out of range: up to 2^48 are possible")));
        }
        let delivery = match reader.choice("delivery", Some("lossy"), &["lossy", "reliable"])? {
            "reliable" => Delivery::Reliable,
            _ => Delivery::Lossy,
        };
        let deadline_s = reader.optional_f64("deadline_s", Bound::positive())?;
        if analog {
            for key in ["delivery", "deadline_s", "bytes"] {
                reader.require_absent(key, "goes with links that send bits; [air] adds values on the air")?;
            }
        } else if delivery == Delivery::Reliable && deadline_s.is_none() {
            let message = "is missing: delivery = \"reliable\" over a link that loses every block ends by it alone, for example 1.0";
            return Err(reader.invalid("deadline_s", message));
        }
        let delay_s = reader.f64_in("delay_s", Some(0.0), Bound::non_negative())?;
        let leg = Leg { direction, stage, values, bits_per_value };
        Ok(Self { leg, delay_s, delivery, deadline_s })
    }

    /// Prepares the tree of a leg of bits: a leg ends with its blocks, so that nobody need say how many slots a trial has.
    ///
    /// # Errors
    /// When the file says how many.
    pub fn of_bits(tree: &mut Node) -> Result<(), ConfigError> {
        let root = tree.clone();
        let reader = TableReader::new(&root, "")?;
        let scheduling = reader.section("scheduling")?;
        scheduling.require_absent(
            "slots",
            "goes with `airloop link`; a leg of a trace ends when all it offers is delivered or lost",
        )?;
        // Only schemes that follow the channel ask for a number; any will do.
        match tree.get("mcs.index").map(|index| &index.value) {
            Some(Value::String(_)) => {
                tree.set("scheduling.slots", Node::new(Value::Integer(1), Origin::Default))
            }
            _ => Ok(()),
        }
    }

    /// Prepares the tree of a leg that adds values on the air: what digital links have goes, and drawn payloads are as long as the leg says.
    ///
    /// # Errors
    /// When the file says a length that is not that of the leg.
    pub fn of_values(&self, tree: &mut Node) -> Result<(), ConfigError> {
        for table in ["mcs", "code", "slot", "reception", "harq", "adaptation", "scheduling"] {
            tree.take(table);
        }
        if tree.get("payload.path").is_none() {
            if tree.get("payload.source").is_none() {
                tree.set("payload.source", Node::new(Value::String("gaussian".into()), Origin::Default))?;
            }
            let length = Node::new(Value::Integer(self.leg.values as i64), Origin::Default);
            tree.set("payload.length", length)?;
        }
        Ok(())
    }
}
