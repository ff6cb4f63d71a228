//! Means over seeds at the same airtimes, as a table that `airloop plot` draws.

use crate::network::PARAMETERS;
use crate::training::{BANDWIDTH_HZ, Curve, DEVICES, FIDELITY, Point, SNR_DB};
use airloop::baseband::{Accumulator, Estimate};
use std::fmt::Write;

/// Names of the columns, those of a sweep where they mean the same; `airtime_s` is that of all rounds together.
const COLUMNS: &str = "schema,curve,fidelity,scheme,snr_db,bandwidth_hz,devices,length,trials,stop_reason,\
                       airtime_s,accuracy,accuracy_low,accuracy_high,accuracy_count";
/// Level of the intervals.
const LEVEL: f64 = 0.95;

/// Returns so many airtimes in equal ratios, up to `last_s`.
pub fn airtimes_s(first_s: f64, last_s: f64, count: usize) -> Vec<f64> {
    let share = |i: usize| i as f64 / (count - 1) as f64;
    (0..count).map(|i| first_s * (last_s / first_s).powf(share(i))).collect()
}

/// Returns the last point that an airtime allows.
fn reached(run: &[Point], airtime_s: f64) -> Point {
    // A table's last airtime is a power, which may fall short of the whole by a rounding.
    let rounds = run.iter().skip(1).take_while(|p| p.airtime_s <= airtime_s * (1.0 + 1e-9)).count();
    run[rounds]
}

/// Returns the mean accuracy over runs that an airtime allows, with the interval of Student's t.
pub fn accuracy(runs: &[Vec<Point>], airtime_s: f64) -> Estimate {
    let mut accuracy = Accumulator::new(LEVEL);
    runs.iter().for_each(|run| accuracy.push(reached(run, airtime_s).accuracy));
    accuracy.estimate()
}

/// Returns the table: one row a curve and airtime.
pub fn table(curves: &[(Curve, Vec<Vec<Point>>)], airtimes_s: &[f64]) -> String {
    let mut text = format!("{COLUMNS}\n");
    let cell = |value: Option<f64>| value.map_or(String::new(), |v| v.to_string());
    for (Curve { label, scheme, .. }, runs) in curves {
        for airtime_s in airtimes_s {
            let Estimate { mean, low, high, count, .. } = accuracy(runs, *airtime_s);
            let (mean, low, high) = (cell(mean), cell(low), cell(high));
            let _ = writeln!(
                text,
                "1,\"{label}\",{FIDELITY},{scheme},{SNR_DB},{BANDWIDTH_HZ},{DEVICES},{PARAMETERS},{count},trials,\
                 {airtime_s},{mean},{low},{high},{count}"
            );
        }
    }
    text
}
