//! Where values lie on the grid: which elements a slot carries, how often, and how much of the payload is sent at all.

/// A stretch of consecutive OFDM symbols that a round wants carried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlotShape {
    /// First symbol, counted from the start of the round.
    pub first_symbol: usize,
    /// Number of symbols.
    pub symbols: usize,
}

/// The plan of an analog round: values two by two on consecutive elements, in whole passes, or each value on elements
/// of its own ([`Segments::spread`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segments {
    sent: usize,
    length: usize,
    repetitions: usize,
    used: usize,
    slot_symbols: usize,
    /// Elements of one value; `None`: two values share one.
    elements_a_value: Option<usize>,
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
    /// Position of the first element, counted over a pass.
    pub first_element: usize,
    elements: usize,
}

impl Segment {
    /// Returns the number of elements that carry the values.
    pub fn elements(&self) -> usize {
        self.elements
    }
}

impl Segments {
    /// Plans one pass of `length` values over `used` subcarriers, in slots of `slot_symbols`.
    pub fn new(length: usize, used: usize, slot_symbols: usize) -> Self {
        Self { sent: length, length, repetitions: 1, used, slot_symbols, elements_a_value: None }
    }

    /// Plans one pass in which each value has `elements_a_value` consecutive elements of its own; slots may cut them.
    pub fn spread(length: usize, elements_a_value: usize, used: usize, slot_symbols: usize) -> Self {
        Self { elements_a_value: Some(elements_a_value), ..Self::new(length, used, slot_symbols) }
    }

    /// Returns the plan with this many passes.
    #[must_use]
    pub fn repeated(mut self, passes: usize) -> Self {
        self.repetitions = passes;
        self
    }

    /// Returns the plan that fits a budget of elements in whole symbols: repeated passes, or a part of the values.
    #[must_use]
    pub fn within(mut self, budget_elements: u64) -> Self {
        let symbols = (budget_elements / self.used as u64) as usize;
        if symbols >= self.symbols_a_pass() {
            self.repetitions = (symbols / self.symbols_a_pass()).max(1);
        } else {
            let capacity = symbols * self.used;
            self.sent = self.elements_a_value.map_or(2 * capacity, |each| capacity / each).min(self.length);
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

    fn elements_a_pass(&self) -> usize {
        self.elements_a_value.map_or(self.sent.div_ceil(2), |elements| self.sent * elements)
    }

    fn symbols_a_pass(&self) -> usize {
        self.elements_a_pass().div_ceil(self.used)
    }

    /// Returns the number of OFDM symbols of the round.
    pub fn symbols(&self) -> usize {
        self.symbols_a_pass() * self.repetitions
    }

    /// Returns the number of elements that carry values, all passes together.
    pub fn elements(&self) -> u64 {
        self.elements_a_pass() as u64 * self.repetitions as u64
    }

    /// Returns the segment that begins at a symbol counted from the start of the round, if the round is not over.
    ///
    /// A segment never spans two passes. Where values have elements of their own, the values are those that have any of the
    /// segment's elements: the first may have begun in the segment before, the last may end in the next.
    pub fn at(&self, symbol: usize) -> Option<Segment> {
        if symbol >= self.symbols() {
            return None;
        }
        let inside = symbol % self.symbols_a_pass();
        let symbols = self.slot_symbols.min(self.symbols_a_pass() - inside);
        let shape = SlotShape { first_symbol: symbol, symbols };
        let first_element = inside * self.used;
        let elements = (symbols * self.used).min(self.elements_a_pass() - first_element);
        let (first_value, end) = match self.elements_a_value {
            Some(each) => (first_element / each, (first_element + elements).div_ceil(each)),
            None => (2 * first_element, (2 * (first_element + elements)).min(self.sent)),
        };
        Some(Segment { shape, first_value, values: end - first_value, first_element, elements })
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
    fn spread_values_have_every_element_once() {
        for (length, each) in [(1, 1), (7, 100), (1000, 3), (30, 1000)] {
            let plan = Segments::spread(length, each, 612, 14);
            let parts = walk(&plan);
            assert_eq!(plan.elements(), (length * each) as u64);
            assert_eq!(parts.iter().map(Segment::elements).sum::<usize>(), length * each);
            for part in &parts {
                let end = part.first_element + part.elements() - 1;
                assert_eq!(part.first_value, part.first_element / each);
                assert_eq!(part.first_value + part.values - 1, end / each);
            }
        }
    }

    #[test]
    fn spread_values_are_repeated_in_whole_passes_or_cut_to_a_budget() {
        // Ten values of two elements on nine a symbol, two symbols a slot: the tenth value begins the second slot.
        let plan = Segments::spread(10, 2, 9, 2).repeated(2);
        assert_eq!((plan.symbols(), plan.elements()), (6, 40));
        let places: Vec<_> =
            walk(&plan).iter().map(|p| (p.shape.first_symbol, p.first_value, p.values)).collect();
        assert_eq!(places, [(0, 0, 9), (2, 9, 1), (3, 0, 9), (5, 9, 1)]);
        let less = Segments::spread(10, 2, 9, 2).within(9);
        assert_eq!((less.sent(), less.symbols()), (4, 1));
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
