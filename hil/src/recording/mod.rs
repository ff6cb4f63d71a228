//! Recordings: what transports heard, written while a run goes on and heard again as a radio.
//!
//! ```text
//! Transport -> [Tapped] -> [Recorder] -> NAME.sigmf-data + NAME.sigmf-meta -> [Recording] -> [RecordedRadio]
//! ```
//!
//! Files follow the Signal Metadata Format, version 1.2.6 (<https://github.com/sigmf/SigMF>). Fields that the format lacks lie in the
//! namespace `airloop`, which readers may pass over:
//!
//! ```text
//! global       airloop:sample_count     samples of each channel that the metadata speaks of
//!              airloop:experiment_id    the experiment that was carried, where it is known
//!              airloop:unit_gain_db     gain of what the experiment calls 1, in decibels, where it is known
//!              airloop:unfinished       true until the recording is finished; the data file may then hold more than is counted
//! captures     airloop:sample_index     index, by the radio's own clock, of the first sample; so does core:global_index
//!              airloop:time_ns          time of that sample by the radio's clock, in nanoseconds
//!              airloop:lost_samples     how many of the samples just before it were lost, not left out on purpose
//! annotations  airloop:clipped_samples  samples at full scale in the annotated stretch
//! ```
//!
//! Samples abut in the data file; wherever indices do not, a capture begins.

mod data_file;
mod datatype;
mod document;
mod error;
mod fields;
mod metadata;
mod pair;
mod radio;
mod reader;
mod recorder;
mod reserve;
mod runs;
mod segments;
mod tap;

pub use datatype::Datatype;
pub use error::RecordingError;
pub use metadata::{Annotation, Metadata, Segment};
pub use radio::RecordedRadio;
pub use reader::{Check, Recording};
pub use recorder::{Finished, Recorder, RecorderConfig};
pub use tap::{TapError, Tapped};

/// Version of the format that is written.
const SIGMF_VERSION: &str = "1.2.6";
/// Namespace of our own fields.
const NAMESPACE: &str = "airloop";
/// Version of our own fields.
const NAMESPACE_VERSION: &str = "1.0.0";
/// Most channels of a recording.
const MAX_CHANNELS: usize = 64;
/// Largest index or count, as in the format.
const MAX_INDEX: u64 = i64::MAX as u64;
/// Largest rate and frequency, as in the format, in hertz.
const MAX_HZ: f64 = 1e12;
/// Gains that are written and read, in decibels.
const MAX_DB: std::ops::RangeInclusive<f64> = -1000.0..=1000.0;
/// Largest metadata file that is read, in bytes.
const MAX_METADATA_BYTES: u64 = 64 << 20;
/// Most captures that are written, and most annotations by a caller: the metadata stays readable.
const MAX_ENTRIES: usize = 1 << 17;
/// Label of samples that were lost on the way.
const OVERFLOW: &str = "overflow";
/// Label of samples at full scale.
const CLIPPED: &str = "clipped";
