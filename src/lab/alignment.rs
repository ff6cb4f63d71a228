//! A device's clock as the server hears it, and samples that arrive as if it were the server's.

use super::LabError;
use airloop_baseband::{Burst, Resampler, SampleIndex};
use airloop_channels::impairment::SampleClock;
use airloop_channels::{FrontEnd, FrontEndConfig};
use std::sync::Arc;

/// When and how what a device sends arrives at the server.
///
/// ```text
/// own index = own + (1 + e) (n - heard),   e = sample_clock_ppm 1e-6
/// phase     = 2 pi cfo_hz n / fs + a constant, which channels hold
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Alignment {
    /// An index of the device's count of what it sends.
    pub own: SampleIndex,
    /// Where that sample arrives, by the server's count of what it hears.
    pub heard: f64,
    /// Carrier offset of the device against the server, in hertz.
    pub cfo_hz: f64,
    /// Sample clock of the device against the server's, in parts per million.
    pub sample_clock_ppm: f64,
}

impl Alignment {
    /// Returns the own index, between samples, of what arrives at an index of the server.
    pub fn own_index(&self, heard: f64) -> f64 {
        self.own as f64 + (1.0 + 1e-6 * self.sample_clock_ppm) * (heard - self.heard)
    }

    /// Returns where, between the server's samples, one of the device's own arrives.
    pub fn heard_index(&self, own: SampleIndex) -> f64 {
        self.heard + (own as f64 - self.own as f64) / (1.0 + 1e-6 * self.sample_clock_ppm)
    }

    /// Returns the alignment after what was to arrive at an index came `late_samples` late and off by `cfo_hz`; the oscillator behind
    /// carrier and sample clock is one.
    #[must_use]
    pub fn corrected(&self, heard: f64, late_samples: f64, (cfo_hz, centre_hz): (f64, f64)) -> Self {
        let exact = self.own_index(heard);
        let own = exact.round();
        let cfo_hz = self.cfo_hz + cfo_hz;
        let sample_clock_ppm = 1e6 * cfo_hz / centre_hz;
        let heard = heard + late_samples + (own - exact) / (1.0 + 1e-6 * sample_clock_ppm);
        Self { own: own.max(0.0) as SampleIndex, heard, cfo_hz, sample_clock_ppm }
    }

    /// Makes the burst by the device's own count that arrives as one by the server's does.
    ///
    /// # Errors
    /// When clocks are further apart than can be undone, or the burst would begin before the device's time.
    pub fn arrange(
        &self,
        burst: &Burst,
        sample_rate_hz: f64,
        resampler: &Arc<Resampler>,
    ) -> Result<Burst, LabError> {
        let origin = self.heard.round().max(0.0) as SampleIndex;
        let late = (1.0 + 1e-6 * self.sample_clock_ppm) * (self.heard - origin as f64);
        let config = FrontEndConfig {
            timing_offset_s: late / sample_rate_hz,
            cfo_hz: self.cfo_hz,
            sample_clock_ppm: self.sample_clock_ppm,
            ..FrontEndConfig::default()
        };
        let clock = SampleClock { sample_rate_hz, origin };
        let inverse = FrontEnd::new(&config, clock, Arc::clone(resampler))?.receiving()?;
        let outputs = inverse.outputs(burst.start as i64..burst.end() as i64);
        let start = outputs.start + self.own as i64 - origin as i64;
        let start = SampleIndex::try_from(start).map_err(|_| {
            LabError::Unplannable(
                "a burst would leave before the device's time: choose a longer turnaround_s",
            )
        })?;
        let mut samples = vec![Default::default(); (outputs.end - outputs.start) as usize];
        inverse.apply(burst.start, &burst.samples, outputs.start, &mut samples);
        Ok(Burst { start, samples })
    }
}
