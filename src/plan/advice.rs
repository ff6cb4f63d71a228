//! What to do about a plan.

use super::budget::Figures;
use super::noise::devices_snr_needed;
use super::{PlanInput, quantity};
use airloop_baseband::units::{db_from_power, power_from_db};
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
            "the {cause} keeps to its part for {} of a round of {}: send a beacon at least that often",
            quantity(frame_s, "s"),
            quantity(input.round_s, "s")
        ));
    }
    if figures.age_s < input.round_s {
        reasons.push(format!(
            "channels change within a round: knowledge may be {} old, a round takes {}; send pilots at least that often",
            quantity(figures.age_s, "s"),
            quantity(input.round_s, "s")
        ));
    }
    if !reasons.is_empty() {
        return Advice { verdict: Verdict::CoherentWithReferences, reasons };
    }
    let after = if figures.clocks.told { " after the beacon" } else { "" };
    reasons.push(match figures.clocks.carrier_rms_hz {
        Some(rms_hz) => {
            format!("carriers {} off{after} keep to their part over the whole round", quantity(rms_hz, "Hz"))
        }
        None => "no oscillator is given: clocks are taken to keep to the figures above".into(),
    });
    Advice { verdict: Verdict::Coherent, reasons }
}

/// Returns why coherent aggregation cannot keep to its parts.
fn broken(input: &PlanInput, figures: &Figures) -> Vec<String> {
    let mut reasons = Vec::new();
    let clocks = &figures.clocks;
    if let (true, Some(rms_hz), Some(beacon)) = (clocks.beyond, clocks.carrier_rms_hz, &input.beacon) {
        let (rms, range) = (quantity(rms_hz, "Hz"), quantity(beacon.cfo_range_hz, "Hz"));
        reasons.push(format!("carriers {rms} off are beyond the {range} that the beacon can tell"));
    }
    // A round that is shorter needs no second reference.
    let shortest_s = (FEWEST_SYMBOLS * input.symbol_s).min(input.round_s);
    let shortest = match shortest_s < input.round_s {
        true => format!("less than a pilot and a payload symbol take ({})", quantity(shortest_s, "s")),
        false => format!("less than a round takes ({})", quantity(shortest_s, "s")),
    };
    if let Some((frame_s, cause)) = figures.frame().filter(|(frame_s, _)| *frame_s < shortest_s) {
        reasons.push(format!("the {cause} keeps to its part for {}, {shortest}", quantity(frame_s, "s")));
    }
    if figures.age_s < shortest_s {
        reasons.push(format!("channel knowledge may be {} old, {shortest}", quantity(figures.age_s, "s")));
    }
    let given = &input.given;
    let timing = if clocks.told { "the timing error that the beacon leaves" } else { "timing_rms_s" };
    let limits = [
        (timing, clocks.timing_rms_s, figures.timing_rms_s, "s"),
        ("phase_sd_rad", given.phase_sd_rad, figures.phase_sd_rad, "rad"),
        ("power_sd_db", given.power_sd_db, figures.power_sd_db, "dB"),
        ("csi_error", given.csi_error, figures.channel_error, ""),
        ("csi_age_s", given.csi_age_s, figures.age_s, "s"),
    ];
    for (name, there_is, allowed, unit) in limits {
        if let Some(there_is) = there_is
            && there_is > allowed
        {
            let (there_is, allowed) = (quantity(there_is, unit), quantity(allowed, unit));
            reasons.push(format!("{name} is {there_is}, and {allowed} is allowed"));
        }
    }
    reasons
}

/// Advises where noise alone leaves more than the target; `best` is what the best inversion would leave.
pub(super) fn out_of_reach(input: &PlanInput, best: f64, target: f64) -> Advice {
    let mut reasons = Vec::new();
    if best < target {
        let db = db_from_power(best);
        reasons.push(format!(
            "scheme.threshold = \"best\" with scheme.scale = \"plain\" alone would leave {db:.2} dB"
        ));
    }
    let weights = &input.weights;
    if weights.independent > 1.25 {
        let (weak_db, scale_db) =
            (db_from_power(weights.independent), db_from_power(weights.normalisation()));
        let scaled = if scale_db > 0.1 {
            format!(", and their normalisation {scale_db:.2} dB")
        } else {
            String::new()
        };
        reasons.push(format!("the devices' values nearly cancel, which costs {weak_db:.2} dB{scaled}"));
    }
    let needed = devices_snr_needed(0.5 * target, input.k_factor, weights);
    let there_is = (input.devices * input.repetitions) as f64;
    let snr_db = db_from_power(needed / there_is);
    let devices = needed / input.repetitions as f64 / power_from_db(input.snr_db);
    // More devices have another Gram matrix, but for independent ones.
    let more = match weights.are_one() {
        true => format!(", or {:.0} devices at {:.2} dB", devices.ceil(), input.snr_db),
        false => String::new(),
    };
    reasons.push(format!(
        "for noise to take half of the target, K SNR must be {:.2} dB: {snr_db:.2} dB with {} devices{more}",
        db_from_power(needed),
        input.devices
    ));
    Advice { verdict: Verdict::OutOfReach, reasons }
}
