//! Impulse responses as arrays: gains and delays, checked.

use super::error::RecordingError;
use airloop_baseband::Complex32;

/// Lengths of the axes of recorded gains, `[drop, device, receive, device_antenna, path, time]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// Recordings of the same devices that do not go on from one another.
    pub drops: usize,
    /// Devices.
    pub devices: usize,
    /// Antennas of the receiver.
    pub receive: usize,
    /// Antennas of each device.
    pub device_antennas: usize,
    /// Paths.
    pub paths: usize,
    /// Samples in time.
    pub times: usize,
}

impl Extent {
    /// Returns the links of one device.
    pub fn links(&self) -> usize {
        self.receive * self.device_antennas
    }

    fn axes(&self) -> [(&'static str, usize); 6] {
        [
            ("drop", self.drops),
            ("device", self.devices),
            ("receive", self.receive),
            ("device_antenna", self.device_antennas),
            ("path", self.paths),
            ("time", self.times),
        ]
    }
}

/// Impulse responses of all links: gains that may move, on paths whose delays stay.
///
/// ```text
/// h_l(tau, t_i) = sum_p a[drop, device, r, t, p, i] delta(tau - tau[drop, device, p]),   t_i = i step_s
/// link l = (device, r, t)
/// ```
///
/// A response sampled at a rate `R` is that of paths at multiples of `1/R`, for all frequencies up to `R/2`. A path is absent
/// where all its gains are 0, or neither its gains nor its delay are numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct ImpulseResponses {
    pub(super) extent: Extent,
    pub(super) gains: Vec<Complex32>,
    /// `[drop, device, path]`; not a number where the path is absent.
    pub(super) delays_s: Vec<f64>,
    /// 0 for a single instant.
    pub(super) step_s: f64,
}

impl ImpulseResponses {
    /// Takes gains `[drop, device, receive, device_antenna, path, time]` and delays `[drop, device, path]` in seconds; `step_s`
    /// is the spacing of the instants, which one instant does not need.
    ///
    /// # Errors
    /// When an axis is empty or not filled, several instants have no positive spacing, or a gain or delay of a path that is there
    /// is not finite, or the delay negative.
    pub fn new(
        extent: Extent,
        mut gains: Vec<Complex32>,
        mut delays_s: Vec<f64>,
        step_s: Option<f64>,
    ) -> Result<Self, RecordingError> {
        if let Some((axis, _)) = extent.axes().into_iter().find(|(_, length)| *length == 0) {
            return Err(RecordingError::EmptyAxis { axis });
        }
        let delays = extent.drops * extent.devices * extent.paths;
        let unfilled =
            |what, found, axes, expected| Err(RecordingError::Unfilled { what, found, axes, expected });
        let expected = delays * extent.links() * extent.times;
        if gains.len() != expected {
            let axes = "[drop, device, receive, device_antenna, path, time]";
            return unfilled("gains", gains.len(), axes, expected);
        }
        if delays_s.len() != delays {
            return unfilled("delays", delays_s.len(), "[drop, device, path]", delays);
        }
        let step_s = match step_s {
            Some(step_s) if step_s > 0.0 && step_s.is_finite() => step_s,
            _ if extent.times > 1 => return Err(RecordingError::NoStep { times: extent.times }),
            _ => 0.0,
        };
        let row = extent.paths * extent.times;
        for (place, links) in gains.chunks_exact_mut(row * extent.links()).enumerate() {
            let device = place % extent.devices;
            for path in 0..extent.paths {
                let delay_s = &mut delays_s[place * extent.paths + path];
                let own =
                    |link: usize| link * row + path * extent.times..link * row + (path + 1) * extent.times;
                let all = || (0..extent.links()).flat_map(own);
                let zero = Complex32::default();
                if delay_s.is_nan() && all().all(|i| links[i].is_nan() || links[i] == zero)
                    || all().all(|i| links[i] == zero)
                {
                    all().for_each(|i| links[i] = zero);
                    *delay_s = f64::NAN;
                } else if !all().all(|i| links[i].is_finite()) {
                    return Err(RecordingError::GainNotFinite { device, path });
                } else if !(*delay_s >= 0.0 && delay_s.is_finite()) {
                    return Err(RecordingError::BadDelay { device, path, delay_s: *delay_s });
                }
            }
        }
        Ok(Self { extent, gains, delays_s, step_s })
    }

    /// Returns the lengths of the axes.
    pub fn extent(&self) -> Extent {
        self.extent
    }

    /// Returns the devices of the given indices, in their order; indices beyond the last are left out.
    #[must_use]
    pub fn part(&self, devices: &[usize]) -> Self {
        let kept: Vec<usize> = devices.iter().copied().filter(|d| *d < self.extent.devices).collect();
        let each = self.extent.links() * self.extent.paths * self.extent.times;
        let places = (0..self.extent.drops).flat_map(|drop| {
            let first = drop * self.extent.devices;
            kept.iter().map(move |device| first + device)
        });
        let (mut gains, mut delays_s) = (Vec::new(), Vec::new());
        for place in places {
            gains.extend_from_slice(&self.gains[place * each..(place + 1) * each]);
            delays_s.extend_from_slice(
                &self.delays_s[place * self.extent.paths..(place + 1) * self.extent.paths],
            );
        }
        Self { extent: Extent { devices: kept.len(), ..self.extent }, gains, delays_s, step_s: self.step_s }
    }
}
