//! Ideal radios hear what the emulated air computes.

use super::air::{Parts, RATE_HZ, UNIT, radio, signal};
use airloop_baseband::{Burst, Complex32, Transport, Window};
use airloop_hil::{Direction, Radio, RadioAir, RadioAirConfig, Seat};

const AIR: Parts = Parts { transmit: 3, receive: 2, fades: true, noise_power: 0.02, seed: 4 };

/// Three radios that send and one that listens with two channels.
fn radios(air: Parts) -> RadioAir {
    let ether = air.ether(air.config());
    let device =
        |port: usize| Box::new(radio(&ether, &format!("device {port}"), (&[port], &[]))) as Box<dyn Radio>;
    let mut radios: Vec<Box<dyn Radio>> = (0..air.transmit).map(device).collect();
    radios.push(Box::new(radio(&ether, "server", (&[], &[0, 1]))));
    let config = RadioAirConfig {
        sample_rate_hz: RATE_HZ,
        lead_samples: air.config().lead_samples,
        transmit: (0..air.transmit).map(|radio| Seat { radio, channel: 0 }).collect(),
        receive: (0..2).map(|channel| Seat { radio: air.transmit, channel }).collect(),
    };
    RadioAir::new(config, radios).unwrap()
}

/// Sends rounds of bursts, each heard in one window, as a medium does; some windows are skipped.
fn rounds(mut air: impl Transport<Error: std::fmt::Debug>, ahead: u64) -> Vec<Complex32> {
    let mut heard = Vec::new();
    for round in 0..20u64 {
        let (start, length) = (round * 5000, 1000 + 150 * round as usize);
        for port in 0..3 {
            // The air's filters ring for less than what separates rounds.
            let samples = signal(3 * round + port as u64, length);
            air.transmit(port, &Burst { start: start + ahead + 10, samples }).unwrap();
        }
        for port in 0..2 {
            air.skip(port, start).unwrap();
            let capture = air.receive(port, Window { start, length_samples: length + 200 }).unwrap();
            assert_eq!((capture.start, capture.overflow), (start, false));
            heard.extend(capture.samples);
        }
    }
    heard
}

#[test]
fn ideal_radios_hear_what_the_emulated_air_computes() {
    let lead = AIR.config().lead_samples as u64;
    assert!(lead > 0);
    let (by_radios, emulated) = (rounds(radios(AIR), lead), rounds(AIR.emulated(), lead));
    assert!(by_radios == emulated);
    // Control: other noise and taps are not the same.
    assert!(rounds(radios(Parts { seed: 5, ..AIR }), lead) != emulated);
}

#[test]
fn twenty_million_samples_pass_a_unit_channel_as_they_are() {
    const COUNT: usize = 20_000_000;
    let ether = UNIT.ether(UNIT.config());
    let (mut sender, mut listener) = (radio(&ether, "a", (&[0], &[])), radio(&ether, "b", (&[], &[0])));
    sender.start(Direction::Transmit).unwrap();
    listener.start(Direction::Receive).unwrap();
    let samples = signal(0, 1 << 20);
    let sent = samples.clone();
    let thread = std::thread::spawn(move || {
        let mut at = 0;
        while at < COUNT {
            // Bursts of a prime length, one after the other without a gap.
            let count = 65_521.min(COUNT - at);
            let burst = |i| sent[(at + i) % sent.len()];
            let samples = (0..count).map(burst).collect();
            sender.transmit(0, &Burst { start: at as u64, samples }).unwrap();
            at += count;
        }
        assert!(sender.status().is_clean());
    });
    let (mut at, mut wrong) = (0, 0);
    while at < COUNT {
        let length_samples = 49_999.min(COUNT - at);
        let capture = listener.receive(0, Window { start: at as u64, length_samples }).unwrap();
        let is = |(i, x): (usize, &Complex32)| *x == samples[(at + i) % samples.len()];
        wrong += capture.samples.iter().enumerate().filter(|pair| !is(*pair)).count();
        at += length_samples;
    }
    thread.join().unwrap();
    assert_eq!(wrong, 0);
    assert!(listener.status().is_clean());
}
