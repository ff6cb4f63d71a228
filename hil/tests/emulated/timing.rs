//! When samples arrive, and what the wall's clock does to those who are late.

use super::air::{Parts, RATE_HZ, UNIT, attach, radio, signal};
use airloop_baseband::{Burst, Complex32, Window};
use airloop_hil::ether::{Attachment, Event};
use airloop_hil::{Clock, Direction, Ether, EtherConfig, Radio, RadioError};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

#[test]
fn a_burst_at_a_time_arrives_at_that_time() {
    let ether = UNIT.ether(UNIT.config());
    let (mut sender, mut listener) = (radio(&ether, "a", (&[0], &[])), radio(&ether, "b", (&[], &[0])));
    sender.start(Direction::Transmit).unwrap();
    listener.start(Direction::Receive).unwrap();
    let places = [(17, 5), (1024, 1), (2047, 2), (5000, 3000), (8000, 24), (1_000_003, 7)];
    for (start, count) in places {
        sender.transmit(0, &Burst { start, samples: signal(start, count) }).unwrap();
    }
    drop(sender);
    let heard = listener.receive(0, Window { start: 0, length_samples: 1_000_100 }).unwrap().samples;
    let mut silent = 0;
    for (start, count) in places {
        let start = start as usize;
        assert!(heard[silent..start].iter().all(|x| *x == Complex32::default()), "before {start}");
        assert!(heard[start..start + count] == signal(start as u64, count), "at {start}");
        silent = start + count;
    }
    assert!(heard[silent..].iter().all(|x| *x == Complex32::default()));
}

#[test]
fn a_radio_may_listen_later_and_let_samples_pass() {
    let air = Parts { noise_power: 1.0, ..UNIT };
    let ether = air.ether(air.config());
    let mut listener = radio(&ether, "b", (&[], &[0]));
    listener.start(Direction::Receive).unwrap();
    let windows = [(0, 100), (100, 900), (5000, 3000), (10_000_000, 50)];
    let whole = {
        let mut air = air.emulated();
        airloop_baseband::Transport::receive(&mut air, 0, Window { start: 0, length_samples: 10_000_050 })
            .unwrap()
    };
    for (start, length_samples) in windows {
        let capture = listener.receive(0, Window { start: start as u64, length_samples }).unwrap();
        assert!(
            capture.samples == whole.samples[start..start + length_samples] && !capture.overflow,
            "{start}"
        );
    }
    let gone = listener.receive(0, Window { start: 20, length_samples: 10 });
    assert!(matches!(gone, Err(RadioError::WindowGap { start: 20, .. })), "{gone:?}");
}

#[test]
fn who_waits_is_woken_by_less_than_a_block() {
    let ether = UNIT.ether(UNIT.config());
    let (mut sender, mut listener) = (attach(&ether, "a", (&[0], &[])), attach(&ether, "b", (&[], &[0])));
    sender.activate(Direction::Transmit, None).unwrap();
    sender.write(0, (Some(0), &[], false), Duration::ZERO).unwrap();
    listener.activate(Direction::Receive, None).unwrap();
    let samples = signal(0, 5000);
    let sent = samples.clone();
    // Each asks the other for the next piece; a wait that nobody ends would never end.
    let (ask, asked) = std::sync::mpsc::channel();
    let thread = std::thread::spawn(move || {
        for piece in sent.chunks(50) {
            asked.recv().unwrap();
            sender.write(0, (None, piece, false), Duration::MAX).unwrap();
        }
        sender
    });
    let mut heard = Vec::new();
    let mut out = vec![Complex32::default(); 50];
    while heard.len() < samples.len() {
        ask.send(()).unwrap();
        let mut left = 50;
        while left > 0 {
            let count = listener.read(0, &mut out[..left], Duration::MAX).unwrap().count;
            heard.extend_from_slice(&out[..count]);
            left -= count;
        }
    }
    thread.join().unwrap();
    assert!(heard == samples);
}

/// An ether by a wall's clock that the test turns: it shows so many samples.
pub fn wall(config: EtherConfig) -> (Ether<airloop_channels::StreamedAir>, Arc<AtomicU64>) {
    let shown = Arc::new(AtomicU64::new(0));
    let samples = Arc::clone(&shown);
    // Half a sample more, so that rounding shows no sample less.
    let elapsed = move || Duration::from_secs_f64((samples.load(Ordering::Relaxed) as f64 + 0.5) / RATE_HZ);
    let config = EtherConfig { clock: Clock::Wall, block_samples: 100, ..config };
    (Ether::with_wall(config, UNIT.streamed(), elapsed).unwrap(), shown)
}

#[test]
fn a_stalled_writer_is_one_underflow_and_a_marked_gap() {
    let (ether, shown) = wall(UNIT.config());
    let (mut sender, mut listener) = (attach(&ether, "a", (&[0], &[])), attach(&ether, "b", (&[], &[0])));
    sender.activate(Direction::Transmit, None).unwrap();
    listener.activate(Direction::Receive, None).unwrap();
    let at = |samples| {
        shown.store(samples, Ordering::Relaxed);
        ether.advance();
    };
    let one = vec![Complex32::new(1.0, 0.0); 40_000];
    assert_eq!(sender.write(0, (Some(20_000), &one, false), Duration::ZERO).unwrap(), 40_000);
    at(59_900);
    assert_eq!(sender.event(), None);
    // The burst runs out 0.1 s before more comes.
    at(160_000);
    assert_eq!(sender.event(), Some(Event::Underflow(60_000)));
    assert_eq!(sender.event(), None);
    let late = sender.write(0, (Some(60_000), &one, false), Duration::ZERO);
    assert!(matches!(late, Err(RadioError::Late { start: 60_000, now: 160_000, .. })), "{late:?}");
    assert_eq!(sender.event(), Some(Event::Late(60_000, 40_000)));
    assert_eq!(sender.write(0, (None, &one, true), Duration::ZERO).unwrap(), 40_000);
    at(250_000);
    assert_eq!(sender.event(), None);
    let counts = sender.status();
    assert_eq!((counts.underflows, counts.late_bursts), (1, 1));
    let mut heard = vec![Complex32::default(); 250_000];
    let read = listener.read(0, &mut heard, Duration::ZERO).unwrap();
    assert_eq!((read.start, read.count, read.lost), (0, 250_000, 0));
    assert!(listener.status().is_clean());
    let on: Vec<bool> = heard.iter().map(|x| x.re == 1.0).collect();
    let edges: Vec<usize> = (1..on.len()).filter(|i| on[*i] != on[i - 1]).collect();
    assert_eq!(edges, [20_000, 60_000, 160_000, 200_000]);
}

#[test]
fn a_slow_reader_loses_samples_and_is_told_where() {
    let (ether, shown) = wall(EtherConfig { unheard_samples: 20_000, ..UNIT.config() });
    let mut listener = attach(&ether, "b", (&[], &[0]));
    assert_eq!(listener.activate(Direction::Receive, None).unwrap(), 0);
    let mut out = vec![Complex32::default(); 1 << 20];
    for lost in [1, 2] {
        shown.fetch_add(100_000, Ordering::Relaxed);
        let kept = listener.read(0, &mut out, Duration::ZERO).unwrap();
        assert_eq!(kept.count, 20_000);
        shown.fetch_add(100, Ordering::Relaxed);
        ether.advance();
        let after = listener.read(0, &mut out, Duration::ZERO).unwrap();
        assert_eq!((after.start, after.count), (lost * 100_100 - 100, 100));
        assert_eq!(after.lost, after.start - kept.start - kept.count as u64);
    }
    assert_eq!(listener.status().overflows, 2);
}

#[test]
fn what_is_late_is_late_though_nobody_has_looked_at_the_clock() {
    let (ether, shown) = wall(UNIT.config());
    let mut sender = attach(&ether, "a", (&[0], &[]));
    sender.activate(Direction::Transmit, None).unwrap();
    shown.store(50_000, Ordering::Relaxed);
    let piece = vec![Complex32::new(1.0, 0.0); 10];
    let late = sender.write(0, (Some(49_000), &piece, true), Duration::ZERO);
    assert!(matches!(late, Err(RadioError::Late { start: 49_000, now: 50_000, .. })), "{late:?}");
    shown.store(60_000, Ordering::Relaxed);
    assert_eq!(sender.now().unwrap(), 60_000);
    assert_eq!(sender.write(0, (Some(60_000), &piece, true), Duration::ZERO).unwrap(), 10);
}

#[test]
fn the_wall_does_not_wait() {
    let air = Parts { transmit: 1, receive: 1, ..UNIT };
    let ether = air.ether(EtherConfig { clock: Clock::Wall, ..air.config() });
    let mut listener = radio(&ether, "b", (&[], &[0]));
    listener.start(Direction::Receive).unwrap();
    let began = Instant::now();
    let from = listener.now().unwrap();
    let capture = listener.receive(0, Window { start: from, length_samples: 50_000 }).unwrap();
    // 50 ms of samples take at least as long, however slow the machine is.
    assert!(began.elapsed() >= Duration::from_millis(48) && capture.samples.len() == 50_000);
    assert!(listener.now().unwrap() >= from + 50_000);
}
