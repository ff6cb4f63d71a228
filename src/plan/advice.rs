//! What to do about a plan.

use super::PlanInput;
use super::budget::Figures;
use serde::Serialize;

/// Fewest symbols between two references of phase: one of pilots and one of values.
const FEWEST_SYMBOLS: f64 = 2.0;

/// What is advised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Coherent aggregation, one reference of phase, time and channel a round.
    Coherent,
    /// Coherent aggregation, with references inside a round.
    CoherentWithReferences,
    /// Votes by energy, which need no phase.
    NonCoherent,
    /// Noise and silent devices alone leave more than the target.
    OutOfReach,
}

impl Verdict {
    /// Returns the verdict in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Coherent => "coherent aggregation, one reference of phase, time and channel a round",
            Self::CoherentWithReferences => "coherent aggregation, with references inside a round",
            Self::NonCoherent => {
                "no coherent aggregation: FSK majority votes (fsk-majority) need neither phase nor channel"
            }
            Self::OutOfReach => "the target is out of reach: the noise must fall first",
        }
    }
}

/// A verdict with its reasons.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Advice {
    /// The verdict.
    pub verdict: Verdict,
    /// Why, a sentence each.
    pub reasons: Vec<String>,
}

/// Judges what is given by what is allowed.
pub(super) fn judge(input: &PlanInput, figures: &Figures) -> Advice {
    let broken = broken(input, figures);
    if !broken.is_empty() {
        return Advice { verdict: Verdict::NonCoherent, reasons: broken };
    }
    let mut reasons = Vec::new();
    if let Some((frame_s, cause)) = figures.frame().filter(|(frame_s, _)| *frame_s < input.round_s) {
        reasons.push(format!(
            "the {cause} keeps to its part for {frame_s:.3e} s of a round of {:.3e} s: send a beacon at least that often",
            input.round_s
        ));
    }
    if figures.age_s < input.round_s {
        reasons.push(format!(
            "channels change within a round: knowledge may be {:.3e} s old, a round takes {:.3e} s; send pilots at least that often",
            figures.age_s, input.round_s
        ));
    }
    if !reasons.is_empty() {
        return Advice { verdict: Verdict::CoherentWithReferences, reasons };
    }
    reasons.push(match input.given.carrier_rms_hz(input.carrier_hz) {
        Some(rms_hz) => format!("carriers {rms_hz:.4} Hz off keep to their part over the whole round"),
        None => "no oscillator is given: clocks are taken to keep to the figures above".into(),
    });
    Advice { verdict: Verdict::Coherent, reasons }
}

/// Returns why coherent aggregation cannot keep to its parts.
fn broken(input: &PlanInput, figures: &Figures) -> Vec<String> {
    let mut reasons = Vec::new();
    let shortest_s = FEWEST_SYMBOLS * input.symbol_s;
    if let Some((frame_s, cause)) = figures.frame().filter(|(frame_s, _)| *frame_s < shortest_s) {
        reasons.push(format!(
            "the {cause} keeps to its part for {frame_s:.3e} s, less than a pilot and a payload symbol ({shortest_s:.3e} s)"
        ));
    }
    if figures.age_s < shortest_s {
        reasons.push(format!(
            "channel knowledge may be {:.3e} s old, less than a pilot and a payload symbol take ({shortest_s:.3e} s)",
            figures.age_s
        ));
    }
    let given = &input.given;
    let limits = [
        ("timing_rms_s", given.timing_rms_s, figures.timing_rms_s, "s"),
        ("phase_sd_rad", given.phase_sd_rad, figures.phase_sd_rad, "rad"),
        ("power_sd_db", given.power_sd_db, figures.power_sd_db, "dB"),
        ("csi_error", given.csi_error, figures.channel_error, ""),
        ("csi_age_s", given.csi_age_s, figures.age_s, "s"),
    ];
    for (name, there_is, allowed, unit) in limits {
        if let Some(there_is) = there_is
            && there_is > allowed
        {
            let text = format!("{name} is {there_is:.3e} {unit}, and {allowed:.3e} {unit} is allowed");
            reasons.push(text.replace(" ,", ",").replace("  ", " "));
        }
    }
    reasons
}
