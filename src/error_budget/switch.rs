//! An experiment without some of its causes: knowledge and motion are asked for by keys, so that the scheme is designed for what is
//! left; the rest is taken away from what was loaded. What is drawn keeps its streams.
//!
//! Draws go by purpose, device and index, so that those of the causes that stay on are the same. Three switches change more than
//! their cause: without motion within a symbol channels stand still at what they were when the round began, and knowledge is as much
//! older as gives it the same error; estimates without ageing are of the channel at the middle of its use; and delays that are
//! shortened change how subcarriers fade together.

use super::BudgetError;
use super::cause::{Cause, beyond_the_prefix, max_doppler_hz};
use crate::config::{Node, Origin, Value};
use crate::experiment::sections::{ImpairmentsSection, RadioPart, SchemeKind};
use crate::experiment::{Experiment, Loader, PerDevice};
use crate::medium::ChannelModel;
use crate::run::RunError;
use crate::sounding::{KnowledgeConfig, KnowledgeModel};
use airloop_channels::{Fading, PathSpec, Profile};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// Factor on the speed of channels that stand still: small enough for no interference, not 0, so that draws stay as they are.
const STILL: f64 = 1e-4;

/// Largest age of knowledge that a file may have, in seconds.
const MAX_AGE_S: f64 = 1e3;

/// Delays are shortened in such steps until they end within the prefix.
const SHORTER: f64 = 0.85;

/// Most steps, and the interference at which they end.
const STEPS: (usize, f64) = (24, 1e-9);

/// Keys of knowledge that is not perfect.
const KNOWLEDGE_KEYS: [&str; 5] =
    ["pilots", "link.csi_error", "link.csi_bits", "link.reciprocity_error_db", "link.reciprocity_error_rad"];

/// Causes that are switched off by keys.
const BY_KEYS: [Cause; 3] = [Cause::ChannelKnowledge, Cause::Ageing, Cause::InterCarrierInterference];

/// Makes experiments without causes; what was loaded for others is kept.
pub(super) struct Switch<'a> {
    tree: &'a Node,
    loader: &'a Loader<'a>,
    whole: &'a Experiment,
    loaded: HashMap<Vec<Cause>, Experiment>,
}

impl<'a> Switch<'a> {
    /// Makes a switch for an experiment and the tree that it was loaded from.
    pub fn new((tree, loader): (&'a Node, &'a Loader<'a>), whole: &'a Experiment) -> Self {
        Self { tree, loader, whole, loaded: HashMap::new() }
    }

    /// Returns the experiment without the causes `off`; noise is switched off where trials are run.
    ///
    /// # Errors
    /// When the experiment that is left cannot be made.
    pub fn without(&mut self, off: &BTreeSet<Cause>) -> Result<Experiment, BudgetError> {
        let mut left = self.loaded(off)?;
        take(&mut left, self.whole, off)?;
        Ok(left)
    }

    /// Returns the experiment without those of the causes that are switched off by keys.
    fn loaded(&mut self, off: &BTreeSet<Cause>) -> Result<Experiment, BudgetError> {
        let by_keys: Vec<Cause> = off.iter().copied().filter(|cause| BY_KEYS.contains(cause)).collect();
        if by_keys.is_empty() {
            return Ok(self.whole.clone());
        }
        if let Some(loaded) = self.loaded.get(&by_keys) {
            return Ok(loaded.clone());
        }
        let mut tree = self.tree.clone();
        knowledge(&mut tree, self.whole, off)?;
        let mut left = self.loader.load(&tree).map_err(RunError::from)?;
        // Noise that follows from what is known of the channels stays as it was.
        left.budget = self.whole.budget.clone();
        left.sync = self.whole.sync.clone();
        self.loaded.insert(by_keys, left.clone());
        Ok(left)
    }
}

/// Takes away what is not switched off by keys.
fn take(left: &mut Experiment, whole: &Experiment, off: &BTreeSet<Cause>) -> Result<(), BudgetError> {
    let has = |cause: Cause| off.contains(&cause);
    if has(Cause::ChannelKnowledge) {
        // The symbols of pilots stay empty, so that clocks have drifted as far and channels have moved on as far.
        left.idle_sounding = whole.sounding();
    } else if has(Cause::Ageing) && whole.knowledge.config.pilots().is_some() && max_doppler_hz(left) > 0.0 {
        let age_s = match has(Cause::InterCarrierInterference) {
            true => 0.0,
            false => -mean_lag_s(whole),
        };
        let config = KnowledgeConfig { age_s, ..left.knowledge.config };
        relearn(left, config);
    }
    if has(Cause::InterSymbolInterference) {
        shorten(left)?;
    }
    clocks(left, whole, off);
    for (cause, part, both) in [
        (Cause::PhaseNoise, RadioPart::PhaseNoise, true),
        (Cause::IqImage, RadioPart::Image, true),
        (Cause::DcOffset, RadioPart::Leakage, true),
        (Cause::Amplifier, RadioPart::Amplifier, false),
        (Cause::Dac, RadioPart::Converter, false),
        (Cause::PowerControl, RadioPart::PowerControl, false),
    ] {
        if has(cause) {
            left.impairments.radio.take(part);
            if both {
                left.receiver.take(part);
            }
        }
    }
    if has(Cause::Adc) {
        left.receiver.take(RadioPart::Converter);
    }
    Ok(())
}

/// Sets the keys of motion and knowledge.
fn knowledge(tree: &mut Node, whole: &Experiment, off: &BTreeSet<Cause>) -> Result<(), BudgetError> {
    let has = |cause: Cause| off.contains(&cause);
    let config = &whole.knowledge.config;
    let still = has(Cause::InterCarrierInterference);
    let perfect = has(Cause::ChannelKnowledge);
    let mut age_s = config.age_s;
    if config.pilots().is_some() && (perfect || still) {
        // What a sounding's distance adds to the age.
        age_s += rms_lag_s(whole);
    }
    if has(Cause::Ageing) {
        age_s = 0.0;
    }
    let pace = if still { STILL.max(age_s / MAX_AGE_S).min(1.0) } else { 1.0 };
    let mut set = |path: &str, value: Value| {
        let node = Node::new(value, Origin::Default);
        tree.set(path, node).map_err(|e| RunError::Experiment(e.into()))
    };
    if perfect {
        set("link.csi", Value::String("perfect".into()))?;
    }
    if config.exists() && (age_s != config.age_s || pace != 1.0) && whole.is_sounded() {
        set("link.csi_age_s", Value::Float(age_s / pace))?;
    }
    if still {
        let path = format!("channel.{}", whole.channel_section.motion_key);
        let speed = match whole.channel_section.motion_key {
            "doppler_hz" => whole.channel_section.max_doppler_hz,
            "speed_m_s" => whole.channel_section.speed_m_s,
            _ => match &whole.channel {
                ChannelModel::Taps { fading, .. } => {
                    fading.recording().map_or(0.0, |(_, replay)| replay.speed)
                }
                ChannelModel::PerElement { .. } => 0.0,
            },
        };
        set(&path, Value::Float(speed * pace))?;
    }
    if perfect {
        KNOWLEDGE_KEYS.iter().for_each(|key| drop(tree.take(key)));
    }
    Ok(())
}

/// Returns the mean time from a sounding to the use of what it gave.
fn mean_lag_s(experiment: &Experiment) -> f64 {
    moment(experiment, |lag_s| lag_s)
}

fn rms_lag_s(experiment: &Experiment) -> f64 {
    moment(experiment, |lag_s| lag_s * lag_s).sqrt()
}

fn moment(experiment: &Experiment, of: impl Fn(f64) -> f64) -> f64 {
    let lags_s = experiment.knowledge.lags_s(&experiment.segments());
    let weight: f64 = lags_s.iter().map(|(_, weight)| weight).sum();
    lags_s.iter().map(|(lag_s, weight)| weight * of(*lag_s)).sum::<f64>() / weight
}

/// Gives devices other knowledge, and the scheme its statistics.
fn relearn(experiment: &mut Experiment, config: KnowledgeConfig) {
    let Experiment { channel, numerology, payload, link, .. } = &*experiment;
    let knowledge = KnowledgeModel::new(config, channel, numerology, (payload.devices(), link.antennas()));
    let segments = experiment.segments();
    if experiment.needs().channels() {
        let known = Arc::new(knowledge.statistics(&knowledge.lags_s(&segments)));
        let passes = segments.repetitions();
        experiment.scheme.resolve(&experiment.budget, &known, &experiment.channel, passes);
        experiment.known = known;
    }
    experiment.knowledge = Arc::new(knowledge);
}

/// Shortens all delays by one factor until nothing falls outside the receive window.
fn shorten(experiment: &mut Experiment) -> Result<(), BudgetError> {
    let ChannelModel::Taps { fading, .. } = experiment.channel.clone() else { return Ok(()) };
    let mut factor = 1.0;
    for _ in 0..STEPS.0 {
        factor *= SHORTER;
        let path = |path: &PathSpec| PathSpec { delay_s: factor * path.delay_s, ..*path };
        let mut profile = Profile::new(fading.profile().paths().iter().map(path).collect())?;
        if experiment.channel_section.rounded_delays {
            profile = profile.rounded_to_samples(experiment.numerology.sample_rate_hz());
        }
        let shorter = Fading::with_max_doppler(profile, fading.max_doppler_hz())
            .with_correlation(fading.receive_correlation().clone(), fading.device_correlation().clone());
        experiment.channel = ChannelModel::taps(shorter, &experiment.numerology);
        if beyond_the_prefix(experiment)? < STEPS.1 {
            break;
        }
    }
    relearn(experiment, experiment.knowledge.config);
    Ok(())
}

/// Makes clocks right; the symbols of a preamble stay empty.
fn clocks(left: &mut Experiment, whole: &Experiment, off: &BTreeSet<Cause>) {
    let has = |cause: Cause| off.contains(&cause);
    let right = || PerDevice::Same(0.0);
    let synchronised = has(Cause::Synchronisation);
    if let SchemeKind::Misaligned(section) = &mut left.scheme.kind {
        if has(Cause::Timing) {
            section.delays_symbols = right();
        }
        if has(Cause::Phase) {
            section.phases_rad = right();
        }
    }
    let ImpairmentsSection { timing_offset_s, cfo_hz, phase_rad, oscillator_ppm, sample_clock_ppm, .. } =
        &mut left.impairments;
    if has(Cause::Timing) || synchronised {
        *timing_offset_s = right();
    }
    if has(Cause::CarrierOffset) || synchronised {
        (*cfo_hz, *oscillator_ppm, *sample_clock_ppm) = (right(), right(), right());
    }
    if has(Cause::Phase) {
        *phase_rad = right();
    }
    if synchronised {
        left.sync = None;
        left.idle_symbols += whole.sync.as_ref().map_or(0, |sync| sync.lead_symbols());
    }
}
