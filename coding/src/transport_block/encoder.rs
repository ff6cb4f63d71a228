//! From a transport block to scrambled coded bits.

use super::{Transmission, TransportBlock};
use crate::error::CodingError;
use crate::ldpc::Encoder;

/// Encodes transport blocks of one plan, one after another, without allocation.
#[derive(Clone, Debug)]
pub struct TransportBlockEncoder {
    block: TransportBlock,
    encoder: Encoder,
    /// The bits of the block with their CRC.
    with_crc: Vec<u8>,
    information: Vec<u8>,
    word: Vec<u8>,
}

impl TransportBlockEncoder {
    /// Makes room for a block.
    pub fn new(block: &TransportBlock) -> Self {
        let code = block.code();
        Self {
            encoder: Encoder::new(code),
            with_crc: vec![0; block.bits() + block.crc().width()],
            information: vec![0; code.information_bits()],
            word: vec![0; code.codeword_bits()],
            block: block.clone(),
        }
    }

    /// Encodes a block for a transmission; `coded` has [`Transmission::coded_bits`] bits.
    ///
    /// # Errors
    /// When the transmission is not allowed or a buffer has the wrong length.
    pub fn encode(
        &mut self,
        bits: &[u8],
        transmission: &Transmission,
        coded: &mut [u8],
    ) -> Result<(), CodingError> {
        let block = &self.block;
        CodingError::check_length("a transport block", bits.len(), block.bits())?;
        CodingError::check_length("coded bits", coded.len(), transmission.coded_bits)?;
        let selections = block.selections(transmission)?;
        self.with_crc[..bits.len()].copy_from_slice(bits);
        block.crc().attach(&mut self.with_crc)?;
        let mut rest = &mut *coded;
        for (index, selection) in selections.enumerate() {
            let segmentation = block.segmentation();
            segmentation.fill(&self.with_crc[segmentation.place(index)], &mut self.information)?;
            self.encoder.encode(&self.information, block.matching().rows(&selection), &mut self.word)?;
            let (sent, after) = rest.split_at_mut(selection.coded_bits);
            block.matching().select(&self.word, &selection, sent)?;
            rest = after;
        }
        if let Some(scrambling) = transmission.scrambling {
            scrambling.scramble(coded);
        }
        Ok(())
    }
}
