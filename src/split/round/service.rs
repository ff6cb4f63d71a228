//! How one server serves many devices.

use super::Stages;

/// The way of service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// One server part for all: it begins when the last activations have arrived, takes one device's batch after another, and answers
    /// when it has done all. Parallel split learning; the round of Wei and Chen.
    Sequential,
    /// A server part of full speed for each device; devices do not wait for each other within a round.
    Parallel,
    /// One device after another goes through all of its stages, as in plain split learning.
    InTurn,
}

impl Service {
    /// All of them, with their words in files.
    pub const ALL: [(&'static str, Self); 3] =
        [("sequential", Self::Sequential), ("parallel", Self::Parallel), ("in-turn", Self::InTurn)];

    /// Returns the length of a round, in seconds; `common_s` is what the server does once for all, between its own passes and the
    /// devices' gradients.
    ///
    /// ```text
    /// sequential   max_i(s1 + s2) + sum_i s3 + common + max_i(s4 + s5)
    /// parallel     max_i(s1 + s2 + s3 + s4 + s5)
    /// in-turn      sum_i(s1 + s2 + s3 + s4 + s5)
    /// ```
    pub fn length_s(self, stages: impl Iterator<Item = Stages> + Clone, common_s: f64) -> f64 {
        let most = |times: &mut dyn Iterator<Item = f64>| times.fold(0.0, f64::max);
        match self {
            Self::Sequential => {
                let before_s = most(&mut stages.clone().map(|s| s.before_server_s()));
                let server_s: f64 = stages.clone().map(|s| s.server_s).sum();
                let after_s = most(&mut stages.map(|s| s.after_server_s()));
                before_s + server_s + common_s + after_s
            }
            Self::Parallel => most(&mut stages.map(|s| s.total_s())),
            Self::InTurn => stages.map(|s| s.total_s()).sum(),
        }
    }
}
