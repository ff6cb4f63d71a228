//! The side that sends: a thread that writes, and what it may be given.

use super::SoapyRadio;
use super::error::refused;
use super::ffi::Writer;
use crate::error::RadioError;
use crate::radio::Direction;
use crate::stream::{
    Counters, Duty, Job, Outbox, PermitError, Refused, SampleClock, TransmitPermit, WhenFull, code,
    send_at_times, send_endlessly,
};
use airloop_baseband::{Burst, SampleIndex};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// How often who waits for an answer of the thread looks for it.
const PAUSE: Duration = Duration::from_micros(200);

/// A stream that is written.
pub(super) struct Transmitter {
    outbox: Arc<Outbox>,
    thread: Option<JoinHandle<()>>,
    duty: Duty,
    /// End of the last promise to be silent.
    promised: SampleIndex,
    /// End of the last burst.
    end: SampleIndex,
}

impl SoapyRadio {
    /// Returns the permit.
    pub(super) fn permit(&self) -> Result<&TransmitPermit, RadioError> {
        self.config.permit.as_ref().ok_or(PermitError::None).map_err(self.forbidden())
    }

    /// Checks the permit for all channels as they are set: a stream alone lets some of the carrier out.
    fn check_tuned(&self) -> Result<(), RadioError> {
        for (channel, tuned) in self.tuned.iter().enumerate() {
            let tuned = tuned.as_ref().ok_or(PermitError::Untuned { channel }).map_err(self.forbidden())?;
            self.check_tuning(tuned)?;
        }
        Ok(())
    }

    pub(super) fn start_transmitter(&mut self) -> Result<(), RadioError> {
        let most_duty = self.permit()?.most_duty;
        self.check_tuned()?;
        let rate_hz = self.sample_rate_hz(Direction::Transmit)?;
        let start = || refused(&self.config.name, "start to transmit");
        let writer = Writer::open(&self.device, &self.config.transmit_channels).map_err(start())?;
        writer.activate(None).map_err(start())?;
        let outbox = Arc::new(Outbox::default());
        let (bursts, counters) = (Arc::clone(&outbox), Arc::clone(&self.counters));
        let timed = self.limits.capabilities.timed_bursts;
        let write = move || match timed {
            true => send_at_times(writer, SampleClock::new(rate_hz), &bursts, &counters),
            false => send_endlessly(writer, &bursts, &counters),
        };
        let thread = thread::Builder::new().name(format!("write {}", self.config.name)).spawn(write);
        let thread = Some(thread.map_err(|error| start()(error.to_string()))?);
        let duty = Duty::new(most_duty, rate_hz);
        self.transmitter = Some(Transmitter { outbox, thread, duty, promised: 0, end: 0 });
        Ok(())
    }

    /// Sends a burst at a channel, which exists.
    pub(super) fn send(&mut self, channel: usize, burst: &Burst) -> Result<(), RadioError> {
        let permit = self.permit()?;
        permit.check_level(&burst.samples).map_err(self.forbidden())?;
        self.check_tuned()?;
        let (forbidden, radio) = (self.forbidden(), || self.config.name.clone());
        let active = self.transmitter.as_ref().ok_or_else(|| self.not_active(Direction::Transmit))?;
        let start = burst.start;
        if burst.samples.is_empty() {
            return Ok(());
        }
        let Some(end) = start.checked_add(burst.samples.len() as u64) else {
            let action = "send a burst that ends past the last index";
            return Err(refused(&self.config.name, action)(format!("it begins at sample {start}")));
        };
        let overlaps = |position| RadioError::Overlap { radio: radio(), start, position };
        if start < active.end {
            return Err(overlaps(active.end));
        }
        let now = match self.limits.capabilities.timed_bursts {
            true => self.time()?,
            false => active.position(),
        };
        if start < now {
            Counters::add(&self.counters.late_bursts, 1);
            return Err(RadioError::Late { radio: radio(), start, now });
        }
        if start < active.promised {
            return Err(overlaps(active.promised));
        }
        active.duty.check(start, end).map_err(forbidden)?;
        self.post(channel, start, &burst.samples)
    }

    /// Promises that nothing is sent before an index, to an emulated radio whose time waits for who may send.
    pub(super) fn promise(&mut self, index: SampleIndex) -> Result<(), RadioError> {
        let waits = self.when_full == WhenFull::Wait && self.limits.capabilities.timed_bursts;
        match &self.transmitter {
            Some(active) if waits && index > active.promised.max(active.end) && index > self.time()? => {
                self.post(0, index, &[])
            }
            _ => Ok(()),
        }
    }

    fn time(&self) -> Result<SampleIndex, RadioError> {
        let ns = self.device.time_ns("").map_err(refused(&self.config.name, "read its time"))?;
        Ok(SampleClock::new(self.sample_rate_hz(Direction::Transmit)?).index_from(ns))
    }

    fn post(
        &mut self,
        channel: usize,
        start: SampleIndex,
        samples: &[airloop_baseband::Complex32],
    ) -> Result<(), RadioError> {
        let (timeout, name) = (self.config.timeout, &self.config.name);
        let Some(active) = &mut self.transmitter else { return Ok(()) };
        let deadline = Instant::now() + timeout;
        let buffer = active.outbox.buffer(samples);
        let answer = active.ask(Job { channel, start, samples: buffer, deadline });
        let timed_out = |sent: usize| RadioError::TimedOut {
            radio: name.clone(),
            waited_s: timeout.as_secs_f64(),
            position: start + sent as u64,
            waits_for: None,
        };
        let end = start + samples.len() as u64;
        if !samples.is_empty() && !matches!(answer, Err(Refused::Late(_))) {
            // What is not known to have stayed behind counts as sent.
            active.duty.note(start, end);
            active.end = end;
        }
        match answer {
            Ok(()) => {
                active.promised = active.promised.max(end);
                Ok(())
            }
            Err(Refused::Late(now)) => Err(RadioError::Late { radio: name.clone(), start, now }),
            Err(Refused::TimedOut(sent)) => Err(timed_out(sent)),
            Err(Refused::Failed(failed)) => Err(refused(name, "transmit")(code::words(failed).into())),
        }
    }

    /// Waits until the last burst has gone out.
    pub(super) fn drain(&mut self) -> Result<(), RadioError> {
        let deadline = Instant::now() + self.config.timeout;
        while let Some(active) = &self.transmitter {
            let timed = self.limits.capabilities.timed_bursts;
            let position = if timed { self.time()? } else { active.position() };
            if position >= active.end || active.outbox.ending.code().is_some() {
                break;
            }
            if Instant::now() >= deadline {
                let (radio, waited_s) = (self.config.name.clone(), self.config.timeout.as_secs_f64());
                return Err(RadioError::TimedOut { radio, waited_s, position, waits_for: None });
            }
            thread::sleep(PAUSE);
        }
        Ok(())
    }
}

impl Transmitter {
    /// Returns how many samples have gone out of an endless stream.
    pub fn position(&self) -> SampleIndex {
        self.outbox.position()
    }

    /// Hands a burst to the thread and waits for its answer.
    fn ask(&self, job: Job) -> Result<(), Refused> {
        let deadline = job.deadline;
        if self.outbox.post(job).is_err() {
            return Err(Refused::Failed(code::STOPPED));
        }
        self.thread.iter().for_each(|thread| thread.thread().unpark());
        loop {
            if let Some(answer) = self.outbox.answer() {
                return answer;
            }
            if let Some(ended) = self.outbox.ending.code() {
                return Err(Refused::Failed(ended));
            }
            if Instant::now() >= deadline && self.outbox.take_back().is_some() {
                return Err(Refused::TimedOut(0));
            }
            thread::sleep(PAUSE);
        }
    }
}

impl Drop for Transmitter {
    fn drop(&mut self) {
        self.outbox.ending.ask();
        self.thread.take().into_iter().for_each(|thread| _ = thread.join());
    }
}
