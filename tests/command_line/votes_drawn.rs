//! Sweeps of votes: their table in words and their figures.

use super::folder::Folder;

const VOTES: &str = r#"
[payload]
source = "sign"
agreement = 0.8
function = "majority"
devices = 9
length = 200

[channel]
model = "rayleigh"

[link]
csi = "none"

[scheme]
kind = "fsk-majority"

[stop]
trials = 16

[sweep]
fidelity = ["theory", "symbol"]
over = { "link.snr_db" = [-5.0, 5.0] }
"#;

#[test]
fn a_sweep_of_votes_is_told_and_drawn_by_error_rates() {
    let folder = Folder::new("votes-drawn");
    folder.write("votes.toml", VOTES);
    let ran = folder.run("sweep votes.toml --out out");
    let (said, noted) = (ran.stdout(), ran.stderr());
    assert_eq!(ran.code(), Some(0), "{said}{noted}");
    let head = said.lines().next().unwrap();
    assert!(head.contains("vote error rate:") && !said.contains("NMSE"), "{said}");
    let row = said.lines().nth(1).unwrap();
    let rates: Vec<f64> = row.split_whitespace().rev().take(2).map(|r| r.parse().unwrap()).collect();
    assert!(rates.iter().all(|rate| (0.0..0.5).contains(rate)), "{row}");
    assert!(!noted.contains("can be drawn"), "{noted}");
    let figure = folder.text("out/figure.svg");
    assert!(figure.contains("Vote error rate") && folder.path("out/figure.png").exists(), "{said}{noted}");
}

#[test]
fn a_vote_error_rate_has_no_decibels() {
    let folder = Folder::new("votes-run");
    folder.write("votes.toml", VOTES.split_once("[sweep]").unwrap().0);
    let text = folder.succeed("run votes.toml --fidelity symbol --set link.snr_db=5");
    let line = text.lines().find(|l| l.trim_start().starts_with("vote_error_rate ")).unwrap();
    assert!(line.contains(" [") && !line.contains("dB"), "{line}");
}
