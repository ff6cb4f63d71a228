//! One round of an experiment over aligned radios: pilots, the plan with measured channels, the burst between two soundings.

use super::procedure::{Arrived, Session};
use super::sounding::turned_rad;
use super::{Bench, Calibration, DeviceCalibration, LabConfig, LabError, Log};
use crate::experiment::Experiment;
use crate::medium::Medium;
use crate::ofdm::Modem;
use crate::report::{Fidelity, Report};
use crate::run::TrialContext;
use crate::run::passes::{Captured, Collector};
use crate::run::shared::report_of_round;
use crate::synchronisation::RoundClocks;
use airloop_baseband::units::db_from_power;
use airloop_baseband::{Burst, Complex32, Purpose, SampleIndex};
use airloop_hil::RadioStatus;
use std::f64::consts::{FRAC_PI_2, PI};

/// OFDM symbols of a device's pilots.
const PILOT_SYMBOLS: usize = 14;

/// What a lab run came to.
#[derive(Debug)]
pub struct LabRound {
    /// The report.
    pub report: Report,
    /// What was measured of the radios.
    pub calibration: Calibration,
    /// What went wrong on the way of samples.
    pub status: RadioStatus,
    /// What the server heard: the burst alone, and its first sample by the server's count.
    pub heard: (SampleIndex, Vec<Complex32>),
}

/// Measures, aligns, and carries the first round of an experiment.
///
/// # Errors
/// When the experiment is none that a lab can plan, a radio is missing or fails, or a number is beyond its limit.
pub fn run(
    experiment: &Experiment,
    config: &LabConfig,
    (bench, log): (&mut Bench, &mut Log),
) -> Result<LabRound, LabError> {
    let context = planned(experiment)?;
    let mut session = Session::new(config, bench, log)?;
    session.devices = devices(experiment, session.bench)?;
    let calibration = session.calibrate()?;
    let mut radio = Radio { session, experiment, modem: context.modem().clone() };
    let pilots = radio.pilots(&calibration.devices)?;
    let context = context.with_measured(pilots.rows.clone());
    let plan = plan(&context)?;
    let (start, burst, drifts) = radio.burst(&calibration.devices, &plan, &pilots)?;
    for (device, drift_rad) in calibration.devices.iter().zip(&drifts) {
        let limit = config.limits.drift_rad;
        radio.session.log.at_most("drift", &device.name, ("phase_drift_rad", *drift_rad), limit)?;
    }
    let scaled = burst.iter().map(|x| x / pilots.gain).collect();
    let report = read(&context, Captured::new(plan, scaled))?;
    let status = radio.session.bench.status();
    Ok(LabRound { report, calibration, status, heard: (start, burst) })
}

/// Checks that a lab can plan an experiment.
fn planned(experiment: &Experiment) -> Result<TrialContext<'_>, LabError> {
    let context = TrialContext::new(experiment, Fidelity::Radio)?;
    let refuse = |why| Err(LabError::Unplannable(why));
    if !experiment.needs().transmits {
        return refuse("the scheme sends no slots of samples: a lab has nothing to carry");
    }
    if context.has_clocks() || !experiment.receiver.is_ideal() {
        return refuse(
            "[impairments], [receiver] and [sync] are emulated ones: radios of a lab have their own; leave them out",
        );
    }
    if experiment.rounds > 1 {
        return refuse("rounds > 1: a lab run carries one round");
    }
    if experiment.link.antennas().links() > 1 {
        return refuse("a lab run takes one antenna a radio");
    }
    Ok(context)
}

/// Finds the radios of the experiment's devices.
fn devices(experiment: &Experiment, bench: &Bench) -> Result<Vec<usize>, LabError> {
    let there = (0..bench.radios()).map(|radio| bench.name(radio)).collect::<Vec<_>>().join(", ");
    let devices = experiment.payload.devices();
    let find = |device| {
        let name = crate::run::seats::device_name(device);
        bench.find(&name).ok_or_else(|| LabError::Missing {
            name,
            needed: format!("server and device-0 to device-{}", devices - 1),
            there: there.clone(),
        })
    };
    (0..devices).map(find).collect()
}

/// Goes through the round without radios: what would be sent.
fn plan(context: &TrialContext<'_>) -> Result<Collector, LabError> {
    let experiment = context.experiment;
    let sample_rate_hz = experiment.numerology.sample_rate_hz();
    let mut round = context.opening().begin(0);
    let collector = Collector { sample_rate_hz, ..Collector::default() };
    let mut medium = context.over((0, 0), RoundClocks::default(), collector);
    medium.carry(round.as_mut(), experiment.needs()).map_err(crate::run::RunError::from)?;
    Ok(medium.into_transport())
}

/// Reads what was captured.
fn read(context: &TrialContext<'_>, captured: Captured) -> Result<Report, LabError> {
    let experiment = context.experiment;
    let mut round = context.opening().begin(0);
    let mut medium = context.over((0, 0), RoundClocks::default(), captured);
    medium.carry(round.as_mut(), experiment.needs()).map_err(crate::run::RunError::from)?;
    let outcome = round.finish().map_err(crate::run::RunError::from)?;
    Ok(report_of_round(experiment, &outcome, &medium)?)
}

/// What pilots told.
struct Pilots {
    /// Responses by device and used subcarrier, scaled.
    rows: Vec<Complex32>,
    /// What they were scaled by.
    gain: f32,
    /// The soundings beside them.
    soundings: Vec<Arrived>,
}

/// A session that carries an experiment.
struct Radio<'a, 'b> {
    session: Session<'b>,
    experiment: &'a Experiment,
    modem: Modem,
}

impl Radio<'_, '_> {
    /// Devices send soundings and pilots one after another.
    fn pilots(&mut self, devices: &[DeviceCalibration]) -> Result<Pilots, LabError> {
        let used = self.experiment.numerology.used();
        let stream = self.experiment.seeds.stream(Purpose::Pilot, 0, 1);
        let qpsk = |n: usize| {
            let quarter = (4.0 * stream.uniform(n as u64)).floor();
            Complex32::from_polar(1.0, (FRAC_PI_2 * quarter + PI / 4.0) as f32)
        };
        let known: Vec<Complex32> = (0..PILOT_SYMBOLS * used).map(qpsk).collect();
        let mut samples = Vec::new();
        self.modem.modulate(0, &known, &mut samples);
        let samples = self.session.levelled(&samples);
        let advance = self.modem.advance_samples() as u64;
        let slot = samples.len() as u64 + 2 * advance + 1024;
        let session = &mut self.session;
        let base = session.bench.heard(session.server)? + 2 * session.turnaround();
        session.send_soundings(devices, base)?;
        let first = base + session.slot() * devices.len() as u64;
        for (k, device) in devices.iter().enumerate() {
            let burst = Burst { start: first + k as u64 * slot + advance, samples: samples.clone() };
            session.send(k, device, &burst)?;
        }
        let from = session.bench.heard(session.server)?;
        let end = first + slot * devices.len() as u64 + session.turnaround();
        let captures = session.bench.hear((end - from) as usize)?;
        let capture = &captures[session.server];
        let sounded = session.read_soundings(devices, base, capture)?;
        let mut rows = vec![Complex32::default(); devices.len() * used];
        let (mut noise, mut count) = (0.0, 0.0);
        let mut heard = vec![Complex32::default(); PILOT_SYMBOLS * used];
        for (k, row) in rows.chunks_exact_mut(used).enumerate() {
            let at = (first + k as u64 * slot - capture.start) as usize;
            let window = capture.samples.get(at..at + samples.len()).unwrap_or_default();
            self.modem.demodulate(0, window, &mut heard);
            let quotients: Vec<Complex32> = heard.iter().zip(&known).map(|(y, x)| y * x.conj()).collect();
            for symbol in quotients.chunks_exact(used) {
                row.iter_mut().zip(symbol).for_each(|(h, q)| *h += q / PILOT_SYMBOLS as f32);
            }
            for symbol in quotients.chunks_exact(used) {
                noise += row.iter().zip(symbol).map(|(h, q)| f64::from((q - h).norm_sqr())).sum::<f64>();
            }
            count += ((PILOT_SYMBOLS - 1) * used) as f64;
        }
        let power = rows.iter().map(|h| f64::from(h.norm_sqr())).sum::<f64>() / rows.len() as f64;
        let snr_db = db_from_power(power / (noise / count));
        self.session.log.note("pilots", "all devices", ("snr_db", snr_db));
        self.session.log.note("pilots", "all devices", ("gain_db", db_from_power(power)));
        let unit = self.session.config.unit_gain_db.map(|gain_db| 10f64.powf(0.05 * gain_db));
        let gain = unit.unwrap_or(power.sqrt()) as f32;
        rows.iter_mut().for_each(|h| *h /= gain);
        Ok(Pilots { rows, gain, soundings: sounded })
    }

    /// Sends the round between two soundings; returns where it began, what was heard of it, and by device how far its phase drifted
    /// from the pilots to the end.
    fn burst(
        &mut self,
        devices: &[DeviceCalibration],
        plan: &Collector,
        pilots: &Pilots,
    ) -> Result<(SampleIndex, Vec<Complex32>, Vec<f64>), LabError> {
        let session = &mut self.session;
        let slots = session.slot() * devices.len() as u64;
        let before = session.bench.heard(session.server)? + 2 * session.turnaround();
        let start = before + slots;
        let after = start + plan.end + 1024;
        session.send_soundings(devices, before)?;
        for (k, device) in devices.iter().enumerate() {
            let burst = laid_out(start, plan.sent.get(k).map_or(&[], Vec::as_slice));
            let burst = Burst { samples: session.levelled(&burst.samples), ..burst };
            let peak = burst.samples.iter().map(|x| x.re.abs().max(x.im.abs())).fold(0.0, f32::max);
            session.log.at_most("burst", &device.name, ("peak_of_full_scale", peak.into()), 1.0)?;
            session.send(k, device, &burst)?;
        }
        session.send_soundings(devices, after)?;
        let from = session.bench.heard(session.server)?;
        let end = after + slots + session.turnaround();
        let captures = session.bench.hear((end - from) as usize)?;
        let capture = &captures[session.server];
        let heard = [before, after].map(|base| session.read_soundings(devices, base, capture));
        let [first, last] = heard;
        let (first, last) = (first?, last?);
        let drift = |k: usize| {
            let turned = |after: &[Arrived]| turned_rad(&pilots.soundings[k].long, &after[k].long);
            let (a, b) = (turned(&first), turned(&last));
            if a.abs() > b.abs() { a } else { b }
        };
        let at = (start - capture.start) as usize;
        let samples = capture.samples.get(at..at + plan.end as usize).unwrap_or_default().to_vec();
        Ok((start, samples, (0..devices.len()).map(drift).collect()))
    }
}

/// Lays the bursts of a round side by side, from an index on.
fn laid_out(start: SampleIndex, bursts: &[Burst]) -> Burst {
    let end = bursts.last().map_or(0, Burst::end);
    let first = bursts.first().map_or(0, |burst| burst.start);
    let mut samples = vec![Complex32::default(); (end - first) as usize];
    for burst in bursts {
        samples[(burst.start - first) as usize..][..burst.samples.len()].copy_from_slice(&burst.samples);
    }
    Burst { start: start + first, samples }
}
