//! Metadata as they are written: fields in a fixed order.

use super::metadata::{Annotation, Segment};
use super::recorder::RecorderConfig;
use super::{NAMESPACE, NAMESPACE_VERSION, SIGMF_VERSION};
use serde::Serialize;

/// The whole file.
#[derive(Serialize)]
pub(super) struct Document<'a> {
    global: Global<'a>,
    captures: Vec<Capture<'a>>,
    annotations: Vec<Note<'a>>,
}

#[derive(Serialize)]
struct Global<'a> {
    #[serde(rename = "core:datatype")]
    datatype: &'static str,
    #[serde(rename = "core:version")]
    version: &'static str,
    #[serde(rename = "core:sample_rate")]
    sample_rate_hz: f64,
    #[serde(rename = "core:num_channels")]
    channels: usize,
    #[serde(rename = "core:sha512", skip_serializing_if = "Option::is_none")]
    sha512: Option<&'a str>,
    #[serde(rename = "core:hw")]
    hardware: &'a str,
    #[serde(rename = "core:recorder")]
    recorder: String,
    #[serde(rename = "core:description", skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(rename = "core:extensions")]
    extensions: [Extension; 1],
    #[serde(rename = "airloop:sample_count")]
    samples: u64,
    #[serde(rename = "airloop:experiment_id", skip_serializing_if = "Option::is_none")]
    experiment_id: Option<&'a str>,
    #[serde(rename = "airloop:unit_gain_db", skip_serializing_if = "Option::is_none")]
    unit_gain_db: Option<f64>,
    #[serde(rename = "airloop:unfinished", skip_serializing_if = "Option::is_none")]
    unfinished: Option<bool>,
}

#[derive(Serialize)]
struct Extension {
    name: &'static str,
    version: &'static str,
    optional: bool,
}

#[derive(Serialize)]
struct Capture<'a> {
    #[serde(rename = "core:sample_start")]
    start: u64,
    #[serde(rename = "core:global_index")]
    global_index: u64,
    #[serde(rename = "core:frequency")]
    centre_hz: Option<f64>,
    #[serde(rename = "core:datetime", skip_serializing_if = "Option::is_none")]
    datetime: Option<&'a str>,
    #[serde(rename = "airloop:sample_index")]
    index: u64,
    #[serde(rename = "airloop:time_ns")]
    time_ns: Option<i64>,
    #[serde(rename = "airloop:lost_samples")]
    lost_samples: u64,
}

#[derive(Serialize)]
struct Note<'a> {
    #[serde(rename = "core:sample_start")]
    start: u64,
    #[serde(rename = "core:sample_count")]
    count: u64,
    #[serde(rename = "core:label")]
    label: &'a str,
    #[serde(rename = "airloop:clipped_samples", skip_serializing_if = "is_zero")]
    clipped_samples: u64,
}

// The serialiser hands fields over by reference.
#[expect(clippy::trivially_copy_pass_by_ref)]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl<'a> Document<'a> {
    /// Describes the first samples of a recording; a hash says that they are all.
    pub fn new(
        config: &'a RecorderConfig,
        (samples, sha512): (u64, Option<&'a str>),
        segments: &'a [Segment],
        annotations: &[&'a [Annotation]],
    ) -> Self {
        let global = Global {
            datatype: config.datatype.name(),
            version: SIGMF_VERSION,
            sample_rate_hz: config.sample_rate_hz,
            channels: config.channels,
            sha512,
            hardware: &config.hardware,
            recorder: concat!("airloop ", env!("CARGO_PKG_VERSION")).into(),
            description: config.description.as_deref(),
            extensions: [Extension { name: NAMESPACE, version: NAMESPACE_VERSION, optional: true }],
            samples,
            experiment_id: config.experiment_id.as_deref(),
            unit_gain_db: config.unit_gain_db,
            unfinished: sha512.is_none().then_some(true),
        };
        let capture = |segment: &'a Segment| Capture {
            start: segment.start,
            global_index: segment.index,
            centre_hz: segment.centre_hz,
            datetime: segment.datetime.as_deref(),
            index: segment.index,
            time_ns: segment.time_ns,
            lost_samples: segment.lost_samples,
        };
        let note = |annotation: &'a Annotation| Note {
            start: annotation.start,
            count: annotation.count.min(samples - annotation.start),
            label: &annotation.label,
            clipped_samples: annotation.clipped_samples,
        };
        let notes = annotations.iter().flat_map(|list| list.iter());
        let mut notes: Vec<Note> = notes.filter(|note| note.start < samples).map(note).collect();
        notes.sort_by_key(|note| (note.start, note.count, note.label));
        let captures = segments.iter().filter(|segment| segment.start < samples).map(capture).collect();
        Self { global, captures, annotations: notes }
    }
}
