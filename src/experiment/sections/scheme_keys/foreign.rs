//! Keys that only some schemes have, and the refusal of others.

use crate::config::{ConfigError, TableReader};

/// Keys that only some schemes have.
const OWN_KEYS: [(&str, &[&str]); 34] = [
    ("combiner", &["receive-combining"]),
    ("streams", &["uniform-forcing"]),
    ("beamformer", &["uniform-forcing"]),
    ("rows", &["a-dsgd"]),
    ("compression", &["a-dsgd"]),
    ("sparsity", &["a-dsgd"]),
    ("amp_iterations", &["a-dsgd"]),
    ("amp_threshold", &["a-dsgd"]),
    ("error_feedback", &["a-dsgd", "digital"]),
    (
        "threshold",
        &[
            "truncated-inversion",
            "cotaf",
            "a-dsgd",
            "digital-aircomp",
            "one-bit-majority",
            "energy",
            "balanced-number",
        ],
    ),
    ("scale", &["truncated-inversion", "phase-only"]),
    ("bits", &["digital"]),
    ("quantiser", &["digital"]),
    ("levels", &["digital"]),
    ("level_coding", &["digital"]),
    ("bucket", &["digital"]),
    ("kept", &["digital"]),
    ("value_bits", &["digital"]),
    ("positions", &["digital"]),
    ("on_loss", &["digital"]),
    ("receiver", &["misaligned"]),
    ("delays_symbols", &["misaligned"]),
    ("phases_rad", &["misaligned"]),
    ("symbols_per_frame", &["misaligned"]),
    ("oversampling", &["misaligned"]),
    ("sequence_length", &["energy"]),
    ("range", &["energy", "balanced-number", "digital-aircomp"]),
    ("channel_scaling", &["energy", "balanced-number"]),
    ("base", &["balanced-number", "digital-aircomp"]),
    ("digits", &["balanced-number", "digital-aircomp"]),
    ("rounding", &["digital-aircomp"]),
    ("constellation", &["digital-aircomp"]),
    ("copies", &["balanced-number", "fsk-majority"]),
    ("participation", &["fsk-majority"]),
];

/// Refuses keys that belong to other schemes, with the schemes that they belong to.
pub fn refuse_foreign_keys(reader: &TableReader<'_>, name: &str) -> Result<(), ConfigError> {
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
