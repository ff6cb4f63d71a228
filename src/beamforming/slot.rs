//! Channels and beams of the elements of a slot, from what is known of all links.

use super::{Aggregation, AggregationBeamformer, Antennas};
use crate::medium::Knowledge;
use airloop_baseband::{Complex32, Complex64};

/// The channels of one element, `[device, receive antenna, device antenna]`.
#[derive(Clone, Debug, Default)]
pub struct ElementChannels {
    entries: Vec<Complex64>,
}

impl ElementChannels {
    /// Gathers the channels of an element, given by its symbol within the slot and its subcarrier.
    pub fn gather(&mut self, known: &Knowledge<'_>, (symbol, subcarrier): (usize, usize)) -> &[Complex64] {
        self.entries.clear();
        self.entries.extend((0..known.devices()).map(|link| wide(known.link(link).row(symbol)[subcarrier])));
        &self.entries
    }

    /// Returns the channel of a device, gathered last.
    pub fn device(&self, antennas: Antennas, device: usize) -> &[Complex64] {
        &self.entries[device * antennas.links()..(device + 1) * antennas.links()]
    }
}

/// Returns a value in double precision.
pub(crate) fn wide(h: Complex32) -> Complex64 {
    Complex64::new(h.re.into(), h.im.into())
}

/// Remembers what was known of a slot, so that what follows from it is worked out anew only when it changes.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    rows: Vec<Complex32>,
}

impl Seen {
    /// Returns whether the same rows were seen last time.
    pub fn again(&mut self, known: &Knowledge<'_>) -> bool {
        let again = self.rows == known.rows();
        if !again {
            self.rows.clear();
            self.rows.extend_from_slice(known.rows());
        }
        again
    }
}

/// Aggregation beams of a slot: one set a subcarrier where channels are static, else one an element.
#[derive(Clone, Debug)]
pub struct SlotBeams {
    design: AggregationBeamformer,
    channels: ElementChannels,
    seen: Seen,
    subcarriers: usize,
    found: Vec<Aggregation>,
}

impl SlotBeams {
    /// Makes beams of no slot yet.
    pub fn new(design: AggregationBeamformer) -> Self {
        let (channels, seen) = (ElementChannels::default(), Seen::default());
        Self { design, channels, seen, subcarriers: 1, found: Vec::new() }
    }

    /// Designs the beams for what is known of a slot: along each symbol the search begins also at the subcarrier before.
    pub fn update(&mut self, known: &Knowledge<'_>, power: &[f64]) {
        if self.seen.again(known) {
            return;
        }
        self.subcarriers = known.subcarriers();
        let rows = known.rows().len() / known.devices() / self.subcarriers;
        self.found.resize(rows * self.subcarriers, Aggregation::default());
        let mut neighbour = Aggregation::default();
        for symbol in 0..rows {
            for subcarrier in 0..self.subcarriers {
                let channels = self.channels.gather(known, (symbol, subcarrier));
                self.design.design(channels, power, &mut neighbour);
                self.found[symbol * self.subcarriers + subcarrier].clone_from(&neighbour);
            }
        }
    }

    /// Returns the beams of an element.
    pub fn at(&self, (symbol, subcarrier): (usize, usize)) -> &Aggregation {
        let symbol = if self.found.len() == self.subcarriers { 0 } else { symbol };
        &self.found[symbol * self.subcarriers + subcarrier]
    }

    /// Writes the precoder of a device for its channel at an element, and returns its power ([`AggregationBeamformer::precoder`]).
    pub fn precoder(
        &mut self,
        channel: &[Complex64],
        (symbol, subcarrier): (usize, usize),
        out: &mut Vec<Complex64>,
    ) -> f64 {
        let symbol = if self.found.len() == self.subcarriers { 0 } else { symbol };
        self.design.precoder(channel, &self.found[symbol * self.subcarriers + subcarrier], out)
    }

    /// Returns the number of beams.
    pub fn streams(&self) -> usize {
        self.design.streams()
    }

    /// Returns the antennas.
    pub fn antennas(&self) -> Antennas {
        self.design.antennas()
    }
}
