//! Interpolation over symbols: a weight of every pilot symbol for every symbol.

/// Weights `[symbol, pilot symbol]`; one row for all symbols where they do not differ.
#[derive(Clone, Debug)]
pub struct TimeFilter {
    pilot_symbols: usize,
    weights: Vec<f32>,
}

impl TimeFilter {
    /// Makes a filter; `solve` writes the weights of a symbol.
    pub fn new(symbols: usize, pilot_symbols: usize, mut solve: impl FnMut(usize, &mut [f64])) -> Self {
        let mut row = vec![0.0; pilot_symbols];
        let mut weights: Vec<f32> = Vec::new();
        for symbol in 0..symbols {
            solve(symbol, &mut row);
            weights.extend(row.iter().map(|weight| *weight as f32));
        }
        let (first, rest) = weights.split_at(pilot_symbols);
        if rest.chunks_exact(pilot_symbols).all(|other| other == first) {
            weights.truncate(pilot_symbols);
        }
        Self { pilot_symbols, weights }
    }

    /// Returns the number of rows: 1 where the channel is taken as constant over the slot, else one a symbol.
    pub fn rows(&self) -> usize {
        self.weights.len() / self.pilot_symbols
    }

    /// Returns the weights of one row.
    pub fn weights(&self, row: usize) -> &[f32] {
        &self.weights[row * self.pilot_symbols..(row + 1) * self.pilot_symbols]
    }
}

/// Writes the weights of the straight line between two pilot symbols; the outermost ones hold beyond themselves.
pub fn linear(pilot_symbols: &[usize]) -> impl FnMut(usize, &mut [f64]) {
    move |symbol, weights| {
        weights.fill(0.0);
        let later = pilot_symbols.iter().position(|pilot| *pilot >= symbol);
        match later {
            Some(0) => weights[0] = 1.0,
            None => weights[pilot_symbols.len() - 1] = 1.0,
            Some(next) => {
                let (a, b) = (pilot_symbols[next - 1], pilot_symbols[next]);
                let share = (symbol - a) as f64 / (b - a) as f64;
                (weights[next - 1], weights[next]) = (1.0 - share, share);
            }
        }
    }
}
