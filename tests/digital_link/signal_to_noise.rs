//! Codes over growing SNR, and the three ways to say an SNR.

use super::setup::{mean, report};
use airloop::baseband::units::db_from_power;

/// A plain code, and a scheme of the standard.
const PLAIN: &str = "channel.model=awgn; code.k=264; code.n=528; code.modulation=qpsk";
const SCHEME: &str = "channel.model=awgn; mcs.index=5";

#[test]
fn blocks_fail_less_as_the_signal_grows() {
    for (code, snrs_db) in [(PLAIN, [-5.0, 0.5, 1.5, 2.5, 9.0]), (SCHEME, [-6.0, -1.0, -0.2, 0.6, 8.0])] {
        let bler = |snr_db: f64| {
            mean(&report(&[code, &format!("link.snr_db={snr_db}; stop.trials=600")]).figures.bler)
        };
        let blers = snrs_db.map(bler);
        assert_eq!((blers[0], blers[4]), (1.0, 0.0), "{code}: {blers:?}");
        assert!(blers.is_sorted_by(|a, b| a > b), "{code}: {blers:?}");
    }
}

#[test]
fn one_snr_is_said_in_three_ways() {
    // Of 528 bits on points of 2 bits 264 are information; a slot has 48 * 13 elements beside its pilots.
    for (code, snr_db, elements) in [(PLAIN, 1.3, 264.0), (SCHEME, 0.1, 48.0 * 13.0)] {
        let run = |key: &str, db: f64| report(&[code, &format!("link.{key}={db}; stop.trials=300")]);
        let by_snr = run("snr_db", snr_db);
        let bits = by_snr.block_bits.unwrap() as f64;
        let eb_n0_db = by_snr.eb_n0_db.unwrap();
        assert!((eb_n0_db - (snr_db - db_from_power(bits / elements))).abs() < 1e-9, "{code}: {eb_n0_db}");
        for (key, db) in [("es_n0_db", snr_db), ("eb_n0_db", eb_n0_db)] {
            let other = run(key, db);
            assert!((other.snr_db - snr_db).abs() < 1e-9, "{code}: {key}");
            assert!((other.eb_n0_db.unwrap() - eb_n0_db).abs() < 1e-9, "{code}: {key}");
            assert_eq!(other.block_errors, by_snr.block_errors, "{code}: {key}");
            assert!((mean(&other.figures.ber) - mean(&by_snr.figures.ber)).abs() < 1e-12, "{code}: {key}");
        }
        // Control: half a decibel less is seen.
        assert!(run("snr_db", snr_db - 0.5).block_errors > by_snr.block_errors, "{code}");
    }
}

/// Over block fading a retransmission comes of a bad channel, so that bad channels are met more often than they are drawn; the SNR that
/// is measured is that of the channels as drawn (alpha 1e-6, detects 1.1 dB).
#[test]
fn the_measured_snr_is_that_of_the_channels_as_drawn() {
    let settings = |transmissions: usize| {
        let harq = format!("harq.transmissions={transmissions}; stop.trials=1500");
        let report = report(&["channel.model=rayleigh; link.snr_db=8; mcs.index=14", &harq]);
        (report.snr_measured_db.unwrap(), mean(&report.figures.transmissions))
    };
    let (one_db, four) = (settings(1).0, settings(4));
    assert!(four.1 > 1.5, "blocks are sent again");
    // 1500 exponential gains: 0.55 dB are 4.9 standard errors, and both runs draw the same ones.
    assert!((four.0 - 8.0).abs() < 0.55, "{four:?}");
    assert!((four.0 - one_db).abs() < 0.1, "{four:?} {one_db}");
}
