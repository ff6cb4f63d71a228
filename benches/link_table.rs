//! Lookups of link tables on one thread: all 29 schemes of MCS table 1 with five block sizes, beside the error function alone that a
//! rate ends in; errors of aggregation over four coordinates, beside five powers of ten.

mod support;

use airloop::baseband::special::q_function;
use airloop::baseband::units::power_from_db;
use airloop::coding::mcs::Mcs;
use airloop::link_table::{BlerEntry, BlerTable, Coordinate, NmseEntry, NmseTable};
use airloop::report::Fidelity;
use std::hint::black_box;
use support::{Row, print, shortest};

/// Lookups that are timed together.
const COUNT: usize = 4096;

const SIZES: [usize; 5] = [24, 128, 512, 2048, 3840];

fn rates() -> BlerTable {
    let mut entries = Vec::new();
    for mcs in Mcs::table(1) {
        for block_bits in SIZES {
            for point in 0..14 {
                let snr_db = f64::from(mcs.index) - 7.0 + 0.25 * f64::from(point);
                let bler = q_function(0.4 * f64::from(point) - 2.0);
                entries.push(BlerEntry {
                    mcs_table: 1,
                    mcs: mcs.index,
                    block_bits,
                    coded_bits: (block_bits as f64 / mcs.code_rate) as usize,
                    modulation: String::new(),
                    fidelity: Fidelity::Symbol,
                    snr_db,
                    bler,
                    bler_low: bler,
                    bler_high: bler,
                    blocks: 10_000,
                    block_errors: 0,
                    experiment_id: String::new(),
                });
            }
        }
    }
    BlerTable::new(entries).expect("SNRs ascend")
}

fn errors() -> NmseTable {
    let mut entries = Vec::new();
    for snr_db in [0.0, 5.0, 10.0, 15.0, 20.0, 25.0, 30.0] {
        for devices in [5.0, 10.0, 20.0, 50.0] {
            for csi_error in [0.0, 0.01, 0.1] {
                for power_error_db in [0.0, 0.5, 1.0] {
                    let nmse =
                        Some(0.1 / devices + csi_error + power_from_db(-snr_db) + 0.1 * power_error_db);
                    let number = |name: &str, x| (name.to_string(), Coordinate::Number(x));
                    entries.push(NmseEntry {
                        coordinates: vec![
                            ("scheme".into(), Coordinate::Word("truncated-inversion".into())),
                            number("snr_db", snr_db),
                            number("devices", devices),
                            number("link.csi_error", csi_error),
                            number("impairments.power_error_db", power_error_db),
                        ],
                        nmse,
                        nmse_low: nmse,
                        nmse_high: nmse,
                        nmse_median: nmse,
                        nmse_q95: nmse,
                        trials: 100,
                        experiment_id: String::new(),
                    });
                }
            }
        }
    }
    NmseTable::new(entries).expect("coordinates are alike")
}

fn main() {
    let (rates, errors) = (rates(), errors());
    let curve = errors.curve(&[("scheme", "truncated-inversion")]).expect("the grid is full");
    let mcs: Vec<Mcs> = Mcs::table(1).collect();
    let scheme = |i: usize| mcs[i * 7 % mcs.len()];
    let sinr = |i: usize| f64::from(scheme(i).index) - 7.0 + (i % 97) as f64 * 0.03;
    let time = |work: &dyn Fn(usize) -> f64| {
        let seconds = shortest(|| {
            black_box((0..COUNT).map(|i| work(black_box(i))).sum::<f64>());
        });
        COUNT as f64 / seconds
    };
    let answer = "the table has an answer";
    let tail = ("error function alone", time(&|i| q_function((i % 97) as f64 * 0.04 - 2.0)));
    let powers =
        ("five powers of ten", time(&|i| (0..5).map(|k| power_from_db(-((i + k) as f64) * 1e-3)).sum()));
    let row = |name: &str, rate: f64, ceiling| Row { name: name.into(), rate, unit: "lookups", ceiling };
    let rows = [
        row(
            "rate, size measured",
            time(&|i| rates.block_error_rate(scheme(i), SIZES[i % 5], sinr(i)).expect(answer)),
            tail,
        ),
        row(
            "rate, between sizes",
            time(&|i| rates.block_error_rate(scheme(i), 30 + i % 3800, sinr(i)).expect(answer)),
            tail,
        ),
        row(
            "rate of a transport block",
            time(&|i| {
                rates.transport_block_error_rate(scheme(i), 40 + 8 * (i % 400), sinr(i)).expect(answer)
            }),
            tail,
        ),
        row("SINR of a rate", time(&|i| rates.sinr_db(scheme(i), 30 + i % 3800, 0.1).expect(answer)), tail),
        row(
            "aggregation, four coordinates",
            time(&|i| {
                // Devices, knowledge, SNR and power error in the order of the table.
                let at =
                    [(i % 29) as f64, 5.0 + (i % 40) as f64, (i % 90) as f64 * 1e-3, (i % 9) as f64 * 0.1];
                curve.nmse(&at).expect(answer).mean.expect("the mean is there")
            }),
            powers,
        ),
    ];
    print("link tables: 29 schemes of 5 sizes and 14 points; 252 errors of aggregation", &rows);
}
