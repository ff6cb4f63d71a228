//! Which channels a gradient can cross back: those that scale every value by a real gain.

use crate::ChannelError;
use airloop::report::{Fidelity, Report};

/// Schemes that scale every value by a gain of the channel alone, two values on an element.
const ANALOG: [&str; 9] = [
    "truncated-inversion",
    "full-inversion",
    "optimal-power",
    "full-power",
    "phase-only",
    "cotaf",
    "blind-combining",
    "receive-combining",
    "uniform-forcing",
];

/// Part of the probe's rms that is put down to rounding.
const PROBE_TOLERANCE: f64 = 1e-3;

/// How far the error over the mean square of what is sent and that at unit power may be apart: they are the same for one device.
const UNIT_TOLERANCE: f64 = 1e-3;

/// Refuses links whose report shows that what arrives is no product with gains.
pub(crate) fn require_gains(report: &Report) -> Result<(), ChannelError> {
    let refuse = |needed, found| Err(ChannelError::NoAdjoint { needed, found });
    if report.fidelity != Fidelity::Symbol {
        return refuse("symbol fidelity", format!("this link runs at {}", report.fidelity));
    }
    if !ANALOG.contains(&report.scheme.as_str()) {
        let found = format!("{} has no derivative", report.scheme);
        return refuse("an analog scheme, whose channel is a gain for every value", found);
    }
    let mean = |estimate: &Option<_>| {
        estimate.as_ref().and_then(|e: &airloop::baseband::Estimate| e.mean).unwrap_or(0.0)
    };
    let (nmse, mse) = (mean(&report.metrics.nmse), mean(&report.metrics.mse_per_device));
    if (nmse - mse).abs() > UNIT_TOLERANCE * mse {
        let found =
            "here a function maps them, or their mean goes beside them (payload.function, payload.center)";
        return refuse("values that are sent as they are, at unit power", found.into());
    }
    Ok(())
}

/// Returns values of unlike size and sign, by which gains that turn phases show.
pub(crate) fn probe(length: usize) -> Vec<f32> {
    // Multiples of the golden ratio, modulo 1, spread evenly, and neighbours differ.
    (0..length).map(|i| ((i as f64 * 0.618_033_988_75).fract() * 2.0 - 1.0) as f32).collect()
}

/// Requires that a probe arrives as itself times the gains.
pub(crate) fn require_product(gains: &[f32], probe: &[f32], arrived: &[f32]) -> Result<(), ChannelError> {
    let (mut error, mut power) = (0.0, 0.0);
    for ((gain, sent), got) in gains.iter().zip(probe).zip(arrived) {
        error += (f64::from(*gain) * f64::from(*sent) - f64::from(*got)).powi(2);
        power += f64::from(*got).powi(2);
    }
    if error > PROBE_TOLERANCE.powi(2) * power {
        let found = "here phases are left, as of channels that devices do not know exactly".into();
        return Err(ChannelError::NoAdjoint { needed: "channels that scale values and nothing else", found });
    }
    Ok(())
}

/// Returns the gradient of what was sent, from that of what arrived.
///
/// ```text
/// y = g x + rms(x) e        g: realised gains, e: realised noise at unit power
/// dL/dx = a + x (<gy, y> - <a, x>) / <x, x>,    a = g gy        (a alone for x = 0)
/// ```
pub(crate) fn adjoint(gains: &[f32], x: &[f32], y: &[f32], gy: &[f32]) -> Vec<f32> {
    let mut back: Vec<f32> = gains.iter().zip(gy).map(|(g, v)| g * v).collect();
    let energy = dot(x, x);
    if energy > 0.0 {
        let share = (dot(gy, y) - dot(&back, x)) / energy;
        back.iter_mut().zip(x).for_each(|(b, x)| *b = (f64::from(*b) + share * f64::from(*x)) as f32);
    }
    back
}

fn dot(u: &[f32], v: &[f32]) -> f64 {
    u.iter().zip(v).map(|(u, v)| f64::from(*u) * f64::from(*v)).sum()
}
