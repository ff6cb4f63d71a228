//! Alignment: the precoder and receive scale that all coherent schemes share, and the kernel that applies it.

use super::LinkBudget;
use crate::medium::Knowledge;
use airloop_baseband::Complex32;

/// The largest amplitude of a precoder.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Cap {
    /// None: budgets are means over fading.
    #[default]
    None,
    /// Each device's own peak amplitude.
    Own,
    /// One for all devices.
    Common(f32),
}

impl Cap {
    /// Returns the largest amplitude of a device with the given budget; infinite without a cap.
    pub fn amplitude(self, power: f64) -> f32 {
        match self {
            Self::None => f32::INFINITY,
            Self::Own => power.sqrt() as f32,
            Self::Common(amplitude) => amplitude,
        }
    }
}

/// The rule by which devices precode and the server scales, for the elements of one slot.
///
/// ```text
/// g = |h|^2;   b = 0 where g < threshold, else conj(h)/|h| min(cap, reach/|h|)
/// s_hat = scale y
/// ```
///
/// `reach` is the amplitude at which devices arrive aligned; a device that cannot reach it sends its cap. With an infinite
/// `reach` all devices send their cap, and only phases are aligned.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Alignment {
    /// Gains below this are not used.
    pub threshold: f32,
    /// Amplitude of alignment: one for all elements, or one each (`[symbol, subcarrier]`).
    pub reach: Vec<f32>,
    /// Receive scale: one for all elements, or one each.
    pub scale: Vec<f32>,
    /// Amplitude at which devices stop.
    pub cap: Cap,
}

/// Decides the alignment of a slot; one file for each scheme.
pub trait PowerControl: Send {
    /// Returns whether [`PowerControl::agree`] must see all devices' channels in each slot.
    fn joint(&self) -> bool;

    /// Sets the alignment of the coming slot.
    fn agree(&mut self, budget: &LinkBudget, known: &Knowledge<'_>, alignment: &mut Alignment);

    /// Returns the alignment that holds for all slots, when no channel needs to be seen.
    fn fixed(&self, budget: &LinkBudget) -> Option<Alignment>;

    /// Returns whether devices align at one amplitude, so that a receive SNR is defined.
    fn aligns(&self) -> bool {
        true
    }

    /// Returns the share of an element's aligned power that the receive SNR speaks of.
    fn aligned_share(&self) -> f64 {
        1.0
    }

    /// Returns whether the budgets that [`PowerControl::fixed`] sees are for the values of the very round, by their mean
    /// squares, and not for unit-power values.
    fn normalises_rounds(&self) -> bool {
        false
    }

    /// Returns whether the server divides each element by the number of its active devices, which it knows.
    fn averages_active(&self) -> bool {
        false
    }
}

/// What the devices spent in a slot.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Spent {
    /// Active (device, element) pairs.
    pub active: u64,
    /// Sum of `|b x|^2`.
    pub energy: f64,
    /// Largest `|b|^2`.
    pub peak: f32,
}

/// Elements worked on at once.
const LANES: usize = 16;

/// Precodes a run of elements: `out = b x` with `x = (u1 + j u2)/sqrt 2` from pairs of values.
///
/// `reach` has one entry or as many as elements; `cap` is the device's peak amplitude (infinite: none).
pub fn precode(
    rule: (f32, &[f32], f32),
    gains: &[Complex32],
    values: &[f32],
    out: &mut [Complex32],
    spent: &mut Spent,
) {
    kernel(rule, gains, values, out, spent);
}

/// Adds 1 to the count of every element in which a device with these gains sends.
#[multiversion::multiversion(targets(
    "x86_64+avx512f+avx512vl+avx512dq+avx512bw",
    "x86_64+avx2",
    "aarch64+neon"
))]
pub fn count_active(threshold: f32, gains: &[Complex32], counts: &mut [u32]) {
    for (count, h) in counts.iter_mut().zip(gains) {
        let g = h.re * h.re + h.im * h.im;
        *count += u32::from(g >= threshold && g > 0.0);
    }
}

#[multiversion::multiversion(targets(
    "x86_64+avx512f+avx512vl+avx512dq+avx512bw",
    "x86_64+avx2",
    "aarch64+neon"
))]
fn kernel(
    rule: (f32, &[f32], f32),
    gains: &[Complex32],
    values: &[f32],
    out: &mut [Complex32],
    spent: &mut Spent,
) {
    let (threshold, reach, cap) = rule;
    let single = reach.len() == 1;
    let mut sums = Sums::default();
    let ((h, h_rest), (u, u_rest)) = (gains.as_chunks::<LANES>(), values.as_chunks::<{ 2 * LANES }>());
    let done = out.len() / LANES * LANES;
    let (x, x_rest) = out.as_chunks_mut::<LANES>();
    let mut r = [reach[0]; LANES];
    for (i, ((h, u), x)) in h.iter().zip(u).zip(x).enumerate() {
        if !single {
            r.copy_from_slice(&reach[i * LANES..(i + 1) * LANES]);
        }
        sums.add(precode_lanes((threshold, &r, cap), h, u, x));
    }
    if !x_rest.is_empty() {
        let count = x_rest.len();
        // Lanes that stand for no element have no gain and stay silent.
        let (mut h, mut u) = ([Complex32::default(); LANES], [0.0; 2 * LANES]);
        let mut x = h;
        h[..count].copy_from_slice(&h_rest[..count]);
        u[..2 * count].copy_from_slice(&u_rest[..2 * count]);
        if !single {
            r[..count].copy_from_slice(&reach[done..done + count]);
        }
        sums.add(precode_lanes((threshold, &r, cap), &h, &u, &mut x));
        x_rest.copy_from_slice(&x[..count]);
    }
    spent.energy += sums.energy.iter().map(|e| f64::from(*e)).sum::<f64>();
    spent.active += sums.active.iter().map(|a| u64::from(*a)).sum::<u64>();
    spent.peak = sums.peak.iter().copied().fold(spent.peak, f32::max);
}

/// What lanes of elements spend: one element each, or sums over them.
#[derive(Default)]
struct Sums {
    energy: [f32; LANES],
    active: [u32; LANES],
    peak: [f32; LANES],
}

impl Sums {
    #[inline(always)]
    fn add(&mut self, one: Self) {
        for l in 0..LANES {
            self.energy[l] += one.energy[l];
            self.active[l] += one.active[l];
            self.peak[l] = if one.peak[l] > self.peak[l] { one.peak[l] } else { self.peak[l] };
        }
    }
}

#[inline(always)]
fn precode_lanes(
    (threshold, reach, cap): (f32, &[f32; LANES], f32),
    h: &[Complex32; LANES],
    u: &[f32; 2 * LANES],
    x: &mut [Complex32; LANES],
) -> Sums {
    let mut sums = Sums::default();
    for l in 0..LANES {
        let g = h[l].re * h[l].re + h[l].im * h[l].im;
        let inverse = 1.0 / g.sqrt();
        let wanted = reach[l] * inverse;
        let amplitude = if wanted < cap { wanted } else { cap };
        let on = g >= threshold && g > 0.0;
        let m = if on { amplitude * inverse * std::f32::consts::FRAC_1_SQRT_2 } else { 0.0 };
        let (re, im) = (
            m * (h[l].re * u[2 * l] + h[l].im * u[2 * l + 1]),
            m * (h[l].re * u[2 * l + 1] - h[l].im * u[2 * l]),
        );
        x[l] = Complex32::new(re, im);
        sums.energy[l] = re * re + im * im;
        sums.active[l] = u32::from(on);
        sums.peak[l] = if on { amplitude * amplitude } else { 0.0 };
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inverts_caps_and_truncates() {
        let gains: Vec<Complex32> =
            (0..37).map(|i| Complex32::from_polar(0.1 + 0.05 * i as f32, i as f32)).collect();
        let values: Vec<f32> = (0..74).map(|i| (i as f32 * 0.7).sin()).collect();
        let mut out = vec![Complex32::default(); 37];
        let mut spent = Spent::default();
        precode((0.09, &[0.8], 1.0), &gains, &values, &mut out, &mut spent);
        let mut active = 0;
        for (i, (h, x)) in gains.iter().zip(&out).enumerate() {
            let u = Complex32::new(values[2 * i], values[2 * i + 1]) / 2f32.sqrt();
            let expected = if h.norm_sqr() < 0.09 {
                Complex32::default()
            } else {
                active += 1;
                h.conj() / h.norm() * (0.8 / h.norm()).min(1.0) * u
            };
            assert!((x - expected).norm() < 1e-6, "{i}: {x} {expected}");
        }
        assert_eq!(spent.active, active);
        assert!((spent.peak - 1.0).abs() < 1e-6);
    }
}
