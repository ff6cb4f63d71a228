//! Round trips of transport blocks through matching, scrambling and soft buffers, without noise and without a decoder.

use crate::{Draws, bits, llrs};
use airloop_coding::block_code::{BlockCode, BlockEncoder};
use airloop_coding::error::CodingError;
use airloop_coding::ldpc::{BaseGraph, Code, Encoder};
use airloop_coding::mcs::Mcs;
use airloop_coding::rate_matching::FILLER_LLR;
use airloop_coding::scrambling::Scrambling;
use airloop_coding::transport_block::{
    CodeBlock, Transmission, TransportBlock, TransportBlockConfig, TransportBlockEncoder,
    TransportBlockReceiver,
};
use airloop_coding::transport_block_size::Allocation;

/// Decides what was received and finds the bits of the two first columns from checks in which they are the only unknown.
fn solve(code: &Code, llrs: &[f32], information: &mut [u8]) {
    let mut word: Vec<Option<u8>> =
        llrs.iter().map(|llr| (*llr != 0.0).then_some(u8::from(*llr < 0.0))).collect();
    let z = code.z();
    let mut found = true;
    while found {
        found = false;
        for row in 0..code.graph().rows() {
            for i in 0..z {
                let places = code.row(row).iter().map(|c| c.column * z + (i + c.shift) % z);
                let unknown: Vec<usize> = places.clone().filter(|place| word[*place].is_none()).collect();
                if let [place] = unknown[..] {
                    word[place] = Some(places.filter_map(|place| word[place]).fold(0, |sum, bit| sum ^ bit));
                    found = true;
                }
            }
        }
    }
    for (bit, known) in information.iter_mut().zip(word) {
        *bit = known.unwrap_or(0);
    }
}

/// A plan drawn at random: any scheme, small to middling resources.
fn drawn(draws: &mut Draws) -> (TransportBlockConfig, Transmission) {
    let mcs = Mcs::all()[draws.below(Mcs::all().len())];
    let allocation = Allocation {
        elements_per_block: 60 + draws.below(97),
        resource_blocks: 1 + draws.below(if mcs.code_rate < 0.25 { 100 } else { 24 }),
        layers: 1 + draws.below(3),
        modulation_order: mcs.modulation_order,
        code_rate: mcs.code_rate,
        scaling: 1.0,
    };
    let bits = allocation.transport_block_size().unwrap();
    // Small blocks in a limited buffer need a decoder: single checks do not suffice.
    let limited_buffer_bits = (draws.below(2) == 1 && bits > 500).then_some(bits * 3 / 2);
    let scrambling = Scrambling::new(draws.below(65_536) as u16, 0, draws.below(1024) as u16).unwrap();
    let transmission = Transmission {
        coded_bits: allocation.coded_bits(),
        modulation_order: mcs.modulation_order,
        layers: allocation.layers,
        redundancy_version: 0,
        scrambling: Some(scrambling),
    };
    (TransportBlockConfig { bits, code_rate: mcs.code_rate, limited_buffer_bits }, transmission)
}

#[test]
fn blocks_of_random_plans_come_back() {
    let mut draws = Draws(2026);
    let (mut several, mut decoded) = (0, 0);
    for trial in 0..60 {
        let (config, mut transmission) = drawn(&mut draws);
        let block = TransportBlock::new(&config).unwrap();
        let (mut encoder, mut receiver) =
            (TransportBlockEncoder::new(&block), TransportBlockReceiver::new(&block));
        let sent = bits(trial, config.bits);
        let mut coded = vec![0; transmission.coded_bits];
        // All four versions: together they tell every bit of the buffer, and solving by hand is sure to work.
        for version in [0, 2, 3, 1] {
            transmission.redundancy_version = version;
            encoder.encode(&sent, &transmission, &mut coded).unwrap();
            receiver.receive(&llrs(&coded, 1.0), &transmission).unwrap();
        }
        let mut decode = |code_block: CodeBlock<'_>, information: &mut [u8]| -> Result<usize, CodingError> {
            solve(block.code(), code_block.llrs, information);
            decoded += 1;
            Ok(1)
        };
        let outcome = receiver.decode_by(&mut decode).unwrap();
        assert!(outcome.intact && outcome.wrong_blocks == 0, "{config:?} {transmission:?}");
        assert_eq!(receiver.bits(), sent);
        several += usize::from(block.segmentation().blocks() > 1);
    }
    assert!(several > 10 && decoded > 90, "{several} plans with several blocks, {decoded} blocks");
}

#[test]
fn soft_buffers_hold_every_transmission_and_forget_on_demand() {
    let config = TransportBlockConfig { bits: 2024, code_rate: 0.5, limited_buffer_bits: None };
    let block = TransportBlock::new(&config).unwrap();
    let transmission = Transmission {
        coded_bits: 4096,
        modulation_order: 4,
        layers: 1,
        redundancy_version: 0,
        scrambling: Some(Scrambling::new(1, 0, 2).unwrap()),
    };
    let again = Transmission { redundancy_version: 2, coded_bits: 2040, modulation_order: 6, ..transmission };
    let mut encoder = TransportBlockEncoder::new(&block);
    let mut receiver = TransportBlockReceiver::new(&block);
    let sent = bits(8, 2024);
    let word = word_of(&block, &sent);
    let mut heard = [0; 3];
    for (count, transmission) in [(1, transmission), (2, transmission), (3, again)] {
        let mut coded = vec![0; transmission.coded_bits];
        encoder.encode(&sent, &transmission, &mut coded).unwrap();
        receiver.receive(&llrs(&coded, 1.0), &transmission).unwrap();
        let code_block = receiver.code_blocks().next().unwrap();
        let fillers = block.segmentation().fillers();
        for (i, (soft, bit)) in code_block.llrs.iter().zip(&word).enumerate() {
            let sign = 1.0 - 2.0 * f32::from(*bit);
            let places = *soft == 0.0 || soft * sign > 0.0;
            assert!(
                places && (fillers.contains(&i) == (*soft == FILLER_LLR)),
                "bit {i} after {count} transmissions"
            );
        }
        heard[count - 1] = code_block.llrs.iter().filter(|llr| **llr != 0.0).count();
        let total: f32 = code_block.llrs.iter().filter(|llr| **llr != FILLER_LLR).map(|llr| llr.abs()).sum();
        assert_eq!(total as usize, [4096, 8192, 10_232][count - 1], "every value is added once");
    }
    assert!(heard[0] == heard[1] && heard[2] > heard[1], "a repeat tells nothing new, another version does");
    receiver.clear();
    let code_block = receiver.code_blocks().next().unwrap();
    assert!(code_block.llrs.iter().all(|llr| *llr == 0.0 || *llr == FILLER_LLR));
}

/// The code word of a transport block of one code block.
fn word_of(block: &TransportBlock, sent: &[u8]) -> Vec<u8> {
    let mut information = vec![0; block.code().information_bits()];
    let end = sent.len() + block.crc().width();
    information[..sent.len()].copy_from_slice(sent);
    block.crc().attach(&mut information[..end]).unwrap();
    let mut word = vec![0; block.code().codeword_bits()];
    Encoder::new(block.code()).encode(&information, block.code().graph().rows(), &mut word).unwrap();
    assert!(block.code().holds(&word));
    word
}

#[test]
fn wrong_blocks_are_counted_and_right_ones_are_kept() {
    let config = TransportBlockConfig { bits: 25_104, code_rate: 0.6, limited_buffer_bits: None };
    let block = TransportBlock::new(&config).unwrap();
    assert_eq!(block.segmentation().blocks(), 3);
    let cut = block.segmentation();
    let mut all = bits(4, config.bits + 24);
    block.crc().attach(&mut all).unwrap();
    let mut receiver = TransportBlockReceiver::new(&block);
    let mut attempts = Vec::new();
    for round in 0..3 {
        let mut index = if round == 0 { 0 } else { 1 };
        let outcome = receiver.decode_by(|_, information: &mut [u8]| -> Result<usize, CodingError> {
            attempts.push((round, index));
            cut.fill(&all[cut.place(index)], information)?;
            information[5] ^= u8::from(index == 1 && round == 0);
            index += 1;
            Ok(7)
        });
        let wrong = usize::from(round == 0);
        let outcome = outcome.unwrap();
        assert_eq!((outcome.wrong_blocks, outcome.iterations), (wrong, [21, 7, 0][round]));
        assert_eq!(receiver.bits() == &all[..config.bits], wrong == 0);
    }
    assert_eq!(attempts, [(0, 0), (0, 1), (0, 2), (1, 1)], "right blocks are not decoded again");
}

#[test]
fn plain_codes_of_every_rate_come_back() {
    for (k, n, order, graph) in [
        (12, 14, 2, None),
        (12, 4000, 2, None),
        (100, 106, 1, None),
        (500, 10_000, 4, None),
        (2048, 2160, 8, None),
        (3840, 30_000, 10, Some(BaseGraph::One)),
        (8448, 60_000, 6, Some(BaseGraph::One)),
    ] {
        let code = BlockCode::new(k, n, order, graph).unwrap();
        let sent = bits(k as u32, k);
        let mut coded = vec![0; n];
        BlockEncoder::new(&code).encode(&sent, &mut coded).unwrap();
        let mut soft = vec![0.0; code.code().codeword_bits()];
        code.soft_values(&llrs(&coded, 1.0), &mut soft).unwrap();
        let mut information = vec![0; code.code().information_bits()];
        solve(code.code(), &soft, &mut information);
        if 3 * k < n {
            assert_eq!(information[..k], sent, "k = {k}, n = {n}");
        }
        // Whatever was sent is as it was sent.
        for (bit, soft) in sent.iter().zip(&soft) {
            assert!(*soft == 0.0 || (*soft < 0.0) == (*bit == 1));
        }
        let sum: f32 = soft.iter().filter(|soft| **soft != FILLER_LLR).map(|soft| soft.abs()).sum();
        assert_eq!(sum as usize, n, "every coded bit is counted once");
    }
}
