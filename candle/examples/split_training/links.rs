//! The ways over the cut.

use airloop::live::Link;
use airloop::report::Fidelity;
use airloop::run::RunError;
use airloop_candle::ChannelLayer;

/// SNR of activations.
pub const UPLINK_SNR_DB: f64 = 10.0;
/// SNR of gradients: the server has more power.
pub const DOWNLINK_SNR_DB: f64 = 20.0;
/// What the seed of the downlink lies beyond that of the uplink.
const DOWNLINK: u64 = 1 << 32;

const ANALOG: &str = include_str!("analog.toml");
const DIGITAL: &str = include_str!("digital.toml");

/// What is in the cut.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cut {
    /// The network is not cut.
    Whole,
    /// Values and gradients pass as they are.
    Ideal,
    /// Values over the analog link; their gradients are the derivative of what it did, and take no airtime.
    AnalogAdjoint,
    /// Values and gradients over analog links.
    Analog,
    /// Values and gradients over digital links.
    Digital,
}

impl Cut {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Whole, Self::Ideal, Self::AnalogAdjoint, Self::Analog, Self::Digital];

    /// Returns its name in the table.
    pub fn label(self) -> &'static str {
        match self {
            Self::Whole => "not split",
            Self::Ideal => "split, no link",
            Self::AnalogAdjoint => "analog up, adjoint gradient",
            Self::Analog => "analog up and down",
            Self::Digital => "8 bits, digital up and down",
        }
    }

    /// Returns the layer in the cut, if there is any.
    pub fn layer(self, seed: u64) -> Result<Option<ChannelLayer>, RunError> {
        let up = |tables| link(tables, UPLINK_SNR_DB, seed);
        let down = |tables| link(tables, DOWNLINK_SNR_DB, seed + DOWNLINK);
        Ok(match self {
            Self::Whole | Self::Ideal => None,
            Self::AnalogAdjoint => Some(ChannelLayer::adjoint(up(ANALOG)?)),
            Self::Analog => Some(ChannelLayer::detached(up(ANALOG)?, down(ANALOG)?)),
            Self::Digital => Some(ChannelLayer::detached(up(DIGITAL)?, down(DIGITAL)?)),
        })
    }
}

fn link(tables: &str, snr_db: f64, seed: u64) -> Result<Link, RunError> {
    Link::from_toml(&format!("seed = {seed}\nlink = {{ snr_db = {snr_db:?} }}\n{tables}"), Fidelity::Symbol)
}
