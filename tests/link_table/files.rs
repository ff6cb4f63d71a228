//! What is read, and what is refused with one clear error.

use super::setup::{entries, folder};
use airloop::link_table::{BlerTable, NmseTable};
use std::path::PathBuf;

fn write(name: &str, text: &str) -> PathBuf {
    let path = folder(&format!("files/{}", name.replace('.', "-"))).join(name);
    std::fs::write(&path, text).unwrap();
    path
}

fn json() -> String {
    let all = entries(9, 128, &[(0.0, 0.9), (1.0, 0.5), (2.0, 0.1)]);
    let lines: Vec<String> = all.iter().map(|entry| serde_json::to_string(entry).unwrap()).collect();
    format!(
        "{{\"schema\": \"airloop-link-table\", \"version\": 1, \"kind\": \"bler\", \"entries\": [{}], \"category\": {{}}}}",
        lines.join(",\n")
    )
}

const CSV: &str = "schema,version,kind,mcs_table,mcs,block_bits,coded_bits,modulation,fidelity,snr_db,bler,bler_low,bler_high,\
    blocks,block_errors,experiment_id\n\
    airloop-link-table,1,bler,1,9,128,194,qpsk,symbol,0,0.9,0.8,0.95,100,90,a\n\
    airloop-link-table,1,bler,1,9,128,194,qpsk,symbol,1.5,0.1,0.05,0.2,100,10,b\n";

#[test]
fn the_untouched_files_are_read() {
    assert_eq!(BlerTable::read(&write("right.json", &json())).unwrap().entries().len(), 3);
    assert_eq!(BlerTable::read(&write("right.csv", CSV)).unwrap().entries()[1].snr_db, 1.5);
}

#[test]
fn every_wrong_field_is_named_with_what_is_there_and_what_would_be_right() {
    for (case, (from, to, parts)) in [
        ("airloop-link-table", "other-table", ["schema is \"other-table\"", "airloop-link-table"]),
        ("\"version\": 1", "\"version\": 2", ["version is 2", "reads 1"]),
        ("\"version\": 1, ", "", ["version is missing", "reads 1"]),
        ("\"kind\": \"bler\"", "\"kind\": \"nmse\"", ["kind is \"nmse\"", "\"bler\""]),
        ("\"entries\": [", "\"entry\": [", ["entries is missing", "list"]),
        ("\"schema\": \"airloop-link-table\", ", "", ["schema is missing", "Sionna SYS"]),
        ("{\"schema\"", "[\"schema\"", ["no JSON", "airloop link-table"]),
        ("\"bler\":0.5", "\"bler\":1.5", ["entries[1].bler is 1.5", "from 0 to 1"]),
        ("\"bler\":0.5", "\"bler\":-0.1", ["entries[1].bler is -0.1", "from 0 to 1"]),
        ("\"bler\":0.5", "\"rate\":0.5", ["entries[1].bler is missing", "from 0 to 1"]),
        ("\"bler\":0.5", "\"bler\":null", ["entries[1].bler is null", "number"]),
        ("\"snr_db\":1.0", "\"snr_db\":0.0", ["entries[1].snr_db is 0", "more than 0"]),
        ("\"snr_db\":1.0", "\"snr_db\":5.0", ["entries[2].snr_db is 2", "more than 5"]),
        ("\"snr_db\":1.0", "\"snr_db\":\"1\"", ["entries[1].snr_db is \"1\"", "a number is expected"]),
        ("\"mcs_table\":1", "\"mcs_table\":7", ["entries[0].mcs_table is 7", "1 to 4"]),
        ("\"mcs\":9", "\"mcs\":30", ["entries[0].mcs is 30", "table 1"]),
        ("\"blocks\":1000", "\"blocks\":0", ["entries[0].blocks is 0", "at least 1"]),
        ("\"block_errors\":500", "\"block_errors\":5000", ["entries[1].block_errors is 5000", "1000 blocks"]),
        (
            "\"fidelity\":\"symbol\"",
            "\"fidelity\":\"telepathy\"",
            ["entries[0].fidelity is \"telepathy\"", "waveform"],
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let text = json();
        let changed = text.replacen(from, to, 1);
        assert_ne!(text, changed, "{from}");
        let error = BlerTable::read(&write(&format!("case{case}.json"), &changed)).unwrap_err().to_string();
        assert!(parts.iter().all(|part| error.contains(part)), "{to}: {error}");
        assert!(error.contains(&format!("case{case}.json")) && error.lines().count() == 1, "{error}");
    }
    let none = format!("{}[]}}", json().split_once('[').unwrap().0);
    let error = BlerTable::read(&write("empty.json", &none)).unwrap_err().to_string();
    assert!(error.contains("entries is empty"), "{error}");
}

#[test]
fn rows_of_other_tables_are_refused() {
    for (from, to, part) in [
        (",1,bler,1,9,128,194,qpsk,symbol,1.5", ",2,bler,1,9,128,194,qpsk,symbol,1.5", "version is 2"),
        ("schema,", "scheme,", "schema is missing"),
        ("1.5,0.1,", "1.5,1.1,", "entries[1].bler is 1.1"),
        ("100,10,b", "100,10", "a row of 15 cells"),
        ("1.5,0.1", "-1.5,0.1", "entries[1].snr_db is -1.5"),
    ] {
        let error = BlerTable::read(&write("rows.csv", &CSV.replacen(from, to, 1))).unwrap_err().to_string();
        assert!(error.contains(part) && error.contains("rows.csv"), "{to}: {error}");
    }
    let missing = BlerTable::read(&folder("files").join("nothing.json")).unwrap_err().to_string();
    assert!(missing.contains("nothing.json") && missing.contains("cannot read the table"), "{missing}");
    let kind = NmseTable::read(&write("kind.json", &json())).unwrap_err().to_string();
    assert!(kind.contains("kind is \"bler\"") && kind.contains("\"nmse\""), "{kind}");
}
