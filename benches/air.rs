//! The rates that a real-time emulator needs, on one thread, each beside a ceiling measured in the same run.

mod support;

use airloop::baseband::{Burst, Complex32, Purpose, Seeds};
use airloop::channels::filter::FilterScratch;
use airloop::channels::{Fading, FilterBank, FractionalDelay, PathSpec, Profile};
use airloop::experiment::Experiment;
use airloop::ofdm::{Modem, Numerology};
use airloop::report::Fidelity;
use std::collections::BTreeSet;
use std::hint::black_box;
use std::sync::Arc;
use support::{
    INVERSION, Row, added, multiply_adds_alone, on_channel, one_thread, print, shortest, threads, transforms,
};

const RATE_HZ: f64 = 30.72e6;

/// Samples of a burst: two slots.
const BURST: usize = 30_720;

/// Maximum Doppler shifts, in hertz.
const DOPPLER_HZ: [f64; 2] = [100.0, 300.0];

/// Samples a second of a copy of a burst.
fn copy() -> f64 {
    let from = vec![Complex32::new(0.5, 0.25); BURST];
    let mut to = from.clone();
    BURST as f64 / shortest(|| black_box(&mut to).copy_from_slice(black_box(&from)))
}

/// TDL-C with delays rounded to samples, no two on one sample: a path that would fall on another moves to the next one free.
fn distinct(profile: &Profile) -> Profile {
    let mut taken = BTreeSet::new();
    let place = |path: &PathSpec| {
        let mut delay = (path.delay_s * RATE_HZ).round() as u64;
        while !taken.insert(delay) {
            delay += 1;
        }
        PathSpec { delay_s: delay as f64 / RATE_HZ, ..*path }
    };
    Profile::new(profile.paths().iter().map(place).collect()).expect("delays and powers stay in range")
}

/// Samples a second of one moving link.
fn filtered(profile: &Profile, max_doppler_hz: f64) -> f64 {
    let fading = Fading::with_max_doppler(profile.clone(), max_doppler_hz);
    let delays: Vec<f64> = profile.paths().iter().map(|p| p.delay_s).collect();
    let bank = FilterBank::new(&delays, RATE_HZ, &FractionalDelay::new(0.6, -80.0));
    let taps = fading.draw(&Seeds::new(1), 0, 0..1).swap_remove(0);
    let mut samples = vec![Complex32::default(); BURST];
    Seeds::new(1).stream(Purpose::Payload, 0, 0).fill_complex_gaussian(0, 1.0, &mut samples);
    let burst = Burst { start: 100, samples };
    let mut heard = vec![Complex32::default(); BURST + bank.precursor_samples() + bank.tail_samples()];
    let mut scratch = FilterScratch::default();
    let seconds = shortest(|| bank.apply(&taps, &burst, 0, &mut scratch, black_box(&mut heard)));
    BURST as f64 / seconds
}

/// Links: rounded and fractional delays, and a single path.
fn links() {
    let unit = "samples";
    let tdl = Profile::tdl("tdl-c", 300e-9).expect("the profile is shipped");
    let merged = tdl.clone().rounded_to_samples(RATE_HZ);
    let delays: BTreeSet<u64> = merged.paths().iter().map(|p| (p.delay_s * RATE_HZ).round() as u64).collect();
    let span = {
        let delays: Vec<f64> = tdl.paths().iter().map(|p| p.delay_s).collect();
        let bank = FilterBank::new(&delays, RATE_HZ, &FractionalDelay::new(0.6, -80.0));
        bank.precursor_samples() + bank.tail_samples() + 1
    };
    let cases = [
        ("24 paths, whole samples, distinct".to_string(), distinct(&tdl), 24),
        (format!("24 paths on {} whole samples", delays.len()), merged, delays.len()),
        (format!("fractional, {span} taps"), tdl, span),
        ("flat Rayleigh".to_string(), Profile::flat(0.0), 0),
    ];
    let mut rows = Vec::new();
    for (name, profile, taps) in &cases {
        let ceiling = match taps {
            0 => ("memory copy", copy()),
            taps => ("multiply-adds in registers", multiply_adds_alone(*taps)),
        };
        for doppler in DOPPLER_HZ {
            let name = format!("{name}, {doppler} Hz");
            rows.push(Row { name, rate: filtered(profile, doppler), unit, ceiling });
        }
    }
    print("air: one link, TDL-C 300 ns at 30.72 MS/s, taps that move with every sample", &rows);
}

/// Noise and OFDM.
fn parts() {
    let unit = "samples";
    let mut samples = vec![Complex32::default(); BURST];
    let stream = Seeds::new(1).stream(Purpose::Noise, 0, 0);
    let noise = BURST as f64 / shortest(|| stream.fill_complex_gaussian(0, 1.0, black_box(&mut samples)));
    let numerology = Numerology::custom(RATE_HZ, 1024, 72, 612, true).expect("the grid fits");
    let mut modem = Modem::new(Arc::new(numerology), 0);
    let mut grid: Vec<Complex32> = (0..14 * 612).map(|i| Complex32::new((i % 7) as f32, 1.0)).collect();
    let seconds = shortest(|| {
        modem.modulate(0, black_box(&grid), &mut samples);
        modem.demodulate(0, black_box(&samples), &mut grid);
    });
    let ofdm = (14 * 1096) as f64 / seconds;
    let row = |name: &str, rate, ceiling| Row { name: name.into(), rate, unit, ceiling };
    print(
        "air: parts",
        &[
            row("complex Gaussian noise", noise, ("memory copy", copy())),
            row("OFDM 1024/72, both ways", ofdm, ("two transforms alone", transforms(1024, 72))),
        ],
    );
}

/// An aggregation over TDL-C: devices, delay spread, Doppler and how samples are made.
fn experiment(devices: usize, spread_s: f64, max_doppler_hz: f64, path: &str) -> Experiment {
    let channel = format!(
        "model = \"tdl-c\", delay_spread_s = {spread_s:e}, carrier_hz = 3.5e9, doppler_hz = {max_doppler_hz:?}"
    );
    on_channel(devices, &channel, INVERSION, ("", &format!("waveform = {{ path = \"{path}\" }}")))
}

/// Whole aggregations.
fn aggregations() {
    let unit = "device-values";
    let ceiling = ("complex multiply-add", added());
    let mut rows = Vec::new();
    for devices in [20, 100] {
        let mut row = |name: String, experiment: &Experiment, fidelity| {
            rows.push(Row { name, rate: one_thread(experiment, fidelity), unit, ceiling });
        };
        for (spread_s, doppler) in [(100e-9, 100.0), (100e-9, 300.0), (300e-9, 100.0)] {
            let name = format!("K {devices}, per sample, {:.0} ns, {doppler} Hz", spread_s * 1e9);
            row(name, &experiment(devices, spread_s, doppler, "per-sample"), Fidelity::Waveform);
        }
        for doppler in [0.0, 9.34] {
            let sums = experiment(devices, 100e-9, doppler, "summed-spectra");
            row(format!("K {devices}, summed spectra, {doppler} Hz"), &sums, Fidelity::Waveform);
            row(format!("K {devices}, symbol, {doppler} Hz"), &sums, Fidelity::Symbol);
        }
    }
    print("air: aggregation, TDL-C, 20 MHz at 30 kHz, 100,000 values a device", &rows);
}

/// Whether twenty devices keep up with the air on two threads.
fn real_time() {
    // Fourteen symbols of 612 subcarriers, two values each, in half a millisecond.
    let devices = 20;
    let air = ("values on the air", (devices * 14 * 612 * 2) as f64 / 0.5e-3);
    let mut rows = Vec::new();
    for doppler in [0.0, 9.34] {
        let (rate, _) = threads(&experiment(devices, 100e-9, doppler, "auto"), Fidelity::Waveform, 2, 16);
        let name = format!("two threads, summed, {doppler} Hz");
        rows.push(Row { name, rate, unit: "device-values", ceiling: air });
    }
    print("air: twenty devices at 30.72 MS/s each; a ratio above 1 is faster than real time", &rows);
}

fn main() {
    links();
    parts();
    aggregations();
    real_time();
}
