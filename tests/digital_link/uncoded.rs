//! Bits without a code against the closed forms of their modulation.

use super::setup::{ALPHA, link, mean, report_at};
use airloop::link::LinkReport;
use airloop::report::Fidelity;

/// Wrong bits of the theory rung, at an SNR that is so much higher.
fn expected(settings: &[&str], snr_db: f64) -> f64 {
    let snr = format!("link.snr_db={snr_db}");
    mean(&report_at(&link(&[settings, &[&snr]].concat()), Fidelity::Theory).figures.ber_uncoded)
}

/// Holds the measured share of wrong bits against theory: an interval of level 1 - alpha, detects 0.2 dB of SNR.
fn assert_agrees(settings: &[&str], snr_db: f64) -> LinkReport {
    let (snr, level) = (format!("link.snr_db={snr_db}"), format!("stop.level={}", 1.0 - ALPHA));
    let code = "code.decoder=none; code.k=14400; stop.trials=300";
    let settings = [settings, &[code, &snr, &level]].concat();
    let report = report_at(&link(&settings), Fidelity::Symbol);
    let measured = report.figures.ber_uncoded.clone().unwrap();
    let (mean, low, high) = (measured.mean.unwrap(), measured.low.unwrap(), measured.high.unwrap());
    assert!(high - low < 0.1 * mean, "{settings:?}: half width of {mean}: {low} to {high}");
    let theory = expected(&settings, snr_db);
    assert!((low..high).contains(&theory), "{settings:?}: {theory} is not in {low} to {high}");
    // Control: 0.2 dB less.
    let worse = expected(&settings, snr_db - 0.2);
    assert!(!(low..high).contains(&worse), "{settings:?}: {worse} is in {low} to {high}");
    assert_eq!(report.figures.ber, report.figures.ber_uncoded);
    report
}

/// Modulations with the SNR in noise at which a few of a hundred bits are wrong.
const MODULATIONS: [(&str, f64); 7] = [
    ("pi/2-bpsk", 2.0),
    ("bpsk", 2.0),
    ("qpsk", 5.0),
    ("16-qam", 11.0),
    ("64-qam", 17.0),
    ("256-qam", 22.0),
    ("1024-qam", 27.0),
];

#[test]
fn bits_in_noise_are_as_wrong_as_theory_says() {
    for (name, snr_db) in MODULATIONS {
        let modulation = format!("code.modulation={name}");
        assert_agrees(&["channel.model=awgn", &modulation], snr_db);
    }
}

#[test]
fn bits_over_flat_rayleigh_channels_are_as_wrong_as_theory_says() {
    for (name, snr_db) in MODULATIONS {
        let modulation = format!("code.modulation={name}");
        assert_agrees(&["channel.model=rayleigh; channel.fading=per-element", &modulation], snr_db + 8.0);
    }
}

#[test]
fn two_antennas_combine() {
    let two = [
        "channel.model=rayleigh; channel.fading=per-element; link.receive_antennas=2",
        "code.modulation=16-qam",
    ];
    let measured = mean(&assert_agrees(&two, 13.0).figures.ber_uncoded);
    let one = [
        "channel.model=rayleigh; channel.fading=per-element",
        "code.modulation=16-qam; code.decoder=none; code.k=4",
    ];
    assert!(measured < 0.5 * expected(&one, 13.0), "{measured}");
}

/// The theory rung itself, against the formula of BPSK (Proakis, Digital Communications, coherent BPSK over Rayleigh).
#[test]
fn the_theory_rung_has_the_textbooks_formula() {
    let settings = ["channel.model=rayleigh; code.decoder=none; code.k=1; code.modulation=bpsk"];
    let snr: f64 = 10f64.powf(0.9);
    let formula = 0.5 * (1.0 - (snr / (1.0 + snr)).sqrt());
    assert!((expected(&settings, 9.0) / formula - 1.0).abs() < 1e-9);
}

/// Blocks of independent bits: `1 - (1 - ber)^bits`; detects a block one bit longer.
#[test]
fn blocks_of_independent_bits_fail_together() {
    let settings = ["channel.model=awgn; code.decoder=none; code.modulation=bpsk; link.snr_db=5"];
    let bler = |bits: usize, fidelity: Fidelity| {
        let code = format!("code.k={bits}; stop.trials=40000; stop.level={}", 1.0 - ALPHA);
        report_at(&link(&[&settings[..], &[&code]].concat()), fidelity).figures.bler.unwrap()
    };
    let (measured, ends) = (bler(8, Fidelity::Symbol), |e: airloop::baseband::Estimate| e.mean.unwrap());
    let range = measured.low.unwrap()..measured.high.unwrap();
    let theory = ends(bler(8, Fidelity::Theory));
    assert!(range.contains(&theory), "{theory} is not in {range:?}");
    // Control: a bit more a block.
    assert!(!range.contains(&ends(bler(9, Fidelity::Theory))), "{range:?}");
}
