//! Scaling: unitary transforms, and two reals of unit power on each element of unit power.

use crate::agreement::*;
use crate::setup::*;
use airloop::baseband::{Complex32, Purpose, Seeds};
use airloop::ofdm::{Modem, Numerology};
use airloop::report::Fidelity;
use airloop::run::TrialContext;
use std::sync::Arc;
use std::time::Instant;

fn numerologies() -> [Arc<Numerology>; 2] {
    [
        Numerology::custom(1.92e6, 64, 16, 48, false).unwrap().into(),
        Numerology::nr(20e6, 30e3, 3.5e9).unwrap().into(),
    ]
}

fn power(values: &[Complex32]) -> f64 {
    values.iter().map(|z| f64::from(z.norm_sqr())).sum::<f64>() / values.len() as f64
}

#[test]
fn noise_power_per_sample_is_noise_power_per_element() {
    for numerology in numerologies() {
        let since = Instant::now();
        let mut modem = Modem::new(Arc::clone(&numerology), 0);
        let stream = Seeds::new(5).stream(Purpose::Noise, 0, 0);
        let powers = (0..400).map(|block| {
            let (start, end) =
                (numerology.symbol_start(14 * block), numerology.symbol_start(14 * block + 14));
            let mut samples = vec![Complex32::default(); end - start];
            stream.fill_complex_gaussian(start as u64, 0.25, &mut samples);
            let mut grid = vec![Complex32::default(); 14 * numerology.used()];
            modem.demodulate(14 * block, &samples, &mut grid);
            (power(&samples), power(&grid))
        });
        let (samples, elements): (Vec<f64>, Vec<f64>) = powers.unzip();
        assert_mean("noise per sample", samples, 0.25, since);
        assert_mean("noise per element", elements, 0.25, since);
    }
}

#[test]
fn a_signal_s_sample_power_is_its_element_power_times_used_over_transform() {
    for numerology in numerologies() {
        let (used, fft) = (numerology.used(), numerology.fft_size());
        let mut modem = Modem::new(Arc::clone(&numerology), 0);
        let mut grid = vec![Complex32::default(); 14 * used];
        Seeds::new(6).stream(Purpose::Noise, 0, 1).fill_complex_gaussian(0, 2.0, &mut grid);
        let mut samples = Vec::new();
        modem.modulate(0, &grid, &mut samples);
        // Parseval, symbol by symbol, over the useful part: an equality to rounding, 2^-24 a few times over.
        for symbol in 0..14 {
            let start = numerology.symbol_start(symbol) + numerology.prefix_samples(symbol);
            let in_time = power(&samples[start..start + fft]);
            let on_grid = power(&grid[symbol * used..(symbol + 1) * used]) * used as f64 / fft as f64;
            assert!((in_time / on_grid - 1.0).abs() < 2e-6, "{in_time} {on_grid}");
        }
        let mut back = vec![Complex32::default(); grid.len()];
        modem.demodulate(0, &samples, &mut back);
        let error: Vec<Complex32> = back.iter().zip(&grid).map(|(a, b)| a - b).collect();
        // 20 stages of rounding at most: -120 dB.
        assert!(power(&error) < 1e-12 * power(&grid));
    }
}

#[test]
fn two_reals_of_unit_power_ride_on_one_element_of_unit_power() {
    let since = Instant::now();
    // One device over a channel of 1 and full power: the received element is the sent one, at noise 100 dB below.
    let experiment = load(&[&gaussian(1, 960), AWGN, "link.snr_db=100; scheme.kind=full-power"]);
    let mut context = TrialContext::new(&experiment, Fidelity::Symbol).unwrap();
    context.keep_grids = true;
    let mut powers = Vec::new();
    for trial in 0..256 {
        let (result, vectors) = context.run_with_vectors(trial).unwrap();
        let received = vectors.grids.unwrap();
        assert_eq!((result.account.elements, received.len()), (480, 480), "960 values are 480 elements");
        for (y, u) in received.iter().zip(vectors.truth.chunks_exact(2)) {
            let sent = Complex32::new(u[0], u[1]) / 2f32.sqrt();
            // Noise of standard deviation 1e-5: ten of them.
            assert!((y - sent).norm() < 1e-4, "{y} {sent}");
        }
        powers.push(power(&received));
        assert!((result.account.power_used_mean / power(&received) - 1.0).abs() < 1e-4);
    }
    assert_mean("E|x|^2", powers, 1.0, since);
}
