//! Where correlations fall to a level, and how sure that is.

use super::groups::Group;
use super::jackknife::{Measured, jackknife};
use super::statistics::NOISE;
use std::ops::Range;

/// Doubt of a correlation where it crosses a level, over what it has fallen by then, beyond which the place is lost in noise.
const MOST_DOUBT: f64 = 0.5;

/// Share of the place of a crossing over which a noisy correlation is smoothed at most, either side, and the same in lags.
const MOST_SMOOTHED: (f64, usize) = (0.25, 64);

/// A correlation, as the sums of draws hold it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Correlation<'a> {
    /// Place of its real and imaginary parts among the sums.
    pub place: &'a Range<usize>,
    /// Products behind every lag in one draw.
    pub products: &'a [f64],
}

/// Where a correlation falls to a level, in lags.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Crossing {
    /// From all draws; `None`: not within the lags that are measured.
    pub place: Option<f64>,
    /// Lower end of the interval.
    pub low: Option<f64>,
    /// Upper end; `None` beside a lower one: beyond the lags that are measured.
    pub high: Option<f64>,
    /// Whether the correlation is in such doubt there that none of these says anything.
    pub is_lost: bool,
}

impl Correlation<'_> {
    /// Returns where the magnitude first falls to a level.
    ///
    /// ```text
    /// place: |R| = level;   low: |R| - doubt = level;   high: |R| + doubt = level;   doubt: half the 95 % interval of |R| at a lag
    /// ```
    ///
    /// A first crossing jumps where noise is added to what it falls through, so that its own jackknife says nothing; the
    /// correlation's holds at every lag. Where noise of single lags outweighs the fall, the magnitude is smoothed first.
    pub(super) fn crossing(&self, groups: &[Group], level: f64) -> Crossing {
        let own: Vec<Group> = groups.iter().map(|group| self.cut(group)).collect();
        let draws = groups.iter().map(|group| group.draws).sum::<u64>() as f64;
        let mean: Vec<f64> = (0..own[0].sums.len())
            .map(|at| own.iter().map(|group| group.sums[at]).sum::<f64>() / draws)
            .collect();
        let half = self.smoothing(&mean, draws, level);
        invert(&jackknife(&own, |sums| smooth(&magnitudes(sums[0], &sums[1..]), half)), level)
    }

    /// Returns of a group what the correlation needs: the noise, then real and imaginary parts in turn.
    fn cut(&self, group: &Group) -> Group {
        let noise = std::iter::once(group.sums[NOISE]);
        Group {
            draws: group.draws,
            sums: noise.chain(group.sums[self.place.clone()].iter().copied()).collect(),
        }
    }

    /// Returns over how many lags either side the magnitude is to be smoothed: as few as leave noise half of what it falls by over
    /// them.
    fn smoothing(&self, sums: &[f64], draws: f64, level: f64) -> usize {
        let (noise, values) = (sums[0], magnitudes(sums[0], &sums[1..]));
        let power = sums[1] - noise;
        let mut half = 0;
        loop {
            let smoothed = smooth(&values, half);
            let place = smoothed.iter().filter(|value| **value >= level).count().min(values.len() - 1);
            // Products of noise with noise, and of noise with the channel, of which one of two parts lies along R.
            let scatter = 0.5 * (noise * noise + 2.0 * power * noise) / (draws * self.products[place]);
            let left = (scatter * weight(half, 0)).max(0.0).sqrt() / power;
            // As of a parabola that has fallen to the level there.
            let fall = 2.0 * (1.0 - level) / place.max(1) as f64 * half.max(1) as f64;
            let most = ((MOST_SMOOTHED.0 * place as f64) as usize).min(MOST_SMOOTHED.1);
            if left <= 0.5 * fall || half >= most {
                return half;
            }
            half = (half + 1 + half / 4).min(most);
        }
    }
}

/// Returns the magnitudes of a correlation relative to lag 0, where noise is taken off: it is independent from element to element.
pub(super) fn magnitudes(noise: f64, parts: &[f64]) -> Vec<f64> {
    let pairs = parts.as_chunks::<2>().0;
    let power = pairs[0][0] - noise;
    let magnitude = |(lag, pair): (usize, &[f64; 2])| {
        if lag == 0 { 1.0 } else { pair[0].hypot(pair[1]) / power }
    };
    pairs.iter().enumerate().map(magnitude).collect()
}

/// Returns where a curve and the ends of its intervals cross a level.
fn invert(curve: &[Measured], level: f64) -> Crossing {
    let ends = |side: f64| -> Vec<f64> {
        curve.iter().map(|m| m.value + side * m.doubt().unwrap_or(f64::NAN)).collect()
    };
    let known = |place: f64| Some(place).filter(|place| place.is_finite());
    let values: Vec<f64> = curve.iter().map(|m| m.value).collect();
    let [place, low, high] = [values, ends(-1.0), ends(1.0)].map(|values| known(first_below(&values, level)));
    let at = place.or(low).map_or(curve.len() - 1, |place| place.round() as usize);
    let is_lost = curve[at].doubt().is_some_and(|doubt| doubt > MOST_DOUBT * (1.0 - level));
    if is_lost {
        Crossing { place: None, low: None, high: None, is_lost }
    } else {
        Crossing { place, low, high, is_lost }
    }
}

/// Returns where values first fall below a level, taken as linear in the square of the place, as correlations are near lag 0; not
/// a number where they do not.
pub(super) fn first_below(values: &[f64], level: f64) -> f64 {
    let crossing = values.windows(2).position(|pair| pair[0] >= level && pair[1] < level);
    crossing.map_or(f64::NAN, |at| {
        let share = (values[at] - level) / (values[at] - values[at + 1]);
        let square = |at: usize| (at * at) as f64;
        (square(at) + share * (square(at + 1) - square(at))).sqrt()
    })
}

/// Smooths an even function of the lag: the middle of the parabola through `half` values either side by least squares, of fewer
/// near the last lag.
fn smooth(values: &[f64], half: usize) -> Vec<f64> {
    let last = values.len() - 1;
    let at = |lag: usize| {
        let half = half.min(last - lag);
        let pair = |off: usize| weight(half, off) * (values[lag.abs_diff(off)] + values[lag + off]);
        weight(half, 0) * values[lag] + (1..=half).map(pair).sum::<f64>()
    };
    (0..=last).map(at).collect()
}

/// Returns the weight of a value that lies `off` from the middle of a parabola through `half` values either side; that of the
/// middle is also the share of noise that is left.
///
/// ```text
/// 3 (3 m^2 + 3 m - 1 - 5 j^2) / ((2 m - 1)(2 m + 1)(2 m + 3));   Savitzky & Golay, Analytical Chemistry 36 (1964) 1627-1639
/// ```
fn weight(half: usize, off: usize) -> f64 {
    let (m, j) = (half as f64, off as f64);
    3.0 * (3.0 * m * m + 3.0 * m - 1.0 - 5.0 * j * j) / ((2.0 * m - 1.0) * (2.0 * m + 1.0) * (2.0 * m + 3.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use airloop_baseband::statistics::Moments;

    /// A curve whose intervals are as wide as given.
    fn curve(of: impl Fn(f64) -> f64, doubt: f64, lags: usize) -> Vec<Measured> {
        let one = Measured { value: 0.0, moments: Some(Moments { count: 64, mean: 0.0, variance: 1.0 }) };
        let variance = (doubt / one.doubt().unwrap()).powi(2);
        let moments = |value| Some(Moments { count: 64, mean: value, variance });
        (0..lags).map(|lag| of(lag as f64)).map(|value| Measured { value, moments: moments(value) }).collect()
    }

    #[test]
    fn crossings_are_interpolated() {
        let crossing = first_below(&[1.0, 0.8, 0.4, 0.6, 0.2], 0.5);
        assert!((crossing - (1.0f64 + 0.75 * 3.0).sqrt()).abs() < 1e-12, "{crossing}");
        assert!(first_below(&[1.0, 0.8], 0.5).is_nan());
    }

    #[test]
    fn intervals_are_where_the_ends_of_the_curve_cross_the_level() {
        // 1 - (lag/100)^2 with 0.02 either side falls to 0.9 at 10 sqrt(10), its ends at 10 sqrt(8) and 10 sqrt(12).
        let parabola = |lag: f64| 1.0 - (lag / 100.0).powi(2);
        let found = invert(&curve(parabola, 0.02, 60), 0.9);
        for (end, square) in [(found.low, 8.0), (found.place, 10.0), (found.high, 12.0)] {
            assert!((end.unwrap() - 10.0 * f64::sqrt(square)).abs() < 1e-9, "{found:?}");
        }
        let short = invert(&curve(parabola, 0.02, 33), 0.9);
        assert_eq!((short.place, short.low, short.high), (found.place, found.low, None));
        let shorter = invert(&curve(parabola, 0.02, 30), 0.9);
        assert_eq!((shorter.place, shorter.low, shorter.is_lost), (None, found.low, false));
        let doubtful = invert(&curve(parabola, 0.06, 60), 0.9);
        assert_eq!(doubtful, Crossing { place: None, low: None, high: None, is_lost: true });
    }

    #[test]
    fn smoothing_keeps_parabolas_and_takes_noise_off() {
        let parabola: Vec<f64> = (0..80).map(|lag| 1.0 - 1e-4 * f64::from(lag * lag)).collect();
        for half in [0, 1, 5, 20] {
            let off = |(a, b): (&f64, &f64)| (a - b).abs();
            let most = smooth(&parabola, half).iter().zip(&parabola).map(off).fold(0.0, f64::max);
            assert!(most < 1e-12, "{half}: {most}");
        }
        let squares: f64 =
            (0..=20).map(|off| if off > 0 { 2.0 } else { 1.0 } * weight(20, off).powi(2)).sum();
        assert!((squares - weight(20, 0)).abs() < 1e-12 && weight(20, 0) < 0.06, "{squares}");
    }

    #[test]
    fn noise_decides_how_much_is_smoothed() {
        let place = 0..2 * 400;
        let correlation = Correlation { place: &place, products: &[1000.0; 400] };
        let sums = |noise: f64| -> Vec<f64> {
            let part =
                |lag: usize| [1.0 - 1e-5 * (lag * lag) as f64 + if lag == 0 { noise } else { 0.0 }, 0.0];
            std::iter::once(noise).chain((0..400).flat_map(part)).collect()
        };
        let half = |noise: f64| correlation.smoothing(&sums(noise), 100.0, 0.9);
        assert_eq!(half(0.0), 0);
        assert_eq!(half(0.01), 0);
        assert!((5..25).contains(&half(10.0)), "{}", half(10.0));
        assert_eq!(half(1000.0), 25, "a quarter of 101 lags");
    }
}
