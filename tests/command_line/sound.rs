//! `airloop sound`: the table, its files, and refusals.

use super::folder::Folder;

/// A frequency-selective channel that moves, at symbol fidelity so that tests are short.
const MOVING: &str = "sound small.toml --fidelity symbol --draws 8 --set channel.model=tdl-c \
                      --set channel.delay_spread_s=3e-7 --set channel.doppler_hz=50";

#[test]
fn the_table_has_the_truth_beside_what_was_measured_and_files_hold_the_curves() {
    let folder = Folder::with_small("sound");
    let text = folder.succeed(&format!("{MOVING} --out out"));
    assert!(text.starts_with("tdl-c at symbol, link of device 0, 8 draws, 10 dB\n"), "{text}");
    for name in [
        "mean_power",
        "k_factor",
        "mean_delay_s",
        "rms_delay_spread_s",
        "coherence_bandwidth_90_hz",
        "coherence_bandwidth_50_hz",
        "coherence_time_90_s",
        "coherence_time_50_s",
        "rms_doppler_spread_hz",
        "max_doppler_hz",
    ] {
        let line = text.lines().find(|line| line.trim_start().starts_with(name));
        assert_eq!(line.map(|line| line.split_whitespace().count()), Some(6), "{name} in\n{text}");
    }
    let csv = folder.text("out/sound.csv");
    let head = "kind,fidelity,piece,delay_s,frequency_spacing_hz,time_lag_s,doppler_shift_hz,value,value_low,value_high";
    assert_eq!(csv.lines().next(), Some(head));
    for kind in ["delay-profile", "frequency-correlation", "time-correlation", "doppler-spectrum"] {
        for fidelity in ["symbol", "theory"] {
            let rows = csv.lines().filter(|line| line.starts_with(&format!("{kind},{fidelity},"))).count();
            assert!((20..=640).contains(&rows), "{rows} rows of {kind}, {fidelity}");
        }
        let figure = folder.bytes(&format!("out/{kind}.png"));
        assert_eq!(&figure[..8], b"\x89PNG\r\n\x1a\n", "{kind}.png");
        assert!(folder.text(&format!("out/{kind}.svg")).contains("</svg>"));
    }
    assert_eq!(csv.lines().filter(|line| line.starts_with("path,theory,")).count(), 24);
}

#[test]
fn json_holds_the_figures_of_the_table_and_the_seed_decides() {
    let folder = Folder::with_small("sound-json");
    let read = |flags: &str| -> serde_json::Value {
        serde_json::from_str(&folder.succeed(&format!("{MOVING} --json {flags}"))).unwrap()
    };
    let first = read("--device 2 --snr-db 30");
    let figure = |report: &serde_json::Value, name: &str| {
        report["figures"].as_array().unwrap().iter().find(|f| f["name"] == name).unwrap().clone()
    };
    let spread = figure(&first, "rms_delay_spread_s");
    assert!((spread["truth"].as_f64().unwrap() - 3e-7).abs() < 1e-10, "{spread}");
    let (low, high) = (spread["low"].as_f64().unwrap(), spread["high"].as_f64().unwrap());
    assert!(low < 3e-7 && high > 3e-7 && high < 6e-7, "{spread}");
    assert!((figure(&first, "noise_power")["measured"].as_f64().unwrap() - 1e-3).abs() < 1e-4);
    assert_eq!(first, read("--device 2 --snr-db 30 --threads 1"));
    assert_eq!(first, read("--device 2 --snr-db 30 --seed 3"));
    assert_ne!(first["figures"], read("--device 2 --snr-db 30 --seed 4")["figures"]);
    assert_ne!(first["figures"], read("--device 1 --snr-db 30")["figures"]);
}

#[test]
fn a_recording_sounds_as_the_channel_that_it_holds() {
    let folder = Folder::with_small("sound-recorded");
    let drawn =
        "--set channel.model=tdl-c --set channel.delay_spread_s=3e-7 --set channel.doppler_hz=50 --seed 5";
    folder.succeed(&format!("channel small.toml {drawn} --trials 4 --count 240 --out cir.npz"));
    let recorded = "--set channel.model=recorded --set channel.file=cir.npz --set channel.normalise=none \
                    --set channel.start=0 --set stop.trials=4";
    let read = |flags: &str| -> serde_json::Value {
        let line = format!("sound small.toml --fidelity symbol --draws 4 --snr-db 60 --json {flags}");
        serde_json::from_str(&folder.succeed(&line)).unwrap()
    };
    let (original, replayed, other) = (read(drawn), read(recorded), read(&format!("{recorded} --device 1")));
    assert_eq!(replayed["sounding_interval_s"], original["sounding_interval_s"]);
    let figure = |report: &serde_json::Value, name: &str| {
        report["figures"].as_array().unwrap().iter().find(|f| f["name"] == name).unwrap().clone()
    };
    for name in [
        "mean_power",
        "mean_delay_s",
        "rms_delay_spread_s",
        "coherence_bandwidth_50_hz",
        "coherence_time_50_s",
        "rms_doppler_spread_hz",
    ] {
        let of = |report: &serde_json::Value| figure(report, name)["measured"].as_f64().unwrap();
        assert!(
            (of(&replayed) / of(&original) - 1.0).abs() < 2e-3,
            "{name}: {} {}",
            of(&replayed),
            of(&original)
        );
        assert!((of(&other) / of(&original) - 1.0).abs() > 2e-3, "control: another device's {name}");
        // What the same channels show without noise; powers of a grid's taps would not say it.
        let windowed = figure(&replayed, name)["truth_windowed"].as_f64().unwrap();
        assert!((of(&replayed) / windowed - 1.0).abs() < 1e-3, "{name}: {} {windowed}", of(&replayed));
        assert!(figure(&replayed, name)["truth"].is_null(), "{name}");
    }
    assert!(replayed["paths"].as_array().unwrap().is_empty());
    assert_eq!(original["paths"].as_array().unwrap().len(), 24);
    folder.refuse_with(
        &format!("sound small.toml --fidelity symbol --draws 5 {recorded}"),
        &["a draw of a sounder is a trial, and", "and 5 are to run"],
    );
}

#[test]
fn what_stands_still_has_no_doppler() {
    let folder = Folder::with_small("sound-static");
    let text = folder.succeed("sound small.toml --draws 40 --out out");
    assert!(text.starts_with("rayleigh at waveform, link of device 0, 40 draws, 10 dB\n"), "{text}");
    assert!(text.contains("static: no Doppler spectrum, no coherence time"), "{text}");
    assert!(!text.contains("coherence_time") && !text.contains("max_doppler"), "{text}");
    // One path has no spread: the correlation never falls, neither measured nor in truth.
    let line = text.lines().find(|line| line.contains("coherence_bandwidth_50_hz")).unwrap();
    assert!(line.contains("above ") && line.contains("infinite"), "{line}");
    assert!(
        folder.path("out/delay-profile.png").exists() && !folder.path("out/doppler-spectrum.png").exists()
    );
}

#[test]
fn what_cannot_be_sounded_is_refused() {
    let folder = Folder::with_small("sound-refused");
    for (flags, message) in [
        ("--set channel.fading=per-element", "channel.fading = \"per-element\" has no impulse response"),
        ("--device 3", "--device 3: the experiment has devices 0 to 2"),
        ("--device -1", "--device -1: a device's number from 0 on is expected"),
        ("--draws 0", "--draws 0: a number from 1 to 1000000 is expected"),
        ("--draws many", "--draws many: a number from 1 to 1000000 is expected"),
        ("--snr-db loud", "--snr-db loud: a number from -100 to 200 dB is expected"),
        ("--snr-db nan", "--snr-db NaN: a number from -100 to 200 dB is expected"),
        ("--seed x", "--seed x: a whole number from 0 to 9223372036854775807 is expected"),
        (
            "--seed 18446744073709551615",
            "--seed 18446744073709551615: a whole number from 0 to 9223372036854775807",
        ),
        ("--fidelity theory", "--fidelity theory: a sounder needs something on the emulated air"),
        (
            "--fidelity radio",
            "--fidelity radio: a sounder needs something on the emulated air; symbol or waveform is expected",
        ),
        ("--set link.snr=3", "unknown key \"link.snr\""),
        ("--out small.toml", "--out small.toml: "),
        (
            "--strict --draws 2 --set channel.model=tdl-c --set channel.delay_spread_s=1e-8",
            "shows the window rather than the paths",
        ),
    ] {
        folder.refuse_with(&format!("sound small.toml {flags}"), &[message]);
    }
}
