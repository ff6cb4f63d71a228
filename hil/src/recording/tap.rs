//! Records what a transport hears.

use super::error::RecordingError;
use super::fields::wrong;
use super::recorder::{Finished, Recorder};
use airloop_baseband::{Burst, Capture, Complex32, Port, SampleIndex, Transport, Window};

/// What can go wrong at a transport that is recorded.
#[derive(Debug, thiserror::Error)]
pub enum TapError<E> {
    /// The transport refused.
    #[error(transparent)]
    Transport(E),
    /// The recording failed.
    #[error(transparent)]
    Recording(RecordingError),
}

/// A transport that records what is heard at some of its ports, and changes nothing.
///
/// The ports are the channels of one recording: each is received over the same windows, in any order.
pub struct Tapped<T> {
    inner: T,
    recorder: Recorder,
    ports: Vec<Port>,
    /// By channel: samples of the window under way, empty where they are still to come.
    waiting: Vec<Vec<Complex32>>,
    window: Option<Window>,
    /// Of the window under way: whether samples were lost, and how many are at full scale.
    marks: (bool, u64),
}

impl<T: Transport> Tapped<T> {
    /// Records ports of a transport, in the order of channels.
    ///
    /// # Errors
    /// When the recorder has another number of channels or another sample rate, or a port is named twice.
    pub fn new(inner: T, ports: Vec<Port>, recorder: Recorder) -> Result<Self, RecordingError> {
        let config = recorder.config();
        let refuse = |key, found: String, right| Err(wrong(recorder.path(), key, found, right));
        if config.channels != ports.len() {
            return refuse("channels", config.channels.to_string(), format!("{}, one a port", ports.len()));
        }
        if config.sample_rate_hz != inner.sample_rate_hz() {
            let right = format!("{}, that of the transport", inner.sample_rate_hz());
            return refuse("sample_rate_hz", config.sample_rate_hz.to_string(), right);
        }
        if let Some(port) = ports.iter().enumerate().find_map(|(i, p)| ports[..i].contains(p).then_some(p)) {
            return refuse("ports", format!("{port} twice"), "each once".into());
        }
        let waiting = vec![Vec::new(); ports.len()];
        Ok(Self { inner, recorder, ports, waiting, window: None, marks: (false, 0) })
    }

    /// Returns the transport.
    pub fn inner(&mut self) -> &mut T {
        &mut self.inner
    }

    /// Brings the recording's files up to date.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn checkpoint(&mut self) -> Result<(), RecordingError> {
        self.recorder.checkpoint()
    }

    /// Ends the recording, and gives the transport back.
    ///
    /// # Errors
    /// When the disk refuses; and, once the recording is complete, when some ports have heard a window that others have not, which
    /// it then lacks.
    pub fn finish(self) -> Result<(T, Finished), RecordingError> {
        let absent = self.waiting.iter().position(Vec::is_empty);
        let uneven = self.window.zip(absent).map(|(window, channel)| {
            let place = Window { start: window.start, length_samples: 0 };
            self.uneven(channel, place, window)
        });
        let finished = self.recorder.finish()?;
        uneven.map_or(Ok((self.inner, finished)), Err)
    }

    fn uneven(&self, channel: usize, window: Window, other: Window) -> RecordingError {
        let has = |i: &usize| *i != channel && !self.waiting[*i].is_empty();
        let other_channel = (0..self.ports.len()).find(has).unwrap_or(channel);
        RecordingError::UnevenWindows {
            path: self.recorder.path().to_path_buf(),
            port: self.ports[channel],
            start: window.start,
            end: window.end(),
            other: self.ports[other_channel],
            other_start: other.start,
            other_end: other.end(),
        }
    }

    fn record(&mut self, channel: usize, window: Window, capture: &Capture) -> Result<(), RecordingError> {
        self.window = Some(window);
        self.waiting[channel].extend_from_slice(&capture.samples);
        let clipped = (f64::from(capture.clipped_share) * capture.samples.len() as f64).round() as u64;
        self.marks = (self.marks.0 | capture.overflow, self.marks.1.max(clipped));
        if self.waiting.iter().any(Vec::is_empty) {
            return Ok(());
        }
        let (start, count) = (window.start, window.length_samples as u64);
        let (overflow, clipped) = std::mem::take(&mut self.marks);
        let pushed = self.recorder.push(start, &self.waiting);
        self.window = None;
        self.waiting.iter_mut().for_each(Vec::clear);
        pushed?;
        if overflow {
            self.recorder.mark_overflow(start, count)?;
        }
        if clipped > 0 {
            self.recorder.mark_clipped(start, count, clipped)?;
        }
        Ok(())
    }
}

impl<T: Transport> Transport for Tapped<T> {
    type Error = TapError<T::Error>;

    fn sample_rate_hz(&self) -> f64 {
        self.inner.sample_rate_hz()
    }

    fn transmit(&mut self, port: Port, burst: &Burst) -> Result<(), Self::Error> {
        self.inner.transmit(port, burst).map_err(TapError::Transport)
    }

    fn receive(&mut self, port: Port, window: Window) -> Result<Capture, Self::Error> {
        let channel = self.ports.iter().position(|tapped| *tapped == port);
        let Some(channel) = channel.filter(|_| window.length_samples > 0) else {
            return self.inner.receive(port, window).map_err(TapError::Transport);
        };
        // Before the transport moves on: what it has heard is recorded whole.
        if let Some(other) = self.window
            && (other != window || !self.waiting[channel].is_empty())
        {
            return Err(TapError::Recording(self.uneven(channel, window, other)));
        }
        let capture = self.inner.receive(port, window).map_err(TapError::Transport)?;
        self.record(channel, window, &capture).map_err(TapError::Recording)?;
        Ok(capture)
    }

    fn skip(&mut self, port: Port, until: SampleIndex) -> Result<(), Self::Error> {
        self.inner.skip(port, until).map_err(TapError::Transport)
    }

    fn noise_added(&self, port: Port) -> Option<(f64, u64)> {
        self.inner.noise_added(port)
    }
}
