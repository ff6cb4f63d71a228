//! Small link tables from lists of settings, and folders that tests fill.

use airloop::config::Node;
use airloop::config::overrides::{parse_over, parse_set};
use airloop::experiment::Loader;
use airloop::link_table::{BlerEntry, CurveReport};
use airloop::report::Fidelity;
use airloop::sweep::{RowReport, Shard, SweepOptions, SweepPlan, run_sweep};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

/// A small grid in noise, and curves that are measured fast.
pub const SMALL: &str = "ofdm.numerology=custom; ofdm.sample_rate_hz=1.92e6; ofdm.fft_size=64; \
    ofdm.cyclic_prefix_samples=16; ofdm.used_subcarriers=48; channel.model=awgn; mcs.index=4; mcs.block_bits=24; \
    table.lowest_bler=0.05; stop.block_errors=50; stop.max_trials=1024";

/// Standard errors that a Gaussian leaves with a probability of 1e-6, both sides together.
pub const LIMIT: f64 = 4.89;

/// Makes a tree from lists of `path=value`, each list divided by semicolons; later ones prevail.
pub fn tree(settings: &[&str]) -> Node {
    let mut node = Node::parse_toml("", Path::new("table.toml")).unwrap();
    for setting in settings.iter().flat_map(|list| list.split(';')).filter(|s| !s.trim().is_empty()) {
        let (path, value) = parse_set(setting.trim()).unwrap_or_else(|e| panic!("{setting}: {e}"));
        node.set(&path, value).unwrap();
    }
    node
}

/// Makes a sweep of such a tree over axes, each `path=values`.
pub fn plan(settings: &[&str], over: &[&str]) -> SweepPlan {
    let mut plan = SweepPlan::new(tree(settings)).unwrap();
    for text in over {
        let (path, values) = parse_over(text).unwrap();
        plan.replace_axis(path, values).unwrap();
    }
    plan
}

/// Runs the only curve of a tree at symbol fidelity.
pub fn curve(settings: &[&str]) -> CurveReport {
    let experiment = Loader::of_link_tables().load(&tree(settings)).unwrap_or_else(|e| panic!("{e}"));
    CurveReport::run(&experiment, Fidelity::Symbol, &Default::default()).unwrap_or_else(|e| panic!("{e}"))
}

/// Says why a curve is refused.
pub fn refusal(settings: &[&str]) -> String {
    match Loader::of_link_tables().load(&tree(settings)) {
        Ok(_) => panic!("{settings:?} is accepted"),
        Err(error) => error.to_string(),
    }
}

/// Makes an empty folder of that name.
pub fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("link_table").join(name);
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).unwrap();
    path
}

/// Runs a sweep, or a part of it, into a folder.
pub fn run<R: RowReport>(plan: &SweepPlan, loader: &Loader, out: &Path, shard: Option<Shard>) {
    let never = AtomicBool::new(false);
    let options = SweepOptions { out, shard, interrupted: &never, strict: false, tell: &|_| {} };
    run_sweep::<R>(plan, loader, &options).unwrap_or_else(|e| panic!("{e}"));
}

/// Makes entries of a scheme of table 1 and a block size from `(snr_db, bler)`, of a thousand blocks each.
pub fn entries(mcs: u8, block_bits: usize, points: &[(f64, f64)]) -> Vec<BlerEntry> {
    let entry = |&(snr_db, bler): &(f64, f64)| BlerEntry {
        mcs_table: 1,
        mcs,
        block_bits,
        coded_bits: 2 * block_bits,
        modulation: "qpsk".into(),
        fidelity: Fidelity::Symbol,
        snr_db,
        bler,
        bler_low: 0.9 * bler,
        bler_high: (1.1 * bler).min(1.0),
        blocks: 1000,
        block_errors: (1000.0 * bler).round() as u64,
        experiment_id: format!("{mcs} {block_bits} {snr_db}"),
    };
    points.iter().map(entry).collect()
}
