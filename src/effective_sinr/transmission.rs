//! What is sent: one code block of a scheme.

use airloop_baseband::units::db_from_power;
use airloop_coding::block_code::BlockCode;
use airloop_coding::ldpc::DecoderConfig;
use airloop_coding::mcs::Mcs;
use airloop_coding::rates::{Metric, Signal, snr_for_block_error_rate};
use airloop_coding::{CodingError, Demapping, Modulation};

/// One plain LDPC code block, how it is modulated and how it is received.
#[derive(Clone, Debug)]
pub struct Transmission {
    /// The code.
    pub code: BlockCode,
    /// Its modulation.
    pub modulation: Modulation,
    /// The scheme it follows, if it follows one.
    pub mcs: Option<Mcs>,
    /// How it is decoded.
    pub decoder: DecoderConfig,
    /// How points become soft bits.
    pub demapping: Demapping,
}

impl Transmission {
    /// Makes a block of `information_bits` at the target rate and modulation of a scheme, decoded as by default.
    ///
    /// ```text
    /// coded bits = bits a point times ceil(information bits / (rate bits a point))
    /// ```
    ///
    /// # Errors
    /// When the standard has no such block.
    pub fn of_mcs(mcs: Mcs, information_bits: usize) -> Result<Self, CodingError> {
        let modulation = Modulation::from_order(mcs.modulation_order)?;
        // A product that is whole but for rounding is not rounded up.
        let points = (information_bits as f64 / mcs.efficiency() * (1.0 - 1e-12)).ceil() as usize;
        let coded_bits = points * mcs.modulation_order;
        Ok(Self { mcs: Some(mcs), ..Self::plain(information_bits, coded_bits, modulation)? })
    }

    /// Makes a block of `information_bits` on `coded_bits`, decoded as by default.
    ///
    /// # Errors
    /// When the standard has no such block, or the coded bits do not fill whole points.
    pub fn plain(
        information_bits: usize,
        coded_bits: usize,
        modulation: Modulation,
    ) -> Result<Self, CodingError> {
        Ok(Self {
            code: BlockCode::new(information_bits, coded_bits, modulation.bits_per_symbol(), None)?,
            modulation,
            mcs: None,
            decoder: DecoderConfig::default(),
            demapping: Demapping::default(),
        })
    }

    /// Returns the points of the block.
    pub fn points(&self) -> usize {
        self.code.coded_bits() / self.modulation.bits_per_symbol()
    }

    /// Returns the SNR of a constant channel, in decibels, at which the normal approximation has a block error rate, and by how many
    /// standard deviations of noise the rate changes a decibel there; guesses where the approximation says nothing.
    pub(super) fn guess(&self, target_bler: f64) -> (f64, f64) {
        let signal = Signal::Constellation(self.modulation, Metric::Bitwise);
        let (symbols, bits) = (self.points() as u64, self.code.information_bits() as f64);
        let at = |bler: f64| db_from_power(snr_for_block_error_rate(signal, symbols, bits, bler));
        let quantile = airloop_baseband::special::normal_quantile;
        let (often, seldom) = (0.5 * (target_bler + 1.0), 0.5 * target_bler);
        let slope = (quantile(often) - quantile(seldom)) / (at(seldom) - at(often));
        match (at(target_bler), slope) {
            (snr_db, slope) if snr_db.is_finite() && slope.is_finite() && slope > 0.0 => (snr_db, slope),
            _ => (0.0, 2.0),
        }
    }
}
