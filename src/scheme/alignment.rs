//! Alignment: the precoder and receive scale that all coherent schemes share, and the kernel that applies it.

use super::LinkBudget;
use crate::medium::Knowledge;
use airloop_baseband::Complex32;

/// The rule by which devices precode and the server scales, for the elements of one slot.
///
/// ```text
/// g = |h|^2;   b = 0 where g < threshold, else conj(h)/|h| min(sqrt(P_k), reach/|h|)
/// s_hat = scale y
/// ```
///
/// `reach` is the amplitude at which devices arrive aligned; a device that cannot reach it sends its cap.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Alignment {
    /// Gains below this are not used.
    pub threshold: f32,
    /// Amplitude of alignment: one for all elements, or one each (`[symbol, subcarrier]`).
    pub reach: Vec<f32>,
    /// Receive scale: one for all elements, or one each.
    pub scale: Vec<f32>,
    /// Whether devices stop at their peak amplitude.
    pub capped: bool,
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

#[multiversion::multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw", "x86_64+avx2", "aarch64+neon"))]
fn kernel(
    rule: (f32, &[f32], f32),
    gains: &[Complex32],
    values: &[f32],
    out: &mut [Complex32],
    spent: &mut Spent,
) {
    let (threshold, reach, cap) = rule;
    let constant = if reach.len() == 1 { Some(reach[0]) } else { None };
    let mut energy = [0.0f32; LANES];
    let mut active = [0u32; LANES];
    let mut peak = [0.0f32; LANES];
    let count = out.len();
    let mut at = 0;
    while at < count {
        let width = LANES.min(count - at);
        let (mut hr, mut hi) = ([1.0f32; LANES], [0.0f32; LANES]);
        let (mut ur, mut ui) = ([0.0f32; LANES], [0.0f32; LANES]);
        let mut r = [constant.unwrap_or(0.0); LANES];
        if width == LANES {
            let h: &[Complex32; LANES] = gains[at..at + LANES].try_into().expect("whole chunk");
            let u: &[f32; 2 * LANES] = values[2 * at..2 * at + 2 * LANES].try_into().expect("whole chunk");
            for l in 0..LANES {
                (hr[l], hi[l], ur[l], ui[l]) = (h[l].re, h[l].im, u[2 * l], u[2 * l + 1]);
            }
            if constant.is_none() {
                r.copy_from_slice(&reach[at..at + LANES]);
            }
        } else {
            for l in 0..width {
                (hr[l], hi[l]) = (gains[at + l].re, gains[at + l].im);
                (ur[l], ui[l]) = (values[2 * (at + l)], values[2 * (at + l) + 1]);
                r[l] = constant.unwrap_or_else(|| reach[at + l]);
            }
        }
        let (mut xr, mut xi) = ([0.0f32; LANES], [0.0f32; LANES]);
        for l in 0..LANES {
            let g = hr[l] * hr[l] + hi[l] * hi[l];
            let magnitude = g.sqrt();
            let amplitude = (r[l] / magnitude).min(cap);
            let on = g >= threshold && g > 0.0;
            let m = if on { amplitude / magnitude * std::f32::consts::FRAC_1_SQRT_2 } else { 0.0 };
            xr[l] = m * (hr[l] * ur[l] + hi[l] * ui[l]);
            xi[l] = m * (hr[l] * ui[l] - hi[l] * ur[l]);
            energy[l] += xr[l] * xr[l] + xi[l] * xi[l];
            let used = l < width;
            active[l] += u32::from(on && used);
            let b2 = if on && used { amplitude * amplitude } else { 0.0 };
            peak[l] = peak[l].max(b2);
        }
        for l in 0..width {
            out[at + l] = Complex32::new(xr[l], xi[l]);
        }
        at += width;
    }
    spent.energy += energy.iter().map(|e| f64::from(*e)).sum::<f64>();
    spent.active += active.iter().map(|a| u64::from(*a)).sum::<u64>();
    spent.peak = peak.iter().copied().fold(spent.peak, f32::max);
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
