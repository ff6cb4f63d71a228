//! The line of one device: its link, and the last report.

use crate::ChannelError;
use crate::gains::{probe, require_gains, require_product};
use airloop::live::Link;
use airloop::report::Report;
use airloop::run::RunError;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A device's place on a link.
pub(crate) struct Line {
    state: Mutex<State>,
}

struct State {
    link: Link,
    device: u64,
    /// Whether the link has been seen to scale values and nothing else.
    probed: bool,
    report: Option<Report>,
}

impl Line {
    pub(crate) fn new(link: Link) -> Self {
        Self { state: Mutex::new(State { link, device: 0, probed: false, report: None }) }
    }

    pub(crate) fn set_device(&self, device: u64) {
        self.lock().device = device;
    }

    pub(crate) fn report(&self) -> Option<Report> {
        self.lock().report.clone()
    }

    pub(crate) fn wait(&self, wait_s: f64) -> Result<(), ChannelError> {
        let State { link, device, .. } = &mut *self.lock();
        link.wait(*device, wait_s).map_err(refusal("a pause"))
    }

    /// Sends values; returns what arrives.
    pub(crate) fn send(&self, values: &[f32], name: &'static str) -> Result<Vec<f32>, ChannelError> {
        self.lock().send(values, name)
    }

    /// Sends values; returns what arrives, and the gain of each value.
    pub(crate) fn send_traced(
        &self,
        values: &[f32],
        name: &'static str,
    ) -> Result<(Vec<f32>, Vec<f32>), ChannelError> {
        let mut state = self.lock();
        let received = state.send(values, name)?;
        Ok((received, state.gains(values.len())?))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn send(&mut self, values: &[f32], name: &'static str) -> Result<Vec<f32>, ChannelError> {
        let mut received = vec![0.0; values.len()];
        let reception =
            self.link.send_into((self.device, None), values, &mut received).map_err(refusal(name))?;
        self.report = Some(reception.report);
        Ok(received)
    }

    /// Measures the gains of the last transmission.
    fn gains(&mut self, length: usize) -> Result<Vec<f32>, ChannelError> {
        self.report.as_ref().map_or(Ok(()), require_gains)?;
        let gains = self.retrace(&vec![1.0; length])?;
        if !self.probed {
            let probe = probe(length);
            require_product(&gains, &probe, &self.retrace(&probe)?)?;
            // A single value shows no phase.
            self.probed = length > 1;
        }
        Ok(gains)
    }

    fn retrace(&mut self, values: &[f32]) -> Result<Vec<f32>, ChannelError> {
        let mut received = vec![0.0; values.len()];
        let retraced = self.link.retrace_into(self.device, values, &mut received);
        retraced.map(|()| received).map_err(refusal("the probe of the gains"))
    }
}

fn refusal(name: &'static str) -> impl Fn(RunError) -> ChannelError {
    move |source| ChannelError::Link { name, source: Box::new(source) }
}
