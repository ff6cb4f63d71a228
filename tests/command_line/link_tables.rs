//! `airloop link-table`: both kinds of tables, their folders, and what is refused.

use super::folder::{Folder, SMALL};

/// Curves that are measured fast.
const CURVES: &str = r#"channel.model = "awgn"
[ofdm]
numerology = "custom"
sample_rate_hz = 1.92e6
fft_size = 64
cyclic_prefix_samples = 16
used_subcarriers = 48
[mcs]
index = 4
block_bits = 24
[table]
step_db = 1.0
lowest_bler = 0.2
[stop]
block_errors = 20
max_trials = 128
[sweep]
over = { "mcs.block_bits" = [24, 48] }
"#;

#[test]
fn block_error_rates_are_written_printed_drawn_and_merged() {
    let folder = Folder::new("link-table");
    folder.write("t.toml", CURVES);
    let said = folder.succeed("link-table t.toml --out whole");
    assert!(said.contains("2 of 2 points") && said.contains("wrote whole/link-table.json"), "{said}");
    assert_eq!(
        said.lines().filter(|line| line.contains("qpsk") && line.contains(" points, ")).count(),
        2,
        "{said}"
    );
    for file in ["table.csv", "link-table.json", "link-table.csv", "figure.svg", "figure-thresholds.png"] {
        assert!(folder.path("whole").join(file).exists(), "{file}");
    }
    folder.succeed("link-table t.toml --shard 1/2 --out a");
    folder.succeed("link-table t.toml --shard 2/2 --out b");
    folder.succeed("merge b a --out merged");
    for file in ["table.csv", "link-table.json", "link-table.csv"] {
        assert!(folder.bytes(&format!("whole/{file}")) == folder.bytes(&format!("merged/{file}")), "{file}");
    }
    // The table follows from the journal alone.
    std::fs::remove_file(folder.path("merged/link-table.json")).unwrap();
    folder.succeed("plot merged");
    assert!(folder.bytes("whole/link-table.json") == folder.bytes("merged/link-table.json"));
    // A point is what `airloop link` says of it.
    let row = folder.text("whole/link-table.csv").lines().nth(2).unwrap().to_string();
    let cells: Vec<&str> = row.split(',').collect();
    let link =
        format!("link t.toml --over mcs.block_bits={} --set link.snr_db={} --json", cells[5], cells[9]);
    let report: serde_json::Value = serde_json::from_str(&folder.succeed(&link)).unwrap();
    assert_eq!(report["experiment_id"], *cells.last().unwrap());
    assert_eq!(report["figures"]["bler"]["mean"].as_f64().unwrap(), cells[10].parse::<f64>().unwrap());
}

#[test]
fn errors_of_aggregation_are_written_and_merged() {
    let folder = Folder::new("link-table-nmse");
    folder.write("n.toml", SMALL);
    let over = "--over link.snr_db=0,10 --over payload.devices=2,3";
    folder.succeed(&format!("link-table n.toml {over} --out whole"));
    folder.succeed(&format!("link-table n.toml {over} --shard 1/2 --out a"));
    folder.succeed(&format!("link-table n.toml {over} --shard 2/2 --out b"));
    folder.succeed("merge a b --out merged");
    assert!(folder.bytes("whole/link-table.json") == folder.bytes("merged/link-table.json"));
    assert_eq!(folder.text("whole/link-table.csv").lines().count(), 1 + 4);
    folder.succeed(&format!("sweep n.toml {over} --out swept"));
    folder.succeed("merge swept --out plain");
    assert!(!folder.path("plain/link-table.json").exists(), "a sweep is no table");
}

#[test]
fn what_makes_no_table_is_refused() {
    let folder = Folder::new("link-table-refused");
    folder.write("t.toml", CURVES);
    folder.write("n.toml", SMALL);
    folder.refuse_with("link-table t.toml --over link.snr_db=1,2", &["link.snr_db", "leave it out"]);
    folder.refuse_with("link-table t.toml --fidelity theory", &["no formula", "theory"]);
    folder.refuse_with("link-table t.toml --over mcs.block_bits=5000 --set mcs.index=2", &["12 to 3840"]);
    folder.refuse_with("link-table t.toml --set link.eb_n0_db=3", &["link.eb_n0_db", "leave it out"]);
    folder.refuse_with("run n.toml --set table.step_db=1", &["table", "airloop link-table"]);
    folder.succeed("link-table t.toml --out t");
    folder.refuse_with("link-table n.toml --out t", &["holds results of a link table"]);
    folder.refuse_with("link t.toml --set link.snr_db=1 --out t", &["holds results of a link table"]);
}
