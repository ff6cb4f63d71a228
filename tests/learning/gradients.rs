//! The network's gradient against differences of its loss, written again in double precision; who has which digits.

use crate::data::{self, PIXELS, Samples};
use crate::network::{Network, PARAMETERS};
use airloop::baseband::Seeds;

const HIDDEN: usize = 128;

/// Mean cross-entropy in double precision, straight from its definition.
fn loss(parameters: &[f64], samples: &Samples) -> f64 {
    let (w1, rest) = parameters.split_at(PIXELS * HIDDEN);
    let (b1, rest) = rest.split_at(HIDDEN);
    let (w2, b2) = rest.split_at(HIDDEN * 10);
    let of_one = |(pixels, label): (&[f32], usize)| {
        let unit = |j: usize| {
            let sum: f64 = (0..PIXELS).map(|i| f64::from(pixels[i]) * w1[i * HIDDEN + j]).sum();
            (sum + b1[j]).max(0.0)
        };
        let hidden: Vec<f64> = (0..HIDDEN).map(unit).collect();
        let score = |c: usize| (0..HIDDEN).map(|j| hidden[j] * w2[j * 10 + c]).sum::<f64>() + b2[c];
        let scores: Vec<f64> = (0..10).map(score).collect();
        scores.iter().map(|s| s.exp()).sum::<f64>().ln() - scores[label]
    };
    samples.iter().map(of_one).sum::<f64>() / samples.labels.len() as f64
}

#[test]
fn the_gradient_is_the_slope_of_the_loss() {
    let seeds = Seeds::new(3);
    let split = data::split(&data::digits().unwrap(), 20, &seeds);
    let network = Network::new(&seeds);
    let mut gradient = vec![0.0f32; PARAMETERS];
    network.gradient(&split.devices[0], &mut gradient);
    let parameters: Vec<f64> = network.parameters.iter().map(|p| f64::from(*p)).collect();
    let largest = gradient.iter().fold(0.0f32, |m, g| m.max(g.abs()));
    // Every part of the row: W1 (pixels 0 are always dark, so from the middle), b1, W2, b2.
    for at in (2500..PARAMETERS - 10).step_by(997).chain([8200, 8300, PARAMETERS - 10, PARAMETERS - 3]) {
        let at_distance = |d: f64| {
            let mut moved = parameters.clone();
            moved[at] += d;
            loss(&moved, &split.devices[0])
        };
        let slope = (at_distance(1e-5) - at_distance(-1e-5)) / 2e-5;
        let error = (f64::from(gradient[at]) - slope).abs();
        assert!(error < 1e-4 * f64::from(largest), "parameter {at}: {} is not {slope}", gradient[at]);
    }
}

#[test]
fn every_digit_is_dealt_once_and_devices_know_few_labels() {
    let digits = data::digits().unwrap();
    assert_eq!((digits.labels.len(), digits.pixels.len()), (1797, 1797 * PIXELS));
    let split = data::split(&digits, 20, &Seeds::new(3));
    assert_eq!(split.held_out.labels.len(), 360);
    let rows = |samples: &Samples| -> Vec<Vec<u32>> {
        let row = |(pixels, label): (&[f32], usize)| {
            pixels.iter().map(|p| p.to_bits()).chain([label as u32]).collect::<Vec<_>>()
        };
        samples.iter().map(row).collect()
    };
    let mut dealt: Vec<Vec<u32>> = split.devices.iter().chain([&split.held_out]).flat_map(rows).collect();
    let mut all = rows(&digits);
    dealt.sort();
    all.sort();
    assert!(dealt == all, "digits are missing, or dealt twice");
    for device in &split.devices {
        let mut labels = device.labels.clone();
        labels.sort_unstable();
        labels.dedup();
        // A shard may hold the end of one label and the beginning of the next.
        assert!(labels.len() <= 4 && (70..=72).contains(&device.labels.len()), "{labels:?}");
    }
}
