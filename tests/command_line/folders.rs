//! Result folders: what may go into them, what is refused, and that nothing of anyone's is lost.

use super::folder::{Folder, Ran};
use std::process::Command;

#[test]
fn more_values_of_an_axis_keep_the_points_that_are_there() {
    let folder = Folder::with_small("extended");
    folder.succeed("sweep sweep.toml --out out");
    let before = folder.text("out/journal.jsonl");
    let ran = folder.run("sweep sweep.toml --out out --over link.snr_db=-5:5:25");
    assert!(ran.stderr().contains("resuming: 10 of 14 points"), "{}", ran.stderr());
    assert!(folder.text("out/journal.jsonl").starts_with(&before));
    folder.succeed("sweep sweep.toml --out fresh --over link.snr_db=-5:5:25");
    assert!(folder.bytes("out/table.csv") == folder.bytes("fresh/table.csv"));
}

#[test]
fn a_shorter_axis_leaves_points_aside_and_loses_none() {
    let folder = Folder::with_small("shorter");
    folder.succeed("sweep sweep.toml --out out");
    let (whole, points) = (folder.bytes("out/table.csv"), folder.journal_lines("out"));
    let ran = folder.run("sweep sweep.toml --out out --over link.snr_db=5,20");
    assert_eq!(folder.text("out/table.csv").lines().count(), 1 + 4);
    let note = "6 earlier points are not part of this sweep; out/journal.jsonl keeps them";
    assert!(ran.stderr().contains(note), "{}", ran.stderr());
    let ran = folder.run("sweep sweep.toml --out out");
    assert!(ran.stderr().contains("resuming: 10 of 10 points"), "{}", ran.stderr());
    assert!(folder.bytes("out/table.csv") == whole);
    assert_eq!(folder.journal_lines("out"), points + 2, "two headers more, and no point");
}

#[test]
fn another_axis_takes_over_the_points_of_the_same_experiments() {
    let folder = Folder::with_small("another-axis");
    folder.succeed("sweep sweep.toml --out out");
    let ran = folder.run("sweep sweep.toml --out out --over payload.devices=3,4");
    assert!(ran.stderr().contains("resuming: 10 of 20 points"), "{}", ran.stderr());
    folder.succeed("sweep sweep.toml --out fresh --over payload.devices=3,4");
    assert!(folder.bytes("out/table.csv") == folder.bytes("fresh/table.csv"));
}

#[test]
fn values_and_rungs_that_are_written_twice_run_once() {
    let folder = Folder::with_small("twice");
    let said =
        folder.succeed("sweep small.toml --out out --over link.snr_db=10,10.0,20 --fidelity theory,theory");
    assert!(said.contains("2 of 2 points"), "{said}");
    assert_eq!(folder.text("out/table.csv").lines().count(), 3);
}

#[test]
fn a_folder_of_another_experiment_is_refused_with_the_key_and_both_values() {
    let folder = Folder::with_small("other-experiment");
    folder.succeed("sweep sweep.toml --out out");
    let (journal, table) = (folder.bytes("out/journal.jsonl"), folder.bytes("out/table.csv"));
    let start = "out/journal.jsonl holds results of another experiment: ";
    let there_and_here = [
        ("--set seed=4", "seed is 3 there and 4 here"),
        ("--set seed=1", "seed is 3 there and its default here"),
        ("--set payload.devices=4 --set payload.length=41", "payload.devices is 3 there and 4 here"),
        ("--set channel.speed_m_s=2.5", "channel.speed_m_s is its default there and 2.5 here"),
        ("--set channel.model=awgn", "channel.model is \"rayleigh\" there and \"awgn\" here"),
    ];
    for (change, key) in there_and_here {
        folder.refuse_with(
            &format!("sweep sweep.toml --out out {change}"),
            &[start, key, "choose another --out"],
        );
    }
    assert!(folder.bytes("out/journal.jsonl") == journal);
    assert!(folder.bytes("out/table.csv") == table);
}

#[test]
fn shards_of_other_experiments_are_not_merged() {
    let folder = Folder::with_small("other-shards");
    folder.succeed("sweep sweep.toml --out a");
    folder.succeed("sweep sweep.toml --out b --set seed=9");
    folder.succeed("sweep sweep.toml --out c --set stop.trials=20");
    folder.refuse_with(
        "merge a b --out m",
        &["b holds results of another experiment: seed is 9 there and 3 here"],
    );
    folder.refuse_with("merge a c --out m", &["c holds", "stop is trials=20;level=0.95 there and trials=16"]);
    folder.refuse_with("merge a nowhere --out m", &["nowhere: there are no results here"]);
    assert!(!folder.path("m").exists(), "nothing is begun before all is read");
}

#[test]
fn a_file_that_is_no_journal_is_refused_and_left_alone() {
    let folder = Folder::with_small("foreign");
    for foreign in ["my own notes\n", "my own notes", "{\"a\": 1}\n{\"b\": 2}\n"] {
        folder.write("out/journal.jsonl", foreign);
        folder.refuse_with("sweep sweep.toml --out out", &["line 1 is not a record", "nothing was changed"]);
        assert_eq!(folder.text("out/journal.jsonl"), foreign);
    }
    folder.refuse_with("plot out", &["out/journal.jsonl: line 1 is not a record"]);
}

#[test]
fn a_damaged_line_inside_the_journal_is_named() {
    let folder = Folder::with_small("damaged");
    folder.succeed("sweep sweep.toml --out out");
    let damaged = folder.text("out/journal.jsonl").replacen("\"devices\":3", "\"devices\":4", 2);
    folder.write("out/journal.jsonl", &damaged);
    folder.refuse_with(
        "sweep sweep.toml --out out",
        &["out/journal.jsonl: line 2", "its checksum does not fit"],
    );
    assert_eq!(folder.text("out/journal.jsonl"), damaged);
    folder.write("out/journal.jsonl", damaged.replacen("\"schema\":1", "\"schema\":7", 1));
    folder.refuse_with("plot out", &["line 1 is not a record"]);
}

#[test]
fn folders_that_cannot_be_written_are_named() {
    let folder = Folder::with_small("unwritable");
    folder.refuse_with("sweep sweep.toml --out small.toml", &["small.toml: cannot make the output folder"]);
    folder
        .refuse_with("sweep sweep.toml --out small.toml/x", &["small.toml/x: cannot make the output folder"]);
    folder.refuse_with("run small.toml --dump small.toml", &["--dump small.toml: "]);
    folder.refuse_with("aggregate g.csv --config small.toml --out e.npy", &["g.csv: cannot open the file"]);
    assert_eq!(folder.text("small.toml"), super::folder::SMALL);
    #[cfg(target_os = "linux")]
    folder.refuse_with(
        "sweep sweep.toml --out /proc/airloop",
        &["/proc/airloop: cannot make the output folder"],
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_journal_that_is_a_device_is_refused() {
    let folder = Folder::with_small("device");
    std::fs::create_dir(folder.path("out")).unwrap();
    std::os::unix::fs::symlink("/dev/full", folder.path("out/journal.jsonl")).unwrap();
    folder.refuse_with(
        "sweep sweep.toml --out out",
        &["out/journal.jsonl: cannot read the journal: it is no regular file"],
    );
}

#[cfg(unix)]
#[test]
fn a_disk_that_takes_no_more_loses_no_finished_point() {
    let folder = Folder::with_small("full");
    let binary = env!("CARGO_BIN_EXE_airloop");
    // Files may not grow beyond 4 KiB: the journal takes its header and a few points.
    let script = format!("trap '' XFSZ; ulimit -f 4; exec {binary} sweep sweep.toml --out out");
    let ran = Ran(Command::new("bash").args(["-c", &script]).current_dir(folder.path("")).output().unwrap());
    assert_eq!(ran.code(), Some(2), "{}", ran.stderr());
    assert!(
        ran.stderr().contains("error: out/journal.jsonl: cannot write a finished point: "),
        "{}",
        ran.stderr()
    );
    let kept = folder.text("out/journal.jsonl");
    let finished = kept.lines().count() - 1;
    assert!((1..10).contains(&finished) && kept.ends_with('\n'), "{finished} points, no torn line");
    let ran = folder.run("sweep sweep.toml --out out");
    assert!(ran.stderr().contains(&format!("resuming: {finished} of 10 points")), "{}", ran.stderr());
    folder.succeed("sweep sweep.toml --out whole");
    assert!(folder.bytes("out/table.csv") == folder.bytes("whole/table.csv"));
}
