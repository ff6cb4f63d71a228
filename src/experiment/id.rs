//! The name of an experiment: a hash of what differs from the defaults.

use sha2::{Digest, Sha256};
use std::io::Read;
use std::path::Path;

/// Version of the schema of experiment files and tables; defaults belong to a version.
pub const SCHEMA: u32 = 1;

/// SHA-256 of canonical JSON: the schema version and the keys that differ from that version's defaults, sorted.
///
/// Files enter by the hash of their bytes, never by their path. Labels, stop rules, sweeps and fidelity are left out.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ExperimentId(String);

impl ExperimentId {
    /// Names the experiment with these keys and values, sorted by key.
    pub fn of(canonical: &[(String, serde_json::Value)]) -> Self {
        let keys: serde_json::Map<String, serde_json::Value> = canonical.iter().cloned().collect();
        let json = serde_json::json!({ "schema": SCHEMA, "experiment": keys });
        Self(hex(&Sha256::digest(json.to_string().as_bytes())))
    }

    /// Returns the hash in hexadecimal.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for ExperimentId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Returns bytes in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// Returns the SHA-256 of a file's bytes, in hexadecimal.
///
/// # Errors
/// When the file cannot be read.
pub fn file_sha256(path: &Path) -> std::io::Result<String> {
    if !std::fs::metadata(path)?.is_file() {
        return Err(std::io::Error::new(std::io::ErrorKind::InvalidInput, "it is not a regular file"));
    }
    let mut file = std::fs::File::open(path)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0u8; 1 << 20];
    loop {
        let count = file.read(&mut buffer)?;
        if count == 0 {
            return Ok(hex(&hash.finalize()));
        }
        hash.update(&buffer[..count]);
    }
}
