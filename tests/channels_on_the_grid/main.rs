//! The modem, fractional delays at used subcarriers, and the law that waveform equals symbol.

mod fractional_delay;
mod law;
mod modem;
mod summed_spectra;

use airloop::config::Node;
use airloop::experiment::{Experiment, Loader};
use airloop_baseband::{Complex32, Complex64};
use std::path::Path;

/// Rounding unit of f32.
const UNIT: f64 = 1.0 / (1u64 << 24) as f64;

/// Bound of the rounding error of a value after `count` random roundings, relative to its root mean square.
///
/// ```text
/// 6 UNIT sqrt(count)
/// ```
///
/// Each adds at most `UNIT` of the rms. Independent errors add in squares to a complex Gaussian, whose modulus
/// exceeds six standard deviations once in 4e15.
fn rounding_bound(count: f64) -> f64 {
    6.0 * UNIT * count.sqrt()
}

/// Makes an experiment from the text of its file.
fn experiment(text: &str) -> Experiment {
    let node =
        Node::parse_toml(text, Path::new("test.toml")).unwrap_or_else(|error| panic!("{error}\n{text}"));
    Loader::default().load(&node).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn wide(z: Complex32) -> Complex64 {
    Complex64::new(z.re.into(), z.im.into())
}

/// Returns the mean of `|z|^2`.
fn mean_power(values: &[Complex32]) -> f64 {
    values.iter().map(|z| wide(*z).norm_sqr()).sum::<f64>() / values.len() as f64
}

/// Returns the largest distance of two rows of values.
fn worst_distance(a: &[Complex32], b: &[Complex32]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (wide(*a) - wide(*b)).norm()).fold(0.0, f64::max)
}
