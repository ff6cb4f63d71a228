//! The choice of a scheme: what a channel's quality promises, corrected by what came of it.

use super::block::BlockPlan;
use super::config::AdaptationConfig;
use airloop_baseband::units::power_from_db;
use airloop_coding::Modulation;
use airloop_coding::rates::{InformationTable, Metric};
use std::collections::VecDeque;

/// What a scheme is taken to lose against ideal codes before any block came back, in decibels.
const FIRST_MARGIN_DB: f64 = 1.0;

/// The largest correction either way, in decibels.
const MOST_MARGIN_DB: f64 = 30.0;

/// Values of SINR that stand for a slot: the others lie between them.
const SAMPLES: usize = 64;

/// The quality of a channel in one slot: SINRs of evenly chosen elements.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Quality {
    sinrs: Vec<f32>,
}

impl Quality {
    /// Takes the SINRs of elements, of which evenly chosen ones stand for all.
    pub fn of(sinrs: &[f32]) -> Self {
        let step = (sinrs.len() / SAMPLES).max(1);
        Self { sinrs: sinrs.iter().skip(step / 2).step_by(step).copied().collect() }
    }

    /// Returns the mean information of a modulation's bits, in bit a point, with all SINRs divided by `margin`.
    pub fn information(&self, modulation: Modulation, margin: f64) -> f64 {
        let table = InformationTable::of(modulation, Metric::Bitwise);
        let scale = (1.0 / margin) as f32;
        let scaled: Vec<f32> = self.sinrs.iter().map(|sinr| sinr * scale).collect();
        table.mean_bits(&scaled)
    }
}

/// The link adaptation of one device: an inner loop on measured quality, an outer one on acknowledgements.
///
/// ```text
/// scheme: the most efficient one with  mean I(sinr / margin) >= bits of a block / points of a block
/// margin: + step after a failed first transmission, - step target / (1 - target) after a success
/// ```
///
/// In balance a share `target` of first transmissions fails. `I` is the information of bit-interleaved modulation. Source: Sampath,
/// Kumar, Holtzman, "On setting reverse link target SIR in a CDMA system", IEEE VTC 1997.
#[derive(Clone, Debug)]
pub struct Adapter {
    config: AdaptationConfig,
    margin_db: f64,
    /// Qualities on their way, oldest first, with the slot they were measured in.
    reports: VecDeque<(u64, Quality)>,
    /// Acknowledgements on their way, with the slot in which they arrive.
    answers: VecDeque<(u64, bool)>,
    latest: Option<Quality>,
}

impl Adapter {
    /// Begins without reports.
    pub fn new(config: AdaptationConfig) -> Self {
        Self {
            config,
            margin_db: FIRST_MARGIN_DB,
            reports: VecDeque::new(),
            answers: VecDeque::new(),
            latest: None,
        }
    }

    /// Takes a measurement of a slot.
    pub fn measure(&mut self, slot: u64, quality: Quality) {
        self.reports.push_back((slot, quality));
    }

    /// Returns the newest quality that has arrived by a slot.
    pub fn quality(&mut self, slot: u64) -> Option<&Quality> {
        while self.reports.front().is_some_and(|(at, _)| at + self.config.delay_slots as u64 <= slot) {
            self.latest = self.reports.pop_front().map(|(_, quality)| quality);
        }
        self.latest.as_ref()
    }

    /// Chooses a block plan among plans of ascending efficiency; the first where nothing is known or nothing promises enough.
    pub fn choose(&mut self, slot: u64, plans: &[BlockPlan]) -> usize {
        self.learn(slot);
        let margin = power_from_db(self.margin_db);
        let Some(quality) = self.quality(slot) else { return 0 };
        let mut known: [Option<f64>; Modulation::ALL.len()] = [None; Modulation::ALL.len()];
        let fits = |plan: &BlockPlan, known: &mut [Option<f64>]| {
            let information = known[plan.modulation() as usize]
                .get_or_insert_with(|| quality.information(plan.modulation(), margin));
            let needed = plan.code_rate() * plan.modulation().bits_per_symbol() as f64;
            *information >= needed
        };
        (0..plans.len()).rev().find(|i| fits(&plans[*i], &mut known)).unwrap_or(0)
    }

    /// Takes what came of a first transmission, which is known from a slot on.
    pub fn acknowledge(&mut self, known_slot: u64, delivered: bool) {
        self.answers.push_back((known_slot, delivered));
    }

    /// Learns from the acknowledgements that have come.
    fn learn(&mut self, slot: u64) {
        let AdaptationConfig { target_bler, step_db, outer_loop, .. } = self.config;
        while self.answers.front().is_some_and(|(known, _)| *known <= slot) {
            let Some((_, delivered)) = self.answers.pop_front() else { return };
            let change = if delivered { -step_db * target_bler / (1.0 - target_bler) } else { step_db };
            if outer_loop {
                self.margin_db = (self.margin_db + change).clamp(-MOST_MARGIN_DB, MOST_MARGIN_DB);
            }
        }
    }
}
