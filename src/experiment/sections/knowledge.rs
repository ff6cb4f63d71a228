//! What devices know of their channels: `link.csi` and its keys, and `[pilots]`.

use super::SchemeKind;
use crate::config::{Bound, ConfigError, TableReader};
use crate::medium::ChannelModel;
use crate::ofdm::Numerology;
use crate::scheme::truncated_inversion::Scale;
use crate::sounding::{Estimator, KnowledgeConfig, KnowledgeSource, Pilots, Sounding};
use airloop_baseband::units::power_from_db;

/// Most bits of a quantised value.
const MAX_CSI_BITS: u64 = 24;

/// Most pilot symbols of one sounding.
const MAX_PILOT_SYMBOLS: u64 = 14;

/// Largest standard deviation of reciprocity's amplitude error, in decibels.
const MAX_RECIPROCITY_ERROR_DB: f64 = 10.0;

/// Smallest mean of what devices leave of the sum by which an unbiased scale can divide.
const LEAST_MEAN: f64 = 1e-3;

/// Knowledge as configured; the noise of pilots follows the link's SNR unless they have their own.
#[derive(Clone, Debug, PartialEq)]
pub struct KnowledgeSection {
    source: Source,
    age_s: f64,
    bits: Option<u32>,
    reciprocity_error_db: f64,
    reciprocity_error_rad: f64,
}

#[derive(Clone, Debug, PartialEq)]
enum Source {
    Perfect,
    Imperfect(f64),
    Estimated { pilots: Pilots, snr_db: Option<f64> },
    None,
}

/// Which keys go with which `link.csi`.
const FOREIGN: [(&str, &[&str]); 5] = [
    ("csi_error", &["imperfect"]),
    ("csi_age_s", &["perfect", "imperfect", "estimated"]),
    ("csi_bits", &["perfect", "imperfect", "estimated"]),
    ("reciprocity_error_db", &["perfect", "imperfect", "estimated"]),
    ("reciprocity_error_rad", &["perfect", "imperfect", "estimated"]),
];

impl KnowledgeSection {
    /// Reads the keys of `[link]` and the table `[pilots]`.
    ///
    /// # Errors
    /// When a key is wrong or does not go with the kind of knowledge.
    pub fn read(link: &TableReader<'_>, pilots: &TableReader<'_>) -> Result<Self, ConfigError> {
        let kind = link.choice("csi", Some("perfect"), &["perfect", "imperfect", "estimated", "none"])?;
        for (key, kinds) in FOREIGN {
            if !kinds.contains(&kind) {
                let with = kinds.join("\" or \"");
                link.require_absent(key, &format!("goes with link.csi = \"{with}\", not with \"{kind}\""))?;
            }
        }
        let bits = link.optional_u64("csi_bits", 1)?;
        if let Some(bits) = bits.filter(|b| *b > MAX_CSI_BITS) {
            let message =
                format!("{bits} is out of range: 1 to {MAX_CSI_BITS} bits of each real part are possible");
            return Err(link.invalid("csi_bits", message));
        }
        let source = match kind {
            "imperfect" => Source::Imperfect(link.f64_in("csi_error", None, Bound::at_least(0.0))?),
            "estimated" => read_pilots(pilots)?,
            "none" => Source::None,
            _ => Source::Perfect,
        };
        if kind != "estimated" {
            for key in PILOT_KEYS {
                pilots.require_absent(key, "goes with link.csi = \"estimated\"")?;
            }
        }
        let spread = |key: &str, most: f64, unit: &str| {
            let value = link.f64_in(key, Some(0.0), Bound::at_least(0.0))?;
            if value <= most {
                return Ok(value);
            }
            let message = format!(
                "{value} is out of range: a standard deviation of 0 to {most:.4} {unit} is expected; beyond, nothing of \
                 reciprocity is left"
            );
            Err(link.invalid(key, message))
        };
        Ok(Self {
            source,
            age_s: link.f64_in("csi_age_s", Some(0.0), Bound::between(0.0, 1e3))?,
            bits: bits.map(|b| b as u32),
            reciprocity_error_db: spread("reciprocity_error_db", MAX_RECIPROCITY_ERROR_DB, "dB")?,
            reciprocity_error_rad: spread("reciprocity_error_rad", std::f64::consts::PI, "rad")?,
        })
    }

    /// Returns whether what is known depends on the link's noise.
    pub fn depends_on_noise(&self) -> bool {
        matches!(self.source, Source::Estimated { snr_db: None, .. })
    }

    /// Refuses knowledge that takes a model of how channels are drawn, which a recording is not.
    fn check_recorded(&self, link: &TableReader<'_>, pilots: &TableReader<'_>) -> Result<(), ConfigError> {
        const POSSIBLE: &str = "\"perfect\", \"none\", or \"estimated\" with pilots.estimator = \"ls\"";
        match &self.source {
            Source::Imperfect(_) => {
                let message = format!(
                    "= \"imperfect\" needs an independent copy of the channels, which a recording does not have; over \
                     channel.model = \"recorded\" these are possible: {POSSIBLE}"
                );
                Err(link.invalid("csi", message))
            }
            Source::Estimated { pilots: Pilots { estimator: Estimator::Mmse, .. }, .. } => {
                let message = format!(
                    "= \"mmse\" needs the covariance of the channels, which a recording does not have; over \
                     channel.model = \"recorded\" these are possible: link.csi = {POSSIBLE}"
                );
                Err(pilots.invalid("estimator", message))
            }
            _ => Ok(()),
        }
    }

    /// Refuses prediction by the Jakes spectrum over rays that move by their own angles.
    fn check_clustered(&self, pilots: &TableReader<'_>, channel: &ChannelModel) -> Result<(), ConfigError> {
        let ChannelModel::Taps { fading, .. } = channel else { return Ok(()) };
        let predicts =
            matches!(&self.source, Source::Estimated { pilots, .. } if pilots.estimator == Estimator::Mmse);
        if predicts && fading.clusters().is_some() && fading.max_doppler_hz() > 0.0 {
            let message = "= \"mmse\" predicts channels by the Jakes spectrum, which moving rays of cdl-a to cdl-e do not have: \
                           pilots.estimator = \"ls\" is expected, or channels that stand still";
            return Err(pilots.invalid("estimator", message));
        }
        Ok(())
    }

    /// Returns the knowledge for a link's SNR, checked against the channel and the numerology.
    ///
    /// # Errors
    /// When pilots do not fit, or knowledge cannot be had over the channel.
    pub fn config(
        &self,
        (link, pilots_reader): (&TableReader<'_>, &TableReader<'_>),
        channel: &ChannelModel,
        numerology: &Numerology,
        noise_power: f64,
    ) -> Result<KnowledgeConfig, ConfigError> {
        let per_element = matches!(channel, ChannelModel::PerElement { .. });
        if per_element && self.age_s > 0.0 {
            let why = "has no meaning over channel.fading = \"per-element\": independent elements do not age";
            return Err(link.invalid("csi_age_s", why));
        }
        if matches!(channel, ChannelModel::Taps { fading, .. } if fading.recording().is_some()) {
            self.check_recorded(link, pilots_reader)?;
        }
        self.check_clustered(pilots_reader, channel)?;
        let source = match &self.source {
            Source::Perfect => KnowledgeSource::True,
            Source::None => KnowledgeSource::None,
            Source::Imperfect(error) => {
                let scattered = 1.0 - channel.marginal().line_of_sight_share();
                if *error >= 1.0 {
                    let message = format!(
                        "{error} leaves nothing that is known of the channel; csi = \"none\" says so, or a smaller error is \
                         expected"
                    );
                    return Err(link.invalid("csi_error", message));
                }
                if *error > scattered {
                    let message = format!(
                        "{error} is more than the {scattered:.4} of the channel's power that fades and can be wrong"
                    );
                    return Err(link.invalid("csi_error", message));
                }
                KnowledgeSource::Imperfect { error: *error }
            }
            Source::Estimated { pilots, snr_db } => {
                let mut pilots = *pilots;
                pilots.noise = snr_db.map_or(noise_power, |db| 1.0 / power_from_db(db));
                let used = numerology.used();
                if per_element && pilots.spacing_subcarriers != 1 {
                    let why = "must be 1 over channel.fading = \"per-element\": nothing can be interpolated \
                               between independent elements";
                    return Err(pilots_reader.invalid("spacing_subcarriers", why));
                }
                if pilots.spacing_subcarriers >= used {
                    let message = format!(
                        "{} leaves one pilot on {used} used subcarriers; at most {} is possible",
                        pilots.spacing_subcarriers,
                        used - 1
                    );
                    return Err(pilots_reader.invalid("spacing_subcarriers", message));
                }
                KnowledgeSource::Estimated(pilots)
            }
        };
        Ok(KnowledgeConfig {
            source,
            age_s: self.age_s,
            bits: self.bits,
            reciprocity_error_db: self.reciprocity_error_db,
            reciprocity_error_rad: self.reciprocity_error_rad,
        })
    }
}

/// Refuses an unbiased scale where what devices leave of the sum has no mean to divide by.
///
/// # Errors
/// When the scheme's scale is unbiased and that mean is next to 0.
pub fn check_unbiased(scheme: &TableReader<'_>, kind: &SchemeKind) -> Result<(), ConfigError> {
    let (mean, what, others) = match kind {
        SchemeKind::TruncatedInversion(inversion) if inversion.scale == Scale::Unbiased => {
            let mean = inversion.known.mean_ratio(inversion.threshold);
            (mean, "inverting what is known", "\"plain\" or \"lmmse\"")
        }
        SchemeKind::PhaseOnly(phase_only) if phase_only.unbiased => {
            (phase_only.known.mean_turned(), "turning back the known phase", "\"plain\"")
        }
        _ => return Ok(()),
    };
    if mean.abs() >= LEAST_MEAN {
        return Ok(());
    }
    let message = format!(
        "= \"unbiased\" has nothing to divide by: {what} leaves a mean of {mean:.1e} of the channel, so no unbiased estimate \
         exists; better knowledge, or scale = {others} is expected"
    );
    Err(scheme.invalid("scale", message))
}

const PILOT_KEYS: [&str; 7] = [
    "spacing_subcarriers",
    "symbols",
    "snr_db",
    "estimator",
    "sounding",
    "period_symbols",
    "feedback_bits_per_element",
];

fn read_pilots(reader: &TableReader<'_>) -> Result<Source, ConfigError> {
    let symbols = reader.u64("symbols", Some(1), 1)?;
    if symbols > MAX_PILOT_SYMBOLS {
        let message =
            format!("{symbols} is out of range: 1 to {MAX_PILOT_SYMBOLS} symbols a sounding are possible");
        return Err(reader.invalid("symbols", message));
    }
    let sounding = match reader.choice("sounding", Some("downlink"), &["downlink", "uplink"])? {
        "uplink" => Sounding::Uplink,
        _ => Sounding::Downlink,
    };
    if sounding == Sounding::Downlink {
        let why = "goes with sounding = \"uplink\": with one pilot and reciprocity nothing is fed back";
        reader.require_absent("feedback_bits_per_element", why)?;
    }
    let pilots = Pilots {
        spacing_subcarriers: reader.usize("spacing_subcarriers", Some(1), 1)?,
        symbols: symbols as usize,
        noise: 0.0,
        estimator: match reader.choice("estimator", Some("mmse"), &["mmse", "ls"])? {
            "ls" => Estimator::LeastSquares,
            _ => Estimator::Mmse,
        },
        sounding,
        period_symbols: reader.optional_usize("period_symbols", 1)?,
        feedback_bits_per_element: reader.f64_in(
            "feedback_bits_per_element",
            Some(2.0),
            Bound::between(0.01, 20.0),
        )?,
    };
    Ok(Source::Estimated { pilots, snr_db: reader.optional_f64("snr_db", Bound::between(-100.0, 200.0))? })
}
