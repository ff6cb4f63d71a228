//! `airloop verify`: cards that are right pass, cards that are wrong by 0.3 dB fail, and cards that are bad are refused.

use super::folder::{Folder, Ran};

/// A small card whose error is `1/(K SNR)`.
const CARD: &str = r#"[card]
title = "Noise over five devices"
source = "closed form: 1/(K SNR)"
fidelity = ["theory", "symbol"]

[[card.expect]]
metric = "mse_per_device"
value = 0.02
tolerance_db = 0.15

[payload]
source = "gaussian"
devices = 5
length = 400

[channel]
model = "awgn"

[link]
snr_db = 10.0

[scheme]
kind = "full-inversion"
"#;

/// Shipped cards that take a moment.
const QUICK: [&str; 4] =
    ["awgn-least-error", "nr-slot", "truncated-best-threshold", "truncated-twenty-devices"];

fn shipped(name: &str) -> String {
    let path = format!("{}/cards/{name}.toml", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// Multiplies every linear figure of a card, by the root of it for root mean squares, and adds as many decibels to the others.
fn off_by_db(card: &str, db: f64) -> String {
    let (mut in_db, mut amplitude) = (false, false);
    let line = |line: &str| {
        if let Some(metric) = line.strip_prefix("metric = ") {
            let metric = metric.split('"').nth(1).unwrap();
            (in_db, amplitude) = (metric.ends_with("_db"), metric.contains("_rms_"));
        }
        let Some(value) = line.strip_prefix("value = ") else { return format!("{line}\n") };
        let value: f64 = value.parse().unwrap();
        let wrong =
            if in_db { value + db } else { value * 10f64.powf(db / if amplitude { 20.0 } else { 10.0 }) };
        format!("value = {wrong:?}\n")
    };
    card.lines().map(line).collect()
}

/// Runs cards that must not be confirmed, and returns what was said.
fn fail(folder: &Folder, args: &str) -> Ran {
    let ran = folder.run(args);
    assert_eq!(ran.code(), Some(1), "airloop {args}: {}{}", ran.stdout(), ran.stderr());
    ran
}

#[test]
fn quick_shipped_cards_pass_anywhere() {
    let folder = Folder::new("verify-shipped");
    let said = folder.succeed(&format!("verify {}", QUICK.join(" ")));
    let lines: Vec<&str> = said.lines().collect();
    let (last, figures) = lines.split_last().unwrap();
    assert!(figures.iter().all(|line| line.starts_with("pass  ")), "{said}");
    for card in QUICK {
        let text = shipped(card);
        let rungs =
            ["theory", "symbol", "waveform"].iter().filter(|r| text.contains(&format!("\"{r}\""))).count();
        let expected = rungs * text.matches("[[card.expect]]").count();
        let found = figures.iter().filter(|l| l.split_whitespace().nth(1) == Some(card)).count();
        assert_eq!(found, expected, "{card}: {said}");
    }
    assert!(last.starts_with(&format!("all {} figures of 4 cards in ", figures.len())), "{last}");
}

#[test]
fn figures_that_are_wrong_by_three_tenths_of_a_decibel_fail() {
    let folder = Folder::new("verify-wrong");
    for (name, figures) in [("nr-slot", 2), ("truncated-twenty-devices", 8)] {
        for db in [0.3, -0.3] {
            folder.write("wrong.toml", off_by_db(&shipped(name), db));
            let ran = fail(&folder, "verify wrong.toml");
            let said = ran.stdout();
            assert_eq!(said.lines().count(), figures, "{name}: {said}");
            let off = |line: &str| line.starts_with("FAIL  wrong ") && line.contains("), off, ");
            assert!(said.lines().all(off), "{name} by {db} dB: {said}");
            let message = ran.stderr();
            let summary = format!("error: {figures} of {figures} figures of 1 cards in ");
            assert!(
                message.lines().any(|l| l.starts_with(&summary) && l.ends_with(" are not confirmed")),
                "{message}"
            );
        }
    }
}

#[test]
fn one_wrong_card_among_right_ones_fails_the_whole() {
    let folder = Folder::new("verify-one-wrong");
    folder.write("wrong.toml", off_by_db(CARD, 0.3));
    let ran = fail(&folder, "verify nr-slot wrong.toml truncated-best-threshold");
    let verdicts: Vec<String> = ran.stdout().lines().map(|l| l[..4].to_string()).collect();
    assert_eq!(verdicts, ["pass", "pass", "FAIL", "FAIL", "pass", "pass"]);
    assert!(ran.stderr().contains("error: 2 of 6 figures of 3 cards in "), "{}", ran.stderr());
}

#[test]
fn a_measurement_that_cannot_tell_is_a_failure() {
    let folder = Folder::new("verify-not-sharp");
    // One trial has 400 errors: 16 trials know the mean to 1.25 %, and to 7.5 % at the level asked for, 0.3 dB.
    let short = CARD.replace("[\"theory\", \"symbol\"]", "\"symbol\"\nbatch_trials = 1\nmax_trials = 16");
    folder.write("short.toml", &short);
    let said = fail(&folder, "verify short.toml").stdout();
    assert!(said.contains("), not sharp enough after 16 trials, "), "{said}");
    folder.write("long.toml", short.replace("max_trials = 16", "max_trials = 4096"));
    folder.succeed("verify long.toml");
}

#[test]
fn a_number_that_does_not_exist_is_a_failure() {
    let folder = Folder::new("verify-no-value");
    folder.write("none.toml", CARD.replace("awgn", "rayleigh"));
    let said = fail(&folder, "verify none.toml").stdout();
    assert!(said.lines().all(|l| l.contains("no value at this fidelity")), "{said}");
    assert_eq!(said.lines().count(), 2, "{said}");
}

#[test]
fn numbers_do_not_depend_on_the_threads() {
    let folder = Folder::new("verify-threads");
    folder.write("card.toml", CARD);
    let numbers = |threads: u32| {
        let said = folder.succeed(&format!("verify card.toml --threads {threads}"));
        let all: Vec<String> = said.lines().map(|l| l.rsplit_once(", ").map_or("", |l| l.0).into()).collect();
        all[..2].to_vec()
    };
    assert_eq!(numbers(1), numbers(3));
}

#[test]
fn bad_cards_are_refused_with_their_place() {
    let folder = Folder::new("verify-bad");
    let cases = [
        ("title = ", "titel = ", "card.toml:1:1: card.title is missing: a string is expected"),
        ("closed form: 1/(K SNR)", " ", "card.toml:3:10: card.source: is empty"),
        ("[\"theory\", \"symbol\"]", "[]", "card.toml:4:12: card.fidelity: is empty; for example"),
        ("\"symbol\"]", "\"sample\"]", "card.toml:4:23: fidelity = \"sample\" is not one of: theory, symbol"),
        (
            "fidelity = [\"theory\", \"symbol\"]\n",
            "",
            "card.fidelity is missing: a rung or a list is expected",
        ),
        (
            "\n[[card.expect]]",
            "max_trials = 1000\n\n[[card.expect]]",
            "1000 trials are fewer than 16 batches of 64",
        ),
        ("\n[[card.expect]]", "trials = 1000\n\n[[card.expect]]", "unknown key \"card.trials\""),
        ("[[card.expect]]", "[[card.expected]]", "card.expect is missing: at least one [[card.expect]]"),
        ("mse_per_device", "mse", "card.expect[0].metric = \"mse\" is not one of: nmse, mse_per_device"),
        (
            "value = 0.02",
            "value = 0",
            "card.toml:8:9: card.expect[0].value = 0 is out of range: must be above 0",
        ),
        ("value = 0.02\n", "", "card.expect[0].value is missing: a number is expected"),
        (
            "tolerance_db = 0.15",
            "tolerance_db = 0.2",
            "tolerance_db = 0.2 is out of range: must be above 0 and at most 0.15",
        ),
        ("tolerance_db = 0.15", "tolerance = 0.1", "card.expect[0].tolerance_db is missing"),
        (
            "tolerance_db = 0.15",
            "tolerance_db = 0.15\ntolerance_relative = 0.01",
            "stands beside tolerance_db",
        ),
        (
            "value = 0.02",
            "value = 0.02\nstatistic = \"q99\"",
            "statistic = \"q99\" is not one of: mean, median, q90, q95",
        ),
        ("\"mse_per_device\"", "\"active_fraction\"\nstatistic = \"q90\"", "active_fraction has a mean only"),
        ("[payload]", "[stop]\ntrials = 3\n\n[payload]", "card.toml:11:1: stop: has no place in a card"),
        ("[payload]", "[sweep]\n\n[payload]", "sweep: has no place in a card"),
        ("snr_db = 10.0", "snr = 10.0", "unknown key \"link.snr\": did you mean \"link.snr_db\"?"),
        ("devices = 5", "devices = 0", "payload.devices = 0 is out of range"),
    ];
    for (line, by, message) in cases {
        assert!(CARD.contains(line), "{line}");
        folder.write("card.toml", CARD.replacen(line, by, 1));
        folder.refuse_with("verify card.toml", &[message]);
    }
    let experiment = &CARD[CARD.find("[payload]").unwrap()..];
    folder.write("card.toml", experiment);
    folder.refuse_with("verify card.toml", &["card is missing: a table with title, source, fidelity"]);
    folder.write(
        "card.toml",
        CARD.replace("mse_per_device", "receive_snr_db")
            .replace("tolerance_db = 0.15", "tolerance_relative = 0.01"),
    );
    folder.refuse_with("verify card.toml", &["is not for columns in decibels; give tolerance_db"]);
}

#[test]
fn cards_are_listed_and_unknown_ones_refused() {
    let folder = Folder::new("verify-list");
    let list = folder.succeed("verify --list");
    for card in QUICK {
        let line = list.lines().find(|l| l.split_whitespace().next() == Some(card));
        assert!(line.is_some_and(|l| l.split_whitespace().count() > 3), "{card}: {list}");
    }
    folder
        .refuse_with("verify nonsense", &["there is no card \"nonsense\"; airloop verify --list names them"]);
    folder.refuse_with("verify nonsense.toml", &["cannot read nonsense.toml"]);
    folder.refuse_with("verify nr-slot --threads 0", &["--threads 0: a number from 1 to 4096 is expected"]);
    // A bad card is refused before any other is run.
    folder.write("card.toml", CARD.replace("devices = 5", "devices = 0"));
    folder.refuse("verify nr-slot card.toml");
    assert!(folder.succeed("--help").contains("\n  verify "));
    assert!(folder.succeed("verify --help").contains("Usage: airloop"));
}
