//! Pilots of devices: known OFDM symbols, one device after another, and what they tell of channels.

use super::LabError;
use crate::experiment::Experiment;
use crate::ofdm::Modem;
use airloop_baseband::units::db_from_power;
use airloop_baseband::{Burst, Complex32, Purpose, SampleIndex};
use std::f64::consts::{FRAC_PI_2, PI};

/// OFDM symbols of a device's pilots.
const PILOT_SYMBOLS: usize = 14;

/// Silence after a device's pilots, in samples.
const PAUSE_SAMPLES: u64 = 1024;

/// The pilots of an experiment's devices.
pub struct Pilots {
    modem: Modem,
    used: usize,
    /// Values of unit power, by symbol and used subcarrier.
    known: Vec<Complex32>,
    samples: Vec<Complex32>,
}

/// What pilots told.
#[derive(Clone, Debug)]
pub struct Responses {
    /// By device and used subcarrier; of unit mean power, or as the lab scales them.
    pub rows: Vec<Complex32>,
    /// What was divided by.
    pub gain: f32,
    /// Mean power of the responses before, in decibels.
    pub gain_db: f64,
    /// SNR of a subcarrier, in decibels.
    pub snr_db: f64,
}

impl Pilots {
    /// Draws the pilots of an experiment.
    pub fn new(experiment: &Experiment, modem: &Modem) -> Self {
        let (mut modem, used) = (modem.clone(), experiment.numerology.used());
        let stream = experiment.seeds.stream(Purpose::Pilot, 0, 1);
        let qpsk = |n: usize| {
            let quarter = (4.0 * stream.uniform(n as u64)).floor();
            Complex32::from_polar(1.0, (FRAC_PI_2 * quarter + PI / 4.0) as f32)
        };
        let known: Vec<Complex32> = (0..PILOT_SYMBOLS * used).map(qpsk).collect();
        let mut samples = Vec::new();
        modem.modulate(0, &known, &mut samples);
        Self { modem, used, known, samples }
    }

    /// Returns how many samples the server hears of one device's pilots.
    pub fn length_samples(&self) -> usize {
        self.samples.len()
    }

    /// Returns from one device's pilots to the next, in samples, where radios send for longer than devices by a spread.
    pub fn slot(&self, spread_samples: u64) -> u64 {
        self.samples.len() as u64 + 2 * self.modem.advance_samples() as u64 + spread_samples + PAUSE_SAMPLES
    }

    /// Returns a device's pilots, which the server hears from an index on.
    pub fn burst(&self, heard: SampleIndex) -> Burst {
        Burst { start: heard + self.modem.advance_samples() as u64, samples: self.samples.clone() }
    }

    /// Reads what the server heard of each device's pilots; channels are divided by their root mean square, or by what the lab calls 1.
    ///
    /// # Errors
    /// When a device's are not there whole.
    pub fn read(&mut self, heard: &[&[Complex32]], unit_gain_db: Option<f64>) -> Result<Responses, LabError> {
        let used = self.used;
        let mut rows = vec![Complex32::default(); heard.len() * used];
        let (mut noise, mut count) = (0.0, 0.0);
        let mut grid = vec![Complex32::default(); PILOT_SYMBOLS * used];
        for (samples, row) in heard.iter().zip(rows.chunks_exact_mut(used)) {
            if samples.len() != self.samples.len() {
                return Err(LabError::Unplannable("pilots were not captured whole"));
            }
            self.modem.demodulate(0, samples, &mut grid);
            let quotients: Vec<Complex32> = grid.iter().zip(&self.known).map(|(y, x)| y * x.conj()).collect();
            for symbol in quotients.chunks_exact(used) {
                row.iter_mut().zip(symbol).for_each(|(h, q)| *h += q / PILOT_SYMBOLS as f32);
            }
            for symbol in quotients.chunks_exact(used) {
                noise += row.iter().zip(symbol).map(|(h, q)| f64::from((q - h).norm_sqr())).sum::<f64>();
            }
            count += ((PILOT_SYMBOLS - 1) * used) as f64;
        }
        let power = rows.iter().map(|h| f64::from(h.norm_sqr())).sum::<f64>() / rows.len() as f64;
        let gain = unit_gain_db.map_or(power.sqrt(), |gain_db| 10f64.powf(0.05 * gain_db)) as f32;
        rows.iter_mut().for_each(|h| *h /= gain);
        Ok(Responses {
            rows,
            gain,
            gain_db: db_from_power(power),
            snr_db: db_from_power(power / (noise / count)),
        })
    }
}
