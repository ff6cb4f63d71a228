//! What a device can do, to be read by people.

use super::clocks::{Clocks, sensors};
use super::config::SoapyConfig;
use super::error::{not_opened, refused};
use super::ffi::{Device, Pairs};
use super::found::the_one;
use super::limits::Limits;
use crate::error::RadioError;
use crate::radio::{Capabilities, Direction, Span};
use std::fmt;

/// A channel of a device.
#[derive(Clone, Debug, PartialEq)]
pub struct Channel {
    /// Which way.
    pub direction: Direction,
    /// Its number.
    pub number: usize,
    /// Antennas that it can use.
    pub antennas: Vec<String>,
    /// The one that it uses.
    pub antenna: String,
    /// Sample rates, in hertz.
    pub sample_rates_hz: Vec<Span>,
    /// Centre frequencies, in hertz.
    pub centres_hz: Vec<Span>,
    /// Widths of its filters, in hertz.
    pub bandwidths_hz: Vec<Span>,
    /// Gains, in decibels.
    pub gain_db: Span,
    /// Its sensors and their values.
    pub sensors: Vec<(String, String)>,
}

/// What a device can do.
#[derive(Clone, Debug, PartialEq)]
pub struct Probe {
    /// What a radio of all its channels could do.
    pub capabilities: Capabilities,
    /// What the driver knows of the hardware.
    pub info: Vec<(String, String)>,
    /// Its channels, those that transmit first.
    pub channels: Vec<Channel>,
    /// Where its clock and time come from.
    pub clocks: Clocks,
    /// Its sensors and their values.
    pub sensors: Vec<(String, String)>,
    /// What the driver does not say and is taken for granted.
    pub assumed: Vec<String>,
}

/// Opens the one device that answers to some arguments, asks what it can do, and closes it; nothing is set.
///
/// # Errors
/// [`RadioError::WhichDevice`] when none or several answer, and [`RadioError::Driver`] with what the driver says.
pub fn probe(args: &str) -> Result<Probe, RadioError> {
    let found = the_one(args)?;
    let device = Device::open(&found).map_err(not_opened(args, args))?;
    ask(&device, &found, args)
}

fn ask(device: &Device, found: &Pairs, args: &str) -> Result<Probe, RadioError> {
    let mut config = SoapyConfig::new(args, args);
    let (mut channels, wrong) = (Vec::new(), || refused(args, "ask what it can do"));
    for direction in [Direction::Transmit, Direction::Receive] {
        let count = device.channels(direction).map_err(wrong())?;
        match direction {
            Direction::Transmit => config.transmit_channels = (0..count).collect(),
            Direction::Receive => config.receive_channels = (0..count).collect(),
        }
        for number in 0..count {
            channels.push(channel(device, direction, number).map_err(wrong())?);
        }
    }
    let limits = Limits::of(device, found, &config)?;
    Ok(Probe {
        capabilities: limits.capabilities,
        info: device.info().map_err(wrong())?,
        channels,
        clocks: Clocks::of(device).map_err(wrong())?,
        sensors: sensors(device).map_err(wrong())?,
        assumed: limits.assumed,
    })
}

fn channel(device: &Device, direction: Direction, number: usize) -> Result<Channel, String> {
    let at = (direction, number);
    let spans = |ranges: Vec<(f64, f64)>| {
        ranges.into_iter().map(|(least, most)| Span { least, most }).collect::<Vec<_>>()
    };
    let (least, most) = device.gain_range_db(at)?;
    let names = device.channel_sensors(at)?;
    let read = |name: String| device.channel_sensor(at, &name).map(|value| (name, value));
    Ok(Channel {
        direction,
        number,
        antennas: device.antennas(at)?,
        antenna: device.antenna(at)?,
        sample_rates_hz: spans(device.sample_rate_ranges_hz(at)?),
        centres_hz: spans(device.centre_ranges_hz(at)?),
        bandwidths_hz: spans(device.bandwidth_ranges_hz(at)?),
        gain_db: Span { least, most },
        sensors: names.into_iter().map(read).collect::<Result<_, _>>()?,
    })
}

fn words(spans: &[Span], unit: &str) -> String {
    let word = |span: &Span| match span.least == span.most {
        true => format!("{}", span.least),
        false => format!("{} to {}", span.least, span.most),
    };
    match spans {
        [] => "not said".into(),
        spans => format!("{} {unit}", spans.iter().map(word).collect::<Vec<_>>().join(", ")),
    }
}

impl fmt::Display for Probe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Capabilities { hardware, timestamps, timed_bursts, .. } = &self.capabilities;
        let yes = |is: &bool| if *is { "yes" } else { "no" };
        writeln!(f, "hardware        {hardware}")?;
        self.info.iter().try_for_each(|(key, value)| writeln!(f, "  {key} = {value}"))?;
        writeln!(f, "sample times    {}", yes(timestamps))?;
        writeln!(f, "timed bursts    {}", yes(timed_bursts))?;
        write!(f, "{}", self.clocks)?;
        self.sensors.iter().try_for_each(|(name, value)| writeln!(f, "sensor          {name} = {value}"))?;
        self.channels.iter().try_for_each(|channel| write!(f, "{channel}"))?;
        self.assumed.iter().try_for_each(|words| writeln!(f, "assumed         {words}"))
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} channel {}", self.direction, self.number)?;
        writeln!(f, "  antenna       {} (of {})", self.antenna, self.antennas.join(", "))?;
        writeln!(f, "  sample rates  {}", words(&self.sample_rates_hz, "Hz"))?;
        writeln!(f, "  centres       {}", words(&self.centres_hz, "Hz"))?;
        writeln!(f, "  filters       {}", words(&self.bandwidths_hz, "Hz"))?;
        writeln!(f, "  gains         {}", words(&[self.gain_db], "dB"))?;
        self.sensors.iter().try_for_each(|(name, value)| writeln!(f, "  sensor        {name} = {value}"))
    }
}
