//! A large round in parts: where no slot depends on those before it, threads carry stretches of slots side by side.

use super::RunError;
use super::continued::{Continued, Moment};
use super::measurement::{Deviation, Measurement};
use super::trial::{TrialContext, TrialVectors};
use crate::medium::{Channels, ChannelsConfig, GridGains, Medium, Tally, Timeline};
use crate::report::Fidelity;
use crate::scheme::AnalogRound;
use crate::scheme::analog::{AnalogPart, AnalogPlan};
use crate::scheme::placement::PartOfRound;
use rayon::prelude::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Values, all devices together, from which on a round is carried in parts.
const LARGE_ROUND: usize = 1 << 18;

/// Values of a device that a part has at least, but for the last. Parts do not follow the number of threads, nor do sums over them.
const PART_VALUES: usize = 1 << 15;

/// A part that is to be carried.
struct Part {
    of_round: PartOfRound,
    /// Where its slots lie in time.
    timeline: Timeline,
}

/// A part that has been carried.
struct Carried {
    part: AnalogPart,
    deviation: Deviation,
    tally: Tally,
}

impl TrialContext<'_> {
    /// Returns whether a round is large, and its slots know nothing of one another.
    pub(super) fn is_parted(&self) -> bool {
        let e = self.experiment;
        let payload = &e.payload;
        let linear = payload.mapping().is_none() && !payload.is_majority();
        let apart = e.privacy.is_none() && !e.is_sounded();
        let segments = e.segments();
        let once = segments.repetitions() == 1 && segments.sent() == payload.length();
        self.fidelity == Fidelity::Symbol
            && payload.devices() * payload.length() >= LARGE_ROUND
            && self.opening().is_analog()
            && linear
            && apart
            && once
            && e.rounds == 1
            && !self.keep_grids
            && !self.sample_noise
    }

    /// Runs the round of a moment in parts.
    ///
    /// # Errors
    /// When the payload cannot be read, or the user interrupts.
    pub(super) fn run_parted(&self, moment: Moment, interrupted: &AtomicBool) -> Result<Continued, RunError> {
        let (plan, index) = (self.opening().analog_plan(), moment.index);
        let (parts, timeline) = parts(&plan, self.timeline(moment.first_symbol));
        let gains = self.gains(index);
        let mut estimate = moment.spare;
        estimate.resize(plan.payload.length(), 0.0);
        let mut rest = &mut estimate[..];
        let mut places = Vec::with_capacity(parts.len());
        for part in &parts {
            let (place, after) = rest.split_at_mut(part.of_round.values.len());
            places.push(place);
            rest = after;
        }
        let carry = |(part, place): (&Part, &mut [f32])| {
            if interrupted.load(Ordering::Relaxed) {
                return Err(RunError::Interrupted);
            }
            let carried = self.carry_part(index, part, gains.clone())?;
            place.copy_from_slice(&carried.part.estimate);
            Ok(Carried { part: carried.part.without_values(), ..carried })
        };
        let carried: Result<Vec<Carried>, RunError> = parts.par_iter().zip(places).map(carry).collect();
        let carried = carried?;
        let (mut deviation, mut tally) = (Deviation::default(), Tally::default());
        for carried in &carried {
            deviation.add(&carried.deviation);
            tally.add(&carried.tally);
        }
        tally.overhead_symbols = timeline.overhead_symbols();
        let account = AnalogRound::account_of(&plan, carried.iter().map(|carried| &carried.part));
        let mut measured = Measurement::new(self.experiment);
        measured.add_parts(index, deviation, (account, tally));
        Ok(Continued {
            trial: measured.finish(),
            vectors: TrialVectors { estimate, truth: Vec::new(), grids: None },
            end_symbol: timeline.end(),
            memory: moment.memory,
        })
    }

    fn carry_part(&self, index: u64, part: &Part, gains: GridGains) -> Result<Carried, RunError> {
        let e = self.experiment;
        let numerology = Arc::clone(&e.numerology);
        let config =
            ChannelsConfig { numerology, antennas: e.link.antennas(), timeline: part.timeline, watch: None };
        let mut medium = self.symbol_medium(index, Channels::new(config, gains, None));
        let mut round = self.opening().begin_part(index, &part.of_round);
        medium.carry(&mut round, e.needs())?;
        let part = round.finish_part();
        let deviation = Deviation::of(&e.payload, &part.estimate, &part.truth);
        Ok(Carried { part, deviation, tally: medium.tally() })
    }
}

/// Cuts a round into parts of whole slots, and returns the timeline after it.
fn parts(plan: &AnalogPlan, mut timeline: Timeline) -> (Vec<Part>, Timeline) {
    let (segments, mut parts) = (&plan.segments, Vec::new());
    let (mut symbol, mut value) = (0, 0);
    while symbol < segments.symbols() {
        let (begin, first, lies) = (symbol, value, timeline);
        while let Some(segment) = segments.at(symbol).filter(|_| value - first < PART_VALUES) {
            timeline.place(segment.shape.symbols);
            symbol += segment.shape.symbols;
            value = segment.first_value + segment.values;
        }
        let of_round = PartOfRound { symbols: begin..symbol, values: first..value };
        parts.push(Part { of_round, timeline: lies });
    }
    (parts, timeline)
}
