//! Streams through the driver: bursts by sample count, and losses beside what the driver itself counts.

use super::module;
use super::radios::{SETTING, ear, mouth, open_tuned, says};
use airloop_baseband::{Burst, Complex32, Window};
use airloop_hil::soapy_radio::set_times_together;
use airloop_hil::stream::WhenFull;
use airloop_hil::{Direction, Radio, RadioError, SoapyConfig, SoapyRadio};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(60);

/// Samples that differ from each other and from silence.
fn ramp(count: usize) -> Vec<Complex32> {
    (1..=count).map(|i| Complex32::new(i as f32 / 4096.0, -0.25)).collect()
}

#[test]
fn without_times_bursts_keep_their_distance_by_sample_count() {
    if !module::is_loaded("streams::without_times_bursts_keep_their_distance_by_sample_count") {
        return;
    }
    let timeout = PATIENCE;
    let sender = SoapyConfig { timed_bursts: Some(false), timeout, ..mouth("a", "radios=2") };
    let mut sender = open_tuned(sender);
    let mut listener = SoapyRadio::open(SoapyConfig { timeout, ..ear("b", "") }).unwrap();
    assert!(!sender.capabilities().timed_bursts);
    sender.start(Direction::Transmit).unwrap();
    // Beyond what goes out ahead of whoever hears.
    let (first, distance) = (8_000_000, 12_345);
    for start in [first, first + distance] {
        sender.transmit(0, &Burst { start, samples: ramp(3000) }).unwrap();
    }
    says(sender.transmit(0, &Burst { start: first + 1, samples: ramp(5) }), &["begins before sample"]);
    listener.start(Direction::Receive).unwrap();
    // Up to the first sample that is not silent.
    let (mut at, mut heard) = (0, Vec::new());
    while heard.iter().all(|x| *x == Complex32::default()) {
        assert!(at < 2 * first, "nothing was heard");
        heard = listener.receive(0, Window { start: at, length_samples: 100_000 }).unwrap().samples;
        at += 100_000;
    }
    let next = listener.receive(0, Window { start: at, length_samples: 50_000 }).unwrap();
    heard.extend(next.samples);
    let began = heard.iter().position(|x| *x != Complex32::default()).unwrap();
    let mut truth = vec![Complex32::default(); heard.len()];
    for start in [began, began + distance as usize] {
        truth[start..start + 3000].copy_from_slice(&ramp(3000));
    }
    assert!(heard == truth && !next.overflow);
    while sender.now().unwrap() <= first + 100_000 {
        std::thread::yield_now();
    }
    let late = sender.transmit(0, &Burst { start: first + 100_000, samples: ramp(5) });
    assert!(matches!(late, Err(RadioError::Late { .. })), "{late:?}");
    assert_eq!(sender.status().late_bursts, 1);
    assert!(listener.status().is_clean());
}

#[test]
fn what_the_driver_loses_is_what_gaps_in_its_times_say() {
    if !module::is_loaded("streams::what_the_driver_loses_is_what_gaps_in_its_times_say") {
        return;
    }
    // By the wall's clock, with little room, and nobody who hears until the driver has none left either.
    let small = SoapyConfig {
        depth_s: 0.01,
        when_full: Some(WhenFull::Wait),
        timeout: PATIENCE,
        ..ear("b", "clock=wall")
    };
    let mut radio = SoapyRadio::open(small).unwrap();
    radio.start(Direction::Receive).unwrap();
    let lost = |radio: &SoapyRadio| -> u64 {
        let sensors = radio.sensors().unwrap();
        sensors.iter().find(|(name, _)| name == "lost_samples").unwrap().1.parse().unwrap()
    };
    while lost(&radio) == 0 {
        std::thread::sleep(Duration::from_millis(20));
    }
    // Whoever hears again finds gaps as long as what the driver lost; on a loaded machine it loses more meanwhile.
    let (mut start, mut all_found) = (0, false);
    for _ in 0..100 {
        let until = radio.now().unwrap() + 20_000;
        let capture = radio.receive(0, Window { start, length_samples: (until - start) as usize }).unwrap();
        assert!(capture.overflow || start > 0, "the first window has a gap");
        start = until;
        let (found, truth) = (radio.status().lost_samples, lost(&radio));
        assert!(found <= truth, "{found} of {truth}");
        all_found = found == truth;
        if all_found {
            break;
        }
    }
    assert!(all_found && radio.status().overflows > 0, "{:?} of {}", radio.status(), lost(&radio));
}

#[test]
fn radios_that_share_a_pulse_share_a_time() {
    if !module::is_loaded("streams::radios_that_share_a_pulse_share_a_time") {
        return;
    }
    let open = |name: &str| SoapyRadio::open(ear(name, "clock=wall")).unwrap();
    let mut radios = [open("a"), open("b")];
    radios[0].set_time_at_pulse(77_000_000_000).unwrap();
    set_times_together(&radios).unwrap();
    assert!(radios.iter().all(|radio| radio.pulse_ns().unwrap() < 60_000_000_000));
    for radio in &mut radios {
        radio.tune(Direction::Receive, 0, &SETTING).unwrap();
        radio.start(Direction::Receive).unwrap();
        let from = radio.now().unwrap();
        let heard = radio.receive(0, Window { start: from, length_samples: 1000 }).unwrap();
        assert_eq!((heard.start, heard.samples.len()), (from, 1000));
    }
}
