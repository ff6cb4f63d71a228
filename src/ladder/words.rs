//! A ladder in words: a line for each law and effect.

use super::{Effect, Ladder, Law, Verdict};
use std::fmt;

impl fmt::Display for Ladder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = [
            Some(law("symbol against theory", &self.symbol_law)),
            self.symbol_effect.as_ref().map(|e| effect("symbol over theory", e)),
            Some(law("waveform against symbol", &self.waveform_law)),
            self.waveform_effect.as_ref().map(|e| effect("waveform over symbol", e)),
            Some(law("radio against waveform", &self.radio_law)),
        ];
        f.write_str(&lines.into_iter().flatten().collect::<Vec<_>>().join("\n"))
    }
}

fn law(name: &str, law: &Law) -> String {
    let verdict = match (law.verdict(), law) {
        (Verdict::Holds, _) => "holds".into(),
        (Verdict::Broken, _) => "BROKEN".into(),
        (Verdict::Undecided, Law::ZScore(z)) => format!("undecided: too few trials to see {}", z.fault),
        (Verdict::Undecided, _) => "undecided: the control does not show".into(),
    };
    match law {
        Law::ZScore(z) => format!(
            "  law     {name:<24} {verdict}: z = {:+.2} (|z| < 4), control {:+.1} (> 4): {}; \
             difference {:+.1e}, {} trials",
            z.z, z.control, z.fault, z.difference, z.trials
        ),
        Law::Equality(e) => format!(
            "  law     {name:<24} {verdict}: largest difference {:.1e} (bound {:.1e}), control one sample late {:.1e}, \
             {} grid values",
            e.difference, e.bound, e.control, e.values
        ),
        Law::NotApplicable(why) => format!("  law     {name:<24} not applicable: {why}"),
    }
}

fn effect(name: &str, effect: &Effect) -> String {
    let Effect { db, low_db, high_db, trials } = *effect;
    format!("  effect  {name:<24} {db:+.4} dB [{low_db:+.4} to {high_db:+.4}], {trials} trials")
}
