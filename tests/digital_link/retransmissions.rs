//! Retransmissions against the renewal theorem, against each other, and in time.

use super::setup::{LIMIT, SYMBOL_S, counted, mean, report};
use airloop::baseband::statistics::Moments;

/// A channel that is another one after a round trip.
const LINK: &str =
    "channel.model=rayleigh; channel.speed_m_s=15; reception.estimator=perfect; link.snr_db=8; mcs.index=18";

/// Most transmissions of a block.
const MOST: usize = 4;

/// Blocks of each run.
const BLOCKS: u64 = 1000;

/// Settings of a run.
fn combining(name: &str, transmissions: usize) -> String {
    format!("harq.combining={name}; harq.transmissions={transmissions}; stop.trials={BLOCKS}")
}

/// What the renewal theorem makes of runs that end after 1 to [`MOST`] transmissions, each with draws of its own.
///
/// ```text
/// transmissions = sum_{m<M} p_m      delivered a transmission = (1 - p_M) / transmissions
/// ```
///
/// Both with their variances, first order in the shares `p_m` of blocks that are not delivered after m transmissions.
fn renewal(name: &str) -> [(f64, f64); 2] {
    let lost =
        |m: usize| mean(&report(&[LINK, &combining(name, m), &format!("seed={}", 100 + m)]).figures.bler);
    let p: Vec<f64> = (1..=MOST).map(lost).collect();
    let variance = |p: f64| p * (1.0 - p) / BLOCKS as f64;
    let count = 1.0 + p[..MOST - 1].iter().sum::<f64>();
    let of_count: f64 = p[..MOST - 1].iter().map(|p| variance(*p)).sum();
    let delivered = (1.0 - p[MOST - 1]) / count;
    let of_delivered = variance(p[MOST - 1]) / count.powi(2) + of_count * (delivered / count).powi(2);
    [(count, of_count), (delivered, of_delivered)]
}

/// Statistical: alpha 1e-6, detects 35 % of the throughput.
#[test]
fn throughput_is_what_the_renewal_theorem_says() {
    let slot_s = 14.0 * SYMBOL_S;
    let laws = ["chase", "incremental-redundancy"].map(renewal);
    for (law, name) in laws.iter().zip(["chase", "incremental-redundancy"]) {
        let report = report(&[LINK, &combining(name, MOST)]);
        let bits = report.block_bits.unwrap() as f64;
        let figures = &report.figures;
        let mut bound = 0.0;
        let measured = [
            (figures.transmissions.as_ref().unwrap(), 1.0),
            (figures.throughput_bps.as_ref().unwrap(), slot_s / bits),
        ];
        for ((estimate, unit), (expected, variance)) in measured.iter().zip(law) {
            let (mean, error) = (estimate.mean.unwrap() * unit, estimate.standard_error().unwrap() * unit);
            let error = (error.powi(2) + variance).sqrt();
            bound = LIMIT * error;
            assert!((mean - expected).abs() < bound, "{name}: {mean} and {expected}, +- {error}");
            assert!(2.0 * bound < 0.35 * expected, "{name}: {error} detects too little");
        }
        // Controls: blocks that gain nothing from earlier transmissions, and the other combining.
        let throughput = measured[1].0.mean.unwrap() * slot_s / bits;
        let alone = 1.0 - mean(&figures.bler_first);
        assert!((throughput - alone).abs() > bound, "{name}: {throughput} {alone}");
        let other = laws[usize::from(name == "chase")][1].0;
        assert!((throughput - other).abs() > bound, "{name}: {throughput} {other}");
    }
}

/// Statistical: alpha 1e-6 each, on the same channels and noise.
#[test]
fn what_the_receiver_keeps_pays() {
    let delivered = |name: &str| {
        let trials = counted(&[LINK, &combining(name, MOST)], 400);
        let bits = trials.iter().map(|tally| tally.delivered_bits as f64 / tally.airtime_s);
        bits.collect::<Vec<f64>>()
    };
    let gain = |better: &[f64], worse: &[f64]| {
        let differences = Moments::of(better.iter().zip(worse).map(|(a, b)| a - b));
        differences.mean / differences.standard_error().max(f64::MIN_POSITIVE)
    };
    let (none, chase, versions) =
        (delivered("none"), delivered("chase"), delivered("incremental-redundancy"));
    assert!(gain(&chase, &none) > LIMIT);
    assert!(gain(&versions, &chase) > LIMIT);
    // Control: one version, whatever the order, is chase combining.
    let same = [LINK, &combining("incremental-redundancy", MOST), "harq.versions=[0]"];
    let same = counted(&same, 400).into_iter().map(|tally| tally.delivered_bits as f64 / tally.airtime_s);
    assert_eq!(same.collect::<Vec<f64>>(), chase);
}

/// Rate 2/3 in noise at 1 dB: one transmission is never enough, two always are.
const SECOND: &str = "channel.model=awgn; link.snr_db=1; mcs.index=9; harq.transmissions=3";

#[test]
fn a_block_waits_for_its_answer() {
    for (round_trip, feedback) in [(1usize, 0usize), (5, 0), (5, 2)] {
        let harq =
            format!("harq.round_trip_slots={round_trip}; harq.feedback_symbols={feedback}; stop.trials=50");
        let report = report(&[SECOND, &harq]);
        let slot_s = (14 + feedback) as f64 * SYMBOL_S;
        assert_eq!(mean(&report.figures.transmissions), 2.0);
        assert_eq!((mean(&report.figures.bler), mean(&report.figures.bler_first)), (0.0, 1.0));
        let latency_s = (1 + round_trip) as f64 * slot_s;
        assert!((mean(&report.figures.latency_s) / latency_s - 1.0).abs() < 1e-12, "{harq}");
        let throughput_bps = report.block_bits.unwrap() as f64 / (2.0 * slot_s);
        assert!((mean(&report.figures.throughput_bps) / throughput_bps - 1.0).abs() < 1e-12, "{harq}");
        assert!((report.airtime_s.unwrap() / (2.0 * slot_s) - 1.0).abs() < 1e-12, "{harq}");
    }
}

/// A link without pause fills the round trip with other blocks: every block still takes two slots, and the last ones are on their way.
#[test]
fn other_blocks_fill_the_round_trip() {
    let report = report(&[SECOND, "harq.round_trip_slots=5; scheduling.slots=203; stop.trials=4"]);
    let slot_s = 14.0 * SYMBOL_S;
    // Five blocks begin in five slots and end in the next five: after 200 slots, 100 blocks are over, three more have begun.
    assert_eq!((report.blocks, report.block_errors), (400, 0));
    assert!((report.airtime_s.unwrap() / (203.0 * slot_s) - 1.0).abs() < 1e-12);
    assert!((mean(&report.figures.latency_s) / (6.0 * slot_s) - 1.0).abs() < 1e-12);
}
