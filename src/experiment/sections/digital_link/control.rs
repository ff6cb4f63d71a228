//! `[harq]`, `[adaptation]`, `[scheduling]`: retransmissions, the choice of a scheme, who comes next.

use crate::config::{Bound, ConfigError, TableReader};
use crate::link::config::{
    Access, AdaptationConfig, Combining, Content, HarqConfig, Policy, SchedulingConfig,
};

/// Most transmissions of a block.
const MOST_TRANSMISSIONS: usize = 64;

/// Most slots of a round trip, of a delay or of a trial.
const MOST_SLOTS: usize = 1_000_000;

/// Most symbols of feedback after a slot.
const MOST_FEEDBACK_SYMBOLS: usize = 14;

/// Redundancy versions in the order that the standard's downlink uses.
const USUAL_VERSIONS: [f64; 4] = [0.0, 2.0, 3.0, 1.0];

/// The control of a link as configured.
#[derive(Clone, Debug, PartialEq)]
pub struct ControlKeys {
    pub harq: HarqConfig,
    pub adaptation: Option<AdaptationConfig>,
    pub scheduling: SchedulingConfig,
}

impl ControlKeys {
    /// Reads the three tables.
    pub fn read(root: &TableReader<'_>, content: &Content) -> Result<Self, ConfigError> {
        let adaptive = matches!(content, Content::Adaptive { .. });
        let scheduling = read_scheduling(&root.section("scheduling")?, content)?;
        Ok(Self {
            harq: read_harq(root, content)?,
            adaptation: if adaptive {
                Some(read_adaptation(&root.section("adaptation")?)?)
            } else {
                root.require_absent("adaptation", "goes with mcs.index = \"adaptive\"")?;
                None
            },
            scheduling,
        })
    }
}

/// Reads a number of slots.
fn slots(reader: &TableReader<'_>, key: &str, usual: usize, least: usize) -> Result<usize, ConfigError> {
    let slots = reader.usize(key, Some(usual), least)?;
    if slots <= MOST_SLOTS {
        return Ok(slots);
    }
    Err(reader.invalid(key, format!("{slots} is out of range: {least} to {MOST_SLOTS} slots are possible")))
}

fn read_harq(root: &TableReader<'_>, content: &Content) -> Result<HarqConfig, ConfigError> {
    if !content.is_transport() {
        root.require_absent(
            "harq",
            "goes with [mcs] without block_bits: a receiver knows that a transport block failed by its CRC",
        )?;
    }
    let reader = root.section("harq")?;
    let transmissions = reader.usize("transmissions", Some(1), 1)?;
    if transmissions > MOST_TRANSMISSIONS {
        let message = format!(
            "{transmissions} is out of range: 1 to {MOST_TRANSMISSIONS} transmissions of a block are possible"
        );
        return Err(reader.invalid("transmissions", message));
    }
    let names = ["incremental-redundancy", "chase", "none"];
    let combining = match reader.choice("combining", Some(names[0]), &names)? {
        "chase" => Combining::Chase,
        "none" => Combining::None,
        _ => Combining::IncrementalRedundancy,
    };
    let versions = reader.f64_list("versions", Some(&USUAL_VERSIONS), Bound::between(0.0, 3.0))?;
    if versions.is_empty() || versions.iter().any(|version| version.fract() != 0.0) {
        return Err(reader
            .invalid("versions", "redundancy versions from 0 to 3 are expected, for example [0, 2, 3, 1]"));
    }
    Ok(HarqConfig {
        transmissions,
        combining,
        versions: versions.into_iter().map(|version| version as u8).collect(),
        round_trip_slots: slots(&reader, "round_trip_slots", 8, 1)?,
        feedback_symbols: feedback(&reader)?,
        limited_buffer: reader.bool("limited_buffer", Some(false))?,
    })
}

/// Reads the symbols after each slot in which the receiver answers.
fn feedback(reader: &TableReader<'_>) -> Result<usize, ConfigError> {
    let symbols = reader.usize("feedback_symbols", Some(0), 0)?;
    if symbols <= MOST_FEEDBACK_SYMBOLS {
        return Ok(symbols);
    }
    let message = format!(
        "{symbols} is out of range: 0 to {MOST_FEEDBACK_SYMBOLS} symbols after each slot are possible"
    );
    Err(reader.invalid("feedback_symbols", message))
}

fn read_adaptation(reader: &TableReader<'_>) -> Result<AdaptationConfig, ConfigError> {
    Ok(AdaptationConfig {
        target_bler: reader.f64_in("target_bler", Some(0.1), Bound::between(1e-6, 0.9))?,
        step_db: reader.f64_in("step_db", Some(0.5), Bound::between(1e-4, 10.0))?,
        delay_slots: slots(reader, "delay_slots", 4, 0)?,
        outer_loop: reader.bool("outer_loop", Some(true))?,
    })
}

fn read_scheduling(reader: &TableReader<'_>, content: &Content) -> Result<SchedulingConfig, ConfigError> {
    let access = match reader.choice("access", Some("time"), &["time", "frequency"])? {
        "frequency" => Access::Frequency,
        _ => Access::Time,
    };
    let policy = match reader.choice("policy", Some("round-robin"), &["round-robin", "proportional-fair"])? {
        "proportional-fair" => Policy::ProportionalFair,
        _ => Policy::RoundRobin,
    };
    let given = reader.optional_usize("slots", 1)?;
    if let Some(slots) = given.filter(|slots| *slots > MOST_SLOTS) {
        return Err(
            reader.invalid("slots", format!("{slots} is out of range: 1 to {MOST_SLOTS} slots are possible"))
        );
    }
    if given.is_some() && !content.is_transport() {
        return Err(reader.invalid(
            "slots",
            "goes with [mcs] without block_bits; a trial of a plain code is one block a device",
        ));
    }
    if policy == Policy::ProportionalFair && given.is_none() {
        return Err(
            reader.invalid("policy", "= \"proportional-fair\" needs scheduling.slots, over which it is fair")
        );
    }
    Ok(SchedulingConfig {
        access,
        policy,
        slots: given,
        window_slots: reader.f64_in("window_slots", Some(100.0), Bound::between(1.0, 1e6))?,
        same_energy: reader.choice("power", Some("same-energy"), &["same-energy", "same-power"])?
            == "same-energy",
    })
}
