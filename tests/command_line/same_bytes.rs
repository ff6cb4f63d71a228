//! The same table, byte for byte, for any number of threads, any shards, and any torn journal.

use super::folder::Folder;

/// A sweep with numbers of many digits: two curves, two axes, both rungs.
const WIDE: &str = r#"
[sweep]
fidelity = ["theory", "symbol"]
over = { "link.snr_db" = "0:7:14", "payload.devices" = [2, 5] }

[[curve]]
label = "plain"
scheme = { kind = "truncated-inversion", threshold = 0.05 }

[[curve]]
label = "optimal"
scheme = { kind = "optimal-power" }
"#;

fn wide(name: &str) -> Folder {
    let folder = Folder::new(name);
    folder
        .write("wide.toml", format!("{}{WIDE}", super::folder::SMALL.replace("trials = 16", "trials = 100")));
    folder
}

#[test]
fn the_table_is_the_same_for_one_two_and_five_threads() {
    let folder = wide("threads");
    for threads in [1, 2, 5] {
        folder.succeed(&format!("sweep wide.toml --out t{threads} --threads {threads}"));
    }
    let table = folder.text("t1/table.csv");
    assert_eq!(table.lines().count(), 1 + 2 * 3 * 2 * 2);
    assert!(folder.text("t2/table.csv") == table, "two threads");
    assert!(folder.text("t5/table.csv") == table, "five threads");
}

#[test]
fn three_merged_shards_give_the_table_of_the_whole() {
    let folder = wide("shards");
    folder.succeed("sweep wide.toml --out whole");
    let mut rows = 0;
    for shard in 1..=3 {
        folder.succeed(&format!("sweep wide.toml --out part{shard} --shard {shard}/3"));
        rows += folder.text(&format!("part{shard}/table.csv")).lines().count() - 1;
    }
    assert_eq!(rows, 24, "every point belongs to one shard");
    let said = folder.succeed("merge part2 part3 part1 --out merged");
    assert!(said.starts_with("24 of 24 points in merged/table.csv"), "{said}");
    assert!(folder.bytes("merged/table.csv") == folder.bytes("whole/table.csv"));
    assert!(folder.path("merged/figure.svg").exists());
    // Merging again, and merging what was merged, changes nothing.
    let journal = folder.bytes("merged/journal.jsonl");
    folder.succeed("merge part1 merged --out merged");
    assert!(folder.bytes("merged/journal.jsonl") == journal);
    assert!(folder.bytes("merged/table.csv") == folder.bytes("whole/table.csv"));
}

#[test]
fn a_missing_shard_leaves_its_rows_out_and_says_so() {
    let folder = wide("missing-shard");
    folder.succeed("sweep wide.toml --out part1 --shard 1/2");
    let said = folder.succeed("merge part1 --out merged");
    assert!(said.starts_with("12 of 24 points in"), "{said}");
    folder.succeed("sweep wide.toml --out merged");
    folder.succeed("sweep wide.toml --out whole");
    assert!(folder.bytes("merged/table.csv") == folder.bytes("whole/table.csv"));
}

#[test]
fn a_last_line_torn_at_any_length_costs_its_point_alone() {
    let folder = Folder::with_small("torn");
    folder.succeed("sweep sweep.toml --out whole");
    let (journal, table) = (folder.bytes("whole/journal.jsonl"), folder.bytes("whole/table.csv"));
    let ends: Vec<usize> = (0..journal.len()).filter(|i| journal[*i] == b'\n').map(|i| i + 1).collect();
    assert_eq!(ends.len(), 11, "a header and ten points");
    let last = ends[9];
    let half = last + (journal.len() - last) / 2;
    for length in [last + 1, last + 9, half, journal.len() - 2, journal.len() - 1] {
        folder.write("torn/journal.jsonl", &journal[..length]);
        let ran = folder.run("sweep sweep.toml --out torn");
        assert!(ran.stderr().contains("resuming: 9 of 10 points"), "torn at {length}: {}", ran.stderr());
        assert!(folder.bytes("torn/table.csv") == table, "torn at {length}");
        assert!(folder.bytes("torn/journal.jsonl") == journal, "torn at {length}");
    }
    // The header itself torn: nothing was finished.
    for length in [0, 1, 8, ends[0] - 1] {
        folder.write("torn/journal.jsonl", &journal[..length]);
        folder.succeed("sweep sweep.toml --out torn");
        assert!(folder.bytes("torn/table.csv") == table, "torn at {length}");
    }
}

#[test]
fn a_second_call_computes_nothing_and_leaves_the_journal_alone() {
    let folder = Folder::with_small("second");
    folder.succeed("sweep sweep.toml --out out");
    let (journal, table) = (folder.bytes("out/journal.jsonl"), folder.bytes("out/table.csv"));
    let ran = folder.run("sweep sweep.toml --out out");
    assert_eq!(ran.code(), Some(0));
    assert!(ran.stderr().contains("resuming: 10 of 10 points are finished already"), "{}", ran.stderr());
    assert!(folder.bytes("out/journal.jsonl") == journal);
    assert!(folder.bytes("out/table.csv") == table);
}

#[test]
fn plot_makes_the_table_again_from_the_journal() {
    let folder = Folder::with_small("derived");
    folder.succeed("sweep sweep.toml --out out");
    let table = folder.bytes("out/table.csv");
    std::fs::remove_file(folder.path("out/table.csv")).unwrap();
    folder.succeed("plot out");
    assert!(folder.bytes("out/table.csv") == table);
}
