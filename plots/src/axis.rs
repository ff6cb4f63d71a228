//! Ranges and ticks.

use crate::names::{short, superscript};

/// Room left between the outermost values and the frame, as a share of the range.
const MARGIN: f64 = 0.05;

/// A labelled place along an axis.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tick {
    pub at: f64,
    pub text: String,
}

/// One axis: what range it covers, and where its ticks are.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Axis {
    pub log: bool,
    pub low: f64,
    pub high: f64,
    pub title: String,
    pub ticks: Vec<Tick>,
    /// Ticks without text.
    pub minor: Vec<f64>,
}

impl Axis {
    /// Creates an axis over the values from `low` to `high` with at most about `most` labels.
    pub fn new(log: bool, low: f64, high: f64, physical: bool, most: usize) -> Self {
        let (low, high) = padded(log, low, high);
        let mut axis = Self { log, low, high, title: String::new(), ticks: Vec::new(), minor: Vec::new() };
        match log {
            true => axis.set_log_ticks(physical, most),
            false => axis.set_linear_ticks(most),
        }
        axis
    }

    /// Returns how far along the axis a value lies: 0 at the low end, 1 at the high end.
    pub fn share(&self, value: f64) -> f64 {
        match self.log {
            true => (value / self.low).ln() / (self.high / self.low).ln(),
            false => (value - self.low) / (self.high - self.low),
        }
    }

    fn holds(&self, value: f64) -> bool {
        let slack = 1e-9;
        (-slack..=1.0 + slack).contains(&self.share(value))
    }

    fn set_linear_ticks(&mut self, most: usize) {
        let step = nice_step((self.high - self.low) / most as f64);
        self.ticks = multiples(step, self.low, self.high).map(|at| Tick { at, text: short(at) }).collect();
    }

    fn set_log_ticks(&mut self, physical: bool, most: usize) {
        let first = self.low.log10().floor() as i32;
        let last = self.high.log10().ceil() as i32;
        let decades: Vec<i32> = (first..=last).filter(|e| self.holds(10_f64.powi(*e))).collect();
        let fine =
            |digits: &'static [i32]| (first..=last).flat_map(move |e| digits.iter().map(move |d| (*d, e)));
        let inside = |(d, e): &(i32, i32)| self.holds(decimal(*d, *e));
        let thirds: Vec<(i32, i32)> = fine(&[1, 2, 5]).filter(inside).collect();
        let few = decades.len() < 2 || (physical && thirds.len() <= most);
        let labelled: Vec<(i32, i32)> = match few {
            true => thirds,
            false => {
                let every = decades.len().div_ceil(most) as i32;
                let kept = decades.iter().filter(|e| *e % every == 0);
                kept.map(|e| (1, *e)).collect()
            }
        };
        if labelled.len() < 2 {
            return self.set_linear_ticks(most);
        }
        let lowest = decimal(labelled[0].0, labelled[0].1);
        let highest = labelled.last().map_or(lowest, |t| decimal(t.0, t.1));
        let plain = lowest >= 0.009 && highest < 2000.0 && (physical || decades.len() < 2);
        let minor = fine(&[1, 2, 3, 4, 5, 6, 7, 8, 9])
            .filter(|t| inside(t) && !labelled.contains(t))
            .map(|(d, e)| decimal(d, e))
            .collect();
        self.minor = minor;
        let text = |d: i32, e: i32| match (plain, d) {
            (true, _) => short(decimal(d, e)),
            (false, 1) => format!("10{}", superscript(e)),
            (false, _) => format!("{d}×10{}", superscript(e)),
        };
        self.ticks =
            labelled.into_iter().map(|(d, e)| Tick { at: decimal(d, e), text: text(d, e) }).collect();
    }
}

/// Returns `digit` times ten to `exponent`, rounded once.
fn decimal(digit: i32, exponent: i32) -> f64 {
    match exponent < 0 {
        true => f64::from(digit) / 10_f64.powi(-exponent),
        false => f64::from(digit) * 10_f64.powi(exponent),
    }
}

fn padded(log: bool, low: f64, high: f64) -> (f64, f64) {
    if log {
        let pad = (high / low).powf(MARGIN).max(1.05);
        return match high / low < 1.2 {
            true => (low / 1.5, high * 1.5),
            false => (low / pad, high * pad),
        };
    }
    let span = high - low;
    if span <= 1e-9 * low.abs().max(high.abs()).max(1e-300) {
        let pad = if low == 0.0 { 1.0 } else { 0.1 * low.abs() };
        return (low - pad, high + pad);
    }
    (low - MARGIN * span, high + MARGIN * span)
}

/// Returns the smallest of 1, 2, 5 times a power of ten that is at least `rough`.
fn nice_step(rough: f64) -> f64 {
    let exponent = rough.log10().floor() as i32;
    [(1, 0), (2, 0), (5, 0), (1, 1)]
        .into_iter()
        .map(|(digit, more)| decimal(digit, exponent + more))
        .find(|step| *step >= rough * (1.0 - 1e-9))
        .unwrap_or(rough)
}

fn multiples(step: f64, low: f64, high: f64) -> impl Iterator<Item = f64> {
    let first = (low / step - 1e-9).ceil() as i64;
    let last = (high / step + 1e-9).floor() as i64;
    (first..=last).map(move |n| match step < 1.0 {
        true => n as f64 / (1.0 / step).round(),
        false => n as f64 * step,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(axis: &Axis) -> Vec<&str> {
        axis.ticks.iter().map(|t| t.text.as_str()).collect()
    }

    #[test]
    fn linear_ticks_are_round_numbers() {
        let snr = Axis::new(false, -10.0, 20.0, true, 8);
        assert_eq!(texts(&snr), ["−10", "−5", "0", "5", "10", "15", "20"]);
        let small = Axis::new(false, 0.0, 0.6, false, 7);
        assert_eq!(texts(&small), ["0", "0.1", "0.2", "0.3", "0.4", "0.5", "0.6"]);
    }

    #[test]
    fn decades_carry_superscripts_and_units_plain_numbers() {
        let nmse = Axis::new(true, 1e-3, 1.0, false, 7);
        assert_eq!(texts(&nmse), ["10⁻³", "10⁻²", "10⁻¹", "10⁰"]);
        assert!(nmse.minor.contains(&0.02));
        let airtime = Axis::new(true, 0.1, 100.0, true, 7);
        assert_eq!(texts(&airtime), ["0.1", "1", "10", "100"]);
        let wide = Axis::new(true, 1e-12, 1.0, false, 7);
        assert_eq!(texts(&wide).len(), 7);
    }

    #[test]
    fn less_than_two_decades_still_get_labels() {
        assert_eq!(texts(&Axis::new(true, 0.15, 0.9, false, 7)), ["0.2", "0.5"]);
        assert_eq!(texts(&Axis::new(true, 1.5e-4, 9e-4, false, 7)), ["2×10⁻⁴", "5×10⁻⁴"]);
        assert!(texts(&Axis::new(true, 0.31, 0.42, false, 7)).len() >= 2);
    }

    #[test]
    fn one_value_gets_a_range_around_it() {
        for log in [false, true] {
            let axis = Axis::new(log, 3.0, 3.0, false, 6);
            assert!(axis.low < 3.0 && axis.high > 3.0 && axis.ticks.len() >= 2);
        }
        let zero = Axis::new(false, 0.0, 0.0, false, 6);
        assert!(zero.low < 0.0 && zero.high > 0.0);
    }
}
