//! Replay: a stored trace, asked round by round and link by link, at the speed of memory.

use super::error::TraceError;
use super::file::TraceReader;
use super::leg::{Direction, Stage};
use super::row::TraceRow;
use std::path::Path;
use std::sync::Arc;

/// No row of a round.
const NONE: u32 = u32::MAX;

/// Most devices that are found by place; rows of those beyond are searched.
const MOST_PLACES: u32 = 1 << 16;

/// Links of a device: directions times stages.
const LINKS: usize = Direction::ALL.len() * Stage::ALL.len();

/// A trace in memory, found by round, device, direction and stage.
///
/// Rounds that hold the same links in the same order, as those of a run do, are found without a search.
#[derive(Clone, Debug)]
pub struct Replay {
    rows: Arc<Vec<TraceRow>>,
    /// The first row of each round, and the end of the last.
    starts: Vec<usize>,
    /// The place in its round of each link of each device, as in the first round.
    places: Vec<u32>,
}

impl Replay {
    /// Reads a file.
    ///
    /// # Errors
    /// As [`TraceReader::read`] and [`Replay::new`].
    pub fn read(path: &Path) -> Result<Self, TraceError> {
        Self::new(TraceReader::read(path)?)
    }

    /// Takes the rows of a trace, in any order of rounds; rows of a round keep their order. Rows that are shared stay so where their rounds
    /// ascend.
    ///
    /// # Errors
    /// When there are none, or two rows tell of the same link in the same round.
    pub fn new(rows: impl Into<Arc<Vec<TraceRow>>>) -> Result<Self, TraceError> {
        let mut rows = rows.into();
        if rows.is_empty() {
            return Err(TraceError::Rows {
                what: "the trace has no rows, so that there is nothing to replay".into(),
            });
        }
        if !rows.is_sorted_by_key(|row| row.round) {
            Arc::make_mut(&mut rows).sort_by_key(|row| row.round);
        }
        let mut starts = vec![0];
        starts.extend((1..rows.len()).filter(|i| rows[*i].round != rows[i - 1].round));
        starts.push(rows.len());
        for round in starts.windows(2) {
            check_once(&rows[round[0]..round[1]])?;
        }
        let first = &rows[..starts[1]];
        let devices = first.iter().map(|row| row.device).max().unwrap_or(0).min(MOST_PLACES) as usize + 1;
        let mut places = vec![NONE; devices * LINKS];
        for (place, row) in first.iter().enumerate() {
            let link = link(row.device, row.direction, row.stage);
            places.get_mut(link).into_iter().for_each(|to| *to = place as u32);
        }
        Ok(Self { rows, starts, places })
    }

    /// Returns all rows, round by round.
    pub fn rows(&self) -> &[TraceRow] {
        &self.rows
    }

    /// Returns the number of rounds.
    pub fn rounds(&self) -> usize {
        self.starts.len() - 1
    }

    /// Returns the rows of a round, in the order of the trace; none of a round that it does not have.
    pub fn round(&self, round: u64) -> &[TraceRow] {
        let number = |at: usize| self.rows[self.starts[at]].round;
        let direct = round.checked_sub(number(0)).and_then(|at| usize::try_from(at).ok());
        let at = match direct {
            Some(at) if at < self.rounds() && number(at) == round => at,
            _ => {
                let at =
                    self.starts[..self.rounds()].partition_point(|first| self.rows[*first].round < round);
                if at == self.rounds() || number(at) != round {
                    return &[];
                }
                at
            }
        };
        &self.rows[self.starts[at]..self.starts[at + 1]]
    }

    /// Returns the row of a link in a round.
    pub fn row(&self, round: u64, device: u32, direction: Direction, stage: Stage) -> Option<&TraceRow> {
        let rows = self.round(round);
        let is_it = |row: &&TraceRow| row.key() == (round, device, direction, stage);
        let place = self.places.get(link(device, direction, stage));
        let direct = place.and_then(|place| rows.get(*place as usize)).filter(is_it);
        direct.or_else(|| rows.iter().find(is_it))
    }
}

/// Returns the number of a link, all devices' together.
fn link(device: u32, direction: Direction, stage: Stage) -> usize {
    device as usize * LINKS + direction as usize * Stage::ALL.len() + stage as usize
}

/// Checks that no link is told of twice in a round.
fn check_once(round: &[TraceRow]) -> Result<(), TraceError> {
    let mut links: Vec<(u32, Direction, Stage)> =
        round.iter().map(|row| (row.device, row.direction, row.stage)).collect();
    links.sort_unstable();
    let Some(twice) = links.windows(2).find(|pair| pair[0] == pair[1]) else { return Ok(()) };
    let ((device, direction, stage), number) = (twice[0], round[0].round);
    let what = format!(
        "round {number} has two rows of device {device}, direction {direction}, stage {stage}; one row of a link in a round is expected"
    );
    Err(TraceError::Rows { what })
}
