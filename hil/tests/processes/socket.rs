//! Paths at which an ether is or is not served, and places that are taken.

use super::air::{Parts, UNIT, attach};
use super::peer::{Path, place, says};
use airloop_baseband::Window;
use airloop_hil::ether::{Attachment, EtherMetrics};
use airloop_hil::{Direction, EtherServer, Radio, RemoteAttachment, VirtualRadio, Wanted};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::time::Duration;

#[test]
fn paths_that_are_not_there_not_ours_or_in_use() {
    let path = Path::new();
    let serve = || EtherServer::bind(&path, UNIT.ether(UNIT.config()));
    let connect = || RemoteAttachment::connect(&path, place("a", &[0], &[]));
    says(connect(), &["there is no such socket"]);
    says(EtherMetrics::of_server(&path), &["there is no such socket"]);
    says(EtherServer::bind(path.0.join("x"), UNIT.ether(UNIT.config())), &["cannot be written to"]);
    // A file that is none of ours stays as it is.
    std::fs::write(&path, "precious").unwrap();
    says(serve(), &["no socket", "left alone"]);
    says(connect(), &["the file is no socket"]);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "precious");
    std::fs::remove_file(&path).unwrap();
    // A socket that nobody serves any more is replaced.
    drop(UnixListener::bind(&path).unwrap());
    says(connect(), &["nobody serves it any more"]);
    let server = serve().unwrap();
    assert_eq!(path.0.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    says(serve(), &["it is served already"]);
    connect().unwrap();
    drop(server);
    assert!(!path.0.exists(), "the file goes with its server");
    assert_eq!(std::fs::read_dir(path.0.parent().unwrap()).unwrap().count(), 0, "nothing is left beside it");
    // Another server's socket is not removed.
    let server = serve().unwrap();
    std::fs::remove_file(&path).unwrap();
    let other = UnixListener::bind(&path).unwrap();
    drop(server);
    assert!(path.0.exists());
    // What answers there is not an ether.
    let thread = std::thread::spawn(move || {
        use std::io::Write;
        other.accept().unwrap().0.write_all(&[b'x'; 40]).unwrap();
    });
    says(connect(), &["does not speak as an ether does"]);
    thread.join().unwrap();
}

#[test]
fn places_that_are_taken_and_places_that_are_free() {
    let air = Parts { transmit: 3, receive: 2, ..UNIT };
    let (path, ether) = (Path::new(), air.ether(air.config()));
    let _server = EtherServer::bind(&path, ether.clone()).unwrap();
    let connect = |wanted: Wanted| RemoteAttachment::connect(&path, wanted);
    let local = attach(&ether, "local", (&[1], &[]));
    says(connect(place("local", &[0], &[])), &["a radio called local is there already"]);
    says(connect(place("b", &[1], &[])), &["radio b: transmit port 1 of the air belongs to another radio"]);
    says(connect(place("b", &[], &[2])), &["radio b: receive port 2 of the air does not exist"]);
    says(connect(place("", &[], &[0])), &["bytes of its name"]);
    let anywhere = |transmit, receive| Wanted::Anywhere { name: "c".into(), transmit, receive };
    says(connect(anywhere(3, 0)), &["radio c asks for 3 transmit ports", "2 are free"]);
    says(connect(anywhere(usize::MAX, 0)), &["2 are free"]);
    let found = connect(anywhere(2, 1)).unwrap();
    assert_eq!(found.info().place, air_place("c", &[0, 2], &[0]));
    assert_eq!((found.info().sample_rate_hz, found.info().lead_samples), (1e6, air.config().lead_samples));
    // Whoever leaves in order has left when it knows.
    drop(found);
    drop(local);
    let found = connect(anywhere(3, 2)).unwrap();
    assert_eq!(found.info().place.transmit, [0, 1, 2]);
}

fn air_place(name: &str, transmit: &[usize], receive: &[usize]) -> airloop_hil::Place {
    airloop_hil::Place { name: name.into(), transmit: transmit.into(), receive: receive.into() }
}

#[test]
fn errors_of_the_ether_come_back_as_they_are() {
    let (path, ether) = (Path::new(), UNIT.ether(UNIT.config()));
    let _server = EtherServer::bind(&path, ether).unwrap();
    let mut a = RemoteAttachment::connect(&path, place("a", &[0], &[])).unwrap();
    let mut b = RemoteAttachment::connect(&path, place("b", &[], &[0])).unwrap();
    let (none, samples) = (Duration::ZERO, super::air::signal(0, 10));
    says(a.write(0, (None, &samples, true), none), &["radio a: its transmit stream is not active"]);
    says(a.write(7, (None, &samples, true), none), &["radio a has 1 transmit channels", "no channel 7"]);
    says(a.read(0, &mut [], none), &["no channel 0"]);
    says(b.read(0, &mut [], none), &["radio b: its receive stream is not active"]);
    assert_eq!(a.activate(Direction::Transmit, Some(5)).unwrap(), 5);
    says(a.activate(Direction::Transmit, None), &["radio a: its transmit stream is active already"]);
    assert_eq!(a.write(0, (Some(5), &samples, true), none).unwrap(), 10);
    says(a.write(0, (Some(9), &samples, true), none), &["sample 9", "sample 15"]);
    a.silent_until(5000).unwrap();
    assert_eq!(a.now().unwrap(), 4096);
    says(a.write(0, (Some(5), &samples, true), none), &["a burst for sample 5 came when sample 4096"]);
    assert_eq!(a.status().late_bursts, 1);
    assert_eq!(a.event(), Some(airloop_hil::ether::Event::Late(5, 10)));
    assert_eq!((a.event(), a.waits_for()), (None, None));
    assert_eq!(b.activate(Direction::Receive, None).unwrap(), 4096);
    assert_eq!(b.waits_for(), Some("a".into()));
    let metrics = EtherMetrics::of_server(&path).unwrap();
    let [ra, rb] = &metrics.radios[..] else { panic!("two radios: {metrics:?}") };
    assert_eq!((metrics.time, metrics.holder.as_deref(), metrics.sample_rate_hz), (4096, Some("a"), 1e6));
    assert_eq!((&*ra.name, &ra.settled[..], ra.late_bursts), ("a", &[Some(5000)][..], 1));
    assert_eq!((&*rb.name, &rb.heard[..], rb.left), ("b", &[Some(4096)][..], false));
    let mut b = VirtualRadio::new(b).with_timeout(Duration::from_millis(20));
    let window = Window { start: 4096, length_samples: 1000 };
    says(b.receive(0, window), &["radio b waited 0.02 s at sample 5000", "until radio a moves"]);
}
