//! Devices that send and hear at once, on several channels and threads.

use super::air::{Parts, RATE_HZ, UNIT, signal};
use super::devices::{AIR_HZ, PATIENCE, apart, ideal, read, set, write};
use airloop_baseband::Complex32;
use airloop_hil::Direction::{Receive, Transmit};
use airloop_hil::ether::Attachment;
use airloop_hil::{Device, EtherConfig, EtherServer, Place, RemoteAttachment, Tuning};
use std::thread::spawn;
use std::time::Duration;

/// Each of two devices, at rates of their own, says what it has heard from the other, a turnaround later.
fn echoes(cut: usize) -> Vec<Complex32> {
    let air = Parts { transmit: 2, receive: 2, fades: false, noise_power: 1e-3, seed: 3 };
    let ether = air.ether(EtherConfig { radios: 2, centre_hz: Some(AIR_HZ), ..air.config() });
    let run = |number: usize, share: f64| {
        let mut radio = ideal(&ether, &format!("radio {number}"), (&[number], &[number]));
        set(&mut radio, Transmit, (share, 0.0, 0.0));
        set(&mut radio, Receive, (share, 0.0, 0.0));
        let (mut ear, count) = (radio.clone(), (share * 60_000.0) as usize);
        spawn(move || {
            radio.activate(Transmit, Some(0)).unwrap();
            radio.activate(Receive, Some(0)).unwrap();
            let (mut heard, mut out) = (Vec::new(), vec![Complex32::default(); cut]);
            while heard.len() < count {
                let read = ear.read(0, &mut out, PATIENCE).unwrap();
                let answer: Vec<Complex32> =
                    out[..read.count].iter().map(|x| x * 0.3 + Complex32::new(0.1, 0.0)).collect();
                // A block of the ether and the filters of both directions are shorter.
                let taken = radio.write(0, (Some(read.start + 2000), &answer, false), PATIENCE).unwrap();
                assert_eq!(taken, read.count);
                heard.extend_from_slice(&out[..read.count]);
            }
            heard.truncate(count);
            heard
        })
    };
    let threads = [run(0, 0.5), run(1, 0.75)];
    threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
}

#[test]
fn devices_that_answer_each_other_are_repeatable() {
    let first = echoes(500);
    assert!(first.iter().any(|x| x.re > 0.1));
    assert!(echoes(500) == first && echoes(64) == first && echoes(2048) == first);
}

#[test]
fn one_thread_sends_while_another_hears() {
    let ether = UNIT.ether(EtherConfig { centre_hz: Some(AIR_HZ), unheard_samples: 4096, ..UNIT.config() });
    let mut sender = ideal(&ether, "a", (&[0], &[0]));
    set(&mut sender, Transmit, (0.5, 0.0, 0.0));
    set(&mut sender, Receive, (0.5, 0.0, 0.0));
    sender.activate(Transmit, Some(0)).unwrap();
    let (mut listener, samples) = (sender.clone(), signal(0, 100_000));
    // A burst holds time; who is silent and hears does not.
    assert_eq!(sender.write(0, (Some(5000), &samples[..1000], false), PATIENCE).unwrap(), 1000);
    let from = sender.activate(Receive, None).unwrap() as usize;
    let sent = samples.clone();
    let thread = spawn(move || {
        write(&mut sender, 6000, &sent[1000..], 3000);
        sender.deactivate(Transmit).unwrap();
    });
    let heard = read(&mut listener, 90_000, 2000);
    thread.join().unwrap();
    // Twice through a filter that takes the outer fifth of the band from white noise: the rest is the same.
    let pairs = samples[from - 5000..].iter().zip(&heard);
    let error = pairs.map(|(a, b)| f64::from((a - b).norm_sqr())).sum::<f64>() / 90_000.0;
    assert!((0.01..0.2).contains(&error), "{error}");
}

#[test]
fn channels_have_gains_of_their_own_and_one_time() {
    let air = Parts { transmit: 2, receive: 2, ..UNIT };
    let ether = air.ether(EtherConfig { centre_hz: Some(AIR_HZ), ..air.config() });
    let mut sender = ideal(&ether, "a", (&[0, 1], &[]));
    let mut listener = ideal(&ether, "b", (&[], &[0, 1]));
    let tuning = |gain_db| Tuning { centre_hz: AIR_HZ, sample_rate_hz: 0.5 * RATE_HZ, gain_db };
    for (channel, gain_db) in [(0, 0.0), (1, -20.0)] {
        sender.tune(Transmit, channel, &tuning(gain_db)).unwrap();
        listener.tune(Receive, channel, &tuning(gain_db / 2.0)).unwrap();
    }
    sender.activate(Transmit, Some(0)).unwrap();
    listener.activate(Receive, Some(0)).unwrap();
    let (one, other) = (signal(0, 1000), signal(1, 2000));
    assert_eq!(sender.write(0, (Some(1000), &one, true), PATIENCE).unwrap(), 1000);
    assert_eq!(sender.write(1, (Some(2000), &other, true), PATIENCE).unwrap(), 2000);
    // Time waits for what either keeps, until nothing follows it.
    let mut out = vec![Complex32::default(); 8000];
    assert!(listener.read(0, &mut out, Duration::ZERO).unwrap().count < 2000);
    sender.silent_until(10_000).unwrap();
    let [first, second] = [0, 1].map(|channel| {
        let (mut all, mut at) = (vec![Complex32::default(); 8000], 1580);
        listener.skip(channel, at as u64).unwrap();
        while at < 8000 {
            let got = listener.read(channel, &mut out[..8000 - at], PATIENCE).unwrap();
            assert!(got.start == at as u64 && got.count > 0);
            all[at..at + got.count].copy_from_slice(&out[..got.count]);
            at += got.count;
        }
        all
    });
    let quieter: Vec<Complex32> = first.iter().map(|x| x * 10f32.powf(-10.0 / 20.0)).collect();
    assert!(apart(&quieter[1600..], &second[1600..]) < 1e-5);
    let rms = |range: std::ops::Range<usize>| {
        let power: f64 = first[range.clone()].iter().map(|x| f64::from(x.norm_sqr())).sum();
        (power / range.len() as f64).sqrt()
    };
    assert!(rms(1600..1980) > 0.8 && (0.07..0.12).contains(&rms(2100..3900)) && rms(4100..7900) < 1e-6);
}

/// What a device hears of another, each at its place in an ether.
fn from_place_to_place<A: Attachment + Clone>(sender: A, listener: A) -> Vec<Complex32> {
    let [mut sender, mut listener] = [sender, listener].map(|place| Device::ideal(place).unwrap());
    set(&mut sender, Transmit, (0.5, 0.1 * RATE_HZ, 3.0));
    set(&mut listener, Receive, (0.75, 0.0, 0.0));
    sender.activate(Transmit, Some(0)).unwrap();
    listener.activate(Receive, Some(0)).unwrap();
    write(&mut sender, 1000, &signal(0, 3), 1);
    write(&mut sender, 1003, &signal(1, 20_000), 7000);
    drop(sender);
    read(&mut listener, 33_000, 5000)
}

#[test]
fn devices_at_places_of_other_processes_are_the_same() {
    let ether = || UNIT.ether(EtherConfig { centre_hz: Some(AIR_HZ), radios: 2, ..UNIT.config() });
    let local = ether();
    let [sender, listener] = places().map(|place| local.attach(place).unwrap());
    let within = from_place_to_place(sender, listener);
    let path = std::env::temp_dir().join(format!("airloop-device-{}", std::process::id()));
    let _server = EtherServer::bind(&path, ether()).unwrap();
    let [sender, listener] = places().map(|place| RemoteAttachment::connect(&path, place).unwrap());
    assert!(from_place_to_place(sender, listener) == within);
    // The last samples leave with the device.
    assert!(within[31_700..].iter().all(|x| x.norm() < 1e-3) && within[31_400].norm() > 1e-3);
}

fn places() -> [Place; 2] {
    let place = |name: &str, transmit: &[usize], receive: &[usize]| Place {
        name: name.into(),
        transmit: transmit.to_vec(),
        receive: receive.to_vec(),
    };
    [place("a", &[0], &[]), place("b", &[], &[0])]
}
