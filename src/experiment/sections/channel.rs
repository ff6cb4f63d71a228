//! `[channel]`: the fading model.

use crate::config::{Bound, ConfigError, TableReader};
use crate::medium::ChannelModel;
use crate::ofdm::Numerology;
use airloop_baseband::units::power_from_db;
use airloop_channels::{Fading, Profile};

/// Every channel model with one line on what it is.
pub const MODELS: [(&str, &str); 9] = [
    ("awgn", "constant gain 1"),
    ("rayleigh", "flat, complex Gaussian"),
    ("rician", "flat, line of sight and scattering by k_factor_db"),
    ("tdl-a", "TR 38.901 table 7.7.2-1, 23 Rayleigh taps, delay_spread_s"),
    ("tdl-b", "TR 38.901 table 7.7.2-2, 23 Rayleigh taps, delay_spread_s"),
    ("tdl-c", "TR 38.901 table 7.7.2-3, 24 Rayleigh taps, delay_spread_s"),
    ("tdl-d", "TR 38.901 table 7.7.2-4, line of sight with K = 13.3 dB, delay_spread_s"),
    ("tdl-e", "TR 38.901 table 7.7.2-5, line of sight with K = 22 dB, delay_spread_s"),
    ("exponential", "24 Rayleigh taps of exponentially falling power, delay_spread_s"),
];

/// Accuracy that fractional-delay filters aim at over the used band, in decibels.
pub const DELAY_ACCURACY_DB: f64 = -80.0;

/// Largest rms delay spread, in seconds: 300 km of detour.
const MAX_DELAY_SPREAD_S: f64 = 1e-3;

/// Largest speed, in metres a second: beyond satellites.
const MAX_SPEED_M_S: f64 = 1e5;

/// Largest carrier frequency, in hertz.
const MAX_CARRIER_HZ: f64 = 1e13;

/// The channel as configured.
#[derive(Clone, Debug, PartialEq)]
pub struct ChannelSection {
    /// Name of the model.
    pub model: String,
    /// Rician factor, linear.
    pub k_factor: f64,
    /// Rms delay spread.
    pub delay_spread_s: f64,
    /// Carrier frequency.
    pub carrier_hz: f64,
    /// Speed of every device.
    pub speed_m_s: f64,
    /// Whether each resource element has its own independent gain.
    pub per_element: bool,
    /// Whether delays are rounded to whole samples.
    pub rounded_delays: bool,
}

impl ChannelSection {
    /// Reads the table.
    ///
    /// # Errors
    /// When a key is wrong or does not go with the model.
    pub fn read(reader: &TableReader<'_>) -> Result<Self, ConfigError> {
        let names: Vec<&str> = MODELS.iter().map(|m| m.0).collect();
        let model = reader.choice("model", None, &names)?;
        let has_delays = !matches!(model, "awgn" | "rayleigh" | "rician");
        let k_factor = match model {
            "awgn" => f64::INFINITY,
            "rician" => power_from_db(reader.f64_in("k_factor_db", None, Bound::between(-100.0, 100.0))?),
            _ => 0.0,
        };
        if model != "rician" {
            reader.require_absent(
                "k_factor_db",
                "goes with model = \"rician\"; tdl-d and tdl-e have their own",
            )?;
        }
        let delay_spread_s = if has_delays {
            reader.f64_in("delay_spread_s", None, Bound::between(0.0, MAX_DELAY_SPREAD_S))?
        } else {
            reader.require_absent("delay_spread_s", "goes with tdl-a to tdl-e and exponential")?;
            0.0
        };
        let fading = reader.choice("fading", Some("block"), &["block", "per-element"])?;
        let speed_m_s = reader.f64_in("speed_m_s", Some(0.0), Bound::between(0.0, MAX_SPEED_M_S))?;
        if fading == "per-element" && has_delays {
            let why = "independent elements go with model = \"awgn\", \"rayleigh\" or \"rician\": \
                       a delay profile fixes the correlation of its elements";
            return Err(reader.invalid("fading", why));
        }
        if fading == "per-element" && speed_m_s > 0.0 {
            return Err(reader.invalid("speed_m_s", "has no meaning when every element is independent"));
        }
        Ok(Self {
            model: model.to_string(),
            k_factor,
            delay_spread_s,
            carrier_hz: reader.f64_in(
                "carrier_hz",
                Some(3.5e9),
                Bound::between(0.0, MAX_CARRIER_HZ).open_low(),
            )?,
            speed_m_s,
            per_element: fading == "per-element",
            rounded_delays: reader.choice("delays", Some("fractional"), &["fractional", "rounded"])?
                == "rounded",
        })
    }

    /// Makes the model on a numerology's grid.
    pub fn model(&self, numerology: &Numerology) -> ChannelModel {
        // A constant channel has no elements to draw.
        if self.per_element && self.k_factor.is_finite() {
            return ChannelModel::PerElement { k_factor: self.k_factor };
        }
        ChannelModel::taps(self.fading(numerology), numerology)
    }

    fn fading(&self, numerology: &Numerology) -> Fading {
        let spread = self.delay_spread_s;
        let profile = match self.model.as_str() {
            "awgn" | "rayleigh" | "rician" => Profile::flat(self.k_factor),
            "exponential" if spread == 0.0 => Profile::flat(0.0),
            "exponential" => Profile::exponential(spread).expect("a checked delay spread makes a profile"),
            name => Profile::tdl(name, spread).expect("a listed model with a checked spread makes a profile"),
        };
        let profile = if self.rounded_delays {
            profile.rounded_to_samples(numerology.sample_rate_hz())
        } else {
            profile
        };
        Fading::new(profile, self.carrier_hz, self.speed_m_s)
    }
}
