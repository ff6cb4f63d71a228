//! Ranges and fractions of sample rates.

use crate::radio::Span;

/// Largest denominators of the fractions that are near a ratio.
const DENOMINATORS: [i64; 2] = [16, 1000];

/// Returns the parts of ranges within another.
pub fn within(spans: &[Span], limits: Span) -> Vec<Span> {
    let cut = |span: &Span| Span { least: span.least.max(limits.least), most: span.most.min(limits.most) };
    spans.iter().map(cut).filter(|span| span.least <= span.most).collect()
}

/// Returns fractions near a ratio, the first in smaller numbers than the second.
pub fn nearby(ratio: f64) -> [(i64, i64); 2] {
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
