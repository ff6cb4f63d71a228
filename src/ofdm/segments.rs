//! Where values lie on the grid: which elements a slot carries, how often, and how much of the payload is sent at all.

/// A stretch of consecutive OFDM symbols that a round wants carried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlotShape {
    /// First symbol, counted from the start of the round.
    pub first_symbol: usize,
    /// Number of symbols.
    pub symbols: usize,
}

/// The plan of an analog round: values two by two on consecutive elements, in whole passes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segments {
    sent: usize,
    length: usize,
    repetitions: usize,
    used: usize,
    slot_symbols: usize,
}

/// The part of a pass that one slot carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Symbols of the slot.
    pub shape: SlotShape,
    /// Position of the first value.
    pub first_value: usize,
    /// Number of values.
    pub values: usize,
}

impl Segment {
    /// Returns the number of elements that carry the values.
    pub fn elements(&self) -> usize {
        self.values.div_ceil(2)
    }
}

impl Segments {
    /// Plans one pass of `length` values over `used` subcarriers, in slots of `slot_symbols`.
    pub fn new(length: usize, used: usize, slot_symbols: usize) -> Self {
        Self { sent: length, length, repetitions: 1, used, slot_symbols }
    }

    /// Returns the plan that fits a budget of elements in whole symbols: repeated passes, or a part of the values.
    #[must_use]
    pub fn within(mut self, budget_elements: u64) -> Self {
        let symbols = (budget_elements / self.used as u64) as usize;
        let capacity = symbols * self.used;
        let pass = self.length.div_ceil(2);
        if capacity >= self.symbols_a_pass() * self.used {
            self.repetitions = (symbols / self.symbols_a_pass()).max(1);
        } else {
            self.sent = (2 * capacity.min(pass)).min(self.length);
        }
        self
    }

    /// Returns the number of values sent.
    pub fn sent(&self) -> usize {
        self.sent
    }

    /// Returns the number of values there are.
    pub fn length(&self) -> usize {
        self.length
    }

    /// Returns how often each value is sent.
    pub fn repetitions(&self) -> usize {
        self.repetitions
    }

    fn symbols_a_pass(&self) -> usize {
        self.sent.div_ceil(2).div_ceil(self.used)
    }

    /// Returns the number of OFDM symbols of the round.
    pub fn symbols(&self) -> usize {
        self.symbols_a_pass() * self.repetitions
    }

    /// Returns the number of elements that carry values, all passes together.
    pub fn elements(&self) -> u64 {
        self.sent.div_ceil(2) as u64 * self.repetitions as u64
    }

    /// Returns the segment that begins at a symbol counted from the start of the round, if the round is not over.
    ///
    /// A segment never spans two passes.
    pub fn at(&self, symbol: usize) -> Option<Segment> {
        if symbol >= self.symbols() {
            return None;
        }
        let inside = symbol % self.symbols_a_pass();
        let symbols = self.slot_symbols.min(self.symbols_a_pass() - inside);
        let first_value = 2 * inside * self.used;
        let values = (2 * symbols * self.used).min(self.sent - first_value);
        Some(Segment { shape: SlotShape { first_symbol: symbol, symbols }, first_value, values })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(plan: &Segments) -> Vec<Segment> {
        let mut symbol = 0;
        std::iter::from_fn(|| {
            let segment = plan.at(symbol)?;
            symbol += segment.shape.symbols;
            Some(segment)
        })
        .collect()
    }

    #[test]
    fn a_pass_covers_every_value_once() {
        for length in [1, 7, 1224, 1225, 30_000] {
            let plan = Segments::new(length, 612, 14);
            let parts = walk(&plan);
            assert_eq!(parts.iter().map(|p| p.values).sum::<usize>(), length);
            assert!(parts.windows(2).all(|w| w[0].first_value + w[0].values == w[1].first_value));
        }
    }

    #[test]
    fn budgets_repeat_or_cut() {
        let plan = Segments::new(2000, 100, 14); // ten symbols a pass
        let more = plan.clone().within(3500);
        assert_eq!((more.repetitions(), more.symbols(), more.sent()), (3, 30, 2000));
        assert_eq!(walk(&more).iter().map(|p| p.values).sum::<usize>(), 6000);
        let less = plan.within(450);
        assert_eq!((less.repetitions(), less.symbols(), less.sent()), (1, 4, 800));
    }
}
