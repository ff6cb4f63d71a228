//! From bits to the grids of a device's antennas.

use super::block::BlockSender;
use super::plan::LinkPlan;
use super::precoding::Precoder;
use airloop_baseband::Complex32;
use airloop_coding::CodingError;

/// Makes grids; one a worker.
#[derive(Debug)]
pub struct Transmitter {
    /// One a device and block plan, made when it is first needed.
    senders: Vec<Option<BlockSender>>,
    /// Coded bits of each part.
    coded: Vec<Vec<u8>>,
    points: Vec<Complex32>,
    /// Points `[layer, element]`.
    layered: Vec<Complex32>,
    /// Grids `[layer, symbol, subcarrier]` of the part.
    layers: Vec<Complex32>,
    /// Grids `[antenna, symbol, subcarrier]` of the part.
    antennas: Vec<Complex32>,
}

/// What is sent in a part of a slot.
#[derive(Clone, Copy, Debug)]
pub struct Sending<'a> {
    /// The device.
    pub device: usize,
    /// The part of the band.
    pub part: usize,
    /// The block plan.
    pub block: usize,
    /// The information bits.
    pub bits: &'a [u8],
    /// Redundancy version.
    pub version: u8,
    /// How layers go on antennas.
    pub precoder: &'a Precoder,
}

impl Transmitter {
    /// Makes room for a plan.
    pub fn new(plan: &LinkPlan) -> Self {
        Self {
            senders: vec![None; plan.devices * plan.blocks.len()],
            coded: vec![Vec::new(); plan.parts],
            points: Vec::new(),
            layered: Vec::new(),
            layers: Vec::new(),
            antennas: Vec::new(),
        }
    }

    /// Writes what a device sends into its grid `[antenna, symbol, used subcarrier]`.
    ///
    /// # Errors
    /// When the bits are not those of the block plan.
    pub fn send(
        &mut self,
        plan: &LinkPlan,
        signals: &super::reference_signals::ReferenceSignals,
        sending: Sending<'_>,
        grid: &mut [Complex32],
    ) -> Result<(), CodingError> {
        let block = &plan.blocks[sending.block];
        let sender = &mut self.senders[sending.device * plan.blocks.len() + sending.block];
        let sender = sender.get_or_insert_with(|| BlockSender::new(block, plan.scrambling(sending.device)));
        let coded = &mut self.coded[sending.part];
        coded.resize(block.coded_bits(), 0);
        sender.encode(sending.bits, sending.version, coded)?;
        let (layout, layers) = (&plan.layout, plan.layout.layers());
        self.points.clear();
        self.points.resize(layers * block.points(), Complex32::default());
        let order = block.modulation().bits_per_symbol();
        block.modulation().map(coded, 0, &mut self.points[..block.coded_bits() / order])?;
        let (elements, amplitude) = (layout.data_elements(), plan.amplitudes[sending.device]);
        self.layered.clear();
        self.layered.resize(layers * elements, Complex32::default());
        for (layer, layered) in self.layered.chunks_exact_mut(elements).enumerate() {
            // Points go to layers in turn (TS 38.211 clause 7.3.1.3).
            let own = self.points[layer..].iter().step_by(layers);
            layered.iter_mut().zip(own).for_each(|(to, point)| *to = *point);
        }
        self.layers.clear();
        self.layers.resize(layers * layout.elements(), Complex32::default());
        layout.map(&self.layered, &mut self.layers);
        signals.fill(&mut self.layers);
        if amplitude != 1.0 {
            self.layers.iter_mut().for_each(|x| *x *= amplitude);
        }
        let used = plan.numerology.used();
        let (width, antennas) = (layout.subcarriers(), plan.antennas.device);
        if width == used {
            sending.precoder.apply(&self.layers, width, grid);
            return Ok(());
        }
        self.antennas.resize(antennas * layout.elements(), Complex32::default());
        sending.precoder.apply(&self.layers, width, &mut self.antennas);
        let first = plan.first_subcarrier(sending.part);
        for (row, own) in grid.chunks_exact_mut(used).zip(self.antennas.chunks_exact(width)) {
            row[first..first + width].copy_from_slice(own);
        }
        Ok(())
    }

    /// Returns how many coded bits of a part hard decisions get wrong.
    pub fn wrong_bits(&self, part: usize, llrs: &[f32]) -> usize {
        self.coded[part].iter().zip(llrs).filter(|(bit, llr)| (**bit == 1) != (**llr < 0.0)).count()
    }
}
