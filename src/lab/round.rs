//! One round of an experiment over aligned radios: pilots, the plan with measured channels, the burst between two soundings.

use super::carriers::Carriers;
use super::pilots::{Pilots, Responses};
use super::plan::{Plan, Reading, plannable};
use super::procedure::{Arrived, Session};
use super::sounding::turned;
use super::{Bench, Calibration, DeviceCalibration, LabConfig, LabError, Log, annotations};
use crate::experiment::Experiment;
use crate::report::Report;
use airloop_baseband::{Burst, Complex32, Complex64, SampleIndex};
use airloop_hil::RadioStatus;

/// Samples between the round and the soundings after it.
const PAUSE_SAMPLES: u64 = 1024;

/// What a lab run came to.
#[derive(Debug)]
pub struct LabRound {
    /// The report.
    pub report: Report,
    /// What was measured of the radios.
    pub calibration: Calibration,
    /// What went wrong on the way of samples.
    pub status: RadioStatus,
    /// What the server heard of the round.
    pub heard: HeardRound,
    /// Estimate of the sum of the devices' unit-power values, and the sum itself.
    pub sum: (Vec<f32>, Vec<f32>),
}

/// What the server heard of a round.
#[derive(Debug)]
pub struct HeardRound {
    /// Where it began, by the server's count.
    pub start: SampleIndex,
    /// The round alone.
    pub samples: Vec<Complex32>,
    /// By radio that sends: how its sounding arrived, before and after the round, over how it arrived beside the pilots.
    pub phasors: Vec<[Complex64; 2]>,
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
    let context = plannable(experiment)?;
    let carriers = Carriers::new(&context, config, bench)?;
    let mut session = Session::new(config, bench, log)?;
    session.devices.clone_from(&carriers.senders);
    let calibration = session.calibrate()?;
    let senders = &calibration.devices;
    let pilots = Pilots::new(experiment, context.modem());
    let mut carried = Carried { session, carriers, origin: 0 };
    let (responses, beside) = carried.pilots(senders, pilots)?;
    let plan = Plan::new(context, &responses)?;
    let heard = carried.burst(senders, &plan, &beside)?;
    for (sender, phasors) in senders.iter().zip(&heard.phasors) {
        let [first, last] = phasors.map(Complex64::arg);
        let drift_rad = if first.abs() > last.abs() { first } else { last };
        let number = ("phase_drift_rad", drift_rad);
        carried.session.log.at_most("drift", &sender.name, number, config.limits.drift_rad)?;
    }
    let Reading { report, estimate, truth } = plan.read(&heard.samples)?;
    let status = carried.session.bench.status();
    Ok(LabRound { report, calibration, status, heard, sum: (estimate, truth) })
}

/// A session that carries an experiment.
struct Carried<'b> {
    session: Session<'b>,
    carriers: Carriers,
    /// Where emulated channels begin, by the server's count.
    origin: SampleIndex,
}

impl Carried<'_> {
    /// Radios send soundings and the pilots of their devices one after another; returns what both told.
    fn pilots(
        &mut self,
        senders: &[DeviceCalibration],
        mut pilots: Pilots,
    ) -> Result<(Responses, Vec<Arrived>), LabError> {
        let devices = self.carriers.devices();
        let slot = pilots.slot(self.carriers.spread_samples());
        let base = self.session.next(senders)?;
        self.session.send_soundings(senders, base)?;
        let first = base + self.session.slot() * senders.len() as u64 + self.carriers.spread_samples();
        self.origin = first;
        let places: Vec<SampleIndex> = (0..devices as u64).map(|k| first + k * slot).collect();
        for (device, at) in places.iter().enumerate() {
            let sent = self.levelled(&[(device, pilots.burst(*at))])?;
            self.send(senders, &sent)?;
        }
        let capture = self.session.hear_until(first + slot * devices as u64)?;
        let beside = self.session.read_soundings(senders, base, &capture)?;
        let length = pilots.length_samples();
        let heard: Vec<&[Complex32]> = places
            .iter()
            .map(|at| capture.samples.get((at - capture.start) as usize..).unwrap_or_default())
            .map(|samples| &samples[..length.min(samples.len())])
            .collect();
        for (device, at) in places.iter().enumerate() {
            self.annotate((*at, length as u64), &annotations::pilots_of(device))?;
        }
        let responses = pilots.read(&heard, self.session.config.unit_gain_db())?;
        self.session.log.note("pilots", "all devices", ("snr_db", responses.snr_db));
        self.session.log.note("pilots", "all devices", ("gain_db", responses.gain_db));
        Ok((responses, beside))
    }

    /// Sends the round between two soundings.
    fn burst(
        &mut self,
        senders: &[DeviceCalibration],
        plan: &Plan<'_>,
        beside: &[Arrived],
    ) -> Result<HeardRound, LabError> {
        let slots = self.session.slot() * senders.len() as u64;
        let before = self.session.next(senders)?;
        let start = before + slots + self.carriers.spread_samples();
        let (length, spread) = (plan.length_samples(), self.carriers.spread_samples());
        let after = start + length + spread + PAUSE_SAMPLES;
        self.session.send_soundings(senders, before)?;
        let sent = self.levelled(&plan.bursts(start))?;
        for (sender, burst) in senders.iter().zip(&sent) {
            let parts = burst.iter().flat_map(|burst| &burst.samples).flat_map(|x| [x.re.abs(), x.im.abs()]);
            let peak = ("peak_of_full_scale", parts.fold(0.0, f32::max).into());
            self.session.log.at_most("burst", &sender.name, peak, 1.0)?;
        }
        self.send(senders, &sent)?;
        self.session.send_soundings(senders, after)?;
        let capture = self.session.hear_until(after + slots)?;
        let first = self.session.read_soundings(senders, before, &capture)?;
        let last = self.session.read_soundings(senders, after, &capture)?;
        let phasors =
            |place: usize| [&first, &last].map(|heard| turned(&beside[place].long, &heard[place].long));
        self.annotate((start, length), annotations::ROUND)?;
        let at = (start - capture.start) as usize;
        let samples = capture.samples.get(at..at + length as usize).unwrap_or_default().to_vec();
        Ok(HeardRound { start, samples, phasors: (0..senders.len()).map(phasors).collect() })
    }

    /// Says something of samples that the server heard, if they are recorded.
    fn annotate(&mut self, samples: (SampleIndex, u64), label: &str) -> Result<(), LabError> {
        let (server, recordings) = (self.session.server, self.session.bench.recordings());
        recordings.map_or(Ok(()), |recordings| recordings.annotate(server, samples, label))
    }

    /// Returns what radios send for bursts of devices.
    fn levelled(&self, bursts: &[(usize, Burst)]) -> Result<Vec<Option<Burst>>, LabError> {
        let mut sent = self.carriers.sent(bursts, self.origin)?;
        for burst in sent.iter_mut().flatten() {
            burst.samples = self.session.levelled(&burst.samples);
        }
        Ok(sent)
    }

    /// Sends bursts of radios, given by the server's count.
    fn send(&mut self, senders: &[DeviceCalibration], bursts: &[Option<Burst>]) -> Result<(), LabError> {
        for (place, burst) in bursts.iter().enumerate() {
            if let Some(burst) = burst {
                self.session.send(place, &senders[place], burst)?;
            }
        }
        Ok(())
    }
}
