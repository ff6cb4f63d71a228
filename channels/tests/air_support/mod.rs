//! What the tests of the emulated air share: an air, bursts, and runs that are cut into windows.
#![allow(dead_code, reason = "every test uses a part")]

use crate::support::CARRIER_HZ;
use airloop_baseband::{Burst, Complex32, Purpose, Seeds, Stream, Transport, Window};
use airloop_channels::{
    AirConfig, EmulatedAir, Fading, FilterBank, FractionalDelay, Link, Profile, StreamedAir,
};
use std::sync::Arc;

/// Sample rate, in hertz.
pub const RATE_HZ: f64 = 7.68e6;

/// Noise power of a sample.
pub const NOISE_POWER: f64 = 0.01;

/// Sample index of time 0.
pub const ORIGIN: u64 = 100;

/// Makes an air of three transmit ports and up to two receive ports with moving fractional taps.
pub fn air(receive_ports: usize) -> EmulatedAir {
    let (config, links, noise) = parts(receive_ports);
    EmulatedAir::new(config, links, noise)
}

/// Makes the same air for streams.
pub fn streamed_air(receive_ports: usize) -> StreamedAir {
    let (config, links, noise) = parts(receive_ports);
    StreamedAir::new(config, links, noise).unwrap()
}

fn parts(receive_ports: usize) -> (AirConfig, Vec<Link>, Stream) {
    let fading = Fading::new(Profile::exponential(150e-9).unwrap(), CARRIER_HZ, 30.0);
    let delays: Vec<f64> = fading.profile().paths().iter().map(|p| p.delay_s).collect();
    let filter = Arc::new(FilterBank::new(&delays, RATE_HZ, &FractionalDelay::new(0.6, -80.0)));
    let pairs = [(0, 0), (1, 0), (2, 0), (0, 1), (2, 1)];
    let links = fading.draw(&Seeds::new(42), 0, 0..pairs.len()).into_iter().zip(pairs);
    let link = |(taps, (transmit, receive))| Link { transmit, receive, taps, filter: Arc::clone(&filter) };
    let config =
        AirConfig { sample_rate_hz: RATE_HZ, noise_power: NOISE_POWER, origin: ORIGIN, receive_ports };
    (config, links.map(link).collect(), Seeds::new(42).stream(Purpose::Noise, 0, 0))
}

/// Returns bursts in order of their start: they overlap, one is longer than a window of 65,536 samples.
pub fn bursts() -> Vec<(usize, Burst)> {
    let places = [
        (0, 100, 5000),
        (2, 101, 997),
        (1, 3000, 70_000),
        (2, 64_000, 4000),
        (0, 65_500, 90),
        (2, 99_990, 20_001),
    ];
    let stream = Seeds::new(43).stream(Purpose::Payload, 0, 0);
    let burst = |(i, (port, start, length))| {
        let mut samples = vec![Complex32::default(); length];
        stream.substream(i as u64).fill_complex_gaussian(0, 1.0, &mut samples);
        (port, Burst { start, samples })
    };
    places.into_iter().enumerate().map(burst).collect()
}

/// Returns what both ports hear, in bits, with every burst handed over just before a window that it reaches into.
pub fn run(air: EmulatedAir, window_samples: usize) -> [Vec<u64>; 2] {
    run_until(131_072, air, window_samples)
}

/// Does so up to an absolute index.
pub fn run_until(total: u64, mut air: EmulatedAir, window_samples: usize) -> [Vec<u64>; 2] {
    let mut bursts = bursts().into_iter().peekable();
    let ahead = air.precursor_samples_until(total) as u64;
    let (mut heard, mut start) = ([Vec::new(), Vec::new()], 0);
    while start < total {
        let length_samples = window_samples.min((total - start) as usize);
        let window = Window { start, length_samples };
        while let Some((port, burst)) = bursts.next_if(|(_, b)| b.start < window.end() + ahead) {
            air.transmit(port, &burst).unwrap();
        }
        for (port, heard) in heard.iter_mut().enumerate() {
            let capture = air.receive(port, window).unwrap();
            assert_eq!((capture.start, capture.samples.len()), (start, length_samples));
            let bits = |y: &Complex32| u64::from(y.re.to_bits()) << 32 | u64::from(y.im.to_bits());
            heard.extend(capture.samples.iter().map(bits));
        }
        start = window.end();
    }
    heard
}
