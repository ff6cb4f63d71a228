//! Unit phasors `exp(j 2 pi turns)` by polynomials, so that loops over them vectorise.

/// Taylor coefficients of `sin(2 pi y) / y` in `y^2`.
const SIN: [f64; 7] = [
    std::f64::consts::TAU,
    -41.341_702_240_399_755,
    81.605_249_276_075_06,
    -76.705_859_753_061_39,
    42.058_693_944_897_65,
    -15.094_642_576_822_99,
    3.819_952_584_848_282,
];

/// Taylor coefficients of `cos(2 pi y)` in `y^2`.
const COS: [f64; 8] = [
    1.0,
    -19.739_208_802_178_716,
    64.939_394_022_668_3,
    -85.456_817_206_693_73,
    60.244_641_371_876_66,
    -26.426_256_783_374_4,
    7.903_536_371_318_468,
    -1.714_390_711_088_672,
];

/// Returns `(cos, sin)` of `2 pi turns`, to 1e-12 for |turns| below 2^40.
///
/// The argument is folded to an eighth of a turn around the nearest quarter, where the Taylor series converges at once.
#[inline(always)]
pub fn unit_phasor(turns: f64) -> (f64, f64) {
    // Adding and subtracting 1.5 * 2^52 rounds to the nearest integer in the default rounding mode, and vectorises.
    const ROUND: f64 = 6_755_399_441_055_744.0;
    let quarters = 4.0 * turns;
    let nearest = (quarters + ROUND) - ROUND;
    let y = (quarters - nearest) * 0.25;
    let quadrant = nearest - 4.0 * ((nearest * 0.25 + ROUND) - ROUND); // -2, -1, 0, 1 or 2
    let y2 = y * y;
    let mut sin = SIN[6];
    let mut cos = COS[7];
    let mut i = 6;
    while i > 0 {
        i -= 1;
        sin = sin * y2 + SIN[i];
        cos = cos * y2 + COS[i + 1];
    }
    cos = cos * y2 + COS[0];
    sin *= y;
    let half = quadrant.abs() > 1.5;
    let (cos, sin) = if half { (-cos, -sin) } else { (cos, sin) };
    let odd = quadrant.abs() > 0.5 && !half;
    let sign = if quadrant < 0.0 { -1.0 } else { 1.0 };
    if odd { (-sin * sign, cos * sign) } else { (cos, sin) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_libm() {
        let mut worst = 0.0f64;
        for i in -40_000..40_000 {
            let turns = f64::from(i) * 1.234_567e-3;
            let (cos, sin) = unit_phasor(turns);
            let (s, c) = (std::f64::consts::TAU * (turns - turns.round())).sin_cos();
            worst = worst.max((cos - c).abs()).max((sin - s).abs());
        }
        assert!(worst < 1e-12, "{worst}");
    }
}
