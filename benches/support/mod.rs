//! What the benches share: the experiments that are timed, the shortest time of many repeats, and the table.

#![allow(dead_code, reason = "every bench uses a part")]

use airloop::baseband::Complex32;
use airloop::config::Node;
use airloop::experiment::{Experiment, Loader};
use airloop::payload::Source;
use airloop::report::Fidelity;
use airloop::run::TrialContext;
use rayon::prelude::*;
use rustfft::FftPlanner;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

/// Time spent on repeats of one measurement.
const PATIENCE: Duration = Duration::from_millis(1500);

/// Devices and values of the payload of [`experiment`].
pub const DEVICES: usize = 20;
/// Values a device.
pub const LENGTH: usize = 100_000;

/// Makes an experiment over a wideband channel with a payload in memory; `scheme` is the inside of its table.
pub fn experiment(speed_m_s: f64, scheme: &str) -> Experiment {
    experiment_with(speed_m_s, scheme, "", "")
}

/// Makes the same with more inside the table `[link]` and with more tables.
pub fn experiment_with(speed_m_s: f64, scheme: &str, link: &str, tables: &str) -> Experiment {
    let channel =
        format!("model = \"tdl-c\", delay_spread_s = 100e-9, carrier_hz = 3.5e9, speed_m_s = {speed_m_s:?}");
    on_channel(DEVICES, &channel, scheme, (link, tables))
}

/// Makes an experiment of so many devices over a channel at 20 MHz and 30 kHz; `channel` is the inside of its table.
pub fn on_channel(devices: usize, channel: &str, scheme: &str, (link, tables): (&str, &str)) -> Experiment {
    let values: Vec<f32> =
        (0..devices * LENGTH).map(|i| ((i * 2_654_435_761) % 1_000_003) as f32 / 5e5 - 1.0).collect();
    let source = Source::array(devices, values.into()).expect("the array is full");
    let text = format!(
        "payload = {{}}\n\
         ofdm = {{ bandwidth_hz = 20e6, subcarrier_spacing_hz = 30e3 }}\n\
         channel = {{ {channel} }}\n\
         link = {{ snr_db = 10.0, {link} }}\n\
         scheme = {{ {scheme} }}\n\
         {tables}\n"
    );
    let node = Node::parse_toml(&text, Path::new("bench")).expect("the text is TOML");
    Loader::with_source(source).load(&node).expect("the experiment is right")
}

/// The scheme of most benches.
pub const INVERSION: &str = "kind = \"truncated-inversion\", threshold = 0.05";

/// Returns the shortest time of one call, in seconds, over many calls.
pub fn shortest(mut work: impl FnMut()) -> f64 {
    work();
    let (begin, mut best) = (Instant::now(), f64::INFINITY);
    while begin.elapsed() < PATIENCE {
        let now = Instant::now();
        work();
        best = best.min(now.elapsed().as_secs_f64());
    }
    best
}

/// Returns the values of all devices of a trial.
fn values(experiment: &Experiment) -> f64 {
    (experiment.payload.devices() * experiment.payload.length()) as f64
}

/// Returns values of all devices a second, trial after trial on one thread.
pub fn one_thread(experiment: &Experiment, fidelity: Fidelity) -> f64 {
    let context = TrialContext::new(experiment, fidelity).expect("the rung can run it");
    let mut trial = 0;
    let seconds = shortest(|| {
        context.run(trial).expect("the trial runs");
        trial += 1;
    });
    values(experiment) / seconds
}

/// Returns values of all devices a second with trials spread over threads, and the same for one thread of the pool.
pub fn threads(experiment: &Experiment, fidelity: Fidelity, threads: usize, trials: u64) -> (f64, f64) {
    let context = TrialContext::new(experiment, fidelity).expect("the rung can run it");
    let rate = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads start");
        let run = |trial| {
            context.run(trial).expect("the trial runs");
        };
        let batch = || (0..trials).into_par_iter().for_each(run);
        let seconds = pool.install(|| shortest(batch));
        trials as f64 * values(experiment) / seconds
    };
    (rate(threads), rate(1))
}

/// Returns samples a second, prefixes counted, of an inverse and a forward transform of a symbol alone.
pub fn transforms(size: usize, prefix: usize) -> f64 {
    let mut planner = FftPlanner::<f32>::new();
    let (forward, inverse) = (planner.plan_fft_forward(size), planner.plan_fft_inverse(size));
    let mut data = vec![Complex32::new(1.0, 0.0); size];
    let mut other = data.clone();
    let room = forward.get_outofplace_scratch_len().max(inverse.get_outofplace_scratch_len());
    let mut scratch = vec![Complex32::default(); room];
    let seconds = shortest(|| {
        inverse.process_outofplace_with_scratch(black_box(&mut data), &mut other, &mut scratch);
        forward.process_outofplace_with_scratch(black_box(&mut other), &mut data, &mut scratch);
        data.iter_mut().for_each(|x| *x *= 1.0 / size as f32);
    });
    (size + prefix) as f64 / seconds
}

/// One line of a table: a rate against a ceiling measured in the same run.
pub struct Row {
    /// What was measured.
    pub name: String,
    /// Its rate, in `unit` a second.
    pub rate: f64,
    /// What is counted.
    pub unit: &'static str,
    /// The ceiling and its rate in the same unit.
    pub ceiling: (&'static str, f64),
}

/// Prints rows as an aligned table.
pub fn print(title: &str, rows: &[Row]) {
    println!("\n{title}");
    println!(
        "{:<34} {:>10}  {:<22} {:<34} {:>10} {:>7}",
        "measured", "rate", "unit", "ceiling", "rate", "ratio"
    );
    for Row { name, rate, unit, ceiling } in rows {
        let unit = format!("M {unit}/s");
        let (ceiling, most) = ceiling;
        println!(
            "{name:<34} {:>10.1}  {unit:<22} {ceiling:<34} {:>10.1} {:>7.3}",
            rate / 1e6,
            most / 1e6,
            rate / most
        );
    }
}

/// Adds `h x` to a sum.
#[multiversion::multiversion(targets(
    "x86_64+avx512f+avx512vl+avx512dq+avx512bw",
    "x86_64+avx2",
    "aarch64+neon"
))]
pub fn multiply_add(h: &[Complex32], x: &[Complex32], y: &mut [Complex32]) {
    for ((y, x), h) in y.iter_mut().zip(x).zip(h) {
        y.re += h.re * x.re - h.im * x.im;
        y.im += h.re * x.im + h.im * x.re;
    }
}

/// Returns device-values a second of a multiply-add of a slot, two values an element.
pub fn added() -> f64 {
    let elements = 14 * 612;
    let one = Complex32::new(0.5, 0.5);
    let (h, x) = (vec![one; elements], vec![one; elements]);
    let mut y = vec![Complex32::default(); elements];
    let seconds = shortest(|| multiply_add(black_box(&h), black_box(&x), black_box(&mut y)));
    (2 * elements) as f64 / seconds
}

/// Sums of four vectors of sixteen samples, as filters keep them in registers.
const SUMS: usize = 64;

/// Groups of sums that are timed together.
const GROUPS: usize = 480;

/// Adds `taps` complex multiply-adds to every sample of a group that stays in registers, inputs in the nearest cache.
#[multiversion::multiversion(targets(
    "x86_64+avx512f+avx512vl+avx512dq+avx512bw+fma",
    "x86_64+avx2+fma",
    "aarch64+neon"
))]
fn multiply_adds(taps: &[Complex32], (re, im): (&[f32], &[f32]), out: &mut ([f32; SUMS], [f32; SUMS])) {
    for (tap, (x, y)) in taps.iter().zip(re.chunks_exact(SUMS).zip(im.chunks_exact(SUMS)).cycle()) {
        for l in 0..SUMS {
            out.0[l] = (-tap.im).mul_add(y[l], tap.re.mul_add(x[l], out.0[l]));
            out.1[l] = tap.im.mul_add(x[l], tap.re.mul_add(y[l], out.1[l]));
        }
    }
}

/// Returns samples a second of that many multiply-adds alone.
pub fn multiply_adds_alone(taps: usize) -> f64 {
    let taps = vec![Complex32::new(1e-3, 2e-3); taps];
    let (re, im) = (vec![0.5f32; 16 * SUMS], vec![0.25f32; 16 * SUMS]);
    let mut sums = ([0.0f32; SUMS], [0.0f32; SUMS]);
    let seconds = shortest(|| {
        for _ in 0..GROUPS {
            multiply_adds(black_box(&taps), (&re, &im), black_box(&mut sums));
        }
    });
    (GROUPS * SUMS) as f64 / seconds
}
