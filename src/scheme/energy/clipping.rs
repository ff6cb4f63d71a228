//! How many values lie beyond a range.

use crate::payload::source::Distribution;
use crate::payload::sparse_gaussian::share_beyond;
use crate::payload::{Payload, SourceError};
use airloop_baseband::special::erfc;

/// Values read at once.
const CHUNK: usize = 1 << 16;

/// Devices whose draws are counted.
const DRAWN_DEVICES: usize = 16;

/// Returns the share of all devices' unit-power values whose magnitude is above `range`.
///
/// ```text
/// Gaussian of rms w: erfc(range/(w sqrt 2));   uniform: 1 - range/(w sqrt 3), at least 0
/// ```
///
/// Stored values are counted; of other drawn ones those at the beginning of the first trial.
///
/// # Errors
/// When stored values cannot be read.
pub fn clipped_share(payload: &Payload, range: f64) -> Result<f64, SourceError> {
    let devices = payload.devices();
    let mean = |of: &dyn Fn(f64) -> f64| {
        let of = |k: usize| of(range / payload.gram().power(k).sqrt());
        Ok((0..devices).map(of).sum::<f64>() / devices as f64)
    };
    match payload.synthetic().map(|s| s.distribution) {
        Some(Distribution::Gaussian) => mean(&|end| erfc(end / 2f64.sqrt())),
        Some(Distribution::SparseGaussian { density }) => mean(&|end| share_beyond(density, end)),
        Some(Distribution::Uniform) => mean(&|end| (1.0 - end / 3f64.sqrt()).max(0.0)),
        Some(_) => counted(payload, range, (devices.min(DRAWN_DEVICES), payload.length().min(CHUNK))),
        None => counted(payload, range, (devices, payload.length())),
    }
}

fn counted(payload: &Payload, range: f64, (devices, length): (usize, usize)) -> Result<f64, SourceError> {
    // Values are single precision: the largest may be rounded up.
    let range = range * (1.0 + f64::from(f32::EPSILON));
    let mut beyond = 0usize;
    let mut values = Vec::new();
    for device in (0..devices).filter(|k| payload.largest(*k).is_none_or(|largest| largest > range)) {
        for start in (0..length).step_by(CHUNK) {
            values.resize(CHUNK.min(length - start), 0.0);
            payload.read(0, device, start, &mut values)?;
            beyond += values.iter().filter(|u| f64::from(u.abs()) > range).count();
        }
    }
    Ok(beyond as f64 / (devices * length) as f64)
}
