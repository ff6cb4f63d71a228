//! Over which channels a map is fitted, and how exactly.

use super::ThresholdSearch;
use super::error::EffectiveSinrError;

/// Channels and exactness of a fit.
#[derive(Clone, Debug, PartialEq)]
pub struct EffectiveSinrConfig {
    /// Power delay profiles in turn: `tdl-a` to `tdl-e`, `exponential`, or names whose delays a standard fixes.
    pub profiles: Vec<String>,
    /// RMS delay spreads in seconds, for each profile that can be scaled.
    pub delay_spreads_s: Vec<f64>,
    /// Antennas of the receiver, combined by maximum ratio; one sends.
    pub receive_antennas: usize,
    /// Subcarriers that a block lies on, side by side; then it goes on in the next symbol.
    pub subcarriers: usize,
    /// Their spacing, in hertz.
    pub subcarrier_spacing_hz: f64,
    /// Realisations of the channel that the parameters are fitted to.
    pub realisations: usize,
    /// Fresh realisations on which they are held against measured rates; 0: none.
    pub fresh_realisations: usize,
    /// The block error rate at which effective SINRs are compared, and how exactly its SNR is found.
    pub search: ThresholdSearch,
}

impl EffectiveSinrConfig {
    /// The block error rate that link adaptation usually aims at.
    pub const TARGET_BLER: f64 = 0.1;

    /// Standard error of a realisation's SNR: small beside what a map leaves.
    pub const ACCURACY_DB: f64 = 0.03;

    /// Most blocks of a realisation.
    pub const MOST_BLOCKS: u64 = 20_000;

    /// Returns the usual channels on a band: TDL-A, B and C at 30, 100, 300 and 1000 ns.
    pub fn new(subcarriers: usize, subcarrier_spacing_hz: f64) -> Self {
        Self {
            profiles: ["tdl-a", "tdl-b", "tdl-c"].map(String::from).to_vec(),
            delay_spreads_s: vec![30e-9, 100e-9, 300e-9, 1000e-9],
            receive_antennas: 1,
            subcarriers,
            subcarrier_spacing_hz,
            realisations: 96,
            fresh_realisations: 96,
            search: ThresholdSearch {
                target_bler: Self::TARGET_BLER,
                accuracy_db: Self::ACCURACY_DB,
                most_blocks: Self::MOST_BLOCKS,
            },
        }
    }

    /// Checks the numbers.
    ///
    /// # Errors
    /// When one is out of range.
    pub fn check(&self) -> Result<(), EffectiveSinrError> {
        let ThresholdSearch { target_bler, accuracy_db, most_blocks } = self.search;
        let at_least_one = |count: usize| (count as f64, count >= 1, "at least 1 is expected");
        let checks = [
            ("receive_antennas", at_least_one(self.receive_antennas)),
            ("subcarriers", at_least_one(self.subcarriers)),
            ("realisations", at_least_one(self.realisations)),
            (
                "profiles",
                (self.profiles.len() as f64, !self.profiles.is_empty(), "one name at least is expected"),
            ),
            (
                "subcarrier_spacing_hz",
                (self.subcarrier_spacing_hz, self.subcarrier_spacing_hz > 0.0, "above 0 is expected"),
            ),
            ("target_bler", (target_bler, (1e-4..=0.9).contains(&target_bler), "1e-4 to 0.9 is expected")),
            ("accuracy_db", (accuracy_db, (1e-3..=1.0).contains(&accuracy_db), "0.001 to 1 dB is expected")),
            ("most_blocks", (most_blocks as f64, most_blocks >= 100, "at least 100 is expected")),
        ];
        match checks.into_iter().find(|(_, (_, right, _))| !right) {
            Some((key, (value, _, expected))) => Err(EffectiveSinrError::OutOfRange { key, value, expected }),
            None => Ok(()),
        }
    }
}
