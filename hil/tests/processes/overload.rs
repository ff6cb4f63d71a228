//! A server whose air is behind the wall's clock.

use super::air::{RATE_HZ, UNIT};
use super::peer::{Path, place};
use airloop_baseband::{Burst, Capture, Port, SampleIndex, Transport, Window};
use airloop_channels::{ChannelError, StreamedAir};
use airloop_hil::ether::{Attachment, EtherMetrics};
use airloop_hil::{Clock, Direction, Ether, EtherConfig, EtherServer, RadioError, RemoteAttachment};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

/// Blocks that the air is behind.
const BEHIND: u64 = 10_000;
/// Samples of a block.
const BLOCK: u64 = 100;

/// An air that lets a block pass when it is told to, or any when nobody tells it any more.
struct Gated(StreamedAir, Receiver<()>);

impl Transport for Gated {
    type Error = ChannelError;

    fn sample_rate_hz(&self) -> f64 {
        self.0.sample_rate_hz()
    }

    fn transmit(&mut self, port: Port, burst: &Burst) -> Result<(), ChannelError> {
        self.0.transmit(port, burst)
    }

    fn receive(&mut self, port: Port, window: Window) -> Result<Capture, ChannelError> {
        _ = self.1.recv();
        self.0.receive(port, window)
    }

    fn skip(&mut self, port: Port, until: SampleIndex) -> Result<(), ChannelError> {
        _ = self.1.recv();
        self.0.skip(port, until)
    }
}

/// An ether behind a gate, by a clock that shows what it is told.
fn gated() -> (Ether<Gated>, Sender<()>, Arc<AtomicU64>) {
    let (pass, gate) = channel();
    let shown = Arc::new(AtomicU64::new(0));
    let hand = Arc::clone(&shown);
    let elapsed = move || Duration::from_secs_f64(hand.load(Ordering::Relaxed) as f64 / RATE_HZ);
    let config = EtherConfig {
        clock: Clock::Wall,
        block_samples: BLOCK as usize,
        most_behind_s: 2.0,
        ..UNIT.config()
    };
    (Ether::with_wall(config, Gated(UNIT.streamed(), gate), elapsed).unwrap(), pass, shown)
}

#[test]
fn a_server_answers_while_its_air_is_behind_and_says_how_far() {
    let (path, (ether, pass, shown)) = (Path::new(), gated());
    let _server = EtherServer::bind(&path, ether).unwrap();
    let mut radio = RemoteAttachment::connect(&path, place("a", &[0], &[])).unwrap();
    radio.activate(Direction::Transmit, None).unwrap();
    shown.store(BEHIND * BLOCK, Ordering::Relaxed);
    // A monitor and a radio ask while the air works: blocks pass one by one until they are answered.
    let asking = std::thread::spawn({
        let path = path.0.clone();
        move || (EtherMetrics::of_server(path).unwrap(), radio.now().unwrap(), radio)
    });
    while !asking.is_finished() {
        pass.send(()).unwrap();
        std::thread::yield_now();
    }
    let (metrics, now, mut radio) = asking.join().unwrap();
    // Neither waited for the air to have caught up.
    assert!(metrics.time < BEHIND * BLOCK, "{metrics:?}");
    let behind_s = (BEHIND * BLOCK - metrics.time) as f64 / RATE_HZ;
    assert!((metrics.behind_wall_s.unwrap() - behind_s).abs() < 1e-9, "{metrics:?}");
    assert_eq!((metrics.end, now), (None, BEHIND * BLOCK));
    // Further behind than it may be, it ends, and says so to who asks.
    shown.store(5 * BEHIND * BLOCK, Ordering::Relaxed);
    pass.send(()).unwrap();
    let ended = radio.now();
    assert!(
        matches!(&ended, Err(RadioError::Ended { reason, .. }) if reason.contains("behind")),
        "{ended:?}"
    );
    assert!(EtherMetrics::of_server(&path).unwrap().end.unwrap().contains("the 2 s allowed"));
}
