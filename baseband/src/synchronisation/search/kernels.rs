//! Loops over blocks.

use multiversion::multiversion;
use num_complex::Complex32;

/// Energy of a window over that of its block below which nothing but rounding is left.
const SILENCE: f64 = 1e-11;
/// Window energies that are summed up together.
const LANES: usize = 8;

/// Multiplies two spectra, the product in the first.
#[multiversion(targets("x86_64+avx2+fma", "aarch64+neon"))]
pub(super) fn multiply(spectrum: &mut [Complex32], template: &[Complex32]) {
    for (bin, factor) in spectrum.iter_mut().zip(template) {
        let Complex32 { re, im } = *bin;
        bin.re = re * factor.re - im * factor.im;
        bin.im = re * factor.im + im * factor.re;
    }
}

/// Writes `|z|^2`.
#[multiversion(targets("x86_64+avx2+fma", "aarch64+neon"))]
pub(super) fn powers(values: &[Complex32], out: &mut [f32]) {
    for (out, value) in out.iter_mut().zip(values) {
        *out = value.re * value.re + value.im * value.im;
    }
}

/// Adds `|z|^2`.
#[multiversion(targets("x86_64+avx2+fma", "aarch64+neon"))]
pub(super) fn add_powers(values: &[Complex32], out: &mut [f32]) {
    for (out, value) in out.iter_mut().zip(values) {
        *out += value.re * value.re + value.im * value.im;
    }
}

/// Divides value `n` by the energy of `samples[n .. n + window]`; silent windows give 0.
///
/// The energy runs on in `f64`, begun anew for each call, so that rounding cannot build up.
#[multiversion(targets("x86_64+avx2+fma", "aarch64+neon"))]
pub(super) fn divide_by_energies(samples: &[Complex32], window: usize, out: &mut [f32]) {
    let mut energy = energy_of(&samples[..window]);
    let silence = SILENCE * (energy + energy_of(&samples[window..]));
    let share = |value: f32, energy: f64| {
        if energy > silence { (value / energy as f32).min(1.0) } else { 0.0 }
    };
    let Some((first, out)) = out.split_first_mut() else { return };
    let leaving = &samples[..out.len()];
    let entering = &samples[window..window + out.len()];
    *first = share(*first, energy);
    let (groups, tail) = out.as_chunks_mut::<LANES>();
    let mut leaving = leaving.chunks(LANES);
    let mut entering = entering.chunks(LANES);
    for group in groups {
        let (Some(before), Some(after)) = (leaving.next(), entering.next()) else { return };
        let mut change = [0.0; LANES];
        for lane in 0..LANES {
            change[lane] = power(&after[lane]) - power(&before[lane]);
        }
        // Sums within the group do not wait for the sum that runs on.
        for reach in [1, 2, 4] {
            for lane in (reach..LANES).rev() {
                change[lane] += change[lane - reach];
            }
        }
        for lane in 0..LANES {
            group[lane] = share(group[lane], energy + change[lane]);
        }
        energy += change[LANES - 1];
    }
    let (before, after) = (leaving.next().unwrap_or_default(), entering.next().unwrap_or_default());
    for ((value, before), after) in tail.iter_mut().zip(before).zip(after) {
        energy += power(after) - power(before);
        *value = share(*value, energy);
    }
}

#[inline(always)]
fn power(sample: &Complex32) -> f64 {
    f64::from(sample.re * sample.re + sample.im * sample.im)
}

/// Returns the energy of samples, summed in lanes.
#[inline(always)]
fn energy_of(samples: &[Complex32]) -> f64 {
    let (groups, tail) = samples.as_chunks::<LANES>();
    let mut sums = [0.0; LANES];
    for group in groups {
        for lane in 0..LANES {
            sums[lane] += power(&group[lane]);
        }
    }
    sums.iter().sum::<f64>() + tail.iter().map(power).sum::<f64>()
}

/// Returns the largest value, 0 for none; values that are not numbers do not count.
#[multiversion(targets("x86_64+avx2+fma", "aarch64+neon"))]
pub(super) fn largest(values: &[f32]) -> f32 {
    let (groups, tail) = values.as_chunks::<LANES>();
    let mut most = [0.0f32; LANES];
    for group in groups {
        for lane in 0..LANES {
            most[lane] = if group[lane] > most[lane] { group[lane] } else { most[lane] };
        }
    }
    most.iter().chain(tail).fold(0.0, |most, &value| if value > most { value } else { most })
}
