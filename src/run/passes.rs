//! A round in two passes: what it would send is collected, and what was captured is read.
//!
//! Slots of a round follow each other at once, faster than any host answers; so the whole round is planned before it is sent.

use crate::medium::MediumError;
use airloop_baseband::{Burst, Capture, Complex32, Port, SampleIndex, Transport, Window};

/// Collects what would be sent; hears silence.
#[derive(Clone, Debug, Default)]
pub struct Collector {
    /// Sample rate, in hertz.
    pub sample_rate_hz: f64,
    /// By port, in order of time.
    pub sent: Vec<Vec<Burst>>,
    /// End of the last window.
    pub end: SampleIndex,
}

impl Transport for Collector {
    type Error = MediumError;

    fn sample_rate_hz(&self) -> f64 {
        self.sample_rate_hz
    }

    fn transmit(&mut self, port: Port, burst: &Burst) -> Result<(), MediumError> {
        if self.sent.len() <= port {
            self.sent.resize_with(port + 1, Vec::new);
        }
        self.sent[port].push(burst.clone());
        self.end = self.end.max(burst.end());
        Ok(())
    }

    fn receive(&mut self, _port: Port, window: Window) -> Result<Capture, MediumError> {
        self.end = self.end.max(window.end());
        let samples = vec![Complex32::default(); window.length_samples];
        Ok(Capture { start: window.start, samples, ..Capture::default() })
    }

    fn skip(&mut self, _port: Port, _until: SampleIndex) -> Result<(), MediumError> {
        Ok(())
    }
}

/// Hears what was captured, from index 0 on at port 0; what is sent must be what was collected.
#[derive(Clone, Debug)]
pub struct Captured {
    /// What was collected.
    pub plan: Collector,
    /// What was heard.
    pub samples: Vec<Complex32>,
    next: Vec<usize>,
}

impl Captured {
    /// Makes the second pass.
    pub fn new(plan: Collector, samples: Vec<Complex32>) -> Self {
        let next = vec![0; plan.sent.len()];
        Self { plan, samples, next }
    }
}

impl Transport for Captured {
    type Error = MediumError;

    fn sample_rate_hz(&self) -> f64 {
        self.plan.sample_rate_hz
    }

    fn transmit(&mut self, port: Port, burst: &Burst) -> Result<(), MediumError> {
        let next = self.next.get_mut(port).ok_or(MediumError::Answers)?;
        if self.plan.sent[port].get(*next) != Some(burst) {
            return Err(MediumError::Answers);
        }
        *next += 1;
        Ok(())
    }

    fn receive(&mut self, _port: Port, window: Window) -> Result<Capture, MediumError> {
        let from = self.samples.get(window.start as usize..window.end() as usize);
        let samples = from.map_or_else(|| vec![Complex32::default(); window.length_samples], <[_]>::to_vec);
        Ok(Capture { start: window.start, samples, ..Capture::default() })
    }

    fn skip(&mut self, _port: Port, _until: SampleIndex) -> Result<(), MediumError> {
        Ok(())
    }
}
