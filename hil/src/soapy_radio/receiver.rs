//! The side that hears: a thread that reads, and windows cut from what it read.

use super::SoapyRadio;
use super::config::SoapyConfig;
use super::error::refused;
use super::ffi::Reader;
use crate::error::RadioError;
use crate::radio::Direction;
use crate::stream::{CutError, Cutter, Pool, PoolSize, SampleClock, code, fill};
use airloop_baseband::{Capture, SampleIndex, Window};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

/// How far ahead channels that begin together do so, in nanoseconds: drivers align several channels by a time only.
const LEAD_NS: i64 = 50_000_000;

/// A stream that is read.
pub(super) struct Receiver {
    pool: Arc<Pool>,
    cutter: Cutter,
    thread: Option<JoinHandle<()>>,
}

impl SoapyRadio {
    pub(super) fn start_receiver(&mut self) -> Result<(), RadioError> {
        let rate_hz = self.sample_rate_hz(Direction::Receive)?;
        let (timed, channels) = (self.limits.capabilities.timestamps, &self.config.receive_channels);
        let start = || refused(&self.config.name, "start to receive");
        let reader = Reader::open(&self.device, channels, timed).map_err(start())?;
        let size = PoolSize::of(channels.len(), reader.mtu_samples(), rate_hz, self.config.depth_s);
        let pool = Arc::new(Pool::new(size, self.when_full));
        let together = timed && channels.len() > 1;
        let now = || self.device.time_ns("").map(|ns| Some(ns + LEAD_NS));
        let at = if together { now().map_err(start())? } else { None };
        reader.activate(at).map_err(start())?;
        let (blocks, counters) = (Arc::clone(&pool), Arc::clone(&self.counters));
        let read = move || fill(reader, SampleClock::new(rate_hz), &blocks, &counters);
        let thread = thread::Builder::new().name(format!("read {}", self.config.name)).spawn(read);
        let thread = Some(thread.map_err(|error| start()(error.to_string()))?);
        let cutter = Cutter::new(Arc::clone(&pool), Arc::clone(&self.counters));
        self.receiver = Some(Receiver { pool, cutter, thread });
        Ok(())
    }
}

impl Receiver {
    /// Returns the end of what has come.
    pub fn position(&self) -> SampleIndex {
        self.cutter.position()
    }

    /// Hears a window.
    pub fn hear(
        &mut self,
        channel: usize,
        window: Window,
        config: &SoapyConfig,
    ) -> Result<Capture, RadioError> {
        let radio = || config.name.clone();
        self.cutter.cut(channel, window, config.timeout).map_err(|error| match error {
            CutError::Behind { position } => {
                RadioError::WindowGap { radio: radio(), start: window.start, position }
            }
            CutError::TimedOut { position } => {
                let waited_s = config.timeout.as_secs_f64();
                RadioError::TimedOut { radio: radio(), waited_s, position, waits_for: None }
            }
            CutError::Ended(ended) => refused(&config.name, "receive")(code::words(ended).into()),
            CutError::TooLong => RadioError::OutOfRange {
                radio: radio(),
                what: "length_samples",
                value: window.length_samples as f64,
                ranges: "what memory holds, and ends below 2^64".into(),
            },
        })
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.pool.ending.ask();
        self.thread.take().into_iter().for_each(|thread| _ = thread.join());
    }
}
