//! How rounds begin: the scheme of an experiment, with what all its rounds share.

use crate::beamforming::AggregationBeamformer;
use crate::experiment::{Experiment, sections::SchemeKind};
use crate::scheme::alignment::Alignment;
use crate::scheme::analog::AnalogPlan;
use crate::scheme::digital::DigitalPlan;
use crate::scheme::digital_aircomp::{DigitalAircompPlan, DigitalAircompRound};
use crate::scheme::energy::EnergyPlan;
use crate::scheme::fsk_majority::FskPlan;
use crate::scheme::full_inversion::FullInversion;
use crate::scheme::full_power::FullPower;
use crate::scheme::optimal_power::OptimalPower;
use crate::scheme::placement::PartOfRound;
use crate::scheme::sparse_analog::{SparseAnalogPlan, SparseAnalogRound};
use crate::scheme::{
    AnalogRound, BlindRound, CodedDigitalRound, CombiningRound, DigitalRound, EnergyRound, FskRound,
    PowerControl, Round, UniformForcingRound,
};
use crate::theory::digital::MAX_SYMBOLS;
use std::sync::Arc;

/// Opens the rounds of an experiment's scheme.
pub struct Opening<'a> {
    experiment: &'a Experiment,
    /// The alignment of all rounds, where power control fixes one.
    alignment: Option<Alignment>,
    /// Whether rounds follow one another, so that devices must remember what they did not send.
    pub(super) goes_on: bool,
}

impl<'a> Opening<'a> {
    /// Prepares what all rounds share.
    pub fn new(experiment: &'a Experiment) -> Self {
        let control = control(experiment);
        let alignment = if control.normalises_rounds() { None } else { control.fixed(&experiment.budget) };
        Self { experiment, alignment, goes_on: experiment.rounds > 1 }
    }

    /// Begins a part of a round, of an experiment whose rounds are [`AnalogRound`]s.
    pub fn begin_part(&self, index: u64, part: &PartOfRound) -> AnalogRound {
        AnalogRound::of_part(self.analog_plan(), control(self.experiment), (index, part))
    }

    /// Returns what an analog round is made of.
    pub fn analog_plan(&self) -> AnalogPlan {
        let e = self.experiment;
        let (payload, budget, alignment) = (Arc::clone(&e.payload), e.budget.clone(), self.alignment.clone());
        AnalogPlan { payload, budget, segments: e.segments(), seeds: e.seeds, alignment }
    }

    /// Returns whether rounds are [`AnalogRound`]s.
    pub fn is_analog(&self) -> bool {
        let e = self.experiment;
        let plain = matches!(
            e.scheme.kind,
            SchemeKind::TruncatedInversion(_)
                | SchemeKind::FullInversion
                | SchemeKind::OptimalPower
                | SchemeKind::FullPower
                | SchemeKind::PhaseOnly(_)
                | SchemeKind::Cotaf(_)
        );
        plain && e.coded.is_none() && e.digital_mode().is_none()
    }

    /// Begins a round, by its index counted through all trials.
    pub fn begin(&self, index: u64) -> Box<dyn Round> {
        let experiment = self.experiment;
        let payload = Arc::clone(&experiment.payload);
        let budget = experiment.budget.clone();
        if let Some(coded) = &experiment.coded {
            let round = CodedDigitalRound::new(coded.as_ref().clone(), index);
            return Box::new(round.expect("links are checked when an experiment is loaded"));
        }
        if let Some(mode) = experiment.digital_mode() {
            let plan = DigitalPlan {
                payload,
                budget,
                mode,
                used: experiment.numerology.used(),
                slot_symbols: experiment.numerology.slot_symbols(),
                max_symbols: MAX_SYMBOLS,
                seeds: experiment.seeds,
            };
            return Box::new(DigitalRound::new(plan, index));
        }
        if let SchemeKind::Energy(scheme) = &experiment.scheme.kind {
            let (segments, seeds, scheme) = (experiment.segments(), experiment.seeds, scheme.clone());
            return Box::new(EnergyRound::new(
                EnergyPlan { payload, budget, segments, seeds, scheme },
                index,
            ));
        }
        if let SchemeKind::DigitalAircomp(scheme) = &experiment.scheme.kind {
            let (segments, seeds, scheme) = (experiment.segments(), experiment.seeds, scheme.clone());
            let plan = DigitalAircompPlan { payload, budget, segments, seeds, scheme };
            return Box::new(DigitalAircompRound::new(plan, index));
        }
        if let SchemeKind::SparseAnalog(section) = &experiment.scheme.kind {
            let (segments, seeds, scheme) = (experiment.segments(), experiment.seeds, section.scheme.clone());
            let remembers = scheme.error_feedback && self.goes_on;
            let plan = SparseAnalogPlan { scheme, payload, budget, segments, seeds, remembers };
            return Box::new(SparseAnalogRound::new(plan, index));
        }
        if matches!(experiment.scheme.kind, SchemeKind::BlindCombining { .. }) {
            return Box::new(BlindRound::new(self.analog_plan(), index));
        }
        if let SchemeKind::ReceiveCombining(scheme) = experiment.scheme.kind {
            return Box::new(CombiningRound::new(self.analog_plan(), scheme.combiner, index));
        }
        if let SchemeKind::UniformForcing(scheme) = experiment.scheme.kind {
            let design = AggregationBeamformer::new(scheme.antennas, scheme.streams, scheme.refined);
            return Box::new(UniformForcingRound::new(self.analog_plan(), design, index));
        }
        if let SchemeKind::FskMajority { participation, .. } = experiment.scheme.kind {
            let (segments, seeds) = (experiment.segments(), experiment.seeds);
            let plan = FskPlan { payload, budget, segments, seeds, participation };
            return Box::new(FskRound::new(plan, index));
        }
        Box::new(AnalogRound::new(self.analog_plan(), control(experiment), index))
    }
}

/// Returns the power control of an analog scheme.
fn control(experiment: &Experiment) -> Box<dyn PowerControl> {
    match &experiment.scheme.kind {
        SchemeKind::OneBitMajority(scheme) => Box::new(scheme.clone()),
        SchemeKind::TruncatedInversion(scheme) => Box::new(scheme.clone()),
        SchemeKind::OptimalPower => Box::new(OptimalPower::default()),
        SchemeKind::FullPower => Box::new(FullPower),
        SchemeKind::PhaseOnly(scheme) => Box::new(scheme.clone()),
        SchemeKind::Cotaf(scheme) => Box::new(*scheme),
        // What is not analog begins without a power control.
        _ => Box::new(FullInversion),
    }
}
