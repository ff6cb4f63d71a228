//! Rate matching of LDPC code blocks (3GPP TS 38.212 clause 5.4.2): bit selection from a circular buffer and interleaving.

mod interleaving;

use crate::error::CodingError;
use crate::ldpc::{BaseGraph, Code};
use std::ops::Range;

/// Log-likelihood ratio of filler bits, which are known to be 0.
pub const FILLER_LLR: f32 = 1e4;

/// Columns of the base graph that are never sent.
const PUNCTURED: usize = 2;

/// Modulation orders `Q_m`, bits a constellation point.
pub const MODULATION_ORDERS: [usize; 6] = [1, 2, 4, 6, 8, 10];

/// One selection of coded bits: how many, from which redundancy version, interleaved for which modulation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Selection {
    /// Bits that are sent, `E`: a multiple of the modulation order.
    pub coded_bits: usize,
    /// Bits a constellation point: 1, 2, 4, 6, 8 or 10.
    pub modulation_order: usize,
    /// Redundancy version: 0 to 3.
    pub redundancy_version: u8,
}

impl Selection {
    /// Checks what is allowed.
    ///
    /// # Errors
    /// When the redundancy version or the modulation order does not exist, or the bits do not fill whole points.
    pub fn check(&self) -> Result<(), CodingError> {
        let Self { coded_bits, modulation_order, redundancy_version } = *self;
        if redundancy_version > 3 {
            let (what, given) = ("the redundancy version", usize::from(redundancy_version));
            return Err(CodingError::Range { what, given, least: 0, most: 3 });
        }
        if !MODULATION_ORDERS.contains(&modulation_order) {
            return Err(CodingError::ModulationOrder { given: modulation_order });
        }
        if coded_bits == 0 || !coded_bits.is_multiple_of(modulation_order) {
            return Err(CodingError::CodedBits { coded_bits, unit: modulation_order });
        }
        Ok(())
    }
}

/// The circular buffer of a code block, as places in a code word whose first two columns are counted.
///
/// ```text
/// begin(rv) = floor(a_rv N_cb / (n Z)) Z,   n Z = bits of the whole buffer,   a = 0, 17, 33, 56  or  0, 13, 25, 43
/// N_cb      = min(n Z, reference size)
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateMatching {
    z: usize,
    information_columns: usize,
    rows: usize,
    /// The buffer in the code word.
    buffer: Range<usize>,
    /// Fillers in the code word, as far as they are in the buffer.
    fillers: Range<usize>,
    /// All fillers in the code word.
    known: Range<usize>,
    /// Begins of the redundancy versions in the code word.
    begins: [usize; 4],
}

impl RateMatching {
    /// Makes the buffer of a code of which the bits `fillers` of the information are fillers.
    ///
    /// `reference_bits` limits the buffer (`N_ref` of clause 5.4.2.1).
    ///
    /// # Errors
    /// When the fillers are not at the end of the information or the limit leaves no bit to be sent.
    pub fn new(
        code: &Code,
        fillers: Range<usize>,
        reference_bits: Option<usize>,
    ) -> Result<Self, CodingError> {
        let z = code.z();
        let begin = PUNCTURED * z;
        let whole = code.codeword_bits() - begin;
        let size = reference_bits.map_or(whole, |bits| bits.min(whole));
        let buffer = begin..begin + size;
        let most = code.information_bits();
        if fillers.end != most || fillers.start > most || fillers.start <= begin {
            let (what, given) = ("the first filler bit", fillers.start);
            return Err(CodingError::Range { what, given, least: begin + 1, most });
        }
        if size == 0 {
            return Err(CodingError::Range { what: "the limited buffer", given: 0, least: 1, most: whole });
        }
        let factors = match code.graph() {
            BaseGraph::One => [0, 17, 33, 56],
            BaseGraph::Two => [0, 13, 25, 43],
        };
        Ok(Self {
            z,
            information_columns: code.graph().information_columns(),
            rows: code.graph().rows(),
            fillers: fillers.start.min(buffer.end)..fillers.end.min(buffer.end),
            known: fillers,
            begins: factors.map(|factor| begin + factor * size / whole * z),
            buffer,
        })
    }

    /// Returns the bits of the buffer that are sent before any is repeated.
    pub fn distinct_bits(&self) -> usize {
        self.buffer.len() - self.fillers.len()
    }

    /// Returns runs of consecutive bits of the code word, in the order in which they are selected.
    pub fn runs(&self, selection: &Selection) -> impl Iterator<Item = Range<usize>> + use<'_> {
        let (mut left, mut at) =
            (selection.coded_bits, self.begins[usize::from(selection.redundancy_version) % 4]);
        std::iter::from_fn(move || {
            if self.fillers.contains(&at) {
                at = self.fillers.end;
            }
            if at >= self.buffer.end {
                at = self.buffer.start;
            }
            let end = if at < self.fillers.start { self.fillers.start } else { self.buffer.end };
            let run = at..end.min(at + left);
            left -= run.len();
            at = run.end;
            (!run.is_empty()).then_some(run)
        })
    }

    /// Returns how many rows of parity a selection needs.
    pub fn rows(&self, selection: &Selection) -> usize {
        let end = self.runs(selection).map(|run| run.end).max().unwrap_or(0);
        end.div_ceil(self.z).saturating_sub(self.information_columns).min(self.rows)
    }

    /// Selects and interleaves bits of a code word.
    ///
    /// # Errors
    /// When the selection is not allowed or a buffer has the wrong length.
    pub fn select(&self, word: &[u8], selection: &Selection, coded: &mut [u8]) -> Result<(), CodingError> {
        self.check(word.len(), selection, coded.len())?;
        interleaving::spread(word, self.runs(selection), selection.modulation_order, coded);
        Ok(())
    }

    /// Adds log-likelihood ratios of selected bits to the soft values of a code word.
    ///
    /// Repeated bits and several transmissions add up: Chase combining and incremental redundancy alike.
    ///
    /// # Errors
    /// When the selection is not allowed or a buffer has the wrong length.
    pub fn combine(&self, llrs: &[f32], selection: &Selection, soft: &mut [f32]) -> Result<(), CodingError> {
        self.check(soft.len(), selection, llrs.len())?;
        interleaving::gather(llrs, self.runs(selection), selection.modulation_order, soft);
        Ok(())
    }

    /// Sets soft values of a code word to what is known before anything is received: fillers are 0, all else open.
    ///
    /// # Errors
    /// When the buffer has the wrong length.
    pub fn clear(&self, soft: &mut [f32]) -> Result<(), CodingError> {
        CodingError::check_length("soft values of a code word", soft.len(), self.word_bits())?;
        soft.fill(0.0);
        soft[self.known.clone()].fill(FILLER_LLR);
        Ok(())
    }

    fn word_bits(&self) -> usize {
        (self.information_columns + self.rows) * self.z
    }

    fn check(&self, word: usize, selection: &Selection, coded: usize) -> Result<(), CodingError> {
        selection.check()?;
        CodingError::check_length("a code word", word, self.word_bits())?;
        CodingError::check_length("bits after rate matching", coded, selection.coded_bits)
    }
}

/// Returns the bits of each code block after rate matching, `E_r` of clause 5.4.2.1.
///
/// ```text
/// unit = modulation order times layers,  G' = coded bits / unit,
/// E = unit floor(G' / blocks)  for the first  blocks - G' mod blocks  blocks,  unit ceil(G' / blocks)  for the others
/// ```
///
/// # Errors
/// When the coded bits are not a multiple of the unit or leave nothing for a block.
pub fn share(
    coded_bits: usize,
    unit: usize,
    blocks: usize,
) -> Result<impl Iterator<Item = usize>, CodingError> {
    if unit == 0 || blocks == 0 || !coded_bits.is_multiple_of(unit) || coded_bits / unit < blocks {
        return Err(CodingError::CodedBits { coded_bits, unit: unit * blocks.max(1) });
    }
    let (least, more) = (coded_bits / unit / blocks, coded_bits / unit % blocks);
    Ok((0..blocks).map(move |block| unit * (least + usize::from(block >= blocks - more))))
}
