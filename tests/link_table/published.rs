//! Block error rates that others published of the same schemes, block sizes and SNRs: the same decoder agrees, the shipped one is no worse.

use super::setup::{LIMIT, SMALL, tree};
use airloop::experiment::Loader;
use airloop::link::LinkReport;
use airloop::report::Fidelity;
use airloop::sweep::RowReport;

/// Errors and blocks.
type Count = (f64, f64);

struct Row {
    mcs: usize,
    block_bits: usize,
    snr_db: f64,
    count: Count,
}

fn rows() -> Vec<Row> {
    let lines =
        include_str!("data/sionna_pdsch_table1.csv").lines().filter(|line| !line.starts_with('#')).skip(1);
    let row = |line: &str| {
        let cells: Vec<f64> = line.split(',').map(|cell| cell.parse().unwrap()).collect();
        Row {
            mcs: cells[0] as usize,
            block_bits: cells[1] as usize,
            snr_db: cells[2],
            count: (cells[3], cells[4]),
        }
    };
    lines.map(row).collect()
}

/// Counts errors of ours with settings of the decoder, at an SNR so much higher.
fn ours(row: &Row, decoder: &str, more_db: f64) -> Count {
    let trials = 1024 / row.block_bits.div_ceil(60);
    let mut file = tree(&[SMALL, decoder]);
    file.take("stop");
    let settings = format!(
        "mcs.index={}; mcs.block_bits={}; link.snr_db={}; stop.trials={trials}",
        row.mcs,
        row.block_bits,
        row.snr_db + more_db
    );
    for setting in settings.split("; ") {
        let (path, value) = airloop::config::overrides::parse_set(setting).unwrap();
        file.set(&path, value).unwrap();
    }
    let experiment = Loader::of_links().load(&file).unwrap();
    let report = LinkReport::run(&experiment, Fidelity::Symbol, &Default::default()).unwrap();
    (report.block_errors as f64, report.blocks as f64)
}

/// Returns how many standard errors the first rate lies above the second, both estimated together.
fn above(a: Count, b: Count) -> f64 {
    let together = (a.0 + b.0) / (a.1 + b.1);
    let deviation = (together * (1.0 - together) * (1.0 / a.1 + 1.0 / b.1)).sqrt();
    (a.0 / a.1 - b.0 / b.1) / deviation.max(f64::MIN_POSITIVE)
}

#[test]
fn the_same_decoder_has_the_published_rates() {
    let decoder = "code.decoder=boxplus; code.schedule=flooding; code.iterations=20; code.demapper=exact";
    let mut squares = 0.0;
    for row in rows() {
        let z = above(ours(&row, decoder, 0.0), row.count);
        println!(
            "mcs {}, {} bits, {:.3} dB: {z:+.2} standard errors from the published rate",
            row.mcs, row.block_bits, row.snr_db
        );
        assert!(z.abs() < LIMIT, "mcs {}, {} bits, {} dB: {z}", row.mcs, row.block_bits, row.snr_db);
        squares += z * z;
    }
    // All together: the sum of so many squares has this mean and twice it as variance, Gaussian enough for six deviations.
    let count = rows().len() as f64;
    assert!((squares - count) / (2.0 * count).sqrt() < 6.0, "{squares}");
}

#[test]
fn half_a_decibel_is_seen() {
    let decoder = "code.decoder=boxplus; code.schedule=flooding; code.iterations=20; code.demapper=exact";
    let steep = |row: &&Row| row.block_bits == 100 && (0.2..0.55).contains(&(row.count.0 / row.count.1));
    assert_eq!(rows().iter().filter(steep).count(), 2);
    for row in rows().iter().filter(steep) {
        for more_db in [-0.5, 0.5] {
            let z = above(ours(row, decoder, more_db), row.count);
            assert!(z.abs() > LIMIT && (z < 0.0) == (more_db > 0.0), "mcs {}: {z}", row.mcs);
        }
    }
}

#[test]
fn the_shipped_decoder_is_no_worse() {
    for row in rows() {
        let z = above(ours(&row, "code.demapper=exact", 0.0), row.count);
        println!(
            "mcs {}, {} bits, {:.3} dB: {z:+.2} standard errors above the published rate",
            row.mcs, row.block_bits, row.snr_db
        );
        assert!(z < LIMIT, "mcs {}, {} bits, {} dB: {z}", row.mcs, row.block_bits, row.snr_db);
    }
}
