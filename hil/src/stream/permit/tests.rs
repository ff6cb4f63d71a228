//! Limits, at their edges.

use super::{Duty, PermitError, TransmitPermit};
use crate::radio::{Span, Tuning};
use airloop_baseband::Complex32;

fn permit() -> TransmitPermit {
    TransmitPermit {
        device: "driver=uhd, serial=30AD123".into(),
        bands_hz: vec![Span { least: 433.05e6, most: 434.79e6 }, Span { least: 2.4e9, most: 2.4835e9 }],
        most_gain_db: 40.0,
        most_level: 0.5,
        most_duty: 0.1,
    }
}

fn pairs(words: &[(&str, &str)]) -> Vec<(String, String)> {
    words.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect()
}

#[test]
fn a_permit_is_for_the_device_that_it_names() {
    let found = pairs(&[("driver", "uhd"), ("serial", "30AD123"), ("type", "b200")]);
    permit().check_device(&found).unwrap();
    TransmitPermit { device: "30AD123".into(), ..permit() }.check_device(&found).unwrap();
    for device in ["30AD124", "driver=uhd, serial=30AD12", "driver=lime", "uhd", "label=x, serial=30AD123"] {
        let error = TransmitPermit { device: device.into(), ..permit() }.check_device(&found).unwrap_err();
        let words = error.to_string();
        assert!(words.contains(device) && words.contains("serial=30AD123"), "{words}");
    }
}

#[test]
fn a_permit_without_sense_is_none() {
    permit().check().unwrap();
    for (wrong, word) in [
        (TransmitPermit { device: " ".into(), ..permit() }, "no device"),
        (TransmitPermit { bands_hz: vec![], ..permit() }, "bands_hz"),
        (TransmitPermit { bands_hz: vec![Span { least: 2.0, most: 1.0 }], ..permit() }, "bands_hz"),
        (TransmitPermit { most_gain_db: f64::NAN, ..permit() }, "most_gain_db"),
        (TransmitPermit { most_level: 1.1, ..permit() }, "most_level"),
        (TransmitPermit { most_duty: 0.0, ..permit() }, "most_duty"),
    ] {
        let words = wrong.check().unwrap_err().to_string();
        assert!(words.contains(word), "{words}");
    }
}

#[test]
fn the_whole_band_lies_within_one_that_is_allowed() {
    let tune = |centre_hz, sample_rate_hz, gain_db| {
        permit().check_tuning(&Tuning { centre_hz, sample_rate_hz, gain_db })
    };
    tune(2.401e9, 2e6, 40.0).unwrap();
    tune(433.92e6, 1e6, -10.0).unwrap();
    let words = tune(2.401e9, 2.000002e6, 40.0).unwrap_err().to_string();
    assert!(
        words.contains("2399999999 to 2402000001 Hz") && words.contains("2400000000 to 2483500000"),
        "{words}"
    );
    assert!(matches!(tune(1e9, 1e6, 0.0), Err(PermitError::Band { .. })));
    assert!(matches!(tune(f64::NAN, 1e6, 0.0), Err(PermitError::Band { .. })));
    let words = tune(2.41e9, 1e6, 40.5).unwrap_err().to_string();
    assert!(words.contains("gain_db = 40.5") && words.contains("most_gain_db = 40"), "{words}");
    assert!(matches!(tune(2.41e9, 1e6, f64::NAN), Err(PermitError::Gain { .. })));
}

#[test]
fn the_larger_part_of_a_sample_counts() {
    let check = |re, im| permit().check_level(&[Complex32::new(0.0, 0.0), Complex32::new(re, im)]);
    check(0.5, -0.5).unwrap();
    for (re, im) in [(0.51, 0.0), (0.1, -0.51), (f32::NAN, 0.0), (0.0, f32::NAN), (f32::INFINITY, 0.0)] {
        let words = check(re, im).unwrap_err().to_string();
        assert!(words.contains("sample 1") && words.contains("most_level = 0.5"), "{words}");
    }
    assert!(check(0.1, -0.51).unwrap_err().to_string().contains("magnitude 0.51"));
}

#[test]
fn the_share_of_any_ten_seconds_is_kept() {
    // 1000 samples a second: 10 000 in a window, 1000 of them at most.
    let mut duty = Duty::new(0.1, 1000.0);
    let send = |duty: &mut Duty, start, count| {
        duty.check(start, start + count).map(|()| duty.note(start, start + count))
    };
    send(&mut duty, 0, 600).unwrap();
    let words = send(&mut duty, 5000, 401).unwrap_err().to_string();
    assert!(words.contains("0.1001") && words.contains("most_duty = 0.1"), "{words}");
    send(&mut duty, 5000, 400).unwrap();
    assert!(send(&mut duty, 9999, 1).is_err());
    // At 10 300 the first 300 samples have left the window.
    send(&mut duty, 10_000, 300).unwrap();
    assert!(send(&mut duty, 10_300, 1).is_ok(), "one more leaves with each that is sent");
    assert!(Duty::new(1.0, 1000.0).check(0, 100_000).is_ok());
    assert!(Duty::new(0.5, 1000.0).check(0, 100_000).is_err());
}

#[test]
fn no_window_of_a_random_schedule_holds_more() {
    // Every window of a long schedule, sample by sample, against what was let through.
    let (mut duty, mut sent) = (Duty::new(0.3, 10.0), vec![false; 4000]);
    let (mut at, mut state, mut refused) = (0u64, 1u64, 0);
    while at < 3900 {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        let (pause, count) = ((state >> 33) % 23, 1 + (state >> 45) % 19);
        let start = at + pause;
        if duty.check(start, start + count).is_ok() {
            duty.note(start, start + count);
            (start..start + count).for_each(|i| sent[i as usize] = true);
        } else {
            refused += 1;
        }
        at = start + count;
    }
    let most = sent.windows(100).map(|window| window.iter().filter(|on| **on).count()).max();
    assert_eq!(most, Some(30), "the share is used up and not exceeded");
    assert!(refused > 10);
}
