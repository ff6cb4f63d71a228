//! A chain of impairments as one resampling and one rotation.

use super::rotation::Rotation;
use super::{
    CarrierOffset, Impairment, Oscillator, PhaseNoise, PhaseOffset, SampleClock, TimingOffset, Transmitter,
    Warp,
};
use crate::error::ChannelError;
use airloop_baseband::{Burst, Complex32, Positions, Resampler, SampleIndex};
use std::ops::Range;
use std::sync::Arc;

/// What one device's front end does; all zero is perfect.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct FrontEndConfig {
    /// Delay of the transmission by the device's own clock, in seconds; negative sends early.
    pub timing_offset_s: f64,
    /// Carrier offset on top of the oscillator's, in hertz.
    pub cfo_hz: f64,
    /// Phase at the clock's origin, in radians.
    pub phase_rad: f64,
    /// Frequency error of the oscillator behind carrier and sample clock, in parts per million.
    pub oscillator_ppm: f64,
    /// Frequency error of the sample clock alone, on top of the oscillator's, in parts per million: a timing that drifts.
    pub sample_clock_ppm: f64,
    /// Nominal carrier frequency, in hertz.
    pub carrier_hz: f64,
}

/// A chain of impairments of one port, ready to be applied to bursts.
///
/// Samples pass the transmitter's chain, are resampled at the warped times and turned, phase noise included. What an output is
/// depends on absolute indices alone: bursts that abut add up to the burst that they are pieces of. The error over the
/// resampler's band is [`Resampler::worst_error_db`]; the band must hold the signal, and for [`FrontEnd::receiving`] its carrier
/// offset too.
#[derive(Clone, Debug)]
pub struct FrontEnd {
    clock: SampleClock,
    warp: Warp,
    positions: Positions,
    rotation: Rotation,
    resampler: Arc<Resampler>,
    lead_samples: Option<usize>,
    transmitter: Option<Arc<Transmitter>>,
    phase_noise: Option<Arc<PhaseNoise>>,
}

impl FrontEnd {
    /// Makes a transmitter's front end: timing, then the sample clock, the oscillator, the carrier offset and the phase.
    ///
    /// ```text
    /// y(u) = x((1 + s)(1 + e) u - d) exp(j (2 pi (cfo_hz + e carrier_hz) u / sample_rate_hz + phase_rad)),
    ///        u = n - origin,   e = oscillator_ppm 1e-6,   s = sample_clock_ppm 1e-6,   d = timing_offset_s sample_rate_hz
    /// ```
    ///
    /// # Errors
    /// [`ChannelError::OutOfRange`] for a parameter beyond the limits of its impairment.
    pub fn new(
        config: &FrontEndConfig,
        clock: SampleClock,
        resampler: Arc<Resampler>,
    ) -> Result<Self, ChannelError> {
        let FrontEndConfig { timing_offset_s, cfo_hz, phase_rad, .. } = *config;
        let FrontEndConfig { oscillator_ppm, sample_clock_ppm, carrier_hz, .. } = *config;
        let timing = TimingOffset { offset_s: timing_offset_s };
        let samples = Oscillator { ppm: sample_clock_ppm, carrier_hz: 0.0 };
        let oscillator = Oscillator { ppm: oscillator_ppm, carrier_hz };
        let (carrier, phase) = (CarrierOffset { cfo_hz }, PhaseOffset { phase_rad });
        Self::chain(&[&timing, &samples, &oscillator, &carrier, &phase], clock, resampler)
    }

    /// Makes a front end of impairments, the first of which meets the samples first.
    ///
    /// # Errors
    /// [`ChannelError::OutOfRange`] for an impairment or a sum of them that is beyond its limit.
    pub fn chain(
        impairments: &[&dyn Impairment],
        clock: SampleClock,
        resampler: Arc<Resampler>,
    ) -> Result<Self, ChannelError> {
        let valid = clock.sample_rate_hz > 0.0 && clock.sample_rate_hz.is_finite();
        if !valid {
            let (name, value) = ("sample_rate_hz", clock.sample_rate_hz);
            return Err(ChannelError::OutOfRange { name, value, expected: "finite, above 0" });
        }
        let mut warp = Warp::default();
        for impairment in impairments {
            warp = warp.then(impairment.warp(clock)?);
        }
        Self::warping(warp, clock, resampler)
    }

    fn warping(warp: Warp, clock: SampleClock, resampler: Arc<Resampler>) -> Result<Self, ChannelError> {
        let beyond = |name, value, expected| ChannelError::OutOfRange { name, value, expected };
        let within = warp.turns_per_sample.abs() <= 0.5;
        if !within {
            let value = warp.turns_per_sample * clock.sample_rate_hz;
            return Err(beyond("carrier offset in Hz", value, "within half the sample rate either way"));
        }
        let positions = Positions::new(warp.offset_samples, warp.rate_offset, clock.origin);
        let positions = positions.ok_or_else(|| {
            beyond("sample clock offset in ppm", 1e6 * warp.rate_offset, "within 1000 ppm either way")
        })?;
        Ok(Self {
            clock,
            warp,
            positions,
            rotation: Rotation::new(warp, clock),
            resampler,
            lead_samples: None,
            transmitter: None,
            phase_noise: None,
        })
    }

    /// Puts a transmitter's chain ahead of the clocks.
    #[must_use]
    pub fn with_transmitter(self, transmitter: Transmitter) -> Self {
        let transmitter = (!transmitter.is_identity()).then(|| Arc::new(transmitter));
        Self { transmitter, ..self }
    }

    /// Lets the oscillator's phase wander, by the receiver's count of time.
    #[must_use]
    pub fn with_phase_noise(self, phase_noise: PhaseNoise) -> Self {
        let phase_noise = (!phase_noise.is_identity()).then(|| Arc::new(phase_noise));
        Self { phase_noise, ..self }
    }

    /// Returns what a receiver with these clocks does to a right signal: the inverse, so that a device hears itself undistorted.
    ///
    /// ```text
    /// x(v) = y(u) exp(-j (phase of the transmitter at u)),   v = (1 + s)(1 + e) u - d
    /// ```
    ///
    /// # Errors
    /// [`ChannelError::OutOfRange`] when the inverse is beyond a limit that this front end just keeps.
    pub fn receiving(&self) -> Result<Self, ChannelError> {
        Self::warping(self.warp.inverse(), self.clock, Arc::clone(&self.resampler))
    }

    /// Lets go what a burst answers more than `lead_samples` ahead of itself: a receiver whose window opens no earlier does not
    /// hear it. Bursts that abut then miss that much of each other's ends.
    #[must_use]
    pub fn with_lead(self, lead_samples: usize) -> Self {
        Self { lead_samples: Some(lead_samples), ..self }
    }

    /// Returns the change of time and phase.
    pub fn warp(&self) -> Warp {
        self.warp
    }

    /// Returns whether samples leave as they came.
    pub fn is_identity(&self) -> bool {
        let clocks = self.positions.whole_shift() == Some(0) && self.rotation.is_identity();
        clocks && self.transmitter.is_none() && self.phase_noise.is_none()
    }

    /// Returns the indices of the outputs that a range of inputs reaches.
    pub fn outputs(&self, inputs: Range<i64>) -> Range<i64> {
        let (begin, tail) = (inputs.start, if inputs.is_empty() { 0 } else { self.transmitter_tail() });
        let Range { start, end } = self.resampler.outputs(&self.positions, begin..inputs.end + tail);
        let Some(lead) = self.lead_samples else { return start..end };
        let start = start.max(begin - lead as i64);
        start..end.max(start)
    }

    /// Returns the indices of the inputs that a range of outputs needs.
    pub fn inputs(&self, outputs: Range<i64>) -> Range<i64> {
        let Range { start, end } = self.resampler.inputs(&self.positions, outputs);
        start - self.transmitter_tail()..end
    }

    fn transmitter_tail(&self) -> i64 {
        self.transmitter.as_ref().map_or(0, |transmitter| transmitter.tail_samples() as i64)
    }

    /// Returns how many samples ahead of itself any input between the origin and `last` answers.
    ///
    /// A fast oscillator runs ahead without end, so the answer grows with `last`.
    pub fn precursor_samples(&self, last: SampleIndex) -> usize {
        let ahead = |n: i64| n - self.outputs(n..n + 1).start;
        self.ends(last).map(ahead).into_iter().max().map_or(0, |most| most.max(0) as usize)
    }

    /// Returns how many samples after itself any input between the origin and `last` still answers.
    pub fn tail_samples(&self, last: SampleIndex) -> usize {
        let after = |n: i64| self.outputs(n..n + 1).end - n - 1;
        self.ends(last).map(after).into_iter().max().map_or(0, |most| most.max(0) as usize)
    }

    fn ends(&self, last: SampleIndex) -> [i64; 2] {
        [self.clock.origin as i64, last.max(self.clock.origin) as i64]
    }

    /// Computes the outputs that begin at the absolute index `first`, of samples that begin at `start` and are zero elsewhere;
    /// the samples are those behind the transmitter's chain, if there is one.
    pub fn apply(&self, start: SampleIndex, samples: &[Complex32], first: i64, out: &mut [Complex32]) {
        self.resampler.apply(&self.positions, start, samples, first, out);
        self.rotation.apply(first, out);
        if let Some(phase_noise) = &self.phase_noise {
            phase_noise.apply(first, out);
        }
    }

    /// Computes all outputs of a burst.
    ///
    /// # Errors
    /// [`ChannelError::BeforeTime`] when the burst would begin before index 0.
    pub fn shape(&self, burst: &Burst, shaped: &mut Burst) -> Result<(), ChannelError> {
        self.shape_by(&mut Vec::new(), burst, shaped)
    }

    /// Computes all outputs of a burst, by a scratch for what leaves the transmitter's chain.
    pub(crate) fn shape_by(
        &self,
        sent: &mut Vec<Complex32>,
        burst: &Burst,
        shaped: &mut Burst,
    ) -> Result<(), ChannelError> {
        let outputs = self.outputs(burst.start as i64..burst.end() as i64);
        let start = outputs.start;
        shaped.start = u64::try_from(start).map_err(|_| ChannelError::BeforeTime { start })?;
        shaped.samples.resize((outputs.end - start) as usize, Complex32::default());
        let Some(transmitter) = &self.transmitter else {
            self.apply(burst.start, &burst.samples, start, &mut shaped.samples);
            return Ok(());
        };
        sent.clone_from(&burst.samples);
        transmitter.apply(sent);
        self.apply(burst.start, sent, start, &mut shaped.samples);
        Ok(())
    }
}
