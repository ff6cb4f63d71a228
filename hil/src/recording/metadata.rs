//! What a recording says of its samples.

use super::datatype::Datatype;
use super::error::RecordingError;
use super::fields::Fields;
use super::{MAX_CHANNELS, NAMESPACE, OVERFLOW};
use airloop_baseband::SampleIndex;
use serde_json::Value;
use std::path::Path;

/// Samples whose indices follow each other.
#[derive(Clone, Debug, PartialEq)]
pub struct Segment {
    /// Place of the first sample in the data.
    pub start: u64,
    /// Its index by the radio's clock.
    pub index: SampleIndex,
    /// How many of the samples just before it were lost, not left out on purpose.
    pub lost_samples: u64,
    /// Time of the first sample by the radio's clock, in nanoseconds.
    pub time_ns: Option<i64>,
    /// Centre frequency, in hertz.
    pub centre_hz: Option<f64>,
    /// Date and time of the first sample, as in RFC 3339.
    pub datetime: Option<String>,
}

/// Samples of which something is said.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Annotation {
    /// Place of the first sample in the data.
    pub start: u64,
    /// How many.
    pub count: u64,
    /// What is said.
    pub label: String,
    /// Samples at full scale among them, where that is said.
    pub clipped_samples: u64,
}

/// What a recording says of its samples.
#[derive(Clone, Debug, PartialEq)]
pub struct Metadata {
    /// How samples are stored.
    pub datatype: Datatype,
    /// Sample rate, in hertz.
    pub sample_rate_hz: Option<f64>,
    /// Channels, whose samples take turns.
    pub channels: usize,
    /// Hash of the data, in hexadecimal digits.
    pub sha512: Option<String>,
    /// What heard the samples.
    pub hardware: Option<String>,
    /// The program that wrote the recording.
    pub recorder: Option<String>,
    /// What the recording is about.
    pub description: Option<String>,
    /// The experiment that was carried, by its id, where it is said.
    pub experiment_id: Option<String>,
    /// Gain of what an experiment calls 1, in decibels, where it is said.
    pub unit_gain_db: Option<f64>,
    /// Whether the recording was cut off before its end.
    pub unfinished: bool,
    /// Samples of each channel that the metadata speaks of, where that is said.
    pub samples: Option<u64>,
    /// In order of samples.
    pub segments: Vec<Segment>,
    /// In the order of the file.
    pub annotations: Vec<Annotation>,
}

impl Metadata {
    /// Returns whether some samples of a stretch in the data were lost on the way, though something stands in their place.
    pub fn is_lost_among(&self, start: u64, count: u64) -> bool {
        let lost = self.annotations.iter().filter(|annotation| annotation.label == OVERFLOW);
        lost.into_iter().any(|lost| lost.start < start + count && start < lost.start + lost.count)
    }

    /// Reads metadata; `path` is where they are from. Whether they belong to their data is not known yet.
    pub(super) fn parse(bytes: &[u8], path: &Path) -> Result<Self, RecordingError> {
        let value: Value = serde_json::from_slice(bytes).map_err(|error| not_json(bytes, path, &error))?;
        let document = Fields::new(path, String::new(), &value)?;
        let global = document.object("global")?;
        check_version(&global)?;
        check_conforming(&global)?;
        let names = Datatype::ALL.map(Datatype::name).join(", ");
        let right = format!("one of {names}");
        let datatype =
            global.text("core:datatype")?.ok_or_else(|| global.missing("core:datatype", &right))?;
        let datatype = Datatype::named(&datatype)
            .ok_or_else(|| global.wrong("core:datatype", format!("{datatype:.60?}"), right))?;
        let channels = global.whole("core:num_channels")?.unwrap_or(1);
        if !(1..=MAX_CHANNELS as u64).contains(&channels) {
            return Err(global.wrong("core:num_channels", channels.to_string(), "1 to 64"));
        }
        let sha512 = global.text("core:sha512")?;
        if let Some(hash) = &sha512
            && (hash.len() != 128 || !hash.bytes().all(|digit| digit.is_ascii_hexdigit()))
        {
            return Err(global.wrong("core:sha512", format!("{hash:.60?}"), "128 hexadecimal digits"));
        }
        let offset = global.whole("core:offset")?.unwrap_or(0);
        let segments = document.objects("captures")?;
        let annotations = document.objects("annotations")?;
        Ok(Self {
            datatype,
            sample_rate_hz: global.hertz("core:sample_rate", true)?,
            channels: channels as usize,
            sha512,
            hardware: global.text("core:hw")?,
            recorder: global.text("core:recorder")?,
            description: global.text("core:description")?,
            experiment_id: global.text("airloop:experiment_id")?,
            unit_gain_db: global.decibels("airloop:unit_gain_db")?,
            unfinished: global.flag("airloop:unfinished")?.unwrap_or(false),
            samples: global.whole("airloop:sample_count")?,
            segments: segments.iter().map(|fields| segment(fields, offset)).collect::<Result<_, _>>()?,
            annotations: annotations
                .iter()
                .map(|fields| annotation(fields, offset))
                .collect::<Result<_, _>>()?,
        })
    }
}

fn check_version(global: &Fields) -> Result<(), RecordingError> {
    let right = "the version of the format, as in \"1.2.6\", below 2";
    let version = global.text("core:version")?.ok_or_else(|| global.missing("core:version", right))?;
    let parts: Vec<Option<u16>> = version.split('.').map(|part| part.parse().ok()).collect();
    match parts.as_slice() {
        [Some(0 | 1), Some(_), Some(_)] => Ok(()),
        _ => Err(global.wrong("core:version", format!("{version:.60?}"), right)),
    }
}

/// Refuses what needs more to be understood than the format's own rules.
fn check_conforming(global: &Fields) -> Result<(), RecordingError> {
    for key in ["core:dataset", "core:trailing_bytes"] {
        if global.has(key) {
            return Err(global.wrong(key, "there", "to leave it out: samples alone are in NAME.sigmf-data"));
        }
    }
    if global.flag("core:metadata_only")? == Some(true) {
        return Err(global.wrong("core:metadata_only", "true", "false: metadata alone are no recording"));
    }
    for extension in global.objects("core:extensions")? {
        let name = extension.text("name")?.unwrap_or_default();
        if name != NAMESPACE && extension.flag("optional")? == Some(false) {
            let found = format!("false for {name:.60?}");
            return Err(extension.wrong("optional", found, "true: that extension is unknown here"));
        }
    }
    Ok(())
}

fn segment(fields: &Fields, offset: u64) -> Result<Segment, RecordingError> {
    if fields.has("core:header_bytes") {
        let right = "to leave it out: samples alone are in NAME.sigmf-data";
        return Err(fields.wrong("core:header_bytes", "there", right));
    }
    let (start, stated) = sample_start(fields, offset)?;
    let (ours, theirs) = (fields.whole("airloop:sample_index")?, fields.whole("core:global_index")?);
    if let (Some(ours), Some(theirs)) = (ours, theirs)
        && ours != theirs
    {
        let right = format!("{theirs}, as core:global_index");
        return Err(fields.wrong("airloop:sample_index", ours.to_string(), right));
    }
    Ok(Segment {
        start,
        index: ours.or(theirs).unwrap_or(stated),
        lost_samples: fields.whole("airloop:lost_samples")?.unwrap_or(0),
        time_ns: fields.signed("airloop:time_ns")?,
        centre_hz: fields.hertz("core:frequency", false)?,
        datetime: fields.text("core:datetime")?,
    })
}

fn annotation(fields: &Fields, offset: u64) -> Result<Annotation, RecordingError> {
    Ok(Annotation {
        start: sample_start(fields, offset)?.0,
        // Without a count, an annotation speaks of what follows, for as long as one likes.
        count: fields.whole("core:sample_count")?.unwrap_or(0),
        label: fields.text("core:label")?.unwrap_or_default(),
        clipped_samples: fields.whole("airloop:clipped_samples")?.unwrap_or(0),
    })
}

/// Returns a place in the data, and as it is stated.
fn sample_start(fields: &Fields, offset: u64) -> Result<(u64, u64), RecordingError> {
    const KEY: &str = "core:sample_start";
    let stated =
        fields.whole(KEY)?.ok_or_else(|| fields.missing(KEY, "the place of a sample in the data"))?;
    match stated.checked_sub(offset) {
        Some(start) => Ok((start, stated)),
        None => {
            Err(fields.wrong(KEY, stated.to_string(), format!("{offset}, which is core:offset, or more")))
        }
    }
}

fn not_json(bytes: &[u8], path: &Path, error: &serde_json::Error) -> RecordingError {
    let (line, column) = (error.line(), error.column());
    let text = bytes.split(|byte| *byte == b'\n').nth(line.saturating_sub(1)).unwrap_or_default();
    let around = column.saturating_sub(40).min(text.len())..column.saturating_add(20).min(text.len());
    RecordingError::NotJson {
        path: path.to_path_buf(),
        line,
        column,
        reason: error.to_string().split(" at line ").next().unwrap_or_default().into(),
        near: String::from_utf8_lossy(&text[around]).trim().into(),
    }
}
