//! Who sends when, and the same bytes whoever computes.

use super::setup::{counted, link, mean, report, report_at};
use airloop::link::LinkReport;
use airloop::report::Fidelity;
use rayon::ThreadPoolBuilder;

const DEVICES: &str =
    "payload.devices=4; link.snr_db=6; mcs.index=adaptive; scheduling.slots=200; adaptation.delay_slots=2";

/// Bits that each trial delivers.
fn delivered(settings: &[&str]) -> Vec<u64> {
    counted(&[&[DEVICES], settings].concat(), 20).iter().map(|tally| tally.delivered_bits).collect()
}

/// Sign test of 20 paired trials: alpha 2^-20.
#[test]
fn proportional_fairness_rides_the_peaks_of_moving_channels() {
    let fair = "scheduling.policy=proportional-fair";
    let moving = "channel.model=rayleigh; channel.speed_m_s=3";
    let always_more = |a: &[u64], b: &[u64]| a.iter().zip(b).all(|(a, b)| a > b);
    let turns = delivered(&[moving]);
    assert!(always_more(&delivered(&[moving, fair]), &turns));
    // Control: turns against turns of other draws.
    assert!(!always_more(&delivered(&[moving, "seed=2"]), &turns));
    // Without peaks everyone has as many slots of a quarter.
    for tally in counted(
        &["channel.model=awgn; mcs.index=5; link.snr_db=20; payload.devices=4; scheduling.slots=80", fair],
        2,
    ) {
        assert_eq!(tally.delivered_by_device, [tally.delivered_bits / 4; 4]);
        assert_eq!((tally.blocks, tally.block_errors), (80, 0));
    }
}

#[test]
fn everyone_has_its_turn() {
    let settings =
        ["channel.model=awgn; payload.devices=3; link.snr_db=20; mcs.index=5; scheduling.slots=60"];
    for access in ["time", "frequency"] {
        let access = format!("scheduling.access={access}; seed=3");
        for tally in counted(&[&settings[..], &[&access]].concat(), 3) {
            let first = tally.delivered_by_device[0];
            assert_eq!(tally.delivered_by_device, [first; 3], "{access}");
            assert!(first > 0 && tally.block_errors == 0, "{access}");
        }
    }
}

/// A device alone on a third of the slots or of the band has three times the power, unless it may not (4.77 dB).
#[test]
fn a_share_of_slots_leaves_the_energy_of_all() {
    let snr = |settings: &str| {
        let link = link(&["channel.model=awgn; link.snr_db=5; mcs.index=5; payload.devices=3", settings]);
        let plan = airloop::link::run::plan(&link).unwrap();
        plan.noise.iter().map(|noise| noise.recip()).collect::<Vec<f64>>()
    };
    for access in ["time", "frequency"] {
        for (power, factor) in [("same-energy", 3.0), ("same-power", 1.0)] {
            let snr = snr(&format!("scheduling.access={access}; scheduling.power={power}"));
            let expected = factor * 10f64.sqrt();
            assert!(snr.iter().all(|snr| (snr / expected - 1.0).abs() < 1e-9), "{access} {power}: {snr:?}");
        }
    }
}

#[test]
fn reports_do_not_depend_on_threads() {
    let links = [
        "channel.model=tdl-c; channel.delay_spread_s=1e-7; channel.speed_m_s=3; link.snr_db=12; mcs.index=adaptive; \
         scheduling.slots=40; payload.devices=2; harq.transmissions=3; stop.trials=30",
        "channel.model=rayleigh; link.snr_db=2; code.k=264; code.n=528; code.modulation=qpsk; stop.block_errors=100",
    ];
    let run = |settings: &str, threads: usize| -> LinkReport {
        let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| report(&[settings]))
    };
    for settings in links {
        let one = serde_json::to_string(&run(settings, 1)).unwrap();
        assert_eq!(serde_json::to_string(&run(settings, 3)).unwrap(), one, "{settings}");
        // Control: another seed is seen.
        let other = report_at(&link(&[settings, "seed=2"]), Fidelity::Symbol);
        assert_ne!(serde_json::to_string(&other).unwrap(), one, "{settings}");
        assert!(mean(&other.figures.bler_first) > 0.0, "{settings}");
    }
}
