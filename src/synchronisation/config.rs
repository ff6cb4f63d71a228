//! What a synchronising preamble is, and which symbols of a round it takes.

use crate::ofdm::Numerology;
use airloop_baseband::synchronisation::{
    CarrierOffset, Preamble, PreambleEstimator, SynchronisationBounds, SynchronisationError, golay_pair,
    zadoff_chu_extended,
};
use airloop_baseband::{Complex32, Complex64};
use airloop_channels::impairment::{FrontEndConfig, MAX_PPM};

/// The sequence on the subcarriers of a preamble.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SyncSequence {
    /// A Zadoff-Chu sequence of the largest prime length that fits, continued cyclically over all used subcarriers.
    ZadoffChu {
        /// Its root.
        root: usize,
    },
    /// A Golay sequence on the largest power of two of used subcarriers, in the middle of the band.
    Golay,
}

impl SyncSequence {
    /// Returns the value on each used subcarrier, their mean power 1.
    ///
    /// # Errors
    /// When the sequence does not exist on that many subcarriers.
    pub fn values(self, used: usize) -> Result<Vec<Complex64>, SynchronisationError> {
        match self {
            Self::ZadoffChu { root } => zadoff_chu_extended(root, used),
            Self::Golay => {
                let order = used.max(1).ilog2() as usize;
                let chips = golay_pair(order)?.0;
                let mut values = vec![Complex64::ZERO; used];
                let (first, scale) = ((used - chips.len()) / 2, (used as f64 / chips.len() as f64).sqrt());
                let places = values[first..].iter_mut().zip(chips);
                places.for_each(|(value, chip)| *value = Complex64::from(chip * scale));
                Ok(values)
            }
        }
    }
}

/// How devices are synchronised by preambles.
#[derive(Clone, Debug, PartialEq)]
pub struct SyncConfig {
    /// The preamble: the shortest prefix of the numerology, then periods of one transform each.
    pub preamble: Preamble,
    /// The value on each used subcarrier, mean power 1.
    pub values: Vec<Complex32>,
    /// Noise power per sample that a device hears, over the beacon's mean power per used subcarrier.
    pub noise_power: f64,
    /// Chance that a device takes noise for a beacon, for each search.
    pub false_alarm_rate: f64,
    /// How far a device searches before and after the nominal start, in samples.
    pub search_samples: usize,
    /// Whether the receiver removes the common part.
    pub common: bool,
    /// Whether carriers are off and so must be estimated.
    pub carrier: CarrierOffset,
    /// Whether sample clocks are corrected by the carrier's estimate, as devices of one oscillator do.
    pub corrects_clock: bool,
    /// Whether devices know what their own channel does to an estimate.
    pub knows_channel: bool,
    /// Symbols of a preamble.
    pub preamble_symbols: usize,
    /// Symbols between the beacon and what devices send.
    pub guard_symbols: usize,
    /// Share of the transform that is used.
    pub used_share: f64,
}

impl SyncConfig {
    /// Prepares the estimator of the preamble's time and carrier offset.
    ///
    /// # Errors
    /// When the preamble cannot be searched for.
    pub fn estimator(&self, sample_rate_hz: f64) -> Result<PreambleEstimator, SynchronisationError> {
        PreambleEstimator::new(&self.preamble, sample_rate_hz, self.false_alarm_rate, self.carrier)
    }

    /// Returns the symbols before the first sounding or payload of a round: beacon, guard and the devices' preamble.
    pub fn lead_symbols(&self) -> usize {
        self.preamble_symbols + self.guard_symbols + if self.common { self.preamble_symbols } else { 0 }
    }

    /// Returns the first symbol of the devices' preamble, counted from the start of the round.
    pub fn common_symbol(&self) -> usize {
        self.preamble_symbols + self.guard_symbols
    }

    /// Returns the largest carrier offset that an estimate can tell, in either direction.
    ///
    /// ```text
    /// half the subcarrier spacing with two periods or more, a little less with one;   0 if carriers are right
    /// ```
    pub fn cfo_range_hz(&self, sample_rate_hz: f64) -> f64 {
        let samples = match (self.carrier, self.preamble.repetitions()) {
            (CarrierOffset::Zero, _) => return 0.0,
            (CarrierOffset::Unknown, 1) => self.preamble.samples().len(),
            (CarrierOffset::Unknown, _) => self.preamble.period_samples(),
        };
        0.5 * sample_rate_hz / samples as f64
    }

    /// Returns the most that a device may send early, in samples, for which the receiver's window has room where the prefix
    /// has: two samples of the used band. An estimate so wrong that it would be more is held there; alignment is lost long before.
    pub fn most_early_samples(&self) -> f64 {
        2.0 / self.used_share
    }

    /// Returns the most that a clock may run fast after correction: as much again over the whole round.
    pub fn most_fast(&self, round_samples: usize) -> f64 {
        (self.most_early_samples() / round_samples as f64).min(1e-6 * MAX_PPM)
    }

    /// Returns the standard deviations that an estimate leaves at the bounds: of the timing in samples, and of the clock in samples
    /// a sample.
    ///
    /// Errors beyond the search on the one hand and half the range of carriers on the other do not occur.
    pub fn residual(&self, sample_rate_hz: f64, carrier_hz: f64) -> (f64, f64) {
        let bounds = SynchronisationBounds::new(&self.preamble, sample_rate_hz);
        let snr = self.used_share / self.noise_power;
        let timing_s2 = match self.carrier {
            CarrierOffset::Zero => bounds.timing_variance_s2(snr),
            CarrierOffset::Unknown => bounds.joint_timing_variance_s2(snr),
        };
        let timing = (timing_s2.sqrt() * sample_rate_hz).min(self.search_samples as f64);
        if !self.corrects_clock {
            return (timing, 0.0);
        }
        let cfo_hz = bounds.joint_cfo_variance_hz2(snr).sqrt().min(0.5 * self.cfo_range_hz(sample_rate_hz));
        (timing, (cfo_hz / carrier_hz).min(1e-6 * MAX_PPM))
    }

    /// Returns the front end that runs furthest ahead of the nominal time over a round.
    pub fn earliest(&self, sample_rate_hz: f64, round_samples: usize) -> FrontEndConfig {
        let fast = if self.corrects_clock { self.most_fast(round_samples) } else { 0.0 };
        FrontEndConfig {
            timing_offset_s: -self.most_early_samples() / sample_rate_hz,
            oscillator_ppm: 1e6 * fast,
            ..FrontEndConfig::default()
        }
    }
}

/// Makes the preamble of a numerology.
///
/// # Errors
/// When the sequence does not exist on the used subcarriers, or the preamble is longer than 2^22 samples.
pub fn preamble(
    sequence: SyncSequence,
    repetitions: usize,
    numerology: &Numerology,
) -> Result<(Preamble, Vec<Complex32>), SynchronisationError> {
    let values = sequence.values(numerology.used())?;
    let (size, prefix) = (numerology.fft_size(), numerology.shortest_prefix_samples());
    let preamble = Preamble::on_bins(&values, numerology.offsets(), size, repetitions, prefix)?;
    Ok((preamble, values.iter().map(|v| Complex32::new(v.re as f32, v.im as f32)).collect()))
}
