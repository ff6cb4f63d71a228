//! `[ofdm]`: an NR numerology by bandwidth and spacing, or a custom one by samples.

use crate::config::{Bound, ConfigError, TableReader};
use crate::ofdm::{Numerology, NumerologyError};

/// Largest sample rate, in hertz.
const MAX_RATE_HZ: f64 = 1e12;

/// Largest transform of a custom grid.
const MAX_FFT_SIZE: usize = 1 << 20;

/// The numerology as configured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum OfdmSection {
    /// One of NR's channels.
    Nr {
        /// Channel bandwidth.
        bandwidth_hz: f64,
        /// Subcarrier spacing.
        subcarrier_spacing_hz: f64,
    },
    /// Any grid.
    Custom {
        /// Sample rate.
        sample_rate_hz: f64,
        /// Transform size.
        fft_size: usize,
        /// Prefix of every symbol.
        cyclic_prefix_samples: usize,
        /// Used subcarriers.
        used_subcarriers: usize,
        /// Whether the carrier itself is used.
        dc: bool,
    },
}

impl OfdmSection {
    /// Reads the table.
    ///
    /// # Errors
    /// When a key is wrong or belongs to the other kind.
    pub fn read(reader: &TableReader<'_>) -> Result<Self, ConfigError> {
        const CUSTOM: [&str; 5] =
            ["sample_rate_hz", "fft_size", "cyclic_prefix_samples", "used_subcarriers", "dc"];
        if reader.choice("numerology", Some("nr"), &["nr", "custom"])? == "nr" {
            for key in CUSTOM {
                reader
                    .require_absent(key, "goes with numerology = \"custom\"; NR fixes it by bandwidth_hz")?;
            }
            return Ok(Self::Nr {
                bandwidth_hz: reader.f64_in("bandwidth_hz", Some(20e6), Bound::positive())?,
                subcarrier_spacing_hz: reader.f64_in(
                    "subcarrier_spacing_hz",
                    Some(30e3),
                    Bound::positive(),
                )?,
            });
        }
        for key in ["bandwidth_hz", "subcarrier_spacing_hz"] {
            let why = "goes with numerology = \"nr\"; a custom grid has sample_rate_hz and fft_size";
            reader.require_absent(key, why)?;
        }
        Ok(Self::Custom {
            sample_rate_hz: reader.f64_in(
                "sample_rate_hz",
                None,
                Bound::between(0.0, MAX_RATE_HZ).open_low(),
            )?,
            fft_size: read_fft_size(reader)?,
            cyclic_prefix_samples: reader.usize("cyclic_prefix_samples", None, 0)?,
            used_subcarriers: reader.usize("used_subcarriers", None, 1)?,
            dc: reader.bool("dc", Some(false))?,
        })
    }

    /// Makes the numerology.
    ///
    /// # Errors
    /// When NR has no such channel, or the custom grid does not fit.
    pub fn numerology(&self, reader: &TableReader<'_>, carrier_hz: f64) -> Result<Numerology, ConfigError> {
        let made = match *self {
            Self::Nr { bandwidth_hz, subcarrier_spacing_hz } => {
                Numerology::nr(bandwidth_hz, subcarrier_spacing_hz, carrier_hz)
            }
            Self::Custom { sample_rate_hz, fft_size, cyclic_prefix_samples, used_subcarriers, dc } => {
                Numerology::custom(sample_rate_hz, fft_size, cyclic_prefix_samples, used_subcarriers, dc)
            }
        };
        made.map_err(|error| match &error {
            NumerologyError::DoesNotFit { key, value, expected } => {
                reader.invalid(key, format!("{value} does not fit: {expected}"))
            }
            // The wrong one of the pair is the one that was written, if only one was.
            _ if reader.has("bandwidth_hz") => reader.invalid("bandwidth_hz", no_such_pair(&error)),
            _ => reader.invalid("subcarrier_spacing_hz", no_such_pair(&error)),
        })
    }
}

/// Says which pairs exist.
fn no_such_pair(error: &NumerologyError) -> String {
    let NumerologyError::NoSuchPair { bandwidth_mhz, spacing_khz, for_spacing, for_bandwidth, .. } = error
    else {
        return error.to_string();
    };
    let mut message =
        format!("NR has no {bandwidth_mhz} MHz channel with {spacing_khz} kHz subcarrier spacing");
    if for_spacing == "nothing" {
        message += "; spacings are 15, 30, 60 and 120 kHz";
    } else {
        message += &format!("; {spacing_khz} kHz goes with {for_spacing}");
    }
    if for_bandwidth != "nothing" {
        message += &format!("; {bandwidth_mhz} MHz goes with {for_bandwidth}");
    }
    message + "; any other grid is numerology = \"custom\""
}

fn read_fft_size(reader: &TableReader<'_>) -> Result<usize, ConfigError> {
    let size = reader.usize("fft_size", None, 2)?;
    if size > MAX_FFT_SIZE {
        return Err(
            reader.invalid("fft_size", format!("{size} is out of range: must be at most {MAX_FFT_SIZE}"))
        );
    }
    Ok(size)
}
