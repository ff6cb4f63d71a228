//! What is heard is what the ether carries, bit by bit, however it is cut and wherever radios are.

use super::ether::{LONG_US, Parts, Served, UNIT, device, hear, listener, sender, signal};
use super::module::{alone, command, modules};
use airloop_baseband::Complex32;
use sha2::{Digest, Sha512};
use soapysdr::Device;
use std::process::Child;

#[test]
fn twenty_million_samples_are_bit_equal() {
    if !alone("equality::twenty_million_samples_are_bit_equal") {
        return;
    }
    const COUNT: usize = 20_000_000;
    let (a, b) = (device("driver=airloop,radios=2,radio=a"), device("driver=airloop,radio=b"));
    let (mut tx, mut rx) = (sender(&a), listener(&b));
    rx.activate(None).unwrap();
    tx.activate(None).unwrap();
    // A prime number of samples, so that no piece falls on another's place.
    let said = signal(1, 999_983);
    let samples = said.clone();
    let thread = std::thread::spawn(move || {
        let mut sent = 0;
        while sent < COUNT {
            let from = sent % samples.len();
            let piece = &samples[from..samples.len().min(from + 50_000).min(from + COUNT - sent)];
            sent += tx.write(&[piece], None, sent + piece.len() == COUNT, LONG_US).unwrap();
        }
    });
    let (mut heard, mut out) = (0, vec![Complex32::default(); 65_536]);
    while heard < COUNT {
        let wanted = out.len().min(COUNT - heard);
        let count = rx.read(&mut [&mut out[..wanted]], LONG_US).unwrap();
        assert_eq!(rx.time_ns(), heard as i64 * 1000);
        for (place, x) in out[..count].iter().enumerate() {
            let y = said[(heard + place) % said.len()];
            assert!(
                (x.re.to_bits(), x.im.to_bits()) == (y.re.to_bits(), y.im.to_bits()),
                "{}",
                heard + place
            );
        }
        heard += count;
    }
    thread.join().unwrap();
}

#[test]
fn integers_come_within_half_a_step() {
    if !alone("equality::integers_come_within_half_a_step") {
        return;
    }
    let (a, b) = (device("driver=airloop,radios=2,radio=a"), device("driver=airloop,radio=b"));
    let (mut rx, mut tx) = (b.rx_stream::<num_complex::Complex<i16>>(&[0]).unwrap(), sender(&a));
    rx.activate(None).unwrap();
    tx.activate(None).unwrap();
    let said: Vec<Complex32> = signal(2, 50_000).iter().map(|x| x * 0.5).collect();
    tx.write(&[&said], None, true, LONG_US).unwrap();
    let (mut heard, mut out) = (Vec::new(), vec![num_complex::Complex::new(0i16, 0); 4096]);
    while heard.len() < said.len() {
        let count = rx.read(&mut [&mut out], LONG_US).unwrap();
        heard.extend_from_slice(&out[..count]);
    }
    let (mut worst, mut cut) = (0.0f32, 0);
    for (x, y) in said.iter().zip(&heard) {
        for (x, y) in [(x.re, y.re), (x.im, y.im)] {
            match x * 32_768.0 {
                x if x > 32_767.0 => assert_eq!((y, cut += 1).0, i16::MAX),
                x if x < -32_768.0 => assert_eq!((y, cut += 1).0, i16::MIN),
                x => worst = worst.max((x - f32::from(y)).abs()),
            }
        }
    }
    assert!(cut > 20 && worst > 0.49 && worst <= 0.5, "{cut} {worst}");
    // Back the other way every integer is itself.
    drop((tx, rx));
    let (mut tx, mut rx) = (a.tx_stream::<num_complex::Complex<i16>>(&[0]).unwrap(), listener(&b));
    tx.activate(None).unwrap();
    rx.activate(None).unwrap();
    tx.write(&[&heard], None, true, LONG_US).unwrap();
    let (_, back) = hear(&mut rx, heard.len(), 1000);
    let same = |(x, y): (&Complex32, &num_complex::Complex<i16>)| {
        x.re * 32_768.0 == f32::from(y.re) && x.im * 32_768.0 == f32::from(y.im)
    };
    assert!(back.iter().zip(&heard).all(same));
}

/// An ether that fades and echoes, with noise, in which three radios must be active.
const AIR: Parts = Parts { ports: (2, 1), fades: true, noise_power: 0.1, radios: 3 };
const HEARD: usize = 150_000;

/// Two bursts of a speaker.
fn bursts(number: u64) -> [(i64, Vec<Complex32>); 2] {
    let at = 1_000_000 * (1 + number as i64);
    [(at, signal(2 * number, 30_000)), (at + 61_003_000, signal(2 * number + 1, 40_001))]
}

fn speak(device: &Device, number: u64, cut: usize) {
    let mut tx = sender(device);
    tx.activate(Some(0)).unwrap();
    for (at, samples) in bursts(number) {
        let (mut at, mut sent) = (Some(at), 0);
        while sent < samples.len() {
            let piece = &samples[sent..samples.len().min(sent + cut)];
            sent += tx.write(&[piece], at.take(), sent + piece.len() == samples.len(), LONG_US).unwrap();
        }
    }
}

/// Not a test but the process of a speaker; without words it has nothing to do.
#[test]
fn speaker() {
    let Ok(words) = std::env::var("AIRLOOP_TEST_SPEAKER") else { return };
    let mut words = words.split(' ');
    let mut next = || words.next().unwrap();
    let (number, cut) = (next().parse().unwrap(), next().parse().unwrap());
    speak(&device(&format!("driver=airloop,rx=0,radio=speaker {number},ether={}", next())), number, cut);
}

fn start_speaker(served: &Served, number: u64, cut: usize) -> Child {
    command(&std::env::current_exe().unwrap(), &modules())
        .args(["--exact", "equality::speaker", "--nocapture"])
        .env("AIRLOOP_TEST_SPEAKER", format!("{number} {cut} {}", served.path.display()))
        .spawn()
        .unwrap()
}

fn hash(samples: &[Complex32]) -> Vec<u8> {
    Sha512::digest(bytemuck::cast_slice::<Complex32, u8>(samples)).to_vec()
}

/// Which speakers come first, and how radios cut what they send and hear. Ports go to who comes first, so that speakers come in order.
fn across_processes(listens_first: bool, cuts: [usize; 3]) -> Vec<u8> {
    let served = Served::lockstep(AIR);
    let ear = served.arguments("tx=0,radio=ear");
    let first = listens_first.then(|| device(&ear));
    let stands = |name: &str| {
        while !served.server.metrics().radios.iter().any(|radio| radio.name == name) {
            std::thread::yield_now();
        }
    };
    let mut children = Vec::new();
    for number in 0..2 {
        children.push(start_speaker(&served, number, cuts[number as usize]));
        stands(&format!("speaker {number}"));
    }
    let ear = first.unwrap_or_else(|| device(&ear));
    let mut rx = listener(&ear);
    rx.activate(Some(0)).unwrap();
    let (began, heard) = hear(&mut rx, HEARD, cuts[2]);
    assert_eq!(began, 0);
    children.iter_mut().for_each(|child| assert!(child.wait().unwrap().success()));
    hash(&heard)
}

fn within_a_process(parts: Parts) -> Vec<u8> {
    let served = Served::lockstep(parts);
    let names = ["rx=0,radio=speaker 0", "rx=0,radio=speaker 1", "tx=0,radio=ear"];
    let [a, b, ear] = names.map(|name| device(&served.arguments(name)));
    let mut rx = listener(&ear);
    rx.activate(Some(0)).unwrap();
    let threads = [(a, 0), (b, 1)].map(|(a, number)| std::thread::spawn(move || speak(&a, number, 5000)));
    let (_, heard) = hear(&mut rx, HEARD, 4096);
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    hash(&heard)
}

#[test]
fn processes_hear_what_one_process_hears() {
    if !alone("equality::processes_hear_what_one_process_hears") {
        return;
    }
    let one = within_a_process(AIR);
    assert!(across_processes(true, [997, 4096, 1500]) == one);
    assert!(across_processes(false, [65_536, 61, 4096]) == one);
    // Control: other noise is heard.
    assert!(within_a_process(Parts { noise_power: 0.1001, ..AIR }) != one);
    assert_eq!(UNIT.radios, 0);
}
