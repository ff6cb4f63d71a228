//! A lab rehearsed by its commands, as docs/lab.md has it.

use super::folder::Folder;
use airloop::hil::Recording;
use std::path::Path;
use std::process::Child;
use std::time::{Duration, Instant};

/// A folder with the shipped rehearsal and its air.
pub fn rehearsal(name: &str) -> (Folder, Child) {
    let folder = Folder::new(name);
    let data = concat!(env!("CARGO_MANIFEST_DIR"), "/experiments/data/digits_mlp_gradients.safetensors");
    let text = include_str!("../../experiments/lab/rehearsal.toml");
    folder.write("rehearsal.toml", text.replace("../data/digits_mlp_gradients.safetensors", data));
    folder.write("radios.toml", include_str!("../../experiments/lab/radios.toml"));
    let ether = folder.spawn("ether rehearsal.toml --socket air.socket");
    let (path, began) = (folder.path("air.socket"), Instant::now());
    while !Path::exists(&path) {
        assert!(began.elapsed() < Duration::from_secs(60), "no socket within a minute");
        std::thread::sleep(Duration::from_millis(5));
    }
    (folder, ether)
}

#[test]
fn a_lab_is_checked_calibrated_and_run() {
    let (folder, mut ether) = rehearsal("lab");
    let steps = folder.succeed("lab check radios.toml");
    assert!(steps.contains("reciprocity_db") && !steps.contains("FAILS"), "{steps}");
    for words in
        ["(clock internal, time internal)", "rate_reached_hz", "(not heard)", "(0 overflows, 0 underflows"]
    {
        assert!(steps.contains(words), "{words}: {steps}");
    }
    folder.succeed("lab calibrate radios.toml --out measured.toml");
    // What was measured goes into an experiment as it is.
    let measured = folder.text("measured.toml");
    let table = measured.split("[[measured]]").next().unwrap();
    folder.write("measured-experiment.toml", folder.text("rehearsal.toml") + "\n" + table);
    folder.succeed("run measured-experiment.toml --fidelity waveform");
    let run = "run rehearsal.toml --fidelity radio --radios radios.toml";
    let report = folder.succeed(&format!("{run} --json --record heard --figure lab.png"));
    // Within a decibel of the round whose clocks are right and whose channels are known.
    let nmse_db = |report: &str| {
        let report: serde_json::Value = serde_json::from_str(report).unwrap();
        10.0 * report["metrics"]["nmse"]["mean"].as_f64().unwrap().log10()
    };
    let aligned = folder.succeed("run rehearsal.toml --fidelity radio --json");
    assert!((nmse_db(&report) - nmse_db(&aligned)).abs() < 1.0, "{report} against {aligned}");
    let table = folder.text("lab.csv");
    assert!(table.lines().count() > 700 && table.contains("\"device-3: "), "{table:.300}");
    assert!(folder.bytes("lab.png").starts_with(b"\x89PNG"));
    let recording = Recording::open(folder.path("heard")).unwrap();
    assert!(recording.samples() > 100_000 && recording.metadata().segments.len() == 1);
    // What each radio heard and sent is there too; soundings, pilots and the round of a device are bursts of their own.
    let sent = Recording::open(folder.path("heard-device-3-sent")).unwrap();
    assert!(sent.metadata().segments.len() > 10, "{}", sent.metadata().segments.len());
    assert!(
        folder.path("heard-device-0.sigmf-data").exists()
            && folder.path("heard-server-sent.sigmf-meta").exists()
    );
    // The recording holds all that the receiver needs.
    assert_eq!(folder.succeed("replay rehearsal.toml heard --json"), report);
    let other = "replay rehearsal.toml heard --set payload.devices=3";
    folder.refuse_with(other, &["heard.sigmf-data", "is a recording of experiment", "--changed"]);
    let longer = folder.run("replay rehearsal.toml heard --changed --set ofdm.bandwidth_hz=10e6");
    assert!(longer.code() == Some(1) && longer.stderr().contains("samples"), "{}", longer.stderr());
    // The control: clocks as they are.
    let lab = folder.text("radios.toml");
    folder.write("unaligned.toml", format!("align = false\n{lab}"));
    let ran = folder.run("run rehearsal.toml --fidelity radio --radios unaligned.toml");
    assert_eq!(ran.code(), Some(1), "{}", ran.stderr());
    assert!(ran.stderr().contains("error: ") && ran.stdout().is_empty(), "{}", ran.stderr());
    // A radio less than the experiment has devices.
    let without = lab.rsplit_once("[[radio]]").unwrap().0;
    folder.write("without.toml", without);
    let message = folder.run("run rehearsal.toml --fidelity radio --radios without.toml").stderr();
    assert!(message.contains("no radio called device-3"), "{message}");
    ether.kill().unwrap();
    ether.wait().unwrap();
}

#[test]
fn what_is_wrong_with_a_lab_file_is_said() {
    let folder = Folder::with_small("bad-labs");
    let refused = |lab: &str, parts: &[&str]| {
        folder.write("lab.toml", lab);
        folder.refuse_with("lab check lab.toml", parts);
    };
    let radio = "[[radio]]\nname = \"server\"\nether = \"none.socket\"\n";
    refused("", &["centre_hz"]);
    refused("centre_hz = 2e9", &["[[radio]]"]);
    refused(&format!("centre_hz = 2e9\nback_of_db = 3\n{radio}"), &["back_of_db", "back_off_db"]);
    refused(&format!("centre_hz = 2e9\n{radio}{radio}"), &["two radios server"]);
    refused("centre_hz = 2e9\n[[radio]]\nname = \"server\"", &["either ether", "soapy"]);
    refused(&format!("centre_hz = 2e9\n{radio}"), &["none.socket", "there is no such socket"]);
    let real = "centre_hz = 2e9\n[[radio]]\nname = \"server\"\nsoapy = \"driver=none\"\n";
    if !cfg!(feature = "soapysdr") {
        folder.write("lab.toml", real);
        let ran = folder.run("lab check lab.toml");
        assert!(ran.stderr().contains("--features soapysdr"), "{}", ran.stderr());
    }
    let permit =
        "[radio.transmit]\ndevice = \"serial=1\"\nlowest_hz = 2.4e9\nhighest_hz = 2.3e9\nmost_gain_db = 10\n";
    refused(&format!("{real}{permit}"), &["bands_hz"]);
    folder.refuse_with("lab check missing.toml", &["missing.toml"]);
    folder.refuse_with("run small.toml --radios lab.toml", &["--radios", "--fidelity radio"]);
    let impaired = "run small.toml --fidelity radio --set impairments.cfo_hz=10 --radios";
    folder.write("lab.toml", format!("centre_hz = 2e9\n{radio}"));
    folder.refuse_with(&format!("{impaired} lab.toml"), &["none.socket"]);
}
