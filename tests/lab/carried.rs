//! Devices that are carried by another's radio.

use super::emulated::{Rehearsal, experiment, nmse_db};
use airloop::lab::LabError;

/// An ether of flat channels, and an experiment whose fading is then only that of devices that are carried.
const FLAT: (&str, &str) = (
    "model = \"tdl-a\"\ndelay_spread_s = 100e-9\ncarrier_hz = 2.45e9",
    "model = \"awgn\"\ncarrier_hz = 2.45e9",
);

/// Sends all devices' samples by one radio: what is heard is the sum that was formed before it was sent.
#[test]
fn one_radio_sends_the_sum_of_all_devices() {
    for persona in ["ideal", "pluto"] {
        let rehearsal = Rehearsal {
            experiment: experiment(&[]),
            persona,
            seed: 3,
            lab: "back_off_db = 18",
            air: Some(experiment(&[FLAT, ("devices = 4", "devices = 1")])),
            carries: &[("device-0", "[\"device-0\", \"device-1\", \"device-2\", \"device-3\"]")],
        };
        let round = rehearsal.run().round.unwrap();
        assert_eq!(round.calibration.devices.len(), 1);
        let (lab, genie) = (nmse_db(&round.report), nmse_db(&rehearsal.genie()));
        println!("{persona}: {lab:.2} dB by one radio, {genie:.2} dB aligned");
        assert!((lab - genie).abs() < 1.0, "{persona}: {lab} dB, {genie} dB");
    }
}

/// Two radios send for themselves, and one of them for two more devices.
#[test]
fn emulated_devices_join_the_burst_of_real_ones() {
    let rehearsal = Rehearsal {
        experiment: experiment(&[]),
        persona: "b210",
        seed: 2,
        lab: "back_off_db = 16",
        air: Some(experiment(&[FLAT, ("devices = 4", "devices = 2")])),
        carries: &[("device-1", "[\"device-2\", \"device-3\"]")],
    };
    let round = rehearsal.run().round.unwrap();
    assert!(round.status.is_clean(), "{:?}", round.status);
    // Two devices fade as in the experiment, and two over the air's flat channels: less is cut off.
    let (lab, genie) = (nmse_db(&round.report), nmse_db(&rehearsal.genie()));
    println!("{lab:.2} dB with two carried, {genie:.2} dB where all fade");
    assert!((genie - 6.0..genie - 1.0).contains(&lab), "{lab} dB, {genie} dB");
}

#[test]
fn a_device_that_nobody_carries_is_missed() {
    let rehearsal = Rehearsal {
        experiment: experiment(&[]),
        persona: "ideal",
        seed: 2,
        lab: "",
        air: Some(experiment(&[FLAT, ("devices = 4", "devices = 2")])),
        carries: &[("device-1", "[\"device-2\"]")],
    };
    match rehearsal.run().round {
        Err(LabError::Missing { name, .. }) => assert_eq!(name, "device-3"),
        other => panic!("{:?}", other.map(|_| ())),
    }
}
