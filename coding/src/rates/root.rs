//! The root of an increasing function.

/// Returns where an increasing `f` is zero, between `low` where it is negative and `high` where it is not.
///
/// ```text
/// regula falsi; an end that stays twice counts half (Illinois), and every third step halves the interval
/// ```
///
/// Stops at a relative width of 1e-13, or where `f` is zero. Dowell & Jarratt, BIT 11 (1971) 168-174.
pub fn increasing_root(mut f: impl FnMut(f64) -> f64, low: f64, high: f64) -> f64 {
    let (mut low, mut high) = (low, high);
    let (mut at_low, mut at_high) = (f(low), f(high));
    let mut stayed = 0i32;
    for step in 0..200 {
        if at_low == 0.0 {
            return low;
        }
        if at_high == 0.0 || high - low <= 1e-13 * low.abs().max(high.abs()).max(1e-3) {
            return high;
        }
        let share = at_low / (at_low - at_high);
        let inside = share.is_finite() && share > 0.0 && share < 1.0 && step % 3 != 2;
        let middle = low + (high - low) * if inside { share } else { 0.5 };
        let value = f(middle);
        if value < 0.0 {
            (low, at_low) = (middle, value);
            stayed = stayed.min(0) - 1;
            if stayed < -1 {
                at_high *= 0.5;
            }
        } else {
            (high, at_high) = (middle, value);
            stayed = stayed.max(0) + 1;
            if stayed > 1 {
                at_low *= 0.5;
            }
        }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_roots() {
        assert!((increasing_root(|x| x * x - 2.0, 0.0, 5.0) - 2f64.sqrt()).abs() < 1e-12);
        assert!((increasing_root(f64::sin, -1.0, 0.7)).abs() < 1e-12);
        assert!((increasing_root(|x| (50.0 * (x - 0.3)).tanh(), -9.0, 40.0) - 0.3).abs() < 1e-12);
        assert!((increasing_root(|x| x.powi(9) - 1e-9, -2.0, 3.0) - 0.1).abs() < 1e-12);
    }

    #[test]
    fn needs_few_steps() {
        let mut calls = 0;
        increasing_root(
            |x| {
                calls += 1;
                x.exp() - 3.0
            },
            -10.0,
            10.0,
        );
        assert!(calls < 40, "{calls}");
    }
}
