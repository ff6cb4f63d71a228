//! The ladder: each rung with its own physics off must reproduce the rung below; what the physics costs is printed.
//!
//! `law` holds pairs of rungs against each other on the same draws, `comparison` trials against predictions, `control` says how far
//! a control must be off to be seen; `effect` says what a rung's physics costs in decibels.

mod comparison;
pub mod control;
pub mod effect;
pub mod energy;
pub mod law;
pub mod votes;
mod words;

pub use control::Fault;
pub use effect::Effect;
pub use law::{Equality, Law, Verdict, ZScore};

use crate::config::{Node, Value};
use crate::experiment::sections::{Delays, ImpairmentsSection, ReceiverSection};
use crate::experiment::{Experiment, Loader};
use crate::medium::ChannelModel;
use crate::run::RunError;
use std::sync::atomic::AtomicBool;

/// What the ladder found for one experiment.
#[derive(Clone, Debug)]
pub struct Ladder {
    /// Symbol against theory.
    pub symbol_law: Law,
    /// Waveform against symbol.
    pub waveform_law: Law,
    /// Radio against waveform.
    pub radio_law: Law,
    /// What finite trials, power control and channel knowledge cost over theory.
    pub symbol_effect: Option<Effect>,
    /// What prefix, fractional delays, time variation within a symbol, impairments and synchronisation cost.
    pub waveform_effect: Option<Effect>,
}

impl Ladder {
    /// Returns the worst of the laws' verdicts.
    pub fn verdict(&self) -> Verdict {
        let laws = [&self.symbol_law, &self.waveform_law, &self.radio_law].map(Law::verdict);
        let any = |verdict| laws.contains(&verdict);
        match (any(Verdict::Broken), any(Verdict::Undecided)) {
            (true, _) => Verdict::Broken,
            (false, true) => Verdict::Undecided,
            (false, false) => Verdict::Holds,
        }
    }

    /// Returns whether every law that applies holds, and its control fails.
    pub fn holds(&self) -> bool {
        self.verdict() == Verdict::Holds
    }
}

/// Climbs the ladder with one experiment (a tree without sweep and curves).
///
/// # Errors
/// When the experiment is wrong or cannot be run.
pub fn climb(tree: &Node, loader: &Loader, interrupted: &AtomicBool) -> Result<Ladder, RunError> {
    let experiment = loader.load(tree)?;
    let (symbol_law, symbol_effect) = law::symbol_against_theory(&experiment, interrupted)?;
    let without_samples = |why: String| {
        let radio_law = Law::NotApplicable("there is no waveform rung below".into());
        let waveform_law = Law::NotApplicable(why);
        Ladder {
            symbol_law: symbol_law.clone(),
            waveform_law,
            radio_law,
            symbol_effect,
            waveform_effect: None,
        }
    };
    if matches!(experiment.channel, ChannelModel::PerElement { .. }) {
        let why = "independent elements have no impulse response, so there is no waveform rung";
        return Ok(without_samples(why.into()));
    }
    if !experiment.needs().transmits {
        let why = "the digital baseline puts nothing on the air: both rungs are the same";
        return Ok(without_samples(why.into()));
    }
    if let Some(why) = crate::run::misaligned::off_grid(&experiment) {
        return Ok(without_samples(format!("there is no waveform rung for {why}")));
    }
    let radio_law = match experiment.misaligned() {
        Some(_) => Law::NotApplicable("misaligned frames are no slots that radios carry".into()),
        None => law::radio_against_waveform(&experiment)?,
    };
    let waveform_effect = Some(effect::waveform_over_symbol(&experiment, interrupted)?);
    if let Some(why) = fixed_beyond_the_prefix(&experiment) {
        let waveform_law = Law::NotApplicable(why);
        return Ok(Ladder { symbol_law, waveform_law, radio_law, symbol_effect, waveform_effect });
    }
    let mut polite = loader.load(&physics_off(tree, &experiment)?)?;
    (polite.impairments, polite.sync) = (ImpairmentsSection::ideal(), None);
    polite.receiver = ReceiverSection::ideal();
    let waveform_law = law::waveform_against_symbol(&polite)?;
    Ok(Ladder { symbol_law, waveform_law, radio_law, symbol_effect, waveform_effect })
}

/// Returns the tree with the channel's part of the waveform rung's own physics off: static, delays on samples and inside the
/// prefix.
fn physics_off(tree: &Node, experiment: &Experiment) -> Result<Node, RunError> {
    let mut tree = tree.clone();
    let section = &experiment.channel_section;
    let mut set = |path: &str, value: Value| {
        let node = Node::new(value, crate::config::Origin::Default);
        tree.set(path, node).map_err(|e| RunError::Experiment(e.into()))
    };
    set(&format!("channel.{}", section.motion_key), Value::Float(0.0))?;
    set("channel.delays", Value::String("rounded".into()))?;
    let (longest_s, prefix_s) = longest_delay_and_prefix_s(experiment);
    if let Delays::Scaled(spread_s) = section.delays
        && longest_s > prefix_s
    {
        set("channel.delay_spread_s", Value::Float(spread_s * prefix_s / longest_s * 0.99))?;
    }
    Ok(tree)
}

/// Returns why the rungs cannot be compared where delays that no key shortens reach beyond the prefix.
fn fixed_beyond_the_prefix(experiment: &Experiment) -> Option<String> {
    let (longest_s, prefix_s) = longest_delay_and_prefix_s(experiment);
    let fixed = matches!(experiment.channel_section.delays, Delays::Fixed(_) | Delays::Recorded);
    (fixed && longest_s > prefix_s).then(|| {
        let model = &experiment.channel_section.model;
        format!(
            "the delays of channel.model = \"{model}\" are fixed and reach {longest_s:.3e} s, beyond the prefix of {prefix_s:.3e} s"
        )
    })
}

/// Returns the longest delay of the channel, 0 without paths, and the shortest prefix, in seconds.
fn longest_delay_and_prefix_s(experiment: &Experiment) -> (f64, f64) {
    let longest_s = match &experiment.channel {
        ChannelModel::Taps { fading, .. } => fading.profile().max_delay_s(),
        ChannelModel::PerElement { .. } => 0.0,
    };
    let numerology = &experiment.numerology;
    (longest_s, numerology.shortest_prefix_samples() as f64 / numerology.sample_rate_hz())
}
