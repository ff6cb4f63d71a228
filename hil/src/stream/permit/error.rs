//! Why something may not be sent.

use super::DUTY_WINDOW_S;
use crate::radio::Span;

/// The limit that something would break, and by which value.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PermitError {
    /// There is no permit.
    #[error("it was opened without a permit to transmit")]
    None,
    /// The permit makes no sense.
    #[error("the permit {reason}")]
    Permit {
        /// What it lacks.
        reason: &'static str,
    },
    /// The permit is for another device.
    #[error("the permit is for device {named}; this one is {found}")]
    OtherDevice {
        /// What the permit says.
        named: String,
        /// What is known of the device.
        found: String,
    },
    /// A band outside what is allowed.
    #[error("{} to {} Hz is not within bands_hz: {}", band.least, band.most, words(.allowed))]
    Band {
        /// Centre minus and plus half the sample rate, in hertz.
        band: Span,
        /// What is allowed.
        allowed: Vec<Span>,
    },
    /// Too much gain.
    #[error("gain_db = {gain_db} is above most_gain_db = {most_gain_db}")]
    Gain {
        /// The gain, in decibels.
        gain_db: f64,
        /// What is allowed.
        most_gain_db: f64,
    },
    /// A sample that is too large.
    #[error("sample {sample} of the burst has a part of magnitude {level}, above most_level = {most_level}")]
    Level {
        /// Its larger part's magnitude.
        level: f32,
        /// Its place in the burst.
        sample: usize,
        /// What is allowed.
        most_level: f32,
    },
    /// Too much time on the air.
    #[error(
        "a share of {share} of the {DUTY_WINDOW_S} s up to its end would be sent, above most_duty = {most_duty}"
    )]
    Duty {
        /// The share.
        share: f64,
        /// What is allowed.
        most_duty: f64,
    },
    /// A channel that was not tuned: nobody knows where it would send.
    #[error("its transmit channel {channel} has not been tuned")]
    Untuned {
        /// The channel.
        channel: usize,
    },
}

fn words(spans: &[Span]) -> String {
    let words: Vec<String> = spans.iter().map(|span| format!("{} to {}", span.least, span.most)).collect();
    words.join(", ")
}
