//! The minimum of a function of one variable.

/// Returns where `f`, which falls and then rises between `a` and `b`, is least, to within `tolerance`.
///
/// ```text
/// each step keeps the share (sqrt(5) - 1)/2 of the interval, the part that holds the smaller of two inner values
/// ```
///
/// Valid for a unimodal `f`, with its least value inside or at an end; of several minima it finds one. `tolerance` is
/// absolute, in the units of `a`; no better than about 1e-8 of the scale of `f`'s argument is possible, because `f` is flat
/// to rounding there. A NaN of `f` counts as infinite. Golden-section search: Kiefer, Proc. AMS 4 (1953) 502-506.
pub fn minimise(mut f: impl FnMut(f64) -> f64, a: f64, b: f64, tolerance: f64) -> f64 {
    const SHARE: f64 = 0.618_033_988_749_894_8;
    let mut value = |x: f64| {
        let y = f(x);
        if y.is_nan() { f64::INFINITY } else { y }
    };
    let (mut low, mut high) = (a.min(b), a.max(b));
    let (mut left, mut right) = (high - SHARE * (high - low), low + SHARE * (high - low));
    let (mut at_left, mut at_right) = (value(left), value(right));
    // 200 steps take any interval of f64 down to its spacing.
    for _ in 0..200 {
        if high - low <= 2.0 * tolerance {
            break;
        }
        if at_left <= at_right {
            (high, right, at_right) = (right, left, at_left);
            left = high - SHARE * (high - low);
            at_left = value(left);
        } else {
            (low, left, at_left) = (left, right, at_right);
            right = low + SHARE * (high - low);
            at_right = value(right);
        }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_known_minima() {
        assert!((minimise(|x| (x - 1.3).powi(2), -4.0, 9.0, 1e-7) - 1.3).abs() < 1e-7);
        assert!((minimise(|x| (x - 1.3).abs(), 9.0, -4.0, 1e-12) - 1.3).abs() < 1e-12);
        assert!((minimise(|x| x * x.ln(), 0.0, 3.0, 1e-7) - (-1f64).exp()).abs() < 1e-7);
    }

    #[test]
    fn finds_an_end() {
        assert!((minimise(|x| x, 2.0, 5.0, 1e-9) - 2.0).abs() < 2e-9);
        assert!((minimise(|x| -x, 2.0, 5.0, 1e-9) - 5.0).abs() < 2e-9);
    }

    #[test]
    fn steps_around_undefined_values() {
        // ln(x) is undefined below 0: the minimum of x - ln(x) is at 1.
        assert!((minimise(|x| x - x.ln(), -1.0, 5.0, 1e-7) - 1.0).abs() < 1e-7);
    }
}
