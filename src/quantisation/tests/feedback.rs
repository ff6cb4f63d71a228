//! What top-k remembers.

use super::*;

const LENGTH: usize = 2000;
const ROUNDS: u64 = 30;

fn top_k(values: KeptValues, error_feedback: bool) -> QuantiserConfig {
    QuantiserConfig::TopK { kept: 60, positions: None, values, error_feedback }
}

/// Sums what is sent over rounds in which packet `r mod packets` of round `r` is lost where losses are asked for; returns inputs,
/// sums and what is remembered.
fn rounds(config: QuantiserConfig, losses: bool, told: bool) -> (Vec<f64>, Vec<f64>, Vec<f32>) {
    let quantiser = quantiser(config, LENGTH, Some(700));
    let (mut memory, mut message, mut out) = (Memory::default(), Message::default(), vec![0.0; LENGTH]);
    let (mut inputs, mut sums) = (vec![0.0; LENGTH], vec![0.0; LENGTH]);
    for round in 0..ROUNDS {
        let values = gaussian(LENGTH, round);
        quantiser.encode(&values, stream(round), &mut memory, &mut message);
        let gone = message.packets[round as usize % message.packets.len()].bits.clone();
        let lost = if losses { vec![gone] } else { vec![] };
        quantiser.decode(&message, &lost, stream(round), &mut out);
        if told {
            assert_eq!(quantiser.remember_lost(&message, &lost, stream(round), &mut memory), losses);
        }
        inputs.iter_mut().zip(&values).for_each(|(sum, v)| *sum += f64::from(*v));
        sums.iter_mut().zip(&out).for_each(|(sum, v)| *sum += f64::from(*v));
    }
    (inputs, sums, memory.residual().to_vec())
}

/// Returns the largest distance of inputs from what was sent and is remembered.
fn missing((inputs, sums, memory): &(Vec<f64>, Vec<f64>, Vec<f32>)) -> f64 {
    let rest = |i: usize| inputs[i] - sums[i] - memory.get(i).map_or(0.0, |m| f64::from(*m));
    (0..LENGTH).map(|i| rest(i).abs()).fold(0.0, f64::max)
}

#[test]
fn what_is_not_sent_is_remembered() {
    for values in [KeptValues::Float, KeptValues::Stochastic { bits: 3 }] {
        assert!(missing(&rounds(top_k(values, true), false, false)) < 1e-4, "{values:?}");
        // Control: without feedback it is gone.
        let forgotten = rounds(top_k(values, false), false, false);
        assert!(forgotten.2.is_empty() && missing(&forgotten) > 1.0, "{values:?}");
    }
}

#[test]
fn what_is_lost_is_remembered_where_a_device_is_told() {
    for values in [KeptValues::Float, KeptValues::Stochastic { bits: 3 }] {
        assert!(missing(&rounds(top_k(values, true), true, true)) < 1e-4, "{values:?}");
        assert!(missing(&rounds(top_k(values, true), true, false)) > 1.0, "{values:?}");
    }
}

#[test]
fn constant_inputs_are_sent_in_the_end() {
    // Every value is sent once what is remembered of it is among the largest: the mean of what is sent approaches the input.
    let quantiser = quantiser(top_k(KeptValues::Float, true), LENGTH, None);
    let values = gaussian(LENGTH, 1);
    let (mut memory, mut message, mut out) = (Memory::default(), Message::default(), vec![0.0; LENGTH]);
    let mut sums = vec![0.0f64; LENGTH];
    let rounds = 2000;
    for round in 0..rounds {
        quantiser.encode(&values, stream(round), &mut memory, &mut message);
        quantiser.decode(&message, &[], stream(round), &mut out);
        sums.iter_mut().zip(&out).for_each(|(sum, v)| *sum += f64::from(*v) / rounds as f64);
    }
    let power = |of: &dyn Fn(usize) -> f64| (0..LENGTH).map(|i| of(i).powi(2)).sum::<f64>();
    let input = power(&|i| f64::from(values[i]));
    let left = power(&|i| f64::from(values[i]) - sums[i]) / input;
    let first = quantiser.mean_square_error(&values) / input;
    println!("left of the mean {left:.2e}, of one round {first:.3}");
    assert!(left < 1e-3 && first > 0.5);
}
