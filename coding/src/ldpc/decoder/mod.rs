//! Belief-propagation decoders.

mod config;
mod fixed_point;
mod float;
mod rows;

use crate::error::CodingError;
use crate::ldpc::Code;
pub use config::{CheckRule, DecoderConfig, EarlyStop, Schedule};
use fixed_point::FixedPoint;
use float::Float;
use rows::Rows;

/// Judges information bits, such as by their CRC.
pub type Accept<'a> = &'a mut dyn FnMut(&[u8]) -> bool;

/// How decoding ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// Iterations that were made.
    pub iterations: usize,
    /// Whether the hard decisions fulfil every check in use.
    pub parity_holds: bool,
    /// Whether the information bits were accepted; none if nothing was asked to judge them.
    pub accepted: Option<bool>,
}

/// A decoder of one code, with all memory that it needs: decoding allocates nothing.
///
/// Checks whose own parity column carries no information are left out: their parity bits could take any value. The four
/// first rows are always in use. Rows that hold fewer of the two columns that are never sent come first, then those of
/// lower degree: that saves about half an iteration against the order of the standard.
#[derive(Clone, Debug)]
pub struct Decoder {
    config: DecoderConfig,
    codeword_bits: usize,
    information_bits: usize,
    rows: Rows,
    engine: Engine,
}

#[derive(Clone, Debug)]
enum Engine {
    FixedPoint(FixedPoint),
    Float(Float),
}

impl Decoder {
    /// Makes a decoder.
    ///
    /// # Errors
    /// When a setting is out of range, or the fixed-point rule is asked to flood.
    pub fn new(code: &Code, config: DecoderConfig) -> Result<Self, CodingError> {
        config.check()?;
        let engine = match config.rule {
            CheckRule::FixedPoint => Engine::FixedPoint(FixedPoint::new(code)),
            rule => Engine::Float(Float::new(code, rule, config.schedule)),
        };
        let (codeword_bits, information_bits) = (code.codeword_bits(), code.information_bits());
        Ok(Self { config, codeword_bits, information_bits, rows: Rows::new(code), engine })
    }

    /// Returns what the decoder was asked to do.
    pub fn config(&self) -> &DecoderConfig {
        &self.config
    }

    /// Decodes a block.
    ///
    /// `llrs` are [`Code::codeword_bits`] log-likelihood ratios `ln P(0) / P(1)`: 0 for bits that were not sent (the two
    /// first columns and what rate matching left out), a large positive value for fillers; sums over retransmissions are
    /// fine. A NaN counts as 0. The fixed-point rule takes them in steps of 1/4 up to 127/4, so they must be true to
    /// scale. `bits` are the [`Code::information_bits`] hard
    /// decisions, fillers included.
    ///
    /// With [`EarlyStop::Parity`] decoding stops when every check in use holds and `accept`, if there is one, accepts the
    /// bits; it is asked once more at the end when it has not.
    ///
    /// # Errors
    /// When a buffer has the wrong length.
    pub fn decode(
        &mut self,
        llrs: &[f32],
        mut accept: Option<Accept<'_>>,
        bits: &mut [u8],
    ) -> Result<Decoded, CodingError> {
        CodingError::check_length("llrs", llrs.len(), self.codeword_bits)?;
        CodingError::check_length("bits", bits.len(), self.information_bits)?;
        let changed = self.rows.select(llrs);
        self.engine.load(llrs, &self.rows, changed);
        let mut holds = false;
        for iteration in 1..=self.config.iterations {
            self.engine.iterate(&self.rows);
            if self.config.stop == EarlyStop::Parity || iteration == self.config.iterations {
                holds = self.engine.holds(&self.rows);
            }
            let last = iteration == self.config.iterations;
            if last || (holds && self.config.stop == EarlyStop::Parity) {
                self.engine.decide(bits);
                let accepted = accept.as_mut().map(|accept| accept(bits));
                if last || accepted != Some(false) {
                    return Ok(Decoded { iterations: iteration, parity_holds: holds, accepted });
                }
            }
        }
        unreachable!("there is at least one iteration")
    }
}

impl Engine {
    fn load(&mut self, llrs: &[f32], rows: &Rows, changed: bool) {
        match self {
            Self::FixedPoint(engine) => engine.load(llrs, rows, changed),
            Self::Float(engine) => engine.load(llrs),
        }
    }

    fn iterate(&mut self, rows: &Rows) {
        match self {
            Self::FixedPoint(engine) => engine.iterate(),
            Self::Float(engine) => engine.iterate(rows),
        }
    }

    fn holds(&self, rows: &Rows) -> bool {
        match self {
            Self::FixedPoint(engine) => engine.holds(),
            Self::Float(engine) => engine.holds(rows),
        }
    }

    fn decide(&self, bits: &mut [u8]) {
        match self {
            Self::FixedPoint(engine) => engine.decide(bits),
            Self::Float(engine) => engine.decide(bits),
        }
    }
}
