//! The search for a preamble, in samples a second on one thread, against the transforms that it cannot do without.

mod support;

use airloop::baseband::synchronisation::{
    CarrierOffset, Combining, Preamble, PreambleEstimator, PreambleSearch, zadoff_chu_extended,
};
use airloop::baseband::{Complex32, Purpose, Seeds};
use rustfft::FftPlanner;
use std::hint::black_box;
use support::{Row, print, shortest};

/// 10 ms at 30.72 MS/s.
const WINDOW: usize = 307_200;
const SAMPLE_RATE_HZ: f64 = 30.72e6;

fn main() {
    let mut rows = Vec::new();
    for (fft_size, repetitions) in [(1024, 2), (1024, 4)] {
        let preamble = preamble(fft_size, repetitions);
        let window = window(&preamble);
        let length = preamble.samples().len();
        for combining in [Combining::Coherent, Combining::NonCoherent] {
            let search = PreambleSearch::new(&preamble, combining);
            let seconds = shortest(|| {
                black_box(search.strongest(black_box(&window)));
            });
            let name = format!("{combining:?}, {length} samples");
            rows.push(row(name, seconds, transforms(&search, length)));
        }
        let estimator = PreambleEstimator::new(&preamble, SAMPLE_RATE_HZ, 1e-3, CarrierOffset::Unknown)
            .expect("the rates are in range");
        let seconds = shortest(|| {
            black_box(estimator.estimate(black_box(&window)).expect("the preamble is strong"));
        });
        rows.push(row(
            format!("estimate, {length} samples"),
            seconds,
            transforms(estimator.search(), length),
        ));
    }
    print(&format!("synchronisation: a window of {WINDOW} samples, 10 ms at 30.72 MS/s"), &rows);
}

/// A preamble of 612 of 1024 bins.
fn preamble(fft_size: usize, repetitions: usize) -> Preamble {
    let bins: Vec<i32> = (-306..306).collect();
    let values = zadoff_chu_extended(25, bins.len()).expect("the root is in range");
    Preamble::on_bins(&values, &bins, fft_size, repetitions, 72).expect("the preamble is right")
}

/// The preamble in noise at 0 dB, two thirds into the window.
fn window(preamble: &Preamble) -> Vec<Complex32> {
    let mut samples = vec![Complex32::default(); WINDOW];
    Seeds::new(1).stream(Purpose::Noise, 0, 0).fill_complex_gaussian(0, 1.0, &mut samples);
    for (sample, known) in samples[2 * WINDOW / 3..].iter_mut().zip(preamble.samples()) {
        *sample += known;
    }
    samples
}

/// Returns the lags a second that two transforms a block would allow if nothing else took time.
fn transforms(search: &PreambleSearch, length: usize) -> f64 {
    let block = search.block_samples();
    let mut planner = FftPlanner::<f32>::new();
    let (forward, inverse) = (planner.plan_fft_forward(block), planner.plan_fft_inverse(block));
    let (mut input, mut output) = (vec![Complex32::default(); block], vec![Complex32::default(); block]);
    let scratch = forward.get_immutable_scratch_len().max(inverse.get_inplace_scratch_len());
    let mut scratch = vec![Complex32::default(); scratch];
    let seconds = shortest(|| {
        forward.process_immutable_with_scratch(black_box(&input), &mut output, &mut scratch);
        inverse.process_with_scratch(black_box(&mut output), &mut scratch);
    });
    black_box(&mut input);
    (block - length + 1) as f64 / seconds
}

fn row(name: String, seconds: f64, ceiling: f64) -> Row {
    let name = format!("{name}: {:.2} ms", seconds * 1e3);
    Row { name, rate: WINDOW as f64 / seconds, unit: "samples", ceiling: ("two transforms a block", ceiling) }
}
