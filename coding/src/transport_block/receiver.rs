//! From log-likelihood ratios of coded bits to a transport block, over one or more transmissions.

use super::{Transmission, TransportBlock};
use crate::crc::Crc;
use crate::error::CodingError;
use crate::ldpc::Decoder;
use crate::rate_matching::FILLER_LLR;

/// A code block as a decoder is given it.
#[derive(Clone, Copy, Debug)]
pub struct CodeBlock<'a> {
    /// Soft values of the whole code word, all transmissions together; positive means 0.
    ///
    /// The first two columns and whatever was not sent are 0, fillers are [`crate::rate_matching::FILLER_LLR`].
    pub llrs: &'a [f32],
    crc: Crc,
    bits: usize,
}

impl CodeBlock<'_> {
    /// Returns whether the decided bits of the code block, or of its information, carry a right CRC: decoding may end.
    pub fn accepts(&self, bits: &[u8]) -> bool {
        bits.get(..self.bits).is_some_and(|bits| self.crc.check(bits))
    }

    /// Returns the CRC and the number of bits, CRC counted, that it is over: the first of the code word.
    pub fn check(&self) -> (Crc, usize) {
        (self.crc, self.bits)
    }
}

/// What came of decoding a transport block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Whether the CRC of the transport block is right.
    pub intact: bool,
    /// Code blocks whose own CRC is wrong (of the transport block where it is the only one).
    pub wrong_blocks: usize,
    /// Iterations of all code blocks together; those that were right before took none.
    pub iterations: usize,
}

/// Receives transport blocks of one plan: keeps soft values of all code blocks between transmissions.
#[derive(Clone, Debug)]
pub struct TransportBlockReceiver {
    block: TransportBlock,
    /// Soft values of all code words.
    soft: Vec<f32>,
    /// Which code blocks are already right.
    right: Vec<bool>,
    /// Descrambled values of one transmission.
    received: Vec<f32>,
    /// Decided information of one code block.
    information: Vec<u8>,
    /// Decided bits of the transport block with its CRC.
    bits: Vec<u8>,
}

impl TransportBlockReceiver {
    /// Makes room for a block and expects a first transmission.
    pub fn new(block: &TransportBlock) -> Self {
        let (blocks, code) = (block.segmentation().blocks(), block.code());
        let mut receiver = Self {
            soft: vec![0.0; blocks * code.codeword_bits()],
            right: vec![false; blocks],
            received: Vec::new(),
            information: vec![0; code.information_bits()],
            bits: vec![0; block.bits() + block.crc().width()],
            block: block.clone(),
        };
        receiver.clear();
        receiver
    }

    /// Forgets all transmissions: the next one is of new data.
    pub fn clear(&mut self) {
        self.soft.fill(0.0);
        for soft in self.soft.chunks_exact_mut(self.block.code().codeword_bits()) {
            soft[self.block.segmentation().fillers()].fill(FILLER_LLR);
        }
        self.right.fill(false);
    }

    /// Adds a transmission's log-likelihood ratios, one a coded bit.
    ///
    /// # Errors
    /// When the transmission is not allowed or the number of values is wrong.
    pub fn receive(&mut self, llrs: &[f32], transmission: &Transmission) -> Result<(), CodingError> {
        CodingError::check_length("log-likelihood ratios", llrs.len(), transmission.coded_bits)?;
        let selections = self.block.selections(transmission)?;
        self.received.clear();
        self.received.extend_from_slice(llrs);
        if let Some(scrambling) = transmission.scrambling {
            scrambling.descramble(&mut self.received);
        }
        let words = self.soft.chunks_exact_mut(self.block.code().codeword_bits());
        let mut rest = &*self.received;
        for (soft, selection) in words.zip(selections) {
            let (values, after) = rest.split_at(selection.coded_bits);
            self.block.matching().combine(values, &selection, soft)?;
            rest = after;
        }
        Ok(())
    }

    /// Returns the code blocks as they stand.
    pub fn code_blocks(&self) -> impl Iterator<Item = CodeBlock<'_>> {
        code_blocks(&self.block, &self.soft)
    }

    /// Decodes the code blocks that are not right yet and checks the whole.
    ///
    /// # Errors
    /// When the decoder is one of another code.
    pub fn decode(&mut self, decoder: &mut Decoder) -> Result<Outcome, CodingError> {
        self.decode_by(|code_block, information| {
            let mut accept = |bits: &[u8]| code_block.accepts(bits);
            Ok(decoder.decode(code_block.llrs, Some(&mut accept), information)?.iterations)
        })
    }

    /// Does as [`Self::decode`] with any decoder.
    ///
    /// `decode` writes the decided information of a code block, of the length of its code's information, and returns
    /// the iterations that it took; it may stop as soon as [`CodeBlock::accepts`] says so.
    ///
    /// # Errors
    /// What `decode` reports.
    pub fn decode_by<E>(
        &mut self,
        mut decode: impl FnMut(CodeBlock<'_>, &mut [u8]) -> Result<usize, E>,
    ) -> Result<Outcome, E> {
        let mut iterations = 0;
        let segmentation = self.block.segmentation();
        let code_blocks = code_blocks(&self.block, &self.soft);
        for (index, (code_block, right)) in code_blocks.zip(&mut self.right).enumerate() {
            if !*right {
                iterations += decode(code_block, &mut self.information)?;
                *right = code_block.accepts(&self.information);
                let payload = &self.information[..segmentation.payload_bits()];
                self.bits[segmentation.place(index)].copy_from_slice(payload);
            }
        }
        let wrong_blocks = self.right.iter().filter(|right| !**right).count();
        let intact = wrong_blocks == 0 && self.block.crc().check(&self.bits);
        if wrong_blocks == 0 && !intact {
            // One of the short CRCs was right by chance, and nobody knows which.
            self.right.fill(false);
        }
        Ok(Outcome { intact, wrong_blocks, iterations })
    }

    /// Returns the bits that were decided last, CRC left out.
    pub fn bits(&self) -> &[u8] {
        &self.bits[..self.block.bits()]
    }
}

fn code_blocks<'a>(
    block: &'a TransportBlock,
    soft: &'a [f32],
) -> impl Iterator<Item = CodeBlock<'a>> + use<'a> {
    let crc = block.segmentation().crc().unwrap_or(block.crc());
    let bits = block.segmentation().block_bits();
    let words = soft.chunks_exact(block.code().codeword_bits());
    words.map(move |llrs| CodeBlock { llrs, crc, bits })
}
