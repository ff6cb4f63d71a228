//! A report as a long table, as figures read it.

use super::{SoundCurve, SoundReport};

/// Columns of the table: what a row is of, whether it was measured or is the truth, which piece of the curve it belongs to, its
/// argument under the name with the right unit, and its value with the 95 % interval over draws.
pub const COLUMNS: [&str; 10] = [
    "kind",
    "fidelity",
    "piece",
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
    /// Number of its piece of the curve, from 1 on: rows of one piece lie side by side, and every path is one.
    pub piece: usize,
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
    pub fn cells(&self) -> [String; 10] {
        let end = |end: Option<f64>| end.map_or(String::new(), |x| x.to_string());
        COLUMNS.map(|column| match column {
            "kind" => self.kind.into(),
            "fidelity" => self.fidelity.into(),
            "piece" => self.piece.to_string(),
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
    /// Delay profiles and Doppler spectra are listed where they stand within 40 dB of their peak, and as measured only where they
    /// stand above their own doubt; what is left out parts a curve into pieces.
    pub fn rows(&self) -> Vec<SoundRow> {
        let mut rows = Vec::new();
        for curve in &self.curves {
            self.list(curve, &mut rows);
        }
        rows.extend(self.paths.iter().enumerate().map(|(at, path)| SoundRow {
            kind: "path",
            fidelity: "theory",
            piece: at + 1,
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
        let floor = |values: &[f64]| match is_spectrum {
            true => values.iter().copied().fold(0.0, f64::max) / SHOWN_RANGE,
            false => f64::NEG_INFINITY,
        };
        let mut pieces = |fidelity: &'static str, most: usize, row: &dyn Fn(usize) -> Value| {
            let (mut piece, mut is_open) = (0, false);
            for at in (0..count).step_by(count.div_ceil(most)) {
                let found = row(at);
                piece += usize::from(found.is_some() && !is_open);
                is_open = found.is_some();
                rows.extend(found.map(|(value, interval)| SoundRow {
                    kind: curve.kind,
                    fidelity,
                    piece,
                    argument: curve.argument,
                    x: curve.x[at],
                    value,
                    interval,
                }));
            }
        };
        let (least, least_truth) = (floor(&curve.measured), floor(&curve.truth));
        pieces(self.fidelity, if is_spectrum { spectra } else { correlations }, &|at| {
            let interval = curve.low.get(at).copied().zip(curve.high.get(at).copied());
            let is_seen = !is_spectrum || interval.is_none_or(|(low, _)| low > 0.0);
            Some((curve.measured[at], interval)).filter(|(value, _)| is_seen && *value >= least)
        });
        // A line needs two points.
        let step = count.div_ceil(truths);
        let is_high = |at: usize| curve.truth.get(at).is_some_and(|value| *value >= least_truth);
        pieces("theory", truths, &|at| {
            let is_joined = is_high(at + step) || at >= step && is_high(at - step);
            Some((curve.truth[at], None)).filter(|_| is_high(at) && is_joined)
        });
    }
}

/// A value with its interval, where it is listed.
type Value = Option<(f64, Option<(f64, f64)>)>;

#[cfg(test)]
mod tests {
    use super::super::tests::{config, experiment};
    use super::*;
    use crate::channel_sounder::sound;

    #[test]
    fn a_curve_ends_where_it_falls_below_what_is_listed() {
        let mut report =
            sound(&experiment("model = \"tdl-c\"\ndelay_spread_s = 3e-7", ""), &config(2)).unwrap();
        let power = |at: usize| match at {
            10..20 => 1.0,
            40..50 => 2e-4,
            70 => 1.5e-4,
            _ => 5e-5,
        };
        let truth: Vec<f64> = (0..100).map(power).collect();
        let (low, high) =
            (truth.iter().map(|x| x - 1e-4).collect(), truth.iter().map(|x| x + 1e-4).collect());
        report.curves.truncate(1);
        let x = (0..100).map(|at| 1e-8 * f64::from(at)).collect();
        report.curves[0] =
            SoundCurve { x, measured: truth.clone(), low, high, truth, ..report.curves[0].clone() };
        let rows = report.rows();
        let pieces = |fidelity: &str| -> Vec<(f64, usize)> {
            let own = rows.iter().filter(|row| row.kind == "delay-profile" && row.fidelity == fidelity);
            own.map(|row| ((row.x / 1e-8).round(), row.piece)).collect()
        };
        let expected: Vec<(f64, usize)> =
            (10..20).map(|at| (f64::from(at), 1)).chain((40..50).map(|at| (f64::from(at), 2))).collect();
        assert_eq!(pieces("theory"), expected, "a lone point is no line");
        assert_eq!(pieces("symbol"), [expected, vec![(70.0, 3)]].concat());
        let paths: Vec<usize> = rows.iter().filter(|row| row.kind == "path").map(|row| row.piece).collect();
        assert_eq!(paths, (1..=report.paths.len()).collect::<Vec<_>>());
        // Correlations are listed throughout.
        report.curves[0].kind = "frequency-correlation";
        let listed =
            report.rows().iter().filter(|row| row.fidelity == "theory" && row.kind != "path").count();
        assert_eq!(listed, 100);
    }
}
