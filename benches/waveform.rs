//! The waveform rung: OFDM, taps that move and their sum, in device-values a second, against a filter and a transform.

mod support;

use airloop::baseband::Complex32;
use airloop::report::Fidelity;
use rustfft::FftPlanner;
use std::hint::black_box;
use support::{DEVICES, INVERSION, LENGTH, Row, experiment_with, one_thread, print, shortest, threads};

const UNIT: &str = "device-values";

/// Used subcarriers, transform size and mean samples of a symbol at 20 MHz and 30 kHz; each subcarrier carries two values.
const USED: usize = 612;
const SIZE: usize = 1024;
const SYMBOL: f64 = 15_360.0 / 14.0;

/// Samples filtered at once.
const LANES: usize = 16;

/// Filters with constant taps: real and imaginary parts apart, sums in registers.
#[multiversion::multiversion(targets(
    "x86_64+avx512f+avx512vl+avx512dq+avx512bw",
    "x86_64+avx2",
    "aarch64+neon"
))]
fn filter(taps: &[Complex32], signal: (&[f32], &[f32]), out: (&mut [f32], &mut [f32])) {
    for at in (0..out.0.len()).step_by(4 * LANES) {
        let (mut re, mut im) = ([0.0f32; 4 * LANES], [0.0f32; 4 * LANES]);
        for (d, tap) in taps.iter().enumerate() {
            let (x, y) = (&signal.0[at + d..at + d + 4 * LANES], &signal.1[at + d..at + d + 4 * LANES]);
            for l in 0..4 * LANES {
                re[l] += tap.re * x[l] - tap.im * y[l];
                im[l] += tap.re * y[l] + tap.im * x[l];
            }
        }
        out.0[at..at + 4 * LANES].copy_from_slice(&re);
        out.1[at..at + 4 * LANES].copy_from_slice(&im);
    }
}

/// Device-values a second of the filter alone, with as many taps.
fn filter_alone(taps: usize) -> f64 {
    let taps = vec![Complex32::new(0.1, 0.2); taps];
    let samples = 240 * 4 * LANES;
    let signal = (vec![0.5f32; samples + taps.len()], vec![0.25f32; samples + taps.len()]);
    let mut out = (vec![0.0f32; samples], vec![0.0f32; samples]);
    let seconds = shortest(|| {
        filter(black_box(&taps), (&signal.0, &signal.1), (&mut out.0, &mut out.1));
        black_box(&mut out);
    });
    samples as f64 / SYMBOL * (2 * USED) as f64 / seconds
}

/// Device-values a second of the transmitters' transforms alone.
fn transform_alone() -> f64 {
    let plan = FftPlanner::<f32>::new().plan_fft_inverse(SIZE);
    let mut data = vec![Complex32::new(1.0, 0.0); 14 * SIZE];
    let mut scratch = vec![Complex32::default(); plan.get_inplace_scratch_len()];
    let seconds = shortest(|| {
        black_box(&mut data).iter_mut().step_by(SIZE).for_each(|x| *x = Complex32::new(1.0, 0.0));
        plan.process_with_scratch(&mut data, &mut scratch);
        data.fill(Complex32::new(1.0, 0.5));
    });
    (14 * 2 * USED) as f64 / seconds
}

fn main() {
    let transform = transform_alone();
    let mut rows = Vec::new();
    let cases = [
        (0.0, "per-sample"),
        (0.8, "per-sample"),
        (30.0, "per-sample"),
        (0.0, "summed-spectra"),
        (0.8, "summed-spectra"),
    ];
    for (speed_m_s, path) in cases {
        let experiment =
            experiment_with(speed_m_s, INVERSION, "", &format!("waveform = {{ path = \"{path}\" }}"));
        let bank = experiment.filter_bank().expect("the channel has taps").0;
        let filter = filter_alone(bank.precursor_samples() + bank.tail_samples() + 1);
        let rate = one_thread(&experiment, Fidelity::Waveform);
        for ceiling in [("multiply-adds of a static filter", filter), ("transforms alone", transform)] {
            rows.push(Row { name: format!("{path}, {speed_m_s} m/s"), rate, unit: UNIT, ceiling });
        }
        let (two, one) = threads(&experiment, Fidelity::Waveform, 2, 2);
        let name = format!("{path}, two threads, {speed_m_s} m/s");
        rows.push(Row { name, rate: two, unit: UNIT, ceiling: ("twice one thread", 2.0 * one) });
    }
    print(&format!("waveform: {DEVICES} devices, {LENGTH} values, TDL-C 100 ns, 20 MHz"), &rows);
}
