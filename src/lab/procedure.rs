//! The steps by which radios are measured and aligned.

use super::phases::at_one_index;
use super::sounding::turned_rad;
use super::{Alignment, Bench, Calibration, DeviceCalibration, LabConfig, LabError, Log, Sounded, Sounding};
use airloop_baseband::units::db_from_power;
use airloop_baseband::{Burst, Capture, Complex32, Resampler, SampleIndex};
use std::f64::consts::TAU;
use std::sync::Arc;

/// Samples of silence whose level is measured.
const LEVEL_SAMPLES: usize = 1 << 14;

/// Times that timing is corrected at most.
const ROUNDS: usize = 4;

/// A sounding of an aligned device.
pub struct Arrived {
    /// What was measured; its start is the error of arrival, in samples.
    pub sounded: Sounded,
    /// What was heard where its first long sequence was to arrive.
    pub long: Vec<Complex32>,
}

/// A bench on which steps are gone through.
pub struct Session<'a> {
    pub config: &'a LabConfig,
    pub bench: &'a mut Bench,
    pub log: &'a mut Log,
    /// Radios by number: the server's, and the devices' in their order.
    pub server: usize,
    pub devices: Vec<usize>,
    pub sounding: Sounding,
    pub resampler: Arc<Resampler>,
}

/// Measures clocks and rates of radios, what they hear without anyone sending, whether each device and the server hear each other, and
/// what each radio hears of itself.
///
/// # Errors
/// When a radio fails, or a number is beyond its limit.
pub fn check(config: &LabConfig, bench: &mut Bench, log: &mut Log) -> Result<(), LabError> {
    let mut session = Session::new(config, bench, log)?;
    session.clocks();
    session.rates()?;
    session.levels()?;
    let down = session.beacon()?;
    session.uplinks(&down)?;
    session.loopback()?;
    session.losses()
}

/// Measures clocks, delays, gains and phases of all devices against the server, and aligns their arrivals.
///
/// # Errors
/// When a radio fails, or a number is beyond its limit.
pub fn calibrate(config: &LabConfig, bench: &mut Bench, log: &mut Log) -> Result<Calibration, LabError> {
    Session::new(config, bench, log)?.calibrate()
}

impl<'a> Session<'a> {
    /// Finds the server among the radios.
    pub fn new(config: &'a LabConfig, bench: &'a mut Bench, log: &'a mut Log) -> Result<Self, LabError> {
        let name = crate::run::seats::SERVER;
        let server = bench.find(name).ok_or_else(|| LabError::Missing {
            name: name.into(),
            needed: format!("{name} and at least one device"),
            there: (0..bench.radios()).map(|radio| bench.name(radio)).collect::<Vec<_>>().join(", "),
        })?;
        let devices = (0..bench.radios()).filter(|radio| *radio != server).collect();
        let most_cfo_hz = 1e-6 * config.limits.oscillator_ppm * config.centre_hz;
        let (rate_hz, told_hz) = (bench.sample_rate_hz(), Sounding::told_hz(bench.sample_rate_hz()));
        if most_cfo_hz > told_hz {
            return Err(LabError::Failed(format!(
                "limits.oscillator_ppm = {} lets carriers be {most_cfo_hz:.0} Hz apart at {} Hz, and at {rate_hz} samples/s soundings tell up to \
                 {told_hz:.0} Hz: lower it to {:.3}, or choose a higher sample rate",
                config.limits.oscillator_ppm,
                config.centre_hz,
                1e6 * told_hz / config.centre_hz
            )));
        }
        let sounding = Sounding::new(rate_hz, most_cfo_hz)?;
        let resampler = Arc::new(Resampler::new(0.85, -80.0));
        Ok(Self { config, bench, log, server, devices, sounding, resampler })
    }

    /// Goes through all steps.
    pub fn calibrate(&mut self) -> Result<Calibration, LabError> {
        self.levels()?;
        let (devices, phases_at) = if self.config.align { self.aligned()? } else { (self.nominal(), 0.0) };
        let (centre_hz, sample_rate_hz) = (self.config.centre_hz, self.bench.sample_rate_hz());
        Ok(Calibration { centre_hz, sample_rate_hz, phases_at, devices })
    }

    /// Returns devices that are aligned, and the index by the server's count at which their phases are stated.
    fn aligned(&mut self) -> Result<(Vec<DeviceCalibration>, f64), LabError> {
        let down = self.beacon()?;
        let mut devices = self.uplinks(&down)?;
        let long = self.sounding.first_long().start as f64;
        let measured: Vec<f64> = devices.iter().map(|device| device.alignment.heard + long).collect();
        let phases_at = measured.first().copied().unwrap_or(0.0);
        self.timing(&mut devices)?;
        self.tracking(&mut devices)?;
        at_one_index(&mut devices, (&measured, phases_at), self.bench.sample_rate_hz());
        Ok((devices, phases_at))
    }

    /// Returns devices that are taken for aligned.
    fn nominal(&self) -> Vec<DeviceCalibration> {
        let name = |device: &usize| self.bench.name(*device).to_string();
        let of = |device| DeviceCalibration { name: name(device), ..DeviceCalibration::default() };
        self.devices.iter().map(of).collect()
    }

    /// Returns samples at the level that is sent.
    pub fn levelled(&self, samples: &[Complex32]) -> Vec<Complex32> {
        let level = 10f32.powf(-0.05 * self.config.back_off_db as f32);
        samples.iter().map(|x| x * level).collect()
    }

    /// Returns the sounding as it is sent, at an index.
    pub fn sounding_at(&self, start: SampleIndex) -> Burst {
        Burst { start, samples: self.levelled(self.sounding.samples()) }
    }

    fn levels(&mut self) -> Result<(), LabError> {
        let captures = self.bench.hear(LEVEL_SAMPLES)?;
        for (radio, capture) in captures.iter().enumerate() {
            let power: f64 = capture.samples.iter().map(|x| f64::from(x.norm_sqr())).sum();
            let level_dbfs = db_from_power(power / capture.samples.len() as f64);
            let name = self.bench.name(radio).to_string();
            self.log.note("levels", &name, ("noise_dbfs", level_dbfs));
            self.clipping("levels", &name, capture)?;
        }
        Ok(())
    }

    fn clipping(&mut self, step: &'static str, name: &str, capture: &Capture) -> Result<(), LabError> {
        let share = f64::from(capture.clipped_share);
        self.log.at_most(step, name, ("clipped_share", share), self.config.limits.clipped_share)
    }

    /// Holds the SNR of a sounding against the limit; it must be there.
    fn heard(
        &mut self,
        step: &'static str,
        (radio, heard_by): (&str, &str),
        sounded: Option<Sounded>,
    ) -> Result<Sounded, LabError> {
        let sounded = sounded.ok_or_else(|| {
            LabError::Failed(format!("{step}: radio {heard_by} hears nothing of radio {radio}"))
        })?;
        self.log.at_least(step, radio, ("snr_db", sounded.snr_db), self.config.limits.snr_db)?;
        Ok(sounded)
    }

    /// The server sends, all devices hear: their clocks against its.
    fn beacon(&mut self) -> Result<Vec<Sounded>, LabError> {
        let start = self.bench.now(self.server)? + self.turnaround();
        let burst = self.sounding_at(start);
        self.bench.transmit(self.server, &burst)?;
        let found = self.hear_sounding(&self.devices.clone())?;
        let server = self.bench.name(self.server).to_string();
        let mut all = Vec::new();
        for (device, (capture, sounded)) in self.devices.clone().into_iter().zip(found) {
            let name = self.bench.name(device).to_string();
            self.clipping("beacon", &name, &capture)?;
            let sounded = self.heard("beacon", (&server, &name), sounded)?;
            let ppm = -1e6 * sounded.cfo_hz / self.config.centre_hz;
            self.log.at_most("beacon", &name, ("oscillator_ppm", ppm), self.config.limits.oscillator_ppm)?;
            all.push(sounded);
        }
        Ok(all)
    }

    /// Each device sends alone, the server hears.
    fn uplinks(&mut self, down: &[Sounded]) -> Result<Vec<DeviceCalibration>, LabError> {
        let mut all = Vec::new();
        for (device, down) in self.devices.clone().into_iter().zip(down) {
            let own = self.bench.now(device)? + self.turnaround();
            let burst = self.sounding_at(own);
            self.bench.transmit(device, &burst)?;
            let (capture, sounded) = self.hear_sounding(&[self.server])?.swap_remove(0);
            let name = self.bench.name(device).to_string();
            let server = self.bench.name(self.server).to_string();
            self.clipping("uplink", &server, &capture)?;
            let sounded = self.heard("uplink", (&name, &server), sounded)?;
            let sample_clock_ppm = 1e6 * sounded.cfo_hz / self.config.centre_hz;
            let heard = capture.start as f64 + sounded.start_samples;
            let alignment = Alignment { own, heard, cfo_hz: sounded.cfo_hz, sample_clock_ppm };
            let level_db = -self.config.back_off_db;
            let calibration = DeviceCalibration {
                name: name.clone(),
                oscillator_ppm: sample_clock_ppm,
                delay_samples: alignment.own_index(0.0),
                phase_rad: sounded.amplitude.arg(),
                gain_db: db_from_power(sounded.amplitude.norm_sqr()) - level_db,
                gain_down_db: db_from_power(down.amplitude.norm_sqr()) - level_db,
                snr_db: sounded.snr_db,
                alignment,
            };
            let both = ("carrier_both_ways_hz", sounded.cfo_hz + down.cfo_hz);
            self.log.note("uplink", &name, both);
            self.log.note("uplink", &name, ("oscillator_ppm", sample_clock_ppm));
            self.log.note("uplink", &name, ("gain_db", calibration.gain_db));
            let reciprocity = calibration.gain_db - calibration.gain_down_db;
            self.log.note("uplink", &name, ("reciprocity_db", reciprocity));
            all.push(calibration);
        }
        Ok(all)
    }

    /// All devices send side by side as they are aligned so far, until what they send arrives where it should.
    fn timing(&mut self, devices: &mut [DeviceCalibration]) -> Result<(), LabError> {
        for round in 0..ROUNDS {
            let base = self.next(devices)?;
            let heard = self.soundings(devices, base)?.into_iter().map(|arrived| arrived.sounded);
            let slot = self.slot();
            let mut worst = 0.0f64;
            for (k, (calibration, sounded)) in devices.iter_mut().zip(heard).enumerate() {
                let target = (base + k as u64 * slot) as f64;
                let (late, cfo) = (sounded.start_samples, (sounded.cfo_hz, self.config.centre_hz));
                worst = worst.max(late.abs());
                calibration.alignment = calibration.alignment.corrected(target, late, cfo);
                calibration.oscillator_ppm = calibration.alignment.sample_clock_ppm;
                self.log.note("timing", &calibration.name, ("arrival_error_samples", late));
                self.log.note("timing", &calibration.name, ("residual_cfo_hz", sounded.cfo_hz));
            }
            // What the first time finds is what is to be corrected.
            let limit = self.config.limits.timing_samples;
            if round > 0 && (worst <= limit || round + 1 == ROUNDS) {
                return self.log.at_most("timing", "all devices", ("worst_arrival_samples", worst), limit);
            }
        }
        Ok(())
    }

    /// Soundings over a growing time, aligned as they are: what is left of carrier offsets turns the phase from one to the other.
    fn tracking(&mut self, devices: &mut [DeviceCalibration]) -> Result<(), LabError> {
        let mut base = self.next(devices)?;
        let (start, first) = (base, self.soundings(devices, base)?);
        let mut left_hz = vec![0.0; devices.len()];
        for _ in 0..ROUNDS {
            base = self.next(devices)?;
            let next = self.soundings(devices, base)?;
            let passed_s = (base - start) as f64 / self.bench.sample_rate_hz();
            for ((left_hz, first), next) in left_hz.iter_mut().zip(&first).zip(&next) {
                let more = turned_rad(&first.long, &next.long) / TAU - *left_hz * passed_s;
                *left_hz += (more - more.round()) / passed_s;
            }
        }
        for (calibration, left_hz) in devices.iter_mut().zip(left_hz) {
            let cfo_hz = calibration.alignment.cfo_hz + left_hz;
            calibration.oscillator_ppm = 1e6 * cfo_hz / self.config.centre_hz;
            calibration.alignment.cfo_hz = cfo_hz;
            self.log.note("tracking", &calibration.name, ("residual_cfo_hz", left_hz));
        }
        Ok(())
    }

    /// Returns the time that one device's sounding takes among others, in samples.
    pub fn slot(&self) -> u64 {
        self.sounding.samples().len() as u64 + 1024
    }

    /// Lets devices send soundings one after another, to arrive from an index of the server on, and hears them; starts are errors
    /// of arrival, in samples.
    pub fn soundings(
        &mut self,
        devices: &[DeviceCalibration],
        base: SampleIndex,
    ) -> Result<Vec<Arrived>, LabError> {
        self.send_soundings(devices, base)?;
        let capture = self.hear_until(base + self.slot() * devices.len() as u64)?;
        self.read_soundings(devices, base, &capture)
    }

    /// Schedules the soundings of all devices.
    pub fn send_soundings(
        &mut self,
        devices: &[DeviceCalibration],
        base: SampleIndex,
    ) -> Result<(), LabError> {
        for (k, calibration) in devices.iter().enumerate() {
            let burst = self.sounding_at(base + k as u64 * self.slot());
            self.send(k, calibration, &burst)?;
        }
        Ok(())
    }

    /// Lets a device send a burst that is given by the server's count.
    pub fn send(&mut self, k: usize, calibration: &DeviceCalibration, burst: &Burst) -> Result<(), LabError> {
        let rate_hz = self.bench.sample_rate_hz();
        let burst = calibration.alignment.arrange(burst, rate_hz, &self.resampler)?;
        self.bench.transmit(self.devices[k], &burst)
    }

    /// Reads the soundings of all devices in what the server heard.
    pub fn read_soundings(
        &mut self,
        devices: &[DeviceCalibration],
        base: SampleIndex,
        capture: &Capture,
    ) -> Result<Vec<Arrived>, LabError> {
        let (slot, server) = (self.slot() as usize, self.bench.name(self.server).to_string());
        self.clipping("sounding", &server, capture)?;
        let mut all = Vec::new();
        for (k, calibration) in devices.iter().enumerate() {
            // A slot begins half its guard early: what comes early is heard too.
            let from = (base - capture.start) as usize + k * slot;
            let early = from.min(512);
            let part = capture.samples.get(from - early..from - early + slot).unwrap_or_default();
            let found = self.sounding.hear(part);
            let mut sounded = self.heard("sounding", (&calibration.name, &server), found)?;
            sounded.start_samples -= early as f64;
            let long = self.sounding.first_long();
            let long = part[early + long.start..early + long.end].to_vec();
            all.push(Arrived { sounded, long });
        }
        Ok(all)
    }
}
