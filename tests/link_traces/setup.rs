//! Traces from lists of settings.

use airloop::config::{Node, overrides::parse_set};
use airloop::run::RunOptions;
use airloop::trace::{TracePlan, TraceRow, run_trace};
use std::path::{Path, PathBuf};

/// A small grid: 48 subcarriers in a transform of 64 with a prefix of 16 samples, 30 kHz apart.
pub const GRID: &str = "ofdm.numerology=custom; ofdm.sample_rate_hz=1.92e6; ofdm.fft_size=64; \
                    ofdm.cyclic_prefix_samples=16; ofdm.used_subcarriers=48";

/// Duration of a symbol of that grid.
pub const SYMBOL_S: f64 = 80.0 / 1.92e6;

/// Duration of a slot of that grid.
pub const SLOT_S: f64 = 14.0 * SYMBOL_S;

/// Standard errors that a Gaussian leaves with a probability of 1e-6, both sides together.
pub const LIMIT: f64 = 4.89;

/// Makes a tree on the small grid from lists of `path=value`, each list divided by semicolons; later ones prevail.
pub fn tree(settings: &[&str]) -> Node {
    let mut node = Node::parse_toml("", Path::new("trace.toml")).unwrap();
    for setting in [&[GRID], settings].concat().iter().flat_map(|list| list.split(';')) {
        if setting.trim().is_empty() {
            continue;
        }
        let (path, value) = parse_set(setting.trim()).unwrap_or_else(|e| panic!("{setting}: {e}"));
        node.set(&path, value).unwrap();
    }
    node
}

/// Plans a trace.
pub fn plan(settings: &[&str]) -> TracePlan {
    TracePlan::load(&tree(settings)).unwrap_or_else(|e| panic!("{settings:?}: {e}"))
}

/// Says why a trace is refused.
pub fn refusal(settings: &[&str]) -> String {
    match TracePlan::load(&tree(settings)) {
        Ok(_) => panic!("{settings:?} is accepted"),
        Err(error) => error.to_string(),
    }
}

/// Returns the rows of a trace.
pub fn rows(settings: &[&str]) -> Vec<TraceRow> {
    rows_of(&plan(settings))
}

/// Returns the rows of a plan.
pub fn rows_of(plan: &TracePlan) -> Vec<TraceRow> {
    let mut rows = Vec::new();
    let outcome = run_trace(plan, &RunOptions::default(), &mut |round| {
        rows.extend_from_slice(round);
        Ok(())
    });
    assert!(!outcome.unwrap_or_else(|e| panic!("{e}")).interrupted);
    rows
}

/// Makes an empty folder of that name.
pub fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("link_traces").join(name);
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).unwrap();
    path
}
