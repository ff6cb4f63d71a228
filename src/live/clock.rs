//! When rounds begin.

use crate::ofdm::Numerology;

/// Rounds are counted from 0, and follow one another at once, or at equal distances if these are longer.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Clock {
    interval_s: Option<f64>,
    next_round: u64,
    /// The absolute symbol at which the next round can begin.
    symbol: usize,
    /// Time that is to pass before it, in seconds.
    wait_s: f64,
    /// Symbols of the last round, that between this and the one before it included.
    distance_symbols: Option<usize>,
}

/// Why a round cannot be.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ClockError {
    /// A round that is over.
    #[error(
        "round {asked} is over: the next is round {next}, or a later one; make another air to begin anew"
    )]
    Past {
        /// The round asked for.
        asked: u64,
        /// The next one.
        next: u64,
    },
    /// Nothing that could be retraced.
    #[error("there has been no round yet whose channels could be crossed again")]
    NoRound,
    /// A time that is none.
    #[error("{what} of {value} s is out of range: {expected}")]
    Time {
        /// What it is.
        what: &'static str,
        /// Its value.
        value: f64,
        /// What would be right.
        expected: &'static str,
    },
}

impl Clock {
    /// Makes the clock of rounds that begin `interval_s` apart, or each at the end of the one before.
    ///
    /// # Errors
    /// When the interval is not positive and finite.
    pub fn new(interval_s: Option<f64>) -> Result<Self, ClockError> {
        if let Some(value) = interval_s.filter(|s| !(*s > 0.0 && s.is_finite())) {
            return Err(ClockError::Time { what: "an interval", value, expected: "a positive number" });
        }
        Ok(Self { interval_s, ..Self::default() })
    }

    /// Returns the number of the next round.
    pub fn next_round(&self) -> u64 {
        self.next_round
    }

    /// Returns when the next round can begin, in seconds.
    pub fn time_s(&self, numerology: &Numerology) -> f64 {
        numerology.duration_s(self.symbol) + self.wait_s
    }

    /// Lets time pass before the next round.
    ///
    /// # Errors
    /// When the time is negative or not finite.
    pub fn wait(&mut self, wait_s: f64) -> Result<(), ClockError> {
        if !(wait_s >= 0.0 && wait_s.is_finite()) {
            let expected = "0 or more";
            return Err(ClockError::Time { what: "a wait", value: wait_s, expected });
        }
        self.wait_s += wait_s;
        Ok(())
    }

    /// Returns the number of the round that is asked for (or is next) and the absolute symbol at which it begins; rounds that are
    /// left out last as long as the one before them, the first of all as long as `own_symbols`.
    ///
    /// # Errors
    /// When the round is over.
    pub fn begin(
        &self,
        round: Option<u64>,
        own_symbols: usize,
        numerology: &Numerology,
    ) -> Result<(u64, usize), ClockError> {
        let (next, asked) = (self.next_round, round.unwrap_or(self.next_round));
        if asked < next {
            return Err(ClockError::Past { asked, next });
        }
        let interval = self.interval_s.map_or(0, |s| symbols(s, numerology));
        let distance = self.distance_symbols.unwrap_or(own_symbols).max(interval);
        let waited = symbols(self.wait_s, numerology);
        Ok((asked, self.symbol + waited + (asked - next) as usize * distance))
    }

    /// Ends a round that began at one absolute symbol and ended before another.
    pub fn end(&mut self, round: u64, (first_symbol, end_symbol): (usize, usize), numerology: &Numerology) {
        let interval = self.interval_s.map_or(0, |s| symbols(s, numerology));
        let distance = (end_symbol - first_symbol).max(interval);
        (self.next_round, self.wait_s) = (round + 1, 0.0);
        self.distance_symbols = Some(distance);
        self.symbol = first_symbol + distance;
    }
}

/// Returns the whole symbols that last so long or longer.
fn symbols(seconds: f64, numerology: &Numerology) -> usize {
    let mean_s = numerology.duration_s(numerology.slot_symbols()) / numerology.slot_symbols() as f64;
    (seconds / mean_s - 1e-9).ceil().max(0.0) as usize
}
