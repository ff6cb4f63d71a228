//! Looks at an ether that is served: what they show is what its radios do, and they end with it.

use super::folder::{Folder, Ran};
use airloop::baseband::Complex32;
use airloop_hil::ether::Attachment;
use airloop_hil::{Direction, RemoteAttachment, Wanted};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

/// An experiment's air, served in a folder of the test's own; it goes with the test.
struct Served(Folder, Child);

impl Served {
    fn begin(name: &str, flags: &str) -> Self {
        let folder = Folder::with_small(name);
        let mut child = folder.spawn(&format!("ether small.toml --socket air.socket {flags}"));
        // It says that it serves once it does.
        let mut said = String::new();
        BufReader::new(child.stderr.as_mut().unwrap()).read_line(&mut said).unwrap();
        assert!(said.starts_with("ether at air.socket"), "{said}");
        Self(folder, child)
    }

    fn look(&self) -> Value {
        serde_json::from_str(&self.0.succeed("scope air.socket --once --json")).unwrap()
    }

    fn end(&mut self) {
        self.1.kill().unwrap();
        self.1.wait().unwrap();
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        _ = self.1.kill();
        _ = self.1.wait();
    }
}

/// Returns the cells of a radio's line.
fn cells(table: &str, radio: &str) -> Vec<String> {
    let line = table.lines().find(|line| line.starts_with(radio));
    line.unwrap_or_else(|| panic!("no {radio}: {table}")).split_whitespace().map(String::from).collect()
}

#[test]
fn a_look_shows_levels_counts_and_who_is_missing() {
    let served = Served::begin("scope-levels", "--uplinks-only --radios 1");
    let folder = &served.0;
    let before = served.look();
    assert_eq!((&before["begun"], &before["time_s"]), (&false.into(), &0.0.into()));
    assert_eq!(before["missing"], serde_json::json!(["device-0", "device-1", "device-2", "server"]));
    let wanted = Wanted::Named("device-0".into());
    let mut device = RemoteAttachment::connect(folder.path("air.socket"), wanted).unwrap();
    device.activate(Direction::Transmit, Some(0)).unwrap();
    // Power 0.3^2 + 0.4^2 = 0.25, -6.02 dB, in whole blocks.
    let (samples, patience) = (vec![Complex32::new(0.3, -0.4); 40 * 1024], Duration::from_secs(60));
    assert_eq!(device.write(0, (Some(0), &samples, true), patience).unwrap(), samples.len());
    assert!(device.write(0, (Some(7), &samples, true), Duration::ZERO).is_err(), "that is over");
    let look = served.look();
    let radio = &look["radios"][0];
    assert_eq!((&radio["name"], &radio["late_bursts"]), (&"device-0".into(), &1.into()));
    assert!((radio["sent"][0]["mean_power"].as_f64().unwrap() - 0.25).abs() < 1e-6, "{look}");
    let time_s = samples.len() as f64 / look["sample_rate_hz"].as_f64().unwrap();
    assert_eq!(look["time_s"], time_s);
    let ratio = look["air_over_wall"].as_f64().unwrap();
    assert!((ratio * look["wall_s"].as_f64().unwrap() / time_s - 1.0).abs() < 1e-9, "{look}");
    let table = folder.succeed("scope air.socket --once");
    assert_eq!(
        cells(&table, "device-0"),
        ["device-0", "holds", "0", "-6.0", "███████▎", "0.400", "0", "0", "0", "1"]
    );
    assert_eq!(cells(&table, "server"), ["server", "missing"]);
    assert!(table.contains("time waits for device-0") && !table.contains('\x1b'), "{table}");
    let ran = folder.run("scope air.socket --once --png levels.png");
    assert_eq!(ran.code(), Some(0), "{}", ran.stderr());
    assert!(folder.bytes("levels.png").starts_with(b"\x89PNG"));
    let csv = folder.text("levels.csv");
    let row = csv.lines().find(|line| line.starts_with("device-0 sends at 0,holds,")).expect(&csv);
    let power: f64 = row.split(',').nth(2).unwrap().parse().unwrap();
    assert!((power - 0.25).abs() < 1e-6, "{row}");
    assert!(row.ends_with(",\"-6.0 dB, peak 0.400, 1 late\""), "{row}");
    assert_eq!(csv.lines().count(), 5, "{csv}");
}

#[test]
fn looks_go_on_until_the_ether_ends() {
    let mut served = Served::begin("scope-ends", "--uplinks-only");
    let mut scope = served.0.spawn("scope air.socket --json --interval-s 0.05");
    let mut out = BufReader::new(scope.stdout.take().unwrap());
    let mut lines = String::new();
    for _ in 0..3 {
        out.read_line(&mut lines).unwrap();
    }
    served.end();
    out.read_to_string(&mut lines).unwrap();
    let ran = Ran(scope.wait_with_output().unwrap());
    assert_eq!((ran.code(), &*ran.stderr()), (Some(0), "the ether has ended\n"));
    let looks: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(looks.len() >= 3 && looks.iter().all(|look| look["time"] == 0), "{lines}");
    served.0.refuse_with("scope air.socket", &["air.socket", "nobody serves it any more"]);
}

#[test]
fn ctrl_c_and_a_reader_that_goes_end_it() {
    let served = Served::begin("scope-stopped", "--uplinks-only");
    for interrupts in [true, false] {
        let mut scope = served.0.spawn("scope air.socket --interval-s 0.05");
        let mut out = BufReader::new(scope.stdout.take().unwrap());
        // The second look is after the handler was set.
        let (mut line, mut looks) = (String::new(), 0);
        while looks < 2 {
            line.clear();
            assert!(out.read_line(&mut line).unwrap() > 0);
            looks += usize::from(line.starts_with("ether at air.socket"));
        }
        match interrupts {
            true => assert!(
                Command::new("kill").args(["-INT", &scope.id().to_string()]).status().unwrap().success()
            ),
            false => drop(out),
        }
        let began = Instant::now();
        while scope.try_wait().unwrap().is_none() {
            assert!(began.elapsed() < Duration::from_secs(60), "it does not end");
            std::thread::yield_now();
        }
        let ran = Ran(scope.wait_with_output().unwrap());
        assert_eq!((ran.code(), &*ran.stderr()), (Some(0), ""));
    }
}

#[test]
fn what_is_wrong_with_a_look_is_said() {
    let folder = Folder::with_small("scope-errors");
    folder.refuse_with("scope", &["the ether at ether.socket", "there is no such socket"]);
    folder.refuse_with("scope small.toml", &["the ether at small.toml", "the file is no socket"]);
    folder.refuse_with("scope .", &["the ether at .", "the file is no socket"]);
    for seconds in ["0", "-1", "nan", "soon", "1e9"] {
        let words = [&format!("--interval-s {seconds}"), "a number from 0.05 to 3600 seconds"];
        folder.refuse_with(&format!("scope --interval-s {seconds}"), &words);
    }
    folder.refuse_with("scope --once --png x.svg", &["--png x.svg", "ends in .png"]);
    assert!(folder.run("scope --png x.png").stderr().contains("--once"));
}
