//! Random words, sent as +1 and -1 through Gaussian noise.

use crate::code;
use airloop_baseband::{Purpose, Seeds};
use airloop_coding::ldpc::{BaseGraph, Code, Decoder, Encoder};
use std::sync::atomic::{AtomicU64, Ordering};

/// What a filler counts.
const CERTAIN: f32 = 1e3;

/// A code with `k` information bits before fillers, of which `n` bits are sent.
#[derive(Clone, Debug)]
pub struct Link {
    pub code: Code,
    pub k: usize,
    /// Which bits of a word are sent.
    pub sent: Vec<usize>,
    /// Rows whose parity is sent, at least the core.
    pub rows: usize,
    encoder: Encoder,
}

/// A block: its bits and what is received of them.
#[derive(Clone, Debug, Default)]
pub struct Sent {
    pub word: Vec<u8>,
    pub llrs: Vec<f32>,
    noise: Vec<f32>,
}

impl Link {
    pub fn new(graph: BaseGraph, z: usize, k: usize, n: usize) -> Self {
        let code = code(graph, z);
        let information = code.information_bits();
        let sent: Vec<usize> =
            (2 * z..code.codeword_bits()).filter(|bit| *bit < k || *bit >= information).take(n).collect();
        assert_eq!(sent.len(), n);
        let rows = (sent[n - 1] / z + 1 - graph.information_columns()).clamp(4, graph.rows());
        Self { encoder: Encoder::new(&code), code, k, sent, rows }
    }

    /// Draws a block; the same word and noise for each ratio of bit energy to noise density.
    pub fn send(&mut self, trial: u64, eb_n0_db: f64, block: &mut Sent) {
        let Sent { word, llrs, noise } = block;
        let seeds = Seeds::new(38_212);
        word.resize(self.code.codeword_bits(), 0);
        let mut information = vec![0; self.code.information_bits()];
        let payload = seeds.stream(Purpose::Payload, trial, 0);
        for (index, bits) in information[..self.k].chunks_mut(64).enumerate() {
            let random = payload.word(index as u64);
            bits.iter_mut().enumerate().for_each(|(i, bit)| *bit = (random >> i & 1) as u8);
        }
        self.encoder.encode(&information, self.rows, word).unwrap();
        noise.resize(self.sent.len(), 0.0);
        seeds.stream(Purpose::Noise, trial, 0).fill_gaussian(0, noise);
        let es_n0 = self.k as f64 / self.sent.len() as f64 * 10f64.powf(eb_n0_db / 10.0);
        let (gain, deviation) = (4.0 * es_n0 as f32, (0.5 / es_n0).sqrt() as f32);
        llrs.clear();
        llrs.resize(word.len(), 0.0);
        llrs[self.k..self.code.information_bits()].fill(CERTAIN);
        for (bit, noise) in self.sent.iter().zip(noise) {
            llrs[*bit] = gain * (1.0 - 2.0 * f32::from(word[*bit]) + deviation * *noise);
        }
    }

    /// Returns whether a decoder fails on a block.
    pub fn fails(&self, decoder: &mut Decoder, block: &Sent, bits: &mut Vec<u8>) -> bool {
        bits.resize(self.code.information_bits(), 0);
        decoder.decode(&block.llrs, None, bits).unwrap();
        bits[..self.k] != block.word[..self.k]
    }
}

/// Judges blocks 0, 1, .. on all processors until `enough` of the judgements and returns those of blocks 0 to the last
/// made before any stopped: the same for any number of threads. `judge` says what is kept and whether it counts.
pub fn until<T: Send, J: FnMut(u64) -> (T, bool)>(
    most: u64,
    enough: u64,
    judge: impl Fn() -> J + Sync,
) -> Vec<T> {
    const BATCH: u64 = 32;
    let (next, counted) = (AtomicU64::new(0), AtomicU64::new(0));
    let work = || {
        let (mut judge, mut kept) = (judge(), Vec::new());
        loop {
            let begin = next.fetch_add(BATCH, Ordering::SeqCst);
            if begin >= most || counted.load(Ordering::SeqCst) >= enough {
                return kept;
            }
            for trial in begin..(begin + BATCH).min(most) {
                let (value, counts) = judge(trial);
                counted.fetch_add(u64::from(counts), Ordering::SeqCst);
                kept.push((trial, value, counts));
            }
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut kept: Vec<(u64, T, bool)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    kept.sort_by_key(|(trial, ..)| *trial);
    let mut count = 0;
    let end = kept
        .iter()
        .position(|(.., counts)| {
            count += u64::from(*counts);
            count == enough
        })
        .map_or(kept.len(), |last| last + 1);
    kept.truncate(end);
    kept.into_iter().map(|(_, value, _)| value).collect()
}
