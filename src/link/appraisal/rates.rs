//! Error rates of the blocks of a plan, from a table.

use crate::link::block::BlockPlan;
use crate::link_table::{BlerTable, LinkTableError};
use airloop_baseband::special::{normal_quantile, q_function};
use airloop_baseband::units::db_from_power;
use airloop_coding::crc::Crc;
use airloop_coding::ldpc::BaseGraph;
use airloop_coding::mcs::Mcs;
use airloop_coding::segmentation::Segmentation;

/// Bounds of an SINR that a table is asked for, in decibels: beyond them it says nothing else.
const SINR_BOUNDS_DB: (f64, f64) = (-200.0, 200.0);

/// Error rates of all blocks of a plan.
///
/// ```text
/// block:  1 - (1 - BLER)^C   of C code blocks
/// BLER:   that of the table; above its last point Q(-u), u on along the line through the last decade of the table
/// ```
///
/// A table claims nothing below the lowest rate that it measured; a link that stays at that rate however good its channel is would lose
/// what no link loses, so that here the curve goes on.
#[derive(Debug)]
pub(super) struct BlockRates {
    table: BlerTable,
    /// One a block plan.
    codes: Vec<Code>,
}

/// The code blocks of a block.
#[derive(Debug)]
struct Code {
    mcs: Mcs,
    bits: usize,
    blocks: f64,
    tail: Option<Tail>,
}

/// The line above the last point: in decibels, and in normal quantiles.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Tail {
    from_db: f64,
    quantile: f64,
    slope: f64,
}

impl BlockRates {
    /// Takes a table.
    ///
    /// # Errors
    /// When it does not have a block.
    pub fn new(table: BlerTable, blocks: &[BlockPlan]) -> Result<Self, LinkTableError> {
        let codes = blocks.iter().map(|block| Code::new(&table, block)).collect::<Result<_, _>>()?;
        Ok(Self { table, codes })
    }

    /// Returns the error rate of a block at an SINR, linear.
    pub fn error_rate(&self, block: usize, sinr: f64) -> f64 {
        let Code { mcs, bits, blocks, tail } = &self.codes[block];
        let sinr_db = db_from_power(sinr).clamp(SINR_BOUNDS_DB.0, SINR_BOUNDS_DB.1);
        let bler = match tail.filter(|tail| sinr_db > tail.from_db) {
            Some(tail) => q_function(-(tail.quantile + tail.slope * (sinr_db - tail.from_db))),
            // What the table has was asked when it was taken.
            None => self.table.block_error_rate(*mcs, *bits, sinr_db).unwrap_or(1.0),
        };
        -(blocks * (-bler).ln_1p()).exp_m1()
    }
}

impl Code {
    fn new(table: &BlerTable, block: &BlockPlan) -> Result<Self, LinkTableError> {
        let Some(mcs) = block.mcs else {
            let known = "it has schemes of MCS tables, and [code] is none of them: give [mcs]".into();
            return Err(LinkTableError::NoScheme { table: 0, index: 0, known });
        };
        let (bits, blocks) = if block.is_transport() {
            let graph = BaseGraph::of_block(block.bits(), mcs.code_rate);
            let with_crc = block.bits() + Crc::of_transport_block(block.bits()).width();
            let segmentation = Segmentation::new(with_crc, graph)?;
            (segmentation.block_bits(), segmentation.blocks() as f64)
        } else {
            (block.bits(), 1.0)
        };
        let least = table.block_error_rate(mcs, bits, SINR_BOUNDS_DB.1)?;
        Ok(Self { mcs, bits, blocks, tail: Tail::new(table, (mcs, bits), least) })
    }
}

impl Tail {
    /// Finds the line through the last decade; there is none where the table holds no such fall.
    fn new(table: &BlerTable, (mcs, bits): (Mcs, usize), least: f64) -> Option<Self> {
        // The very least is asked for from a little above it, against rounding.
        let low = (least * (1.0 + 1e-6)).min(0.5);
        let high = (10.0 * least).min(0.5 * (1.0 + low));
        let (from_db, before_db) =
            (table.sinr_db(mcs, bits, low).ok()?, table.sinr_db(mcs, bits, high).ok()?);
        let quantile = normal_quantile(low);
        let slope = (quantile - normal_quantile(high)) / (from_db - before_db);
        (slope < 0.0 && slope.is_finite()).then_some(Self { from_db, quantile, slope })
    }
}
