//! Decoded information bits a second beside the crate ldpc-toolbox in the same run: K = 4224 at rate 1/2, one block at a time on one
//! thread, the same received values for all, layered schedules of 20 iterations at most.

mod support;

use airloop_baseband::{Purpose, Seeds};
use airloop_coding::ldpc::{BaseGraph, Code, Decoder, DecoderConfig, EarlyStop, LiftingSize};
use ldpc_toolbox::codes::nr5g;
use ldpc_toolbox::decoder::factory::{DecoderFactory, DecoderImplementation};
use ldpc_toolbox::sparse::SparseMatrix;
use std::hint::black_box;
use std::time::Duration;
use support::shortest;

/// Time spent on repeats of one measurement.
const PATIENCE: Duration = Duration::from_millis(1000);

/// Different blocks of a measurement.
const BLOCKS: u64 = 10;

/// Copies of the graph.
const Z: usize = 192;
/// Information bits.
const K: usize = 4224;
/// Bits that are sent.
const N: usize = 8448;

/// Ratios (Eb/N0) at which no block, and at which nearly every block, is decoded early.
const RATIOS_DB: [f64; 2] = [-2.0, 2.0];

/// Rows of the graph that the sent bits need.
fn rows() -> usize {
    (N + 2 * Z).div_ceil(Z) - BaseGraph::One.information_columns()
}

/// Returns received blocks of the word of zeros, the two first columns not sent.
fn blocks(eb_n0_db: f64) -> Vec<Vec<f32>> {
    let es_n0 = K as f64 / N as f64 * 10f64.powf(eb_n0_db / 10.0);
    let (gain, deviation) = (4.0 * es_n0 as f32, (0.5 / es_n0).sqrt() as f32);
    let block = |trial| {
        let mut noise = vec![0.0; N];
        Seeds::new(1).stream(Purpose::Noise, trial, 0).fill_gaussian(0, &mut noise);
        let sent = noise.iter().map(|noise| gain * (1.0 + deviation * noise));
        std::iter::repeat_n(0.0, 2 * Z).chain(sent).collect()
    };
    (0..BLOCKS).map(block).collect()
}

/// Returns information bits a second and iterations a block of the shipped decoder.
fn ours(blocks: &[Vec<f32>]) -> (f64, f64) {
    let code = Code::new(BaseGraph::One, LiftingSize::new(Z).expect("the size is in the table"));
    let config = DecoderConfig { stop: EarlyStop::Parity, ..DecoderConfig::default() };
    let mut decoder = Decoder::new(&code, config).expect("the settings are right");
    let mut bits = vec![0; code.information_bits()];
    let whole: Vec<Vec<f32>> = blocks
        .iter()
        .map(|block| block.iter().copied().chain(std::iter::repeat(0.0)).take(code.codeword_bits()).collect())
        .collect();
    let mut iterations = 0;
    let seconds = shortest(PATIENCE, || {
        iterations = 0;
        for block in &whole {
            iterations +=
                decoder.decode(black_box(block), None, &mut bits).expect("lengths are right").iterations;
        }
    });
    (rate(blocks, seconds), iterations as f64 / blocks.len() as f64)
}

/// Returns the same of a decoder of the other crate.
fn theirs(blocks: &[Vec<f32>], implementation: DecoderImplementation) -> (f64, f64) {
    let whole = nr5g::BaseGraph::BG1.h(nr5g::LiftingSize::Z192);
    let mut matrix = SparseMatrix::new(rows() * Z, K + rows() * Z);
    for row in 0..rows() * Z {
        matrix.insert_row(row, whole.iter_row(row));
    }
    let mut decoder = implementation.build_decoder(matrix);
    let blocks: Vec<Vec<f64>> =
        blocks.iter().map(|b| b.iter().map(|llr| f64::from(*llr)).collect()).collect();
    let mut iterations = 0;
    let seconds = shortest(PATIENCE, || {
        iterations = 0;
        for block in &blocks {
            let decided = decoder.decode(black_box(block), 20).unwrap_or_else(|undecided| undecided);
            iterations += decided.iterations;
        }
    });
    (rate(&blocks, seconds), iterations as f64 / blocks.len() as f64)
}

fn rate<T>(blocks: &[T], seconds: f64) -> f64 {
    (blocks.len() * K) as f64 / seconds
}

fn main() {
    println!(
        "\ninformation bits a second, K = {K} of {N}, one block at a time on one thread, stopped by parity"
    );
    println!(
        "{:<46} {:>10} {:>14} {:>12} {:>14}",
        "decoder", "Eb/N0", "rate", "iterations", "airloop over it"
    );
    for eb_n0_db in RATIOS_DB {
        let blocks = blocks(eb_n0_db);
        let own = ours(&blocks);
        let row = |name: &str, (rate, iterations): (f64, f64)| {
            let (ratio, rate) = (own.0 / rate, format!("{:.2} Mbit/s", rate / 1e6));
            println!("{name:<46} {eb_n0_db:>7} dB {rate:>14} {iterations:>12.1} {ratio:>14.1}");
        };
        row("airloop, 8 bits", own);
        row("ldpc-toolbox, 8 bits, layered A-Min*", theirs(&blocks, DecoderImplementation::HLAminstari8));
        row("ldpc-toolbox, 8 bits, layered Min*", theirs(&blocks, DecoderImplementation::HLMinstarapproxi8));
        row("ldpc-toolbox, float, layered A-Min*", theirs(&blocks, DecoderImplementation::HLAminstarf32));
        row("ldpc-toolbox, float, layered exact", theirs(&blocks, DecoderImplementation::HLTanhf32));
    }
}
