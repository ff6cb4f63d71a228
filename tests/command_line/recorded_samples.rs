//! What `run --record` writes, and what it refuses.

use super::folder::Folder;
use airloop::baseband::Complex32;
use airloop::hil::Recording;

/// Returns the samples of a recording's first channel.
fn samples(folder: &Folder, name: &str) -> Vec<Complex32> {
    let mut recording = Recording::open(folder.path(name)).unwrap();
    let mut samples = vec![Complex32::default(); recording.samples() as usize];
    recording.read(0, 0, &mut samples).unwrap();
    samples
}

#[test]
fn both_rungs_of_samples_record_the_same_round() {
    let folder = Folder::with_small("recorded");
    for (fidelity, name) in [("waveform", "w"), ("radio", "r")] {
        let ran = folder.run(&format!(
            "run small.toml --set waveform.path=per-sample --fidelity {fidelity} --record {name}"
        ));
        assert!(
            ran.stderr().contains("recorded ") && ran.stderr().contains(" captures: "),
            "{}",
            ran.stderr()
        );
    }
    let (by_waveform, by_radio) = (samples(&folder, "w"), samples(&folder, "r"));
    assert!(by_waveform == by_radio && by_waveform.len() > 1000);
    let meta = folder.text("r.sigmf-meta");
    assert!(
        meta.contains("virtual radio") && meta.contains("trial 0") && meta.contains("core:sha512"),
        "{meta}"
    );
    // Control: another seed is another round.
    folder.succeed("run small.toml --set waveform.path=per-sample --set seed=4 --fidelity radio --record s");
    assert!(samples(&folder, "s") != by_radio);
    // What was recorded is not written over.
    folder.refuse_with("run small.toml --fidelity radio --record r", &["r.sigmf-meta", "already"]);
    assert!(samples(&folder, "r") == by_radio);
}

#[test]
fn what_has_no_samples_is_not_recorded() {
    let folder = Folder::with_small("unrecorded");
    folder.refuse_with("run small.toml --record a", &["--record: only waveform and radio fidelity"]);
    folder.refuse_with(
        "run small.toml --fidelity waveform --set scheme={kind=\"digital\",bits=8} --record a",
        &["a recording of a scheme that sends no slots of samples", "waveform"],
    );
    folder.refuse_with("run small.toml --fidelity radio --record none/a", &["none/a.sigmf-data"]);
    assert!(!folder.path("a.sigmf-meta").exists());
}

#[test]
fn a_recorded_round_is_read_again() {
    let folder = Folder::with_small("replayed");
    let round = "small.toml --set stop.trials=1";
    let ran = folder.run(&format!("run {round} --fidelity radio --json --record r"));
    let again = folder.succeed(&format!("replay {round} r --json"));
    assert_eq!(again, ran.stdout());
    // Control: another payload is not what was sent.
    let other = folder.succeed(&format!("replay {round} --set seed=4 r --json --changed"));
    assert!(other != again);
    let words = ["r.sigmf-data", "is a recording of experiment", "--changed"];
    folder.refuse_with(&format!("replay {round} --set seed=4 r"), &words);
    folder.refuse_with(&format!("replay {round} none"), &["none"]);
    folder
        .refuse_with(&format!("replay {round} --changed --set ofdm.bandwidth_hz=5e6 r"), &["sample_rate_hz"]);
    folder.refuse_with(
        &format!("replay {round} --changed --set payload.length=100000 r"),
        &["ends past sample"],
    );
    // A wrong byte is not taken for a sample.
    let mut data = folder.bytes("r.sigmf-data");
    data[100] ^= 1;
    folder.write("r.sigmf-data", data);
    folder.refuse_with(&format!("replay {round} r"), &["SHA-512", "bytes have changed"]);
}
