//! Radios over a socket hear what those within a process hear, and what the air computes.

use super::air::{Parts, UNIT, attach, signal};
use super::peer::{Path, place};
use super::rounds::{AIR, radio_air, rounds};
use airloop_baseband::Complex32;
use airloop_hil::ether::Attachment;
use airloop_hil::{Direction, EtherConfig, EtherServer, RemoteAttachment, VirtualRadio};
use std::time::Duration;

#[test]
fn radios_over_a_socket_hear_what_the_air_computes() {
    let run = |air: Parts| {
        let (path, ether) = (Path::new(), air.ether(air.config()));
        let server = EtherServer::bind(&path, ether).unwrap();
        let heard = rounds(radio_air(|name, transmit, receive| {
            let attachment = RemoteAttachment::connect(&path, place(name, transmit, receive)).unwrap();
            Box::new(VirtualRadio::new(attachment))
        }));
        assert_eq!(server.metrics().radios, []);
        assert_eq!(server.dropped(), Default::default());
        heard
    };
    let ether = AIR.ether(AIR.config());
    let local = rounds(radio_air(|name, transmit, receive| {
        Box::new(VirtualRadio::new(attach(&ether, name, (transmit, receive))))
    }));
    let remote = run(AIR);
    assert!(remote == local && remote == rounds(AIR.emulated()));
    // Control: other noise and taps are not the same.
    assert!(run(Parts { seed: 5, ..AIR }) != remote);
}

#[test]
fn long_pieces_and_two_threads_of_one_radio() {
    // More than a frame at once, and more than waits; its own radio hears it.
    const COUNT: usize = 600_001;
    let (path, config) = (Path::new(), UNIT.config());
    let ether = UNIT.ether(EtherConfig { ahead_samples: 50_000, unheard_samples: 40_000, ..config });
    let _server = EtherServer::bind(&path, ether).unwrap();
    let mut radio = RemoteAttachment::connect(&path, place("both", &[0], &[0])).unwrap();
    radio.activate(Direction::Transmit, Some(0)).unwrap();
    let samples = signal(3, COUNT);
    let (mut writer, sent) = (radio.clone(), samples.clone());
    let patience = Duration::from_secs(20);
    assert_eq!(writer.write(0, (Some(0), &sent[..1], false), patience).unwrap(), 1);
    radio.activate(Direction::Receive, Some(0)).unwrap();
    let thread = std::thread::spawn(move || {
        // It waits for room: what is read at the same time makes it.
        assert_eq!(writer.write(0, (None, &sent[1..], true), patience).unwrap(), COUNT - 1);
        writer.silent_until(2 * COUNT as u64).unwrap();
    });
    let (mut heard, mut out) = (Vec::new(), vec![Complex32::default(); 200_000]);
    while heard.len() < COUNT {
        let read = radio.read(0, &mut out, patience).unwrap();
        assert_eq!((read.start, read.lost, read.count > 0), (heard.len() as u64, 0, true));
        heard.extend_from_slice(&out[..read.count]);
    }
    heard.truncate(COUNT);
    thread.join().unwrap();
    assert!(heard == samples && radio.status().is_clean());
}
