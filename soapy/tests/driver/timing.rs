//! Samples leave and arrive at the times that they are asked for.

use super::ether::{LONG_US, device, hear, listener, sender, signal};
use super::module::alone;
use super::raw::{END_BURST, HAS_TIME, ONE_PACKET, Raw};
use airloop_baseband::Complex32;

const TX: u32 = 0;
const RX: u32 = 1;

#[test]
fn a_burst_for_a_time_arrives_at_that_sample() {
    if !alone("timing::a_burst_for_a_time_arrives_at_that_sample") {
        return;
    }
    let (a, b) = (device("driver=airloop,radios=2,radio=a"), device("driver=airloop,radio=b"));
    // Each device has a time of its own.
    a.set_hardware_time(None, 77_000_000_000_123).unwrap();
    b.set_hardware_time(None, -5_000_000_000).unwrap();
    let (mut tx, mut rx) = (sender(&a), listener(&b));
    rx.activate(None).unwrap();
    tx.activate(None).unwrap();
    let said = signal(1, 900);
    let starts = [0u64, 1_000, 54_321, 100_000];
    for start in starts {
        let at = 77_000_000_000_123 + 1000 * start as i64;
        // A time that is off by less than half a sample is the nearest sample's.
        for (samples, at, ends) in [(&said[..500], at + 499, false), (&said[500..], at + 499_500, true)] {
            assert_eq!(tx.write(&[samples], Some(at), ends, LONG_US).unwrap(), samples.len());
        }
    }
    let (began, heard) = hear(&mut rx, 100_900, 3000);
    assert_eq!(began, -5_000_000_000);
    for start in starts {
        assert!(heard[start as usize..][..900] == said, "{start}");
    }
    let loud = heard.iter().filter(|x| x.norm_sqr() > 0.0).count();
    assert_eq!(loud, starts.len() * 900);
}

#[test]
fn times_that_programs_add_up_leave_no_gap() {
    if !alone("timing::times_that_programs_add_up_leave_no_gap") {
        return;
    }
    // 30.72 MHz: a sample is no whole number of nanoseconds.
    let air = "driver=airloop,radios=2,rate=30.72e6";
    let (a, b) = (device(&format!("{air},radio=a")), device(&format!("{air},radio=b")));
    let (mut tx, mut rx) = (sender(&a), listener(&b));
    rx.activate(None).unwrap();
    tx.activate(None).unwrap();
    let (piece, pieces) = (1777, 300);
    let said = signal(2, piece * pieces);
    for (number, samples) in said.chunks(piece).enumerate() {
        let exact = (number * piece) as f64 * 1e9 / 30.72e6;
        // Cut, rounded up, and a whole sample off either way.
        let at = match number % 4 {
            0 => exact.floor(),
            1 => exact.ceil(),
            2 => exact + 32.0,
            _ => exact - 32.0,
        } as i64;
        let ends = number + 1 == pieces;
        assert_eq!(tx.write(&[samples], Some(at), ends, LONG_US).unwrap(), piece, "{number}");
    }
    // Control: two samples off are no rounding.
    let end = (said.len() as f64 * 1e9 / 30.72e6) as i64;
    assert_eq!(tx.write(&[&said[..10]], Some(end - 66), true, LONG_US).unwrap_err().code as i32, -6);
    let (mut heard, mut out) = (Vec::new(), vec![Complex32::default(); 4096]);
    while heard.len() < said.len() {
        let count = rx.read(&mut [&mut out], LONG_US).unwrap();
        heard.extend_from_slice(&out[..count]);
    }
    assert!(heard == said);
}

#[test]
fn reads_begin_and_end_where_they_are_asked_to() {
    if !alone("timing::reads_begin_and_end_where_they_are_asked_to") {
        return;
    }
    let tx = Raw::new("driver=airloop,radios=2,radio=a", TX, &[0]);
    let rx = Raw::new("driver=airloop,radio=b", RX, &[0]);
    let said = signal(3, 20_000);
    assert_eq!(tx.activate(0, 0, 0), 0);
    assert_eq!(rx.activate(HAS_TIME | END_BURST, 5_000_000, 7000), 0);
    assert_eq!(tx.write(&[&said], (HAS_TIME | END_BURST, 0), LONG_US), 20_000);
    let mut out = vec![Complex32::default(); 20_000];
    let mut heard = Vec::new();
    // No read gives more than a packet.
    for (count, flags) in [(4096, HAS_TIME), (2904, HAS_TIME | END_BURST)] {
        let said = rx.read(&mut [&mut out], LONG_US);
        assert_eq!(
            (said.code, said.flags, said.time_ns),
            (count, flags, 5_000_000 + 1000 * heard.len() as i64)
        );
        heard.extend_from_slice(&out[..count as usize]);
    }
    assert!(heard == said[5000..12_000]);
    assert_eq!(rx.read(&mut [&mut out], 1000).code, -1);
    // A time that is past, one before the beginning, and one that was never asked for.
    assert_eq!(rx.activate(HAS_TIME, 0, 0), -6);
    assert_eq!(rx.activate(HAS_TIME, -1_000_000, 0), -6);
    assert_eq!(tx.activate(0, 0, 10), -5);
    assert_eq!(tx.deactivate(HAS_TIME), -5);
}

#[test]
fn one_packet_is_one_packet() {
    if !alone("timing::one_packet_is_one_packet") {
        return;
    }
    let tx = Raw::new("driver=airloop,radios=2,radio=a", TX, &[0]);
    let rx = Raw::new("driver=airloop,radio=b", RX, &[0]);
    assert_eq!((rx.activate(0, 0, 0), tx.activate(0, 0, 0)), (0, 0));
    let said = signal(4, 5000);
    assert_eq!(tx.write(&[&said], (ONE_PACKET | END_BURST, 0), LONG_US), 4096);
    // What was cut off is of the same burst.
    assert_eq!(tx.write(&[&said[4096..]], (ONE_PACKET | END_BURST, 0), LONG_US), 904);
    let (mut out, mut heard) = (vec![Complex32::default(); 5000], Vec::new());
    while heard.len() < 5000 {
        let count = rx.read(&mut [&mut out], LONG_US).code as usize;
        heard.extend_from_slice(&out[..count]);
    }
    assert!(heard == said);
    // An end without samples, of a burst without samples.
    assert_eq!(tx.write(&[&[]], (END_BURST, 0), LONG_US), 0);
    assert_eq!(tx.write(&[&[]], (0, 0), LONG_US), 0);
}

#[test]
fn the_time_can_be_set_now_and_at_a_pulse() {
    if !alone("timing::the_time_can_be_set_now_and_at_a_pulse") {
        return;
    }
    let (a, b) = (device("driver=airloop,radios=2,radio=a,rate=1e4"), device("driver=airloop,radio=b"));
    assert!(a.has_hardware_time(None).unwrap() && a.has_hardware_time(Some("PPS")).unwrap());
    assert!(!a.has_hardware_time(Some("noon")).unwrap());
    a.set_hardware_time(None, 123_456_789).unwrap();
    assert_eq!(a.get_hardware_time(None).unwrap(), 123_456_789);
    let (mut tx, mut rx) = (sender(&a), listener(&b));
    rx.activate(None).unwrap();
    tx.activate(None).unwrap();
    let said = signal(5, 25_001);
    tx.write(&[&said], None, true, LONG_US).unwrap();
    let mut out = vec![Complex32::default(); 25_001];
    let mut heard = 0;
    while heard < said.len() {
        heard += rx.read(&mut [&mut out[heard..]], LONG_US).unwrap();
    }
    // 2.5001 s have gone by; at the next pulse, of second 3, both show the same.
    for device in [&a, &b] {
        device.set_hardware_time(Some("PPS"), 1_000_000_000).unwrap();
        assert_eq!(device.get_hardware_time(None).unwrap(), 500_100_000);
        assert_eq!(device.get_hardware_time(Some("PPS")).unwrap(), 0);
    }
}
