//! What hardware is drawn for radios, and what it does to samples.

use super::air::{Local, RATE_HZ, UNIT, attach, signal};
use super::devices::{AIR_HZ, FILTERS, apart, ether, read, set, tone, write};
use airloop_baseband::{Complex32, Resampler, Seeds};
use airloop_channels::StreamedAir;
use airloop_channels::impairment::preset::NAMES;
use airloop_channels::impairment::{Preset, QuantiserConfig, Receiver, SampleClock};
use airloop_hil::Direction::{Receive, Transmit};
use airloop_hil::ether::Attachment;
use airloop_hil::{Device, DeviceConfig, Ether, Hardware, HardwareSetting, Persona};
use std::f64::consts::TAU;
use std::sync::Arc;

fn drawn(name: &str, number: u64) -> Hardware {
    let setting = HardwareSetting {
        seeds: Seeds::new(6),
        number,
        clock: SampleClock { sample_rate_hz: RATE_HZ, origin: 1000 },
        carrier_hz: AIR_HZ,
        resampler: Arc::new(Resampler::new(0.5, -80.0)),
        receive_channels: 2,
    };
    Hardware::draw(&Preset::named(name).unwrap(), &setting).unwrap()
}

#[test]
fn presets_are_drawn_within_their_bounds_for_each_radio() {
    for name in NAMES.into_iter().filter(|name| *name != "ideal") {
        let preset = Preset::named(name).unwrap();
        // A fast oscillator turns the carrier by its share of it.
        let ppm = |number| {
            let hardware = drawn(name, number);
            let warp = hardware.front_end.unwrap().warp();
            let found = (1e6 * warp.rate_offset, warp.turns_per_sample * RATE_HZ);
            assert!((found.0 - hardware.clocks.oscillator_ppm).abs() < 1e-6);
            found
        };
        let all: Vec<(f64, f64)> = (0..200).map(ppm).collect();
        let most = preset.oscillator_ppm.unwrap_or(0.0);
        let largest = all.iter().map(|(ppm, _)| ppm.abs()).fold(0.0, f64::max);
        assert!(largest <= most && largest >= 0.95 * most, "{name}: {largest}");
        for (ppm, carrier_hz) in &all {
            let beyond = (carrier_hz - ppm * 1e-6 * AIR_HZ).abs();
            assert!(beyond <= preset.cfo_hz.unwrap_or(0.0) + 1e-6, "{name}: {carrier_hz} Hz at {ppm} ppm");
        }
        assert!(all[0] != all[1] && ppm(0) == all[0], "{name}");
        let hardware = drawn(name, 3);
        assert_eq!(hardware.receivers.iter().all(Receiver::is_identity), preset.adc_bits.is_none(), "{name}");
        assert_eq!(
            hardware.transmitter.is_identity(),
            preset.dac_bits.is_none() && preset.power_step_db.is_none()
        );
    }
    let ideal = drawn("ideal", 0);
    assert!(ideal.front_end.is_none() && ideal.receive_noise.is_none() && ideal.transmitter.is_identity());
    assert!(ideal.receivers.len() == 2 && ideal.receivers.iter().all(Receiver::is_identity));
}

/// Draws a radio that is ideal but for a preset.
fn of_preset(
    ether: &Ether<StreamedAir>,
    name: &str,
    ports: (&[usize], &[usize]),
    preset: Preset,
) -> Device<Local> {
    let place = attach(ether, name, ports);
    let setting = HardwareSetting::at(place.info(), Seeds::new(11), 4, 0.0);
    let persona = Persona { preset, ..Persona::ideal() };
    Device::new(place, DeviceConfig::draw(persona, &setting).unwrap()).unwrap()
}

/// Closed form of what leaves a radio, from what it says is true of it alone.
#[test]
fn what_is_true_of_a_radio_is_what_it_does() {
    let preset = Preset {
        timing_offset_s: Some(3e-6),
        cfo_hz: Some(200.0),
        oscillator_ppm: Some(20.0),
        power_step_db: Some(2.0),
        ..Preset::default()
    };
    let ether = ether();
    let mut sender = of_preset(&ether, "a", (&[0], &[]), preset);
    let mut listener = attach(&ether, "b", (&[], &[0]));
    let untuned = sender.truth();
    set(&mut sender, Transmit, (0.5, 0.2 * RATE_HZ, 0.0));
    set(&mut sender, Transmit, (0.5, 0.1 * RATE_HZ, -4.0));
    sender.activate(Transmit, Some(0)).unwrap();
    listener.activate(Receive, Some(0)).unwrap();
    let cycles = 0.21;
    write(&mut sender, 0, &tone(cycles, (0.5, 0.0), 0, 20_000), 20_000);
    sender.silent_until(30_000).unwrap();
    let heard = read(&mut listener, 39_000, 39_000);
    let truth = sender.truth();
    assert!(untuned.transmit.phase_rad == 0.0 && truth.transmit.phase_rad != 0.0);
    assert!(truth.oscillator_ppm.abs() <= 20.0 && truth.power_error_db.abs() <= 1.0);
    let (own_hz, error) = (cycles * 0.5 * RATE_HZ + 0.1 * RATE_HZ, 1e-6 * truth.oscillator_ppm);
    let carrier_hz = AIR_HZ + 0.1 * RATE_HZ;
    assert!((truth.transmit.carrier_offset_hz - truth.cfo_hz - error * carrier_hz).abs() < 1e-6);
    let level = 0.5 * truth.transmit.amplitude * 10f64.powf(truth.power_error_db / 20.0);
    let expected: Vec<Complex32> = (500..38_000)
        .map(|n| {
            let time = f64::from(n) / RATE_HZ;
            let own = time * (1.0 + error) - truth.timing_offset_s;
            let turns = own_hz * own + (error * AIR_HZ + truth.cfo_hz) * time;
            let phase = TAU * turns.fract() + truth.phase_rad + truth.transmit.phase_rad;
            Complex32::new((level * phase.cos()) as f32, (level * phase.sin()) as f32)
        })
        .collect();
    let worst = apart(&heard[500..38_000], &expected) / level;
    assert!(worst < FILTERS + 1e-4 + 1e-4, "{worst:e}");
    // Control: without the phase of tuning it is another signal.
    let turn = Complex32::from_polar(1.0, truth.transmit.phase_rad as f32);
    let without: Vec<Complex32> = expected.iter().map(|x| x / turn).collect();
    assert!(apart(&heard[500..38_000], &without) / level > 0.1);
}

#[test]
fn a_radio_off_its_carrier_hears_itself_undistorted_at_an_odd_rate() {
    let preset = Preset { timing_offset_s: Some(3e-6), oscillator_ppm: Some(20.0), ..Preset::default() };
    let ether = ether();
    let mut both = of_preset(&ether, "a", (&[0], &[0]), preset);
    for direction in [Transmit, Receive] {
        set(&mut both, direction, (0.75, -0.1 * RATE_HZ, 0.0));
        both.activate(direction, Some(0)).unwrap();
    }
    let sent = tone(0.3, (1.0, 0.0), 0, 20_000);
    write(&mut both, 3000, &sent[3000..], 20_000);
    both.silent_until(40_000).unwrap();
    let heard = read(&mut both, 15_000, 1000);
    let truth = both.truth();
    // Each direction was tuned by itself.
    let turn = Complex32::from_polar(1.0, (truth.transmit.phase_rad - truth.receive.phase_rad) as f32);
    let expected: Vec<Complex32> = sent[3500..15_000].iter().map(|x| x * turn).collect();
    let worst = apart(&heard[3500..], &expected);
    assert!(worst < 2.0 * (FILTERS + 2e-4), "{worst:e}");
}

/// Statistical: the mean square of 200,000 errors, next to uniform, is off by 0.2 % at one standard deviation; 2 % is a chance below 1e-9.
#[test]
fn converters_of_twelve_bits_leave_the_error_of_twelve_bits() {
    const COUNT: usize = 100_000;
    let rms = 0.2f32;
    // Full scale is a component of 1, five standard deviations.
    let headroom_db = -20.0 * f64::from(rms).log10();
    let samples: Vec<Complex32> =
        signal(0, COUNT).iter().map(|x| x * (rms * std::f32::consts::SQRT_2)).collect();
    for preset in [
        Preset { dac_bits: Some(12), ..Preset::default() },
        Preset { adc_bits: Some(12), ..Preset::default() },
    ] {
        let ether = UNIT.ether(UNIT.config());
        let mut sender = of_preset(&ether, "a", (&[0], &[]), preset);
        let mut listener = of_preset(&ether, "b", (&[], &[0]), preset);
        sender.activate(Transmit, Some(0)).unwrap();
        listener.activate(Receive, Some(0)).unwrap();
        write(&mut sender, 0, &samples, 9999);
        sender.silent_until(COUNT as u64).unwrap();
        let heard = read(&mut listener, COUNT, 70_000);
        let error: f64 = samples.iter().zip(&heard).map(|(a, b)| f64::from((a - b).norm_sqr())).sum();
        let found = error / (2 * COUNT) as f64 / f64::from(rms * rms);
        let expected = |bits| QuantiserConfig { bits, headroom_db }.mean_square_error();
        assert!((found / expected(12) - 1.0).abs() < 0.02, "{found:e} {:e}", expected(12));
        // Control: one bit more is 6 dB less error.
        assert!((found / expected(13) - 1.0).abs() > 0.1);
    }
}
