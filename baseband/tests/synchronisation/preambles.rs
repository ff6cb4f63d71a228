//! Preambles hold what was asked for.

use crate::signals::on_bins;
use airloop_baseband::Complex64;
use airloop_baseband::synchronisation::{Preamble, PreambleDesign, Sequence, SynchronisationError};
use std::f64::consts::TAU;

/// The transform of a period at a bin, by its definition.
fn bin(preamble: &Preamble, bin: i32) -> Complex64 {
    let period = preamble.period().iter().enumerate();
    period
        .map(|(n, s)| {
            let turn = TAU * f64::from(bin) * n as f64 / preamble.period_samples() as f64;
            Complex64::new(s.re.into(), s.im.into()) * Complex64::cis(-turn)
        })
        .sum()
}

fn mean_power(preamble: &Preamble) -> f64 {
    let samples = preamble.samples();
    samples.iter().map(|s| f64::from(s.norm_sqr())).sum::<f64>() / samples.len() as f64
}

#[test]
fn values_stand_on_their_bins() {
    let values = [Complex64::new(1.0, 0.5), Complex64::new(-2.0, 0.0), Complex64::new(0.0, 1.0)];
    let preamble = Preamble::on_bins(&values, &[-3, 1, 5], 16, 3, 4).unwrap();
    assert_eq!(preamble.samples().len(), 4 + 3 * 16);
    assert!((mean_power(&preamble) - 1.0).abs() < 1e-6);
    let scale = bin(&preamble, 1) / values[1];
    for k in -8..8 {
        let expected = [-3, 1, 5].iter().position(|b| *b == k).map_or(Complex64::ZERO, |i| values[i]);
        assert!((bin(&preamble, k) - expected * scale).norm() < 1e-5, "bin {k}");
    }
    let samples = preamble.samples();
    assert!((0..samples.len() - 16).all(|n| samples[n] == samples[n + 16]));
}

#[test]
fn oversampled_chips_keep_to_their_band_and_their_values() {
    let sequence = Sequence::Golay { gap_chips: 8 };
    let design = PreambleDesign { sequence, chips: 32, oversampling: 1, repetitions: 1, prefix_samples: 0 };
    let plain = design.build().unwrap();
    let fine = PreambleDesign { oversampling: 4, ..design }.build().unwrap();
    assert_eq!((plain.samples().len(), fine.samples().len()), (80, 320));
    let scale = plain.samples()[0] / fine.samples()[0];
    for (n, chip) in plain.samples().iter().enumerate() {
        assert!((fine.samples()[4 * n] * scale - chip).norm() < 1e-5, "chip {n}");
    }
    // Each of the two parts is periodic in its slot: 40 of 160 bins.
    let part = Preamble::of_period(
        &fine.samples()[..160].iter().map(|s| Complex64::new(s.re.into(), s.im.into())).collect::<Vec<_>>(),
        1,
        0,
    );
    let part = part.unwrap();
    for k in -80..80 {
        let inside = (-20..=19).contains(&k);
        assert!(inside || bin(&part, k).norm() < 1e-4, "bin {k}");
    }
}

#[test]
fn a_golay_preamble_has_no_side_lobes_within_its_gap() {
    let sequence = Sequence::Golay { gap_chips: 20 };
    let design = PreambleDesign { sequence, chips: 64, oversampling: 1, repetitions: 1, prefix_samples: 0 };
    let preamble = design.build().unwrap();
    let samples = preamble.samples();
    let at = |lag: usize| {
        samples.iter().zip(&samples[lag..]).map(|(a, b)| a.conj() * b).sum::<airloop_baseband::Complex32>()
    };
    assert!((1..=20).all(|lag| at(lag).norm() < 1e-4));
    assert!((21..84).any(|lag| at(lag).norm() > 1.0), "control: beyond the gap the two overlap");
}

#[test]
fn a_used_band_has_the_bandwidth_of_a_rectangle() {
    // Long and without edges to speak of: M of N bins have the rms bandwidth M/(N sqrt(12)), here at 30.72 MS/s.
    let preamble = on_bins(612, 1024, 4, 0);
    let expected = 612.0 / 1024.0 / 12f64.sqrt() * 30.72e6;
    assert!((preamble.rms_bandwidth_hz(30.72e6) / expected - 1.0).abs() < 0.01);
}

#[test]
fn what_cannot_be_made_says_so() {
    use SynchronisationError::{NoEnergy, OutOfRange, RepeatedBin, Unequal};
    let one = [Complex64::ONE];
    let two = [Complex64::ONE; 2];
    assert_eq!(Preamble::on_bins(&one, &[1, 2], 8, 1, 0), Err(Unequal { values: 1, bins: 2 }));
    assert_eq!(Preamble::on_bins(&two, &[1, 1], 8, 1, 0), Err(RepeatedBin { bin: 1 }));
    assert!(matches!(Preamble::on_bins(&one, &[4], 8, 1, 0), Err(OutOfRange { name: "bins", .. })));
    assert!(matches!(Preamble::on_bins(&one, &[i32::MIN], 8, 1, 0), Err(OutOfRange { name: "bins", .. })));
    assert!(matches!(Preamble::on_bins(&one, &[0], 8, 0, 0), Err(OutOfRange { name: "repetitions", .. })));
    assert!(matches!(Preamble::on_bins(&one, &[0], 8, 1, 9), Err(OutOfRange { name: "prefix_samples", .. })));
    assert!(matches!(
        Preamble::on_bins(&one, &[0], 8, usize::MAX, 0),
        Err(OutOfRange { name: "repetitions", .. })
    ));
    assert_eq!(Preamble::of_period(&[Complex64::ZERO; 4], 1, 0), Err(NoEnergy));
    assert_eq!(Preamble::of_period(&[Complex64::new(f64::NAN, 0.0); 4], 1, 0), Err(NoEnergy));
    let sequence = Sequence::Golay { gap_chips: 0 };
    let design = PreambleDesign { sequence, chips: 24, oversampling: 1, repetitions: 1, prefix_samples: 0 };
    assert_eq!(
        design.build().unwrap_err().to_string(),
        "chips = 24 is out of range: a power of two for a Golay sequence"
    );
}
