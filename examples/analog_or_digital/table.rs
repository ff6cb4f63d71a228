//! Fronts and crossings as tables that `airloop plot` draws.

use crate::Point;
use crate::front::{Crossing, Front};
use std::fmt::Write;

/// Columns of the fronts, those of a sweep where they mean the same.
const FRONT: &str =
    "schema,curve,fidelity,devices,trials,stop_reason,airtime_s,energy_j,nmse,nmse_low,nmse_high,choice";

/// Columns of the crossings.
const CROSSING: &str = "schema,curve,fidelity,devices,stop_reason,airtime_s,energy_j,nmse";

/// Returns the points of fronts, one row each.
pub fn fronts(fronts: &[Front<'_>]) -> String {
    let mut text = format!("{FRONT}\n");
    let cell = |value: Option<f64>| value.map_or(String::new(), |v| v.to_string());
    for point in fronts.iter().flat_map(|front| &front.points) {
        let Point { side, devices, trials, airtime_s, energy_j, nmse, interval, choice } = point;
        let (low, high) = (cell(interval.0), cell(interval.1));
        let _ = writeln!(
            text,
            "1,{},symbol,{devices},{trials},trials,{airtime_s},{energy_j},{nmse},{low},{high},\"{choice}\"",
            side.word()
        );
    }
    text
}

/// Returns where digital overtakes analog, one row a number of devices and kind of cost; without a crossing, cells are empty.
pub fn crossings(rows: &[(usize, Crossing, Crossing)]) -> String {
    let mut text = format!("{CROSSING}\n");
    for (devices, airtime, energy) in rows {
        let cells = |crossing: &Crossing| match crossing {
            Crossing::At { cost, nmse } => (cost.to_string(), nmse.to_string()),
            Crossing::Always | Crossing::Never => Default::default(),
        };
        let ((airtime_s, nmse), (energy_j, energy_nmse)) = (cells(airtime), cells(energy));
        let _ = writeln!(text, "1,airtime,symbol,{devices},interpolated,{airtime_s},,{nmse}");
        let _ = writeln!(text, "1,energy,symbol,{devices},interpolated,,{energy_j},{energy_nmse}");
    }
    text
}
