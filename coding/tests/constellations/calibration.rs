//! Log-likelihood ratios as probabilities: among bits of ratio L the share of ones is 1/(1 + exp(L)).

use super::{add_noise, linear, send};
use airloop_baseband::checks::{CheckFailure, CheckSpec, check_rate};
use airloop_coding::{Demapping, Modulation, NoiseVariance};

const SYMBOLS: usize = 300_000;
const EDGES: [f32; 9] = [-6.0, -3.0, -1.5, -0.5, 0.0, 0.5, 1.5, 3.0, 6.0];
const SPEC: CheckSpec = CheckSpec { alpha: 1e-6, detects: 0.05 };

/// Checks one bit a symbol, in turn, so that bits are independent; `assumed` is the demapper's variance over the true one.
fn calibrate(
    modulation: Modulation,
    snr_db: f64,
    method: Demapping,
    assumed: f64,
) -> Vec<Result<(), CheckFailure>> {
    let order = modulation.bits_per_symbol();
    let variance = 1.0 / linear(snr_db);
    let mut sent = send(modulation, SYMBOLS, 4);
    add_noise(&mut sent.points, variance, 4);
    let mut llrs = vec![0.0; sent.bits.len()];
    let noise = NoiseVariance::Common((assumed * variance) as f32);
    method.demap(modulation, &sent.points, noise, 0, &mut llrs).unwrap();
    let one_each = (0..SYMBOLS).map(|i| i * order + i % order);
    let pairs: Vec<(f32, u8)> = one_each.map(|i| (llrs[i], sent.bits[i])).collect();
    EDGES
        .windows(2)
        .map(|edges| {
            let (mut ones, mut count, mut expected) = (0, 0, 0.0);
            for &(llr, bit) in pairs.iter().filter(|(llr, _)| (edges[0]..edges[1]).contains(llr)) {
                ones += u64::from(bit);
                count += 1;
                expected += 1.0 / (1.0 + f64::from(llr).exp());
            }
            check_rate(ones, count, expected / count as f64, SPEC).map(|_| ())
        })
        .collect()
}

/// Constellations at SNRs where ratios fill all bins.
const CASES: [(Modulation, f64); 6] = [
    (Modulation::Pi2Bpsk, 0.0),
    (Modulation::Qpsk, 2.0),
    (Modulation::Qam16, 8.0),
    (Modulation::Qam64, 14.0),
    (Modulation::Qam256, 19.0),
    (Modulation::Qam1024, 25.0),
];

#[test]
fn exact_ratios_are_calibrated() {
    for (modulation, snr_db) in CASES {
        for outcome in calibrate(modulation, snr_db, Demapping::Exact, 1.0) {
            assert_eq!(outcome, Ok(()), "{modulation}");
        }
    }
}

#[test]
fn ratios_of_a_wrong_noise_variance_are_seen() {
    for (modulation, snr_db) in CASES {
        for assumed in [0.7, 1.5] {
            let outcomes = calibrate(modulation, snr_db, Demapping::Exact, assumed);
            let disagrees =
                |outcome: &Result<(), CheckFailure>| matches!(outcome, Err(CheckFailure::Disagrees(_)));
            assert!(
                outcomes.iter().filter(|&outcome| disagrees(outcome)).count() >= 3,
                "{modulation}: {outcomes:?}"
            );
        }
    }
}
