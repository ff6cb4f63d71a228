//! The cards that come with airloop, embedded so that the binary needs no files.

use super::Card;
use crate::config::Node;
use crate::experiment::ExperimentError;
use std::path::{Path, PathBuf};

/// A shipped card.
#[derive(Clone, Copy, Debug)]
pub struct ShippedCard {
    /// Its name.
    pub name: &'static str,
    /// Its file.
    pub text: &'static str,
}

macro_rules! cards {
    ($($name:literal),* $(,)?) => {
        /// All shipped cards.
        pub const CARDS: &[ShippedCard] =
            &[$(ShippedCard { name: $name, text: include_str!(concat!("../../cards/", $name, ".toml")) }),*];
    };
}

cards![
    "a-dsgd-state-evolution",
    "awgn-full-inversion",
    "awgn-least-error",
    "balanced-number-constant",
    "balanced-number-rayleigh",
    "blind-combining-identical",
    "blind-combining-sixteen-antennas",
    "blind-combining-waveform",
    "clocks-carrier",
    "clocks-phase",
    "clocks-preamble",
    "clocks-timing",
    "cotaf-identical",
    "cotaf-shrinking-updates",
    "digital-aircomp-two-digits",
    "digital-aircomp-waveform",
    "digital-four-bits",
    "energy-constant",
    "energy-inverted",
    "energy-rayleigh",
    "fsk-majority-absentees",
    "fsk-majority-agreement",
    "fsk-majority-eight-copies",
    "fsk-majority-four-copies",
    "fsk-majority-one-copy",
    "fsk-majority-waveform",
    "full-inversion-median",
    "full-inversion-q90",
    "full-power-0db",
    "full-power-10db",
    "full-power-20db",
    "geometric-mean",
    "knowledge-imperfect",
    "knowledge-least-squares",
    "knowledge-mmse",
    "knowledge-old",
    "maximum-of-two",
    "misaligned-aligned-sample",
    "misaligned-full-symbol",
    "misaligned-lmmse",
    "misaligned-ml",
    "misaligned-quadrature",
    "misaligned-waveform",
    "mmse-one-device",
    "norm-of-normal-values",
    "nr-slot",
    "one-bit-majority-all-active",
    "one-bit-majority-truncated",
    "one-bit-majority-waveform",
    "optimal-power-0db",
    "optimal-power-10db",
    "optimal-power-20db",
    "optimal-power-waveform",
    "phase-only-fifty-devices",
    "phase-only-waveform",
    "truncated-best-threshold",
    "truncated-half",
    "truncated-identical",
    "truncated-least-error",
    "truncated-ten-devices",
    "truncated-twenty-devices",
    "truncated-waveform",
    "uniform-forcing-one-device",
    "uniform-forcing-two-streams",
    "zero-forcing-wishart",
];

impl ShippedCard {
    /// Finds a card by name.
    pub fn find(name: &str) -> Option<Self> {
        CARDS.iter().copied().find(|c| c.name == name)
    }

    /// Reads the card.
    ///
    /// # Errors
    /// As [`Card::read`].
    pub fn read(self) -> Result<Card, ExperimentError> {
        let path: PathBuf = Path::new("cards").join(format!("{}.toml", self.name));
        Card::read(self.name, Node::parse_toml(self.text, &path)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_card_of_the_folder_is_embedded_in_order() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cards");
        let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let cards = paths.filter(|path| path.extension().is_some_and(|e| e == "toml"));
        let mut names: Vec<String> = cards.map(|p| p.file_stem().unwrap().to_str().unwrap().into()).collect();
        names.sort();
        assert_eq!(CARDS.iter().map(|c| c.name).collect::<Vec<_>>(), names);
    }

    #[test]
    fn every_card_can_be_read_and_is_bounded() {
        for card in CARDS {
            let card = card.read().unwrap_or_else(|e| panic!("{}: {e}", card.name));
            assert!(!card.expectations.is_empty() && !card.fidelities.is_empty(), "{}", card.name);
        }
    }
}
