//! What knowledge of the channels there is, as configured.

/// How pilots become knowledge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Estimator {
    /// Least squares at the pilots, averaged over pilot symbols, linear between pilot subcarriers, held in time.
    LeastSquares,
    /// Linear minimum mean square error over the paths of the profile and the Doppler spectrum, predicted in time.
    Mmse,
}

/// Who sends pilots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sounding {
    /// The server sends one pilot block; every device hears it and relies on reciprocity.
    Downlink,
    /// Devices send pilots in turn; the server feeds quantised estimates back.
    Uplink,
}

/// Pilots: where they lie and how strong they are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pilots {
    /// Every so many used subcarriers carry a pilot, from the first on.
    pub spacing_subcarriers: usize,
    /// OFDM symbols of pilots in one sounding.
    pub symbols: usize,
    /// Noise power over pilot power per element, at unit mean channel gain.
    pub noise: f64,
    /// The estimator.
    pub estimator: Estimator,
    /// Who sends them.
    pub sounding: Sounding,
    /// Channels are sounded again before a slot that would end later than this many payload symbols after the last
    /// sounding; `None`: once a round.
    pub period_symbols: Option<usize>,
    /// Bits that one element of the feedback carries.
    pub feedback_bits_per_element: f64,
}

/// Where knowledge comes from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum KnowledgeSource {
    /// The channel itself.
    True,
    /// `h = h_hat + e` with `E|e|^2` given and `e` independent of `h_hat` (the MMSE convention).
    Imperfect {
        /// `E|e|^2` over the mean gain.
        error: f64,
    },
    /// From pilots.
    Estimated(Pilots),
    /// Nothing is known.
    None,
}

/// All that makes knowledge differ from the channel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KnowledgeConfig {
    /// Where it comes from.
    pub source: KnowledgeSource,
    /// How much older than its use (or, for pilots, than the pilot symbols) the channel is that it shows.
    pub age_s: f64,
    /// Bits of each real part, when values are quantised.
    pub bits: Option<u32>,
    /// Standard deviation of the amplitude error of reciprocity, in decibels.
    pub reciprocity_error_db: f64,
    /// Standard deviation of the phase error of reciprocity, in radians.
    pub reciprocity_error_rad: f64,
}

impl KnowledgeConfig {
    /// Perfect knowledge at the instant of use.
    pub const PERFECT: Self = Self {
        source: KnowledgeSource::True,
        age_s: 0.0,
        bits: None,
        reciprocity_error_db: 0.0,
        reciprocity_error_rad: 0.0,
    };

    /// Returns whether knowledge is the channel itself.
    pub fn is_perfect(&self) -> bool {
        *self == Self::PERFECT
    }

    /// Returns whether devices know anything.
    pub fn exists(&self) -> bool {
        self.source != KnowledgeSource::None
    }

    /// Returns the pilots, if there are any.
    pub fn pilots(&self) -> Option<&Pilots> {
        match &self.source {
            KnowledgeSource::Estimated(pilots) => Some(pilots),
            _ => None,
        }
    }

    /// Returns the variance that quantisation adds to a complex value of the given power.
    ///
    /// ```text
    /// step = 2 * 4 sqrt(power / 2) / 2^bits,   variance = 2 step^2 / 12
    /// ```
    ///
    /// The quantiser is uniform with subtractive dither; the step fits plus or minus 4 standard deviations of a real part,
    /// and the rare values beyond are coded exactly.
    pub fn quantisation_variance(&self, power: f64) -> f64 {
        self.bits.map_or(0.0, |bits| quantiser_step(bits, power).powi(2) / 6.0)
    }
}

/// Returns the step of the quantiser of each real part of values of a given power.
pub fn quantiser_step(bits: u32, power: f64) -> f64 {
    8.0 * (power / 2.0).sqrt() / f64::from(bits).exp2()
}
