//! Sweeps that end in the middle: nothing that was finished is lost.

use super::folder::{Folder, SMALL};
use std::process::Child;
use std::time::{Duration, Instant};

/// A sweep of 21 points that takes seconds on one thread.
const SLOW: &str = r#"
[sweep]
over = { "link.snr_db" = "0:1:20" }
"#;

/// Makes a folder with `slow.toml`.
pub fn slow(name: &str) -> Folder {
    let folder = Folder::new(name);
    let text = SMALL.replace("length = 40", "length = 25000").replace("trials = 16", "trials = 64");
    folder.write("slow.toml", format!("{text}{SLOW}"));
    folder
}

/// Waits until a journal holds a number of lines while the sweep goes on.
pub fn wait_for_lines(folder: &Folder, child: &mut Child, lines: usize) {
    let begun = Instant::now();
    while folder.journal_lines("out") < lines {
        let ended = child.try_wait().unwrap();
        assert!(ended.is_none(), "the sweep ended before it could be stopped: {ended:?}");
        assert!(begun.elapsed() < Duration::from_secs(60), "no point is finished after a minute");
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn a_sweep_killed_in_the_middle_keeps_its_points_and_resumes_to_the_same_bytes() {
    let folder = slow("killed");
    let mut child = folder.spawn("sweep slow.toml --out out --threads 1");
    wait_for_lines(&folder, &mut child, 4);
    child.kill().unwrap();
    assert_eq!(child.wait().unwrap().code(), None, "killed by a signal");
    let left = folder.bytes("out/journal.jsonl");
    let finished = left.iter().filter(|b| **b == b'\n').count() - 1;
    assert!((3..21).contains(&finished), "{finished} of 21 points");
    assert!(!folder.path("out/table.csv").exists(), "the table comes at the end");

    let ran = folder.run("sweep slow.toml --out out --threads 2");
    assert_eq!(ran.code(), Some(0), "{}", ran.stderr());
    assert!(ran.stderr().contains(&format!("resuming: {finished} of 21 points")), "{}", ran.stderr());
    let whole_lines = left.iter().rposition(|b| *b == b'\n').unwrap() + 1;
    assert!(
        folder.bytes("out/journal.jsonl")[..whole_lines] == left[..whole_lines],
        "finished points are kept"
    );

    folder.succeed("sweep slow.toml --out never-killed");
    assert!(folder.bytes("out/table.csv") == folder.bytes("never-killed/table.csv"));
}

#[test]
fn a_killed_sweep_can_be_plotted_and_merged_as_it_is() {
    let folder = slow("killed-plot");
    let mut child = folder.spawn("sweep slow.toml --out out --threads 1");
    wait_for_lines(&folder, &mut child, 3);
    child.kill().unwrap();
    child.wait().unwrap();
    folder.succeed("plot out");
    let rows = folder.text("out/table.csv").lines().count() - 1;
    assert!((2..21).contains(&rows), "{rows} rows");
    let said = folder.succeed("merge out --out merged");
    assert!(said.starts_with(&format!("{rows} of 21 points")), "{said}");
    assert!(folder.bytes("merged/table.csv") == folder.bytes("out/table.csv"));
}
