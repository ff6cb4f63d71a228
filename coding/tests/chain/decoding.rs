//! Transport blocks through noise, the shipped decoder and retransmissions.

use crate::bits;
use airloop_baseband::{Complex32, Purpose, Seeds};
use airloop_coding::block_code::{BlockCode, BlockEncoder};
use airloop_coding::ldpc::{Decoder, DecoderConfig};
use airloop_coding::scrambling::Scrambling;
use airloop_coding::transport_block::{
    Outcome, Transmission, TransportBlock, TransportBlockConfig, TransportBlockEncoder,
    TransportBlockReceiver,
};

/// Blocks that are tried.
const TRIALS: u64 = 5;

/// Log-likelihood ratios of bits sent as +1 and -1 in noise of a variance.
fn received(coded: &[u8], variance: f32, trial: u64) -> Vec<f32> {
    let mut noise = vec![Complex32::default(); coded.len().div_ceil(2)];
    Seeds::new(5).stream(Purpose::Payload, trial, 0).add_complex_gaussian(0, 2.0 * variance, &mut noise);
    let noise = noise.iter().flat_map(|noise| [noise.re, noise.im]);
    coded
        .iter()
        .zip(noise)
        .map(|(bit, noise)| (1.0 - 2.0 * f32::from(*bit) + noise) * 2.0 / variance)
        .collect()
}

/// One device's transmissions of a block, version after version, each told to the receiver as `told` has it.
fn outcomes(
    variance: f32,
    trial: u64,
    versions: &[u8],
    told: impl Fn(Transmission) -> Transmission,
) -> Vec<Outcome> {
    let config = TransportBlockConfig { bits: 8456, code_rate: 0.5, limited_buffer_bits: None };
    let block = TransportBlock::new(&config).unwrap();
    assert_eq!(block.segmentation().blocks(), 2);
    let mut transmission = Transmission {
        coded_bits: 16_912,
        modulation_order: 4,
        layers: 2,
        redundancy_version: 0,
        scrambling: Some(Scrambling::new(77, 0, 3).unwrap()),
    };
    let mut encoder = TransportBlockEncoder::new(&block);
    let mut receiver = TransportBlockReceiver::new(&block);
    let mut decoder = Decoder::new(block.code(), DecoderConfig::default()).unwrap();
    let sent = bits(trial as u32, config.bits);
    let mut coded = vec![0; transmission.coded_bits];
    let transmissions = versions.iter().zip(0..).map(|(version, count)| {
        transmission.redundancy_version = *version;
        encoder.encode(&sent, &transmission, &mut coded).unwrap();
        let llrs = received(&coded, variance, 10 * trial + count);
        receiver.receive(&llrs, &told(transmission)).unwrap();
        let outcome = receiver.decode(&mut decoder).unwrap();
        assert_eq!(outcome.intact, receiver.bits() == sent, "a block is intact when its bits are those sent");
        outcome
    });
    transmissions.collect()
}

fn intact(variance: f32, versions: &[u8], told: fn(Transmission) -> Transmission) -> Vec<usize> {
    let mut counts = vec![0; versions.len()];
    for trial in 0..TRIALS {
        for (count, outcome) in counts.iter_mut().zip(outcomes(variance, trial, versions, told)) {
            *count += usize::from(outcome.intact);
        }
    }
    counts
}

#[test]
fn retransmissions_bring_blocks_through_that_one_cannot() {
    // Es/N0 = -4 dB: capacity below the rate 1/2 of one transmission, well above 1/4 of two.
    let variance = 0.5 * 10f32.powf(0.4);
    assert_eq!(intact(variance, &[0, 2], |told| told), [0, TRIALS as usize], "incremental redundancy");
    let repeated = intact(variance, &[0, 0, 0], |told| told);
    assert_eq!((repeated[0], repeated[2]), (0, TRIALS as usize), "Chase combining");
    // Es/N0 = 1 dB: one is enough.
    assert_eq!(intact(0.5 * 10f32.powf(-0.1), &[0], |told| told), [TRIALS as usize]);
}

#[test]
fn the_wrong_version_or_scrambling_brings_nothing_through() {
    let variance = 0.5 * 10f32.powf(-0.5);
    let version = |told| Transmission { redundancy_version: 1, ..told };
    assert_eq!(intact(variance, &[0], version), [0]);
    let scrambling = |told| Transmission { scrambling: Some(Scrambling::new(77, 0, 4).unwrap()), ..told };
    assert_eq!(intact(variance, &[0], scrambling), [0]);
    let order = |told| Transmission { modulation_order: 2, ..told };
    assert_eq!(intact(variance, &[0], order), [0]);
}

#[test]
fn plain_codes_come_through_noise_that_their_rate_bears() {
    // Rates from a tenth, where bits repeat, to nine tenths; Es/N0 in dB some way above each rate's limit.
    for (k, n, es_n0_db) in
        [(100, 1000, -5.0), (1000, 5000, -5.0), (4224, 8448, -0.8), (3000, 4000, 2.6), (3800, 4200, 5.2)]
    {
        let code = BlockCode::new(k, n, 2, None).unwrap();
        let (mut encoder, mut decoder) =
            (BlockEncoder::new(&code), Decoder::new(code.code(), DecoderConfig::default()).unwrap());
        let (mut coded, mut soft) = (vec![0; n], vec![0.0; code.code().codeword_bits()]);
        let mut information = vec![0; code.code().information_bits()];
        for trial in 0..10 {
            let sent = bits(trial as u32, k);
            encoder.encode(&sent, &mut coded).unwrap();
            let variance = 0.5 * 10f32.powf(-es_n0_db / 10.0);
            code.soft_values(&received(&coded, variance, trial), &mut soft).unwrap();
            let decoded = decoder.decode(&soft, None, &mut information).unwrap();
            assert!(decoded.parity_holds && information[..k] == sent, "k = {k}, n = {n}, trial {trial}");
            assert!(information[k..].iter().all(|filler| *filler == 0));
        }
    }
}
