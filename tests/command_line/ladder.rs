//! Verdicts of the ladder: controls that follow from the experiment, and too few trials to see them.

use super::folder::{Folder, SMALL};

/// A grid of 48 subcarriers, and errors that are mostly not noise.
const ALIGNED: &str = "[payload]\nsource = \"gaussian\"\ndevices = 9\nlength = 96\n[ofdm]\nnumerology = \"custom\"\n\
                       sample_rate_hz = 1.92e6\nfft_size = 64\ncyclic_prefix_samples = 16\nused_subcarriers = 48\n\
                       [channel]\nmodel = \"rayleigh\"\n[link]\nsnr_db = 15.0\n[scheme]\nkind = \"phase-only\"\n";

/// Votes over a link so good that a few thousand trials hardly see a wrong one.
const RARE: &str = "[payload]\nsource = \"sign\"\nagreement = 1.0\ndevices = 3\nlength = 48\n[channel]\n\
                    model = \"awgn\"\n[link]\nsnr_db = 4.0\n[scheme]\nkind = \"full-inversion\"\n";

/// Returns how many decibels the noise of the control is off.
fn noise_db(said: &str) -> f64 {
    let law = said.lines().find(|line| line.contains("symbol against theory")).expect(said);
    assert!(law.contains("holds") && law.contains("which moves the error by 0."), "{law}");
    let db = law.split("the noise ").nth(1).and_then(|rest| rest.split(" dB off").next()).expect(law);
    db.parse().expect(law)
}

#[test]
fn controls_raise_noise_until_the_error_moves() {
    let folder = Folder::with_small("ladder-controls");
    folder.write("aligned.toml", ALIGNED);
    for (settings, least_db) in [
        ("", 2.0),
        ("--set scheme={kind=\"blind-combining\"} --set link.receive_antennas=8", 5.0),
        (
            "--set scheme={kind=\"truncated-inversion\",threshold=0.1,scale=\"plain\"} --set link.csi=imperfect \
             --set link.csi_error=0.1 --set link.snr_db=25",
            5.0,
        ),
        ("--set link.snr_db=60", 40.0),
    ] {
        let found = noise_db(&folder.succeed(&format!("ladder aligned.toml {settings}")));
        assert!(found > least_db, "{settings}: {found}");
    }
    // An error that is all noise needs no more than is to be seen.
    let small = SMALL.replace("rayleigh", "awgn");
    folder.write("noise.toml", small);
    assert!(noise_db(&folder.succeed("ladder noise.toml")) < 0.3);
}

#[test]
fn a_control_that_is_not_seen_leaves_the_ladder_undecided() {
    let folder = Folder::with_small("ladder-undecided");
    folder.write("rare.toml", RARE);
    let outcome = folder.run("ladder rare.toml --set link.snr_db=9");
    let said = format!("{}{}", outcome.stdout(), outcome.stderr());
    assert_eq!(outcome.code(), Some(3), "{said}");
    for part in [
        "undecided: too few trials to see the noise 0.2 dB off",
        "4096 trials",
        "1 of 1 ladders are undecided",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(!said.contains("BROKEN") && !said.contains("all laws hold"), "{said}");
    // Over a worse link errors are many, and the control is seen.
    folder.succeed("ladder rare.toml --set link.snr_db=-10");
    let help = folder.succeed("ladder --help");
    for part in ["Exit status", "1 a law is broken", "3 undecided"] {
        assert!(help.contains(part), "{help}");
    }
}
