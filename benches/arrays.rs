//! The rates of clustered channels between arrays of four antennas, on one thread.

mod support;

use airloop::baseband::{Burst, Complex32, Purpose, Seeds};
use airloop::channels::filter::FilterScratch;
use airloop::channels::{Array, ClusteredConfig, ClusteredModel, Fading, FilterBank, FractionalDelay};
use airloop::experiment::Experiment;
use airloop::report::Fidelity;
use std::hint::black_box;
use support::{Row, added, multiply_adds_alone, on_channel, one_thread, print, shortest};

const RATE_HZ: f64 = 30.72e6;

/// Samples of a burst: two slots.
const BURST: usize = 30_720;

/// Links of a device: four antennas at either end.
const LINKS: usize = 16;

/// Maximum Doppler shifts, in hertz; at the lower one spectra may be summed.
const DOPPLER_HZ: [f64; 2] = [7.0, 100.0];

/// The fading of CDL-C between lines of four.
fn fading(max_doppler_hz: f64) -> Fading {
    let line = || Array::linear(4, 0.5).expect("an array has elements");
    let speed_m_s = max_doppler_hz * airloop::channels::SPEED_OF_LIGHT_M_S / 3.5e9;
    let config = ClusteredConfig {
        receive_array: line(),
        device_array: line(),
        speed_m_s,
        ..ClusteredConfig::new("cdl-c", 100e-9, 3.5e9)
    };
    Fading::clustered(ClusteredModel::new(config).expect("the profile is shipped"))
}

/// Links: drawn, and applied to samples.
fn links() {
    let moving = fading(100.0);
    let delays: Vec<f64> = moving.profile().paths().iter().map(|p| p.delay_s).collect();
    let bank = FilterBank::new(&delays, RATE_HZ, &FractionalDelay::new(0.6, -80.0));
    let span = bank.precursor_samples() + bank.tail_samples() + 1;
    let mut trial = 0;
    let drawn = shortest(|| {
        trial += 1;
        drop(black_box(moving.draw(&Seeds::new(1), trial, 0..20 * LINKS)));
    });
    let taps = moving.draw(&Seeds::new(1), 0, 0..LINKS);
    let mut samples = vec![Complex32::default(); BURST];
    Seeds::new(1).stream(Purpose::Payload, 0, 0).fill_complex_gaussian(0, 1.0, &mut samples);
    let burst = Burst { start: 100, samples };
    let mut heard = vec![Complex32::default(); BURST + span - 1];
    let mut scratch = FilterScratch::default();
    let applied = shortest(|| {
        taps.iter().for_each(|taps| bank.apply(taps, &burst, 0, &mut scratch, black_box(&mut heard)));
    });
    let rays = multiply_adds_alone(delays.len() * 20);
    print(
        "arrays: links of CDL-C 100 ns between 4 x 4 antennas, 100 Hz",
        &[
            Row {
                name: "20 devices drawn".into(),
                rate: (20 * LINKS) as f64 / drawn,
                unit: "links",
                ceiling: ("a multiply-add a ray", rays),
            },
            Row {
                name: format!("16 links per sample, {span} taps"),
                rate: (LINKS * BURST) as f64 / applied,
                unit: "samples",
                ceiling: ("multiply-adds in registers", multiply_adds_alone(span)),
            },
        ],
    );
}

/// An aggregation over CDL-C between arrays.
fn experiment(
    (receive, device): (usize, usize),
    scheme: &str,
    max_doppler_hz: f64,
    path: &str,
) -> Experiment {
    let channel = format!(
        "model = \"cdl-c\", delay_spread_s = 100e-9, carrier_hz = 3.5e9, doppler_hz = {max_doppler_hz:?}"
    );
    let link = format!("receive_antennas = {receive}, device_antennas = {device}");
    on_channel(20, &channel, scheme, (&link, &format!("waveform = {{ path = \"{path}\" }}")))
}

/// Whole aggregations of twenty devices.
fn aggregations() {
    let forcing = |streams: usize| format!("kind = \"uniform-forcing\", streams = {streams}");
    let mmse = "kind = \"receive-combining\", combiner = \"mmse\"".to_string();
    let cases = [
        ((4, 1), mmse, "MMSE, 4 x 1"),
        ((4, 4), forcing(1), "1 beam, 4 x 4"),
        ((4, 4), forcing(4), "4 beams, 4 x 4"),
    ];
    let ceiling = ("complex multiply-add", added());
    let mut rows = Vec::new();
    for (antennas, scheme, words) in &cases {
        let mut row = |what: &str, experiment: &Experiment, fidelity| {
            let rate = one_thread(experiment, fidelity);
            rows.push(Row { name: format!("{words}, {what}"), rate, unit: "device-values", ceiling });
        };
        let still = experiment(*antennas, scheme, 0.0, "summed-spectra");
        row("static, symbol", &still, Fidelity::Symbol);
        row("static, summed spectra", &still, Fidelity::Waveform);
        row("static, per sample", &experiment(*antennas, scheme, 0.0, "per-sample"), Fidelity::Waveform);
        for doppler in DOPPLER_HZ {
            let moving = experiment(*antennas, scheme, doppler, "per-sample");
            row(&format!("{doppler} Hz, symbol"), &moving, Fidelity::Symbol);
            row(&format!("{doppler} Hz, per sample"), &moving, Fidelity::Waveform);
        }
    }
    print(
        "arrays: aggregation of K = 20 over CDL-C 100 ns, 20 MHz at 30 kHz, 100,000 values a device",
        &rows,
    );
}

fn main() {
    links();
    aggregations();
}
