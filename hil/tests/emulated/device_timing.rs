//! When samples of devices leave and arrive, and what of them the wall's clock loses.

use super::air::{RATE_HZ, UNIT, attach, signal};
use super::devices::{AIR_HZ, apart, ether, ideal, read, set, tone, write};
use super::timing::wall;
use airloop_baseband::{Complex32, Seeds};
use airloop_hil::Direction::{Receive, Transmit};
use airloop_hil::ether::{Attachment, Event};
use airloop_hil::{Device, DeviceConfig, EtherConfig, Hardware, HardwareSetting, Persona, RadioError};
use std::sync::atomic::Ordering;
use std::time::Duration;

/// An ether by a wall's clock whose air has a centre frequency.
fn config() -> EtherConfig {
    EtherConfig { centre_hz: Some(AIR_HZ), ..UNIT.config() }
}

#[test]
fn a_stalled_writer_is_one_underflow_at_its_own_index() {
    let (ether, shown) = wall(config());
    let (mut sender, mut listener) = (ideal(&ether, "a", (&[0], &[])), attach(&ether, "b", (&[], &[0])));
    set(&mut sender, Transmit, (0.5, 0.0, 0.0));
    assert_eq!(sender.activate(Transmit, None).unwrap(), 0);
    listener.activate(Receive, None).unwrap();
    let at = |samples| {
        shown.store(samples, Ordering::Relaxed);
        ether.advance();
    };
    let one = vec![Complex32::new(1.0, 0.0); 20_000];
    assert_eq!(sender.write(0, (Some(10_000), &one, false), Duration::ZERO).unwrap(), 20_000);
    at(59_800);
    assert_eq!(sender.event(), None);
    // The burst runs out at own sample 30,000, 0.1 s before more comes.
    at(160_000);
    assert_eq!(sender.event(), Some(Event::Underflow(30_000)));
    assert_eq!(sender.event(), None);
    let late = sender.write(0, (Some(30_000), &one, false), Duration::ZERO);
    let Err(RadioError::Late { start: 30_000, now, .. }) = late else { panic!("{late:?}") };
    // What is sent at 80,000 begins half a filter before sample 160,000 of the air.
    assert!((80_000..80_040).contains(&now) && sender.now().unwrap() == now, "{now}");
    assert_eq!(sender.event(), Some(Event::Late(30_000, 20_000)));
    assert_eq!(sender.event(), None);
    assert_eq!(sender.write(0, (None, &one, true), Duration::ZERO).unwrap(), 20_000);
    sender.finish(0).unwrap();
    at(250_000);
    assert_eq!(sender.event(), None);
    let counts = sender.status();
    assert_eq!((counts.underflows, counts.late_bursts, counts.overflows), (1, 1, 0));
    let mut heard = vec![Complex32::default(); 250_000];
    assert_eq!(listener.read(0, &mut heard, Duration::ZERO).unwrap().count, 250_000);
    let on: Vec<bool> = heard.iter().map(|x| x.re > 0.6).collect();
    let edges: Vec<usize> = (1..on.len()).filter(|i| on[*i] != on[i - 1]).collect();
    // A filter's length of the first burst was never sent: nobody had said what follows it.
    let [up, down, up_again, down_again] = edges[..] else { panic!("{edges:?}") };
    assert!(up == 20_000 && (59_900..60_000).contains(&down), "{edges:?}");
    assert_eq!((up_again, down_again - up_again), (2 * now as usize, 39_999), "{edges:?}");
}

#[test]
fn a_slow_reader_loses_own_samples_and_indices_stay_true() {
    let (ether, shown) = wall(EtherConfig { unheard_samples: 20_000, ..config() });
    let (mut sender, mut listener) = (attach(&ether, "a", (&[0], &[])), ideal(&ether, "b", (&[], &[0])));
    set(&mut listener, Receive, (0.75, 0.0, 0.0));
    sender.activate(Transmit, None).unwrap();
    assert_eq!(listener.activate(Receive, None).unwrap(), 0);
    // A tone so slow that each sample tells its index.
    let cycles = 1e-6;
    write(&mut sender, 0, &tone(cycles, (1.0, 0.0), 0, 600_000), 600_000);
    let (mut heard, mut lost, mut position) = (0, 0, 0);
    let mut out = vec![Complex32::default(); 1 << 16];
    for round in 1..=5u64 {
        for until in [100_000 * round - 90_000, 100_000 * round] {
            shown.store(until, Ordering::Relaxed);
            loop {
                let got = listener.read(0, &mut out, Duration::ZERO).unwrap();
                if got.count == 0 {
                    break;
                }
                assert_eq!(got.start, position + got.lost);
                let own = tone(cycles / 0.75, (1.0, 0.0), got.start, got.count);
                // Away from the beginning of the tone.
                let from = 100usize.saturating_sub(got.start as usize).min(got.count);
                assert!(apart(&out[from..got.count], &own[from..]) < 1e-4, "at {}", got.start);
                (heard, lost, position) =
                    (heard + got.count as u64, lost + got.lost, got.start + got.count as u64);
            }
        }
    }
    let status = listener.status();
    assert_eq!(heard + lost, position);
    assert_eq!((status.lost_samples, status.overflows), (lost, 5));
    // 70,000 samples of the air are lost each time, and half a filter on either side of all gaps that were read over.
    let gaps = lost as f64 / (0.75 * 70_000.0);
    assert!((gaps - 4.0).abs() < 0.01, "{lost}");
    let Some(Event::Overflow(first)) = listener.event() else { panic!("no overflow") };
    assert!(first.abs_diff(22_500) < 30, "{first}");
}

fn own_time(persona: Persona, draws: u64) -> Vec<u64> {
    let ether = ether();
    let (place, mut listener) = (attach(&ether, "a", (&[0], &[])), attach(&ether, "b", (&[], &[0])));
    let stream = HardwareSetting::at(place.info(), Seeds::new(draws), 0, 0.0).stream();
    let config = DeviceConfig { draws: Some(stream), ..DeviceConfig::new(persona, Hardware::default()) };
    let mut sender = Device::new(place, config).unwrap();
    sender.activate(Transmit, Some(0)).unwrap();
    listener.activate(Receive, Some(0)).unwrap();
    for burst in 0..20u64 {
        // Cut in two, the second part where the first one ends.
        let start = 1000 * burst + 500;
        for start in [start, start + 100] {
            write(&mut sender, start, &signal(0, 100), 100);
        }
    }
    sender.silent_until(30_000).unwrap();
    let heard = read(&mut listener, 25_000, 25_000);
    let sounds = |n: &usize| heard[*n] != Complex32::default();
    let starts: Vec<usize> = (1..25_000).filter(|n| sounds(n) && !sounds(&(n - 1))).collect();
    let ends: Vec<usize> = (1..25_000).filter(|n| !sounds(n) && sounds(&(n - 1))).collect();
    assert!(starts.len() == 20 && starts.iter().zip(&ends).all(|(start, end)| end - start == 200));
    starts.into_iter().map(|start| start as u64).collect()
}

#[test]
fn bursts_land_on_the_quantum_and_their_jitter_behind_it() {
    let persona = Persona { timestamp_quantum_samples: 64, ..Persona::ideal() };
    let on_quantum = own_time(persona.clone(), 1);
    for (burst, start) in (0..20u64).zip(&on_quantum) {
        let asked = 1000 * burst + 500;
        assert!(start % 64 == 0 && (asked..asked + 64).contains(start), "{asked} {start}");
    }
    let jittery = Persona { burst_jitter_samples: 7, ..persona };
    let (drawn, again) = (own_time(jittery.clone(), 1), own_time(jittery.clone(), 1));
    let late: Vec<u64> = drawn.iter().zip(&on_quantum).map(|(a, b)| a - b).collect();
    assert!(late.iter().all(|late| *late <= 7) && late.iter().any(|a| *a != late[0]), "{late:?}");
    assert!(drawn == again && own_time(jittery, 2) != drawn);
}

#[test]
fn bands_apart_are_silent_and_time_goes_on() {
    let ether = ether();
    let (mut a, mut b) = (ideal(&ether, "a", (&[0], &[])), ideal(&ether, "b", (&[], &[0])));
    let mut bare = attach(&ether, "c", (&[], &[]));
    set(&mut a, Transmit, (0.5, 0.25 * RATE_HZ, 0.0));
    set(&mut b, Receive, (0.5, 3.0 * RATE_HZ, 0.0));
    a.activate(Transmit, Some(0)).unwrap();
    b.activate(Receive, Some(0)).unwrap();
    write(&mut a, 0, &signal(0, 5000), 1000);
    let heard = read(&mut b, 4000, 4000);
    assert!(heard.iter().all(|x| *x == Complex32::default()));
    // The one comes to the other's band, then leaves the air while it sends.
    set(&mut b, Receive, (0.5, 0.25 * RATE_HZ, 0.0));
    set(&mut a, Transmit, (0.5, -2.0 * RATE_HZ, 0.0));
    write(&mut a, 5000, &signal(1, 5000), 1000);
    a.silent_until(20_000).unwrap();
    let heard = read(&mut b, 6000, 6000);
    let power = |range: std::ops::Range<usize>| {
        heard[range.clone()].iter().map(|x| f64::from(x.norm_sqr())).sum::<f64>() / range.len() as f64
    };
    assert!(power(100..900) > 0.5 && power(1100..6000) < 1e-12, "{} {}", power(100..900), power(1100..6000));
    assert!(bare.now().unwrap() >= 20_000);
}
