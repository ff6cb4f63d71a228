//! Choice of the base graph and segmentation into code blocks (3GPP TS 38.212 clauses 5.2.2, 6.2.2 and 7.2.2).

use crate::crc::Crc;
use crate::error::CodingError;
use crate::ldpc::{BaseGraph, Code, LiftingSize};
use std::ops::Range;

impl BaseGraph {
    /// Returns the base graph of a transport block of `bits` bits, CRC not counted, at a target code rate.
    ///
    /// ```text
    /// bits <= 292,  or  bits <= 3824 and rate <= 0.67,  or  rate <= 0.25:  graph 2;  otherwise graph 1
    /// ```
    pub fn of_block(bits: usize, code_rate: f64) -> Self {
        if bits <= 292 || (bits <= 3824 && code_rate <= 0.67) || code_rate <= 0.25 {
            Self::Two
        } else {
            Self::One
        }
    }

    /// Returns the largest code block, its CRC counted: 8448 or 3840 bits.
    pub fn largest_block(self) -> usize {
        match self {
            Self::One => 8448,
            Self::Two => 3840,
        }
    }

    /// Returns the columns that information fills, `K_b`, for `bits` bits before segmentation, their CRC counted.
    pub fn filled_columns(self, bits: usize) -> usize {
        match self {
            Self::One => 22,
            Self::Two if bits > 640 => 10,
            Self::Two if bits > 560 => 9,
            Self::Two if bits > 192 => 8,
            Self::Two => 6,
        }
    }
}

/// How bits with their CRC are cut into code blocks of equal size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segmentation {
    graph: BaseGraph,
    lifting: LiftingSize,
    blocks: usize,
    payload: usize,
}

impl Segmentation {
    /// Cuts `bits` bits, the CRC of the transport block counted.
    ///
    /// # Errors
    /// When they do not divide into equal blocks (the sizes of TS 38.214 clause 5.1.3.2 always do), or when there
    /// are none.
    pub fn new(bits: usize, graph: BaseGraph) -> Result<Self, CodingError> {
        let largest = graph.largest_block();
        let blocks = if bits <= largest { 1 } else { bits.div_ceil(largest - Crc::Crc24B.width()) };
        if bits == 0 || !bits.is_multiple_of(blocks) {
            let next = bits.next_multiple_of(blocks).max(1);
            return Err(CodingError::Segmentation { bits, blocks, next });
        }
        let payload = bits / blocks;
        let parity = if blocks > 1 { Crc::Crc24B.width() } else { 0 };
        // A block is never above the largest one, which the largest lifting size holds.
        let size = (payload + parity).div_ceil(graph.filled_columns(bits));
        let lifting = LiftingSize::at_least(size).ok_or(CodingError::LiftingSize { size })?;
        Ok(Self { graph, lifting, blocks, payload })
    }

    /// Returns the base graph.
    pub fn graph(&self) -> BaseGraph {
        self.graph
    }

    /// Returns the lifting size: the smallest that holds a block in the filled columns.
    pub fn lifting(&self) -> LiftingSize {
        self.lifting
    }

    /// Returns the code of every block.
    pub fn code(&self) -> Code {
        Code::new(self.graph, self.lifting)
    }

    /// Returns the number of code blocks, `C`.
    pub fn blocks(&self) -> usize {
        self.blocks
    }

    /// Returns the CRC of a code block; none when there is only one block.
    pub fn crc(&self) -> Option<Crc> {
        (self.blocks > 1).then_some(Crc::Crc24B)
    }

    /// Returns the bits of a block without its CRC.
    pub fn payload_bits(&self) -> usize {
        self.payload
    }

    /// Returns the bits of a block with its CRC, `K'`.
    pub fn block_bits(&self) -> usize {
        self.payload + self.crc().map_or(0, Crc::width)
    }

    /// Returns the places of the filler bits in a block, from `K'` to the information bits of the code, `K`.
    pub fn fillers(&self) -> Range<usize> {
        self.block_bits()..self.graph.information_columns() * self.lifting.size()
    }

    /// Returns the places of the bits of a block among all bits, its CRC not counted.
    pub fn place(&self, block: usize) -> Range<usize> {
        block * self.payload..(block + 1) * self.payload
    }

    /// Writes a block: its bits, its CRC, and zeros for fillers.
    ///
    /// # Errors
    /// When the buffers have wrong lengths: [`Self::payload_bits`] and the information bits of the code.
    pub fn fill(&self, payload: &[u8], block: &mut [u8]) -> Result<(), CodingError> {
        CodingError::check_length("a code block's payload", payload.len(), self.payload)?;
        CodingError::check_length("a code block's information", block.len(), self.fillers().end)?;
        block[..self.payload].copy_from_slice(payload);
        if let Some(crc) = self.crc() {
            crc.attach(&mut block[..self.block_bits()])?;
        }
        block[self.fillers()].fill(0);
        Ok(())
    }
}
