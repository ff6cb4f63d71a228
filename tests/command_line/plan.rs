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

#[test]
fn figures_have_one_unit_throughout_and_the_headings_are_explained() {
    let folder = Folder::with_small("plan-units");
    let text =
        folder.succeed("plan small.toml --target-nmse-db -3 --timing-rms-s 1e-5 --set payload.devices=9");
    let timing = text.lines().find(|l| l.contains("timing error, rms")).unwrap();
    assert!(timing.contains("10 us, too much"), "{timing}");
    let advice = text.split_once("advice: ").unwrap().1;
    let allowed = timing.split_whitespace().skip(3).take(2).collect::<Vec<_>>().join(" ");
    assert!(advice.contains(&format!("timing_rms_s is 10 us, and {allowed} is allowed")), "{text}");
    let mut lines = text.lines().skip(1);
    assert!(lines.next().unwrap().contains("(allowed: the largest figure"), "{text}");
    assert!(lines.next().unwrap().contains("takes of the NMSE"), "{text}");
    // The first row has its value once.
    let noise = lines.next().unwrap();
    assert_eq!(noise.matches(" dB").count(), 2, "its part, and the SNR in its source: {noise}");
}

#[test]
fn a_weak_sum_is_counted() {
    let folder = Folder::new("plan-weak");
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("experiments/quickstart.toml");
    let report: serde_json::Value =
        serde_json::from_str(&folder.succeed(&format!("run {} --fidelity theory --json", file.display())))
            .unwrap();
    let nmse_db = 10.0 * report["metrics"]["nmse"]["mean"].as_f64().unwrap().log10();
    assert!(nmse_db > -6.0, "{nmse_db}");
    let text = folder.succeed(&format!("plan {} --target-nmse-db -10", file.display()));
    let noise = text.lines().find(|l| l.contains("noise and silent devices")).unwrap();
    assert!(noise.contains(&format!(" {nmse_db:.2} dB")), "{nmse_db}: {text}");
    for part in
        ["weak-sum factor", "mean correlation -0.0", "normalisation factor", "nearly cancel", "out of reach"]
    {
        assert!(text.contains(part), "\"{part}\" is not in:\n{text}");
    }
}

#[test]
fn a_preamble_changes_the_plan() {
    let folder = Folder::with_small("plan-sync");
    let flags = "--set payload.length=600 --set ofdm.subcarrier_spacing_hz=15e3 --set ofdm.bandwidth_hz=5e6 \
                 --set impairments.oscillator_ppm.normal=0.1 --set link.snr_db=25 --set scheme.threshold=0.001 --target-nmse-db -12";
    let raw = folder.succeed(&format!("plan small.toml {flags}"));
    assert!(raw.contains("350 Hz, ") && !raw.contains("the beacon leaves"), "{raw}");
    let told =
        folder.succeed(&format!("plan small.toml {flags} --set sync.mode=preamble --set sync.snr_db=30"));
    assert!(
        told.contains("CFO that the beacon leaves") && told.contains("J_ab = 2 SNR Re <u_a, u_b>"),
        "{told}"
    );
    assert!(told.contains("Cramer-Rao bound of the beacon at 30.00 dB, instead of 350 Hz"), "{told}");
    assert!(told.contains(" off after the beacon keep to their part"), "{told}");
}

#[test]
fn votes_and_single_carriers_are_refused() {
    let folder = Folder::with_small("plan-votes");
    let votes = "--set payload.source=sign --set payload.agreement=0.8 --set payload.function=majority";
    let majority = "payload.function = \"majority\" cannot be planned: no closed form says";
    folder.refuse_with(&format!("plan small.toml {votes} --set scheme.scale=plain"), &[majority]);
    let single = folder.text("small.toml");
    let (head, tail) = single.split_once("[scheme]").unwrap();
    let stop = tail.split_once("[stop]").unwrap().1;
    folder.write(
        "single.toml",
        format!("{head}[scheme]\nkind = \"misaligned\"\nreceiver = \"ml\"\ndelays_symbols = [0.0, 0.2, 0.4]\n[stop]{stop}"),
    );
    folder.refuse_with(
        "plan single.toml",
        &["scheme.kind = \"misaligned\" cannot be planned: frames of a single"],
    );
}
