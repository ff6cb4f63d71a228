//! Keys of `[sync]`: what is refused, what is counted, what stays as it was.

use crate::setup::*;
use airloop::report::Fidelity;
use airloop::run::{RunOptions, run};

const BASE: &str = "link.snr_db=20; stop.trials=2";

#[track_caller]
fn refused(settings: &str, parts: &[&str]) {
    let message = try_load(&[GRID, &gaussian(3, 300), BASE, settings]).unwrap_err().to_string();
    for part in parts {
        assert!(message.contains(part), "{settings}: {message}");
    }
}

#[test]
fn keys_that_do_not_fit_are_refused() {
    refused("sync.mode=beacon", &["sync.mode", "preamble"]);
    for key in
        ["sequence=golay", "root=3", "repetitions=2", "snr_db=3", "search_window_s=1e-6", "common=true"]
    {
        let name = key.split('=').next().unwrap();
        refused(&format!("sync.{key}"), &[&format!("sync.{name}"), "goes with sync.mode = \"preamble\""]);
    }
    let on = |more: &str| format!("sync.mode=preamble; {more}");
    refused(&on("sync.sequence=golay; sync.root=3"), &["sync.root", "zadoff-chu"]);
    refused(&on("sync.root=149"), &["sync.root", "150 used subcarriers", "1 to 148"]);
    refused(&on("sync.repetitions=65"), &["sync.repetitions", "1 to 64"]);
    refused(&on("sync.false_alarm_rate=0"), &["sync.false_alarm_rate"]);
    refused(&on("impairments.oscillator_ppm=5"), &["1.7500e4 Hz", "1.5000e4 Hz", "subcarrier spacing"]);
    refused(
        "impairments.cfo_hz=4e6",
        &["impairments.cfo_hz", "4.0000e6 Hz", "half the sample rate, 3.8400e6 Hz"],
    );
    refused(
        "channel.carrier_hz=28e9; impairments.oscillator_ppm=140",
        &["impairments.oscillator_ppm", "3.9200e6 Hz"],
    );
    refused("impairments.oscillator_ppm=600", &["impairments.oscillator_ppm", "500"]);
    refused(
        &on(
            "scheme.kind=misaligned; scheme.receiver=aligned-sample; scheme.delays_symbols={uniform=[0.0,0.9]}",
        ),
        &["sync.mode", "single carrier"],
    );
}

#[test]
fn preambles_take_whole_symbols_at_all_rungs() {
    let symbol_s = 304.0 / RATE_HZ;
    for (settings, symbols) in [
        ("sync.mode=ideal", 0),
        ("sync.mode=preamble", 3),
        ("sync.mode=preamble; sync.repetitions=4", 5),
        ("sync.mode=preamble; sync.common=true", 5),
        // 3000 samples are heard before the devices' own turn.
        ("sync.mode=preamble; sync.search_window_s=390.625e-6", 12),
        ("sync.mode=preamble; scheme.kind=digital; scheme.bits=2", 3),
    ] {
        for fidelity in Fidelity::ALL {
            let experiment = load(&[GRID, &gaussian(3, 300), BASE, settings]);
            let report = run(&experiment, fidelity, &RunOptions::default()).unwrap();
            let overhead = report.airtime_overhead_s.unwrap_or(0.0) / symbol_s;
            assert!((overhead - f64::from(symbols)).abs() < 1e-9, "{settings} at {fidelity}: {overhead}");
            let codes: Vec<&str> = report.warnings.iter().map(|w| w.code.as_str()).collect();
            let below = !fidelity.makes_samples() && symbols > 0 && !settings.contains("digital");
            assert_eq!(
                codes.contains(&"waveform-only-physics"),
                below,
                "{settings} at {fidelity}: {codes:?}"
            );
            let heard = fidelity.makes_samples() && symbols > 0 && !settings.contains("digital");
            assert_eq!(report.sync_detected_share.is_some(), heard, "{settings} at {fidelity}");
            assert_eq!(report.timing_error_rms_s.is_some(), heard, "{settings} at {fidelity}");
        }
    }
}

#[test]
fn late_devices_are_warned_of() {
    let warned = |settings: &str| {
        let experiment = load(&[GRID, &gaussian(3, 300), BASE, settings]);
        let report = run(&experiment, Fidelity::Waveform, &RunOptions::default()).unwrap();
        report.warnings.iter().find(|w| w.code == "prefix-shorter-than-channel").map(|w| w.message.clone())
    };
    // The prefix is 6.25 us.
    let message = warned("impairments.timing_offset_s={uniform=[0,8e-6]}").unwrap();
    assert!(message.contains("devices up to 8.000e-6 s late"), "{message}");
    assert_eq!(warned("impairments.timing_offset_s={uniform=[0,1e-6]}"), None);
    assert_eq!(warned("sync.mode=preamble; impairments.timing_offset_s={uniform=[0,8e-6]}"), None);
}

#[test]
fn with_ideal_clocks_nothing_changes() {
    let plain = load(&[GRID, &gaussian(3, 300), BASE]);
    let ideal = load(&[GRID, &gaussian(3, 300), BASE, "sync.mode=ideal"]);
    assert_eq!(plain.id.to_string(), ideal.id.to_string());
    let (a, b) = (trials(&plain, 2), trials(&ideal, 2));
    assert!(a.iter().zip(&b).all(|(a, b)| a.errors == b.errors && a.tally == b.tally));
    assert_eq!(a[0].tally.clocks.rms(), None);
    // The symbol rung is the same but for its noise, which is that of later symbols.
    let preamble = load(&[GRID, &gaussian(3, 300), BASE, "sync.mode=preamble"]);
    assert_ne!(plain.id.to_string(), preamble.id.to_string());
}
