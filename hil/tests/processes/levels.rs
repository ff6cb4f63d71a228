//! Levels that a server tells of: those of known samples.

use super::air::{RATE_HZ, UNIT};
use super::peer::{Path, place};
use airloop_baseband::Complex32;
use airloop_hil::ether::{Attachment, EtherMetrics, Level};
use airloop_hil::{Clock, Direction, Ether, EtherServer, RemoteAttachment};
use std::time::Duration;

/// Samples of 32.8 ms, in whole blocks of the ether.
const COUNT: u64 = 32 * 1024;

#[test]
fn levels_and_unheard_samples_are_those_of_what_was_sent() {
    let (path, wall) = (Path::new(), || Duration::from_millis(2500));
    let config = UNIT.config();
    let ether = Ether::with_wall(config, UNIT.streamed(), wall).unwrap();
    let _server = EtherServer::bind(&path, ether).unwrap();
    let connect = |name, transmit: &[usize], receive: &[usize]| {
        RemoteAttachment::connect(&path, place(name, transmit, receive)).unwrap()
    };
    let look = || EtherMetrics::of_server(&path).unwrap();
    let (mut a, mut b) = (connect("a", &[0], &[]), connect("b", &[], &[0]));
    let metrics = look();
    assert_eq!((metrics.wall_s, metrics.clock, metrics.sample_rate_hz), (2.5, Clock::Lockstep, RATE_HZ));
    assert_eq!((&metrics.radios[0].sent, &metrics.radios[1].received), (&vec![None], &vec![None]));
    assert_eq!(metrics.radios[1].behind, [None]);
    a.activate(Direction::Transmit, Some(0)).unwrap();
    b.activate(Direction::Receive, Some(0)).unwrap();
    // Power 0.25 + 1, every second sample at full scale.
    let pair = [Complex32::new(0.5, -1.0), Complex32::new(1.0 - f32::EPSILON, 0.5)];
    let samples: Vec<Complex32> = pair.into_iter().cycle().take(COUNT as usize).collect();
    a.write(0, (Some(0), &samples, true), Duration::from_secs(20)).unwrap();
    let metrics = look();
    let [ra, rb] = &metrics.radios[..] else { panic!("two radios: {metrics:?}") };
    assert_eq!(metrics.time, COUNT);
    let sent = ra.sent[0].unwrap();
    assert!((sent.mean_power - 1.25).abs() < 1e-5, "{sent:?}");
    assert!((sent.mean_db().unwrap() - 0.969_100_13).abs() < 1e-4, "{sent:?}");
    assert_eq!((sent.peak, sent.full_scale_share), (1.0, 0.5));
    assert_eq!(rb.received[0], Some(sent), "a unit channel without noise");
    let heard = COUNT - config.lead_samples as u64;
    assert_eq!(rb.behind, [Some(heard)]);
    let count = b.read(0, &mut [Complex32::default(); 1000], Duration::from_secs(20)).unwrap().count;
    assert_eq!(look().radios[1].behind, [Some(heard - count as u64)]);
    // Silence is a level too.
    a.silent_until(2 * COUNT).unwrap();
    let metrics = look();
    assert_eq!((metrics.time, metrics.radios[0].sent[0]), (2 * COUNT, Some(Level::default())));
    assert_eq!(metrics.radios[0].sent[0].unwrap().mean_db(), None);
}
