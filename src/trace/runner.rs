//! Legs at work: one leg of one round, run, gives a row for each device.

use super::error::TraceError;
use super::plan::{LegKind, LegPlan};
use super::row::TraceRow;
use super::traffic::LegTraffic;
use crate::link::appraisal::Appraisal;
use crate::link::tally::{DeviceTally, LinkTally};
use crate::link::{LinkPlan, LinkRound};
use crate::ofdm::Numerology;
use crate::report::Fidelity;
use crate::run::continued::{Continued, Moment};
use crate::run::point::NEVER;
use crate::run::{RunError, Trial, TrialContext};
use crate::scheme::Round;
use airloop_baseband::units::db_from_power;
use std::sync::{Arc, Mutex};

/// Symbols over which the prefixes of every numerology repeat.
const PERIOD_SYMBOLS: usize = 112;

/// Share of a slot by which a time may be off without counting as later: rounding.
const SLACK: f64 = 1e-6;

/// When a leg begins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LegStart {
    /// The round.
    pub round: u64,
    /// Its time, in seconds: over channels that move, from the start of the trace; over others, from any start, which chooses the noise.
    pub at_s: f64,
}

/// What a leg of a round gave.
#[derive(Clone, Debug, PartialEq)]
pub struct LegOutcome {
    /// One row a device, in their order; `t_start_s` is that of the slot in which the leg begins, on the clock of [`LegStart`].
    pub rows: Vec<TraceRow>,
    /// When the last device is done, on that clock.
    pub end_s: f64,
}

/// Runs the rounds of a leg, from any thread.
pub struct LegRunner<'a> {
    plan: &'a LegPlan,
    context: TrialContext<'a>,
    idle: Mutex<Vec<LinkRound<LegTraffic>>>,
}

impl<'a> LegRunner<'a> {
    /// Prepares the rounds of a leg.
    ///
    /// # Errors
    /// When the symbol rung cannot run it.
    pub fn new(plan: &'a LegPlan) -> Result<Self, RunError> {
        let context = TrialContext::new(&plan.experiment, Fidelity::Symbol)?;
        Ok(Self { plan, context, idle: Mutex::new(Vec::new()) })
    }

    /// Runs a round in which all devices offer what the plan says.
    ///
    /// # Errors
    /// As [`LegRunner::run_with`].
    pub fn run(&self, start: LegStart) -> Result<LegOutcome, TraceError> {
        self.run_with(start, &vec![self.plan.leg().bits(); self.plan.devices()])
    }

    /// Runs a round in which each device offers so many bits; a leg on the air carries the payload of its experiment, whatever these are.
    ///
    /// # Errors
    /// When there is not one number a device, or the round cannot be carried.
    pub fn run_with(&self, start: LegStart, bits: &[u64]) -> Result<LegOutcome, TraceError> {
        if bits.len() != self.plan.devices() {
            let what = format!(
                "{} numbers of bits for {} devices; one each is expected",
                bits.len(),
                self.plan.devices()
            );
            return Err(TraceError::Rows { what });
        }
        let first_symbol = symbol_at(&self.plan.experiment.numerology, start.at_s);
        match &self.plan.kind {
            LegKind::Digital { link, appraisal } => {
                self.run_digital((link, appraisal), (start.round, first_symbol), bits)
            }
            LegKind::Air => self.run_air((start.round, first_symbol)),
        }
    }

    fn run_digital(
        &self,
        (link, appraisal): (&Arc<LinkPlan>, &Arc<Appraisal>),
        at: (u64, usize),
        bits: &[u64],
    ) -> Result<LegOutcome, TraceError> {
        let idle = self.idle.lock().expect("no thread panics while it holds the list").pop();
        let mut round = match idle {
            Some(round) => round,
            None => self.round(link, appraisal)?,
        };
        round.restart(at.0);
        round.traffic().offer(bits);
        if appraisal.decides() {
            self.context.walk_from(at, &mut round);
        } else {
            self.context.carry_from(at, &mut round, crate::link::round::NEEDS)?;
        }
        let end_symbol = at.1 + round.airtime_symbols();
        let tally = round.take_tally();
        let rows =
            (0..bits.len()).map(|k| self.row(link, at, (k, bits[k]), (&tally, round.traffic()))).collect();
        self.idle.lock().expect("no thread panics while it holds the list").push(round);
        Ok(LegOutcome { rows, end_s: link.numerology.duration_s(end_symbol) })
    }

    fn round(
        &self,
        link: &Arc<LinkPlan>,
        appraisal: &Arc<Appraisal>,
    ) -> Result<LinkRound<LegTraffic>, TraceError> {
        let sends = (!appraisal.decides(), self.plan.is_reliable());
        let traffic = LegTraffic::new(link.seeds, self.plan.index, link.devices, sends);
        let round = LinkRound::new(Arc::clone(link), traffic).map_err(RunError::from)?;
        let round = round.appraised(Arc::clone(appraisal));
        let slots = |deadline_s: f64| ((deadline_s / slot_s(link) + SLACK) as u64).max(1);
        Ok(match self.plan.config.deadline_s {
            Some(deadline_s) => round.within(slots(deadline_s)),
            None => round,
        })
    }

    /// Makes the row of a device of a leg of bits.
    fn row(
        &self,
        link: &LinkPlan,
        at: (u64, usize),
        (device, offered): (usize, u64),
        (tally, traffic): (&LinkTally, &mut LegTraffic),
    ) -> TraceRow {
        let bits_per_value = u64::from(self.plan.leg().bits_per_value);
        let arrived = traffic.arrived(device, bits_per_value);
        let none = DeviceTally::default();
        let own = tally.devices.get(device).unwrap_or(&none);
        let numerology = &link.numerology;
        let t_start_s = numerology.duration_s(at.1);
        let end_symbol = at.1 + own.end_slot as usize * link.slot_symbols();
        // Feedback after the device's last slot is no longer its own.
        let end_symbol = end_symbol.saturating_sub(link.config.harq.feedback_symbols).max(at.1);
        let latency_s = between_s(numerology, (at.1, end_symbol));
        let airtime_s = own.slots as f64 * link.layout.symbols() as f64 * symbol_s(numerology);
        let sent = own.transmissions as f64;
        let mean = |sum: f64| (own.transmissions > 0).then(|| sum / sent);
        let blocks = |count: u64| (own.blocks > 0).then(|| count as f64 / own.blocks as f64);
        let table = link.blocks[0].mcs.map(|mcs| mcs.table);
        let values = offered / bits_per_value;
        let power_w = self.power_w(link);
        let all = arrived.bits == offered;
        TraceRow {
            t_start_s,
            bytes_offered: offered.div_ceil(8),
            bytes_delivered: if all { offered.div_ceil(8) } else { arrived.bits / 8 },
            n_re: own.slots * link.layout.elements() as u64,
            airtime_s,
            latency_s,
            rate_bps: if latency_s > 0.0 { arrived.bits as f64 / latency_s } else { 0.0 },
            snr_db: Some(-db_from_power(link.noise[device])).filter(|db| db.is_finite()),
            sinr_eff_db: mean(own.sinr_db).filter(|db| db.is_finite()),
            mcs_table: table,
            mcs: mean(own.mcs as f64).filter(|_| table.is_some()),
            rank: u8::try_from(link.layout.layers()).ok(),
            bler: blocks(own.block_errors),
            tbler: mean(own.failures),
            harq_tx: Some(own.transmissions),
            outage: arrived.bits == 0 && offered > 0,
            elem_loss_p: (values > 0).then(|| 1.0 - arrived.values as f64 / values as f64),
            csi_nmse_db: (own.estimation.0 > 0.0).then(|| db_from_power(own.estimation.0 / own.estimation.1)),
            tx_power_dbm: power_w.map(|watt| db_from_power(watt * 1e3)),
            tx_energy_j: power_w.map(|watt| watt * airtime_s),
            ..self.empty(at.0, device)
        }
    }

    /// Returns the power of a device while it sends: on a share of slots or band as much more as the link allows, on its part of the band.
    fn power_w(&self, link: &LinkPlan) -> Option<f64> {
        let full = self.plan.experiment.link.transmit_power_w?;
        let share = if link.config.scheduling.same_energy { link.devices as f64 } else { 1.0 };
        Some(full * share * link.layout.subcarriers() as f64 / link.numerology.used() as f64)
    }

    fn empty(&self, round: u64, device: usize) -> TraceRow {
        let leg = (self.plan.leg().direction, self.plan.leg().stage, self.plan.carriage());
        TraceRow::empty(&self.plan.run_id, self.plan.experiment.seeds.master(), round, device as u32, leg)
    }

    fn run_air(&self, at: (u64, usize)) -> Result<LegOutcome, TraceError> {
        let experiment = &self.plan.experiment;
        let moment = Moment { index: at.0, first_symbol: at.1, ..Moment::default() };
        let Continued { trial, end_symbol, .. } = self.context.run_round(moment, &NEVER)?;
        let latency_s = between_s(&experiment.numerology, (at.1, end_symbol));
        let (start_s, end_s) =
            (experiment.numerology.duration_s(at.1), experiment.numerology.duration_s(end_symbol));
        let row = |device| self.air_row((at.0, device), (start_s, latency_s), &trial);
        Ok(LegOutcome { rows: (0..self.plan.devices()).map(row).collect(), end_s })
    }

    /// Makes the row of a device of a leg on the air: error, time and elements are those of the sum.
    fn air_row(
        &self,
        (round, device): (u64, usize),
        (start_s, latency_s): (f64, f64),
        trial: &Trial,
    ) -> TraceRow {
        let experiment = &self.plan.experiment;
        let (budget, account) = (&experiment.budget, &trial.account);
        let power = budget.power[device] * experiment.payload.budget_power(device);
        let bytes = self.plan.leg().bytes();
        let elements = (account.symbols * experiment.elements_per_symbol()) as f64;
        // The mean over devices: which of them were silent is not told apart.
        let used = account.power_used_mean * account.elements as f64 / elements;
        let power_w =
            experiment.link.transmit_power_w.map(|watt| watt * used).filter(|watt| watt.is_finite());
        let airtime_s = experiment.airtime_s(account.symbols);
        TraceRow {
            t_start_s: start_s,
            bytes_offered: bytes,
            bytes_delivered: bytes,
            n_re: account.elements,
            airtime_s,
            latency_s,
            rate_bps: self.plan.leg().bits() as f64 / latency_s,
            snr_db: Some(db_from_power(power / budget.noise_power)).filter(|db| db.is_finite()),
            rank: Some(1),
            outage: false,
            nmse_db: trial.errors.nmse.map(db_from_power).filter(|db| db.is_finite()),
            tx_power_dbm: power_w.map(|watt| db_from_power(watt * 1e3)).filter(|db| db.is_finite()),
            tx_energy_j: power_w.map(|watt| watt * airtime_s),
            ..self.empty(round, device)
        }
    }
}

fn symbol_s(numerology: &Numerology) -> f64 {
    numerology.duration_s(PERIOD_SYMBOLS) / PERIOD_SYMBOLS as f64
}

/// Returns the time from the start of a symbol to that of another, rounded once.
fn between_s(numerology: &Numerology, (first, end): (usize, usize)) -> f64 {
    (numerology.symbol_start(end) - numerology.symbol_start(first)) as f64 / numerology.sample_rate_hz()
}

fn slot_s(link: &LinkPlan) -> f64 {
    symbol_s(&link.numerology) * link.slot_symbols() as f64
}

/// Returns the first symbol of the first slot that begins at a time or later.
fn symbol_at(numerology: &Numerology, at_s: f64) -> usize {
    let slot_s = symbol_s(numerology) * numerology.slot_symbols() as f64;
    (at_s / slot_s - SLACK).ceil().max(0.0) as usize * numerology.slot_symbols()
}
