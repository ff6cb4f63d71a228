//! What is refused, and what the refusal says.

use super::air::{Parts, RATE_HZ, UNIT, attach, radio, signal};
use airloop_baseband::{Burst, Transport, Window};
use airloop_hil::ether::Attachment;
use airloop_hil::{
    Direction, Ether, EtherConfig, Place, Radio, RadioAir, RadioAirConfig, RadioError, Seat, Tuning,
    VirtualRadio,
};
use std::time::Duration;

fn says<T: std::fmt::Debug>(result: Result<T, RadioError>, words: &[&str]) {
    let message = result.unwrap_err().to_string();
    words.iter().for_each(|word| assert!(message.contains(word), "{message:?} does not say {word:?}"));
}

#[test]
fn places_that_cannot_be_had() {
    let ether = UNIT.ether(UNIT.config());
    let _a = attach(&ether, "a", (&[0], &[]));
    let place = |name: &str, transmit: &[usize], receive: &[usize]| Place {
        name: name.into(),
        transmit: transmit.to_vec(),
        receive: receive.to_vec(),
    };
    let refused = |place| ether.attach(place).map(|_| ());
    says(refused(place("a", &[], &[0])), &["a radio called a is there already"]);
    says(refused(place("b", &[0], &[])), &["radio b: transmit port 0", "belongs to another radio"]);
    says(refused(place("b", &[1], &[])), &["transmit port 1", "does not exist"]);
    says(refused(place("b", &[], &[0, 0])), &["receive port 0", "named twice"]);
    // What was refused took nothing; what is left is free again.
    drop(attach(&ether, "b", (&[], &[0])));
    drop(attach(&ether, "b", (&[], &[0])));
}

#[test]
fn distances_that_make_no_ether() {
    let ether = |config: EtherConfig| Ether::new(config, UNIT.streamed()).map(|_| ());
    says(ether(EtherConfig { block_samples: 0, ..UNIT.config() }), &["block_samples = 0", "1 to 1048576"]);
    says(ether(EtherConfig { unheard_samples: 100, ..UNIT.config() }), &["unheard_samples = 100", "1024"]);
    says(ether(EtherConfig { ahead_samples: 5, ..UNIT.config() }), &["ahead_samples = 5"]);
}

#[test]
fn streams_that_are_not_right() {
    let ether = UNIT.ether(UNIT.config());
    let mut a = radio(&ether, "a", (&[0], &[0]));
    let burst = |start| Burst { start, samples: signal(0, 100) };
    let window = |start| Window { start, length_samples: 50 };
    says(a.transmit(0, &burst(0)), &["radio a", "transmit stream is not active"]);
    says(a.receive(0, window(0)), &["radio a", "receive stream is not active"]);
    a.start(Direction::Transmit).unwrap();
    says(a.start(Direction::Transmit), &["transmit stream is active already"]);
    says(a.transmit(1, &burst(0)), &["has 1 transmit channels", "no channel 1"]);
    says(a.receive(2, window(0)), &["has 1 receive channels", "no channel 2"]);
    a.transmit(0, &burst(1000)).unwrap();
    says(a.transmit(0, &burst(1099)), &["sample 1099 begins before sample 1100"]);
    a.silent_until(5000).unwrap();
    says(a.transmit(0, &burst(2000)), &["sample 2000"]);
    let mut b = attach(&ether, "b", (&[], &[]));
    assert!(b.now().unwrap() >= 4096, "time goes where nobody holds it");
    says(a.transmit(0, &burst(2000)), &["a burst for sample 2000 came when sample", "had gone out"]);
    assert_eq!(a.status().late_bursts, 2);
}

#[test]
fn settings_out_of_range_are_refused_with_the_range() {
    let ether = UNIT.ether(UNIT.config());
    let mut a = radio(&ether, "a", (&[0], &[]));
    let right = Tuning { centre_hz: 2.4e9, sample_rate_hz: RATE_HZ, gain_db: 0.0 };
    assert_eq!(a.tune(Direction::Transmit, 0, &right).unwrap(), right);
    let tune = |tuning| radio(&ether, "b", (&[], &[0])).tune(Direction::Receive, 0, &tuning);
    says(tune(Tuning { sample_rate_hz: 2e6, ..right }), &["radio b", "sample_rate_hz = 2000000", "1000000"]);
    says(tune(Tuning { gain_db: 3.0, ..right }), &["gain_db = 3"]);
    says(tune(Tuning { centre_hz: -1.0, ..right }), &["centre_hz = -1", "0 to 1000000000000"]);
    says(a.tune(Direction::Receive, 0, &right), &["has 0 receive channels"]);
}

#[test]
fn who_waits_in_vain_is_told_for_whom() {
    let ether = UNIT.ether(UNIT.config());
    let mut a = attach(&ether, "a", (&[0], &[]));
    a.activate(Direction::Transmit, None).unwrap();
    let short = Duration::from_millis(20);
    let mut b = VirtualRadio::new(attach(&ether, "b", (&[], &[0]))).with_timeout(short);
    b.start(Direction::Receive).unwrap();
    let window = Window { start: 0, length_samples: 10 };
    says(b.receive(0, window), &["radio b waited 0.02 s at sample 0", "until radio a moves"]);
    // A radio that leaves holds nobody.
    drop(a);
    b.receive(0, window).unwrap();
}

#[test]
fn time_begins_when_all_radios_are_there() {
    let ether = UNIT.ether(EtherConfig { radios: 2, ..UNIT.config() });
    let mut b = VirtualRadio::new(attach(&ether, "b", (&[], &[0]))).with_timeout(Duration::from_millis(20));
    b.start(Direction::Receive).unwrap();
    let window = Window { start: 0, length_samples: 10 };
    says(b.receive(0, window), &["waited"]);
    let mut a = radio(&ether, "a", (&[0], &[]));
    a.start(Direction::Transmit).unwrap();
    a.transmit(0, &Burst { start: 0, samples: signal(0, 10) }).unwrap();
    assert!(b.receive(0, window).unwrap().samples == signal(0, 10));
}

#[test]
fn an_air_that_fails_ends_the_ether_for_all() {
    // A link's filter answers ahead, but the ether was not told.
    let air = Parts { fades: true, ..UNIT };
    let ether = air.ether(EtherConfig { lead_samples: 0, ..air.config() });
    let (mut a, mut b) = (radio(&ether, "a", (&[0], &[])), radio(&ether, "b", (&[], &[0])));
    a.start(Direction::Transmit).unwrap();
    b.start(Direction::Receive).unwrap();
    a.transmit(0, &Burst { start: 3000, samples: signal(0, 5000) }).unwrap();
    says(b.receive(0, Window { start: 0, length_samples: 5000 }), &["ether has ended", "too late"]);
    says(a.transmit(0, &Burst { start: 9000, samples: signal(0, 10) }), &["radio a", "ether has ended"]);
}

#[test]
fn transports_of_radios_that_are_not_there() {
    let ether = UNIT.ether(UNIT.config());
    let config = RadioAirConfig {
        sample_rate_hz: RATE_HZ,
        lead_samples: 0,
        transmit: vec![Some(Seat { radio: 0, channel: 0 })],
        receive: vec![Some(Seat { radio: 1, channel: 0 })],
    };
    let a = || Box::new(radio(&ether, "a", (&[0], &[]))) as Box<dyn Radio>;
    says(RadioAir::new(config.clone(), vec![a()]).map(|_| ()), &["number 1", "0 receive channels"]);
    let b = Box::new(radio(&ether, "b", (&[], &[0])));
    let mut air = RadioAir::new(config, vec![a(), b]).unwrap();
    assert_eq!(air.sample_rate_hz(), RATE_HZ);
    says(air.transmit(1, &Burst::default()), &["transmit port 1", "does not exist"]);
    says(
        air.receive(0, Window { start: 5, length_samples: 1 }),
        &["sample 5", "at sample 0, where the one before it ended"],
    );
    air.skip(0, 5).unwrap();
    air.receive(0, Window { start: 5, length_samples: 1 }).unwrap();
    assert!(air.status().is_clean());
}
