//! Several channels of a radio, and streams of some of them.

use super::ether::{LONG_US, Parts, Served, UNIT, device, signal};
use super::module::alone;
use airloop_baseband::Complex32;
use soapysdr::{Direction, ErrorCode};

const AIR: Parts = Parts { ports: (2, 2), radios: 2, ..UNIT };

fn sum(a: &[Complex32], b: &[Complex32]) -> Vec<Complex32> {
    a.iter().zip(b).map(|(a, b)| a + b).collect()
}

#[test]
fn channels_are_written_and_read_side_by_side() {
    if !alone("channels::channels_are_written_and_read_side_by_side") {
        return;
    }
    let served = Served::lockstep(AIR);
    let (a, b) =
        (device(&served.arguments("radio=a,tx=2,rx=0")), device(&served.arguments("radio=b,tx=0,rx=2")));
    assert_eq!(a.num_channels(Direction::Tx).unwrap(), 2);
    assert_eq!(b.channel_info(Direction::Rx, 1).unwrap().get("port"), Some("1"));
    let (mut tx, mut rx) =
        (a.tx_stream::<Complex32>(&[1, 0]).unwrap(), b.rx_stream::<Complex32>(&[0, 1]).unwrap());
    rx.activate(None).unwrap();
    tx.activate(None).unwrap();
    let (one, other) = (signal(1, 300_000), signal(2, 300_000));
    let (first, second) = (one.clone(), other.clone());
    let thread = std::thread::spawn(move || tx.write_all(&[&first, &second], None, true, LONG_US).unwrap());
    let mut heard = [Vec::new(), Vec::new()];
    let mut out = [vec![Complex32::default(); 1500], vec![Complex32::default(); 1500]];
    while heard[0].len() < 304_096 {
        let [a, b] = &mut out;
        let count = rx.read(&mut [a, b], LONG_US).unwrap();
        assert_eq!(rx.time_ns(), 1000 * heard[0].len() as i64);
        heard.iter_mut().zip(&out).for_each(|(heard, out)| heard.extend_from_slice(&out[..count]));
    }
    thread.join().unwrap();
    // Without a time they begin together a little ahead.
    let sums = sum(&one, &other);
    assert!(heard.iter().all(|heard| heard[4096..304_096] == sums));
}

#[test]
fn channels_that_a_stream_leaves_out_hold_nothing_back() {
    if !alone("channels::channels_that_a_stream_leaves_out_hold_nothing_back") {
        return;
    }
    let served = Served::lockstep(AIR);
    let (a, b) =
        (device(&served.arguments("radio=a,tx=2,rx=0")), device(&served.arguments("radio=b,tx=0,rx=2")));
    let (mut tx, mut rx) = (a.tx_stream::<Complex32>(&[1]).unwrap(), b.rx_stream::<Complex32>(&[1]).unwrap());
    rx.activate(None).unwrap();
    tx.activate(None).unwrap();
    // More than an unread channel keeps.
    let said = signal(3, 600_000);
    tx.write(&[&said], Some(0), true, LONG_US).unwrap();
    let (_, heard) = super::ether::hear(&mut rx, 600_000, 5000);
    assert!(heard == said);
}

#[test]
fn streams_that_cannot_be_are_refused() {
    if !alone("channels::streams_that_cannot_be_are_refused") {
        return;
    }
    let a = device("driver=airloop,radio=a,tx=2,rx=1");
    let says = |result: Result<soapysdr::RxStream<Complex32>, soapysdr::Error>, words: &str| {
        let Err(error) = result else { panic!("{words} is no error") };
        assert!(error.message.contains(words), "{error:?}");
    };
    says(a.rx_stream(&[1]), "radio a has 1 receive channels, numbered from 0: there is no channel 1");
    says(a.rx_stream_args(&[0], "mtu=0"), "mtu=0: samples of a packet, from 1 to 65536, are expected");
    says(a.rx_stream_args(&[0], "tmu=5"), "no argument tmu");
    let Err(error) = a.tx_stream::<Complex32>(&[1, 1]) else { panic!("a channel is no two") };
    assert!(error.message.contains("second channel"), "{error:?}");
    let Err(error) = a.rx_stream::<num_complex::Complex<f64>>(&[0]) else { panic!("there is no CF64") };
    assert!(error.message.contains("no stream format \"CF64\"; it has CF32, CS16"), "{error:?}");
    let mut rx = a.rx_stream_args::<Complex32, _>(&[0], "mtu=100").unwrap();
    assert_eq!(rx.mtu().unwrap(), 100);
    says(a.rx_stream(&[0]), "has a receive stream already");
    rx.activate(None).unwrap();
    let mut out = [Complex32::default(); 1000];
    assert_eq!(rx.read(&mut [&mut out], LONG_US).unwrap(), 100);
    drop(rx);
    // What is closed can be set up again; samples before it is active are refused, not swallowed.
    a.rx_stream::<Complex32>(&[0]).unwrap();
    let mut tx = a.tx_stream::<Complex32>(&[0]).unwrap();
    let error = tx.write(&[&out], None, false, 1000).unwrap_err();
    assert_eq!(error.code, ErrorCode::StreamError);
}
