//! What a device says that it can do.

use super::config::SoapyConfig;
use super::drivers::{self, Times};
use super::error::refused;
use super::ffi::{Device, Pairs};
use crate::error::RadioError;
use crate::radio::{Capabilities, Direction, Span};

/// What a radio can do, by direction, and what of it is taken for granted.
#[derive(Clone, Debug)]
pub(super) struct Limits {
    /// As others see it: rates and centres that both directions have, where there are both.
    pub capabilities: Capabilities,
    /// Sample rates and centres by direction, transmit first.
    spans: [(Vec<Span>, Vec<Span>); 2],
    /// What the driver does not say.
    pub assumed: Vec<String>,
}

/// What stands for a range that a driver does not give.
const ANY: Span = Span { least: 0.0, most: 1e12 };

impl Limits {
    /// Asks a device, which was found so.
    pub fn of(device: &Device, found: &Pairs, config: &SoapyConfig) -> Result<Self, RadioError> {
        let driver = drivers::key(found);
        let mut assumed = Vec::new();
        let ask = |what: &str| refused(&config.name, &format!("ask for its {what}"));
        let has_time = device.has_time("").map_err(ask("hardware time"))?;
        let timestamps = match drivers::times(driver) {
            Times::Device => has_time,
            Times::Host => false,
            Times::Unknown => {
                if has_time {
                    assumed.push(format!(
                        "times of samples are the device's: driver {driver} is not known here"
                    ));
                }
                has_time
            }
        };
        if timestamps && drivers::times(driver) == Times::Unknown {
            assumed.push("bursts leave at their times, since the device has a time".into());
        }
        let both = [Direction::Transmit, Direction::Receive];
        let counts = [config.transmit_channels.len(), config.receive_channels.len()];
        let mut limits = Self {
            capabilities: Capabilities {
                name: config.name.clone(),
                hardware: device.hardware().map_err(ask("hardware key"))?,
                transmit_channels: counts[0],
                receive_channels: counts[1],
                sample_rates_hz: Vec::new(),
                centres_hz: Vec::new(),
                transmit_gain_db: Span { least: 0.0, most: 0.0 },
                receive_gain_db: Span { least: 0.0, most: 0.0 },
                timestamps,
                timed_bursts: counts[0] > 0 && config.timed_bursts.unwrap_or(timestamps) && timestamps,
            },
            spans: [(vec![ANY], vec![ANY]), (vec![ANY], vec![ANY])],
            assumed,
        };
        for direction in both {
            if let Some(channel) = config.channels(direction).first() {
                limits.ask(device, (direction, *channel)).map_err(ask("ranges"))?;
            }
        }
        limits.join(counts);
        Ok(limits)
    }

    fn ask(&mut self, device: &Device, at: (Direction, usize)) -> Result<(), String> {
        let mut spans = |ranges: Vec<(f64, f64)>, what: &str| {
            let spans: Vec<Span> =
                ranges.iter().map(|(least, most)| Span { least: *least, most: *most }).collect();
            if spans.is_empty() {
                self.assumed.push(format!("any {what} to {} goes: the driver names no range", at.0));
                return vec![ANY];
            }
            spans
        };
        let rates = spans(device.sample_rate_ranges_hz(at)?, "sample rate");
        let centres = spans(device.centre_ranges_hz(at)?, "centre frequency");
        self.spans[at.0 as usize] = (rates, centres);
        let (least, most) = device.gain_range_db(at)?;
        *match at.0 {
            Direction::Transmit => &mut self.capabilities.transmit_gain_db,
            Direction::Receive => &mut self.capabilities.receive_gain_db,
        } = Span { least, most };
        Ok(())
    }

    fn join(&mut self, [transmit, receive]: [usize; 2]) {
        let [(rates_t, centres_t), (rates_r, centres_r)] = &self.spans;
        let (rates, centres) = match (transmit, receive) {
            (0, _) => (rates_r.clone(), centres_r.clone()),
            (_, 0) => (rates_t.clone(), centres_t.clone()),
            _ => (common(rates_t, rates_r), common(centres_t, centres_r)),
        };
        self.capabilities.sample_rates_hz = rates;
        self.capabilities.centres_hz = centres;
    }

    /// Returns what channels of a direction can do.
    pub fn of_direction(&self, direction: Direction) -> Capabilities {
        let (rates, centres) = self.spans[direction as usize].clone();
        Capabilities { sample_rates_hz: rates, centres_hz: centres, ..self.capabilities.clone() }
    }
}

/// Returns what lies in both of two lists of ranges.
fn common(a: &[Span], b: &[Span]) -> Vec<Span> {
    let both = |a: &Span, b: &Span| Span { least: a.least.max(b.least), most: a.most.min(b.most) };
    let pairs = a.iter().flat_map(|a| b.iter().map(move |b| both(a, b)));
    pairs.filter(|span| span.least <= span.most).collect()
}

#[cfg(test)]
mod tests {
    use super::{Span, common};

    #[test]
    fn ranges_in_common() {
        let span = |least, most| Span { least, most };
        let both = common(&[span(1.0, 3.0), span(5.0, 9.0)], &[span(2.0, 6.0), span(9.0, 10.0)]);
        assert_eq!(both, [span(2.0, 3.0), span(5.0, 6.0), span(9.0, 9.0)]);
    }
}
