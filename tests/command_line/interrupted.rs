//! Ctrl-C: exit code 130, finished points kept, and a message that says how to go on.

use super::folder::Ran;
use super::killed::{slow, wait_for_lines};
use std::process::{Child, Command};
use std::time::Duration;

fn interrupt(child: &Child) {
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
}

#[test]
fn an_interrupted_sweep_writes_its_table_and_says_how_to_resume() {
    let folder = slow("interrupted");
    let mut child = folder.spawn("sweep slow.toml --out out --threads 1");
    wait_for_lines(&folder, &mut child, 3);
    interrupt(&child);
    let ran = Ran(child.wait_with_output().unwrap());
    assert_eq!(ran.code(), Some(130), "{}", ran.stderr());
    let rows = folder.text("out/table.csv").lines().count() - 1;
    assert!((2..21).contains(&rows), "{rows} rows");
    assert_eq!(rows, folder.journal_lines("out") - 1);
    assert!(ran.stdout().contains(&format!("{rows} of 21 points in out/table.csv")), "{}", ran.stdout());
    let (before, command) =
        ran.stderr().trim_end().rsplit_once('\n').map(|(a, b)| (a.to_string(), b.to_string())).unwrap();
    assert!(before.ends_with("interrupted; the same command resumes:"), "{before}");
    assert!(command.ends_with("airloop sweep slow.toml --out out --threads 1"), "{command}");

    folder.succeed("sweep slow.toml --out out");
    folder.succeed("sweep slow.toml --out whole");
    assert!(folder.bytes("out/table.csv") == folder.bytes("whole/table.csv"));
}

#[test]
fn an_interrupted_run_prints_no_report_and_exits_with_130() {
    let folder = slow("interrupted-run");
    let child = folder.spawn("run slow.toml --json --threads 1 --set stop.trials=100000");
    std::thread::sleep(Duration::from_millis(400));
    interrupt(&child);
    let ran = Ran(child.wait_with_output().unwrap());
    assert_eq!(ran.code(), Some(130), "{}", ran.stderr());
    assert_eq!(ran.stdout(), "");
    assert!(ran.stderr().contains("error: interrupted; nothing was written"), "{}", ran.stderr());
}

#[test]
fn an_interrupted_ladder_exits_with_130() {
    let folder = slow("interrupted-ladder");
    let child = folder.spawn("ladder slow.toml --threads 1");
    std::thread::sleep(Duration::from_millis(400));
    interrupt(&child);
    let ran = Ran(child.wait_with_output().unwrap());
    assert_eq!(ran.code(), Some(130), "{}", ran.stderr());
}
