//! No floor: a decibel above one failure in a hundred, failures have died out.

use crate::link::{Link, Sent, until};
use crate::oracle::Oracle;
use crate::{decoder, full};
use airloop_coding::ldpc::{BaseGraph, CheckRule, Schedule};

/// Blocks of each case; the control fails on 1 in 5.
fn blocks() -> u64 {
    if full() { 300_000 } else { 2000 }
}

/// Failures that pass: a decoder that fails on 1 in 10,000 blocks, 30 of 300,000, fails on so few once in two
/// million runs.
const MOST: usize = 7;

/// Graph, (lifting size, information bits, sent bits) and the ratio (Eb/N0, dB) of one failure in a hundred.
const CASES: [(BaseGraph, [usize; 3], f64); 6] = [
    (BaseGraph::One, [192, 4224, 8448], 0.99),
    (BaseGraph::One, [384, 8448, 25_344], 0.28),
    (BaseGraph::One, [384, 8448, 9504], 3.66),
    (BaseGraph::One, [64, 1408, 2112], 2.1),
    (BaseGraph::Two, [384, 3840, 11_520], 0.37),
    (BaseGraph::Two, [208, 2080, 4160], 1.16),
];

#[test]
fn failures_die_out_a_decibel_above_the_waterfall() {
    for (graph, [z, k, n], hundredth_db) in CASES.into_iter().take(if full() { 6 } else { 1 }) {
        let judge = |eb_n0_db: f64| {
            move || {
                let mut link = Link::new(graph, z, k, n);
                let mut shipped = decoder(&link.code, CheckRule::FixedPoint, Schedule::Layered);
                let (mut block, mut bits) = (Sent::default(), Vec::new());
                move |trial| {
                    link.send(trial, eb_n0_db, &mut block);
                    let fails = link.fails(&mut shipped, &block, &mut bits);
                    (fails, fails)
                }
            }
        };
        let count = |fails: &[bool]| fails.iter().filter(|fails| **fails).count();
        let near = until(300_000, if full() { 200 } else { 20 }, judge(hundredth_db));
        let above = until(blocks(), u64::MAX, judge(hundredth_db + 1.0));
        println!(
            "{graph:?} Z={z} {k}/{n}: {} of {} blocks fail at {hundredth_db} dB, {} of {} one decibel above",
            count(&near),
            near.len(),
            count(&above),
            above.len()
        );
        let rate = count(&near) as f64 / near.len() as f64;
        assert!((0.004..0.025).contains(&rate), "a case of another rate: {rate}");
        assert_eq!(above.len() as u64, blocks());
        assert!(count(&above) <= MOST, "{} failures: a floor", count(&above));
    }
}

/// A control: answers that may fill posteriors up fail on 1 in 5 blocks, a decibel above the waterfall too.
#[test]
fn answers_without_a_bound_have_a_floor() {
    let judge = || {
        let mut link = Link::new(BaseGraph::One, 192, 4224, 8448);
        let mut oracle = Oracle::new(&link);
        (oracle.largest, oracle.forgets) = (127, true);
        let mut block = Sent::default();
        move |trial| {
            link.send(trial, 1.99, &mut block);
            oracle.load(&block.llrs);
            let mut iterations = 0;
            while iterations < 20 && !oracle.holds() {
                oracle.iterate();
                iterations += 1;
            }
            let fails = oracle.bits() != block.word[..link.k];
            (fails, fails)
        }
    };
    let fails = until(500, MOST as u64 + 1, judge);
    println!("{} blocks until {} failures without a bound", fails.len(), MOST + 1);
    assert!(fails.iter().filter(|fails| **fails).count() > MOST, "no floor in {} blocks", fails.len());
}
