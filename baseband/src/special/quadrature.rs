//! Adaptive quadrature.

/// Nodes of the 15-point Kronrod rule on [-1, 1] from the outermost in; every second is a node of the 7-point Gauss rule.
#[rustfmt::skip]
const NODES: [f64; 8] = [
    0.991_455_371_120_812_6, 0.949_107_912_342_758_5, 0.864_864_423_359_769_1, 0.741_531_185_599_394_4,
    0.586_087_235_467_691_1, 0.405_845_151_377_397_2, 0.207_784_955_007_898_47, 0.0,
];
/// Weights of the Kronrod rule.
#[rustfmt::skip]
const KRONROD_WEIGHTS: [f64; 8] = [
    0.022_935_322_010_529_224, 0.063_092_092_629_978_56, 0.104_790_010_322_250_18, 0.140_653_259_715_525_92,
    0.169_004_726_639_267_9, 0.190_350_578_064_785_4, 0.204_432_940_075_298_9, 0.209_482_141_084_727_82,
];
/// Weights of the Gauss rule.
#[rustfmt::skip]
const GAUSS_WEIGHTS: [f64; 4] = [
    0.129_484_966_168_869_7, 0.279_705_391_489_276_64, 0.381_830_050_505_118_9, 0.417_959_183_673_469_4,
];
/// The most halvings before an integral is given up.
const MOST_HALVINGS: usize = 2000;

/// One part of the interval with its integral, the estimate of its error, and the integral of the absolute value.
struct Part {
    from: f64,
    to: f64,
    integral: f64,
    error: f64,
    magnitude: f64,
}

impl Part {
    fn new(f: &mut impl FnMut(f64) -> f64, from: f64, to: f64) -> Self {
        let centre = 0.5 * (from + to);
        let half = 0.5 * (to - from);
        let middle = f(centre);
        let mut kronrod = KRONROD_WEIGHTS[7] * middle;
        let mut gauss = GAUSS_WEIGHTS[3] * middle;
        let mut magnitude = KRONROD_WEIGHTS[7] * middle.abs();
        for k in 0..7 {
            let (left, right) = (f(centre - half * NODES[k]), f(centre + half * NODES[k]));
            kronrod += KRONROD_WEIGHTS[k] * (left + right);
            magnitude += KRONROD_WEIGHTS[k] * (left.abs() + right.abs());
            if k % 2 == 1 {
                gauss += GAUSS_WEIGHTS[k / 2] * (left + right);
            }
        }
        Self {
            from,
            to,
            integral: half * kronrod,
            error: (half * (kronrod - gauss)).abs(),
            magnitude: half.abs() * magnitude,
        }
    }
}

/// Returns the integral of `f` over the finite interval from `a` to `b`.
///
/// ```text
/// integral from a to b of f(x) dx, with an estimated error below relative_tolerance * |integral|
/// ```
///
/// The part with the largest error is halved until the errors' sum meets the tolerance, or 1e-14 of the integral of
/// `|f|` where cancellation forbids better. The error estimate, the distance between the two rules, is cautious: smooth
/// integrands come out far more accurate. `f` is never evaluated at `a` or `b`, so integrable singularities belong there.
/// NaN if `f` gives one or 2000 halvings do not suffice: a result is never silently inaccurate.
/// Gauss-Kronrod pair of 7 and 15 points, the method of QUADPACK's QAG (Piessens et al. 1983; DLMF 3.5(v)).
pub fn integrate(mut f: impl FnMut(f64) -> f64, a: f64, b: f64, relative_tolerance: f64) -> f64 {
    if a == b {
        return 0.0;
    }
    let mut parts = vec![Part::new(&mut f, a, b)];
    for _ in 0..MOST_HALVINGS {
        let (mut integral, mut error, mut magnitude, mut worst) = (0.0, 0.0, 0.0, 0);
        for (index, part) in parts.iter().enumerate() {
            integral += part.integral;
            error += part.error;
            magnitude += part.magnitude;
            if part.error > parts[worst].error {
                worst = index;
            }
        }
        if !f64::is_finite(integral) {
            return f64::NAN;
        }
        if error <= (relative_tolerance * f64::abs(integral)).max(1e-14 * magnitude) {
            return integral;
        }
        let Part { from, to, .. } = parts[worst];
        let centre = 0.5 * (from + to);
        parts[worst] = Part::new(&mut f, from, centre);
        parts.push(Part::new(&mut f, centre, to));
    }
    f64::NAN
}

/// Returns the integral of `f` from `a` to infinity.
///
/// ```text
/// integral from a to infinity of f(x) dx = integral from 0 to 1 of f(a + t/(1 - t)) / (1 - t)^2 dt
/// ```
///
/// Valid where `f` falls off faster than 1/x and its main part lies within some thousands of units of `a`: a narrow peak
/// far out goes unseen, so scale the variable first. Accuracy and failure as in `integrate`.
pub fn integrate_to_infinity(mut f: impl FnMut(f64) -> f64, a: f64, relative_tolerance: f64) -> f64 {
    let mapped = |t: f64| {
        let rest = 1.0 - t;
        f(a + t / rest) / (rest * rest)
    };
    integrate(mapped, 0.0, 1.0, relative_tolerance)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::PI;

    fn assert_close(value: f64, expected: f64, tolerance: f64) {
        assert!((value / expected - 1.0).abs() <= tolerance, "{value:e}, expected {expected:e}");
    }

    #[test]
    fn rules_are_exact_on_polynomials() {
        for power in 0..=22 {
            let part = Part::new(&mut |x: f64| x.powi(power), 0.0, 2.0);
            let exact = 2f64.powi(power + 1) / f64::from(power + 1);
            assert_close(part.integral, exact, 2e-15);
            assert_eq!(
                part.error <= 1e-14 * exact,
                power <= 13,
                "the Gauss rule is exact to degree 13: {power}"
            );
        }
    }

    #[test]
    fn finite_intervals() {
        assert_close(integrate(f64::exp, 0.0, 1.0, 1e-13), 1f64.exp_m1(), 1e-14);
        assert_close(integrate(f64::exp, 1.0, 0.0, 1e-13), -1f64.exp_m1(), 1e-14);
        assert_close(integrate(|x| 1.0 / (1e-6 + x * x), -1.0, 1.0, 1e-12), 2000.0 * 1000f64.atan(), 1e-12);
        assert_close(integrate(|x| (50.0 * x).cos().powi(2), 0.0, PI, 1e-12), 0.5 * PI, 1e-12);
        assert!(integrate(|x| x.powi(3), -1.0, 1.0, 1e-12).abs() < 1e-14);
        assert_eq!(integrate(|x| x, 2.0, 2.0, 1e-12), 0.0);
    }

    #[test]
    fn singular_ends() {
        assert_close(integrate(f64::ln, 0.0, 1.0, 1e-12), -1.0, 1e-12);
        assert_close(integrate(|x| 1.0 / x.sqrt(), 0.0, 1.0, 1e-10), 2.0, 1e-10);
    }

    #[test]
    fn infinite_intervals() {
        assert_close(integrate_to_infinity(|x| (-x * x).exp(), 0.0, 1e-12), 0.5 * PI.sqrt(), 1e-12);
        assert_close(integrate_to_infinity(|x| x.powi(-2), 3.0, 1e-12), 1.0 / 3.0, 1e-12);
        // exp(x) E1(x) at 0.1, by mpmath.
        assert_close(
            integrate_to_infinity(|t| (-t).exp() / (t + 0.1), 0.0, 1e-12),
            2.014_642_544_708_451_5,
            1e-12,
        );
    }

    #[test]
    fn failure_is_not_a_number() {
        assert!(integrate(|x| 1.0 / x, 0.0, 1.0, 1e-10).is_nan());
        assert!(integrate(|_| f64::NAN, 0.0, 1.0, 1e-10).is_nan());
        assert!(integrate_to_infinity(|_| 1.0, 0.0, 1e-10).is_nan());
    }
}
