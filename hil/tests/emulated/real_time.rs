//! The wall's clock and an air that is slow: when time begins, what is late, and when the ether ends.

use super::air::{RATE_HZ, UNIT, signal};
use airloop_baseband::{Burst, Capture, Complex32, Port, SampleIndex, Transport, Window};
use airloop_channels::{ChannelError, StreamedAir};
use airloop_hil::ether::{Attachment, Event};
use airloop_hil::{Clock, Direction, Ether, EtherConfig, LocalAttachment, Place, RadioError};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Samples of a block.
const BLOCK: usize = 100;

/// A clock that shows samples, how many of them the air takes for a block, and the blocks that passed it.
#[derive(Default)]
struct Hand {
    shown: AtomicU64,
    cost: AtomicU64,
    blocks: AtomicU64,
}

/// An air that takes its time.
struct Slow {
    air: StreamedAir,
    hand: Arc<Hand>,
}

impl Slow {
    fn spend(&self) {
        self.hand.shown.fetch_add(self.hand.cost.load(Ordering::Relaxed), Ordering::Relaxed);
        self.hand.blocks.fetch_add(1, Ordering::Relaxed);
    }
}

impl Transport for Slow {
    type Error = ChannelError;

    fn sample_rate_hz(&self) -> f64 {
        self.air.sample_rate_hz()
    }

    fn transmit(&mut self, port: Port, burst: &Burst) -> Result<(), ChannelError> {
        self.air.transmit(port, burst)
    }

    fn receive(&mut self, port: Port, window: Window) -> Result<Capture, ChannelError> {
        self.spend();
        self.air.receive(port, window)
    }

    fn skip(&mut self, port: Port, until: SampleIndex) -> Result<(), ChannelError> {
        self.spend();
        self.air.skip(port, until)
    }
}

fn config() -> EtherConfig {
    EtherConfig { clock: Clock::Wall, block_samples: BLOCK, ..UNIT.config() }
}

/// An ether whose blocks take so many samples' time, and the hand of its clock, which shows so many before it is made.
fn slow(config: EtherConfig, cost: u64, shown: u64) -> (Ether<Slow>, Arc<Hand>) {
    let hand = Arc::new(Hand { shown: shown.into(), cost: cost.into(), ..Hand::default() });
    let air = Slow { air: UNIT.streamed(), hand: Arc::clone(&hand) };
    let watched = Arc::clone(&hand);
    let elapsed = move || Duration::from_micros(watched.shown.load(Ordering::Relaxed));
    assert_eq!(RATE_HZ, 1e6);
    (Ether::with_wall(config, air, elapsed).unwrap(), hand)
}

type Local = LocalAttachment<Slow>;

fn pair(ether: &Ether<Slow>) -> (Local, Local) {
    let place = |name: &str, transmit, receive| Place { name: name.into(), transmit, receive };
    let sender = ether.attach(place("a", vec![0], vec![])).unwrap();
    (sender, ether.attach(place("b", vec![], vec![0])).unwrap())
}

#[test]
fn time_begins_at_index_0_when_those_it_waits_for_are_there() {
    let (ether, hand) = slow(EtherConfig { radios: 2, ..config() }, 0, 5_000_000);
    let (mut sender, mut listener) = pair(&ether);
    assert_eq!(listener.activate(Direction::Receive, None).unwrap(), 0);
    // An hour goes by before the second one is there.
    hand.shown.fetch_add(3_600_000_000, Ordering::Relaxed);
    ether.advance();
    let before = ether.metrics();
    assert_eq!((before.begun, before.time, before.behind_wall_s), (false, 0, Some(0.0)));
    assert_eq!(sender.activate(Direction::Transmit, None).unwrap(), 0);
    assert_eq!(sender.now().unwrap(), 0);
    hand.shown.fetch_add(1000, Ordering::Relaxed);
    let piece = signal(0, 50);
    assert_eq!(sender.write(0, (Some(1000), &piece, true), Duration::ZERO).unwrap(), 50);
    hand.shown.fetch_add(500, Ordering::Relaxed);
    ether.advance();
    let mut heard = vec![Complex32::default(); 2000];
    let read = listener.read(0, &mut heard, Duration::ZERO).unwrap();
    assert_eq!((read.start, read.count, read.lost), (0, 1500, 0));
    assert!(heard[1000..1050] == piece);
    // Nothing of the hour passed the air.
    assert_eq!(hand.blocks.load(Ordering::Relaxed), 15);
    let metrics = ether.metrics();
    assert_eq!((metrics.time, metrics.begun, metrics.wall_s), (1500, true, 3605.0015));
}

#[test]
fn what_is_late_is_late_though_the_air_has_not_come_so_far() {
    let (ether, hand) = slow(config(), 300, 0);
    let (mut sender, mut listener) = pair(&ether);
    sender.activate(Direction::Transmit, None).unwrap();
    listener.activate(Direction::Receive, None).unwrap();
    let one = vec![Complex32::new(1.0, 0.0); 1500];
    assert_eq!(sender.write(0, (Some(500), &one, false), Duration::ZERO).unwrap(), 1500);
    hand.shown.store(1000, Ordering::Relaxed);
    ether.advance();
    // Ten blocks have passed, which took 3000 samples' time.
    let metrics = ether.metrics();
    assert_eq!((metrics.time, metrics.behind_wall_s), (1000, Some(0.003)));
    assert_eq!(metrics.radios[0].underflows, 0, "nobody has looked at the clock since");
    hand.cost.store(0, Ordering::Relaxed);
    let late = sender.write(0, (Some(3999), &one[..10], true), Duration::ZERO);
    assert!(matches!(late, Err(RadioError::Late { start: 3999, now: 4000, .. })), "{late:?}");
    assert_eq!(sender.event(), Some(Event::Underflow(2000)));
    assert_eq!(sender.event(), Some(Event::Late(3999, 10)));
    assert_eq!(sender.event(), None);
    // Late or not, what was in time is heard whole and where it was sent.
    let mut heard = vec![Complex32::default(); 4000];
    let read = listener.read(0, &mut heard, Duration::ZERO).unwrap();
    let on = |range: std::ops::Range<usize>| heard[range].iter().all(|x| x.re == 1.0);
    assert!(read.start == 0 && read.count >= 4000 && on(500..2000), "{read:?}");
    assert!(heard[2000..].iter().chain(&heard[..500]).all(|x| x.re == 0.0));
    // What went wrong stays counted when the radio has gone.
    drop((sender, listener));
    ether.advance();
    let metrics = ether.metrics();
    assert!(metrics.radios.is_empty());
    assert_eq!((metrics.losses.underflows, metrics.losses.late_bursts, metrics.losses.overflows), (1, 1, 0));
}

#[test]
fn an_air_that_cannot_keep_up_ends_the_ether_with_one_error() {
    let config = EtherConfig { most_behind_s: 0.01, ..config() };
    let (ether, hand) = slow(config, 2 * BLOCK as u64, 0);
    let (mut sender, mut listener) = pair(&ether);
    sender.activate(Direction::Transmit, None).unwrap();
    listener.activate(Direction::Receive, None).unwrap();
    hand.shown.store(1000, Ordering::Relaxed);
    // Who waits goes on with what there is until the end; by half the rate it comes after about 0.02 s.
    let mut out = vec![Complex32::default(); 1 << 16];
    let mut heard = 0;
    let end = loop {
        match listener.read(0, &mut out, Duration::MAX) {
            Ok(read) => heard += read.count,
            Err(error) => break error.to_string(),
        }
        assert!(heard < 100_000, "it goes on for ever");
    };
    for part in [
        "radio b: the ether has ended",
        "behind the wall's clock",
        "the 0.01 s allowed",
        "1000000 samples/s",
        "lower sample rate",
        "lockstep",
    ] {
        assert!(end.contains(part), "{part:?} is not in {end}");
    }
    let metrics = ether.metrics();
    let behind_s = metrics.behind_wall_s.unwrap();
    assert!(behind_s > 0.01 && metrics.most_behind_wall_s >= Some(behind_s), "{metrics:?}");
    assert!((5_000..40_000).contains(&metrics.time), "{}", metrics.time);
    assert_eq!(metrics.end, Some(end.trim_start_matches("radio b: the ether has ended: ").into()));
    assert!(matches!(sender.write(0, (None, &[], true), Duration::ZERO), Err(RadioError::Ended { .. })));
    // The air is left alone from then on.
    let blocks = hand.blocks.load(Ordering::Relaxed);
    ether.advance();
    assert_eq!(hand.blocks.load(Ordering::Relaxed), blocks);
}

#[test]
fn an_air_that_keeps_up_again_is_not_ended() {
    let (ether, hand) = slow(config(), BLOCK as u64 / 2, 0);
    let (_sender, mut listener) = pair(&ether);
    listener.activate(Direction::Receive, None).unwrap();
    // Behind by 0.9 s at once, which at twice the rate is made good within 1.8 s.
    hand.shown.store(900_000, Ordering::Relaxed);
    let most_behind_s = 0.9;
    for _ in 0..20 {
        ether.advance();
    }
    let metrics = ether.metrics();
    assert_eq!(metrics.end, None);
    let behind_s = metrics.behind_wall_s.unwrap();
    assert!(behind_s <= 2.0 * BLOCK as f64 / RATE_HZ, "{behind_s}");
    assert_eq!(metrics.most_behind_wall_s, Some(most_behind_s));
    // The clock stands still from now on but for what blocks take.
    let begun = hand.shown.load(Ordering::Relaxed);
    assert!((1_790_000..1_810_000).contains(&begun), "{begun}");
}

#[test]
fn the_systems_clock_goes_on_by_itself_until_the_ether_is_gone() {
    let hand = Arc::new(Hand::default());
    let air = Slow { air: UNIT.streamed(), hand: Arc::clone(&hand) };
    let ether = Ether::new(EtherConfig { most_behind_s: f64::INFINITY, ..config() }, air).unwrap();
    let wait_for = |what: &str, is: &dyn Fn() -> bool| {
        let began = Instant::now();
        while !is() {
            assert!(began.elapsed() < Duration::from_secs(60), "{what}: nothing within a minute");
            std::thread::yield_now();
        }
    };
    wait_for("time", &|| ether.metrics().time > 10_000);
    drop(ether);
    wait_for("the end of its thread", &|| Arc::strong_count(&hand) == 1);
}
