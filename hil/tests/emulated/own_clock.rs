//! Radios that count time by their own clocks.

use super::air::{Local, Parts, RATE_HZ, UNIT, attach, radio, signal};
use airloop_baseband::{Burst, Complex32, Resampler, Transport, Window};
use airloop_channels::impairment::{QuantiserConfig, Receiver, ReceiverConfig, SampleClock};
use airloop_channels::{FrontEnd, FrontEndConfig};
use airloop_hil::{Device, DeviceConfig, Direction, Hardware, Persona, Radio, RadioError, VirtualRadio};
use std::f64::consts::TAU;
use std::sync::Arc;

/// Share of the sample rate that signals occupy, and what resampling leaves there.
const BAND: f64 = 0.5;
const ACCURACY_DB: f64 = -80.0;

const CARRIER_HZ: f64 = 2.4e9;

/// A clock that is wrong in every way.
const WRONG: FrontEndConfig = FrontEndConfig {
    timing_offset_s: 3.3e-6,
    cfo_hz: 40.0,
    phase_rad: 1.0,
    oscillator_ppm: 1.7,
    sample_clock_ppm: 0.0,
    carrier_hz: CARRIER_HZ,
};

const CLOCK: SampleClock = SampleClock { sample_rate_hz: RATE_HZ, origin: 1000 };

fn resampler() -> Arc<Resampler> {
    Arc::new(Resampler::new(BAND, ACCURACY_DB))
}

/// Makes a radio that is perfect but for its clock.
fn clocked(place: Local, config: &FrontEndConfig, receivers: Vec<Receiver>) -> VirtualRadio<Device<Local>> {
    let hardware = Hardware::of_clocks(*config, CLOCK, resampler()).unwrap();
    let config = DeviceConfig::new(Persona::ideal(), Hardware { receivers, ..hardware });
    VirtualRadio::new(Device::new(place, config).unwrap())
}

/// Returns tones within the band, of unit power in all.
fn tones(start: u64, count: usize) -> Vec<Complex32> {
    let tone = |t: f64, k: u32| {
        Complex32::from_polar(0.5, (TAU * (t * (f64::from(k) * 0.11 - 0.2) + 0.3 * f64::from(k))) as f32)
    };
    (0..count).map(|i| (0..4).map(|k| tone((start + i as u64) as f64, k)).sum()).collect()
}

/// Sends bursts by a radio with its own clock, cut into pieces, and hears them by a right one.
fn heard_rightly(config: &FrontEndConfig, bursts: &[Burst], cut: usize) -> Vec<Complex32> {
    let ether = UNIT.ether(UNIT.config());
    let mut sender = clocked(attach(&ether, "a", (&[0], &[])), config, Vec::new());
    let mut listener = radio(&ether, "b", (&[], &[0]));
    sender.start(Direction::Transmit).unwrap();
    listener.start(Direction::Receive).unwrap();
    for burst in bursts {
        for (i, samples) in burst.samples.chunks(cut).enumerate() {
            let start = burst.start + (i * cut) as u64;
            sender.transmit(0, &Burst { start, samples: samples.to_vec() }).unwrap();
        }
    }
    sender.silent_until(60_000).unwrap();
    listener.receive(0, Window { start: 0, length_samples: 50_000 }).unwrap().samples
}

fn difference(a: &[Complex32], b: &[Complex32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| (a - b).norm()).fold(0.0, f32::max)
}

#[test]
fn a_right_clock_changes_nothing() {
    let bursts =
        [Burst { start: 2000, samples: signal(0, 5000) }, Burst { start: 7000, samples: signal(1, 9000) }];
    let heard = heard_rightly(&FrontEndConfig::default(), &bursts, 777);
    assert!(heard[2000..7000] == bursts[0].samples && heard[7000..16_000] == bursts[1].samples);
}

#[test]
fn a_wrong_clock_is_heard_as_the_air_computes_it_however_bursts_are_cut() {
    let bursts = [
        Burst { start: 2000, samples: signal(0, 20_000) },
        Burst { start: 30_000, samples: signal(1, 9000) },
    ];
    let whole = heard_rightly(&WRONG, &bursts, 1 << 20);
    for cut in [1, 333, 4096] {
        assert!(heard_rightly(&WRONG, &bursts, cut) == whole, "{cut}");
    }
    let air = UNIT.emulated();
    let front_end = FrontEnd::new(&WRONG, CLOCK, resampler()).unwrap();
    let mut air = air.with_front_ends([(0, front_end)]).unwrap();
    bursts.iter().for_each(|burst| air.transmit(0, burst).unwrap());
    let expected = air.receive(0, Window { start: 0, length_samples: 50_000 }).unwrap().samples;
    assert!(difference(&whole, &expected) < 1e-5);
    // Control: the clock's phase alone.
    let right = heard_rightly(&FrontEndConfig { phase_rad: 1.0, ..FrontEndConfig::default() }, &bursts, 333);
    assert!(difference(&right, &expected) > 0.1);
}

/// Closed form: a tone of frequency f leaves a clock that is e fast at f (1 + e) + e carrier.
#[test]
fn a_tone_leaves_at_the_frequency_of_the_oscillator() {
    let (frequency, ppm) = (0.08, 2.0);
    let config = FrontEndConfig { oscillator_ppm: ppm, carrier_hz: CARRIER_HZ, ..FrontEndConfig::default() };
    let samples =
        (0..45_000).map(|i| Complex32::from_polar(1.0, (TAU * (frequency * f64::from(i)).fract()) as f32));
    let heard = heard_rightly(&config, &[Burst { start: 0, samples: samples.collect() }], 1000);
    let error = ppm * 1e-6;
    let expected = frequency * (1.0 + error) + error * CARRIER_HZ / RATE_HZ;
    // The phase over 40,000 samples, less that of the frequency expected.
    let turn = |i: usize| Complex32::from_polar(1.0, -((TAU * (expected * i as f64).fract()) as f32));
    let [first, last] = [1000, 41_000].map(|i| heard[i] * turn(i));
    let apart = (last * first.conj()).arg().abs();
    assert!(apart < 1e-2, "{apart}");
    // Control: the nominal frequency is many turns away.
    let nominal = |i: usize| Complex32::from_polar(1.0, -((TAU * (frequency * i as f64).fract()) as f32));
    let [first, last] = [1000, 1010].map(|i| heard[i] * nominal(i));
    assert!((last * first.conj()).arg().abs() > 0.1);
}

fn pair(config: &FrontEndConfig, receivers: Vec<Receiver>) -> VirtualRadio<Device<Local>> {
    let ether = UNIT.ether(UNIT.config());
    let mut both = clocked(attach(&ether, "a", (&[0], &[0])), config, receivers);
    both.start(Direction::Transmit).unwrap();
    both.start(Direction::Receive).unwrap();
    both
}

#[test]
fn a_radio_hears_itself_undistorted() {
    let sent = Burst { start: 3000, samples: tones(3000, 30_000) };
    let mut both = pair(&WRONG, Vec::new());
    both.transmit(0, &sent).unwrap();
    both.silent_until(40_000).unwrap();
    let mut heard = Vec::new();
    // By its own clock the burst is where it was sent, in windows of any length.
    for (start, length_samples) in [(4000, 1), (4001, 10_000), (14_001, 5000), (20_000, 2000)] {
        let capture = both.receive(0, Window { start, length_samples }).unwrap();
        assert_eq!((capture.start, capture.overflow), (start, false));
        let place = (start - sent.start) as usize;
        heard.push(difference(&capture.samples, &sent.samples[place..place + length_samples]));
    }
    // Two resamplings of four tones of amplitude 0.5, and phases in single precision.
    let bound = 2.0 * 2.0 * 10f32.powf(ACCURACY_DB as f32 / 20.0) + 1e-3;
    assert!(heard.iter().all(|apart| *apart < bound), "{heard:?}");
    let gone = both.receive(0, Window { start: 100, length_samples: 5 });
    assert!(matches!(gone, Err(RadioError::WindowGap { position: 22_000, .. })), "{gone:?}");
}

#[test]
fn converters_clip_and_count() {
    let converter = Some(QuantiserConfig { bits: 8, headroom_db: 0.0 });
    let config = ReceiverConfig { converter, ..ReceiverConfig::default() };
    // Components clip at 0.5.
    let receiver = Receiver::new(&config, None, 0.5).unwrap();
    let mut both = pair(&FrontEndConfig::default(), vec![receiver]);
    let samples = [0.1f32, 0.9, -0.9, 0.2].map(|re| Complex32::new(re, 0.25)).to_vec();
    both.transmit(0, &Burst { start: 9000, samples: samples.clone() }).unwrap();
    both.silent_until(12_000).unwrap();
    let capture = both.receive(0, Window { start: 9000, length_samples: 4 }).unwrap();
    assert_eq!(capture.clipped_share, 0.5);
    let step = 1.0 / 256.0;
    for (heard, sent) in capture.samples.iter().zip(&samples) {
        let clipped = Complex32::new(sent.re.clamp(-0.5, 0.5), sent.im);
        assert!(
            (heard.re - clipped.re).abs() <= step && (heard.im - clipped.im).abs() <= step,
            "{heard} {sent}"
        );
    }
}

#[test]
fn own_time_is_told_and_kept() {
    let air = Parts { ..UNIT };
    let ether = air.ether(air.config());
    let early = FrontEndConfig { timing_offset_s: -500e-6, ..FrontEndConfig::default() };
    let mut a = clocked(attach(&ether, "a", (&[0], &[])), &early, Vec::new());
    a.start(Direction::Transmit).unwrap();
    a.silent_until(10_500).unwrap();
    let mut b = radio(&ether, "b", (&[], &[0]));
    b.start(Direction::Receive).unwrap();
    b.receive(0, Window { start: 0, length_samples: 9000 }).unwrap();
    // What it sends at 500 by its own clock is sent at 0: its time is 500 ahead.
    let (air, own) = (b.now().unwrap(), a.now().unwrap());
    assert!(air >= 9000 && own.abs_diff(air + 500) <= 40, "{air} {own}");
    let overlap = [20_000, 20_050].map(|start| a.transmit(0, &Burst { start, samples: signal(0, 100) }));
    assert!(matches!(overlap, [Ok(()), Err(RadioError::Overlap { position: 20_100, .. })]), "{overlap:?}");
    let late = a
        .transmit(0, &Burst { start: 30_000, samples: vec![] })
        .and_then(|()| a.transmit(0, &Burst { start: 5, samples: signal(0, 9) }));
    assert!(late.is_err());
}
