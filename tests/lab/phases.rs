//! Phases of a calibration against those of impairments: those of the air that was measured, and those of an experiment that takes them.

use super::air::{CENTRE_HZ, PathOf, RATE_HZ, Stand, air, lab, print};
use airloop::baseband::{Burst, Resampler, Window};
use airloop::channels::impairment::SampleClock;
use airloop::channels::{FrontEnd, FrontEndConfig};
use airloop::config::Node;
use airloop::experiment::Loader;
use airloop::hil::{Direction, Persona, Radio, VirtualRadio};
use airloop::lab::{Calibration, Log, Sounding, calibrate};
use airloop::run::shared::{ServeConfig, ServedAir, serve};
use std::f64::consts::{PI, TAU};
use std::path::Path;
use std::sync::Arc;

/// By device: phase at index 0 of the air, oscillator, and delay in samples.
const KNOWN: [(f64, f64, f64); 3] = [(0.7, 0.1, 0.0), (-2.1, -0.07, 3.3), (2.9, 0.04, -1.6)];

/// Largest error of a phase, in radians: the experiment's rounds begin some tens of samples after index 0, which turns 245 Hz by less.
const PHASE_RAD: f64 = 0.05;

/// Calibrates ideal radios in an air whose uplinks have the known impairments.
fn calibrated() -> Calibration {
    let resampler = Arc::new(Resampler::new(0.85, -80.0));
    let front_end = |(device, (phase_rad, oscillator_ppm, delay)): (usize, &(f64, f64, f64))| {
        let config = FrontEndConfig {
            timing_offset_s: delay / RATE_HZ,
            phase_rad: *phase_rad,
            oscillator_ppm: *oscillator_ppm,
            carrier_hz: CENTRE_HZ,
            ..FrontEndConfig::default()
        };
        let clock = SampleClock { sample_rate_hz: RATE_HZ, origin: 0 };
        (device + 1, FrontEnd::new(&config, clock, Arc::clone(&resampler)).unwrap())
    };
    let paths: Vec<PathOf> =
        (1..=KNOWN.len()).flat_map(|device| [(device, 0, 0.0), (0, device, 0.0)]).collect();
    let ether = air(&paths, 1e-3, KNOWN.iter().enumerate().map(front_end).collect());
    let config = lab(KNOWN.len() + 1, "ideal", "");
    let mut stand = Stand::new(&ether, &Persona::ideal(), config, RATE_HZ);
    let mut log = Log::default();
    let calibration = calibrate(&stand.config, &mut stand.bench, &mut log);
    print(&log);
    calibration.unwrap()
}

fn apart_rad(a: f64, b: f64) -> f64 {
    ((a - b + PI).rem_euclid(TAU) - PI).abs()
}

/// Returns the phase of a device after some samples.
fn turned((phase_rad, oscillator_ppm): (f64, f64), samples: f64) -> f64 {
    phase_rad + TAU * 1e-6 * oscillator_ppm * CENTRE_HZ * samples / RATE_HZ
}

#[test]
fn impairments_are_measured_with_their_signs() {
    let calibration = calibrated();
    for (device, (phase_rad, ppm, delay)) in calibration.devices.iter().zip(KNOWN) {
        let truth = turned((phase_rad, ppm), calibration.phases_at);
        println!("{}: {} rad measured, {truth} rad true", device.name, device.phase_rad);
        assert!(apart_rad(device.phase_rad, truth) < PHASE_RAD, "{}", device.name);
        // Turned the other way it is another one.
        assert!(apart_rad(-device.phase_rad, truth) > PHASE_RAD, "{}", device.name);
        assert!((device.oscillator_ppm - ppm).abs() < 1e-4, "{} ppm", device.oscillator_ppm);
        // Sent later by so much, its own count at the server's index 0 is less.
        assert!((device.delay_samples + delay).abs() < 0.05, "{} samples", device.delay_samples);
    }
}

/// Serves the uplinks of an experiment with these impairments.
fn served(impairments: &str) -> ServedAir {
    let text = format!(
        "[payload]\nsource = \"gaussian\"\ndevices = 3\nlength = 400\nfunction = \"sum\"\n[ofdm]\nbandwidth_hz = 5e6\n\
         subcarrier_spacing_hz = 15e3\n[channel]\nmodel = \"awgn\"\ncarrier_hz = {CENTRE_HZ:e}\n[link]\nsnr_db = 30.0\n[scheme]\n\
         kind = \"full-inversion\"\n[stop]\ntrials = 1\n{impairments}"
    );
    let experiment = Loader::default().load(&Node::parse_toml(&text, Path::new("e.toml")).unwrap()).unwrap();
    let config = ServeConfig { downlinks: false, ..ServeConfig::default() };
    serve(&experiment, &config).unwrap()
}

#[test]
fn an_experiment_that_takes_what_was_measured_has_the_phases_of_what_was_measured() {
    let calibration = calibrated();
    let toml = calibration.toml();
    let air = served(toml.split("[[measured]]").next().unwrap());
    assert_eq!(air.sample_rate_hz, RATE_HZ);
    let radio = |name: &str| VirtualRadio::new(air.ether.attach_named(name).unwrap());
    let mut devices: Vec<_> = (0..3).map(|device| radio(&format!("device-{device}"))).collect();
    let mut server = radio("server");
    devices.iter_mut().for_each(|radio| radio.start(Direction::Transmit).unwrap());
    server.start(Direction::Receive).unwrap();
    let sounding = Sounding::new(RATE_HZ, 1e4).unwrap();
    let slot = 4 * sounding.samples().len() as u64;
    for (device, radio) in devices.iter_mut().enumerate() {
        let burst = Burst { start: (device as u64 + 1) * slot, samples: sounding.samples().to_vec() };
        radio.transmit(0, &burst).unwrap();
        radio.silent_until(8 * slot).unwrap();
    }
    for (device, known) in KNOWN.iter().enumerate() {
        let start = (device as u64 + 1) * slot - 1000;
        let heard = server.receive(0, Window { start, length_samples: slot as usize / 2 }).unwrap();
        let sounded = sounding.hear(&heard.samples).unwrap();
        let at = start as f64 + sounded.start_samples + sounding.first_long().start as f64;
        // From where phases were stated on, as long as the round has gone on.
        let truth = turned((known.0, known.1), calibration.phases_at + at);
        println!("device-{device}: {} rad heard, {truth} rad true", sounded.amplitude.arg());
        assert!(apart_rad(sounded.amplitude.arg(), truth) < PHASE_RAD);
        assert!(apart_rad(-sounded.amplitude.arg(), truth) > PHASE_RAD);
    }
}
