//! Sample rates that are fractions of the air's, and ranges of them.

use super::model::Model;
use crate::error::RadioError;
use crate::radio::{Direction, Span};
use airloop_baseband::resampler::{Converter, ConverterError};
use std::sync::Arc;

/// Largest denominators of the fractions that are near a ratio.
const DENOMINATORS: [i64; 2] = [16, 1000];

/// All numbers.
pub const ANY: Span = Span { least: f64::MIN, most: f64::MAX };

impl Model {
    /// Makes what converts between an own rate and the air's.
    ///
    /// # Errors
    /// [`RadioError::OutOfRange`] with rates that would do.
    pub fn converter(
        &self,
        direction: Direction,
        sample_rate_hz: f64,
    ) -> Result<Option<Arc<Converter>>, RadioError> {
        let air_hz = self.info.sample_rate_hz;
        if sample_rate_hz == air_hz {
            return Ok(None);
        }
        let rates = match direction {
            Direction::Transmit => (sample_rate_hz, air_hz),
            Direction::Receive => (air_hz, sample_rate_hz),
        };
        let converter = Converter::new(rates, self.filter.0, self.filter.1).map_err(|error| {
            if let ConverterError::OutOfRange { name, value, expected } = error {
                return self.out_of_range(name, value, expected.into());
            }
            let near = nearby(sample_rate_hz / air_hz).map(|(up, down)| up as f64 * air_hz / down as f64);
            let near: Vec<f64> = near
                .into_iter()
                .filter(|rate| self.capabilities.sample_rates_hz.iter().any(|span| span.holds(*rate)))
                .collect();
            let such = match near.as_slice() {
                [] => String::new(),
                near => format!(", such as {}", listed(near)),
            };
            let ranges = format!("fractions of the air's {air_hz} Hz in small whole numbers{such}");
            self.out_of_range("sample_rate_hz", sample_rate_hz, ranges)
        })?;
        Ok(Some(Arc::new(converter)))
    }
}

/// Returns ranges in words.
pub fn words(spans: &[Span]) -> String {
    let word = |span: &Span| format!("{} to {}", span.least, span.most);
    spans.iter().map(word).collect::<Vec<_>>().join(", ")
}

fn listed(values: &[f64]) -> String {
    values.iter().map(f64::to_string).collect::<Vec<_>>().join(" or ")
}

/// Returns the value of some ranges that is nearest to another.
pub fn nearest(spans: &[Span], value: f64) -> f64 {
    let inside = |span: &Span| value.max(span.least).min(span.most);
    let distance = |a: &f64, b: &f64| (a - value).abs().total_cmp(&(b - value).abs());
    spans.iter().map(inside).min_by(distance).unwrap_or(value)
}

/// Returns the parts of ranges within another.
pub fn within(spans: &[Span], limits: Span) -> Vec<Span> {
    let cut = |span: &Span| Span { least: span.least.max(limits.least), most: span.most.min(limits.most) };
    spans.iter().map(cut).filter(|span| span.least <= span.most).collect()
}

/// Returns fractions near a ratio, the first in smaller numbers than the second.
fn nearby(ratio: f64) -> [(i64, i64); 2] {
    DENOMINATORS.map(|most| convergent(ratio, most))
}

/// Returns the last fraction of a ratio's continued one whose denominator is no larger than `most`.
fn convergent(ratio: f64, most: i64) -> (i64, i64) {
    let (mut before, mut here) = ((0, 1), (1, 0));
    let mut rest = ratio;
    while rest.is_finite() && rest < 1e9 {
        let whole = rest.floor() as i64;
        let next = (whole * here.0 + before.0, whole * here.1 + before.1);
        if next.1 > most {
            break;
        }
        (before, here) = (here, next);
        rest = 1.0 / (rest - rest.floor());
    }
    here
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_near_a_ratio_are_those_of_its_continued_one() {
        // The root of two has 1, 3/2, 7/5, 17/12, 41/29, 99/70, 239/169, 577/408, 1393/985.
        assert_eq!(nearby(std::f64::consts::SQRT_2), [(17, 12), (1393, 985)]);
        assert_eq!(nearby(0.5), [(1, 2); 2]);
        assert_eq!(nearby(3.0), [(3, 1); 2]);
    }

    #[test]
    fn ranges_are_cut_and_empty_ones_are_gone() {
        let spans = [Span { least: 1.0, most: 2.0 }, Span { least: 5.0, most: 9.0 }];
        let found = within(&spans, Span { least: 3.0, most: 6.0 });
        assert_eq!(found, [Span { least: 5.0, most: 6.0 }]);
    }
}
