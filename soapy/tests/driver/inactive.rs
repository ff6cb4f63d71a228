//! Streams that are not active, or not any more.

use super::ether::{LONG_US, device, listener, sender, signal};
use super::module::alone;
use super::raw::Raw;
use airloop_baseband::Complex32;
use std::sync::Arc;
use std::time::{Duration, Instant};

const TX: u32 = 0;
const RX: u32 = 1;

#[test]
fn a_read_before_it_is_active_waits_and_is_no_error() {
    if !alone("inactive::a_read_before_it_is_active_waits_and_is_no_error") {
        return;
    }
    let rx = Arc::new(Raw::new("driver=airloop,radios=2,radio=b", RX, &[0]));
    let tx = Raw::new("driver=airloop,radios=2,radio=a", TX, &[0]);
    let mut out = vec![Complex32::default(); 100];
    let began = Instant::now();
    assert_eq!(rx.read(&mut [&mut out], 30_000).code, -1);
    assert!(began.elapsed() >= Duration::from_millis(30), "it did not wait");
    // Who waits is let in, and who was let in is let out.
    let (reader, (tell, told)) = (Arc::clone(&rx), std::sync::mpsc::channel());
    let thread = std::thread::spawn(move || {
        let mut out = vec![Complex32::default(); 100];
        tell.send((reader.read(&mut [&mut out], LONG_US).code, out.clone())).unwrap();
        reader.read(&mut [&mut out], 2_000_000).code
    });
    let said = signal(1, 100);
    assert_eq!(tx.activate(0, 0, 0), 0);
    assert_eq!(rx.activate(0, 0, 0), 0);
    assert_eq!(tx.write(&[&said], (super::raw::END_BURST, 0), LONG_US), 100);
    let (code, out) = told.recv().unwrap();
    assert!(code == 100 && out == said);
    // The burst has ended and its radio holds time: the second read waits until its stream is stopped.
    assert_eq!(rx.deactivate(0), 0);
    assert_eq!(thread.join().unwrap(), -1);
    assert_eq!(rx.read(&mut [&mut [Complex32::default()]], 1000).code, -1);
}

#[test]
fn streams_can_be_stopped_and_started_again() {
    if !alone("inactive::streams_can_be_stopped_and_started_again") {
        return;
    }
    let (a, b) = (device("driver=airloop,radios=2,radio=a"), device("driver=airloop,radio=b"));
    let (mut tx, mut rx) = (sender(&a), listener(&b));
    let said = signal(2, 2048);
    tx.activate(None).unwrap();
    for round in 0..3i64 {
        rx.activate(None).unwrap();
        tx.write(&[&said], Some(round * 3_000_000), true, LONG_US).unwrap();
        let (began, heard) = super::ether::hear(&mut rx, if round == 0 { 2048 } else { 3000 }, 700);
        assert_eq!(began, if round == 0 { 0 } else { round * 3_000_000 - 952_000 });
        assert!(heard.ends_with(&said), "{round}");
        rx.deactivate(None).unwrap();
    }
}
