//! Resampling and front ends, against their multiply-adds alone.

mod support;

use airloop::baseband::{Burst, Complex32, Positions, Resampler};
use airloop::channels::{FrontEnd, FrontEndConfig, SampleClock};
use std::hint::black_box;
use std::sync::Arc;
use support::{Row, print, shortest};

const RATE_HZ: f64 = 30.72e6;
const ORIGIN: u64 = 100;

/// A slot of 0.5 ms.
const SAMPLES: usize = 15_360;

/// Multiplies and adds a kernel of `taps` into samples that stay in the nearest cache: one per tap, real and imaginary part.
#[multiversion::multiversion(targets(
    "x86_64+avx512f+avx512vl+avx512dq+avx512bw",
    "x86_64+avx2",
    "aarch64+neon"
))]
fn convolve(taps: &[f32], signal: &[f32], out: &mut [f32]) {
    for (c, out) in out.as_chunks_mut::<64>().0.iter_mut().enumerate() {
        let mut sum = [0.0f32; 64];
        for (tap, x) in taps.iter().zip(signal[64 * c..].windows(64).step_by(2)) {
            for (sum, x) in sum.iter_mut().zip(x) {
                *sum += tap * x;
            }
        }
        *out = sum;
    }
}

/// Returns how many complex samples a second a fixed kernel of that many taps can give.
fn ceiling(taps: usize) -> f64 {
    let (signal, mut out) = (vec![0.5f32; 2048 + 2 * taps], vec![0.0f32; 2048]);
    let kernel = vec![0.1f32; taps];
    let seconds = shortest(|| {
        for _ in 0..16 {
            convolve(black_box(&kernel), &signal, black_box(&mut out));
        }
    });
    16.0 * 1024.0 / seconds
}

fn main() {
    let sine = |i| Complex32::cis(i as f32 * 0.3);
    let burst = Burst { start: 1_000_000, samples: (0..SAMPLES).map(sine).collect() };
    let mut rows = Vec::new();
    for share in [0.6, 0.8] {
        let resampler = Arc::new(Resampler::new(share, -80.0));
        let taps = resampler.length();
        let most = ceiling(taps);
        let mut out = vec![Complex32::default(); SAMPLES];
        for (name, offset, rate, passes) in [
            ("a fixed delay", 0.37, 0.0, 1.0),
            ("a clock 2 ppm off", 0.37, 2e-6, 2.0),
            ("a clock 100 ppm off", 0.37, 1e-4, 2.0),
            ("a clock 1000 ppm off", 0.37, 1e-3, 2.0),
        ] {
            let positions = Positions::new(offset, rate, ORIGIN).expect("within the limits");
            let seconds = shortest(|| {
                resampler.apply(&positions, burst.start, &burst.samples, 1_000_000, black_box(&mut out));
            });
            rows.push(Row {
                name: format!("{taps} taps, {name}"),
                rate: SAMPLES as f64 / seconds,
                unit: "samples",
                ceiling: (
                    if passes > 1.0 { "value and slope of its taps" } else { "multiply-adds of its taps" },
                    most / passes,
                ),
            });
        }
        let config = FrontEndConfig {
            timing_offset_s: 1e-8,
            cfo_hz: 350.0,
            phase_rad: 1.0,
            oscillator_ppm: 2.0,
            sample_clock_ppm: 0.0,
            carrier_hz: 3.5e9,
        };
        let clock = SampleClock { sample_rate_hz: RATE_HZ, origin: ORIGIN };
        let carrier = FrontEndConfig { timing_offset_s: 0.0, oscillator_ppm: 0.0, ..config };
        for (name, config, most) in [
            ("the whole front end", config, ("value and slope of its taps", most / 2.0)),
            ("carrier and phase alone", carrier, ("one tap", ceiling(1))),
        ] {
            let device = FrontEnd::new(&config, clock, Arc::clone(&resampler)).expect("within the limits");
            let mut shaped = Burst::default();
            let seconds = shortest(|| device.shape(&burst, black_box(&mut shaped)).expect("late enough"));
            rows.push(Row {
                name: format!("{taps} taps, {name}"),
                rate: SAMPLES as f64 / seconds,
                unit: "samples",
                ceiling: most,
            });
        }
    }
    print("resampler: -80 dB over shares 0.6 and 0.8, bursts of 15,360 samples", &rows);
}
