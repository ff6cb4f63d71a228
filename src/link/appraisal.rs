//! Appraisal: what a transmission's channel is worth as one SINR, and whether a table says that its block arrives.

mod rates;

use self::rates::BlockRates;
use super::block::BlockPlan;
use super::config::{Combining, HarqConfig};
use super::plan::LinkPlan;
use crate::effective_sinr::{BetaTable, EffectiveSinr};
use crate::link_table::{BlerTable, LinkTableError};
use airloop_baseband::{Purpose, Seeds};
use airloop_coding::rates::{InformationTable, Metric};

/// Label of the root from which fates are drawn.
const FATES: u64 = 3;

/// What a table has been told of a block so far: the sum of its transmissions' SINRs, or of the information of their points.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Evidence {
    sum: f64,
}

/// Appraises transmissions.
///
/// ```text
/// effective SINR  exponential map where there is a parameter for the scheme, else by mutual information
/// fate            lost when u < BLER(effective SINR of all transmissions so far),  one uniform u a block
///                 none: each transmission alone, with a u of its own;  chase: SINRs add up;
///                 incremental redundancy: information adds up, as that of one transmission at a higher SINR
/// ```
///
/// One `u` a block makes the losses of its transmissions nested: who is lost after two was lost after one. Sums over transmissions are
/// approximations; a single transmission is that of the table.
#[derive(Debug)]
pub struct Appraisal {
    betas: Option<BetaTable>,
    rates: Option<BlockRates>,
    seeds: Seeds,
}

impl Appraisal {
    /// Appraises blocks that are really sent; `betas` has parameters of the exponential map.
    pub fn of_sent(betas: Option<BetaTable>, seeds: Seeds) -> Self {
        Self { betas, rates: None, seeds: seeds.branch(FATES) }
    }

    /// Lets a table decide what arrives.
    ///
    /// # Errors
    /// When the table does not have a block of the plan.
    pub fn by_table(
        betas: Option<BetaTable>,
        table: BlerTable,
        plan: &LinkPlan,
    ) -> Result<Self, LinkTableError> {
        let rates = Some(BlockRates::new(table, &plan.blocks)?);
        Ok(Self { betas, rates, seeds: plan.seeds.branch(FATES) })
    }

    /// Returns whether a table decides.
    pub fn decides(&self) -> bool {
        self.rates.is_some()
    }

    /// Returns the effective SINR of a block's elements, linear.
    pub fn effective_sinr(&self, block: &BlockPlan, sinrs: &[f32]) -> f64 {
        let beta =
            block.mcs.and_then(|mcs| self.betas.as_ref().and_then(|betas| betas.beta(mcs.table, mcs.index)));
        let map = match beta {
            Some(beta) => EffectiveSinr::Exponential { beta },
            None => EffectiveSinr::MutualInformation { modulation: block.modulation(), beta: 1.0 },
        };
        map.sinr(sinrs)
    }

    /// Draws whether a block arrives by its next transmission; returns the error rate too.
    pub fn fate(&self, sent: &Sent<'_>, evidence: &mut Evidence) -> (bool, f64) {
        let Some(rates) = &self.rates else { return (false, 1.0) };
        let rate = rates.error_rate(sent.index, gathered(sent, evidence));
        let stream = self.seeds.stream(Purpose::Bits, sent.round, sent.device as u64).substream(sent.id);
        let alone = sent.harq.combining == Combining::None;
        let luck = stream.uniform(if alone { sent.transmission as u64 } else { 0 });
        (luck >= rate, rate)
    }
}

/// Returns the SINR that stands for all transmissions of a block so far.
fn gathered(sent: &Sent<'_>, evidence: &mut Evidence) -> f64 {
    match sent.harq.combining {
        Combining::None => sent.sinr,
        Combining::Chase => {
            evidence.sum += sent.sinr;
            evidence.sum
        }
        Combining::IncrementalRedundancy => {
            let table = InformationTable::of(sent.block.modulation(), Metric::Bitwise);
            let first = evidence.sum == 0.0;
            evidence.sum += table.bits(sent.sinr);
            if first { sent.sinr } else { table.snr(evidence.sum) }
        }
    }
}

/// A transmission whose fate is to be drawn.
#[derive(Clone, Copy, Debug)]
pub struct Sent<'a> {
    /// Its block.
    pub block: &'a BlockPlan,
    /// The place of that among the blocks of the plan.
    pub index: usize,
    /// Its effective SINR, linear.
    pub sinr: f64,
    /// How transmissions are combined.
    pub harq: &'a HarqConfig,
    /// The round.
    pub round: u64,
    /// The device.
    pub device: usize,
    /// What the traffic knows the block by.
    pub id: u64,
    /// Transmissions before this one.
    pub transmission: usize,
}
