//! Transport blocks: CRC, code blocks, LDPC, rate matching and scrambling in one chain (3GPP TS 38.212 clauses 6.2 and 7.2).

mod encoder;
mod receiver;

pub use encoder::TransportBlockEncoder;
pub use receiver::{CodeBlock, Outcome, TransportBlockReceiver};

use crate::crc::Crc;
use crate::error::CodingError;
use crate::ldpc::{BaseGraph, Code};
use crate::rate_matching::{RateMatching, Selection, share};
use crate::scrambling::Scrambling;
use crate::segmentation::Segmentation;

/// The highest code rate of which a block is meant to be decoded (TS 38.214 clause 5.1.3).
pub const HIGHEST_RATE: f64 = 0.95;

/// The most layers that one code word is sent on.
const LAYERS: usize = 4;

/// What is the same in every transmission of a transport block.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TransportBlockConfig {
    /// Bits of the block, CRC not counted.
    pub bits: usize,
    /// Target code rate of the first transmission, from which the base graph follows.
    pub code_rate: f64,
    /// Size of the transport block by which the receiver's buffer is limited (`TBS_LBRM`), if it is.
    pub limited_buffer_bits: Option<usize>,
}

/// One transmission of a transport block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transmission {
    /// Coded bits of the whole block, `G`: a multiple of modulation order times layers.
    pub coded_bits: usize,
    /// Bits a constellation point: 1, 2, 4, 6, 8 or 10.
    pub modulation_order: usize,
    /// Layers that the code word is sent on: 1 to 4.
    pub layers: usize,
    /// Redundancy version: 0 to 3.
    pub redundancy_version: u8,
    /// Scrambling of the coded bits; none leaves them as they are.
    pub scrambling: Option<Scrambling>,
}

/// A transport block as it is cut and coded.
#[derive(Clone, Debug)]
pub struct TransportBlock {
    bits: usize,
    crc: Crc,
    segmentation: Segmentation,
    code: Code,
    matching: RateMatching,
}

impl TransportBlock {
    /// Plans a block.
    ///
    /// ```text
    /// reference size of a code block = floor(limited buffer / (blocks 2/3))
    /// ```
    ///
    /// # Errors
    /// When it has no bits, the code rate is not in (0, 0.95], its bits do not divide into equal code blocks or the
    /// limited buffer is empty.
    pub fn new(config: &TransportBlockConfig) -> Result<Self, CodingError> {
        let TransportBlockConfig { bits, code_rate, limited_buffer_bits } = *config;
        if bits == 0 {
            let what = "the bits of a transport block";
            return Err(CodingError::Range { what, given: 0, least: 1, most: usize::MAX });
        }
        if !(code_rate > 0.0 && code_rate <= HIGHEST_RATE) {
            return Err(CodingError::CodeRate { given: code_rate, most: HIGHEST_RATE });
        }
        let crc = Crc::of_transport_block(bits);
        let segmentation = Segmentation::new(bits + crc.width(), BaseGraph::of_block(bits, code_rate))?;
        let code = segmentation.code();
        let reference = limited_buffer_bits.map(|limit| 3 * limit / (2 * segmentation.blocks()));
        let matching = RateMatching::new(&code, segmentation.fillers(), reference)?;
        Ok(Self { bits, crc, segmentation, code, matching })
    }

    /// Returns the bits of the block, CRC not counted.
    pub fn bits(&self) -> usize {
        self.bits
    }

    /// Returns the CRC of the whole block.
    pub fn crc(&self) -> Crc {
        self.crc
    }

    /// Returns how it is cut into code blocks.
    pub fn segmentation(&self) -> &Segmentation {
        &self.segmentation
    }

    /// Returns the code of its code blocks.
    pub fn code(&self) -> &Code {
        &self.code
    }

    /// Returns the circular buffer of its code blocks.
    pub fn matching(&self) -> &RateMatching {
        &self.matching
    }

    /// Returns the selection of each code block in a transmission.
    ///
    /// # Errors
    /// When the transmission is not allowed: redundancy version, modulation order, layers, or coded bits that do not
    /// fill points on all layers of all code blocks.
    pub fn selections(
        &self,
        transmission: &Transmission,
    ) -> Result<impl Iterator<Item = Selection> + use<>, CodingError> {
        let Transmission { coded_bits, modulation_order, layers, redundancy_version, .. } = *transmission;
        if !(1..=LAYERS).contains(&layers) {
            let what = "the layers of a code word";
            return Err(CodingError::Range { what, given: layers, least: 1, most: LAYERS });
        }
        Selection { coded_bits, modulation_order, redundancy_version }.check()?;
        let shares = share(coded_bits, modulation_order * layers, self.segmentation.blocks())?;
        Ok(shares.map(move |coded_bits| Selection { coded_bits, modulation_order, redundancy_version }))
    }
}
