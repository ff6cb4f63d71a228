//! Flooding by the exact rule against the crate ldpc-toolbox, which has the graphs and the decoder in its own way.

use crate::link::{Link, Sent, until};
use crate::{decoder, full};
use airloop_baseband::checks::{CheckFailure, CheckPass, CheckSpec, check_paired};
use airloop_baseband::statistics::Moments;
use airloop_coding::ldpc::{BaseGraph, CheckRule, Schedule};
use ldpc_toolbox::codes::nr5g;
use ldpc_toolbox::decoder::LdpcDecoder;
use ldpc_toolbox::decoder::factory::{DecoderFactory, DecoderImplementation};
use ldpc_toolbox::sparse::SparseMatrix;

/// How far both may be apart.
const APART_DB: f64 = 0.1;

/// The other crate's matrix, without the rows and columns that are not sent.
fn matrix(link: &Link, graph: nr5g::BaseGraph, size: nr5g::LiftingSize) -> SparseMatrix {
    let (whole, z) = (graph.h(size), link.code.z());
    let (rows, columns) = (link.rows * z, link.code.information_bits() + link.rows * z);
    let mut matrix = SparseMatrix::new(rows, columns);
    for row in 0..rows {
        matrix.insert_row(row, whole.iter_row(row));
    }
    matrix
}

/// Failures on the same block of the other crate, of ours at the same ratio (Eb/N0) and at [`APART_DB`] and three times
/// that more; and whether both decided alike.
type Failures = ([bool; 4], bool);

fn failures(
    make: &(impl Fn() -> (Link, Box<dyn LdpcDecoder>) + Sync),
    eb_n0_db: f64,
    errors: u64,
) -> Vec<Failures> {
    let judge = || {
        let (mut link, mut other) = make();
        let mut ours = decoder(&link.code, CheckRule::Boxplus, Schedule::Flooding);
        let (mut block, mut bits) = (Sent::default(), Vec::new());
        move |trial| {
            let mut fails = [false; 4];
            let mut alike = false;
            for (index, step) in [0.0, 1.0, 3.0].into_iter().enumerate() {
                link.send(trial, eb_n0_db + step * APART_DB, &mut block);
                fails[index + 1] = link.fails(&mut ours, &block, &mut bits);
                if index == 0 {
                    let columns = link.code.information_bits() + link.rows * link.code.z();
                    let llrs: Vec<f64> = block.llrs[..columns].iter().map(|llr| f64::from(*llr)).collect();
                    let decided = other.decode(&llrs, 20).unwrap_or_else(|undecided| undecided).codeword;
                    fails[0] = decided[..link.k] != block.word[..link.k];
                    alike = decided[..link.k] == bits[..link.k];
                }
            }
            ((fails, alike), fails[0])
        }
    };
    until(1_000_000, errors, judge)
}

/// Compares failures of ours at a ratio with the other's.
fn compared(failures: &[Failures], ours: usize, detects: f64) -> Result<CheckPass, CheckFailure> {
    let differences =
        failures.iter().map(|(fails, _)| f64::from(u8::from(fails[ours])) - f64::from(u8::from(fails[0])));
    check_paired(&Moments::of(differences), CheckSpec { alpha: 1e-6, detects })
}

/// Checks that both fail equally often, to what [`APART_DB`] would change, and decide alike on nearly all blocks.
fn check(make: impl Fn() -> (Link, Box<dyn LdpcDecoder>) + Sync, eb_n0_db: f64, errors: u64) {
    let failures = failures(&make, eb_n0_db, errors);
    let count = |which: usize| failures.iter().filter(|(fails, _)| fails[which]).count();
    let [other, ours, better, control] = [0, 1, 2, 3].map(count);
    let alike = failures.iter().filter(|(_, alike)| *alike).count();
    let blocks = failures.len();
    println!(
        "{eb_n0_db} dB: {other} of {blocks} blocks fail there, {ours} here, {better} at +{APART_DB} dB, {control} at \
         +{} dB; {alike} decided alike",
        3.0 * APART_DB
    );
    let detects = (ours - better) as f64 / blocks as f64;
    compared(&failures, 1, detects).unwrap();
    assert!(alike as f64 > 0.99 * blocks as f64 - 3.0, "{alike} of {blocks} decided alike");
    let outcome = compared(&failures, 3, detects);
    assert!(matches!(outcome, Err(CheckFailure::Disagrees(_))), "a control passes: {outcome:?}");
}

fn two(
    z: usize,
    n: usize,
    size: nr5g::LiftingSize,
    implementation: DecoderImplementation,
) -> impl Fn() -> (Link, Box<dyn LdpcDecoder>) + Sync {
    move || {
        let link = Link::new(BaseGraph::Two, z, 10 * z, n);
        let other = implementation.build_decoder(matrix(&link, nr5g::BaseGraph::BG2, size));
        (link, other)
    }
}

#[test]
fn flooding_is_that_of_the_other_crate() {
    let small = |implementation| two(6, 120, nr5g::LiftingSize::Z6, implementation);
    check(small(DecoderImplementation::Phif64), 2.2, 200);
    if !full() {
        return;
    }
    check(small(DecoderImplementation::Tanhf64), 3.7, 200);
    let make = || two(64, 1280, nr5g::LiftingSize::Z64, DecoderImplementation::Phif64);
    check(make(), 1.3, 200);
    check(make(), 1.75, 200);
    let one = || {
        let link = Link::new(BaseGraph::One, 48, 1056, 1584);
        let h = matrix(&link, nr5g::BaseGraph::BG1, nr5g::LiftingSize::Z48);
        (link, DecoderImplementation::Phif64.build_decoder(h))
    };
    check(one, 1.9, 200);
    check(one, 2.35, 200);
}
