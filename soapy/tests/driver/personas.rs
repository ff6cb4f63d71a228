//! Radios of a kind: their ranges, rates, gains and clocks as programs set and meet them.

use super::ether::{LONG_US, device};
use super::module::alone;
use super::raw::{END_BURST, HAS_TIME, Raw};
use airloop_baseband::Complex32;
use num_complex::Complex64;
use soapysdr::{Device, Direction};
use std::f64::consts::TAU;

const RX: Direction = Direction::Rx;
const TX: Direction = Direction::Tx;

/// A tone that lasts, from an index on; turns a sample.
fn tone(turns: f64, count: usize, amplitude: f64) -> Vec<Complex32> {
    (0..count)
        .map(|n| {
            let x = Complex64::from_polar(amplitude, TAU * turns * n as f64);
            Complex32::new(x.re as f32, x.im as f32)
        })
        .collect()
}

/// Sends a tone from time 0 on, and returns what another radio hears of it.
fn across(a: &Device, b: &Device, sent: &[Complex32], count: usize) -> Vec<Complex32> {
    let (mut tx, mut rx) = (a.tx_stream::<Complex32>(&[0]).unwrap(), b.rx_stream::<Complex32>(&[0]).unwrap());
    tx.activate(None).unwrap();
    rx.activate(None).unwrap();
    tx.write_all(&[sent], None, true, LONG_US).unwrap();
    tx.deactivate(None).unwrap();
    let (mut heard, mut out) = (Vec::new(), vec![Complex32::default(); 4096]);
    while heard.len() < count {
        let wanted = out.len().min(count - heard.len());
        let got = rx.read(&mut [&mut out[..wanted]], LONG_US).unwrap();
        heard.extend_from_slice(&out[..got]);
    }
    heard
}

/// Largest distance of samples from a tone.
fn distance(heard: &[Complex32], range: std::ops::Range<usize>, tone: impl Fn(f64) -> Complex64) -> f64 {
    let apart = |n: usize| (Complex64::new(heard[n].re.into(), heard[n].im.into()) - tone(n as f64)).norm();
    range.map(apart).fold(0.0, f64::max)
}

#[test]
fn rates_are_changed_and_times_kept() {
    if !alone("personas::rates_are_changed_and_times_kept") {
        return;
    }
    let (a, b) = (device("driver=airloop,radios=2,rate=3e6,radio=a"), device("driver=airloop,radio=b"));
    a.set_sample_rate(TX, 0, 1e6).unwrap();
    b.set_sample_rate(RX, 0, 2e6).unwrap();
    assert_eq!((b.sample_rate(RX, 0).unwrap(), b.sample_rate(TX, 0).unwrap()), (2e6, 3e6));
    // 100 kHz from time 0 on, whose instants no rate moves.
    let heard = across(&a, &b, &tone(0.1, 30_000, 0.5), 60_000);
    let at = |n: f64| Complex64::from_polar(0.5, TAU * 0.05 * n);
    assert!(distance(&heard, 1000..59_000, at) < 2e-4, "{}", distance(&heard, 1000..59_000, at));
    // Control: half a sample off is seen.
    assert!(distance(&heard, 1000..59_000, |n| at(n - 0.5)) > 0.05);
    let error = b.set_sample_rate(RX, 0, 2e6 / 257.0 / 3.1).unwrap_err();
    assert!(error.message.contains("sample_rate_hz"), "{error:?}");
}

#[test]
fn times_are_those_of_either_rate() {
    if !alone("personas::times_are_those_of_either_rate") {
        return;
    }
    let (tx, rx) = (0, 1);
    let (a, b) = ("driver=airloop,radios=2,rate=1e6,radio=a", "driver=airloop,radio=b");
    let devices = [device(a), device(b)];
    devices[0].set_sample_rate(TX, 0, 0.25e6).unwrap();
    devices[1].set_sample_rate(RX, 0, 0.5e6).unwrap();
    let (tx, rx) = (Raw::new(a, tx, &[0]), Raw::new(b, rx, &[0]));
    assert_eq!((tx.activate(0, 0, 0), rx.activate(HAS_TIME, 1_000_000, 0)), (0, 0));
    // 2 ms after the beginning, 10 ms long.
    assert_eq!(tx.write(&[&tone(0.0, 2500, 1.0)], (HAS_TIME | END_BURST, 2_000_000), LONG_US), 2500);
    assert_eq!(tx.deactivate(0), 0);
    let (mut heard, mut out) = (Vec::new(), vec![Complex32::default(); 1000]);
    while heard.len() < 7000 {
        let said = rx.read(&mut [&mut out], LONG_US);
        assert_eq!(said.time_ns, 1_000_000 + 2000 * heard.len() as i64);
        heard.extend_from_slice(&out[..said.code as usize]);
    }
    // Half a sample of the sender's, 2 us, before its first and after its last one the filtered burst is half as strong.
    let half = |n: usize| (heard[n].norm() - 0.5).abs() < 0.02;
    assert!(half(499) && half(5499), "{} {}", heard[499], heard[5499]);
    assert!(!half(498) && !half(500) && !half(5500));
}

#[test]
fn gains_are_amplitudes() {
    if !alone("personas::gains_are_amplitudes") {
        return;
    }
    let (a, b) = (device("driver=airloop,radios=2,radio=a"), device("driver=airloop,radio=b"));
    a.set_gain(TX, 0, -6.0).unwrap();
    b.set_gain(RX, 0, 26.0).unwrap();
    let heard = across(&a, &b, &tone(0.01, 5000, 0.1), 5000);
    let at = |n: f64| Complex64::from_polar(1.0, TAU * 0.01 * n);
    assert!(distance(&heard, 0..5000, at) < 1e-5);
    let range = b.gain_range(RX, 0).unwrap();
    assert_eq!((range.minimum, range.maximum), (-100.0, 100.0));
    assert!(
        b.set_gain(RX, 0, 101.0).unwrap_err().message.contains("gain_db = 101 is out of range: -100 to 100")
    );
}

/// The frequency at which a tone of a radio of a name arrives, less the one it was sent at, in parts per million of the carrier.
fn offset_ppm(arguments: &str) -> f64 {
    let (a, b) = (
        device(&format!("driver=airloop,radios=2,persona=b210,{arguments}")),
        device("driver=airloop,radio=ear"),
    );
    for device in [&a, &b] {
        for way in [TX, RX] {
            device.set_frequency(way, 0, 2e9, ()).unwrap();
        }
    }
    assert_eq!(a.gain(TX, 0).unwrap(), 60.0);
    let heard = across(&a, &b, &tone(0.0, 100_000, 0.1), 100_000);
    let turn: Complex64 = heard[1000..99_000]
        .windows(2)
        .map(|pair| {
            Complex64::new(pair[1].re.into(), pair[1].im.into())
                * Complex64::new(pair[0].re.into(), -f64::from(pair[0].im))
        })
        .sum();
    turn.arg() / TAU * 1e6 / 2e9 * 1e6
}

#[test]
fn hardware_is_that_of_a_name_and_seed() {
    if !alone("personas::hardware_is_that_of_a_name_and_seed") {
        return;
    }
    let found = ["radio=a", "radio=a", "radio=b", "radio=a,seed=1"].map(offset_ppm);
    assert_eq!(found[0].to_bits(), found[1].to_bits());
    // What a B210's oscillator is off by at most, and not nothing.
    assert!(found.iter().all(|ppm| (0.001..=2.01).contains(&ppm.abs())), "{found:?}");
    assert!(found[0] != found[2] && found[0] != found[3], "{found:?}");
    assert!(offset_ppm("radio=a,seed=1") == found[3]);
}

#[test]
fn radios_without_times_admit_it() {
    if !alone("personas::radios_without_times_admit_it") {
        return;
    }
    let arguments = "driver=airloop,radio=a,persona=pluto";
    let pluto = device(arguments);
    assert!(!pluto.has_hardware_time(None).unwrap());
    assert_eq!(pluto.list_clock_sources().unwrap(), ["internal"]);
    let range = &pluto.frequency_range(RX, 0).unwrap()[0];
    assert_eq!((range.minimum, range.maximum), (325e6, 3.8e9));
    assert!(pluto.hardware_key().unwrap().contains("pluto"));
    let (tx, rx) = (Raw::new(arguments, 0, &[0]), Raw::new(arguments, 1, &[0]));
    assert_eq!(rx.activate(HAS_TIME, 0, 0), -5);
    assert_eq!((tx.activate(0, 0, 0), rx.activate(0, 0, 0)), (0, 0));
    let samples = tone(0.0, 1000, 0.5);
    assert_eq!(tx.write(&[&samples], (HAS_TIME | END_BURST, 5_000_000), LONG_US), -5);
    assert_eq!(tx.write(&[&samples], (END_BURST, 0), LONG_US), 1000);
    let mut out = vec![Complex32::default(); 1000];
    let said = rx.read(&mut [&mut out], LONG_US);
    assert!(said.code > 0 && said.flags == 0, "{said:?}");
}

#[test]
fn several_channels_have_one_hardware() {
    if !alone("personas::several_channels_have_one_hardware") {
        return;
    }
    let (a, b) =
        (device("driver=airloop,radios=2,persona=lime,radio=a,tx=2"), device("driver=airloop,radio=b,rx=2"));
    a.set_sample_rate(TX, 1, 0.5e6).unwrap();
    assert_eq!(a.sample_rate(TX, 0).unwrap(), 0.5e6);
    // A stream of the second channel alone: the first one holds nothing back.
    let (mut tx, mut rx) =
        (a.tx_stream::<Complex32>(&[1]).unwrap(), b.rx_stream::<Complex32>(&[1, 0]).unwrap());
    tx.activate(None).unwrap();
    rx.activate(None).unwrap();
    tx.write_all(&[&tone(0.02, 50_000, 0.3)], None, true, LONG_US).unwrap();
    let mut out = [vec![Complex32::default(); 3000], vec![Complex32::default(); 3000]];
    let (mut count, mut power) = (0, [0.0; 2]);
    while count < 90_000 {
        let [one, other] = &mut out;
        let got = rx.read(&mut [one, other], LONG_US).unwrap();
        assert_eq!(rx.time_ns(), 1000 * count as i64);
        for (power, out) in power.iter_mut().zip(&out) {
            *power += out[..got].iter().map(|x| f64::from(x.norm_sqr())).sum::<f64>();
        }
        count += got;
    }
    assert!(power[0] == power[1] && power[0] / 90_000.0 > 0.05, "{power:?}");
}
