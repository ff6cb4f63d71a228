//! Pilots by which a receiver learns the channel of each layer.

use super::slot_layout::SlotLayout;
use airloop_baseband::Complex32;
use airloop_coding::scrambling::GoldSequence;
use std::f32::consts::{FRAC_1_SQRT_2, SQRT_2};

/// Bits of the sequence that come at once.
const WORD: usize = 32;

/// Which sequence the pilots have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SequenceIdentity {
    /// The scrambling identity, `N_ID` of the standard.
    pub scrambling_identity: u16,
    /// Which of two initialisations, `n_SCID` of the standard.
    pub second: bool,
}

impl SequenceIdentity {
    /// Returns the initial value of the sequence of one symbol.
    ///
    /// ```text
    /// (2^17 (14 slot + symbol + 1) (2 N_ID + 1) + 2 N_ID + n_SCID) mod 2^31
    /// ```
    ///
    /// `slot` counts from the start of a frame. Source: TS 38.211, clause 7.4.1.1.1.
    pub fn initial(&self, slot: u64, symbol: usize) -> u32 {
        let identity = 2 * u64::from(self.scrambling_identity);
        let time = slot.wrapping_mul(14).wrapping_add(symbol as u64 + 1);
        let value = (time.wrapping_mul(identity + 1) << 17).wrapping_add(identity + u64::from(self.second));
        (value & 0x7fff_ffff) as u32
    }
}

/// The pilots of a slot: type 1, QPSK, pairs of layers told apart by a code of two elements.
///
/// ```text
/// layer l on subcarrier k = 4 n + 2 k' + l / 2 (rounded down), k' = 0 or 1:
///     boost w r(2 n + k'),   w = -1 where l and k' are both odd, else 1
/// boost = 1 where one group carries no data, sqrt(2) where both do (0 and 3 dB)
/// ```
///
/// Layer `l` has the standard's port `1000 + l`; index 0 of the sequence `r` is the first used subcarrier. Sources: TS 38.211,
/// clauses 7.4.1.1.1 and 7.4.1.1.2 with table 7.4.1.1.2-1; TS 38.214, table 4.1-1.
#[derive(Clone, Debug)]
pub struct ReferenceSignals {
    layout: SlotLayout,
    identity: SequenceIdentity,
    /// Unit values `r(m)`, pilot symbol after pilot symbol.
    sequence: Vec<Complex32>,
}

impl ReferenceSignals {
    /// Makes the pilots of a layout, prepared for slot 0.
    pub fn new(layout: &SlotLayout, identity: SequenceIdentity) -> Self {
        let count = layout.pilot_symbols().len() * layout.subcarriers() / 2;
        let mut signals =
            Self { layout: layout.clone(), identity, sequence: vec![Complex32::default(); count] };
        signals.prepare(0);
        signals
    }

    /// Turns to a slot, counted from the start of its frame.
    pub fn prepare(&mut self, slot: u64) {
        let width = self.layout.subcarriers() / 2;
        for (row, symbol) in self.sequence.chunks_exact_mut(width).zip(self.layout.pilot_symbols()) {
            let mut gold = GoldSequence::new(self.identity.initial(slot, *symbol));
            for values in row.chunks_mut(WORD / 2) {
                let word = gold.next_word();
                for (m, value) in values.iter_mut().enumerate() {
                    let part = |bit: usize| if word >> bit & 1 == 1 { -FRAC_1_SQRT_2 } else { FRAC_1_SQRT_2 };
                    *value = Complex32::new(part(2 * m), part(2 * m + 1));
                }
            }
        }
    }

    /// Returns the unit values `r(m)` of one pilot symbol, counted among the pilot symbols.
    pub fn sequence(&self, pilot_symbol: usize) -> &[Complex32] {
        let width = self.layout.subcarriers() / 2;
        &self.sequence[pilot_symbol * width..(pilot_symbol + 1) * width]
    }

    /// Returns the factor of the amplitude of pilots over that of data.
    pub fn boost(&self) -> f32 {
        boost(&self.layout)
    }

    /// Writes the pilots of every layer into its grid, `[layer, symbol, subcarrier]`, and zeros where they leave elements
    /// empty.
    ///
    /// # Panics
    /// When the grid does not hold whole layers.
    pub fn fill(&self, grid: &mut [Complex32]) {
        assert_eq!(
            grid.len(),
            self.layout.layers() * self.layout.elements(),
            "a grid of the layout's layers"
        );
        let (used, groups) = (self.layout.subcarriers(), self.layout.config().groups_without_data);
        for (layer, grid) in grid.chunks_exact_mut(self.layout.elements()).enumerate() {
            let (group, odd) = (layer / 2, layer % 2 == 1);
            let signs = [self.boost(), if odd { -self.boost() } else { self.boost() }];
            for (index, symbol) in self.layout.pilot_symbols().iter().enumerate() {
                let row = &mut grid[symbol * used..(symbol + 1) * used];
                let (pairs, _) = row.as_chunks_mut::<2>();
                for (m, (pair, r)) in pairs.iter_mut().zip(self.sequence(index)).enumerate() {
                    pair[group] = r * signs[m % 2];
                    if groups == 2 {
                        pair[1 - group] = Complex32::default();
                    }
                }
            }
        }
    }
}

/// Returns the factor of the amplitude of a layout's pilots.
pub(super) fn boost(layout: &SlotLayout) -> f32 {
    if layout.config().groups_without_data == 2 { SQRT_2 } else { 1.0 }
}
