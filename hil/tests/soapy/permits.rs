//! Nothing is sent without a permit, and nothing beyond it.

use super::module;
use super::radios::{SETTING, config, mouth, open_tuned, permit, says};
use airloop_baseband::{Burst, Complex32};
use airloop_hil::{Direction, Radio, SoapyConfig, SoapyRadio, Span, TransmitPermit, Tuning};

fn burst(start: u64, count: usize, level: f32) -> Burst {
    Burst { start, samples: vec![Complex32::new(0.1, -level); count] }
}

#[test]
fn without_a_permit_nothing_is_set_or_sent() {
    if !module::is_loaded("permits::without_a_permit_nothing_is_set_or_sent") {
        return;
    }
    let mut radio = SoapyRadio::open(config("a", "")).unwrap();
    let none = &["radio a may not transmit", "without a permit"];
    says(radio.tune(Direction::Transmit, 0, &SETTING), none);
    says(radio.start(Direction::Transmit), none);
    says(radio.transmit(0, &burst(1 << 20, 1, 0.1)), none);
    radio.tune(Direction::Receive, 0, &SETTING).unwrap();
    radio.start(Direction::Receive).unwrap();
    drop(radio);
    for (wrong, words) in [
        (TransmitPermit { device: "30AD123".into(), ..permit() }, ["for device 30AD123", "driver=airloop"]),
        (TransmitPermit { most_level: 2.0, ..permit() }, ["the permit needs", "most_level"]),
        (TransmitPermit { bands_hz: vec![], ..permit() }, ["the permit needs", "bands_hz"]),
    ] {
        let config = SoapyConfig { permit: Some(wrong), ..config("a", "") };
        says(SoapyRadio::open(config).map(|_| ()), &words);
    }
}

#[test]
fn every_limit_of_a_permit_is_kept() {
    if !module::is_loaded("permits::every_limit_of_a_permit_is_kept") {
        return;
    }
    let mut radio = SoapyRadio::open(mouth("a", "")).unwrap();
    says(radio.start(Direction::Transmit), &["transmit channel 0 has not been tuned"]);
    let other = Tuning { centre_hz: 2e9, ..SETTING };
    says(
        radio.tune(Direction::Transmit, 0, &other),
        &["1999500000 to 2000500000 Hz", "900000000 to 1100000000"],
    );
    radio.tune(Direction::Transmit, 0, &SETTING).unwrap();
    radio.start(Direction::Transmit).unwrap();
    // A setting that is refused changes nothing.
    says(radio.tune(Direction::Transmit, 0, &other), &["bands_hz"]);
    let from = radio.now().unwrap() + 10_000;
    says(radio.transmit(0, &burst(from, 10, 0.91)), &["sample 0", "magnitude 0.91", "most_level = 0.9"]);
    says(radio.transmit(0, &burst(from, 10, f32::NAN)), &["most_level"]);
    // Half of ten seconds of 1 MS/s.
    says(radio.transmit(0, &burst(from, 5_000_001, 0.1)), &["0.5000001", "most_duty = 0.5"]);
    radio.transmit(0, &burst(from, 100, 0.9)).unwrap();
    says(radio.transmit(0, &burst(from + 100, 4_999_901, 0.1)), &["most_duty = 0.5"]);
    assert!(radio.status().is_clean());
    drop(radio);
    let quiet = TransmitPermit { most_gain_db: -1.0, ..permit() };
    let config = SoapyConfig { permit: Some(quiet), ..mouth("b", "") };
    let mut radio = SoapyRadio::open(config).unwrap();
    says(radio.tune(Direction::Transmit, 0, &SETTING), &["gain_db = 0", "most_gain_db = -1"]);
    let narrow = TransmitPermit { bands_hz: vec![Span { least: 0.9996e9, most: 1.1e9 }], ..permit() };
    let mut radio = SoapyRadio::open(SoapyConfig { permit: Some(narrow), ..mouth("c", "") }).unwrap();
    says(radio.tune(Direction::Transmit, 0, &SETTING), &["999500000 to 1000500000 Hz", "999600000"]);
    drop(open_tuned(mouth("d", "")));
}
