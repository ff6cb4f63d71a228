//! What goes wrong by the wall's clock is told once, with its time.

use super::ether::{LONG_US, Parts, Served, UNIT, signal};
use super::module::alone;
use super::raw::{END_ABRUPT, END_BURST, HAS_TIME, Raw, Said};
use airloop_baseband::Complex32;

const TX: u32 = 0;
const RX: u32 = 1;
const TIMEOUT: Said = Said { code: -1, flags: 0, time_ns: 0 };

#[test]
fn an_underflow_is_told_once_and_a_late_first_write_is_none() {
    if !alone("status::an_underflow_is_told_once_and_a_late_first_write_is_none") {
        return;
    }
    let served = Served::wall(UNIT, 1 << 20);
    let tx = Raw::new(&served.arguments("radio=a,rx=0"), TX, &[0]);
    let rx = Raw::new(&served.arguments("radio=b,tx=0"), RX, &[0]);
    assert_eq!((rx.activate(0, 0, 0), tx.activate(0, 0, 0)), (0, 0));
    // Long after it was activated the first samples come: nobody waited for them.
    served.turn_to(50_000);
    let said = signal(1, 3000);
    assert_eq!(tx.write(&[&said[..1000]], (0, 0), LONG_US), 1000);
    assert_eq!(tx.status(0).0, TIMEOUT);
    // The burst stalls, and goes on where time is then.
    served.turn_to(350_000);
    assert_eq!(tx.write(&[&said[1000..2000]], (0, 0), LONG_US), 1000);
    let underflow = Said { code: -7, flags: HAS_TIME, time_ns: 51_000_000 };
    assert_eq!(tx.status(LONG_US), (underflow, 1));
    // A burst that was ended has no underflow.
    assert_eq!(tx.write(&[&said[2000..]], (END_BURST, 0), LONG_US), 1000);
    served.turn_to(600_000);
    assert_eq!(tx.status(1000).0, TIMEOUT);
    // Both begin where the clock is, and less than a block is not heard yet.
    let heard = hear(&rx, 599_040);
    assert!(heard[50_000..51_000] == said[..1000] && heard[350_000..352_000] == said[1000..]);
    assert_eq!(heard.iter().filter(|x| x.norm_sqr() > 0.0).count(), 3000);
}

/// Reads so many samples from the beginning on.
fn hear(rx: &Raw, count: usize) -> Vec<Complex32> {
    let (mut heard, mut out) = (Vec::new(), vec![Complex32::default(); 4096]);
    while heard.len() < count {
        let wanted = out.len().min(count - heard.len());
        let said = rx.read(&mut [&mut out[..wanted]], LONG_US);
        assert_eq!((said.time_ns, said.flags), (1000 * heard.len() as i64, HAS_TIME));
        heard.extend_from_slice(&out[..said.code as usize]);
    }
    heard
}

#[test]
fn late_bursts_are_told_once_and_dropped_to_their_end() {
    if !alone("status::late_bursts_are_told_once_and_dropped_to_their_end") {
        return;
    }
    let served = Served::wall(UNIT, 1 << 20);
    let tx = Raw::new(&served.arguments("radio=a,rx=0"), TX, &[0]);
    let rx = Raw::new(&served.arguments("radio=b,tx=0"), RX, &[0]);
    assert_eq!((rx.activate(0, 0, 0), tx.activate(0, 0, 0)), (0, 0));
    served.turn_to(102_400);
    let said = signal(2, 3000);
    for (piece, flags) in [(0, HAS_TIME), (1, 0), (2, END_BURST)] {
        let samples = &said[1000 * piece..1000 * (piece + 1)];
        assert_eq!(tx.write(&[samples], (flags, 90_000_000), LONG_US), 1000);
    }
    let late = Said { code: -6, flags: HAS_TIME, time_ns: 90_000_000 };
    assert_eq!(tx.status(LONG_US), (late, 1));
    assert_eq!(tx.status(1000).0, TIMEOUT);
    // The next one is in time.
    assert_eq!(tx.write(&[&said], (HAS_TIME | END_BURST, 110_000_000), LONG_US), 3000);
    served.turn_to(204_800);
    assert_eq!(tx.status(1000).0, TIMEOUT);
    let heard = hear(&rx, 204_800);
    assert!(heard[110_000..113_000] == said);
    assert_eq!(heard.iter().filter(|x| x.norm_sqr() > 0.0).count(), 3000);
    assert_eq!(rx.status(0).0.code, -5);
}

#[test]
fn an_overflow_is_told_once_and_times_go_on_true() {
    if !alone("status::an_overflow_is_told_once_and_times_go_on_true") {
        return;
    }
    let served = Served::wall(UNIT, 8192);
    let tx = Raw::new(&served.arguments("radio=a,rx=0"), TX, &[0]);
    let rx = Raw::new(&served.arguments("radio=b,tx=0"), RX, &[0]);
    assert_eq!((rx.activate(0, 0, 0), tx.activate(0, 0, 0)), (0, 0));
    let said = signal(3, 200_000);
    assert_eq!(tx.write(&[&said], (HAS_TIME, 0), LONG_US), 200_000);
    let mut out = vec![Complex32::default(); 4096];
    // So much is kept; the rest has nowhere to go until this is read.
    served.turn_to(102_400);
    for first in [0, 4096] {
        let got = rx.read(&mut [&mut out], LONG_US);
        assert_eq!((got.code, got.flags, got.time_ns), (4096, HAS_TIME, 1000 * first));
        assert!(out == said[first as usize..][..4096]);
    }
    served.turn_to(104_448);
    let lost = rx.read(&mut [&mut out], LONG_US);
    assert_eq!(lost, Said { code: -4, flags: HAS_TIME | END_ABRUPT, time_ns: 8_192_000 });
    let got = rx.read(&mut [&mut out], LONG_US);
    assert_eq!((got.code, got.flags, got.time_ns), (2048, HAS_TIME, 102_400_000));
    assert!(out[..2048] == said[102_400..][..2048]);
    served.turn_to(106_496);
    let got = rx.read(&mut [&mut out[..1000]], LONG_US);
    assert_eq!((got.code, got.time_ns), (1000, 104_448_000));
    let device = soapysdr::Device::new(served.arguments("radio=b,tx=0").as_str()).unwrap();
    assert_eq!(device.read_sensor("overflows").unwrap(), "1");
    assert_eq!(device.read_sensor("lost_samples").unwrap(), (102_400 - 8192).to_string());
}

#[test]
fn several_channels_stay_side_by_side_through_an_underflow() {
    if !alone("status::several_channels_stay_side_by_side_through_an_underflow") {
        return;
    }
    let served = Served::wall(Parts { ports: (2, 1), ..UNIT }, 1 << 20);
    let tx = Raw::new(&served.arguments("radio=a,tx=2,rx=0"), TX, &[0, 1]);
    let rx = Raw::new(&served.arguments("radio=b,tx=0"), RX, &[0]);
    assert_eq!((rx.activate(0, 0, 0), tx.activate(0, 0, 0)), (0, 0));
    let (one, other) = (signal(4, 2000), signal(5, 2000));
    let both = |from: usize| [&one[from..][..1000], &other[from..][..1000]];
    assert_eq!(tx.write(&both(0), (0, 0), LONG_US), 1000);
    served.turn_to(102_400);
    assert_eq!(tx.write(&both(1000), (END_BURST, 0), LONG_US), 1000);
    let underflow = Said { code: -7, flags: HAS_TIME, time_ns: 5_096_000 };
    assert_eq!(tx.status(LONG_US), (underflow, 0b11));
    assert_eq!(tx.status(1000).0, TIMEOUT);
    served.turn_to(204_800);
    // Each begins 4096 samples after the time of its write.
    let heard = hear(&rx, 204_800);
    for (place, from) in [(4096, 0), (102_400 + 4096, 1000)] {
        let sums = both(from)[0].iter().zip(both(from)[1]).map(|(x, y)| x + y);
        assert!(sums.eq(heard[place..place + 1000].iter().copied()), "{place}");
    }
}
