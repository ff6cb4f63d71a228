//! The table `[effective_sinr]`.

use super::setup::{SPACING_HZ, SUBCARRIERS};
use airloop::config::Node;
use airloop::effective_sinr::EffectiveSinrConfig;
use airloop::experiment::{Experiment, ExperimentError, Loader};
use std::path::Path;

const LINK: &str = "[channel]\nmodel = \"awgn\"\n[ofdm]\nbandwidth_hz = 20e6\nsubcarrier_spacing_hz = 30e3\n[link]\nsnr_db = 5\n";

fn loaded(tables: &str) -> Result<Experiment, ExperimentError> {
    let tree = Node::parse_toml(&format!("{LINK}{tables}"), Path::new("file.toml")).unwrap();
    Loader::of_links().load(&tree)
}

#[test]
fn the_table_says_over_which_channels() {
    let plain = loaded("[mcs]\nindex = 4\n").unwrap();
    assert!(plain.effective_sinr.is_none());
    let usual = loaded("[mcs]\nindex = 4\n[effective_sinr]\n").unwrap();
    assert_eq!(*usual.effective_sinr.clone().unwrap(), EffectiveSinrConfig::new(SUBCARRIERS, SPACING_HZ));
    // A link is the same whether a fit is asked for or not.
    assert_eq!(usual.id, plain.id);
    let own = "[mcs]\nindex = 4\n[effective_sinr]\nprofiles = [\"tdl-d\", \"eva\"]\ndelay_spreads_s = [1e-7]\nresource_blocks = 20\n\
               receive_antennas = 2\nrealisations = 5\nfresh_realisations = 0\ntarget_bler = 0.01\naccuracy_db = 0.1\nmost_blocks = 500\n";
    let own = loaded(own).unwrap().effective_sinr.unwrap();
    assert_eq!(
        (own.subcarriers, own.receive_antennas, own.realisations, own.fresh_realisations),
        (240, 2, 5, 0)
    );
    assert_eq!((own.profiles.join(" "), own.delay_spreads_s.clone()), ("tdl-d eva".into(), vec![1e-7]));
    assert_eq!((own.search.target_bler, own.search.accuracy_db, own.search.most_blocks), (0.01, 0.1, 500));
}

#[test]
fn what_is_wrong_is_said() {
    let cases = [
        ("profiles = [\"tdl-x\"]", &["effective_sinr.profiles[0]", "tdl-x", "tdl-a", "eva"][..]),
        ("profiles = []", &["effective_sinr.profiles", "is empty", "tdl-c"]),
        ("profiles = \"tdl-a\"", &["effective_sinr.profiles", "an array of names"]),
        ("delay_spreads_s = []", &["effective_sinr.delay_spreads_s", "is empty"]),
        ("delay_spreads_s = [-1e-9]", &["effective_sinr.delay_spreads_s[0]"]),
        ("resource_blocks = 52", &["effective_sinr.resource_blocks", "52", "1 to 51"]),
        ("realisations = 0", &["effective_sinr.realisations"]),
        ("receive_antennas = 65", &["effective_sinr.receive_antennas", "1 to 64"]),
        ("target_bler = 1.0", &["effective_sinr.target_bler"]),
        ("most_blocks = 5", &["effective_sinr.most_blocks"]),
        ("profile = \"tdl-a\"", &["effective_sinr.profile", "did you mean \"effective_sinr.profiles\""]),
    ];
    for (line, parts) in cases {
        let refusal =
            loaded(&format!("[mcs]\nindex = 4\n[effective_sinr]\n{line}\n")).unwrap_err().to_string();
        for part in parts {
            assert!(refusal.contains(part), "{line}: {refusal}");
        }
    }
    let without = loaded("[effective_sinr]\n").unwrap_err().to_string();
    assert!(without.contains("effective_sinr") && without.contains("[mcs]"), "{without}");
}
