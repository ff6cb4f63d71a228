//! A plain LDPC code of `k` information bits and `n` coded bits, without CRC, segmentation or scrambling.

use crate::error::CodingError;
use crate::ldpc::{BaseGraph, Code, Encoder};
use crate::rate_matching::{RateMatching, Selection};
use crate::segmentation::Segmentation;
use crate::transport_block::HIGHEST_RATE;

/// The fewest information bits of a plain code.
const FEWEST: usize = 12;

/// The most coded bits a word, far above any use.
const MOST_CODED: usize = 1 << 24;

/// A plain LDPC code of 5G NR: redundancy version 0 of one code block.
///
/// The base graph is the one that the standard chooses for a block of `k` bits at the rate `k / n`, unless it is given.
/// Rates below the mother rate (1/3 or 1/5) repeat bits. [`Self::code`] and [`Self::matching`] are what a decoder needs.
#[derive(Clone, Debug)]
pub struct BlockCode {
    information: usize,
    selection: Selection,
    code: Code,
    matching: RateMatching,
}

impl BlockCode {
    /// Makes the code; `modulation_order` interleaves its bits for points of so many bits, 1 leaves them in order.
    ///
    /// # Errors
    /// When `k` is not from 12 to the largest block of the base graph (8448 or 3840), the rate `k / n` is above 0.95,
    /// or `n` is not a multiple of the modulation order or above `2^24`.
    pub fn new(
        information_bits: usize,
        coded_bits: usize,
        modulation_order: usize,
        graph: Option<BaseGraph>,
    ) -> Result<Self, CodingError> {
        let rate = information_bits as f64 / coded_bits as f64;
        let graph = graph.unwrap_or_else(|| BaseGraph::of_block(information_bits, rate));
        let most = graph.largest_block();
        if !(FEWEST..=most).contains(&information_bits) {
            let what = match graph {
                BaseGraph::One => "information bits, k, of base graph 1,",
                BaseGraph::Two => "information bits, k, of base graph 2,",
            };
            let given = information_bits;
            return Err(CodingError::Range { what, given, least: FEWEST, most });
        }
        if !(rate > 0.0 && rate <= HIGHEST_RATE) {
            return Err(CodingError::CodeRate { given: rate, most: HIGHEST_RATE });
        }
        if coded_bits > MOST_CODED {
            let (what, most) = ("coded bits, n,", MOST_CODED);
            return Err(CodingError::Range { what, given: coded_bits, least: 1, most });
        }
        let selection = Selection { coded_bits, modulation_order, redundancy_version: 0 };
        selection.check()?;
        let segmentation = Segmentation::new(information_bits, graph)?;
        let code = segmentation.code();
        let matching = RateMatching::new(&code, segmentation.fillers(), None)?;
        Ok(Self { information: information_bits, selection, code, matching })
    }

    /// Returns the information bits, `k`.
    pub fn information_bits(&self) -> usize {
        self.information
    }

    /// Returns the coded bits, `n`.
    pub fn coded_bits(&self) -> usize {
        self.selection.coded_bits
    }

    /// Returns the LDPC code.
    pub fn code(&self) -> &Code {
        &self.code
    }

    /// Returns the circular buffer; fillers follow the information.
    pub fn matching(&self) -> &RateMatching {
        &self.matching
    }

    /// Returns what is sent of a code word.
    pub fn selection(&self) -> &Selection {
        &self.selection
    }

    /// Returns the rows of parity of which bits are sent.
    pub fn rows(&self) -> usize {
        self.matching.rows(&self.selection)
    }

    /// Writes the soft values of a code word from log-likelihood ratios of the coded bits: what a decoder is given.
    ///
    /// # Errors
    /// When a buffer has the wrong length: `n` and the bits of the code word.
    pub fn soft_values(&self, llrs: &[f32], soft: &mut [f32]) -> Result<(), CodingError> {
        self.matching.clear(soft)?;
        self.matching.combine(llrs, &self.selection, soft)
    }
}

/// Encodes words of a plain code, one after another, without allocation.
#[derive(Clone, Debug)]
pub struct BlockEncoder {
    code: BlockCode,
    encoder: Encoder,
    information: Vec<u8>,
    word: Vec<u8>,
}

impl BlockEncoder {
    /// Makes an encoder.
    pub fn new(code: &BlockCode) -> Self {
        Self {
            encoder: Encoder::new(&code.code),
            information: vec![0; code.code.information_bits()],
            word: vec![0; code.code.codeword_bits()],
            code: code.clone(),
        }
    }

    /// Encodes `k` bits into `n`.
    ///
    /// # Errors
    /// When a buffer has the wrong length.
    pub fn encode(&mut self, bits: &[u8], coded: &mut [u8]) -> Result<(), CodingError> {
        CodingError::check_length("information bits, k,", bits.len(), self.code.information)?;
        self.information[..bits.len()].copy_from_slice(bits);
        self.encoder.encode(&self.information, self.code.rows(), &mut self.word)?;
        self.code.matching.select(&self.word, &self.code.selection, coded)
    }
}
