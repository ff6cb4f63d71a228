//! What every radio that transmits keeps to.

use super::pair::{Pair, signal};
use crate::refused;
use airloop_baseband::{Burst, Complex32, Window};
use airloop_hil::{Direction, RadioError, Tuning};

/// All that holds for two radios that hear each other; nothing comes within the listener's time-out while time waits for the sender.
pub fn talks(make: impl Fn() -> Pair) {
    streams_are_started_once(&make);
    bursts_follow_each_other(&make);
    what_comes_late_is_refused_and_counted(&make);
    who_waits_in_vain_is_told_and_can_go_on(&make);
    a_setting_within_range_is_taken(&make);
    names_differ_and_the_sender_can_be_dropped(&make);
}

fn streams_are_started_once(make: &impl Fn() -> Pair) {
    let Pair { mut sender, mut listener, _air } = make();
    let burst = Burst { start: 1 << 20, samples: signal(0, 3) };
    refused!(sender.transmit(0, &burst), RadioError::NotActive { direction: Direction::Transmit, .. });
    let window = Window { start: 0, length_samples: 1 };
    refused!(listener.receive(0, window), RadioError::NotActive { direction: Direction::Receive, .. });
    sender.start(Direction::Transmit).unwrap();
    refused!(sender.start(Direction::Transmit), RadioError::Active { direction: Direction::Transmit, .. });
    let channels = sender.capabilities().transmit_channels;
    refused!(
        sender.transmit(channels, &burst),
        RadioError::NoSuchChannel { direction: Direction::Transmit, .. }
    );
    assert!(sender.status().is_clean() && listener.status().is_clean());
}

fn bursts_follow_each_other(make: &impl Fn() -> Pair) {
    let mut pair = make();
    let from = pair.start();
    let sent = signal(1, 300);
    pair.send(from + 1000, &sent[..100]).unwrap();
    refused!(pair.send(from + 1099, &sent), RadioError::Overlap { .. });
    refused!(pair.send(from + 500, &sent[..10]), RadioError::Overlap { .. });
    pair.send(from + 1100, &sent[100..]).unwrap();
    pair.send(from + 1200, &[]).unwrap();
    pair.sender.silent_until(from + 10_000).unwrap();
    let heard = pair.listener.receive(0, Window { start: from, length_samples: 2000 }).unwrap().samples;
    let mut truth = vec![Complex32::default(); 2000];
    truth[1000..1300].copy_from_slice(&sent);
    assert!(heard == truth, "what was refused was not sent");
    assert!(pair.sender.status().is_clean());
}

fn what_comes_late_is_refused_and_counted(make: &impl Fn() -> Pair) {
    let mut pair = make();
    let from = pair.start();
    pair.sender.silent_until(from + 20_000).unwrap();
    pair.listener.receive(0, Window { start: from, length_samples: 15_000 }).unwrap();
    let now = pair.sender.now().unwrap();
    assert!(now > from + 10, "time has gone on");
    refused!(pair.send(from, &signal(2, 10)), RadioError::Late { .. });
    let status = pair.sender.status();
    assert_eq!((status.late_bursts, status.underflows), (1, 0));
    let later = pair.sender.now().unwrap().max(from + 20_000) + 4000;
    pair.send(later, &signal(2, 10)).unwrap();
    pair.sender.silent_until(later + 5000).unwrap();
    let heard = pair.listener.receive(0, Window { start: later, length_samples: 10 }).unwrap().samples;
    assert!(heard == signal(2, 10));
}

fn who_waits_in_vain_is_told_and_can_go_on(make: &impl Fn() -> Pair) {
    let mut pair = make();
    let from = pair.start() + 10_000;
    let window = Window { start: from, length_samples: 100 };
    refused!(pair.listener.receive(0, window), RadioError::TimedOut { .. });
    let sent = signal(3, 50);
    pair.send(from + 20, &sent).unwrap();
    pair.sender.silent_until(from + 10_000).unwrap();
    let capture = pair.listener.receive(0, window).unwrap();
    assert!(capture.samples[20..70] == sent && !capture.overflow);
}

fn a_setting_within_range_is_taken(make: &impl Fn() -> Pair) {
    let Pair { mut sender, mut listener, _air } = make();
    for (radio, direction) in [(&mut sender, Direction::Transmit), (&mut listener, Direction::Receive)] {
        let abilities = radio.capabilities().clone();
        let wanted = Tuning {
            centre_hz: abilities.centres_hz[0].least.max(1e9).min(abilities.centres_hz[0].most),
            sample_rate_hz: abilities.sample_rates_hz[0].least,
            gain_db: abilities.gain_db(direction).least,
        };
        assert_eq!(radio.tune(direction, 0, &wanted).unwrap(), wanted);
    }
}

fn names_differ_and_the_sender_can_be_dropped(make: &impl Fn() -> Pair) {
    let mut pair = make();
    assert_ne!(pair.sender.capabilities().name, pair.listener.capabilities().name);
    assert!(pair.sender.capabilities().transmit_channels > 0 && pair.sender.capabilities().timed_bursts);
    let from = pair.start();
    pair.send(from + 100, &signal(4, 64)).unwrap();
    // What was given to it is sent all the same.
    drop(pair.sender);
    let heard = pair.listener.receive(0, Window { start: from, length_samples: 500 }).unwrap().samples;
    assert!(heard[100..164] == signal(4, 64) && heard[164..].iter().all(|x| *x == Complex32::default()));
}
