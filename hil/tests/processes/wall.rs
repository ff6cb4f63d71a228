//! An ether by the wall's clock over a socket, and the end of one.

use super::air::{UNIT, signal};
use super::peer::{Path, place, wait_until};
use airloop_baseband::Complex32;
use airloop_hil::ether::{Attachment, Event};
use airloop_hil::{Clock, Direction, EtherConfig, EtherServer, RadioError, RemoteAttachment};
use std::time::Duration;

#[test]
fn the_walls_time_goes_on_though_nobody_asks() {
    let path = Path::new();
    let ether = UNIT.ether(EtherConfig { clock: Clock::Wall, ..UNIT.config() });
    let server = EtherServer::bind(&path, ether.clone()).unwrap();
    let mut radio = RemoteAttachment::connect(&path, place("a", &[0], &[0])).unwrap();
    radio.activate(Direction::Transmit, None).unwrap();
    let start = radio.now().unwrap() + 500_000;
    radio.write(0, (Some(start), &signal(0, 1000), false), Duration::ZERO).unwrap();
    // Nothing follows within the burst, and nobody calls the ether but the server itself.
    wait_until(|| server.metrics().radios[0].underflows == 1, "no underflow");
    assert_eq!((radio.event(), radio.event()), (Some(Event::Underflow(start + 1000)), None));
    assert_eq!(radio.status().underflows, 1);
    let late = radio.write(0, (Some(start), &signal(0, 10), true), Duration::ZERO);
    assert!(matches!(late, Err(RadioError::Late { start: at, now, .. }) if at == start && now > start));
}

#[test]
fn a_server_that_is_dropped_ends_the_wait_of_its_radios() {
    let (path, ether) = (Path::new(), UNIT.ether(UNIT.config()));
    let server = EtherServer::bind(&path, ether.clone()).unwrap();
    let connect = |name, wanted: (&[usize], &[usize])| {
        RemoteAttachment::connect(&path, place(name, wanted.0, wanted.1)).unwrap()
    };
    let (mut a, mut b) = (connect("a", (&[0], &[])), connect("b", (&[], &[0])));
    a.activate(Direction::Transmit, Some(0)).unwrap();
    b.activate(Direction::Receive, Some(0)).unwrap();
    let thread = std::thread::spawn(move || {
        let read = b.read(0, &mut [Complex32::default()], Duration::MAX);
        assert!(matches!(read, Err(RadioError::Ended { .. })), "{read:?}");
        assert!(matches!(b.now(), Err(RadioError::Ended { .. })));
    });
    wait_until(|| ether.metrics().holder.as_deref() == Some("a"), "nobody holds time");
    drop(server);
    thread.join().unwrap();
    assert!(!path.0.exists());
    // The ether itself goes on without them.
    assert!(ether.metrics().radios.is_empty());
}
