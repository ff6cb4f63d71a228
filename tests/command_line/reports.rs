//! Reports of single runs: JSON, words, dumps, and the ladder.

use super::bad_payloads::{from_file, npy, values};
use super::folder::{Folder, SMALL};
use airloop::tensor::{TensorFile, read_vector_f64};
use serde_json::Value as Json;
use std::path::Path;

/// Every name of a report, in the order printed.
const NAMES: [&str; 34] = [
    "experiment_id",
    "fidelity",
    "theory_kind",
    "scheme",
    "snr_db",
    "bandwidth_hz",
    "devices",
    "length",
    "trials",
    "stop_reason",
    "metrics",
    "active_fraction",
    "correlation_measured",
    "snr_measured_db",
    "receive_snr_db",
    "power_used_mean",
    "power_peak_db",
    "papr_db",
    "sync_detected_share",
    "timing_error_rms_s",
    "cfo_error_rms_hz",
    "waveform_path",
    "payload_papr_db",
    "elements",
    "airtime_s",
    "airtime_overhead_s",
    "airtime_values_per_s",
    "energy_per_value_rel",
    "energy_j",
    "epsilon_round",
    "epsilon_total",
    "epsilon_eavesdropper_round",
    "epsilon_eavesdropper_total",
    "warnings",
];

fn json(folder: &Folder, args: &str) -> Json {
    let said = folder.succeed(args);
    serde_json::from_str(&said).unwrap_or_else(|e| panic!("{e}: {said}"))
}

#[test]
fn json_is_all_that_the_standard_output_holds() {
    let folder = Folder::with_small("json");
    for fidelity in ["theory", "symbol", "waveform"] {
        let dump = if fidelity == "theory" { "" } else { "--dump dump" };
        let report = json(&folder, &format!("run small.toml --json --fidelity {fidelity} {dump}"));
        let names: Vec<&String> = report.as_object().unwrap().keys().collect();
        let mut expected: Vec<&str> = NAMES.to_vec();
        expected.sort_unstable();
        assert_eq!(names, expected);
        assert_eq!(report["fidelity"], fidelity);
        for metric in ["nmse", "mse_per_device"] {
            let keys: Vec<&String> = report["metrics"][metric].as_object().unwrap().keys().collect();
            assert_eq!(keys, ["count", "high", "low", "mean", "median", "q90", "q95"]);
            let part = |key: &str| report["metrics"][metric][key].as_f64();
            assert!(
                part("low").unwrap() <= part("mean").unwrap()
                    && part("mean").unwrap() <= part("high").unwrap()
            );
        }
    }
}

#[test]
fn what_is_not_defined_is_null() {
    let folder = Folder::with_small("nulls");
    let theory = json(&folder, "run small.toml --json --fidelity theory");
    for name in ["correlation_measured", "snr_measured_db", "power_peak_db", "papr_db", "energy_j"] {
        assert!(theory[name].is_null(), "{name} = {}", theory[name]);
    }
    assert!(theory["metrics"]["nmse"]["median"].is_null());
    folder.write(
        "full.toml",
        SMALL.replace(
            "kind = \"truncated-inversion\"\nthreshold = 0.1\nscale = \"lmmse\"",
            "kind = \"full-inversion\"",
        ),
    );
    let full = json(&folder, "run full.toml --json");
    let nmse = &full["metrics"]["nmse"];
    assert!(nmse["mean"].is_null() && nmse["low"].is_null() && nmse["high"].is_null(), "{nmse}");
    assert!(nmse["median"].is_f64() && nmse["q90"].is_f64(), "{nmse}");
    let watt = json(&folder, "run small.toml --json --set link.transmit_power_w=0.2");
    assert!(watt["energy_j"].as_f64().unwrap() > 0.0);
}

#[test]
fn theory_has_no_trial_to_dump() {
    let folder = Folder::with_small("theory-dump");
    folder.refuse_with(
        "run small.toml --fidelity theory --dump d",
        &["--dump: theory runs no trial", "choose symbol"],
    );
    assert!(!folder.path("d").exists());
}

#[test]
fn words_and_json_say_the_same() {
    let folder = Folder::with_small("words");
    let report = json(&folder, "run small.toml --json");
    let words = folder.succeed("run small.toml");
    let mean = report["metrics"]["nmse"]["mean"].as_f64().unwrap();
    assert!(words.contains(&format!("({:.2} dB)", 10.0 * mean.log10())), "{mean}: {words}");
    assert!(words.contains("  trials                16 (trials)"), "{words}");
}

/// Returns the error that a dump gives, and the one that it states.
fn recompute(path: &Path) -> (f64, f64) {
    let vector = |name: &str| read_vector_f64(path, Some(name)).unwrap();
    let payload = TensorFile::open(path, Some("payload")).unwrap();
    let (devices, length) = (payload.rows(), payload.columns());
    let mut sum = vec![0.0f64; length];
    let mut row = vec![0.0f32; length];
    for device in 0..devices {
        payload.read(device, 0..length, &mut row).unwrap();
        sum.iter_mut().zip(&row).for_each(|(s, v)| *s += f64::from(*v));
    }
    let (unit, offset) = (vector("unit")[0], vector("offset")[0]);
    let (target, estimate) = (vector("target"), vector("estimate"));
    // The payload is in sending order, the target in its own: compare what order leaves alone, then value by value.
    let mut ours: Vec<f64> = sum.iter().map(|s| unit * s + offset).collect();
    let mut theirs = target.clone();
    ours.sort_by(f64::total_cmp);
    theirs.sort_by(f64::total_cmp);
    let power: f64 = target.iter().map(|t| t * t).sum();
    for (a, b) in ours.iter().zip(&theirs) {
        assert!((a - b).abs() < 1e-5 * (power / length as f64).sqrt(), "{a} and {b}");
    }
    let error: f64 = target.iter().zip(&estimate).map(|(t, e)| (t - e) * (t - e)).sum();
    (error / power, vector("nmse")[0])
}

#[test]
fn a_dump_gives_the_error_that_a_run_of_one_trial_prints() {
    let folder = Folder::with_small("dump");
    folder.write("file.toml", from_file());
    folder.write("g.npy", npy("3, 40", &values(120)));
    for (file, fidelity) in
        [("small", "symbol"), ("small", "waveform"), ("file", "symbol"), ("file", "waveform")]
    {
        let dump = format!("{file}-{fidelity}");
        let args = format!("run {file}.toml --json --set stop.trials=1 --fidelity {fidelity} --dump {dump}");
        let printed = json(&folder, &args)["metrics"]["nmse"]["mean"].as_f64().unwrap();
        let path = folder.path(&dump).join("trial-0.npz");
        let (ours, stated) = recompute(&path);
        assert!((ours / printed - 1.0).abs() < 1e-5, "{dump}: recomputed {ours}, printed {printed}");
        assert!((stated / printed - 1.0).abs() < 1e-12, "{dump}: stated {stated}, printed {printed}");
    }
}

#[test]
fn a_ladder_prints_its_laws_and_exits_with_0() {
    let folder = Folder::with_small("ladder");
    let said = folder.succeed("ladder small.toml");
    for part in
        ["law     symbol against theory", "law     waveform against symbol", "effect  ", "all laws hold"]
    {
        assert!(said.contains(part), "{part} is not in {said}");
    }
    assert!(!said.contains("BROKEN"), "{said}");
}

#[test]
fn a_reader_that_goes_away_is_no_error_and_a_full_one_is() {
    let folder = Folder::with_small("streams");
    let binary = env!("CARGO_BIN_EXE_airloop");
    let shell = |script: String| {
        let output = std::process::Command::new("bash")
            .args(["-c", &script])
            .current_dir(folder.path(""))
            .output()
            .unwrap();
        super::folder::Ran(output)
    };
    let ran =
        shell(format!("set -o pipefail; {binary} run small.toml --json | true; exit ${{PIPESTATUS[0]}}"));
    assert_eq!((ran.code(), ran.stderr()), (Some(0), String::new()));
    if Path::new("/dev/full").exists() {
        let ran = shell(format!("{binary} run small.toml --json > /dev/full"));
        assert_eq!(ran.code(), Some(2));
        assert!(ran.stderr().starts_with("error: cannot write to the standard output: "), "{}", ran.stderr());
    }
}
