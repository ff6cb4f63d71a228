//! What the shipped decoder loses against the exact rule, on the same received values.

use crate::link::{Link, Sent, until};
use crate::{decoder, full};
use airloop_baseband::special::normal_quantile;
use airloop_baseband::statistics::Moments;
use airloop_coding::ldpc::{BaseGraph, CheckRule, Schedule};

/// The loss that is shown not to be reached.
const LOSS_DB: f64 = 0.25;

/// The probability that a decoder which loses that much passes.
const ALPHA: f64 = 1e-6;

/// Block errors of the exact rule; very short codes need more, since a quarter decibel changes little.
const fn errors(case: &Case) -> u64 {
    if case.k < 100 { 1000 } else { 200 }
}

/// A code with the ratios (Eb/N0, dB) at which the exact rule fails on about 1 in 10 and 1 in 100 blocks.
pub struct Case {
    pub graph: BaseGraph,
    pub z: usize,
    pub k: usize,
    pub n: usize,
    pub tenth_db: f64,
    pub hundredth_db: f64,
}

const fn case(
    graph: BaseGraph,
    (z, k, n): (usize, usize, usize),
    (tenth_db, hundredth_db): (f64, f64),
) -> Case {
    Case { graph, z, k, n, tenth_db, hundredth_db }
}

const CASES: [Case; 10] = [
    case(BaseGraph::One, (192, 4224, 8448), (0.81, 0.93)),
    case(BaseGraph::One, (384, 8448, 25_344), (0.1, 0.2)),
    case(BaseGraph::One, (384, 8448, 9504), (3.52, 3.62)),
    case(BaseGraph::Two, (64, 640, 3200), (0.05, 0.4)),
    case(BaseGraph::Two, (64, 640, 1280), (1.18, 1.54)),
    case(BaseGraph::Two, (384, 3840, 11_520), (0.18, 0.3)),
    case(BaseGraph::One, (16, 352, 704), (1.38, 1.85)),
    case(BaseGraph::Two, (10, 100, 300), (1.2, 2.3)),
    case(BaseGraph::Two, (10, 96, 480), (0.9, 1.75)),
    case(BaseGraph::Two, (4, 40, 200), (1.5, 2.75)),
];

/// Failures on the same block: exact, shipped at the same ratio, shipped and another at a better ratio.
type Failures = [bool; 4];

fn failures(case: &Case, eb_n0_db: f64) -> Vec<Failures> {
    let judge = || {
        let mut link = Link::new(case.graph, case.z, case.k, case.n);
        let mut decoders =
            [CheckRule::Boxplus, CheckRule::FixedPoint, CheckRule::FixedPoint, CheckRule::MinSum]
                .map(|rule| decoder(&link.code, rule, Schedule::Layered));
        let (mut block, mut bits) = (Sent::default(), Vec::new());
        move |trial| {
            let mut fails = [false; 4];
            for (ratio, range) in [(eb_n0_db, 0..2), (eb_n0_db + LOSS_DB, 2..4)] {
                link.send(trial, ratio, &mut block);
                for decoder in range {
                    fails[decoder] = link.fails(&mut decoders[decoder], &block, &mut bits);
                }
            }
            (fails, fails[0])
        }
    };
    until(1_000_000, errors(case), judge)
}

/// Returns whether a decoder is shown to fail less often than the exact rule: by its mean and standard error.
fn fails_less(failures: &[Failures], decoder: usize) -> bool {
    let differences =
        failures.iter().map(|fails| f64::from(u8::from(fails[decoder])) - f64::from(u8::from(fails[0])));
    let moments = Moments::of(differences);
    moments.mean + normal_quantile(1.0 - ALPHA) * moments.standard_error() < 0.0
}

/// Shows that the shipped decoder loses less than [`LOSS_DB`], and that plain min-sum would not pass.
fn check(case: &Case, eb_n0_db: f64, expected: f64) {
    let failures = failures(case, eb_n0_db);
    let rate = |decoder: usize| {
        failures.iter().filter(|fails| fails[decoder]).count() as f64 / failures.len() as f64
    };
    let [exact, shipped, better, plain] = [0, 1, 2, 3].map(rate);
    // Block error rates fall about exponentially with the ratio in decibels.
    let loss_db = LOSS_DB * (shipped / exact).ln() / (shipped / better.max(1e-9)).ln();
    let Case { graph, z, k, n, .. } = case;
    println!(
        "{graph:?} Z={z} {k}/{n} at {eb_n0_db} dB: exact {exact:.4}, shipped {shipped:.4}, at +{LOSS_DB} dB {better:.5}, \
         plain min-sum {plain:.4}; {} blocks; loss about {loss_db:.3} dB",
        failures.len()
    );
    assert!(exact > 0.4 * expected && exact < 2.5 * expected, "a case of another rate: {exact}");
    assert!(fails_less(&failures, 2), "loses {LOSS_DB} dB or more: {better} against {exact}");
    assert!(!fails_less(&failures, 3), "plain min-sum passes: {plain} against {exact}");
}

#[test]
fn the_loss_is_below_a_quarter_decibel() {
    for case in if full() { &CASES[..] } else { &CASES[6..8] } {
        check(case, case.tenth_db, 0.1);
        if full() {
            check(case, case.hundredth_db, 0.01);
        }
    }
}
