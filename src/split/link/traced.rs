//! Rates and powers of a trace: measured, simulated or replayed.

use super::{LinkError, LinkRates, Pace, Transfer};
use crate::trace::{Direction, Stage, TraceError, TraceReader, TraceRow};
use std::path::Path;

/// Rates and powers by the rows of a trace, read as rounds go by; only one round's rows are held.
///
/// ```text
/// rate    rate_bps
/// power   tx_energy_j / latency_s      mean over the row's leg, waits included
/// ```
///
/// A transfer has the rate of its row: that of its round, device, direction and stage. Where a trace has no row of the stage, another of
/// the same round, device and direction stands for it, the first in the order of stages. A payload of another size than the row's takes
/// its bits over that rate; bits that were lost count as sent again.
pub struct TracedRates<I> {
    place: String,
    rows: I,
    round: Option<u64>,
    held: Vec<((usize, Direction, Stage), Pace)>,
    next: Option<TraceRow>,
}

impl TracedRates<TraceReader> {
    /// Opens a file.
    ///
    /// # Errors
    /// When it cannot be read, or is no trace.
    pub fn open(path: &Path) -> Result<Self, LinkError> {
        Ok(Self::new(path.display().to_string(), TraceReader::open(path)?))
    }
}

impl<I: Iterator<Item = Result<TraceRow, TraceError>>> TracedRates<I> {
    /// Takes rows in the order of rounds; `place` is what messages call them.
    pub fn new(place: String, rows: I) -> Self {
        Self { place, rows, round: None, held: Vec::new(), next: None }
    }

    /// Goes on to a round: reads until a later one begins.
    fn go_to(&mut self, round: u64) -> Result<(), LinkError> {
        if self.round == Some(round) {
            return Ok(());
        }
        self.round = Some(round);
        self.held.clear();
        loop {
            let row = match self.next.take() {
                Some(row) => row,
                None => match self.rows.next() {
                    Some(row) => row?,
                    None => break,
                },
            };
            if row.round > round {
                self.next = Some(row);
                break;
            }
            if row.round == round {
                self.held.push(((row.device as usize, row.direction, row.stage), Pace::of(&row)));
            } else if !self.held.is_empty() {
                let place = self.place.clone();
                return Err(LinkError::OutOfOrder { place, later: round, earlier: row.round });
            }
        }
        self.held.sort_by_key(|(key, _)| *key);
        Ok(())
    }

    /// Returns what a transfer's row says.
    fn measured(&mut self, transfer: &Transfer) -> Result<Pace, LinkError> {
        let Transfer { round, device, payload } = *transfer;
        self.go_to(round)?;
        let (direction, stage) = payload.leg();
        let exact = self.held.binary_search_by_key(&(device, direction, stage), |(key, _)| *key);
        if let Ok(at) = exact {
            return Ok(self.held[at].1);
        }
        let from = self.held.partition_point(|(key, _)| (key.0, key.1) < (device, direction));
        match self.held.get(from) {
            Some(((of, way, _), pace)) if (*of, *way) == (device, direction) => Ok(*pace),
            _ => Err(LinkError::NotMeasured { place: self.place.clone(), round, device, direction }),
        }
    }
}

impl Pace {
    /// Returns what a row says.
    fn of(row: &TraceRow) -> Self {
        let power_w =
            row.tx_energy_j.filter(|_| row.latency_s > 0.0).map(|energy_j| energy_j / row.latency_s);
        Self { rate_bps: row.rate_bps, power_w }
    }
}

impl<I: Iterator<Item = Result<TraceRow, TraceError>>> LinkRates for TracedRates<I> {
    fn rate_bps(&mut self, transfer: &Transfer) -> Result<f64, LinkError> {
        Ok(self.measured(transfer)?.rate_bps)
    }

    fn power_w(&mut self, transfer: &Transfer) -> Result<Option<f64>, LinkError> {
        Ok(self.measured(transfer)?.power_w)
    }
}
