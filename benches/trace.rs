//! Link traces on one thread: rows written, read, replayed and looked up, beside memory copies of as many bytes; rounds of a link by symbols
//! and by a table.

mod support;

use airloop::config::Node;
use airloop::link_table::BlerEntry;
use airloop::report::Fidelity;
use airloop::run::RunOptions;
use airloop::trace::{
    Carriage, Direction, Replay, Stage, TraceFormat, TracePlan, TraceReader, TraceRow, run_trace,
};
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use support::{Row, print, shortest};

/// Rounds and devices of the trace, each with an uplink and a downlink.
const ROUNDS: u64 = 2_000;
const DEVICES: u32 = 50;

/// Bits of all rounds of the links: 200 of 4800 bytes.
const BITS: f64 = 200.0 * 4800.0 * 8.0;

fn row(name: &str, unit: &'static str, rate: f64, ceiling: (&'static str, f64)) -> Row {
    Row { name: name.into(), rate, unit, ceiling }
}

fn recorded() -> Vec<TraceRow> {
    let run_id = Arc::from("0123456789abcdef");
    let mut rows = Vec::new();
    for round in 0..ROUNDS {
        for direction in [Direction::Up, Direction::Down] {
            for device in 0..DEVICES {
                let odd = f64::from(device) / 7.0 + round as f64 / 3.0;
                rows.push(TraceRow {
                    t_start_s: round as f64 * 0.1,
                    bytes_offered: 4096,
                    bytes_delivered: 4096,
                    n_re: 25_704,
                    airtime_s: 0.0015,
                    latency_s: 0.0045 + odd * 1e-9,
                    rate_bps: 7e6 + odd,
                    snr_db: Some(10.0 + odd * 1e-3),
                    sinr_eff_db: Some(9.0 + odd * 1e-3),
                    mcs_table: Some(1),
                    mcs: Some(12.0),
                    rank: Some(1),
                    bler: Some(0.0),
                    tbler: Some(0.25),
                    harq_tx: Some(4),
                    outage: false,
                    elem_loss_p: Some(0.0),
                    tx_power_dbm: Some(23.0),
                    tx_energy_j: Some(0.2 * odd),
                    ..TraceRow::empty(&run_id, 1, round, device, (direction, Stage::Act, Carriage::Digital))
                });
            }
        }
    }
    rows
}

/// A link that is run by symbols or by a table of its only block.
fn link(detail: &str) -> TracePlan {
    let text = format!(
        "trace = {{ rounds = 200, {detail} }}\n\
         ofdm = {{ bandwidth_hz = 20e6, subcarrier_spacing_hz = 30e3 }}\n\
         channel = {{ model = \"tdl-c\", delay_spread_s = 100e-9 }}\n\
         link = {{ snr_db = 10.0 }}\n\
         mcs = {{ index = 9, block_bits = 3840 }}\n\
         slot = {{ pilot_symbols = 0 }}\n\
         reception = {{ estimator = \"perfect\" }}\n\
         uplink = {{ bytes = 4800 }}\n"
    );
    let node = Node::parse_toml(&text, Path::new("bench")).expect("the text is TOML");
    TracePlan::load(&node).expect("the trace is right")
}

fn table(dir: &Path) -> PathBuf {
    let entry = |snr_db: f64, bler: f64| BlerEntry {
        mcs_table: 1,
        mcs: 9,
        block_bits: 3840,
        coded_bits: 5792,
        modulation: String::new(),
        fidelity: Fidelity::Symbol,
        snr_db,
        bler,
        bler_low: bler,
        bler_high: bler,
        blocks: 10_000,
        block_errors: 0,
        experiment_id: String::new(),
    };
    let entries = [entry(4.0, 0.9), entry(5.0, 0.1), entry(6.0, 1e-3)];
    let json = serde_json::json!({ "schema": "airloop-link-table", "version": 1, "kind": "bler", "entries": entries });
    let path = dir.join("bench-link-table.json");
    std::fs::write(&path, json.to_string()).expect("the folder for temporary files can be written");
    path
}

fn main() {
    let rows = recorded();
    let count = rows.len() as f64;
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let mut table_rows = Vec::new();
    for (name, format) in [("csv", TraceFormat::Csv), ("jsonl", TraceFormat::Jsonl)] {
        let mut text = String::new();
        let mut write = || {
            text.clear();
            format.write_header(&mut text);
            rows.iter().for_each(|row| format.write_row(row, &mut text).expect("rows are finite"));
            black_box(&text);
        };
        let written = shortest(&mut write);
        let path = dir.join(format!("bench.{name}"));
        std::fs::write(&path, &text).expect("the folder for temporary files can be written");
        let read = shortest(|| {
            let read = TraceReader::open(&path)
                .expect("the file was written")
                .map(|row| row.expect("rows are right"));
            black_box(read.map(|row| row.rate_bps).sum::<f64>());
        });
        let mut copy = text.clone();
        let copied = shortest(|| black_box(&mut copy).clone_from(black_box(&text)));
        table_rows.push(row(
            &format!("written as {name}"),
            "rows",
            count / written,
            ("its text copied", count / copied),
        ));
        table_rows.push(row(
            &format!("read from {name}"),
            "rows",
            count / read,
            ("its text copied", count / copied),
        ));
    }
    let replay = Replay::new(rows.clone()).expect("every link is there once a round");
    let bytes = vec![1u8; rows.len() * size_of::<TraceRow>()];
    let memory = shortest(|| {
        black_box(bytes.iter().step_by(64).map(|byte| u64::from(*byte)).sum::<u64>());
    });
    let ceiling = ("a byte of every line of as much memory", count / memory);
    let replayed = shortest(|| {
        let rates = (0..ROUNDS).flat_map(|round| replay.round(round)).map(|row| row.rate_bps);
        black_box(rates.sum::<f64>());
    });
    table_rows.push(row("replayed from memory, round by round", "rows", count / replayed, ceiling));
    let looked_up = shortest(|| {
        let mut sum = 0.0;
        for round in 0..ROUNDS {
            for device in 0..DEVICES {
                for direction in [Direction::Up, Direction::Down] {
                    sum += replay.row(round, device, direction, Stage::Act).map_or(0.0, |row| row.rate_bps);
                }
            }
        }
        black_box(sum);
    });
    table_rows.push(row("replayed from memory, link by link", "rows", count / looked_up, ceiling));
    let by_table = format!("detail = \"table\", table = \"{}\"", table(&dir).display());
    let time = |detail: &str| {
        let plan = link(detail);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread can be had");
        pool.install(|| {
            shortest(|| drop(black_box(run_trace(&plan, &RunOptions::default(), &mut |_| Ok(())))))
        })
    };
    let (symbols, tables) = (time("detail = \"symbol\""), time(&by_table));
    table_rows.push(row(
        "link of 3840-bit blocks, by symbols",
        "bits",
        BITS / symbols,
        ("by a table", BITS / tables),
    ));
    print("Link traces, one thread", &table_rows);
}
