//! Setting channels.

use super::SoapyRadio;
use super::error::refused;
use crate::error::RadioError;
use crate::radio::{Direction, Span, Tuning};

impl SoapyRadio {
    /// Sets a channel within what it can do and what the permit allows, and returns what the device then says.
    ///
    /// A channel that the device sets to something that the permit does not allow gets its least gain, and cannot transmit.
    pub(super) fn set(
        &mut self,
        direction: Direction,
        channel: usize,
        tuning: &Tuning,
    ) -> Result<Tuning, RadioError> {
        self.limits.of_direction(direction).check_tuning(direction, channel, tuning)?;
        let at = (direction, self.config.channels(direction)[channel]);
        if direction == Direction::Transmit {
            self.check_tuning(tuning)?;
        }
        self.check_rate(at, tuning.sample_rate_hz)?;
        let set = self.apply(at, tuning)?;
        if direction == Direction::Transmit {
            self.tuned[channel] = None;
            if let Err(error) = self.check_tuning(&set) {
                let least = self.limits.capabilities.transmit_gain_db.least;
                self.device.set_gain_db(at, least).map_err(self.refuses("turn its gain down"))?;
                return Err(error);
            }
            self.tuned[channel] = Some(set);
        }
        Ok(set)
    }

    pub(super) fn check_tuning(&self, tuning: &Tuning) -> Result<(), RadioError> {
        self.permit()?.check_tuning(tuning).map_err(self.forbidden())
    }

    fn refuses(&self, action: &str) -> impl FnOnce(String) -> RadioError + use<> {
        refused(&self.config.name, action)
    }

    /// Refuses to change the sample rate of a stream that runs: indices count at one rate.
    fn check_rate(&self, at: (Direction, usize), rate_hz: f64) -> Result<(), RadioError> {
        if self.transmitter.is_none() && self.receiver.is_none() {
            return Ok(());
        }
        let value = self.device.sample_rate_hz(at).map_err(self.refuses("read its sample rate"))?;
        if value == rate_hz {
            return Ok(());
        }
        let reason = format!("its streams run at {value} Hz; stop them first");
        Err(self.refuses("change its sample rate")(reason))
    }

    fn apply(&self, at: (Direction, usize), tuning: &Tuning) -> Result<Tuning, RadioError> {
        let device = &self.device;
        if device.turn_agc_off(at).map_err(self.refuses("turn automatic gain off"))? {
            return Err(self.refuses("turn automatic gain off")("it stays on".into()));
        }
        // A rate that is set anew makes some drivers begin again: not while streams run, when it is the same.
        if self.transmitter.is_none() && self.receiver.is_none() {
            let rate = device.set_sample_rate_hz(at, tuning.sample_rate_hz);
            rate.map_err(self.refuses("set its sample rate"))?;
        }
        if let Some(bandwidth_hz) = self.config.bandwidth_hz {
            self.set_bandwidth(at, bandwidth_hz)?;
        }
        device.set_centre_hz(at, tuning.centre_hz).map_err(self.refuses("set its centre frequency"))?;
        device.set_gain_db(at, tuning.gain_db).map_err(self.refuses("set its gain"))?;
        let read = || -> Result<Tuning, String> {
            Ok(Tuning {
                centre_hz: device.centre_hz(at)?,
                sample_rate_hz: device.sample_rate_hz(at)?,
                gain_db: device.gain_db(at)?,
            })
        };
        read().map_err(self.refuses("read how it is set"))
    }

    fn set_bandwidth(&self, at: (Direction, usize), bandwidth_hz: f64) -> Result<(), RadioError> {
        let ranges = self.device.bandwidth_ranges_hz(at).map_err(self.refuses("list its filters"))?;
        let holds = |(least, most): &(f64, f64)| Span { least: *least, most: *most }.holds(bandwidth_hz);
        if !ranges.is_empty() && !ranges.iter().any(holds) {
            let words: Vec<String> =
                ranges.iter().map(|(least, most)| format!("{least} to {most}")).collect();
            return Err(RadioError::OutOfRange {
                radio: self.config.name.clone(),
                what: "bandwidth_hz",
                value: bandwidth_hz,
                ranges: words.join(", "),
            });
        }
        self.device.set_bandwidth_hz(at, bandwidth_hz).map_err(self.refuses("set its bandwidth"))
    }
}
