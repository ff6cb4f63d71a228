//! Controls: how far the noise must be off so that the error itself moves by as much as a law must see.

use crate::run::RunError;
use airloop_baseband::units::power_from_db;

/// How far a control's noise is off, and how far at least it must move the error.
pub const CONTROL_DB: f64 = 0.2;

/// A control may move the error by as much as this, where the factor has to be searched for.
const MOST_DB: f64 = 0.3;

/// Largest factor on the noise that is tried.
const LARGEST: f64 = 1e20;

/// Halvings of the interval in which the factor lies.
const HALVINGS: usize = 8;

/// What is wrong in a control.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fault {
    /// How much stronger the noise is, in decibels; minus infinity leaves it out.
    pub noise_db: f64,
    /// What the law is about: the error, or what is spent.
    pub moves: &'static str,
    /// By how much that moves, in decibels.
    pub moved_db: f64,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The noise of most controls follows from the experiment: one decimal, two of what is small.
        let rounded = |db: f64| {
            let places = if db.abs() < 0.1 { 100.0 } else { 10.0 };
            (places * db).round() / places + 0.0
        };
        match self.noise_db {
            f64::NEG_INFINITY => write!(f, "the noise left out")?,
            db => write!(f, "the noise {} dB off", rounded(db))?,
        }
        // Where no trial had an error there is nothing to say.
        if self.moved_db.is_finite() {
            write!(f, ", which moves the {} by {} dB", self.moves, rounded(self.moved_db))?;
        }
        Ok(())
    }
}

/// Returns the factor on the noise with which the mean error is [`CONTROL_DB`] off, at least [`CONTROL_DB`] itself.
///
/// ```text
/// E(f) = E(1) (1 + (f - 1) share)   where the error is linear in the noise;   share = E(2)/E(1) - 1
/// ```
///
/// `error` returns the mean error of the same trials at a factor, relative to what is expected of them; where it is not linear, the factor is searched for. Errors
/// that no noise makes larger are moved down by weaker noise. `None` where noise does not move the error either way.
///
/// # Errors
/// When a trial cannot be run.
pub(super) fn noise_factor(error: impl Fn(f64) -> Result<f64, RunError>) -> Result<Option<f64>, RunError> {
    let (least, right) = (power_from_db(CONTROL_DB), error(1.0)?);
    if right == 0.0 {
        // Errors so rare that no trial has one: more trials must find out.
        return Ok(Some(least));
    }
    let moved = |factor: f64| -> Result<f64, RunError> { Ok(error(factor)? / right) };
    let share = moved(2.0)? - 1.0;
    if share >= least - 1.0 {
        return Ok(Some((1.0 + (least - 1.0) / share).max(least)));
    }
    let (mut factor, mut above) = (2.0, share);
    while factor < LARGEST {
        let linear = 1.0 + (factor - 1.0) * (least - 1.0) / above.max(0.0);
        let next = linear.clamp(1.1 * factor, 1e4 * factor);
        above = moved(next)? - 1.0;
        if above >= least - 1.0 {
            return between(moved, (factor, next), |m| m >= least, |m| m <= power_from_db(MOST_DB)).map(Some);
        }
        factor = next;
    }
    if moved(0.0)? <= 1.0 / least {
        // From no noise at all upwards, as long as the error is far enough below.
        return between(moved, (1.0, 0.0), |m| m <= 1.0 / least, |m| m >= power_from_db(-MOST_DB)).map(Some);
    }
    Ok(None)
}

/// Returns a factor from `good` towards `bad` that is still good enough, and better soft than hard.
fn between(
    moved: impl Fn(f64) -> Result<f64, RunError>,
    (mut bad, mut good): (f64, f64),
    enough: impl Fn(f64) -> bool,
    soft: impl Fn(f64) -> bool,
) -> Result<f64, RunError> {
    for _ in 0..HALVINGS {
        if soft(moved(good)?) {
            break;
        }
        let middle = if good > bad { (bad * good).sqrt() } else { 0.5 * (bad + good) };
        if enough(moved(middle)?) {
            good = middle;
        } else {
            bad = middle;
        }
    }
    Ok(good)
}

#[cfg(test)]
mod tests {
    use super::*;
    use airloop_baseband::units::db_from_power;

    fn found(error: impl Fn(f64) -> f64) -> Option<f64> {
        noise_factor(|factor| Ok(error(factor))).unwrap()
    }

    #[test]
    fn an_error_that_is_all_noise_moves_with_it() {
        assert!((found(|f| 3.0 * f).unwrap() - power_from_db(0.2)).abs() < 1e-12);
    }

    #[test]
    fn a_small_part_of_noise_is_raised_until_the_error_moves() {
        for share in [0.5, 0.1, 0.02, 1e-4, 1e-9, 1e-15] {
            let error = |f: f64| 1.0 - share + share * f;
            let moved_db = db_from_power(error(found(error).unwrap()));
            assert!((0.199..0.221).contains(&moved_db), "{share}: {moved_db}");
        }
        // Control: 0.2 dB of noise alone would not be seen.
        assert!(db_from_power(0.9 + 0.1 * power_from_db(0.2)) < 0.03);
    }

    #[test]
    fn errors_that_are_not_linear_in_the_noise_are_searched() {
        // A rate that begins late, and one that is as large as it can be.
        for error in [|f: f64| 0.1 + (f / 300.0).powi(3).min(0.4), |f: f64| 0.1 + 0.01 * f.sqrt()] {
            let moved_db = db_from_power(error(found(error).unwrap()) / error(1.0));
            assert!((0.199..0.301).contains(&moved_db), "{moved_db}");
        }
        let saturated = |f: f64| 0.5 * (1.0 - (-4.0 * f).exp() * 1e-3) - 0.1 * (-50.0 * f).exp();
        let factor = found(saturated).unwrap();
        assert!(factor < 1.0 && saturated(factor) / saturated(1.0) < power_from_db(-0.199), "{factor}");
        assert_eq!(found(|_| 0.25), None);
        // Where no trial has an error, there is nothing to search by.
        assert_eq!(found(|f| if f > 10.0 { 0.1 } else { 0.0 }), Some(power_from_db(0.2)));
    }
}
