//! The coding chain without its decoder, in bits a second on one thread, against a memory copy of the same bits.

mod support;

use airloop_coding::block_code::{BlockCode, BlockEncoder};
use airloop_coding::crc::Crc;
use airloop_coding::ldpc::Encoder;
use airloop_coding::scrambling::Scrambling;
use airloop_coding::transport_block::{
    Transmission, TransportBlock, TransportBlockConfig, TransportBlockEncoder, TransportBlockReceiver,
};
use std::hint::black_box;
use std::time::Duration;
use support::shortest;

/// Time spent on repeats of one measurement.
const PATIENCE: Duration = Duration::from_millis(400);

/// Prints a line: bits a second of `work` on `bits` bits, and of a copy of `bytes` bytes.
fn row(name: &str, (bits, what): (usize, &str), bytes: usize, work: impl FnMut()) {
    let (from, mut to) = (vec![1u8; bytes], vec![0u8; bytes]);
    let copied = bits as f64 / shortest(PATIENCE, || black_box(&mut to).copy_from_slice(black_box(&from)));
    let rate = bits as f64 / shortest(PATIENCE, work);
    println!(
        "{name:<44} {:>9.0} Mbit/s of {what:<12} copy {:>9.0} Mbit/s   ratio {:>6.3}",
        rate / 1e6,
        copied / 1e6,
        rate / copied
    );
}

/// Bits that look random.
fn bits(count: usize) -> Vec<u8> {
    (0..count).map(|i| ((i.wrapping_mul(2_654_435_761) >> 13) & 1) as u8).collect()
}

fn crcs() {
    let message = bits(4224);
    for crc in [Crc::Crc16, Crc::Crc24A, Crc::Crc24B] {
        row(&format!("{crc:?} of 4224 bits"), (4224, "message"), 4224, || {
            black_box(crc.parity(black_box(&message)));
        });
    }
}

fn scrambling() {
    let scrambling = Scrambling::new(7, 0, 11).expect("allowed");
    let (mut coded, mut soft) = (bits(50_000), vec![1.0f32; 50_000]);
    row("scrambling of 50000 bits", (50_000, "coded"), 50_000, || scrambling.scramble(black_box(&mut coded)));
    row("descrambling of 50000 soft values", (50_000, "coded"), 200_000, || {
        scrambling.descramble(black_box(&mut soft));
    });
}

fn plain_codes() {
    for (k, n) in [(4224, 8448), (8448, 9384), (8448, 25_344), (3840, 19_200), (512, 1024), (100, 200)] {
        let code = BlockCode::new(k, n, 1, None).expect("allowed");
        let mut encoder = Encoder::new(code.code());
        let information = bits(code.code().information_bits());
        let mut word = vec![0; code.code().codeword_bits()];
        let rows = code.rows();
        row(&format!("LDPC words of k = {k}, n = {n}"), (k, "information"), k + n, || {
            encoder.encode(black_box(&information), rows, black_box(&mut word)).expect("lengths agree");
        });
        let (mut whole, message, mut coded) = (BlockEncoder::new(&code), bits(k), vec![0; n]);
        row("  and selected", (k, "information"), k + n, || {
            whole.encode(black_box(&message), black_box(&mut coded)).expect("lengths agree");
        });
    }
}

fn matching() {
    for order in [2, 4, 6, 8, 10] {
        let n = 8400;
        let code = BlockCode::new(4224, n, order, None).expect("allowed");
        let (word, mut coded) = (bits(code.code().codeword_bits()), vec![0; n]);
        row(&format!("selection and interleaving, order {order}"), (n, "coded"), n, || {
            code.matching()
                .select(black_box(&word), code.selection(), black_box(&mut coded))
                .expect("allowed");
        });
        let (llrs, mut soft) = (vec![0.5; n], vec![0.0; code.code().codeword_bits()]);
        row(&format!("soft values combined, order {order}"), (n, "coded"), 4 * n, || {
            code.matching()
                .combine(black_box(&llrs), code.selection(), black_box(&mut soft))
                .expect("allowed");
        });
    }
}

fn transport_blocks() {
    let block = TransportBlock::new(&TransportBlockConfig {
        bits: 25_104,
        code_rate: 0.5,
        limited_buffer_bits: None,
    });
    let block = block.expect("allowed");
    let transmission = Transmission {
        coded_bits: 50_400,
        modulation_order: 4,
        layers: 1,
        redundancy_version: 0,
        scrambling: Some(Scrambling::new(7, 0, 11).expect("allowed")),
    };
    let (message, mut coded) = (bits(25_104), vec![0; 50_400]);
    let mut encoder = TransportBlockEncoder::new(&block);
    row("transport block of 25104 bits, 16-QAM", (25_104, "information"), 75_504, || {
        encoder.encode(black_box(&message), &transmission, black_box(&mut coded)).expect("allowed");
    });
    let (llrs, mut receiver) = (vec![0.5; 50_400], TransportBlockReceiver::new(&block));
    row("  received, before its decoder", (25_104, "information"), 4 * 50_400, || {
        receiver.clear();
        receiver.receive(black_box(&llrs), &transmission).expect("allowed");
    });
}

fn main() {
    crcs();
    scrambling();
    plain_codes();
    matching();
    transport_blocks();
}
