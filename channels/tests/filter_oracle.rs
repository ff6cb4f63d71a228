//! The filter against a direct convolution in double precision.

mod support;

use airloop_baseband::{Burst, Complex32, Complex64, Purpose, Seeds};
use airloop_channels::filter::FilterScratch;
use airloop_channels::{Fading, FilterBank, FractionalDelay, PathKind, PathSpec, Profile, Taps};
use support::*;

/// Rounding unit of f32.
const UNIT: f64 = 1.0 / (1u64 << 24) as f64;

/// A profile of seven paths at the given delays, in samples.
fn seven_paths(delays_samples: [f64; 7], rate_hz: f64) -> Profile {
    let path = |(i, delay): (usize, f64)| PathSpec {
        delay_s: delay / rate_hz,
        power: 0.7f64.powi(i as i32),
        kind: if i == 2 { PathKind::LineOfSight } else { PathKind::Rayleigh },
    };
    Profile::new(delays_samples.into_iter().enumerate().map(path).collect()).unwrap()
}

const WHOLE: [f64; 7] = [0.0, 1.0, 1.0, 4.0, 17.0, 18.0, 33.0];
const FRACTIONAL: [f64; 7] = [0.0, 0.5, 1.25, 4.01, 17.99, 18.0, 33.3];

/// One direct convolution: samples, and for each the sum of moduli of all its terms.
struct Direct {
    samples: Vec<Complex64>,
    moduli: Vec<f64>,
}

/// Computes `y[n] = sum_p a_p(n) sum_d k_p[d] x[n - d]` with the gains of every single instant.
fn convolve(taps: &Taps, design: &FractionalDelay, burst: &Burst, place: (f64, u64, usize, usize)) -> Direct {
    let (rate_hz, origin, precursor, length) = place;
    let kernels: Vec<(i64, Vec<f64>)> = taps.delays_s().iter().map(|d| design.kernel(d * rate_hz)).collect();
    let mut direct = Direct { samples: vec![Complex64::default(); length], moduli: vec![0.0; length] };
    for i in 0..length {
        let n = burst.start as i64 - precursor as i64 + i as i64;
        let gains = gains_at(taps, (n - origin as i64) as f64 / rate_hz);
        for (gain, (first, kernel)) in gains.iter().zip(&kernels) {
            let gain = Complex64::new(gain.re.into(), gain.im.into());
            for (d, k) in kernel.iter().enumerate() {
                let m = n - burst.start as i64 - first - d as i64;
                if m >= 0 && (m as usize) < burst.samples.len() {
                    let x = burst.samples[m as usize];
                    let term = gain * Complex64::new(x.re.into(), x.im.into()) * *k;
                    direct.samples[i] += term;
                    direct.moduli[i] += term.norm();
                }
            }
        }
    }
    direct
}

/// Runs the filter and the direct convolution; returns both, and the most terms of a sample.
fn both(profile: Profile, rate_hz: f64, speed_m_s: f64, seed: u64) -> (Vec<Complex64>, Direct, usize) {
    let design = FractionalDelay::new(0.6, -80.0);
    let fading = Fading::new(profile, CARRIER_HZ, speed_m_s);
    let taps = fading.draw(&Seeds::new(seed), 0, 3..4).remove(0);
    let bank = FilterBank::new(taps.delays_s(), rate_hz, &design);
    let mut samples = vec![Complex32::default(); 5003];
    Seeds::new(seed).stream(Purpose::Payload, 0, 0).fill_complex_gaussian(0, 1.0, &mut samples);
    let burst = Burst { start: 10_007, samples };
    let length = burst.samples.len() + bank.precursor_samples() + bank.tail_samples();
    let mut out = vec![Complex32::default(); length];
    bank.apply(&taps, &burst, 90, &mut FilterScratch::default(), &mut out);
    let direct = convolve(&taps, &design, &burst, (rate_hz, 90, bank.precursor_samples(), length));
    let wide = out.iter().map(|y| Complex64::new(y.re.into(), y.im.into())).collect();
    (wide, direct, bank.precursor_samples() + bank.tail_samples() + 1)
}

/// Bound of the rounding error of a sum of products in f32, relative to the sum of moduli.
///
/// A term is rounded with its kernel value, in the sum over paths, with its sample, in the sum over filter taps;
/// `sqrt 2` for complex products.
fn rounding(filter_taps: usize, paths: usize) -> f64 {
    std::f64::consts::SQRT_2 * UNIT * (filter_taps + paths + 4) as f64
}

#[test]
fn static_filters_equal_the_direct_convolution_to_rounding() {
    for (name, delays) in [("whole", WHOLE), ("fractional", FRACTIONAL)] {
        for (seed, rate_hz) in [(51, 7.68e6), (52, 122.88e6)] {
            let (samples, direct, filter_taps) = both(seven_paths(delays, rate_hz), rate_hz, 0.0, seed);
            let bound = rounding(filter_taps, 7);
            let worst = |samples: &[Complex64]| {
                let rows = samples.iter().zip(&direct.samples).zip(&direct.moduli);
                rows.map(|((a, b), moduli)| (a - b).norm() / (bound * (moduli + 1e-9))).fold(0.0, f64::max)
            };
            let ratio = worst(&samples);
            println!("{name} delays at {rate_hz:e} Hz: worst error {ratio:.3} of the bound {bound:.1e}");
            assert!(ratio <= 1.0, "{name} {rate_hz}: {ratio}");
            let mut shifted = samples.clone();
            shifted.rotate_right(1);
            assert!(worst(&shifted) > 1e3, "a filter shifted by a sample passes");
        }
    }
}

/// Returns the error of a moving filter relative to its output, both as root mean squares over several links.
fn moving_error(delays: [f64; 7], rate_hz: f64, speed_m_s: f64, shift: usize) -> f64 {
    let (mut error, mut energy) = (0.0, 0.0);
    for seed in 60..66 {
        let (mut samples, direct, _) = both(seven_paths(delays, rate_hz), rate_hz, speed_m_s, seed);
        samples.rotate_right(shift);
        error += samples.iter().zip(&direct.samples).map(|(a, b)| (a - b).norm_sqr()).sum::<f64>();
        energy += direct.samples.iter().map(Complex64::norm_sqr).sum::<f64>();
    }
    (error / energy).sqrt()
}

#[test]
fn moving_filters_equal_the_direct_convolution_to_the_stated_interpolation_error() {
    // -100 dB of interpolation, and one rounding for each of at most 60 terms, added in squares.
    let bound = 1e-5 + 60f64.sqrt() * UNIT;
    let settings =
        [(7.68e6, 1.0), (7.68e6, 30.0), (7.68e6, 150.0), (122.88e6, 300.0), (1e6, 30.0), (2e5, 100.0)];
    for (rate_hz, speed_m_s) in settings {
        for delays in [WHOLE, FRACTIONAL] {
            let error = moving_error(delays, rate_hz, speed_m_s, 0);
            let db = 20.0 * error.log10();
            println!("{rate_hz:e} Hz, {speed_m_s} m/s, first fraction {}: {db:.1} dB", delays[1]);
            assert!(error <= bound, "{rate_hz} {speed_m_s}: {db:.1} dB");
        }
    }
    assert!(moving_error(WHOLE, 7.68e6, 30.0, 1) > 1e3 * bound, "a filter shifted by a sample passes");
}
