//! Preambles: known samples, as a device or a beacon sends them.

use super::sequence::{golay_pair, zadoff_chu};
use super::{SynchronisationError, bounds::Information};
use num_complex::{Complex32, Complex64};
use rustfft::FftPlanner;

/// The longest preamble, in samples.
const LONGEST: usize = 1 << 22;

/// Known samples of unit mean power: a cyclic prefix, then equal periods.
///
/// ```text
/// samples = last prefix_samples of a period, then `repetitions` times the period of `period_samples`
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Preamble {
    samples: Vec<Complex32>,
    prefix_samples: usize,
    period_samples: usize,
    repetitions: usize,
}

impl Preamble {
    /// Makes a preamble of a given period.
    ///
    /// # Errors
    ///
    /// [`SynchronisationError::NoEnergy`], or `OutOfRange` for a period below 2 samples, a prefix longer than a period, no
    /// repetition or more than 2^22 samples in all.
    pub fn of_period(
        period: &[Complex64],
        repetitions: usize,
        prefix_samples: usize,
    ) -> Result<Self, SynchronisationError> {
        let period_samples = SynchronisationError::check("period_samples", period.len(), 2..=LONGEST)?;
        SynchronisationError::check("repetitions", repetitions, 1..=LONGEST / period_samples)?;
        SynchronisationError::check("prefix_samples", prefix_samples, 0..=period_samples)?;
        let prefix = &period[period_samples - prefix_samples..];
        let whole = || prefix.iter().chain(std::iter::repeat_n(period, repetitions).flatten());
        let count = prefix_samples + repetitions * period_samples;
        let power = whole().map(Complex64::norm_sqr).sum::<f64>() / count as f64;
        if !(power.is_finite() && power > 0.0) {
            return Err(SynchronisationError::NoEnergy);
        }
        let scale = 1.0 / power.sqrt();
        let narrow =
            |sample: &Complex64| Complex32::new((sample.re * scale) as f32, (sample.im * scale) as f32);
        Ok(Self { samples: whole().map(narrow).collect(), prefix_samples, period_samples, repetitions })
    }

    /// Makes a preamble whose period is one transform, with `values` on the given bins and nothing on the others.
    ///
    /// ```text
    /// period[n] ~ sum over i of values[i] exp(j 2 pi bins[i] n / fft_size),   n = 0 .. fft_size - 1
    /// ```
    ///
    /// On the used subcarriers of an OFDM signal it fills the band of that signal. `bins` count from the carrier, negative
    /// below it, from `-fft_size/2` to `(fft_size - 1)/2`. A comb of every second bin of a transform of `2 fft_size` is the
    /// same as two repetitions here.
    ///
    /// # Errors
    ///
    /// As [`Preamble::of_period`], and for a number of values that differs from the number of bins, bins outside the
    /// transform or given twice.
    pub fn on_bins(
        values: &[Complex64],
        bins: &[i32],
        fft_size: usize,
        repetitions: usize,
        prefix_samples: usize,
    ) -> Result<Self, SynchronisationError> {
        SynchronisationError::check("fft_size", fft_size, 2..=LONGEST)?;
        if values.len() != bins.len() {
            return Err(SynchronisationError::Unequal { values: values.len(), bins: bins.len() });
        }
        let (lowest, highest) = (-(fft_size as i32 / 2), (fft_size as i32 - 1) / 2);
        let mut spectrum = vec![None; fft_size];
        for (&bin, &value) in bins.iter().zip(values) {
            if !(lowest..=highest).contains(&bin) {
                let expected = format!("bins from {lowest} to {highest}");
                return Err(SynchronisationError::OutOfRange {
                    name: "bins",
                    value: f64::from(bin),
                    expected,
                });
            }
            let place = &mut spectrum[bin.rem_euclid(fft_size as i32) as usize];
            if place.replace(value).is_some() {
                return Err(SynchronisationError::RepeatedBin { bin });
            }
        }
        let mut period: Vec<Complex64> = spectrum.into_iter().map(Option::unwrap_or_default).collect();
        FftPlanner::new().plan_fft_inverse(fft_size).process(&mut period);
        Self::of_period(&period, repetitions, prefix_samples)
    }

    /// Returns all samples, prefix first; their mean power is 1.
    pub fn samples(&self) -> &[Complex32] {
        &self.samples
    }

    /// Returns the length of the prefix.
    pub fn prefix_samples(&self) -> usize {
        self.prefix_samples
    }

    /// Returns the length of a period.
    pub fn period_samples(&self) -> usize {
        self.period_samples
    }

    /// Returns how many whole periods there are, the prefix apart.
    pub fn repetitions(&self) -> usize {
        self.repetitions
    }

    /// Returns one period.
    pub fn period(&self) -> &[Complex32] {
        &self.samples[self.prefix_samples..self.prefix_samples + self.period_samples]
    }

    /// Returns the root of the second central moment of the power spectrum, in Hz.
    ///
    /// ```text
    /// B_rms^2 = sum |X(f)|^2 (f - f_mean)^2 / sum |X(f)|^2
    /// ```
    pub fn rms_bandwidth_hz(&self, sample_rate_hz: f64) -> f64 {
        Information::of(self).rms_bandwidth() * sample_rate_hz
    }
}

/// The sequence that a [`PreambleDesign`] sends chip by chip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sequence {
    /// One Zadoff-Chu sequence a period; see [`zadoff_chu`].
    ZadoffChu {
        /// Its root.
        root: usize,
    },
    /// Both sequences of a complementary pair a period, each followed by a gap; see [`golay_pair`].
    ///
    /// The correlation with the whole period adds the correlations with both, so without oversampling its side lobes are
    /// zero up to `gap_chips` lags from the peak.
    Golay {
        /// Silence after each of the two, in chips.
        gap_chips: usize,
    },
}

/// A preamble sent as chips in time, as [`PreambleDesign::build`] makes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PreambleDesign {
    /// The sequence.
    pub sequence: Sequence,
    /// Its length; a power of two for [`Sequence::Golay`].
    pub chips: usize,
    /// Samples a chip: the spectrum is flat over `sample rate / oversampling` and empty elsewhere, burst edges apart.
    pub oversampling: usize,
    /// Periods sent.
    pub repetitions: usize,
    /// Cyclic prefix before the first period.
    pub prefix_samples: usize,
}

impl PreambleDesign {
    /// Makes the samples: chips interpolated over a period by an ideal low-pass filter, repeated, scaled to unit mean power.
    ///
    /// # Errors
    ///
    /// As [`zadoff_chu`], [`golay_pair`] and [`Preamble::of_period`]; a Golay sequence needs a power of two of chips.
    pub fn build(&self) -> Result<Preamble, SynchronisationError> {
        let Self { sequence, chips, oversampling, repetitions, prefix_samples } = *self;
        SynchronisationError::check("chips", chips, 2..=1 << 20)?;
        SynchronisationError::check("oversampling", oversampling, 1..=LONGEST / chips)?;
        let parts = match sequence {
            Sequence::ZadoffChu { root } => vec![zadoff_chu(root, chips, 0)?],
            Sequence::Golay { gap_chips } => {
                SynchronisationError::check("gap_chips", gap_chips, 0..=LONGEST / oversampling)?;
                if !chips.is_power_of_two() {
                    let expected = "a power of two for a Golay sequence".to_owned();
                    return Err(SynchronisationError::OutOfRange {
                        name: "chips",
                        value: chips as f64,
                        expected,
                    });
                }
                let (a, b) = golay_pair(chips.trailing_zeros() as usize)?;
                let with_gap = |chip: Vec<f64>| {
                    let mut part: Vec<Complex64> = chip.into_iter().map(Complex64::from).collect();
                    part.resize(chips + gap_chips, Complex64::ZERO);
                    part
                };
                vec![with_gap(a), with_gap(b)]
            }
        };
        let period: Vec<Complex64> =
            parts.into_iter().flat_map(|part| interpolated(part, oversampling)).collect();
        Preamble::of_period(&period, repetitions, prefix_samples)
    }
}

/// Interpolates a periodic sequence by an ideal low-pass filter.
fn interpolated(chips: Vec<Complex64>, oversampling: usize) -> Vec<Complex64> {
    let count = chips.len();
    let mut planner = FftPlanner::new();
    let mut spectrum = chips;
    planner.plan_fft_forward(count).process(&mut spectrum);
    let negative = spectrum.split_off(count.div_ceil(2));
    spectrum.resize(count * oversampling - negative.len(), Complex64::ZERO);
    spectrum.extend(negative);
    planner.plan_fft_inverse(count * oversampling).process(&mut spectrum);
    spectrum
}
