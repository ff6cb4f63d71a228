//! Validation cards: an experiment, the figure that a paper, a standard or a closed form gives for it, and how close we must be.
//!
//! `card` reads a card; `column` finds the number that it names in a report; `measure` runs until the number can be told;
//! `finding` compares; `shipped` holds the cards that come with airloop.

pub mod card;
pub mod column;
pub mod finding;
pub mod measure;
pub mod shipped;

pub use card::{Card, Expectation, Tolerance};
pub use column::Statistic;
pub use finding::{Finding, Measured, Verdict};
pub use measure::verify;
