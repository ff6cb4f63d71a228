//! One look at an ether.

use airloop_hil::Clock;
use airloop_hil::ether::{EtherMetrics, Level, RadioMetrics};
use serde::Serialize;

/// How far an ether is, and how fast it went since the look before.
#[derive(Debug, Serialize)]
pub struct Look<'a> {
    /// Time of the air, in seconds.
    pub time_s: f64,
    /// Seconds of the air in a second of the wall's clock, since the look before or else since the ether was made.
    pub air_over_wall: Option<f64>,
    /// All that the server tells.
    #[serde(flatten)]
    pub metrics: &'a EtherMetrics,
}

/// A channel of a radio that transmits or receives, or the place of a radio that is missing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Channel {
    /// Its port of the air.
    pub port: usize,
    /// What it sent or heard; `None` where it did not.
    pub level: Option<Level>,
    /// Samples heard that it has not read yet.
    pub behind: Option<u64>,
}

impl<'a> Look<'a> {
    /// Puts metrics beside those of the look before.
    pub fn new(metrics: &'a EtherMetrics, before: Option<&EtherMetrics>) -> Self {
        let seconds = |metrics: &EtherMetrics| metrics.time as f64 / metrics.sample_rate_hz;
        // Another ether may be served at the same socket.
        let before = before.filter(|before| before.wall_s < metrics.wall_s && before.time <= metrics.time);
        let (air_s, wall_s) = before.map_or((0.0, 0.0), |before| (seconds(before), before.wall_s));
        let ratio = (seconds(metrics) - air_s) / (metrics.wall_s - wall_s);
        let air_over_wall = Some(ratio).filter(|ratio| ratio.is_finite());
        Self { time_s: seconds(metrics), air_over_wall, metrics }
    }

    /// Says what a radio does.
    pub fn state(&self, radio: &RadioMetrics) -> &'static str {
        let active = radio.settled.iter().chain(&radio.heard).any(Option::is_some);
        let holds =
            self.metrics.clock == Clock::Lockstep && self.metrics.holder.as_ref() == Some(&radio.name);
        match () {
            () if radio.left => "left",
            () if active && holds => "holds",
            () if active => "active",
            () => "idle",
        }
    }

    /// Says what time waits for.
    pub fn waits(&self) -> String {
        let EtherMetrics { clock, begun, holder, end, missing, .. } = self.metrics;
        match (end, begun, holder) {
            (Some(reason), ..) => format!("the ether has ended: {}", plain(reason)),
            (_, false, _) if missing.is_empty() => "time has not begun: not all radios are active".into(),
            (_, false, _) => format!("time has not begun: missing {}", plain(&missing.join(", "))),
            (_, _, Some(name)) if *clock == Clock::Lockstep => format!("time waits for {}", plain(name)),
            (_, _, None) if *clock == Clock::Lockstep => "time stands still: no radio is active".into(),
            _ => String::new(),
        }
    }
}

/// Returns the channels of a radio that transmit.
pub fn senders(radio: &RadioMetrics) -> Vec<Channel> {
    let sent = radio.transmit_ports.iter().zip(&radio.sent);
    sent.map(|(port, level)| Channel { port: *port, level: *level, behind: None }).collect()
}

/// Returns the channels of a radio that receive; what one heard before it stopped is no level of it.
pub fn listeners(radio: &RadioMetrics) -> Vec<Channel> {
    let heard = radio.receive_ports.iter().zip(&radio.received).zip(&radio.behind);
    let channel = |((port, level), behind): ((&usize, &Option<Level>), &Option<u64>)| Channel {
        port: *port,
        level: level.filter(|_| behind.is_some()),
        behind: *behind,
    };
    heard.map(channel).collect()
}

/// Returns a text without what would move a terminal's cursor.
pub fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(time: u64, wall_s: f64) -> EtherMetrics {
        EtherMetrics {
            time,
            sample_rate_hz: 1e6,
            wall_s,
            behind_wall_s: None,
            most_behind_wall_s: None,
            clock: Clock::Lockstep,
            begun: true,
            holder: Some("a".into()),
            end: None,
            came: 1,
            radios: vec![],
            losses: Default::default(),
            missing: vec!["b".into()],
        }
    }

    #[test]
    fn the_air_is_held_against_the_wall_since_the_look_before() {
        let (first, second, other) = (at(1_000_000, 4.0), at(2_500_000, 6.0), at(10, 2.0));
        assert_eq!(
            (Look::new(&first, None).time_s, Look::new(&first, None).air_over_wall),
            (1.0, Some(0.25))
        );
        assert_eq!(Look::new(&second, Some(&first)).air_over_wall, Some(0.75));
        assert_eq!(Look::new(&other, Some(&first)).air_over_wall, Some(5e-6), "a new ether at the socket");
        assert_eq!(Look::new(&at(0, 0.0), None).air_over_wall, None);
    }

    #[test]
    fn who_holds_time_is_said_where_time_can_be_held() {
        let (mut metrics, speaks) = (at(1, 1.0), RadioMetrics { name: "a".into(), ..Default::default() });
        let active = RadioMetrics { settled: vec![Some(3)], ..speaks.clone() };
        let said = |metrics: &EtherMetrics| {
            let look = Look::new(metrics, None);
            (look.waits(), look.state(&active), look.state(&speaks))
        };
        assert_eq!(said(&metrics), ("time waits for a".into(), "holds", "idle"));
        metrics.holder = None;
        assert_eq!(said(&metrics), ("time stands still: no radio is active".into(), "active", "idle"));
        metrics.clock = Clock::Wall;
        assert_eq!(said(&metrics), (String::new(), "active", "idle"));
        metrics.begun = false;
        assert_eq!(said(&metrics).0, "time has not begun: missing b");
        metrics.end = Some("the air\x1b[2J failed".into());
        assert_eq!(said(&metrics).0, "the ether has ended: the air\u{fffd}[2J failed");
    }
}
