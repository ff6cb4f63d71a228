//! Quantisers against closed forms, and what lost and wrong bits leave.

mod errors;
mod feedback;
mod lengths;
mod packets;

use super::*;
use airloop_baseband::{Purpose, Seeds};

/// Returns a stream of a trial.
fn stream(trial: u64) -> Stream {
    Seeds::new(11).stream(Purpose::Quantiser, trial, 0)
}

/// Returns a vector of Gaussian values.
fn gaussian(length: usize, trial: u64) -> Vec<f32> {
    let mut values = vec![0.0; length];
    Seeds::new(12).stream(Purpose::Payload, trial, 0).fill_gaussian(0, &mut values);
    values
}

fn quantiser(config: QuantiserConfig, length: usize, packet_bits: Option<usize>) -> Quantiser {
    Quantiser::new(config, length, packet_bits).unwrap()
}

/// Encodes and decodes a vector without losses.
fn carried(quantiser: &Quantiser, values: &[f32], trial: u64) -> (Message, Vec<f32>) {
    let (mut message, mut out) = (Message::default(), vec![f32::NAN; values.len()]);
    quantiser.encode(values, stream(trial), &mut Memory::default(), &mut message);
    let arrival = quantiser.decode(&message, &[], stream(trial), &mut out);
    assert_eq!((arrival.values, arrival.length), (values.len(), values.len()), "{:?}", quantiser.config());
    (message, out)
}

const QSGD: QuantiserConfig = QuantiserConfig::Qsgd { levels: 4, bucket: 100, coding: LevelCoding::Fixed };

/// One of every kind, for vectors of at least 50 values.
fn all() -> Vec<QuantiserConfig> {
    let qsgd = |levels, bucket, coding| QuantiserConfig::Qsgd { levels, bucket, coding };
    let top_k =
        |kept, positions, values| QuantiserConfig::TopK { kept, positions, values, error_feedback: false };
    let mut all = vec![
        QuantiserConfig::Dithered { bits: 3, subtractive: true },
        QuantiserConfig::Dithered { bits: 24, subtractive: true },
        QuantiserConfig::Dithered { bits: 2, subtractive: false },
        QuantiserConfig::StochasticUniform { bits: 1 },
        QuantiserConfig::StochasticUniform { bits: 8 },
        QuantiserConfig::StochasticUniform { bits: 16 },
        QSGD,
        qsgd(1, 512, LevelCoding::EliasSparse),
        qsgd(7, 64, LevelCoding::EliasSparse),
        qsgd(1, usize::MAX, LevelCoding::EliasSparse),
        qsgd(4, 100, LevelCoding::EliasDense),
        qsgd(MAX_LEVELS, 1, LevelCoding::EliasDense),
        QuantiserConfig::Sign { bucket: usize::MAX },
        QuantiserConfig::Sign { bucket: 33 },
        top_k(20, None, KeptValues::Float),
        top_k(50, None, KeptValues::Stochastic { bits: 4 }),
    ];
    all.extend(CODINGS.map(|coding| top_k(40, Some(coding), KeptValues::Float)));
    all
}
