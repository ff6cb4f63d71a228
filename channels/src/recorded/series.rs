//! The gains of one link as samples in time.

use super::interpolation::MAX_LENGTH;
use super::recording::Recording;
use super::statistics::spread;
use crate::taps::TimeGrid;
use airloop_baseband::Complex32;
use std::sync::Arc;

/// Instants beyond the first and the last that are still interpolated; times further out are taken there.
const MOST_OUTSIDE: f64 = 1.0;

/// One link of a recording from an instant on.
#[derive(Clone, Debug)]
pub(crate) struct Series {
    recording: Arc<Recording>,
    /// Of `[drop, device]`.
    place: usize,
    /// Of all links of all drops.
    link: usize,
    /// Instant of time 0.
    start: f64,
    /// Instants a second.
    pace: f64,
    wrap: bool,
}

impl Series {
    /// Takes a link of a drop, from an instant on and at so many instants a second.
    pub(super) fn new(
        recording: Arc<Recording>,
        (drop, link): (usize, usize),
        (start, pace): (f64, f64),
        wrap: bool,
    ) -> Self {
        let links = recording.extent.links();
        let place = drop * recording.extent.devices + link / links;
        Self { place, link: place * links + link % links, recording, start, pace, wrap }
    }

    /// Lets time begin later.
    pub(crate) fn shift(&mut self, offset_s: f64) {
        self.start += offset_s * self.pace;
    }

    /// Writes the gains of the grid's taps: `out[instant * taps + tap]`.
    pub(crate) fn gains(&self, grid: TimeGrid, out: &mut [Complex32]) {
        let recording = &*self.recording;
        let (paths, times) = (recording.extent.paths, recording.extent.times);
        let taps = out.len() / grid.count;
        let gains = &recording.gains[self.link * paths * times..(self.link + 1) * paths * times];
        let kernels = &recording.kernels[self.place * paths..(self.place + 1) * paths];
        let (interpolation, length) = (&recording.interpolation, recording.interpolation.length());
        let mut places = [0usize; MAX_LENGTH];
        out.fill(Complex32::default());
        for (i, out) in out.chunks_exact_mut(taps).enumerate() {
            let position = self.start + (grid.start_s + i as f64 * grid.step_s) * self.pace;
            let (position, end) = match self.wrap {
                true => (position.rem_euclid(times as f64), None),
                false => (position.clamp(-MOST_OUTSIDE, times as f64 - 1.0 + MOST_OUTSIDE), Some(times)),
            };
            let first = interpolation.first(position, end);
            let weights = interpolation.weights(position - first as f64);
            for (n, place) in places[..length].iter_mut().enumerate() {
                *place = (first + n as i64).rem_euclid(times as i64) as usize;
            }
            for (path, kernel) in gains.chunks_exact(times).zip(kernels).filter(|(_, k)| !k.taps.is_empty()) {
                let (mut re, mut im) = (0.0, 0.0);
                for (place, weight) in places[..length].iter().zip(&weights) {
                    re += weight * f64::from(path[*place].re);
                    im += weight * f64::from(path[*place].im);
                }
                spread(Complex32::new(re as f32, im as f32), kernel, out);
            }
        }
    }
}
