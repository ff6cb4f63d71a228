//! Processes that are killed in mid-run.

use super::air::{Parts, UNIT, attach, signal};
use super::peer::{Path, Player, place, says, wait_until};
use airloop_baseband::Complex32;
use airloop_hil::ether::Attachment;
use airloop_hil::{Direction, EtherConfig, EtherServer, RadioError, RemoteAttachment};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(20);
const SHORT: Duration = Duration::from_millis(50);
const AIR: Parts = Parts { transmit: 2, ..UNIT };

fn hear(ear: &mut RemoteAttachment, until: usize, heard: &mut Vec<Complex32>) {
    let mut out = vec![Complex32::default(); 4096];
    while heard.len() < until {
        let count = out.len().min(until - heard.len());
        let read = ear.read(0, &mut out[..count], PATIENCE).unwrap();
        assert_eq!((read.start, read.count > 0), (heard.len() as u64, true));
        heard.extend_from_slice(&out[..read.count]);
    }
}

#[test]
fn a_radio_that_is_killed_lets_the_others_go_on() {
    let path = Path::new();
    let server = EtherServer::bind(&path, AIR.ether(EtherConfig { radios: 3, ..AIR.config() })).unwrap();
    let mut other = RemoteAttachment::connect(&path, place("other", &[1], &[])).unwrap();
    let mut ear = RemoteAttachment::connect(&path, place("ear", &[], &[0])).unwrap();
    other.activate(Direction::Transmit, Some(0)).unwrap();
    ear.activate(Direction::Receive, Some(0)).unwrap();
    let mut player = Player::start("holds", &path, &[0]);
    player.ready();
    let said = signal(99, 50_000);
    other.write(0, (Some(20_000), &said, true), PATIENCE).unwrap();
    let mut heard = Vec::new();
    hear(&mut ear, 10_000, &mut heard);
    assert_eq!(ear.read(0, &mut [Complex32::default()], SHORT).unwrap().count, 0);
    assert_eq!(ear.waits_for().as_deref(), Some("speaker 0"));
    player.kill();
    hear(&mut ear, 70_000, &mut heard);
    assert!(heard[..10_000] == signal(0, 10_000) && heard[20_000..] == said);
    // Its name and its port can be had again.
    let again = || RemoteAttachment::connect(&path, place("speaker 0", &[0], &[]));
    wait_until(|| again().is_ok(), "the name stays taken");
    assert_eq!(server.metrics().radios.len(), 2);
}

#[test]
fn a_radio_that_is_killed_while_it_waits_frees_its_place() {
    let path = Path::new();
    let small = EtherConfig { ahead_samples: 2000, unheard_samples: 2000, radios: 2, ..AIR.config() };
    let ether = AIR.ether(small);
    let server = EtherServer::bind(&path, ether.clone()).unwrap();
    // The listener reads nothing, so that the other one's write waits.
    let mut ear = attach(&ether, "ear", (&[], &[0]));
    ear.activate(Direction::Receive, Some(0)).unwrap();
    let mut player = Player::start("floods", &path, &[0]);
    player.ready();
    wait_until(|| ether.metrics().holder.as_deref() == Some("ear"), "nobody waits for the listener");
    player.kill();
    wait_until(|| server.connections() == 0, "its connections stay");
    drop(ear);
    wait_until(|| ether.metrics().radios.is_empty(), "its place stays taken");
}

#[test]
fn an_ether_that_is_killed_ends_the_wait_of_its_radios() {
    let path = Path::new();
    let mut server = Player::start("serve", &path, &[]);
    server.ready();
    let mut ear = RemoteAttachment::connect(&path, place("ear", &[], &[0])).unwrap();
    let mut holder = RemoteAttachment::connect(&path, place("holder", &[0], &[])).unwrap();
    holder.activate(Direction::Transmit, Some(0)).unwrap();
    ear.activate(Direction::Receive, Some(0)).unwrap();
    let thread = std::thread::spawn(move || {
        let read = ear.read(0, &mut [Complex32::default()], Duration::from_secs(3600));
        assert!(matches!(read, Err(RadioError::Ended { .. })), "{read:?}");
        says(ear.now(), &["radio ear: the ether has ended: its server has closed the connection"]);
        assert!(ear.status().is_clean() && ear.event().is_none() && ear.waits_for().is_none());
    });
    std::thread::sleep(SHORT);
    server.kill();
    thread.join().unwrap();
    says(holder.write(0, (None, &signal(0, 100_000), true), PATIENCE), &["ether has ended"]);
    says(RemoteAttachment::connect(&path, place("x", &[], &[])), &["nobody serves it any more"]);
    let _next = EtherServer::bind(&path, AIR.ether(AIR.config())).unwrap();
    RemoteAttachment::connect(&path, place("ear", &[], &[0])).unwrap();
}
