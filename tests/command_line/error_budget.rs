//! `airloop budget`: the table, its files, and refusals.

use super::folder::Folder;

/// Something that acts at waveform fidelity only, on few subcarriers so that tests are short.
const PHASES: &str = "budget small.toml --set impairments.phase_rad={normal=0.1} --set impairments.dac_bits=5 \
                      --set ofdm.numerology=custom --set ofdm.sample_rate_hz=1.92e6 --set ofdm.fft_size=64 \
                      --set ofdm.cyclic_prefix_samples=16 --set ofdm.used_subcarriers=36";

#[test]
fn the_table_names_every_cause_and_files_hold_the_waterfall() {
    let folder = Folder::with_small("budget");
    let text = folder.succeed(&format!("{PHASES} --target-db -30 --out out"));
    assert!(text.starts_with("truncated-inversion at waveform, 16 trials: nmse -"), "{text}");
    for cause in ["truncation", "phase", "dac", "noise", "rest"] {
        let line = text.lines().find(|line| line.trim_start().starts_with(cause));
        assert!(line.is_some_and(|line| line.split_whitespace().count() >= 3), "{cause} in\n{text}");
    }
    assert!(text.contains("target -30.00 dB: missed by "), "{text}");
    assert!(text.contains("no cause reaches it by itself"), "{text}");
    assert!(text.contains("remains\n  (what the scheme leaves is in it"), "{text}");
    let csv = folder.text("out/budget.csv");
    let lines: Vec<Vec<&str>> = csv.lines().map(|line| line.split(',').collect()).collect();
    let column = |name: &str| lines[0].iter().position(|column| *column == name).unwrap();
    let number = |line: &[&str], name: &str| line[column(name)].parse::<f64>().unwrap();
    assert_eq!(lines[1][0], "truncation");
    assert_eq!(lines.last().unwrap()[0], "total");
    // Each bar begins where the last one ended, the rest ends at the total, which begins at 0.
    for pair in lines[1..lines.len() - 1].windows(2) {
        assert_eq!(number(&pair[1], "from"), number(&pair[0], "to"));
    }
    assert_eq!(number(lines.last().unwrap(), "from"), 0.0);
    let [rest, total] = [&lines[lines.len() - 2], &lines[lines.len() - 1]];
    assert_eq!(rest[0], "rest");
    assert!((number(rest, "to") / number(total, "to") - 1.0).abs() < 1e-9, "{rest:?} {total:?}");
    assert_eq!(&folder.bytes("out/budget.png")[..8], b"\x89PNG\r\n\x1a\n");
    assert!(folder.text("out/budget.svg").contains("truncation"));
}

#[test]
fn json_holds_the_numbers_of_the_table_whatever_the_threads() {
    let folder = Folder::with_small("budget-json");
    let read = |flags: &str| -> serde_json::Value {
        serde_json::from_str(&folder.succeed(&format!("{PHASES} --json {flags}"))).unwrap()
    };
    let first = read("--target-db 0");
    let rows = first["rows"].as_array().unwrap();
    let causes: Vec<&str> = rows.iter().map(|row| row["cause"].as_str().unwrap()).collect();
    assert_eq!(causes, ["truncation", "phase", "dac", "noise"]);
    for row in rows {
        let (alone, db) = (row["alone"].as_f64().unwrap(), row["alone_db"].as_f64().unwrap());
        assert!((10.0 * alone.log10() - db).abs() < 1e-9, "{row}");
        assert!(row["alone_low"].as_f64().unwrap() <= alone && row["share"].as_f64().unwrap() < 1.0, "{row}");
    }
    let target = &first["target"];
    assert_eq!(target["met"], true);
    assert_eq!(target["margin_db"].as_f64().unwrap(), -first["total_db"].as_f64().unwrap());
    assert_eq!(first, read("--target-db 0 --threads 1"));
    assert_ne!(first["rows"], read("--set seed=4")["rows"]);
    assert_eq!(read("--fidelity symbol")["fidelity"], "symbol");
}

#[test]
fn only_noise_is_fine_and_what_cannot_be_split_is_refused() {
    let folder = Folder::with_small("budget-refused");
    let text = folder.succeed("budget small.toml --set channel.model=awgn");
    assert!(text.contains("truncated-inversion at symbol") && text.contains("noise"), "{text}");
    let text = folder.succeed(&format!("{PHASES} --fidelity symbol"));
    assert!(text.contains("remark: at symbol fidelity these do not act: phase, dac"), "{text}");
    for (flags, message) in [
        ("--fidelity theory", "theory draws nothing"),
        (
            "--fidelity radio",
            "the budget of an error, whose causes are switched off in the emulated air, is not supported at radio fidelity",
        ),
        ("--target-db low", "--target-db low: a number of decibels is expected"),
        ("--target-db 300", "--target-db 300: a target from -200 to 100 dB is expected"),
        ("--set link.snr=3", "unknown key \"link.snr\""),
        ("--set link.csi_error=1", "link.csi_error"),
        ("--out small.toml", "--out small.toml: "),
        ("--strict --set stop.trials=1", "one trial has no interval"),
        ("--fidelity waveform --set channel.fading=per-element", "per-element"),
    ] {
        folder.refuse_with(&format!("budget small.toml {flags}"), &[message]);
    }
}
