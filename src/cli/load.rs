//! From a file and flags to a tree.

use super::args::Changes;
use super::failure::Failure;
use airloop::config::{Node, Origin, overrides};
use airloop::report::Fidelity;
use airloop::sweep::plan::read_fidelity;
use std::path::Path;

/// Reads a file and applies `--set`.
///
/// # Errors
/// When the file cannot be read or a flag is malformed.
pub fn tree(file: &Path, changes: &Changes) -> Result<Node, Failure> {
    let mut root = Node::read_toml(file)?;
    for text in &changes.set {
        let (path, value) = overrides::parse_set(text)?;
        root.set(&path, value)?;
    }
    Ok(root)
}

/// Reads a file for a single experiment: its sweep and curves are left aside.
///
/// # Errors
/// When the file cannot be read or a flag is malformed.
pub fn single(file: &Path, changes: &Changes) -> Result<Node, Failure> {
    let mut root = tree(file, changes)?;
    root.take("sweep");
    root.take("curve");
    Ok(root)
}

/// Reads a fidelity flag.
///
/// # Errors
/// When there is no such rung.
pub fn fidelity(word: &str) -> Result<Fidelity, Failure> {
    let origin = Origin::flag(format!("--fidelity {word}"));
    Ok(read_fidelity(&Node::new(airloop::config::Value::String(word.to_string()), origin))?)
}

/// Sets the number of threads.
///
/// # Errors
/// When it is no number, 0, or absurd.
pub fn threads(changes: &Changes) -> Result<(), Failure> {
    let Some(text) = &changes.threads else { return Ok(()) };
    let Some(threads) = text.parse().ok().filter(|threads| (1..=4096).contains(threads)) else {
        return Err(Failure::bad_input(format!("--threads {text}: a number from 1 to 4096 is expected")));
    };
    // A pool that exists already was made by this very call.
    let _ = rayon::ThreadPoolBuilder::new().num_threads(threads).build_global();
    Ok(())
}
