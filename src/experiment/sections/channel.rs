//! `[channel]`: the fading model.

mod clustered;
mod correlation;
mod delays;
mod recorded;

pub use clustered::ClusteredKeys;
pub use correlation::CorrelationKeys;
pub use delays::Delays;
pub use recorded::{Population, RecordedKeys};

use crate::config::{Bound, ConfigError, TableReader};
use crate::medium::ChannelModel;
use crate::ofdm::Numerology;
use airloop_baseband::units::power_from_db;
use airloop_channels::fading::Antennas;
use airloop_channels::{ClusteredConfig, Fading, Profile, SPEED_OF_LIGHT_M_S};

/// Every channel model with one line on what it is.
pub const MODELS: &[(&str, &str)] = &[
    ("awgn", "constant gain 1"),
    ("rayleigh", "flat, complex Gaussian"),
    ("rician", "flat, line of sight and scattering by k_factor_db"),
    ("tdl-a", "TR 38.901 table 7.7.2-1, 23 Rayleigh taps, delay_spread_s"),
    ("tdl-b", "TR 38.901 table 7.7.2-2, 23 Rayleigh taps, delay_spread_s"),
    ("tdl-c", "TR 38.901 table 7.7.2-3, 24 Rayleigh taps, delay_spread_s"),
    ("tdl-d", "TR 38.901 table 7.7.2-4, line of sight with K = 13.3 dB, delay_spread_s"),
    ("tdl-e", "TR 38.901 table 7.7.2-5, line of sight with K = 22 dB, delay_spread_s"),
    ("exponential", "24 Rayleigh taps of exponentially falling power, delay_spread_s"),
    ("epa", "TS 36.104 annex B.2, LTE extended pedestrian A, 7 Rayleigh taps over 410 ns"),
    ("eva", "TS 36.104 annex B.2, LTE extended vehicular A, 9 Rayleigh taps over 2510 ns"),
    ("etu", "TS 36.104 annex B.2, LTE extended typical urban, 9 Rayleigh taps over 5000 ns"),
    ("tdla10", "TS 38.101-4 annex B.2.1.1, 16 Rayleigh taps over 96 ns"),
    ("tdla30", "TS 38.101-4 annex B.2.1.1, 12 Rayleigh taps over 290 ns"),
    ("tdlb100", "TS 38.101-4 annex B.2.1.1, 12 Rayleigh taps over 480 ns"),
    ("tdlc300", "TS 38.101-4 annex B.2.1.1, 12 Rayleigh taps over 2595 ns"),
    ("tdlc60", "TS 38.101-4 annex B.2.1.1, 12 Rayleigh taps over 520 ns"),
    ("tdld10", "TS 38.101-4 annex B.2.1.1, line of sight with K = 12.2 dB, 10 taps over 126 ns"),
    ("tdld30", "TS 38.101-4 annex B.2.1.1, line of sight with K = 12.2 dB, 10 taps over 375 ns"),
    ("cdl-a", "TR 38.901 table 7.7.1-1, 23 clusters of rays between arrays, delay_spread_s"),
    ("cdl-b", "TR 38.901 table 7.7.1-2, 23 clusters of rays between arrays, delay_spread_s"),
    ("cdl-c", "TR 38.901 table 7.7.1-3, 24 clusters of rays between arrays, delay_spread_s"),
    ("cdl-d", "TR 38.901 table 7.7.1-4, line of sight and 13 clusters of rays, delay_spread_s"),
    ("cdl-e", "TR 38.901 table 7.7.1-5, line of sight and 14 clusters of rays, delay_spread_s"),
    ("profile", "paths of profile_file: delay_s, power_db, kind"),
    ("recorded", "impulse responses of a file, replayed"),
];

/// Accuracy that fractional-delay filters aim at over the used band, in decibels.
pub const DELAY_ACCURACY_DB: f64 = -80.0;

/// Largest speed, in metres a second: beyond satellites.
const MAX_SPEED_M_S: f64 = 1e5;

/// Largest maximum Doppler shift, in hertz.
const MAX_DOPPLER_HZ: f64 = 1e9;

/// Largest carrier frequency, in hertz.
const MAX_CARRIER_HZ: f64 = 1e13;

/// The channel as configured.
#[derive(Clone, Debug, PartialEq)]
pub struct ChannelSection {
    /// Name of the model.
    pub model: String,
    /// Rician factor, linear.
    pub k_factor: f64,
    /// Where its paths lie.
    pub delays: Delays,
    /// Carrier frequency.
    pub carrier_hz: f64,
    /// Speed of every device, also where `doppler_hz` gives it.
    pub speed_m_s: f64,
    /// Maximum Doppler shift; that of a recording is in its model.
    pub max_doppler_hz: f64,
    /// The key that says how fast channels change: `speed_m_s`, `doppler_hz` or `replay_speed`.
    pub motion_key: &'static str,
    /// Whether each resource element has its own independent gain.
    pub per_element: bool,
    /// Whether delays are rounded to whole samples.
    pub rounded_delays: bool,
    /// How antennas depend on each other.
    pub correlation: CorrelationKeys,
    /// Arrays and angles of clustered models.
    pub clustered: Option<ClusteredKeys>,
    /// Recorded channels.
    pub recorded: Option<RecordedKeys>,
}

impl ChannelSection {
    /// Reads the table.
    ///
    /// # Errors
    /// When a key is wrong or does not go with the model.
    pub fn read(reader: &TableReader<'_>) -> Result<Self, ConfigError> {
        let names: Vec<&str> = MODELS.iter().map(|m| m.0).collect();
        let model = reader.choice("model", None, &names)?;
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
        let delays = Delays::read(reader, model)?;
        let fading = reader.choice("fading", Some("block"), &["block", "per-element"])?;
        let carrier_bound = Bound::between(0.0, MAX_CARRIER_HZ).open_low();
        let carrier_hz = reader.f64_in("carrier_hz", Some(3.5e9), carrier_bound)?;
        let recorded = RecordedKeys::read(reader, model)?;
        let mut motion = read_motion(reader, carrier_hz)?;
        if recorded.is_some() {
            motion.key = "replay_speed";
        }
        if fading == "per-element" && delays != Delays::Flat {
            let why = "independent elements go with model = \"awgn\", \"rayleigh\" or \"rician\": \
                       a delay profile fixes the correlation of its elements";
            return Err(reader.invalid("fading", why));
        }
        if fading == "per-element" && motion.max_doppler_hz > 0.0 {
            return Err(reader.invalid(motion.key, "has no meaning when every element is independent"));
        }
        let correlation = CorrelationKeys::read(reader)?;
        if correlation != CorrelationKeys::None && fading == "per-element" {
            let why =
                "goes with channel.fading = \"block\": with \"per-element\" all elements are independent";
            return Err(reader.invalid("correlation", why));
        }
        if correlation != CorrelationKeys::None && k_factor.is_infinite() {
            let why =
                "goes with a channel.model that scatters; \"awgn\" is the constant gain 1 at every antenna";
            return Err(reader.invalid("correlation", why));
        }
        let clustered = ClusteredKeys::read(reader, model)?;
        if recorded.is_some() && correlation != CorrelationKeys::None {
            let why = "goes with models that draw channels; recorded ones have the correlation of their data";
            return Err(reader.invalid("correlation", why));
        }
        if clustered.is_some() && correlation != CorrelationKeys::None {
            let why = "goes with models without angles; the arrays of cdl-a to cdl-e have the correlation of their rays";
            return Err(reader.invalid("correlation", why));
        }
        Ok(Self {
            model: model.to_string(),
            k_factor,
            delays,
            carrier_hz,
            speed_m_s: motion.speed_m_s,
            max_doppler_hz: motion.max_doppler_hz,
            motion_key: motion.key,
            per_element: fading == "per-element",
            rounded_delays: reader.choice("delays", Some("fractional"), &["fractional", "rounded"])?
                == "rounded",
            correlation,
            clustered,
            recorded,
        })
    }

    /// Makes the model on a numerology's grid, between so many antennas of the server and of devices.
    ///
    /// # Errors
    /// When correlation, arrays, azimuths or a recording do not fit the antennas or the devices.
    pub fn model(
        &self,
        reader: &TableReader<'_>,
        numerology: &Numerology,
        (antennas, population): (Antennas, Population<'_>),
    ) -> Result<ChannelModel, ConfigError> {
        // A constant channel has no elements to draw.
        if self.per_element && self.k_factor.is_finite() {
            return Ok(ChannelModel::PerElement { k_factor: self.k_factor });
        }
        if let Some(keys) = &self.clustered {
            let mut config = ClusteredConfig::new(&self.model, self.delay_spread_s(), self.carrier_hz);
            config.speed_m_s = self.speed_m_s;
            let model = keys.model(reader, config, (antennas, population))?;
            let rate = numerology.sample_rate_hz();
            let model = if self.rounded_delays { model.rounded_to_samples(rate) } else { model };
            return Ok(ChannelModel::taps(Fading::clustered(model), numerology));
        }
        if let Some(keys) = &self.recorded {
            let fading = keys.model(reader, numerology, (antennas, population), self.rounded_delays)?;
            return Ok(ChannelModel::taps(fading, numerology));
        }
        let [receive, device] = self.correlation.ends(reader, antennas)?;
        let fading = Fading::with_max_doppler(self.profile(numerology), self.max_doppler_hz);
        Ok(ChannelModel::taps(fading.with_correlation(receive, device), numerology))
    }

    /// Returns the rms delay spread by which a profile is scaled; 0 where it is not.
    fn delay_spread_s(&self) -> f64 {
        if let Delays::Scaled(spread_s) = self.delays { spread_s } else { 0.0 }
    }

    fn profile(&self, numerology: &Numerology) -> Profile {
        let profile = match &self.delays {
            Delays::Flat | Delays::Recorded => Profile::flat(self.k_factor),
            Delays::Fixed(profile) => profile.clone(),
            Delays::Scaled(spread_s) => match self.model.as_str() {
                "exponential" if *spread_s == 0.0 => Profile::flat(0.0),
                "exponential" => {
                    Profile::exponential(*spread_s).expect("a checked delay spread makes a profile")
                }
                name => Profile::tdl(name, *spread_s)
                    .expect("a listed model with a checked spread makes a profile"),
            },
        };
        if self.rounded_delays { profile.rounded_to_samples(numerology.sample_rate_hz()) } else { profile }
    }
}

/// How fast channels change.
struct Motion {
    speed_m_s: f64,
    max_doppler_hz: f64,
    key: &'static str,
}

/// Reads the speed of devices, or the maximum Doppler shift in its place.
///
/// ```text
/// f_D = v f_c / c
/// ```
fn read_motion(reader: &TableReader<'_>, carrier_hz: f64) -> Result<Motion, ConfigError> {
    let speed_m_s = reader.f64_in("speed_m_s", Some(0.0), Bound::between(0.0, MAX_SPEED_M_S))?;
    match reader.optional_f64("doppler_hz", Bound::between(0.0, MAX_DOPPLER_HZ))? {
        None => {
            let max_doppler_hz = speed_m_s * carrier_hz / SPEED_OF_LIGHT_M_S;
            Ok(Motion { speed_m_s, max_doppler_hz, key: "speed_m_s" })
        }
        Some(max_doppler_hz) => {
            let why = "channel.doppler_hz already says how fast channels change; leave one out";
            reader.require_absent("speed_m_s", why)?;
            let speed_m_s = max_doppler_hz * SPEED_OF_LIGHT_M_S / carrier_hz;
            Ok(Motion { speed_m_s, max_doppler_hz, key: "doppler_hz" })
        }
    }
}
