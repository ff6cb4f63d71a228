//! Which axis of an array is what.

use crate::tensor::ComplexArray;
use airloop_baseband::Complex32;
use airloop_channels::recorded::Extent;

/// Whose order of axes an array has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// `a [drop, device, receive, device_antenna, path, time]`, `tau [drop, device, path]`.
    Airloop,
    /// `a [batch, num_rx, num_rx_ant, num_tx, num_tx_ant, num_paths, num_time_steps]`, `tau [batch, num_rx, num_tx, num_paths]`.
    Sionna,
    /// `a [user, rx_ant, tx_ant, path]`, `tau [user, path]`; the base station transmits.
    DeepMimo,
}

/// What arrays must fit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Expected {
    pub devices: usize,
    pub receive: usize,
    pub device_antennas: usize,
}

/// Where the axes `[drop, device, receive, device_antenna, path, time]` lie in an array; `None` for those that it does not have.
type Axes = [Option<usize>; 6];

/// The axes of gains and of delays.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Reading {
    pub extent: Extent,
    gains: Axes,
    delays: Axes,
}

const DROP: usize = 0;
const DEVICE: usize = 1;
const RECEIVE: usize = 2;
const DEVICE_ANTENNA: usize = 3;
const PATH: usize = 4;
const TIME: usize = 5;

/// Places the named axes, in their order in an array.
fn axes(order: &[usize]) -> Axes {
    let mut axes = [None; 6];
    order.iter().enumerate().for_each(|(place, axis)| axes[*axis] = Some(place));
    axes
}

/// Returns the order of the axes of airloop's own gains of a rank.
fn own(rank: usize, expected: Expected) -> Option<&'static [usize]> {
    let single = expected.receive == 1 && expected.device_antennas == 1;
    Some(match rank {
        6 => &[DROP, DEVICE, RECEIVE, DEVICE_ANTENNA, PATH, TIME],
        5 => &[DEVICE, RECEIVE, DEVICE_ANTENNA, PATH, TIME],
        4 => &[DEVICE, RECEIVE, DEVICE_ANTENNA, PATH],
        3 if single => &[DEVICE, PATH, TIME],
        2 if single => &[DEVICE, PATH],
        _ => return None,
    })
}

/// Reads gains and delays.
///
/// # Errors
/// When no reading fits; the message has the shapes found and those expected.
pub(super) fn of_paths(
    layout: Option<Layout>,
    (gains, delays): (&[usize], &[usize]),
    expected: Expected,
) -> Result<Reading, String> {
    let layout = layout.unwrap_or(if gains.len() == 7 { Layout::Sionna } else { Layout::Airloop });
    let found = match layout {
        Layout::Airloop => {
            let of_delays: &[usize] = match delays.len() {
                3 => &[DROP, DEVICE, PATH],
                2 => &[DEVICE, PATH],
                _ => &[PATH],
            };
            own(gains.len(), expected).map(|order| (axes(order), axes(of_delays)))
        }
        Layout::Sionna => of_sionna(gains, expected),
        Layout::DeepMimo => (gains.len() == 4)
            .then(|| (axes(&[DEVICE, DEVICE_ANTENNA, RECEIVE, PATH]), axes(&[DEVICE, PATH]))),
    };
    let reading = found.map(|(of_gains, of_delays)| Reading::new(gains, of_gains, of_delays));
    let longer = layout == Layout::DeepMimo;
    reading.filter(|r| r.fits(expected) && r.delays_fit(delays, longer)).ok_or_else(|| {
        let hint = match (layout, gains.len()) {
            (Layout::Airloop, 4) => {
                "; DeepMIMO's order of antennas is read with channel.layout = \"deepmimo\""
            }
            (Layout::Airloop, 6) => {
                "; Sionna's arrays without a batch are read with channel.layout = \"sionna\""
            }
            _ => "",
        };
        format!(
            "the gains have the shape {gains:?} and the delays {delays:?}; {}{hint}",
            layout.expects(expected)
        )
    })
}

/// Reads sampled responses.
///
/// # Errors
/// When the shape does not fit.
pub(super) fn of_samples(shape: &[usize], expected: Expected) -> Result<Reading, String> {
    let reading = own(shape.len(), expected).map(|order| Reading::new(shape, axes(order), axes(&[])));
    reading.filter(|r| r.fits(expected)).ok_or_else(|| {
        let Expected { devices, receive, device_antennas } = expected;
        let fewer = if receive * device_antennas == 1 { ", [device, delay_sample, time] or [device, delay_sample]" } else { "" };
        format!(
            "the response has the shape {shape:?}; [device, receive, device_antenna, delay_sample, time] is expected, with {devices} \
             devices, {receive} receive antennas (link.receive_antennas) and {device_antennas} antennas a device \
             (link.device_antennas); also with an axis of drops in front, without time{fewer}"
        )
    })
}

/// Finds out whether devices transmit (uplink), receive (taken as uplink by reciprocity), or lie one in each batch entry.
fn of_sionna(gains: &[usize], expected: Expected) -> Option<(Axes, Axes)> {
    // Without a batch, axes come one place earlier.
    let batch = match gains.len() {
        7 => 1,
        6 => 0,
        _ => return None,
    };
    let at = |place: usize| place + batch;
    let (receivers, transmitters) = (gains[at(0)], gains[at(2)]);
    let (mut of_gains, mut of_delays) = ([None; 6], [None; 6]);
    if batch == 1 {
        (of_gains[DROP], of_delays[DROP]) = (Some(0), Some(0));
    }
    (of_gains[PATH], of_gains[TIME], of_delays[PATH]) = (Some(at(4)), Some(at(5)), Some(at(2)));
    (of_gains[RECEIVE], of_gains[DEVICE_ANTENNA]) = (Some(at(1)), Some(at(3)));
    if receivers == 1 && transmitters == expected.devices {
        (of_gains[DEVICE], of_delays[DEVICE]) = (Some(at(2)), Some(at(1)));
    } else if transmitters == 1 && receivers == expected.devices {
        (of_gains[DEVICE], of_delays[DEVICE]) = (Some(at(0)), Some(at(0)));
        (of_gains[RECEIVE], of_gains[DEVICE_ANTENNA]) = (Some(at(3)), Some(at(1)));
    } else if receivers == 1 && transmitters == 1 && batch == 1 {
        (of_gains[DEVICE], of_delays[DEVICE]) = (of_gains[DROP].take(), of_delays[DROP].take());
    } else {
        return None;
    }
    Some((of_gains, of_delays))
}

impl Layout {
    /// Says what shapes are expected.
    fn expects(self, expected: Expected) -> String {
        let Expected { devices, receive, device_antennas } = expected;
        let counts = format!(
            "{devices} devices, {receive} receive antennas (link.receive_antennas) and {device_antennas} antennas a device \
             (link.device_antennas)"
        );
        match self {
            Self::Airloop => {
                let fewer = if receive * device_antennas == 1 {
                    ", and without antennas, of which there is one"
                } else {
                    ""
                };
                format!(
                    "gains [device, receive, device_antenna, path, time] and delays [device, path] or [path] are expected, with \
                     {counts}; also with an axis of drops in front, without time{fewer}"
                )
            }
            Self::Sionna => format!(
                "gains [batch, num_rx, num_rx_ant, num_tx, num_tx_ant, num_paths, num_time_steps] and delays [batch, num_rx, num_tx, \
                 num_paths] are expected, both also without batch, with {counts}: devices are the transmitters of one receiver, the \
                 receivers of one transmitter, or one a batch entry, where both are 1"
            ),
            Self::DeepMimo => format!(
                "gains [user, rx_ant, tx_ant, path] and delays [user, path] are expected, with {counts}: users are devices, and the \
                 transmitting base station's antennas are those of the receiver, by reciprocity"
            ),
        }
    }
}

impl Reading {
    fn new(shape: &[usize], gains: Axes, delays: Axes) -> Self {
        let length = |axis: usize| gains[axis].map_or(1, |place| shape[place]);
        let extent = Extent {
            drops: length(DROP),
            devices: length(DEVICE),
            receive: length(RECEIVE),
            device_antennas: length(DEVICE_ANTENNA),
            paths: length(PATH),
            times: length(TIME),
        };
        Self { extent, gains, delays }
    }

    fn fits(&self, expected: Expected) -> bool {
        let Extent { devices, receive, device_antennas, .. } = self.extent;
        (devices, receive, device_antennas) == (expected.devices, expected.receive, expected.device_antennas)
    }

    /// Returns whether delays have the axes that they must have; `longer` lets them have more paths than gains.
    fn delays_fit(&self, shape: &[usize], longer: bool) -> bool {
        let lengths = [self.extent.drops, self.extent.devices, 1, 1, self.extent.paths, 1];
        let placed = self.delays.iter().zip(lengths).enumerate();
        let fits = |(axis, (place, length)): (usize, (&Option<usize>, usize))| {
            place.is_none_or(|place| {
                shape.get(place).is_some_and(|s| *s == length || longer && axis == PATH && *s > length)
            })
        };
        // Axes that gains are not said to have must be of one entry.
        let named = |place: usize| self.delays.contains(&Some(place));
        placed.into_iter().all(fits) && shape.iter().enumerate().all(|(place, s)| named(place) || *s == 1)
    }

    /// Returns gains as `[drop, device, receive, device_antenna, path, time]`.
    pub fn gains(&self, array: &ComplexArray) -> Vec<Complex32> {
        let e = self.extent;
        let lengths = [e.drops, e.devices, e.receive, e.device_antennas, e.paths, e.times];
        let of = |at: usize| Complex32::new(array.values[at].re as f32, array.values[at].im as f32);
        places(&array.shape, self.gains, lengths).map(of).collect()
    }

    /// Returns delays as `[drop, device, path]`; those without an axis are the same along it.
    pub fn delays(&self, array: &ComplexArray) -> Vec<f64> {
        let e = self.extent;
        places(&array.shape, self.delays, [e.drops, e.devices, 1, 1, e.paths, 1])
            .map(|at| array.values[at].re)
            .collect()
    }
}

/// Returns where the entries lie in an array of a shape, in the order of the six axes.
fn places(shape: &[usize], axes: Axes, lengths: [usize; 6]) -> impl Iterator<Item = usize> {
    let stride = |place: Option<usize>| place.map_or(0, |place| shape[place + 1..].iter().product());
    let strides: [usize; 6] = axes.map(stride);
    (0..lengths.iter().product()).map(move |mut index: usize| {
        let mut at = 0;
        for (length, stride) in lengths.iter().zip(strides).rev() {
            at += index % length * stride;
            index /= length;
        }
        at
    })
}

#[cfg(test)]
mod tests;
