//! Taps, responses and filters of a TDL-C channel, against their multiply-adds alone.

mod support;

use airloop::baseband::{Burst, Complex32, Seeds};
use airloop::channels::filter::FilterScratch;
use airloop::channels::{Fading, FilterBank, FractionalDelay, Profile, Steering, TimeGrid};
use airloop::medium::{ChannelModel, GridGains};
use airloop::ofdm::{Numerology, SlotShape};
use std::hint::black_box;
use std::sync::Arc;
use support::{Row, print, shortest};

const USED: usize = 1024;
const SYMBOLS: usize = 14;
const DEVICES: usize = 20;
const RATE_HZ: f64 = 30.72e6;

/// Multiply-adds of 24 paths into a row of subcarriers that stays in the nearest cache.
#[multiversion::multiversion(targets(
    "x86_64+avx512f+avx512vl+avx512dq+avx512bw",
    "x86_64+avx2",
    "aarch64+neon"
))]
fn paths(gains: &[Complex32], phases: (&[f32], &[f32]), out: (&mut [f32], &mut [f32])) {
    for gain in gains {
        for (((re, im), c), s) in out.0.iter_mut().zip(&mut *out.1).zip(phases.0).zip(phases.1) {
            *re += gain.re * c - gain.im * s;
            *im += gain.re * s + gain.im * c;
        }
    }
}

fn main() {
    let profile = Profile::tdl("tdl-c", 100e-9).expect("the profile is shipped");
    let delays: Vec<f64> = profile.paths().iter().map(|p| p.delay_s).collect();
    let numerology = Arc::new(Numerology::custom(RATE_HZ, USED, 72, USED, true).expect("the grid fits"));
    let steering = Steering::new(&delays, &numerology.frequencies_hz());
    let gains = vec![Complex32::new(0.1, 0.2); delays.len()];
    let (phase, mut sum) = (vec![0.5f32; USED], (vec![0.0f32; USED], vec![0.0f32; USED]));
    let seconds = shortest(|| {
        paths(black_box(&gains), (&phase, &phase), (&mut sum.0, &mut sum.1));
        black_box(&mut sum);
    });
    let multiply_adds = USED as f64 / seconds;
    let mut rows = Vec::new();
    let mut row = |name: &str, rate, unit, ceiling| rows.push(Row { name: name.into(), rate, unit, ceiling });

    let many: Vec<Complex32> = gains.iter().copied().cycle().take(SYMBOLS * delays.len()).collect();
    let mut out = vec![Complex32::default(); SYMBOLS * USED];
    let seconds = shortest(|| steering.respond(black_box(&many), black_box(&mut out)));
    row(
        "steering, every symbol",
        (SYMBOLS * USED) as f64 / seconds,
        "elements",
        ("24 multiply-adds each", multiply_adds),
    );

    let seeds = Seeds::new(1);
    for speed_m_s in [0.8, 30.0] {
        let fading = Fading::new(profile.clone(), 3.5e9, speed_m_s);
        let model = ChannelModel::taps(fading.clone(), &numerology);
        let mut realised = GridGains::draw(&model, Arc::clone(&numerology), &seeds, 0, DEVICES);
        let mut response = Vec::new();
        let shape = SlotShape { first_symbol: 0, symbols: SYMBOLS };
        let seconds = shortest(|| {
            (0..DEVICES).for_each(|device| realised.respond(device, shape, black_box(&mut response)));
        });
        let rate = (DEVICES * SYMBOLS * USED) as f64 / seconds;
        row(
            &format!("taps and responses, {speed_m_s} m/s"),
            rate,
            "elements",
            ("24 multiply-adds each", multiply_adds),
        );

        let taps = fading.draw(&seeds, 0, 0..1).swap_remove(0);
        let grid = TimeGrid { start_s: 0.0, step_s: 64.0 / RATE_HZ, count: 240 };
        let mut path_gains = vec![Complex32::default(); grid.count * delays.len()];
        let seconds = shortest(|| taps.gains(grid, black_box(&mut path_gains)));
        let most = multiply_adds * delays.len() as f64 / 16.0;
        row(
            "path gains, 240 instants",
            path_gains.len() as f64 / seconds,
            "gains",
            ("16 multiply-adds each (f32)", most),
        );

        let bank = FilterBank::new(&delays, RATE_HZ, &FractionalDelay::new(0.6, -80.0));
        let burst = Burst { start: 100, samples: vec![Complex32::new(0.3, 0.4); 15_360] };
        let edge = bank.precursor_samples() + bank.tail_samples();
        let mut heard = vec![Complex32::default(); burst.samples.len() + edge];
        let mut scratch = FilterScratch::default();
        let seconds = shortest(|| bank.apply(&taps, &burst, 0, &mut scratch, black_box(&mut heard)));
        let most = multiply_adds * delays.len() as f64 / (edge + 1) as f64;
        let rate = burst.samples.len() as f64 / seconds;
        row(&format!("filter, {speed_m_s} m/s"), rate, "samples", ("multiply-adds of its taps", most));
    }
    let fading = Fading::new(profile, 3.5e9, 0.8);
    let seconds = shortest(|| drop(black_box(fading.draw(&seeds, 0, 0..DEVICES))));
    let drawn = (DEVICES * delays.len() * 16) as f64 / seconds;
    let mut noise = vec![Complex32::default(); DEVICES * delays.len() * 16];
    let stream = seeds.stream(airloop::baseband::Purpose::Noise, 0, 0);
    let seconds = shortest(|| stream.fill_complex_gaussian(0, 1.0, black_box(&mut noise)));
    row("draw of taps", drawn, "sinusoids", ("their Gaussians alone", noise.len() as f64 / seconds));
    print("channel: TDL-C 100 ns, 24 paths, 1024 subcarriers, 14 symbols", &rows);
}
