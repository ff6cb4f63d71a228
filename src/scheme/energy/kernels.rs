//! Kernels: levels onto elements under random phases, and energies off them.

use crate::scheme::alignment::Spent;
use airloop_baseband::Complex32;

/// Elements worked on at once.
const LANES: usize = 16;

/// Writes `out = sqrt(power level) z/|z|`: every element under the phase of a Gaussian `z`.
pub fn send(power: f32, levels: &[f32], phases: &[Complex32], out: &mut [Complex32], spent: &mut Spent) {
    spread(Rule { power, threshold: 0.0, inverts: false }, (levels, phases), &[], out, spent);
}

/// As [`send`], with `power / |h|^2` in place of the power where `|h|^2 >= threshold`, and silence elsewhere.
pub fn send_inverted(
    (power, threshold): (f32, f32),
    (levels, phases): (&[f32], &[Complex32]),
    gains: &[Complex32],
    out: &mut [Complex32],
    spent: &mut Spent,
) {
    spread(Rule { power, threshold, inverts: true }, (levels, phases), gains, out, spent);
}

#[derive(Clone, Copy)]
struct Rule {
    power: f32,
    threshold: f32,
    inverts: bool,
}

#[multiversion::multiversion(targets(
    "x86_64+avx512f+avx512vl+avx512dq+avx512bw",
    "x86_64+avx2",
    "aarch64+neon"
))]
fn spread(
    rule: Rule,
    (levels, phases): (&[f32], &[Complex32]),
    gains: &[Complex32],
    out: &mut [Complex32],
    spent: &mut Spent,
) {
    let (mut energy, mut active, mut peak) = ([0.0f32; LANES], [0u32; LANES], [0.0f32; LANES]);
    let mut block =
        |level: &[f32; LANES], z: &[Complex32; LANES], h: &[Complex32; LANES], x: &mut [Complex32; LANES]| {
            for l in 0..LANES {
                let g = h[l].re * h[l].re + h[l].im * h[l].im;
                let on = g >= rule.threshold && g > 0.0;
                let power = if on { rule.power / g } else { 0.0 };
                let sent = power * level[l];
                let amplitude = (sent / (z[l].re * z[l].re + z[l].im * z[l].im)).sqrt();
                x[l] = Complex32::new(amplitude * z[l].re, amplitude * z[l].im);
                energy[l] += sent;
                active[l] += u32::from(sent > 0.0);
                peak[l] = if power > peak[l] && sent > 0.0 { power } else { peak[l] };
            }
        };
    let one = [Complex32::new(1.0, 0.0); LANES];
    let ((levels, level_rest), (phases, phase_rest)) =
        (levels.as_chunks::<LANES>(), phases.as_chunks::<LANES>());
    let (out, out_rest) = out.as_chunks_mut::<LANES>();
    let (gains, gain_rest) = gains.as_chunks::<LANES>();
    for (i, ((level, z), x)) in levels.iter().zip(phases).zip(out).enumerate() {
        block(level, z, gains.get(i).unwrap_or(&one), x);
    }
    if !out_rest.is_empty() {
        let count = out_rest.len();
        // Lanes that stand for no element have level 0.
        let (mut level, mut z, mut h, mut x) = ([0.0; LANES], one, one, one);
        level[..count].copy_from_slice(&level_rest[..count]);
        z[..count].copy_from_slice(&phase_rest[..count]);
        if rule.inverts {
            h[..count].copy_from_slice(&gain_rest[..count]);
        }
        block(&level, &z, &h, &mut x);
        out_rest.copy_from_slice(&x[..count]);
    }
    spent.energy += energy.iter().map(|e| f64::from(*e)).sum::<f64>();
    spent.active += active.iter().map(|a| u64::from(*a)).sum::<u64>();
    spent.peak = peak.iter().copied().fold(spent.peak, f32::max);
}

/// Adds `scale (|y|^2 - noise)` to `energies`, element by element.
#[multiversion::multiversion(targets(
    "x86_64+avx512f+avx512vl+avx512dq+avx512bw",
    "x86_64+avx2",
    "aarch64+neon"
))]
pub fn gather((scale, noise): (f32, f32), received: &[Complex32], energies: &mut [f32]) {
    for (energy, y) in energies.iter_mut().zip(received) {
        *energy += scale * (y.re * y.re + y.im * y.im - noise);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sends_the_power_under_the_phase() {
        let count = 37;
        let gains: Vec<Complex32> =
            (0..count).map(|i| Complex32::from_polar(0.1 + 0.05 * i as f32, i as f32)).collect();
        let phases: Vec<Complex32> =
            (0..count).map(|i| Complex32::from_polar(0.3 + i as f32, 0.7 * i as f32)).collect();
        let levels: Vec<f32> = (0..count).map(|i| (i % 4) as f32 * 0.5).collect();
        let (mut flat, mut inverted) = (vec![Complex32::default(); count], vec![Complex32::default(); count]);
        let (mut a, mut b) = (Spent::default(), Spent::default());
        send(2.0, &levels, &phases, &mut flat, &mut a);
        send_inverted((2.0, 0.09), (&levels, &phases), &gains, &mut inverted, &mut b);
        let (mut energy, mut active) = (0.0, 0);
        for i in 0..count {
            let plain = phases[i] / phases[i].norm() * (2.0 * levels[i]).sqrt();
            assert!((flat[i] - plain).norm() < 1e-6, "{i}");
            let on = gains[i].norm_sqr() >= 0.09;
            let expected = if on { plain / gains[i].norm() } else { Complex32::default() };
            assert!((inverted[i] - expected).norm() < 1e-5 * expected.norm().max(1.0), "{i}");
            energy += f64::from(expected.norm_sqr());
            active += u64::from(expected.norm_sqr() > 0.0);
        }
        assert!((b.energy / energy - 1.0).abs() < 1e-5);
        assert_eq!((b.active, a.active), (active, (0..count).filter(|i| i % 4 != 0).count() as u64));
        // The weakest gain that is used under a level above 0 is that of i = 5: 0.35.
        assert!((a.peak - 2.0).abs() < 1e-6 && (b.peak * 0.35 * 0.35 - 2.0).abs() < 1e-4);
    }
}
