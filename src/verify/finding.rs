//! What a card found: a number beside its figure, and the verdict.

use super::card::{Expectation, Tolerance};
use crate::report::Fidelity;
use airloop_baseband::units::db_from_power;

/// A measured number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measured {
    /// The number, in the unit of its column.
    pub value: f64,
    /// Half of its confidence interval; 0 for a closed form.
    pub half_width: f64,
    /// Trials behind it; 0 for a closed form.
    pub trials: u64,
}

/// Whether a figure is confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Within the tolerance, and sharp enough to tell.
    Pass,
    /// Sharp enough, and not within the tolerance.
    Off,
    /// The interval is wider than the tolerance allows.
    NotSharp,
    /// There is no such number here.
    NoValue,
}

/// A figure of a card and what one rung gave for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The figure.
    pub expectation: Expectation,
    /// The rung.
    pub fidelity: Fidelity,
    /// What the rung gave; `None` where the number is not defined.
    pub measured: Option<Measured>,
}

impl Finding {
    /// Returns how far the number is from the figure, in the unit of the tolerance.
    ///
    /// ```text
    /// decibels: 10 log10(value / figure), 20 log10 of it for a root mean square (`_rms_`), value - figure for a column in
    /// decibels;   relative: value / figure - 1
    /// ```
    pub fn difference(&self) -> Option<f64> {
        let Measured { value, .. } = self.measured?;
        let Expectation { value: figure, tolerance, .. } = self.expectation;
        Some(match tolerance {
            Tolerance::Db(_) if self.in_db() => value - figure,
            Tolerance::Db(_) => self.decibels((value / figure).max(0.0)),
            Tolerance::Relative(_) => value / figure - 1.0,
        })
    }

    /// Returns half of the number's interval in the unit of the tolerance, seen from the figure.
    pub fn half_width(&self) -> Option<f64> {
        let Measured { half_width, .. } = self.measured?;
        let Expectation { value: figure, tolerance, .. } = self.expectation;
        Some(match tolerance {
            Tolerance::Db(_) if self.in_db() => half_width,
            Tolerance::Db(_) => self.decibels(1.0 + half_width / figure),
            Tolerance::Relative(_) => half_width / figure,
        })
    }

    /// Returns whether the interval is at most the tolerance wide, half of it to either side.
    pub fn is_sharp(&self) -> bool {
        self.half_width().is_some_and(|half| half <= 0.5 * self.tolerance())
    }

    /// Returns whether the number confirms the figure.
    pub fn verdict(&self) -> Verdict {
        match self.difference() {
            None => Verdict::NoValue,
            Some(_) if !self.is_sharp() => Verdict::NotSharp,
            Some(difference) if difference.abs() <= self.tolerance() => Verdict::Pass,
            Some(_) => Verdict::Off,
        }
    }

    fn tolerance(&self) -> f64 {
        match self.expectation.tolerance {
            Tolerance::Db(width) | Tolerance::Relative(width) => width,
        }
    }

    fn in_db(&self) -> bool {
        self.expectation.metric.ends_with("_db")
    }

    /// Returns the decibels of a ratio of powers, or of amplitudes where the column holds such.
    fn decibels(&self, ratio: f64) -> f64 {
        let amplitudes = self.expectation.metric.contains("_rms_");
        if amplitudes { 2.0 * db_from_power(ratio) } else { db_from_power(ratio) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::Statistic;

    fn verdict(metric: &str, tolerance: Tolerance, figure: f64, (value, half_width): (f64, f64)) -> Verdict {
        let (metric, statistic) = (metric.into(), Statistic::Mean);
        let expectation = Expectation { metric, statistic, value: figure, tolerance };
        let measured = Some(Measured { value, half_width, trials: 100 });
        Finding { expectation, fidelity: Fidelity::Symbol, measured }.verdict()
    }

    #[test]
    fn decibels_of_a_linear_column() {
        // 0.1 dB is 2.329 %, and half of it 1.158 %.
        let of = |measured| verdict("nmse", Tolerance::Db(0.1), 2.0, measured);
        assert_eq!(of((2.0 * 1.0232, 0.0)), Verdict::Pass);
        assert_eq!(of((2.0 * 1.0234, 0.0)), Verdict::Off);
        assert_eq!(of((2.0 / 1.0234, 0.0)), Verdict::Off);
        assert_eq!(of((2.0, 2.0 * 0.0115)), Verdict::Pass);
        assert_eq!(of((2.0, 2.0 * 0.0117)), Verdict::NotSharp);
        assert_eq!(of((-1.0, 0.0)), Verdict::Off);
        assert_eq!(of((0.0, 0.0)), Verdict::Off);
    }

    #[test]
    fn decibels_of_a_root_mean_square() {
        // 0.15 dB is 1.742 % of an amplitude.
        let of = |measured| verdict("timing_error_rms_s", Tolerance::Db(0.15), 2e-8, measured);
        assert_eq!(of((2e-8 * 1.0173, 0.0)), Verdict::Pass);
        assert_eq!(of((2e-8 * 1.0175, 0.0)), Verdict::Off);
        assert_eq!(of((2e-8, 2e-8 * 0.0087)), Verdict::NotSharp);
    }

    #[test]
    fn decibels_of_a_column_in_decibels_and_shares() {
        let db = |measured| verdict("papr_db", Tolerance::Db(0.1), -3.0, measured);
        assert_eq!(db((-3.09, 0.05)), Verdict::Pass);
        assert_eq!(db((-3.11, 0.05)), Verdict::Off);
        assert_eq!(db((-3.0, 0.06)), Verdict::NotSharp);
        let share = |measured| verdict("active_fraction", Tolerance::Relative(0.01), 0.5, measured);
        assert_eq!(share((0.504, 0.002)), Verdict::Pass);
        assert_eq!(share((0.506, 0.002)), Verdict::Off);
        assert_eq!(share((0.5, 0.003)), Verdict::NotSharp);
    }

    #[test]
    fn a_number_that_is_not_there_is_a_failure() {
        let (statistic, tolerance) = (Statistic::Mean, Tolerance::Db(0.1));
        let expectation = Expectation { metric: "nmse".into(), statistic, value: 1.0, tolerance };
        let finding = Finding { expectation, fidelity: Fidelity::Symbol, measured: None };
        assert_eq!((finding.verdict(), finding.is_sharp()), (Verdict::NoValue, false));
    }
}
