//! Warnings, and `--strict`, which makes them errors.

use super::folder::{Folder, SMALL};

/// The channel lasts far beyond the prefix of 72 samples.
const LONG: &str = "model = \"tdl-c\"\ndelay_spread_s = 2e-6";

fn folder(name: &str) -> Folder {
    let folder = Folder::with_small(name);
    let long = SMALL.replace("model = \"rayleigh\"", LONG).replace("length = 40", "length = 2400");
    folder.write("long.toml", long);
    folder
}

#[test]
fn a_prefix_shorter_than_the_channel_is_a_warning_with_its_interference() {
    let folder = folder("prefix");
    let said = folder.succeed("run long.toml --fidelity waveform");
    let warning = said.lines().find(|l| l.contains("warning: prefix-shorter-than-channel")).expect(&said);
    assert!(
        warning.contains("the shortest prefix is 72 samples") && warning.contains("interference of -"),
        "{warning}"
    );
    assert!(
        !folder.succeed("run long.toml").contains("prefix-shorter-than-channel"),
        "the grid knows no prefix"
    );
}

#[test]
fn strict_makes_warnings_of_a_run_errors() {
    let folder = folder("strict-run");
    let args = "run long.toml --fidelity waveform --strict --set scheme.scale=plain";
    folder.refuse_with(args, &["(an error because of --strict)"]);
    folder.refuse_with("run small.toml --strict", &["wide-interval: ", "(an error because of --strict)"]);
    folder.succeed("run small.toml --strict --fidelity theory");
}

#[test]
fn strict_makes_warnings_of_a_sweep_errors_and_keeps_the_points() {
    let folder = folder("strict-sweep");
    let sweep = "sweep small.toml --out out --over link.snr_db=0,10";
    let message = "wide-interval: nmse";
    folder.refuse_with(&format!("{sweep} --strict"), &[message, "at the point link.snr_db = 0, symbol"]);
    assert_eq!(folder.journal_lines("out"), 2, "the doubtful point is kept");
    folder.succeed(sweep);
    let again = folder.run(&format!("{sweep} --strict"));
    assert_eq!(again.code(), Some(2), "finished points are judged too: {}", again.stderr());
    assert_eq!(folder.text("out/table.csv").lines().count(), 3);
}

#[test]
fn strict_refuses_what_is_known_before_anything_runs() {
    let folder = folder("strict-early");
    let sweep = "sweep small.toml --out out --strict --set stop.trials=1000000000";
    folder.refuse_with(
        &format!("{sweep} --set scheme.scale=plain --set scheme={{kind=\"full-inversion\"}}"),
        &["mean-does-not-exist"],
    );
}

#[test]
fn every_warning_in_the_table_has_a_code_of_the_list() {
    let folder = folder("codes");
    folder.succeed("sweep long.toml --out out --fidelity theory,symbol,waveform");
    let text = folder.text("out/table.csv");
    let codes: Vec<&str> =
        text.lines().skip(1).flat_map(|l| l.rsplit(',').next().unwrap().split(';')).collect();
    assert!(codes.contains(&"prefix-shorter-than-channel"), "{codes:?}");
    for code in codes.iter().filter(|c| !c.is_empty()) {
        assert!(airloop::report::warnings::CODES.iter().any(|c| c.0 == *code), "{code}");
    }
}
