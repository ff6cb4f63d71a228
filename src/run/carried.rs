//! Rounds one after another: each begins at an absolute symbol of its own, and channels that move go on in time.

use super::RunError;
use super::trial::TrialContext;
use crate::medium::Tally;
use crate::scheme::{Needs, Received, Round};

impl TrialContext<'_> {
    /// Carries a round of any kind; `at` is its index and the absolute symbol at which it begins. Returns the absolute symbol after it too.
    ///
    /// Channels that move are those of the trial to which the index belongs; others are drawn by the index.
    ///
    /// # Errors
    /// When the transport fails.
    pub fn carry_from(
        &self,
        at: (u64, usize),
        round: &mut dyn Round,
        needs: Needs,
    ) -> Result<(Tally, usize), RunError> {
        let mut medium = self.medium(at.0, at.1)?;
        medium.carry(round, needs)?;
        Ok((medium.tally(), medium.timeline().end()))
    }

    /// Walks a round through its slots: it sees all channels of each, as [`TrialContext::carry_from`] lets it see them, and nothing is sent.
    /// Returns the absolute symbol after it.
    pub fn walk_from(&self, at: (u64, usize), round: &mut dyn Round) -> usize {
        let (mut gains, mut timeline) = (self.gains(at.0), self.timeline(at.1));
        while let Some(slot) = round.next_slot() {
            timeline.skip(round.idle_symbols());
            let (shape, _) = timeline.place(slot.symbols);
            round.agree(&gains.all(shape));
            round.take(Received {
                grids: &[],
                ports: self.experiment.link.receive_antennas,
                sum_channel: &[],
            });
        }
        timeline.end()
    }
}
