//! Which devices take part: joint selection and receive beamforming.

use crate::error::ChannelError;
use crate::max_min_beam::{energy, inner, max_min_beam, two_device_gain, unit, weakest_gain};
use airloop_baseband::Complex64;

/// Devices that a search begins with, the strongest ones.
const MAX_STARTS: usize = 32;

/// Devices that are tried before a set is taken to be full.
const MAX_TRIES: usize = 16;

/// Rounding that a gain may fall short by, relative.
const ROUNDING: f64 = 1e-9;

/// Devices that take part, and the beam that serves them.
#[derive(Clone, Debug, PartialEq)]
pub struct Selection {
    /// The devices' numbers, ascending.
    pub devices: Vec<usize>,
    /// The receive beam, of unit norm.
    pub beamformer: Vec<Complex64>,
    /// Gain of the weakest device that takes part, `min_k |f^H h_k|^2`; infinite without devices.
    pub weakest_gain: f64,
}

/// Selects as many devices as one receive beam serves at an error of at most `target`.
///
/// ```text
/// max |S|   such that   min_f max_{k in S} ||f||^2 / |f^H h_k|^2  <=  target
/// ```
///
/// `channels` hold one vector a device, one entry an antenna, in units of the noise: `h sqrt(P / noise)`; devices that take part
/// invert what the beam hears, so that the sum's mean square error is `1 / min_k |f^H h_k|^2` noise powers for unit-power
/// values.
///
/// One antenna is exact: all devices of `|h_k|^2 >= 1 / target`. With more it is a heuristic: sets grow from single devices and
/// shrink from all of them, the beam raised by [`max_min_beam`] at each step, pairs that no beam can serve ruled out by
/// [`two_device_gain`]; at the end single devices are exchanged for others. Its measured gap: in 600 random cases of 8 devices
/// and 2 to 4 antennas a search of all subsets, each by 12 random first beams, found no larger set; nor did a fine grid over
/// all beams of two antennas in 120 cases of 10 devices. The work grows about as the cube of the number of devices that are
/// strong enough alone: with 4 antennas 40 of them take up to a second of one core, 160 up to a minute. Problem: Yang, Jiang, Shi
/// and Ding, "Federated Learning via Over-the-Air Computation", IEEE Transactions on Wireless Communications 19(3), 2020.
///
/// # Errors
/// When `target` is no positive number, a channel is not finite, or vectors differ in length.
pub fn select(channels: &[Vec<Complex64>], target: f64) -> Result<Selection, ChannelError> {
    check(channels, target)?;
    let search = Search { channels, least: (1.0 - ROUNDING) / target };
    let mut eligible: Vec<usize> =
        (0..channels.len()).filter(|k| energy(&channels[*k]) >= search.least).collect();
    eligible.sort_by(|a, b| energy(&channels[*b]).total_cmp(&energy(&channels[*a])));
    let Some(strongest) = eligible.first() else {
        let beamformer = unit(vec![Complex64::default(); channels.first().map_or(1, Vec::len)]);
        return Ok(Selection { devices: Vec::new(), beamformer, weakest_gain: f64::INFINITY });
    };
    let mut best = search.grow(unit(channels[*strongest].clone()), &eligible);
    let single = channels[0].len() == 1;
    if !single {
        best = best.or(search.shrink(&eligible));
        for start in eligible.iter().take(MAX_STARTS).skip(1) {
            best = best.or(search.grow(unit(channels[*start].clone()), &eligible));
        }
        best = search.exchange(best, &eligible);
    }
    let Set { mut devices, beam } = best;
    devices.sort_unstable();
    let weakest_gain = weakest_gain(&search.of(&devices), &beam);
    Ok(Selection { devices, beamformer: beam, weakest_gain })
}

fn check(channels: &[Vec<Complex64>], target: f64) -> Result<(), ChannelError> {
    let positive = target > 0.0 && target.is_finite();
    if !positive {
        let expected = "a positive mean square error over the noise of a unit beam";
        return Err(ChannelError::OutOfRange { name: "target", value: target, expected });
    }
    let expected = channels.first().map_or(0, Vec::len);
    for (device, channel) in channels.iter().enumerate() {
        if channel.len() != expected || channel.is_empty() {
            return Err(ChannelError::UnevenChannels { device, found: channel.len(), expected });
        }
        let value = energy(channel);
        if !value.is_finite() {
            let expected = "entries of channel vectors are finite";
            return Err(ChannelError::OutOfRange { name: "channel energy", value, expected });
        }
    }
    Ok(())
}

/// A set of devices and a beam that serves all of them.
struct Set {
    devices: Vec<usize>,
    beam: Vec<Complex64>,
}

impl Set {
    /// Returns the larger set, the first of two as large.
    fn or(self, other: Self) -> Self {
        if other.devices.len() > self.devices.len() { other } else { self }
    }
}

/// The search for the largest set whose weakest gain is at least `least`.
struct Search<'a> {
    channels: &'a [Vec<Complex64>],
    least: f64,
}

impl Search<'_> {
    fn of(&self, devices: &[usize]) -> Vec<&[Complex64]> {
        devices.iter().map(|k| &self.channels[*k][..]).collect()
    }

    fn gain(&self, device: usize, beam: &[Complex64]) -> f64 {
        inner(&self.channels[device], beam).norm_sqr()
    }

    /// Returns the devices that a beam serves.
    fn served(&self, beam: &[Complex64], eligible: &[usize]) -> Vec<usize> {
        eligible.iter().copied().filter(|k| self.gain(*k, beam) >= self.least).collect()
    }

    /// Adds devices to those that a beam serves, the best heard first, as long as a beam for all is found.
    fn grow(&self, beam: Vec<Complex64>, eligible: &[usize]) -> Set {
        let mut set = Set { devices: self.served(&beam, eligible), beam };
        loop {
            let mut others: Vec<usize> =
                eligible.iter().copied().filter(|k| !set.devices.contains(k)).collect();
            others.sort_by(|a, b| self.gain(*b, &set.beam).total_cmp(&self.gain(*a, &set.beam)));
            let fits = |other: &usize| {
                let channel = &self.channels[*other];
                set.devices.iter().all(|k| two_device_gain(&self.channels[*k], channel) >= self.least)
            };
            let tried = others.into_iter().filter(fits).take(MAX_TRIES);
            let found = tried.filter_map(|other| self.with(&set, other, eligible)).next();
            match found {
                Some(larger) => set = larger,
                None => return set,
            }
        }
    }

    /// Returns the set with one more device and all that its beam serves, if one is found.
    fn with(&self, set: &Set, other: usize, eligible: &[usize]) -> Option<Set> {
        let mut devices = set.devices.clone();
        devices.push(other);
        let channels = self.of(&devices);
        // Where the beam is deaf to the device, its own direction tells how to turn.
        let sum: Vec<Complex64> = {
            let own = &self.channels[other];
            let heard = inner(own, &set.beam);
            let phase = if heard.norm() > 0.0 { heard / heard.norm() } else { Complex64::new(1.0, 0.0) };
            let scale = phase / energy(own).sqrt();
            set.beam.iter().zip(own).map(|(f, h)| f + h * scale).collect()
        };
        for start in [&set.beam, &sum] {
            let beam = max_min_beam(&channels, start);
            if weakest_gain(&channels, &beam) >= self.least {
                return Some(Set { devices: self.served(&beam, eligible), beam });
            }
        }
        None
    }

    /// Drops the weakest device of all until a beam serves the rest, then adds what it can.
    fn shrink(&self, eligible: &[usize]) -> Set {
        let mut devices = eligible.to_vec();
        let mut beam = self.common_direction(eligible);
        while devices.len() > 1 {
            beam = max_min_beam(&self.of(&devices), &beam);
            if weakest_gain(&self.of(&devices), &beam) >= self.least {
                break;
            }
            let weakest = (0..devices.len())
                .min_by(|a, b| self.gain(devices[*a], &beam).total_cmp(&self.gain(devices[*b], &beam)));
            devices.swap_remove(weakest.unwrap_or(0));
        }
        self.grow(beam, eligible)
    }

    /// Returns the principal direction of the devices' channels at equal energy, by power iteration.
    fn common_direction(&self, eligible: &[usize]) -> Vec<Complex64> {
        let mut beam = unit(self.channels[eligible[0]].clone());
        for _ in 0..30 {
            let mut next = vec![Complex64::default(); beam.len()];
            for channel in self.of(eligible) {
                let heard = inner(channel, &beam) / energy(channel);
                next.iter_mut().zip(channel).for_each(|(n, h)| *n += h * heard);
            }
            beam = unit(next);
        }
        beam
    }

    /// Leaves single devices out and grows again, as long as the set becomes larger.
    fn exchange(&self, mut set: Set, eligible: &[usize]) -> Set {
        'again: loop {
            for out in set.devices.clone() {
                let rest: Vec<usize> = set.devices.iter().copied().filter(|k| *k != out).collect();
                let others: Vec<usize> = eligible.iter().copied().filter(|k| *k != out).collect();
                let beam = max_min_beam(&self.of(&rest), &set.beam);
                let larger = self.grow(beam, &others);
                if larger.devices.len() > set.devices.len() {
                    set = larger;
                    continue 'again;
                }
            }
            return set;
        }
    }
}
