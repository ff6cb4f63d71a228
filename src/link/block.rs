//! Blocks: from information bits to coded bits and back, whatever the code.

use super::config::{Content, HarqConfig, LinkConfig};
use super::slot_layout::SlotLayout;
use airloop_coding::block_code::{BlockCode, BlockEncoder};
use airloop_coding::ldpc::{BaseGraph, Decoder, DecoderConfig};
use airloop_coding::mcs::Mcs;
use airloop_coding::scrambling::Scrambling;
use airloop_coding::transport_block::{
    Transmission, TransportBlock, TransportBlockConfig, TransportBlockEncoder, TransportBlockReceiver,
};
use airloop_coding::transport_block_size::Allocation;
use airloop_coding::{CodingError, Modulation};

/// Subcarriers of a resource block.
const BLOCK_SUBCARRIERS: usize = 12;

/// What is the same for all blocks of one kind: sizes, modulation, code.
#[derive(Clone, Debug)]
pub struct BlockPlan {
    kind: Kind,
    modulation: Modulation,
    bits: usize,
    coded_bits: usize,
    layers: usize,
    /// The scheme, where there is one.
    pub mcs: Option<Mcs>,
}

#[derive(Clone, Debug)]
enum Kind {
    Uncoded,
    Plain(Box<BlockCode>),
    Transport(Box<TransportBlock>),
}

impl BlockPlan {
    /// Plans the blocks of a slot; `mcs` is the scheme of transport blocks.
    ///
    /// The size of a transport block is that of TS 38.214 clause 5.1.3.2 for the slot's data elements; what is not whole
    /// resource blocks counts by its elements.
    ///
    /// # Errors
    /// When the standard has no such block.
    pub fn new(config: &LinkConfig, layout: &SlotLayout, mcs: Option<Mcs>) -> Result<Self, CodingError> {
        let layers = layout.layers();
        match (&config.content, mcs) {
            (Content::Uncoded { bits, modulation }, _) => {
                let (bits, modulation) = (*bits, *modulation);
                Ok(Self { kind: Kind::Uncoded, modulation, bits, coded_bits: bits, layers, mcs: None })
            }
            (Content::Plain { information_bits, coded_bits, modulation, graph, mcs }, _) => {
                let (bits, coded_bits, modulation) = (*information_bits, *coded_bits, *modulation);
                let code = BlockCode::new(bits, coded_bits, modulation.bits_per_symbol(), *graph)?;
                let kind = Kind::Plain(Box::new(code));
                Ok(Self { kind, modulation, bits, coded_bits, layers, mcs: *mcs })
            }
            (Content::Transport(mcs), None) => Self::transport(layout, *mcs, config.harq.limited_buffer),
            (_, Some(mcs)) => Self::transport(layout, mcs, config.harq.limited_buffer),
            (Content::Adaptive { .. }, None) => Err(CodingError::Mcs { table: 0, index: 0 }),
        }
    }

    fn transport(layout: &SlotLayout, mcs: Mcs, limited: bool) -> Result<Self, CodingError> {
        let modulation = Modulation::from_order(mcs.modulation_order)?;
        let (layers, elements) = (layout.layers(), layout.data_elements());
        let bits = size(layout, mcs, layers)?;
        let coded_bits = elements * mcs.modulation_order * layers;
        let limited_buffer_bits =
            if limited { Some(size(layout, largest(mcs.table), 4.min(layers))?) } else { None };
        // A block that is coded above the highest rate is none that a receiver must decode (TS 38.214 clause 5.1.3).
        let config = TransportBlockConfig { bits, code_rate: mcs.code_rate, limited_buffer_bits };
        let kind = Kind::Transport(Box::new(TransportBlock::new(&config)?));
        Ok(Self { kind, modulation, bits, coded_bits, layers, mcs: Some(mcs) })
    }

    /// Returns whether it is a transport block.
    pub fn is_transport(&self) -> bool {
        matches!(self.kind, Kind::Transport(_))
    }

    /// Returns the information bits of a block.
    pub fn bits(&self) -> usize {
        self.bits
    }

    /// Returns the coded bits of a transmission.
    pub fn coded_bits(&self) -> usize {
        self.coded_bits
    }

    /// Returns the points of a transmission on each layer, rounded up.
    pub fn points(&self) -> usize {
        self.coded_bits.div_ceil(self.modulation.bits_per_symbol() * self.layers)
    }

    /// Returns the modulation.
    pub fn modulation(&self) -> Modulation {
        self.modulation
    }

    /// Returns information bits over coded bits.
    pub fn code_rate(&self) -> f64 {
        self.bits as f64 / self.coded_bits as f64
    }

    /// Returns what a transmission of a transport block is.
    fn transmission(&self, redundancy_version: u8, scrambling: Scrambling) -> Transmission {
        Transmission {
            coded_bits: self.coded_bits,
            modulation_order: self.modulation.bits_per_symbol(),
            layers: self.layers,
            redundancy_version,
            scrambling: Some(scrambling),
        }
    }
}

/// Returns the size of a transport block on a slot.
fn size(layout: &SlotLayout, mcs: Mcs, layers: usize) -> Result<usize, CodingError> {
    let blocks = (layout.subcarriers() / BLOCK_SUBCARRIERS).max(1);
    Allocation {
        elements_per_block: layout.data_elements() / blocks,
        resource_blocks: blocks,
        layers,
        modulation_order: mcs.modulation_order,
        code_rate: mcs.code_rate,
        scaling: 1.0,
    }
    .transport_block_size()
}

/// Returns the scheme of a table that carries most.
fn largest(table: u8) -> Mcs {
    let schemes = Mcs::table(table);
    schemes.max_by(|a, b| a.efficiency().total_cmp(&b.efficiency())).expect("tables of plans have schemes")
}

/// Codes blocks of one plan.
#[derive(Clone, Debug)]
pub struct BlockSender {
    plan: BlockPlan,
    encoder: SenderKind,
    scrambling: Scrambling,
}

#[derive(Clone, Debug)]
enum SenderKind {
    Uncoded,
    Plain(Box<BlockEncoder>),
    Transport(Box<TransportBlockEncoder>),
}

impl BlockSender {
    /// Makes a sender; `scrambling` is the device's.
    pub fn new(plan: &BlockPlan, scrambling: Scrambling) -> Self {
        let encoder = match &plan.kind {
            Kind::Uncoded => SenderKind::Uncoded,
            Kind::Plain(code) => SenderKind::Plain(Box::new(BlockEncoder::new(code))),
            Kind::Transport(block) => SenderKind::Transport(Box::new(TransportBlockEncoder::new(block))),
        };
        Self { plan: plan.clone(), encoder, scrambling }
    }

    /// Codes a block for a transmission with a redundancy version.
    ///
    /// # Errors
    /// When a buffer has the wrong length.
    pub fn encode(&mut self, bits: &[u8], version: u8, coded: &mut [u8]) -> Result<(), CodingError> {
        match &mut self.encoder {
            SenderKind::Uncoded => {
                CodingError::check_length("coded bits", coded.len(), bits.len())?;
                coded.copy_from_slice(bits);
                Ok(())
            }
            SenderKind::Plain(encoder) => encoder.encode(bits, coded),
            SenderKind::Transport(encoder) => {
                encoder.encode(bits, &self.plan.transmission(version, self.scrambling), coded)
            }
        }
    }
}

/// What came of a transmission.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Decoded {
    /// Whether the receiver takes the block for whole: by its CRC; plain codes and bits without code have none and never ask again.
    pub accepted: bool,
    /// Decoder iterations, and the code blocks they were spent on.
    pub iterations: (usize, usize),
}

/// Receives blocks of one plan: keeps soft bits between transmissions.
#[derive(Clone, Debug)]
pub struct BlockReceiver {
    plan: BlockPlan,
    scrambling: Scrambling,
    kind: ReceiverKind,
    bits: Vec<u8>,
}

#[derive(Clone, Debug)]
enum ReceiverKind {
    Uncoded,
    Plain { code: Box<BlockCode>, soft: Vec<f32>, information: Vec<u8> },
    Transport(Box<TransportBlockReceiver>),
}

impl BlockReceiver {
    /// Makes a receiver; `scrambling` is the device's.
    pub fn new(plan: &BlockPlan, scrambling: Scrambling) -> Self {
        let kind = match &plan.kind {
            Kind::Uncoded => ReceiverKind::Uncoded,
            Kind::Plain(code) => ReceiverKind::Plain {
                soft: vec![0.0; code.code().codeword_bits()],
                information: vec![0; code.code().information_bits()],
                code: code.clone(),
            },
            Kind::Transport(block) => ReceiverKind::Transport(Box::new(TransportBlockReceiver::new(block))),
        };
        Self { bits: vec![0; plan.bits], plan: plan.clone(), scrambling, kind }
    }

    /// Forgets earlier transmissions; the next block is that of a device with this scrambling.
    pub fn begin(&mut self, scrambling: Scrambling) {
        self.scrambling = scrambling;
        if let ReceiverKind::Transport(receiver) = &mut self.kind {
            receiver.clear();
        }
    }

    /// Takes the log-likelihood ratios of a transmission and decodes; without `combining` earlier ones are forgotten.
    ///
    /// # Errors
    /// When a buffer has the wrong length.
    pub fn receive(
        &mut self,
        llrs: &[f32],
        (version, harq): (u8, &HarqConfig),
        decoder: &mut BlockDecoder,
    ) -> Result<Decoded, CodingError> {
        match &mut self.kind {
            ReceiverKind::Uncoded => {
                CodingError::check_length("log-likelihood ratios", llrs.len(), self.bits.len())?;
                self.bits.iter_mut().zip(llrs).for_each(|(bit, llr)| *bit = u8::from(*llr < 0.0));
                Ok(Decoded { accepted: true, iterations: (0, 0) })
            }
            ReceiverKind::Plain { code, soft, information } => {
                code.soft_values(llrs, soft)?;
                let decoded = decoder.of(&self.plan)?.decode(soft, None, information)?;
                self.bits.copy_from_slice(&information[..self.plan.bits]);
                Ok(Decoded { accepted: true, iterations: (decoded.iterations, 1) })
            }
            ReceiverKind::Transport(receiver) => {
                if harq.combining == super::config::Combining::None {
                    receiver.clear();
                }
                receiver.receive(llrs, &self.plan.transmission(version, self.scrambling))?;
                let (decoder, mut blocks) = (decoder.of(&self.plan)?, 0);
                let outcome = receiver.decode_by(|block, information| -> Result<usize, CodingError> {
                    blocks += 1;
                    let mut accept = |bits: &[u8]| block.accepts(bits);
                    Ok(decoder.decode(block.llrs, Some(&mut accept), information)?.iterations)
                })?;
                self.bits.copy_from_slice(receiver.bits());
                Ok(Decoded { accepted: outcome.intact, iterations: (outcome.iterations, blocks) })
            }
        }
    }

    /// Returns the bits that were decided last.
    pub fn bits(&self) -> &[u8] {
        &self.bits
    }
}

/// The decoders of one worker, one a code.
#[derive(Debug)]
pub struct BlockDecoder {
    config: DecoderConfig,
    /// Decoders by base graph and lifting size.
    decoders: Vec<(BaseGraph, usize, Decoder)>,
}

impl BlockDecoder {
    /// Makes a worker without decoders; they are made when they are first needed.
    pub fn new(config: DecoderConfig) -> Self {
        Self { config, decoders: Vec::new() }
    }

    fn of(&mut self, plan: &BlockPlan) -> Result<&mut Decoder, CodingError> {
        let code = match &plan.kind {
            Kind::Plain(code) => code.code(),
            Kind::Transport(block) => block.code(),
            Kind::Uncoded => unreachable!("bits without code are not decoded"),
        };
        let same = |d: &(BaseGraph, usize, Decoder)| (d.0, d.1) == (code.graph(), code.z());
        let at = match self.decoders.iter().position(same) {
            Some(at) => at,
            None => {
                self.decoders.push((code.graph(), code.z(), Decoder::new(code, self.config)?));
                self.decoders.len() - 1
            }
        };
        Ok(&mut self.decoders[at].2)
    }
}
