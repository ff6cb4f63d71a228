//! The keys of `scheme.kind = "misaligned"`, and what such an experiment cannot have beside them.

use crate::config::{Bound, ConfigError, TableReader};
use crate::experiment::per_device::PerDevice;
use crate::experiment::sections::{ChannelSection, ImpairmentsSection, LinkSection, ReceiverSection};
use crate::misaligned::Receiver;
use airloop_baseband::{Purpose, Seeds};

/// Longest frame, in symbols.
const MAX_SYMBOLS_PER_FRAME: usize = 1 << 16;

/// Most samples of a symbol.
const MAX_OVERSAMPLING: usize = 1024;

/// Links of [`Purpose::Impairment`] that delays and phases are drawn by; those below are the front ends'.
const LINKS: [u64; 2] = [64, 65];

/// Every receiver by its name.
const RECEIVERS: [(&str, Receiver); 4] = [
    ("aligned-sample", Receiver::AlignedSample),
    ("ml", Receiver::MaximumLikelihood),
    ("lmmse", Receiver::Lmmse),
    ("full-symbol", Receiver::FullSymbol),
];

/// Misaligned single-carrier frames as configured.
///
/// A device's symbols arrive `delays_symbols` late and turned by `phases_rad` (0 to 1 symbols, radians). Drawn delays are
/// rounded down to whole samples, multiples of 1/oversampling, at every rung; given ones are taken as they are.
#[derive(Clone, Debug, PartialEq)]
pub struct MisalignedSection {
    /// How the sum is read off.
    pub receiver: Receiver,
    /// Arrival of each device's symbols, in symbols.
    pub delays_symbols: PerDevice,
    /// Phase that inversion leaves, in radians.
    pub phases_rad: PerDevice,
    /// Symbols of a frame.
    pub symbols_per_frame: usize,
    /// Samples of a symbol at waveform fidelity.
    pub oversampling: usize,
}

/// The tables that a misaligned experiment must leave alone, as they are written.
pub struct Surroundings<'a, 'b> {
    /// The whole experiment.
    pub root: &'a TableReader<'b>,
    /// `[channel]`.
    pub channel: &'a TableReader<'b>,
    /// `[link]`.
    pub link: &'a TableReader<'b>,
    /// `[budget]`.
    pub budget: &'a TableReader<'b>,
}

impl MisalignedSection {
    /// Reads the keys.
    ///
    /// # Errors
    /// When one is missing, wrong or out of bounds.
    pub fn read(reader: &TableReader<'_>) -> Result<Self, ConfigError> {
        let name = reader.choice("receiver", None, &RECEIVERS.map(|r| r.0))?;
        let receiver = RECEIVERS.iter().find(|r| r.0 == name).map_or(Receiver::Lmmse, |r| r.1);
        if !reader.has("delays_symbols") {
            let message = "is missing: misaligned frames need each device's delay in symbols, for example \
                           [0.0, 0.5] or { uniform = [0.0, 1.0] }";
            return Err(reader.invalid("delays_symbols", message));
        }
        let delays_symbols = PerDevice::read(reader, "delays_symbols", Bound::between(0.0, 1.0))?;
        match &delays_symbols {
            PerDevice::Normal { .. } => {
                let message = "{ normal = .. } also gives delays below 0 and above 1 symbol; \
                               a number, a list, { uniform = [low, high] } or { file = \"..\" } is expected";
                return Err(reader.invalid("delays_symbols", message));
            }
            PerDevice::Uniform { .. } => {}
            given if given.range().1 >= 1.0 => {
                let message = "1 is out of range: delays are at least 0 and below 1 symbol";
                return Err(reader.invalid("delays_symbols", message));
            }
            _ => {}
        }
        let at_most = |key: &str, default: usize, most: usize| {
            let value = reader.usize(key, Some(default), 1)?;
            if value > most {
                return Err(reader.invalid(key, format!("{value} is out of range: 1 to {most} are possible")));
            }
            Ok(value)
        };
        Ok(Self {
            receiver,
            delays_symbols,
            phases_rad: PerDevice::read(reader, "phases_rad", Bound::between(-1e3, 1e3))?,
            symbols_per_frame: at_most("symbols_per_frame", 64, MAX_SYMBOLS_PER_FRAME)?,
            oversampling: at_most("oversampling", 20, MAX_OVERSAMPLING)?,
        })
    }

    /// Refuses what single-carrier frames over one known flat gain a device do not have.
    ///
    /// # Errors
    /// When there is a delay profile, a speed, gains of elements, several antennas, a budget or a front end that errs.
    pub fn check(
        &self,
        around: &Surroundings<'_, '_>,
        channel: &ChannelSection,
        link: &LinkSection,
        impairments: &ImpairmentsSection,
        receiver: &ReceiverSection,
    ) -> Result<(), ConfigError> {
        const KIND: &str = "scheme.kind = \"misaligned\"";
        if !matches!(channel.model.as_str(), "awgn" | "rayleigh" | "rician") {
            let message = format!(
                "{KIND} needs one flat gain a device: \"awgn\", \"rayleigh\" or \"rician\" are possible"
            );
            return Err(around.channel.invalid("model", message));
        }
        if channel.per_element && channel.k_factor.is_finite() {
            let message =
                format!("{KIND} sends a single carrier, which has no elements: \"block\" is possible");
            return Err(around.channel.invalid("fading", message));
        }
        if channel.speed_m_s > 0.0 {
            let message = format!("{KIND} needs gains that stay during a round: 0 is possible");
            return Err(around.channel.invalid("speed_m_s", message));
        }
        if link.receive_antennas > 1 {
            let message = format!("{KIND} has a server of one antenna: 1 is possible");
            return Err(around.link.invalid("receive_antennas", message));
        }
        for key in ["airtime_s", "elements"] {
            let why = format!(
                "{KIND} sends the payload once, whatever that takes; leave the budget out and look at airtime_s"
            );
            around.budget.require_absent(key, &why)?;
        }
        if !impairments.is_ideal() {
            let message = format!(
                "do not go with {KIND}: scheme.delays_symbols and scheme.phases_rad say what front ends get wrong"
            );
            return Err(around.root.invalid("impairments", message));
        }
        if !receiver.is_ideal() {
            let message = format!("does not go with {KIND}, whose receivers are their own");
            return Err(around.root.invalid("receiver", message));
        }
        Ok(())
    }

    /// Checks that lists have one value a device.
    ///
    /// # Errors
    /// When one has not.
    pub fn check_devices(&self, reader: &TableReader<'_>, devices: usize) -> Result<(), ConfigError> {
        self.delays_symbols.check(reader, "delays_symbols", devices)?;
        self.phases_rad.check(reader, "phases_rad", devices)
    }

    /// Returns whether delays and phases are the same in every round.
    pub fn is_fixed(&self) -> bool {
        let fixed = |value: &PerDevice| matches!(value, PerDevice::Same(_) | PerDevice::Each(_));
        fixed(&self.delays_symbols) && fixed(&self.phases_rad)
    }

    /// Returns the delays of a round, in symbols: after the earliest device for receivers that know the delays and take
    /// their clock from it, after the nominal start for one that does not.
    pub fn delays_symbols(&self, seeds: &Seeds, round: u64, devices: usize) -> Vec<f64> {
        let stream = seeds.stream(Purpose::Impairment, round, LINKS[0]);
        let (samples, last) = (self.oversampling as f64, (self.oversampling - 1) as f64);
        let of = |device| {
            let delay = self.delays_symbols.value(&stream, device);
            match self.delays_symbols {
                PerDevice::Uniform { .. } => (delay * samples).floor().min(last) / samples,
                _ => delay,
            }
        };
        let mut delays: Vec<f64> = (0..devices).map(of).collect();
        if self.receiver != Receiver::FullSymbol {
            let earliest = delays.iter().copied().fold(f64::INFINITY, f64::min);
            delays.iter_mut().for_each(|delay| *delay -= earliest);
        }
        delays
    }

    /// Returns the phases of a round, in radians.
    pub fn phases_rad(&self, seeds: &Seeds, round: u64, devices: usize) -> Vec<f64> {
        let stream = seeds.stream(Purpose::Impairment, round, LINKS[1]);
        (0..devices).map(|device| self.phases_rad.value(&stream, device)).collect()
    }

    /// Returns the first given delay that is no multiple of a sample: device, delay and nearest multiple, in symbols.
    pub fn off_grid(&self, devices: usize) -> Option<(usize, f64, f64)> {
        let samples = self.oversampling as f64;
        let given = |device: usize| match &self.delays_symbols {
            PerDevice::Same(delay) => Some(*delay),
            PerDevice::Each(delays) => Some(delays[device]),
            _ => None,
        };
        (0..devices).find_map(|device| {
            let delay = given(device)?;
            // A delay just below 1 has no sample of its own.
            let nearest = (delay * samples).round().min(samples - 1.0) / samples;
            ((nearest - delay).abs() > crate::misaligned::SAME_DELAY).then_some((device, delay, nearest))
        })
    }
}
