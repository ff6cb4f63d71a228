//! What is measured of radios against what they are.

use super::emulated::{Outcome, Rehearsal, experiment};
use airloop::hil::Truth;
use airloop::lab::LabError;

/// Radios over channels of one path and gain 1.
fn rehearse(persona: &'static str, lab: &'static str) -> Outcome {
    let flat = "model = \"awgn\"\ncarrier_hz = 2.45e9";
    let experiment = experiment(&[("model = \"tdl-a\"\ndelay_spread_s = 100e-9\ncarrier_hz = 2.45e9", flat)]);
    Rehearsal { experiment, persona, seed: 11, lab, air: None, carries: &[] }.run()
}

/// The standard deviations of what is measured, at 20 dB and 509 samples of a sounding, times five.
const PPM: f64 = 1e-3;
const DELAY_SAMPLES: f64 = 0.05;
const GAIN_DB: f64 = 0.2;

#[test]
fn clocks_delays_and_gains_are_measured_as_they_are() {
    for persona in ["b210", "pluto"] {
        let Outcome { round, truths, .. } = rehearse(persona, "");
        let round = round.unwrap();
        let of = |name: &str| -> &Truth { &truths.iter().find(|(of, _)| of == name).unwrap().1 };
        let server = of("server");
        for device in &round.calibration.devices {
            let truth = of(&device.name);
            let ppm = truth.oscillator_ppm - server.oscillator_ppm;
            println!("{persona} {}: {} ppm measured, {ppm} ppm true", device.name, device.oscillator_ppm);
            assert!((device.oscillator_ppm - ppm).abs() < PPM, "{persona} {}", device.name);
            let gain_db =
                20.0 * (truth.transmit.amplitude * server.receive.amplitude).log10() + truth.power_error_db;
            println!("    {} dB measured, {gain_db} dB true", device.gain_db);
            assert!((device.gain_db - gain_db).abs() < GAIN_DB, "{persona} {}", device.name);
            // Own index 0 lies at the origin by each one's clock.
            let (Some(own), Some(heard)) = (truth.transmit.origin, server.receive.origin) else {
                panic!("{persona}: counts have not begun")
            };
            let delay = heard as f64 * (1.0 + 1e-6 * ppm)
                - own as f64
                - 7.68e6 * (truth.timing_offset_s - server.timing_offset_s);
            println!("    {} samples measured, {delay} true", device.delay_samples);
            assert!((device.delay_samples - delay).abs() < DELAY_SAMPLES, "{persona} {}", device.name);
        }
    }
}

#[test]
fn limits_fail_the_run_and_say_which() {
    let failed = |persona, lab| match rehearse(persona, lab).round {
        Err(LabError::Failed(words)) => words,
        other => panic!("{lab}: {:?}", other.map(|_| ())),
    };
    let words = failed("b210", "[limits]\noscillator_ppm = 0.01");
    assert!(words.contains("beacon: radio device-") && words.contains("oscillator_ppm"), "{words}");
    let words = failed("b210", "[limits]\nsnr_db = 60");
    assert!(words.contains("snr_db") && words.contains("at least 60"), "{words}");
    let words = failed("b210", "back_off_db = 0");
    assert!(words.contains("peak_of_full_scale") || words.contains("clipped_share"), "{words}");
}
