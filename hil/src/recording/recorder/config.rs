//! What is recorded, and how.

use crate::recording::datatype::Datatype;
use crate::recording::error::RecordingError;
use crate::recording::fields::wrong;
use crate::recording::{MAX_CHANNELS, MAX_DB, MAX_HZ};
use airloop_baseband::SampleIndex;
use std::path::Path;

/// What is recorded, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct RecorderConfig {
    /// How samples are stored: [`Datatype::Cf32Le`], or [`Datatype::Ci16Le`], which cuts off beyond 1.
    pub datatype: Datatype,
    /// Sample rate, in hertz.
    pub sample_rate_hz: f64,
    /// Channels.
    pub channels: usize,
    /// Centre frequency, in hertz.
    pub centre_hz: f64,
    /// What hears the samples.
    pub hardware: String,
    /// What the recording is about.
    pub description: Option<String>,
    /// Date and time of the first sample, as in RFC 3339 with a `Z` at the end.
    pub datetime: Option<String>,
    /// The experiment that was carried, by its id.
    pub experiment_id: Option<String>,
    /// Gain of what an experiment calls 1, in decibels, where it is known.
    pub unit_gain_db: Option<f64>,
    /// The radio's time at index 0, in nanoseconds.
    pub time_origin_ns: i64,
    /// Samples after which the files are brought up to date, so that a run that is killed leaves them readable.
    pub checkpoint_samples: u64,
    /// Whether an existing recording is written over.
    pub overwrite: bool,
}

impl RecorderConfig {
    /// Returns the usual config: floats, brought up to date about every million samples.
    pub fn new(sample_rate_hz: f64, channels: usize) -> Self {
        Self {
            datatype: Datatype::Cf32Le,
            sample_rate_hz,
            channels,
            centre_hz: 0.0,
            hardware: "airloop emulated air".into(),
            description: None,
            datetime: None,
            experiment_id: None,
            unit_gain_db: None,
            time_origin_ns: 0,
            checkpoint_samples: 1 << 20,
            overwrite: false,
        }
    }

    pub(super) fn check(&self, path: &Path) -> Result<(), RecordingError> {
        let rate = self.sample_rate_hz;
        let span_hz = -MAX_HZ..=MAX_HZ;
        let datetime = self.datetime.as_deref();
        let checks = [
            (self.datatype.is_written(), "datatype", self.datatype.name().into(), "cf32_le or ci16_le"),
            (rate > 0.0 && rate <= MAX_HZ, "sample_rate_hz", rate.to_string(), "above 0, at most 1e12"),
            ((1..=MAX_CHANNELS).contains(&self.channels), "channels", self.channels.to_string(), "1 to 64"),
            (
                self.unit_gain_db.is_none_or(|gain| MAX_DB.contains(&gain)),
                "unit_gain_db",
                self.unit_gain_db.unwrap_or_default().to_string(),
                "-1000 to 1000",
            ),
            (span_hz.contains(&self.centre_hz), "centre_hz", self.centre_hz.to_string(), "-1e12 to 1e12"),
            (self.checkpoint_samples > 0, "checkpoint_samples", "0".into(), "1 or more"),
            (
                datetime.is_none_or(is_datetime),
                "datetime",
                format!("{:.60?}", datetime.unwrap_or_default()),
                "as 2024-05-31T12:00:00.5Z",
            ),
        ];
        match checks.into_iter().find(|(good, ..)| !good) {
            Some((_, key, found, right)) => Err(wrong(path, key, found, right)),
            None => Ok(()),
        }
    }

    /// Returns the radio's time of an index, in nanoseconds.
    pub(super) fn time_ns(&self, index: SampleIndex) -> i64 {
        let rate = self.sample_rate_hz;
        let since = if rate.fract() == 0.0 {
            let rate = rate as u128;
            ((u128::from(index) * 1_000_000_000 + rate / 2) / rate) as i128
        } else {
            (index as f64 * (1e9 / rate)).round() as i128
        };
        (since + i128::from(self.time_origin_ns)).clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64
    }
}

/// Returns whether a text is a date and time as the format wants them.
fn is_datetime(text: &str) -> bool {
    const SHAPE: &[u8] = b"dddd-dd-ddTdd:dd:dd";
    let bytes = text.as_bytes();
    let Some((head, rest)) = bytes.split_at_checked(SHAPE.len()) else { return false };
    let fits = |(byte, shape): (&u8, &u8)| if *shape == b'd' { byte.is_ascii_digit() } else { byte == shape };
    let number = |from: usize| u32::from(head[from] - b'0') * 10 + u32::from(head[from + 1] - b'0');
    let fraction = match rest {
        [b'Z'] => true,
        [b'.', digits @ .., b'Z'] => !digits.is_empty() && digits.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    head.iter().zip(SHAPE).all(fits)
        && fraction
        && (1..=12).contains(&number(5))
        && (1..=31).contains(&number(8))
        && number(11) < 24
        && number(14) < 60
        && number(17) <= 60
}
