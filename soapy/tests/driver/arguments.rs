//! Wrong arguments are one clear error each.

use super::ether::{Served, UNIT, device};
use super::module::{Folder, alone};
use airloop_hil::Place;
use soapysdr::{Device, Direction};
use std::os::unix::net::UnixListener;

fn says(arguments: &str, words: &[&str]) {
    let Err(error) = Device::new(arguments) else { panic!("{arguments} is no error") };
    assert!(words.iter().all(|word| error.message.contains(word)), "{arguments}: {error:?}");
}

#[test]
fn wrong_arguments_say_what_would_be_right() {
    if !alone("arguments::wrong_arguments_say_what_would_be_right") {
        return;
    }
    says("driver=airloop,raido=a", &["no argument raido", "did you mean radio?"]);
    says("driver=airloop,persona=b21", &["persona=b21", "ideal"]);
    says("driver=airloop,tx=two", &["tx=two", "0 to 64"]);
    says("driver=airloop,rx=3", &["rx=3", "2 channels at most"]);
    let first = device("driver=airloop,radio=a,rate=2e6");
    assert_eq!(first.sample_rate(Direction::Rx, 0).unwrap(), 2e6);
    says("driver=airloop,radio=b,rate=1e6", &["rate=1000000: the air of this process has rate=2000000"]);
    says("driver=airloop,radio=a,tx=2", &["a radio called a is there already"]);
    // The air is gone with its last radio.
    drop(first);
    device("driver=airloop,radio=b,rate=1e6");
}

#[test]
fn wrong_sockets_say_what_is_wrong() {
    if !alone("arguments::wrong_sockets_say_what_is_wrong") {
        return;
    }
    let folder = Folder::new();
    let at = |name: &str| format!("driver=airloop,ether={}", folder.0.join(name).display());
    says(&at("none"), &["there is no such socket"]);
    std::fs::write(folder.0.join("file"), "x").unwrap();
    says(&at("file"), &["the file is no socket"]);
    let listener = UnixListener::bind(folder.0.join("foreign")).unwrap();
    let thread = std::thread::spawn(move || {
        use std::io::{Read, Write};
        let mut visitor = listener.accept().unwrap().0;
        visitor.read_exact(&mut [0; 40]).unwrap();
        visitor.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n").unwrap();
        _ = visitor.read_to_end(&mut Vec::new());
    });
    says(&at("foreign"), &["does not speak as an ether does"]);
    thread.join().unwrap();
    let served = Served::lockstep(UNIT);
    says(&served.arguments("rate=1e6"), &["who serves an ether says its rate"]);
    says(&served.arguments("tx=2"), &["asks for 2 transmit ports", "1 are free"]);
    let _a = device(&served.arguments("radio=a,tx=0"));
    says(&served.arguments("radio=a,rx=0"), &["a radio called a is there already"]);
    says(&served.arguments("radio=b"), &["asks for 1 receive ports", "0 are free"]);
}

#[test]
fn names_of_the_ether_have_their_places() {
    if !alone("arguments::names_of_the_ether_have_their_places") {
        return;
    }
    let served = Served::lockstep(super::ether::Parts { ports: (2, 2), ..UNIT });
    let place = |name: &str, transmit, receive| Place { name: name.into(), transmit, receive };
    served.ether.reserve(vec![place("device 0", vec![0, 1], vec![]), place("server", vec![], vec![0, 1])]);
    let [a, server] = ["radio=device 0", "radio=server"].map(|name| device(&served.arguments(name)));
    let channels =
        |device: &Device| [Direction::Tx, Direction::Rx].map(|way| device.num_channels(way).unwrap());
    assert_eq!((channels(&a), channels(&server)), ([2, 0], [0, 2]));
    drop(a);
    says(
        &served.arguments("radio=devise 0"),
        &["no place in the ether is kept for radio devise 0", "device 0"],
    );
    assert_eq!(channels(&device(&served.arguments("radio=device 0,tx=1,rx=0"))), [1, 0]);
}

#[test]
fn radios_are_told_apart_by_their_arguments() {
    if !alone("arguments::radios_are_told_apart_by_their_arguments") {
        return;
    }
    // SoapySDR gives the same device for the same arguments.
    let served = Served::lockstep(super::ether::Parts { ports: (2, 2), ..UNIT });
    let [a, again, b] = ["radio=a", "radio=a", "radio=b"].map(|name| device(&served.arguments(name)));
    assert_eq!(served.server.metrics().radios.len(), 2);
    let name = |device: &Device| device.hardware_info().unwrap().get("radio").unwrap().to_string();
    assert_eq!((name(&a), name(&again), name(&b)), ("a".into(), "a".into(), "b".into()));
    drop((a, b));
    assert_eq!(served.server.metrics().radios.len(), 1);
    drop(again);
    assert_eq!(served.server.metrics().radios.len(), 0);
}

#[test]
fn settings_are_what_the_radio_can_do() {
    if !alone("arguments::settings_are_what_the_radio_can_do") {
        return;
    }
    let a = device("driver=airloop,radio=a");
    let (rx, tx) = (Direction::Rx, Direction::Tx);
    a.set_sample_rate(rx, 0, 1e6).unwrap();
    let error = a.set_sample_rate(rx, 0, 1e9).unwrap_err();
    assert!(error.message.contains("sample_rate_hz = 1000000000 is out of range"), "{error:?}");
    a.set_frequency(tx, 0, 2.4e9, ()).unwrap();
    assert_eq!((a.frequency(tx, 0).unwrap(), a.frequency(rx, 0).unwrap()), (2.4e9, 1e9));
    a.set_component_frequency(tx, 0, "BB", 0.0, ()).unwrap();
    assert!(a.set_component_frequency(tx, 0, "BB", 1.0, ()).is_err());
    assert!(a.set_gain(rx, 1, 0.0).unwrap_err().message.contains("no channel 1"));
    assert_eq!(
        (a.antennas(rx, 0).unwrap(), a.antennas(tx, 0).unwrap()),
        (vec!["RX".into()], vec!["TX".into()])
    );
    assert!(a.set_antenna(rx, 0, "TX").unwrap_err().message.contains("no antenna \"TX\"; it has RX"));
    a.set_clock_source("external").unwrap();
    assert_eq!(a.get_clock_source().unwrap(), "external");
    assert!(a.set_time_source("gps").unwrap_err().message.contains("internal, external"));
    assert!(a.full_duplex(rx, 0).unwrap());
    assert_eq!(a.read_sensor("ref_locked").unwrap(), "true");
    assert!(a.read_sensor("mood").unwrap_err().message.contains("no sensor \"mood\""));
    let (native, scale) = a.native_stream_format(rx, 0).unwrap();
    assert_eq!((native, scale), (soapysdr::Format::CF32, 1.0));
}
