//! Floors of a sum that is not aligned, without OFDM: the error of a superposition of impaired devices.

mod support;

use airloop_baseband::checks::{check_mean, detects_db};
use airloop_baseband::statistics::Moments;
use airloop_baseband::{Burst, Complex32, Complex64, Purpose, Resampler, Seeds, Stream, Transport, Window};
use airloop_channels::{
    AirConfig, EmulatedAir, Fading, FilterBank, FractionalDelay, FrontEnd, FrontEndConfig, Link, Profile,
    SampleClock,
};
use std::f64::consts::{PI, TAU};
use std::sync::Arc;
use support::*;

const RATE_HZ: f64 = 1e6;
const CARRIER: f64 = 2.4e9;
const DEVICES: usize = 8;

/// Samples of a period of the devices' signals, and their tones.
const PERIOD: usize = 64;
const TONES: std::ops::RangeInclusive<i64> = -16..=16;

/// The first sample that is compared, and the origin of time.
const ORIGIN: u64 = 400;

/// Returns independent samples of a periodic signal with equal power in all tones, on unit total power.
fn signal(stream: Stream, first: i64, count: usize) -> Vec<Complex32> {
    let mut spectrum = vec![Complex32::default(); TONES.count()];
    stream.fill_complex_gaussian(0, 1.0 / spectrum.len() as f32, &mut spectrum);
    let roots: Vec<Complex64> = (0..PERIOD).map(|i| Complex64::cis(TAU * i as f64 / PERIOD as f64)).collect();
    let sample = |n: i64| -> Complex32 {
        let terms = TONES.zip(&spectrum).map(|(tone, a)| {
            let root = roots[(tone * (n - ORIGIN as i64)).rem_euclid(PERIOD as i64) as usize];
            root * Complex64::new(a.re.into(), a.im.into())
        });
        let sum: Complex64 = terms.sum();
        Complex32::new(sum.re as f32, sum.im as f32)
    };
    let period: Vec<Complex32> = (0..PERIOD as i64).map(|i| sample(first + i)).collect();
    period.iter().copied().cycle().take(count).collect()
}

/// Returns the error of the heard sum, over the power of the devices, for many trials: samples `begin..end` after the
/// origin are compared.
fn errors(trials: u64, (begin, end): (usize, usize), config: impl Fn(Stream) -> FrontEndConfig) -> Moments {
    let resampler = Arc::new(Resampler::new(0.55, -80.0));
    let fading = Fading::new(Profile::flat(f64::INFINITY), CARRIER, 0.0);
    let filter = Arc::new(FilterBank::new(&[0.0], RATE_HZ, &FractionalDelay::new(0.55, -80.0)));
    let seeds = Seeds::new(81);
    let error = |trial| {
        let taps = fading.draw(&seeds, trial, 0..DEVICES);
        let gains: Vec<Complex32> = taps.iter().map(|taps| gains_at(taps, 0.0)[0]).collect();
        let link = |(transmit, taps)| Link { transmit, receive: 0, taps, filter: Arc::clone(&filter) };
        let air_config =
            AirConfig { sample_rate_hz: RATE_HZ, noise_power: 0.0, origin: ORIGIN, receive_ports: 1 };
        let noise = seeds.stream(Purpose::Noise, trial, 0);
        let clock = SampleClock { sample_rate_hz: RATE_HZ, origin: ORIGIN };
        let front_end = |device: usize| {
            let draw = seeds.stream(Purpose::Impairment, trial, device as u64);
            (device, FrontEnd::new(&config(draw), clock, Arc::clone(&resampler)).unwrap())
        };
        let mut air = EmulatedAir::new(air_config, taps.into_iter().enumerate().map(link).collect(), noise)
            .with_front_ends((0..DEVICES).map(front_end))
            .unwrap();
        let (margin, window) = (60, Window { start: ORIGIN + begin as u64, length_samples: end - begin });
        let start = window.start - margin as u64;
        let mut truth = vec![Complex64::default(); window.length_samples];
        for (device, gain) in gains.iter().enumerate() {
            let payload = seeds.stream(Purpose::Payload, trial, device as u64);
            let mut samples = signal(payload, start as i64, truth.len() + 2 * margin);
            samples.iter_mut().for_each(|x| *x /= gain);
            for (sum, x) in truth.iter_mut().zip(&samples[margin..]) {
                let x = x * gain;
                *sum += Complex64::new(x.re.into(), x.im.into());
            }
            air.transmit(device, &Burst { start, samples }).unwrap();
        }
        air.receive(0, Window { start: 0, length_samples: window.start as usize }).unwrap();
        let heard = air.receive(0, window).unwrap().samples;
        let error =
            |(y, x): (&Complex32, &Complex64)| (Complex64::new(y.re.into(), y.im.into()) - x).norm_sqr();
        let total: f64 = heard.iter().zip(&truth).map(error).sum();
        total / (truth.len() * DEVICES) as f64
    };
    Moments::of((0..trials).map(error))
}

/// Checks a floor to 0.3 dB, and that one wrong by 0.6 dB is refused.
fn check(name: &str, moments: &Moments, floor: f64) {
    let spec = spec(detects_db(floor, 0.3));
    check_mean(moments, floor, spec).unwrap_or_else(|e| panic!("{name}: {e:?}"));
    assert_disagrees(check_mean(moments, 1.148 * floor, spec));
    println!("{name}: {:.3e} of {floor:.3e}", moments.mean);
}

#[test]
fn independent_phases_leave_twice_one_minus_the_characteristic_function() {
    for degrees in [5.0, 20.0] {
        let sd = f64::to_radians(degrees);
        let config =
            |draw: Stream| FrontEndConfig { phase_rad: sd * draw.gaussian(0), ..FrontEndConfig::default() };
        let moments = errors(6000, (0, PERIOD), config);
        check(&format!("{degrees} degrees"), &moments, 2.0 * (1.0 - (-0.5 * sd * sd).exp()));
    }
}

#[test]
fn delays_leave_the_mean_ramp_over_the_band() {
    // Over the tones of a flat spectrum: mean of 2 (1 - cos(2 pi f d)), which is (pi B d)^2 / 3 for small delays.
    for delay_samples in [0.4, -0.4, 1.0] {
        let config =
            |_| FrontEndConfig { timing_offset_s: delay_samples / RATE_HZ, ..FrontEndConfig::default() };
        let tones = TONES.map(|k| 2.0 * (1.0 - (TAU * k as f64 * delay_samples / PERIOD as f64).cos()));
        let floor = tones.sum::<f64>() / TONES.count() as f64;
        let band: f64 = TONES.count() as f64 / PERIOD as f64;
        let small = (PI * band * delay_samples).powi(2) / 3.0;
        assert!((small / floor - 1.0).abs() < 0.15, "{small} {floor}");
        check(&format!("{delay_samples} samples"), &errors(1000, (0, PERIOD), config), floor);
    }
}

#[test]
fn carrier_offsets_leave_what_turns_within_the_window() {
    let (cfo_hz, begin, end) = (150.0, 300, 300 + 2 * PERIOD);
    let turned = |n: usize| 2.0 * (1.0 - (TAU * cfo_hz * n as f64 / RATE_HZ).cos());
    let floor = (begin..end).map(turned).sum::<f64>() / (end - begin) as f64;
    let config = |_| FrontEndConfig { cfo_hz, ..FrontEndConfig::default() };
    check("carrier", &errors(1000, (begin, end), config), floor);
}

#[test]
fn an_oscillator_leaves_carrier_and_slip_together() {
    let (begin, end) = (1000, 1000 + PERIOD);
    // At 2.4 GHz the carrier rules; with no carrier to speak of the slip of a tone is all there is.
    for (ppm, carrier_hz) in [(0.06, CARRIER), (-450.0, 0.0), (450.0, 100.0e3)] {
        let error = 1e-6 * ppm;
        let turned = |k: i64, n: usize| {
            let frequency_hz = carrier_hz + k as f64 / PERIOD as f64 * RATE_HZ;
            2.0 * (1.0 - (TAU * error * frequency_hz * n as f64 / RATE_HZ).cos())
        };
        let total: f64 = TONES.flat_map(|k| (begin..end).map(move |n| turned(k, n))).sum();
        let floor = total / (TONES.count() * (end - begin)) as f64;
        let config = |_| FrontEndConfig { oscillator_ppm: ppm, carrier_hz, ..FrontEndConfig::default() };
        check(&format!("{ppm} ppm"), &errors(1000, (begin, end), config), floor);
    }
}
