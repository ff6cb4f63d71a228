//! Where the symbols of a round lie in time: synchronisation first, then soundings and payload by turns.

use crate::ofdm::SlotShape;

/// Places payload slots, in the order in which a round gives them, among the symbols of synchronisation and sounding.
///
/// Channels are sounded before the first slot, and before any slot that would end later than the period after the last
/// sounding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeline {
    next: usize,
    sounding_symbols: usize,
    period_symbols: Option<usize>,
    since_sounding: Option<usize>,
    overhead: usize,
}

impl Timeline {
    /// Makes the timeline of a round that begins at an absolute symbol with `lead_symbols` of synchronisation.
    pub fn new(
        first_symbol: usize,
        lead_symbols: usize,
        sounding_symbols: usize,
        period_symbols: Option<usize>,
    ) -> Self {
        Self {
            next: first_symbol + lead_symbols,
            sounding_symbols,
            period_symbols,
            since_sounding: None,
            overhead: lead_symbols,
        }
    }

    /// Leaves symbols empty before the next slot.
    pub fn skip(&mut self, symbols: usize) {
        self.next += symbols;
        self.since_sounding = self.since_sounding.map(|since| since + symbols);
    }

    /// Places the next slot: its absolute symbols, and where the sounding before it begins, if there is one.
    pub fn place(&mut self, symbols: usize) -> (SlotShape, Option<usize>) {
        let due = match (self.since_sounding, self.period_symbols) {
            (None, _) => true,
            (Some(since), Some(period)) => since + symbols > period,
            (Some(_), None) => false,
        };
        let sounded = due.then_some(self.next);
        if due {
            self.next += self.sounding_symbols;
            self.overhead += self.sounding_symbols;
            self.since_sounding = Some(0);
        }
        let shape = SlotShape { first_symbol: self.next, symbols };
        self.next += symbols;
        self.since_sounding = self.since_sounding.map(|since| since + symbols);
        (shape, sounded)
    }

    /// Returns the absolute symbol after the last one placed.
    pub fn end(&self) -> usize {
        self.next
    }

    /// Returns the symbols that carried no payload.
    pub fn overhead_symbols(&self) -> usize {
        self.overhead
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn soundings_come_before_slots() {
        let mut once = Timeline::new(100, 2, 3, None);
        assert_eq!(once.place(14), (SlotShape { first_symbol: 105, symbols: 14 }, Some(102)));
        assert_eq!(once.place(14), (SlotShape { first_symbol: 119, symbols: 14 }, None));
        assert_eq!((once.end(), once.overhead_symbols()), (133, 5));
        let mut often = Timeline::new(0, 0, 1, Some(20));
        let places: Vec<_> = (0..4).map(|_| often.place(10)).map(|(s, p)| (s.first_symbol, p)).collect();
        assert_eq!(places, [(1, Some(0)), (11, None), (22, Some(21)), (32, None)]);
    }
}
