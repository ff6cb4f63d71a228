//! Doubts about a drop of devices: who is left out, and path loss beyond its range.

use super::Warning;
use crate::experiment::sections::CellDrop;
use airloop_channels::large_scale::RangeDoubt;

/// Returns the doubts about a drop.
pub(super) fn before_running(drop: &CellDrop) -> Vec<Warning> {
    let mut warnings = Vec::new();
    if let Some(part) = drop.part() {
        let (all, left) = (drop.devices.len(), drop.devices.len() - part.len());
        let message = format!(
            "cell.selection leaves {left} of {all} devices out: target, SNR and shares are those of the {} that take part",
            part.len()
        );
        warnings.push(Warning::new("devices-not-selected", message));
    }
    warnings.extend(drop.doubts.iter().map(|doubt| Warning::new("path-loss-extrapolated", words(doubt))));
    warnings
}

fn words(doubt: &RangeDoubt) -> String {
    match doubt {
        RangeDoubt::ServerHeight { height_m, table_m } => {
            format!("cell.server_height_m = {height_m}: the scenario's formulas hold for {table_m} m")
        }
        RangeDoubt::Distance { devices, nearest_m, farthest_m } => format!(
            "{devices} devices stand nearer or farther than the {nearest_m} to {farthest_m} m that the scenario's formulas \
             hold for"
        ),
        _ => "the scenario's formulas are applied beyond their range".into(),
    }
}
