//! Ideal radios hear what the emulated air computes.

use super::air::{Parts, UNIT, radio, signal};
use super::rounds::{AIR, radio_air, rounds};
use airloop_baseband::{Burst, Complex32, Window};
use airloop_hil::{Direction, Radio, RadioAir};

fn radios(air: Parts) -> RadioAir {
    let ether = air.ether(air.config());
    radio_air(|name, transmit, receive| Box::new(radio(&ether, name, (transmit, receive))))
}

#[test]
fn ideal_radios_hear_what_the_emulated_air_computes() {
    assert!(AIR.config().lead_samples > 0);
    let (by_radios, emulated) = (rounds(radios(AIR)), rounds(AIR.emulated()));
    assert!(by_radios == emulated);
    // Control: other noise and taps are not the same.
    assert!(rounds(radios(Parts { seed: 5, ..AIR })) != emulated);
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
