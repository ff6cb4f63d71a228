//! A report as a long table, as figures read it.

use super::{SoundCurve, SoundReport};

/// Columns of the table: what a row is of, whether it was measured or is the truth, its argument under the name with the right
/// unit, and its value with the 95 % interval over draws.
pub const COLUMNS: [&str; 9] = [
    "kind",
    "fidelity",
    "delay_s",
    "frequency_spacing_hz",
    "time_lag_s",
    "doppler_shift_hz",
    "value",
    "value_low",
    "value_high",
];

/// Range of powers below the peak that a delay profile or a Doppler spectrum is listed over, linear.
const SHOWN_RANGE: f64 = 1e4;

/// Most rows of a curve: as measured, of a spectrum or a correlation, and as the truth.
const MOST_ROWS: (usize, usize, usize) = (160, 64, 640);

/// Longest time lag that is listed, in periods of the maximum Doppler shift.
const SHOWN_PERIODS: f64 = 3.0;

/// One row of the table.
#[derive(Clone, Debug, PartialEq)]
pub struct SoundRow {
    /// What it is of: a curve's kind, or `path`.
    pub kind: &'static str,
    /// `theory` for the truth, else how it was measured.
    pub fidelity: &'static str,
    /// The column of its argument.
    pub argument: &'static str,
    /// Its argument.
    pub x: f64,
    /// Its value.
    pub value: f64,
    /// The interval, where there is one.
    pub interval: Option<(f64, f64)>,
}

impl SoundRow {
    /// Returns the cells of the row, in the order of [`COLUMNS`].
    pub fn cells(&self) -> [String; 9] {
        let end = |end: Option<f64>| end.map_or(String::new(), |x| x.to_string());
        COLUMNS.map(|column| match column {
            "kind" => self.kind.into(),
            "fidelity" => self.fidelity.into(),
            "value" => self.value.to_string(),
            "value_low" => end(self.interval.map(|i| i.0)),
            "value_high" => end(self.interval.map(|i| i.1)),
            column if column == self.argument => self.x.to_string(),
            _ => String::new(),
        })
    }
}

impl SoundReport {
    /// Returns the curves as rows: what was measured, then the truth through the same band and windows, both thinned where they
    /// are dense; and the configured paths.
    ///
    /// Delay profiles and Doppler spectra are listed where they stand above their own doubt and within 40 dB of their peak; their
    /// truths are listed throughout, no lower than that.
    pub fn rows(&self) -> Vec<SoundRow> {
        let mut rows = Vec::new();
        for curve in &self.curves {
            self.list(curve, &mut rows);
        }
        rows.extend(self.paths.iter().map(|path| SoundRow {
            kind: "path",
            fidelity: "theory",
            argument: "delay_s",
            x: path.delay_s,
            value: path.power,
            interval: None,
        }));
        rows
    }

    fn list(&self, curve: &SoundCurve, rows: &mut Vec<SoundRow>) {
        let reach = self.figures.iter().find(|f| f.name == "max_doppler_hz").and_then(|f| f.truth);
        let longest_s = reach.map_or(f64::INFINITY, |hz| SHOWN_PERIODS / hz);
        let is_shown = |x: &f64| curve.argument != "time_lag_s" || *x <= longest_s;
        let count = curve.x.iter().take_while(|x| is_shown(x)).count();
        let (spectra, correlations, truths) = MOST_ROWS;
        let is_spectrum = matches!(curve.kind, "delay-profile" | "doppler-spectrum");
        let every = |most: usize| (0..count).step_by(count.div_ceil(most));
        let row = |fidelity, at: usize, value, interval| SoundRow {
            kind: curve.kind,
            fidelity,
            argument: curve.argument,
            x: curve.x[at],
            value,
            interval,
        };
        let floor = |values: &[f64]| values.iter().copied().fold(0.0, f64::max) / SHOWN_RANGE;
        for at in every(if is_spectrum { spectra } else { correlations }) {
            let interval = curve.low.get(at).copied().zip(curve.high.get(at).copied());
            let is_seen =
                curve.measured[at] >= floor(&curve.measured) && interval.is_none_or(|(low, _)| low > 0.0);
            if is_seen || !is_spectrum {
                rows.push(row(self.fidelity, at, curve.measured[at], interval));
            }
        }
        let least = if is_spectrum { floor(&curve.truth) } else { f64::NEG_INFINITY };
        rows.extend(every(truths).map(|at| row("theory", at, curve.truth[at].max(least), None)));
    }
}
