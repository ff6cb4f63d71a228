//! Effective SINR: one number for the SINRs of all resource elements of a code block, at which a constant channel loses as many blocks.
//!
//! `map` has the maps and `exponential_mean` the sum behind one of them; `transmission` says what a block is, `block_link` sends blocks
//! over gains, `realisation` draws gains, `threshold` finds the SNR of a block error rate (`probit` fits the curve through counts) and
//! `measurement` that of many realisations, `fit`
//! chooses a map's parameter, `verification` holds it against fresh channels, and `beta_table` writes parameters for other programs.
//!
//! ```text
//! gains of a static channel -> blocks lost at some SNRs -> SNR of the target rate -> SINRs there -> map -> SINR of a constant channel
//! ```

mod beta_table;
mod block_link;
mod config;
mod error;
mod exponential_mean;
mod fit;
mod map;
mod measurement;
mod probit;
mod realisation;
mod threshold;
mod transmission;
mod verification;

pub use beta_table::BetaTable;
pub use block_link::{BlockDraw, BlockLink};
pub use config::EffectiveSinrConfig;
pub use error::EffectiveSinrError;
pub use fit::{EffectiveSinrFit, Fitted, constant_channel, fit, fit_map};
pub use map::EffectiveSinr;
pub use measurement::{MeasuredRealisation, measure};
pub use realisation::{Ensemble, Realisation};
pub use threshold::{Threshold, ThresholdSearch};
pub use transmission::Transmission;
pub use verification::{PredictionErrors, Verification};
