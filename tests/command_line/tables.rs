//! The table's columns, against the list that other programs rely on and against the documentation.

use super::folder::{Folder, SMALL, SWEEP};
use airloop::link::LinkReport;
use airloop::report::Report;
use airloop::sweep::table::columns;
use std::path::Path;

const COLUMNS: &str = "schema,experiment_id,curve,fidelity,theory_kind,scheme,snr_db,bandwidth_hz,devices,length,\
    trials,stop_reason,*,nmse,nmse_low,nmse_high,nmse_median,nmse_q90,nmse_q95,nmse_count,mse_per_device,\
    mse_per_device_low,mse_per_device_high,mse_per_device_median,mse_per_device_q90,mse_per_device_q95,mse_per_device_count,\
    nmse_accumulated,nmse_accumulated_low,nmse_accumulated_high,nmse_accumulated_median,nmse_accumulated_q90,nmse_accumulated_q95,\
    nmse_accumulated_count,vote_error_rate,vote_error_rate_low,vote_error_rate_high,vote_error_rate_median,\
    vote_error_rate_q90,vote_error_rate_q95,vote_error_rate_count,vote_error_rate_truth,vote_error_rate_truth_low,\
    vote_error_rate_truth_high,vote_error_rate_truth_median,vote_error_rate_truth_q90,vote_error_rate_truth_q95,\
    vote_error_rate_truth_count,active_fraction,correlation_measured,snr_measured_db,receive_snr_db,\
    power_used_mean,power_peak_db,papr_db,payload_papr_db,sync_detected_share,timing_error_rms_s,\
    cfo_error_rms_hz,elements,airtime_s,airtime_overhead_s,airtime_values_per_s,energy_per_value_rel,energy_j,\
    epsilon_round,epsilon_total,epsilon_eavesdropper_round,epsilon_eavesdropper_total,warnings";

/// Returns the rows of a table as cells by column name.
fn rows(text: &str) -> Vec<std::collections::BTreeMap<String, String>> {
    assert!(!text.contains('"'), "no quoted cell here");
    let mut lines = text.lines().map(|l| l.split(',').map(String::from).collect::<Vec<_>>());
    let header = lines.next().unwrap();
    lines.map(|cells| header.iter().cloned().zip(cells).collect()).collect()
}

#[test]
fn columns_stand_in_the_order_that_is_promised() {
    assert_eq!(columns::<Report>(["link.snr_db"].into_iter()).join(","), COLUMNS.replace("*,", ""));
    let more = columns::<Report>(
        ["link.snr_db", "scheme.threshold", "payload.devices", "channel.speed_m_s"].into_iter(),
    );
    assert_eq!(more.join(","), COLUMNS.replace('*', "scheme.threshold,channel.speed_m_s"));
}

#[test]
fn every_column_is_documented_in_order() {
    let docs = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/table.md")).unwrap();
    let names = |columns: usize| -> Vec<String> {
        let line = docs.lines().filter(|l| l.starts_with("| `"));
        // Bars within a cell are written \\|.
        let cells =
            line.map(|l| l.replace("\\|", "/").split('|').map(|c| c.trim().to_string()).collect::<Vec<_>>());
        let rows = cells.filter(|cells| cells.len() == columns + 2);
        rows.inspect(|cells| assert!(!cells[2].is_empty() && !cells[columns].is_empty(), "{cells:?}"))
            .map(|cells| cells[1].trim_matches('`').to_string())
            .collect()
    };
    assert_eq!(names(4).join(","), COLUMNS.replace("*,", ""), "name, meaning, unit, empty when");
    assert_eq!(
        names(2),
        airloop::report::warnings::CODES.iter().map(|c| c.0).collect::<Vec<_>>(),
        "code and meaning"
    );
}

#[test]
fn every_column_of_a_link_is_documented_in_order() {
    let docs = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/link.md")).unwrap();
    let table = docs.split("## Columns of a link's table").nth(1).unwrap();
    let rows = table.lines().filter(|l| l.starts_with("| `"));
    let names: Vec<&str> = rows.map(|l| l.split('`').nth(1).unwrap()).collect();
    assert_eq!(names, columns::<LinkReport>(["link.snr_db", "mcs.index"].into_iter()));
}

#[test]
fn a_sweep_writes_these_columns_and_no_time_of_the_machine() {
    let folder = Folder::new("columns");
    folder.write("sweep.toml", format!("{SMALL}{SWEEP}"));
    folder.succeed("sweep sweep.toml --out out --over scheme.threshold=0.1,0.2");
    let text = folder.text("out/table.csv");
    assert_eq!(text.lines().next().unwrap(), COLUMNS.replace('*', "scheme.threshold"));
    let record: serde_json::Value = serde_json::from_str(&folder.text("out/run.json")).unwrap();
    assert_eq!(
        record["command"].as_str().unwrap().split_once("airloop sweep").unwrap().1,
        " sweep.toml --out out --over scheme.threshold=0.1,0.2"
    );
    assert!(record["elapsed_s"].as_f64().unwrap() > 0.0);
}

#[test]
fn cells_are_empty_where_nothing_is_defined() {
    let folder = Folder::new("cells");
    folder.write("sweep.toml", SMALL);
    folder.succeed(
        "sweep sweep.toml --out out --fidelity theory,symbol,waveform --over link.transmit_power_w=0.1,0.2",
    );
    for row in rows(&folder.text("out/table.csv")) {
        let empty = |column: &str| row[column].is_empty();
        let fidelity = row["fidelity"].as_str();
        assert_eq!(empty("theory_kind"), fidelity != "theory");
        assert_eq!(empty("papr_db"), fidelity != "waveform");
        assert_eq!(empty("snr_measured_db"), fidelity == "theory");
        assert_eq!(empty("nmse_median"), fidelity == "theory");
        assert!(empty("correlation_measured") && empty("curve"));
        assert!(!empty("energy_j") && !empty("nmse") && !empty("receive_snr_db"));
        assert_eq!(row["schema"], "1");
        assert_eq!(row["experiment_id"].len(), 64);
    }
    folder.succeed("sweep sweep.toml --out plain");
    assert!(rows(&folder.text("plain/table.csv"))[0]["energy_j"].is_empty(), "no transmit power is given");
}

#[test]
fn the_table_and_the_report_hold_the_same_numbers() {
    let folder = Folder::new("same-numbers");
    folder.write("one.toml", SMALL);
    folder.succeed("sweep one.toml --out out");
    let report: serde_json::Value = serde_json::from_str(&folder.succeed("run one.toml --json")).unwrap();
    let row = &rows(&folder.text("out/table.csv"))[0];
    let mut compared = 0;
    for (column, cell) in row {
        let number = match column.strip_prefix("nmse_") {
            Some(part) => report["metrics"]["nmse"][part].as_f64(),
            None if column == "nmse" => report["metrics"]["nmse"]["mean"].as_f64(),
            None => report[column].as_f64(),
        };
        if let Some(number) = number {
            assert_eq!(cell.parse::<f64>().unwrap(), number, "{column}");
            compared += 1;
        }
    }
    assert_eq!(compared, 21, "{row:?}");
    assert_eq!(row["experiment_id"], report["experiment_id"].as_str().unwrap());
}
