//! Recordings of everything that radios of a lab hear and send.

use super::{Bench, LabConfig, LabError};
use crate::experiment::Experiment;
use crate::run::seats::SERVER;
use airloop_baseband::{Burst, Capture, SampleIndex};
use airloop_hil::recording::Finished;
use airloop_hil::{Recorder, RecorderConfig};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Recordings of all radios of a bench, each by its own count of samples.
///
/// What the server hears is at the path itself; what radio `r` hears at `PATH-r`, and what it sends at `PATH-r-sent`.
pub struct Recordings {
    /// By radio.
    heard: Vec<Recorder>,
    sent: Vec<Recorder>,
}

impl Recordings {
    /// Begins recordings of all radios of a bench.
    ///
    /// # Errors
    /// When a file is there already, or cannot be written.
    pub fn create(
        path: &Path,
        (experiment, config): (&Experiment, &LabConfig),
        bench: &Bench,
    ) -> Result<Self, LabError> {
        let create = |radio: usize, does: &str, ending: String| -> Result<Recorder, LabError> {
            let name = bench.name(radio);
            let recorder = RecorderConfig {
                centre_hz: config.centre_hz,
                hardware: bench.hardware(radio).into(),
                description: Some(format!("what {name} {does} in a lab run")),
                experiment_id: Some(experiment.id.to_string()),
                unit_gain_db: config.unit_gain_db(),
                ..RecorderConfig::new(bench.sample_rate_hz(), 1)
            };
            let mut path: OsString = path.into();
            path.push(ending);
            Ok(Recorder::create(path, recorder)?)
        };
        let ending = |radio: usize| match bench.name(radio) {
            SERVER => String::new(),
            name => format!("-{name}"),
        };
        let radios = 0..bench.radios();
        let heard = radios.clone().map(|radio| create(radio, "heard", ending(radio)));
        let heard = heard.collect::<Result<_, _>>()?;
        let sent = radios.map(|radio| create(radio, "sent", format!("-{}-sent", bench.name(radio))));
        Ok(Self { heard, sent: sent.collect::<Result<_, _>>()? })
    }

    /// Records what a radio heard.
    ///
    /// # Errors
    /// When the disk refuses it.
    pub fn heard(&mut self, radio: usize, capture: &Capture) -> Result<(), LabError> {
        let recorder = &mut self.heard[radio];
        recorder.push(capture.start, &[&capture.samples])?;
        let count = capture.samples.len() as u64;
        if capture.overflow {
            recorder.mark_overflow(capture.start, count)?;
        }
        let clipped = (f64::from(capture.clipped_share) * count as f64).round() as u64;
        if clipped > 0 {
            recorder.mark_clipped(capture.start, count, clipped)?;
        }
        Ok(())
    }

    /// Records what a radio is to send.
    ///
    /// # Errors
    /// When the disk refuses it.
    pub fn sent(&mut self, radio: usize, burst: &Burst) -> Result<(), LabError> {
        Ok(self.sent[radio].push(burst.start, &[&burst.samples])?)
    }

    /// Says something of samples that a radio heard.
    ///
    /// # Errors
    /// When some of them are not there.
    pub fn annotate(
        &mut self,
        radio: usize,
        (start, count): (SampleIndex, u64),
        label: &str,
    ) -> Result<(), LabError> {
        Ok(self.heard[radio].annotate(start, count, label)?)
    }

    /// Ends the recordings: each one's path and what it holds.
    ///
    /// # Errors
    /// When the disk refuses one; what was recorded before stays readable.
    pub fn finish(self) -> Result<Vec<(PathBuf, Finished)>, LabError> {
        let all = self.heard.into_iter().chain(self.sent);
        all.map(|recorder| Ok((recorder.path().to_path_buf(), recorder.finish()?))).collect()
    }
}
