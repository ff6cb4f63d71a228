//! Files of split rounds in short, and numbers to compare.

use airloop::config::{Node, Origin};
use airloop::split::round::Round;
use airloop::split::{SplitConfig, SplitReport, run};
use std::path::Path;

/// Two devices with everything that energy needs.
pub const BASE: &str = r#"
seed = 3

[split]
model = "resnet18-32"
cut = 2
batch = 8

[device]
count = 2
rate_flop_s = [1e11, 2e11]
power_w = 5.0

[server]
rate_flop_s = 1e12
power_w = 100.0

[uplink]
rate_bps = [10e6, 20e6]
power_dbm = 20.0

[downlink]
rate_bps = [40e6, 50e6]
power_dbm = 30.0
"#;

/// Reads a file's text with keys set as `path=value; path=value`.
pub fn read(text: &str, settings: &str) -> Result<SplitConfig, String> {
    let mut root = Node::parse_toml(text, Path::new("split.toml")).map_err(|e| e.to_string())?;
    for setting in settings.split(';').map(str::trim).filter(|setting| !setting.is_empty()) {
        let (path, value) = setting.split_once('=').unwrap();
        if value.trim() == "none" {
            root.take(path.trim());
            continue;
        }
        let node = Node::parse_value(value.trim(), &Origin::flag("a test")).map_err(|e| e.to_string())?;
        root.set(path.trim(), node).map_err(|e| e.to_string())?;
    }
    SplitConfig::of(&root).map_err(|e| e.to_string())
}

/// Runs a file.
pub fn report(text: &str, settings: &str) -> SplitReport {
    let config = read(text, settings).unwrap_or_else(|e| panic!("{settings}: {e}"));
    run(&config, &mut |_, _| Ok(())).unwrap_or_else(|e| panic!("{settings}: {e}"))
}

/// Returns the first round of a file.
pub fn first(text: &str, settings: &str) -> Round {
    report(text, settings).first_round
}

/// Checks that two numbers agree to a relative error.
#[track_caller]
pub fn close(found: f64, expected: f64, relative: f64) {
    assert!(
        (found - expected).abs() <= relative * expected.abs(),
        "{found} is not {expected} within {relative}"
    );
}
