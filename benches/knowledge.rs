//! What knowledge costs at the symbol rung: device-values a second with knowledge that is not perfect, each against the same
//! experiment with perfect knowledge in the same run.

mod support;

use airloop::report::Fidelity;
use support::{INVERSION, Row, experiment, experiment_with, one_thread, print};

/// A name, more of `[link]`, and the table of pilots.
const CASES: [(&str, &str, &str); 5] = [
    ("imperfect", "csi = \"imperfect\", csi_error = 0.1", ""),
    (
        "ls, every 6th, each slot",
        "csi = \"estimated\"",
        "pilots = { estimator = \"ls\", spacing_subcarriers = 6, period_symbols = 14 }",
    ),
    (
        "mmse, every 6th, each slot",
        "csi = \"estimated\"",
        "pilots = { spacing_subcarriers = 6, period_symbols = 14 }",
    ),
    ("mmse, every 6th, once a round", "csi = \"estimated\"", "pilots = { spacing_subcarriers = 6 }"),
    (
        "mmse, every one, 8 bits, aged",
        "csi = \"estimated\", csi_bits = 8, csi_age_s = 1e-3",
        "pilots = { period_symbols = 14 }",
    ),
];

fn main() {
    for speed_m_s in [0.0, 0.8] {
        let perfect = one_thread(&experiment(speed_m_s, INVERSION), Fidelity::Symbol);
        let row = |(name, link, tables): &(&str, &str, &str)| Row {
            name: (*name).into(),
            rate: one_thread(&experiment_with(speed_m_s, INVERSION, link, tables), Fidelity::Symbol),
            unit: "device-values",
            ceiling: ("perfect knowledge", perfect),
        };
        let rows: Vec<Row> = CASES.iter().map(row).collect();
        print(
            &format!("knowledge: 20 devices, 100,000 values, TDL-C 100 ns, 20 MHz, {speed_m_s} m/s"),
            &rows,
        );
    }
}
