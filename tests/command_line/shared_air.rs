//! Programs that share an ether: each carries the radios that are its own, and the sum is that of one program.

use super::folder::Folder;
use serde_json::Value;
use std::path::Path;
use std::process::Child;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// One round of the shipped gradients of eight devices.
const ROUND: &str = "--set payload.devices=8 --set stop.trials=1 --set payload.path=\"%\"";

fn round() -> String {
    let data = concat!(env!("CARGO_MANIFEST_DIR"), "/experiments/data/digits_mlp_gradients.safetensors");
    format!("{} {}", "q.toml", ROUND.replace('%', data))
}

/// Waits for what another process does.
fn wait_for(what: &str, mut there: impl FnMut() -> bool) {
    let began = Instant::now();
    while !there() {
        assert!(began.elapsed() < Duration::from_secs(60), "{what}: nothing within a minute");
        sleep(Duration::from_millis(5));
    }
}

fn with_quickstart(name: &str) -> Folder {
    let folder = Folder::new(name);
    folder.write("q.toml", include_str!("../../experiments/quickstart.toml"));
    folder
}

fn serve(folder: &Folder, flags: &str) -> Child {
    let child = folder.spawn(&format!("ether {} --socket air.socket --json {flags}", round()));
    let path = folder.path("air.socket");
    wait_for("the ether's socket", || Path::exists(&path));
    child
}

fn nmse(report: &str) -> f64 {
    let report: Value = serde_json::from_str(report).unwrap();
    report["metrics"]["nmse"]["mean"].as_f64().unwrap_or_else(|| panic!("no NMSE: {report}"))
}

#[test]
fn eight_devices_and_a_server_in_nine_processes_give_the_report_of_one() {
    let folder = with_quickstart("nine-processes");
    let run = |fidelity: &str| folder.succeed(&format!("run {} --fidelity {fidelity} --json", round()));
    let (alone, waveform) = (run("radio"), run("waveform"));
    let ether = serve(&folder, "--uplinks-only --once");
    let part =
        |radio: &str| format!("run {} --fidelity radio --ether air.socket --radio {radio} --json", round());
    let order = [5, 0, 7, 2, 1, 6, 4, 3];
    let devices = order.map(|device| folder.spawn(&part(&format!("device-{device}"))));
    let shared = folder.succeed(&part("server"));
    for device in devices {
        let ended = device.wait_with_output().unwrap();
        assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
        assert!(ended.stdout.is_empty(), "who does not hear the sum has no report");
    }
    let ended = ether.wait_with_output().unwrap();
    assert!(ended.status.success());
    assert_eq!(shared, alone);
    // The waveform rung adds spectra where the radios add samples.
    let (shared, waveform) = (nmse(&shared), nmse(&waveform));
    assert!((shared / waveform - 1.0).abs() < 1e-3, "{shared} {waveform}");
    // Without one of them the sum is another: devices that are silent are missed.
    let ether = serve(&folder, "--uplinks-only --once --radios 2");
    let seven = "device-0,device-1,device-2,device-3,device-4,device-5,device-6";
    let devices = folder.spawn(&part(seven));
    let missed = nmse(&folder.succeed(&part("server")));
    assert!(devices.wait_with_output().unwrap().status.success());
    assert!(ether.wait_with_output().unwrap().status.success());
    assert!(missed > 1.2 * shared, "{missed} {shared}");
}

#[test]
fn what_is_wrong_with_an_ether_or_a_share_is_said() {
    let folder = with_quickstart("shared-errors");
    let round = round();
    folder.refuse_with(&format!("ether {round} --clock sun"), &["--clock sun", "lockstep or wall"]);
    folder.refuse_with(&format!("ether {round} --radios few"), &["--radios few", "number of radios"]);
    folder.refuse_with(&format!("ether {round} --socket no/such"), &["the ether at no/such"]);
    let clocks = "--set impairments.timing_offset_s=1e-7";
    folder.refuse_with(&format!("ether {round} {clocks}"), &["a downlink", "[impairments]"]);
    let share = format!("run {round} --ether air.socket");
    folder.refuse_with(&share, &["--ether", "--fidelity radio"]);
    let share = format!("{share} --fidelity radio");
    folder.refuse_with(&share, &["air.socket", "there is no such socket"]);
    folder.refuse_with(&format!("{share} --radio bob"), &["--radio bob", "device-7, server"]);
    folder.refuse_with(&format!("{share} --set rounds=2"), &["2 rounds a trial"]);
    let mut ether = serve(&folder, "");
    folder.refuse_with(&format!("ether {round} --socket air.socket"), &["it is served already"]);
    folder.refuse_with(&format!("{share} --set ofdm.bandwidth_hz=5e6"), &["sample_rate_hz", "30720000"]);
    ether.kill().unwrap();
    ether.wait().unwrap();
    folder.refuse_with(&share, &["nobody serves it any more"]);
}
