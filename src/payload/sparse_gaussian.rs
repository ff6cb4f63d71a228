//! Sparse synthetic values: most are 0, the others Gaussian.

use airloop_baseband::Stream;
use airloop_baseband::special::erfc;

/// Writes values from index `start`: Gaussian of variance `1/density` with the probability `density`, else 0.
///
/// Which are not 0 is drawn from substream 2 of the stream, whose substream 1 chooses between common and own values.
pub(super) fn draw(stream: &Stream, density: f64, start: usize, out: &mut [f32]) {
    let mut coin = vec![0.0; out.len()];
    stream.substream(2).fill_uniform(start as u64, &mut coin);
    stream.fill_gaussian(start as u64, out);
    let (density, amplitude) = (density as f32, (1.0 / density.sqrt()) as f32);
    for (u, coin) in out.iter_mut().zip(&coin) {
        *u = if *coin < density { amplitude * *u } else { 0.0 };
    }
}

/// Returns the probability that a value is not 0 and at least `limit` in magnitude.
///
/// ```text
/// density erfc(limit sqrt(density/2))
/// ```
pub fn share_beyond(density: f64, limit: f64) -> f64 {
    density * erfc(limit * (density / 2.0).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;
    use airloop_baseband::checks::{CheckFailure, CheckSpec, check_mean, detects_share};
    use airloop_baseband::statistics::Moments;
    use airloop_baseband::{Purpose, Seeds};

    #[test]
    fn values_have_unit_power_and_the_share_of_nonzeros() {
        let stream = Seeds::new(1).stream(Purpose::Payload, 0, 0);
        let mut values = vec![0.0; 500_000];
        draw(&stream, 0.1, 0, &mut values);
        let mut later = vec![0.0; 1_000];
        draw(&stream, 0.1, 777, &mut later);
        assert_eq!(later, values[777..1_777]);
        for (of, expected) in [
            (Moments::of(values.iter().map(|u| f64::from(*u).powi(2))), 1.0),
            (Moments::of(values.iter().map(|u| f64::from(*u != 0.0))), 0.1),
            (Moments::of(values.iter().map(|u| f64::from(u.abs() > 4.0))), share_beyond(0.1, 4.0)),
        ] {
            let spec = CheckSpec { alpha: 1e-6, detects: detects_share(expected, 0.08) };
            check_mean(&of, expected, spec).unwrap();
            let wrong = check_mean(&of, 0.9 * expected, spec);
            assert!(matches!(wrong, Err(CheckFailure::Disagrees(_))), "{wrong:?}");
        }
    }
}
