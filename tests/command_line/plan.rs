//! `airloop plan`: figures with their formulas, advice, and refusals.

use super::folder::Folder;

#[test]
fn figures_come_with_formulas_parts_and_advice() {
    let folder = Folder::with_small("plan");
    let flags = "--set payload.devices=20 --set channel.speed_m_s=1 --set scheme.threshold=0.005 --target-nmse-db -12";
    let text = folder.succeed(&format!("plan small.toml {flags}"));
    assert!(text.starts_with("target NMSE -12.00 dB\n"), "{text}");
    for part in [
        "noise and silent devices",
        "1 - J0(2 pi f_D t)^2 = q",
        "2 (1 - exp(-sd^2/2))",
        "K = 20, SNR 10.00 dB",
    ] {
        assert!(text.contains(part), "\"{part}\" is not in:\n{text}");
    }
    assert!(text.contains("advice: coherent aggregation"), "{text}");
    // A free oscillator of 25 ppm cannot hold a phase for two symbols.
    let free = folder.succeed(&format!("plan small.toml {flags} --oscillator-ppm 25"));
    assert!(free.contains("87.5 kHz, too much") && free.contains("fsk-majority"), "{free}");
}

#[test]
fn json_holds_the_same_figures() {
    let folder = Folder::with_small("plan-json");
    let text = folder.succeed("plan small.toml --json --oscillator-ppm 0.01 --target-nmse-db -3");
    let plan: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert!((plan["target_nmse_db"].as_f64().unwrap() + 3.0).abs() < 1e-12);
    let lines = plan["lines"].as_array().unwrap();
    let carrier = lines.iter().find(|l| l["quantity"] == "residual CFO, rms").unwrap();
    assert!((carrier["given"].as_f64().unwrap() - 35.0).abs() < 1e-9 && carrier["unit"] == "Hz", "{carrier}");
    assert!(plan["advice"]["verdict"].as_str().unwrap().contains("coherent"));
}

#[test]
fn what_cannot_be_planned_is_refused() {
    let folder = Folder::with_small("plan-refused");
    for (flags, message) in [
        (
            "--target-nmse-db 3",
            "target_nmse_db = 3: a target from -200 to below 0 dB is expected, for example -15",
        ),
        ("--target-nmse-db nan", "target_nmse_db = NaN: a target"),
        ("--target-nmse-db low", "--target-nmse-db low: a number is expected"),
        ("--oscillator-ppm -2", "oscillator_ppm = -2: a finite number from 0 is expected"),
        ("--timing-rms-s inf", "timing_rms_s = inf: a finite number from 0 is expected"),
        ("--set link.snr_db=-30", "target_nmse_db is missing: noise and silent devices alone leave"),
        ("--set link.snr=3", "unknown key \"link.snr\""),
    ] {
        folder.refuse_with(&format!("plan small.toml {flags}"), &[message]);
    }
    folder.refuse_with("plan none.toml", &["none.toml"]);
}

#[test]
fn a_target_under_the_noise_says_what_would_do() {
    let folder = Folder::with_small("plan-noise");
    let text = folder.succeed("plan small.toml --target-nmse-db -30");
    assert!(text.contains("out of reach") && text.contains("for noise to take half of the target"), "{text}");
}
