//! Tables of aggregation errors: entries against the reports that they come from, lookups against lines by hand, refusals.

use super::setup::{folder, plan, run, tree};
use airloop::baseband::units::db_from_power;
use airloop::experiment::Loader;
use airloop::link_table::{CSV_NAME, JSON_NAME, LinkTableError, NmseTable, write_nmse};
use airloop::report::{Fidelity, Report};
use airloop::sweep::{RowReport, Shard, merge};
use std::path::Path;

const SMALL: &str = "payload.source=gaussian; payload.devices=3; payload.length=40; channel.model=rayleigh; link.snr_db=10; \
    scheme.kind=truncated-inversion; scheme.threshold=0.1; scheme.scale=lmmse; link.csi=imperfect; link.csi_error=0.01; \
    stop.trials=64";

const OVER: [&str; 3] = ["link.snr_db=0,10,30", "payload.devices=2,4", "link.csi_error=0.01,0.1"];

/// Writes the table of a sweep into a folder.
fn write(name: &str) -> std::path::PathBuf {
    let out = folder(name);
    run::<Report>(&plan(&[SMALL], &OVER), &Loader::default(), &out, None);
    write_nmse(&out).unwrap();
    out
}

fn report(settings: &str) -> Report {
    let experiment = Loader::default().load(&tree(&[SMALL, settings])).unwrap();
    Report::run(&experiment, Fidelity::Symbol, &Default::default()).unwrap()
}

#[test]
fn entries_are_the_reports_of_their_points() {
    let out = write("nmse/entries");
    let table = NmseTable::read(&out.join(JSON_NAME)).unwrap();
    assert_eq!(table, NmseTable::read(&out.join(CSV_NAME)).unwrap());
    assert_eq!(table.entries().len(), 12);
    let curve = table.curve(&[("scheme", "truncated-inversion")]).unwrap();
    let names: Vec<&str> = curve.coordinates().map(|(name, _)| name).collect();
    assert_eq!(names, ["devices", "link.csi_error", "snr_db"]);
    for (snr_db, devices, csi_error) in [(0.0, 2, 0.01), (10.0, 4, 0.1), (30.0, 4, 0.01)] {
        let report =
            report(&format!("link.snr_db={snr_db}; payload.devices={devices}; link.csi_error={csi_error}"));
        let nmse = report.metrics.nmse.unwrap();
        let entry = table.entries().iter().find(|entry| entry.experiment_id == report.experiment_id).unwrap();
        assert_eq!((entry.nmse, entry.nmse_low, entry.nmse_high), (nmse.mean, nmse.low, nmse.high));
        assert_eq!((entry.nmse_median, entry.nmse_q95, entry.trials), (nmse.median, nmse.q95, report.trials));
        let looked_up = curve.nmse(&[devices as f64, csi_error, snr_db]).unwrap();
        let pairs = [(looked_up.mean, nmse.mean), (looked_up.median, nmse.median), (looked_up.q95, nmse.q95)];
        for (a, b) in pairs {
            assert!((a.unwrap() / b.unwrap() - 1.0).abs() < 1e-12);
        }
        assert!(nmse.q95 > nmse.q90 && nmse.q90 > nmse.median);
    }
}

/// Halfway along one coordinate the decibels are the mean of two entries, halfway along two that of four.
#[test]
fn between_entries_decibels_are_straight_lines() {
    let table = NmseTable::read(&write("nmse/lines").join(JSON_NAME)).unwrap();
    let curve = table.curve(&[]).unwrap();
    let db = |at: [f64; 3]| db_from_power(curve.nmse(&at).unwrap().mean.unwrap());
    let half = 0.5 * (db([2.0, 0.01, 0.0]) + db([2.0, 0.01, 10.0]));
    assert!((db([2.0, 0.01, 5.0]) - half).abs() < 1e-10);
    let quarter = 0.25 * db([2.0, 0.1, 10.0]) + 0.75 * db([2.0, 0.1, 30.0]);
    assert!((db([2.0, 0.1, 25.0]) - quarter).abs() < 1e-10);
    let corners = [[2.0, 0.01], [2.0, 0.1], [4.0, 0.01], [4.0, 0.1]];
    let middle = corners.map(|[k, q]| db([k, q, 30.0])).iter().sum::<f64>() / 4.0;
    assert!((db([3.0, 0.055, 30.0]) - middle).abs() < 1e-10);
    assert!((db([2.0, 0.01, 5.0]) - db([2.0, 0.01, 0.0])).abs() > 0.1);
}

#[test]
fn what_lies_outside_is_said() {
    let table = NmseTable::read(&write("nmse/outside").join(JSON_NAME)).unwrap();
    let curve = table.curve(&[("fidelity", "symbol")]).unwrap();
    for (at, part) in [
        ([5.0, 0.01, 0.0], "devices = 5 is outside the table: it has 2 to 4"),
        ([2.0, 0.2, 0.0], "link.csi_error = 0.2 is outside"),
        ([2.0, 0.01, -0.1], "snr_db = -0.1 is outside the table: it has 0 to 30"),
        ([2.0, 0.01, f64::NAN], "snr_db = NaN"),
    ] {
        let error = curve.nmse(&at).unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    }
    assert!(matches!(curve.nmse(&[2.0]), Err(LinkTableError::Values { given: 1, expected: 3, .. })));
    let refused = |words: &[(&str, &str)]| table.curve(words).unwrap_err().to_string();
    assert!(refused(&[("scheme", "full-power")]).contains("it has truncated-inversion"));
    assert!(refused(&[("shape", "x")]).contains("fidelity, scheme"), "{}", refused(&[("shape", "x")]));
    assert!(refused(&[("snr_db", "10")]).contains("no word"));
    let hole = table.entries()[1..].to_vec();
    let error = NmseTable::new(hole).unwrap().curve(&[]).unwrap_err().to_string();
    assert!(error.contains("11 entries do not fill the grid of 2 x 2 x 3"), "{error}");
    let both = [table.entries(), &other_word(&table)].concat();
    let error = NmseTable::new(both.clone()).unwrap().curve(&[]).unwrap_err().to_string();
    assert!(error.contains("scheme: must be chosen") && error.contains("other"), "{error}");
    let same = NmseTable::new(both).unwrap().curve(&[("scheme", "other")]).unwrap();
    assert_eq!(same, curve);
}

/// Returns the entries under the name of another scheme.
fn other_word(table: &NmseTable) -> Vec<airloop::link_table::NmseEntry> {
    let mut entries = table.entries().to_vec();
    for (name, value) in entries.iter_mut().flat_map(|entry| &mut entry.coordinates) {
        if name == "scheme" {
            *value = airloop::link_table::Coordinate::Word("other".into());
        }
    }
    entries
}

#[test]
fn shards_make_the_same_table() {
    let whole = write("nmse/whole");
    let [first, second, merged] = ["first", "second", "merged"].map(|name| folder(&format!("nmse/{name}")));
    for (number, out) in [(1, &first), (2, &second)] {
        run::<Report>(&plan(&[SMALL], &OVER), &Loader::default(), out, Some(Shard { number, count: 2 }));
    }
    write_nmse(&first).unwrap();
    merge::<Report>(&[first.clone(), second], &merged).unwrap();
    write_nmse(&merged).unwrap();
    let read = |dir: &Path, name: &str| std::fs::read(dir.join(name)).unwrap();
    for name in [JSON_NAME, CSV_NAME] {
        assert!(read(&whole, name) == read(&merged, name), "{name}");
        assert!(read(&whole, name) != read(&first, name), "{name}");
    }
}
