//! The schemes that are compared, each with the settings and the step that `--tune` chose.

use crate::training::Curve;

/// The curves; the first is what the coherent link would reach without any error.
pub const CURVES: [Curve; 4] = [
    Curve { label: "exact mean", scheme: COHERENT, settings: "", step: 1.0, exact: true },
    Curve { label: "coherent mean", scheme: COHERENT, settings: "", step: 1.0, exact: false },
    Curve { label: "majority of votes", scheme: VOTES, settings: ABSTENTIONS[1], step: 0.04, exact: false },
    Curve { label: "digital mean", scheme: "digital", settings: "", step: 0.125, exact: false },
];

const COHERENT: &str = "truncated-inversion";
const VOTES: &str = "fsk-majority";

/// Devices with little to say about a parameter, in units of their values' rms, may abstain.
const ABSTENTIONS: [&str; 3] = [
    "payload = { function = \"majority\" }",
    "payload = { function = \"majority\", abstain_below = 0.5 }",
    "payload = { function = \"majority\", abstain_below = 1.0 }",
];

impl Curve {
    /// Returns all that is tried of the curve: settings of its scheme, and steps around its own.
    pub fn candidates(self) -> Vec<Self> {
        let settings: &[&str] = if self.scheme == VOTES { &ABSTENTIONS } else { &[""] };
        let steps = |settings: &'static str| {
            [0.25, 0.5, 1.0, 2.0, 4.0].map(|f| Self { settings, step: f * self.step, ..self })
        };
        settings.iter().flat_map(|s| steps(s)).collect()
    }

    /// Returns the tables that the curve adds to the link's experiment.
    pub fn tables(&self) -> String {
        let more = if self.scheme == COHERENT { ", threshold = \"best\", scale = \"lmmse\"" } else { "" };
        format!("{}\nscheme = {{ kind = \"{}\"{more} }}", self.settings, self.scheme)
    }
}
