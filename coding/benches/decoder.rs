//! Decoded information bits a second, one block at a time on one thread, against a ceiling of 8-bit sums and minima.

mod support;

use airloop_baseband::{Purpose, Seeds};
use airloop_coding::ldpc::{BaseGraph, CheckRule, Code, Decoder, DecoderConfig, EarlyStop, LiftingSize};
use std::hint::black_box;
use std::time::Duration;
use support::shortest;

/// Time spent on repeats of one measurement.
const PATIENCE: Duration = Duration::from_millis(1000);

/// Different blocks of a measurement.
const BLOCKS: u64 = 20;

/// Vector operations for each edge of the graph and 64 of its copies, loads and stores aside.
const OPERATIONS: usize = 17;

/// A code with `k` information bits, of which `n` bits are sent at a ratio (Eb/N0, dB).
struct Case {
    graph: BaseGraph,
    z: usize,
    k: usize,
    n: usize,
    eb_n0_db: f64,
}

const CASES: [Case; 6] = [
    Case { graph: BaseGraph::One, z: 192, k: 4224, n: 8448, eb_n0_db: 2.0 },
    Case { graph: BaseGraph::One, z: 384, k: 8448, n: 25_344, eb_n0_db: 2.0 },
    Case { graph: BaseGraph::One, z: 384, k: 8448, n: 9504, eb_n0_db: 4.5 },
    Case { graph: BaseGraph::One, z: 176, k: 3872, n: 7744, eb_n0_db: 2.0 },
    Case { graph: BaseGraph::Two, z: 64, k: 640, n: 3200, eb_n0_db: 2.0 },
    Case { graph: BaseGraph::Two, z: 10, k: 100, n: 300, eb_n0_db: 3.0 },
];

impl Case {
    fn code(&self) -> Code {
        Code::new(self.graph, LiftingSize::new(self.z).expect("the size is in the table"))
    }

    /// Returns received blocks of the word of zeros; decoders treat all words alike.
    fn blocks(&self) -> Vec<Vec<f32>> {
        let es_n0 = self.k as f64 / self.n as f64 * 10f64.powf(self.eb_n0_db / 10.0);
        let (gain, deviation) = (4.0 * es_n0 as f32, (0.5 / es_n0).sqrt() as f32);
        let bits = self.code().codeword_bits();
        let block = |trial| {
            let (begin, mut noise) = (2 * self.z, vec![0.0; self.n]);
            Seeds::new(1).stream(Purpose::Noise, trial, 0).fill_gaussian(0, &mut noise);
            let mut llrs = vec![0.0; bits];
            for (llr, noise) in llrs[begin..begin + self.n].iter_mut().zip(noise) {
                *llr = gain * (1.0 + deviation * noise);
            }
            llrs
        };
        (0..BLOCKS).map(block).collect()
    }

    /// Returns information bits a second and iterations a block.
    fn rate(&self, rule: CheckRule, stop: EarlyStop) -> (f64, f64) {
        let code = self.code();
        let config = DecoderConfig { rule, stop, ..DecoderConfig::default() };
        let mut decoder = Decoder::new(&code, config).expect("the settings are right");
        let (blocks, mut bits) = (self.blocks(), vec![0; code.information_bits()]);
        let mut iterations = 0;
        let seconds = shortest(PATIENCE, || {
            iterations = 0;
            for block in &blocks {
                let decoded = decoder.decode(black_box(block), None, &mut bits).expect("lengths are right");
                iterations += decoded.iterations;
            }
        });
        let blocks = BLOCKS as f64;
        (blocks * self.k as f64 / seconds, iterations as f64 / blocks)
    }

    /// Returns how many vectors of 64 copies of an edge an iteration has.
    fn vectors(&self) -> usize {
        let rows = (self.n + 2 * self.z).div_ceil(self.z) - self.graph.information_columns();
        let code = self.code();
        (0..rows.max(4)).map(|row| code.row(row).len()).sum::<usize>() * self.z.div_ceil(64)
    }
}

/// Two sums and a minimum of each of eight registers, over and over.
#[multiversion::multiversion(targets(
    "x86_64+avx512f+avx512vl+avx512dq+avx512bw",
    "x86_64+avx2",
    "aarch64+neon"
))]
fn sums_and_minima(values: &mut [[i8; 64]; 8], step: &[i8; 64], rounds: usize) {
    let mut held = *values;
    for _ in 0..rounds {
        for value in &mut held {
            for lane in 0..64 {
                value[lane] = value[lane].saturating_add(step[lane]);
                value[lane] = value[lane].min(step[lane]).saturating_sub(value[lane]);
            }
        }
    }
    *values = held;
}

/// Returns operations on 64 numbers of 8 bits a second.
fn operations() -> f64 {
    let (mut values, rounds) = ([[1; 64]; 8], 10_000);
    let seconds = shortest(PATIENCE, || sums_and_minima(black_box(&mut values), black_box(&[3; 64]), rounds));
    (rounds * 8 * 3) as f64 / seconds
}

fn main() {
    let ceiling = operations();
    println!("operations on 64 numbers of 8 bits: {:.2} G/s", ceiling / 1e9);
    println!("\ninformation bits a second, one block at a time on one thread");
    println!(
        "{:<26} {:>14} {:>14} {:>7} {:>18} {:>12} {:>14}",
        "code", "20 iterations", "their ceiling", "ratio", "stopped by parity", "iterations", "boxplus, same"
    );
    for case in &CASES {
        let (whole, _) = case.rate(CheckRule::FixedPoint, EarlyStop::Never);
        let (stopped, iterations) = case.rate(CheckRule::FixedPoint, EarlyStop::Parity);
        let (exact, _) = case.rate(CheckRule::Boxplus, EarlyStop::Parity);
        let most = ceiling * case.k as f64 / (20 * OPERATIONS * case.vectors()) as f64;
        let Case { graph, z, k, n, eb_n0_db } = case;
        println!(
            "{:<26} {:>14} {:>14} {:>7.2} {:>18} {:>12} {:>14}",
            format!("{graph:?} Z={z} {k}/{n}"),
            format!("{:.1} Mbit/s", whole / 1e6),
            format!("{:.1} Mbit/s", most / 1e6),
            whole / most,
            format!("{:.1} Mbit/s", stopped / 1e6),
            format!("{iterations:.1}, {eb_n0_db} dB"),
            format!("{:.2} Mbit/s", exact / 1e6),
        );
    }
}
