//! What a curve of block error rates is to cover, and which sweeps make a table of curves.

use crate::config::{ConfigError, Node, Origin, Value};
use crate::experiment::LinkTableSection;
use crate::sweep::SweepPlan;

/// Axes that a table of block error rates may have.
const AXES: [&str; 3] = ["mcs.table", "mcs.index", "mcs.block_bits"];

/// A curve of block error rates as configured.
#[derive(Clone, Debug, PartialEq)]
pub struct CurveConfig {
    /// How far it is walked.
    pub walk: LinkTableSection,
    /// The experiment as written, of which every SNR is a point.
    pub tree: Node,
}

impl CurveConfig {
    /// Returns the experiment of a point as `airloop link` would read it.
    ///
    /// # Errors
    /// When `link` is no table.
    pub fn at(&self, snr_db: f64) -> Result<Node, ConfigError> {
        let mut tree = self.tree.clone();
        let origin = Origin::axis(format!("link.snr_db = {snr_db}"));
        tree.set("link.snr_db", Node::new(Value::Float(snr_db), origin))?;
        Ok(tree)
    }
}

/// Checks that the points of a plan are the curves of one table: each scheme and block size once, at one rung.
///
/// # Errors
/// When there is another axis, there are curves with labels, or several rungs.
pub fn check_plan(plan: &SweepPlan) -> Result<(), ConfigError> {
    let invalid = |origin: Origin, path: &str, message: String| {
        Err(ConfigError::Invalid { origin, path: path.into(), message })
    };
    if let Some(axis) = plan.axes.iter().find(|axis| !AXES.contains(&axis.path.as_str())) {
        let origin = axis.values.first().map_or(Origin::Default, |value| value.origin.clone());
        let message = match axis.path.as_str() {
            "link.snr_db" | "link.es_n0_db" | "link.eb_n0_db" => {
                "is walked by the table itself: leave it out of the sweep".into()
            }
            _ => format!(
                "is no axis of a table of block error rates: these are {}; write one table for each of its values",
                AXES.join(", ")
            ),
        };
        return invalid(origin, &axis.path, message);
    }
    if let Some(curve) = plan.curves.iter().find(|curve| !curve.label.is_empty()) {
        let origin = curve.tables.first().map_or(Origin::Default, |table| table.1.origin.clone());
        let message = format!(
            "\"{}\": a table of block error rates has no [[curve]]; write one table for each",
            curve.label
        );
        return invalid(origin, "curve", message);
    }
    if plan.fidelities.len() != 1 {
        let message = format!(
            "{} are asked for: a table of block error rates is of one, \"symbol\" or \"waveform\"",
            plan.fidelities.len()
        );
        return invalid(Origin::flag("--fidelity"), "sweep.fidelity", message);
    }
    Ok(())
}
