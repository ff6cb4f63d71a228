//! The air of a process that names no ether: every radio of it hears every other one, as it is.

use crate::arguments::AirArguments;
use crate::error::DriverError;
use crate::gate::lock;
use airloop_baseband::{Purpose, Seeds};
use airloop_channels::{AirConfig, Fading, FilterBank, FractionalDelay, Link, Profile, StreamedAir};
use airloop_hil::{Clock, Ether, EtherConfig, LocalAttachment, Place, RadioError};
use std::sync::{Arc, Mutex, Weak};

/// Most radios.
const SEATS: usize = 12;
/// Most channels of a radio, each way.
const CHANNELS: usize = 2;
/// Sample rate unless one is asked for, in hertz.
const RATE_HZ: f64 = 1e6;

/// There is one at a time, for as long as a radio stands in it.
static AIR: Mutex<Weak<ProcessAir>> = Mutex::new(Weak::new());

/// The air of this process: unit channels without noise.
pub struct ProcessAir {
    settings: Settings,
    ether: Ether<StreamedAir>,
    taken: Mutex<[bool; SEATS]>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Settings {
    rate_hz: f64,
    clock: Clock,
    loopback: bool,
    radios: usize,
}

/// A radio's seat; it is free again when this is dropped.
pub struct ProcessSeat {
    air: Arc<ProcessAir>,
    number: usize,
}

impl Drop for ProcessSeat {
    fn drop(&mut self) {
        lock(&self.air.taken)[self.number] = false;
    }
}

impl ProcessAir {
    /// Gives a radio of so many channels its place, and makes the air for the first one.
    pub fn seat(
        name: &str,
        (transmit, receive): (usize, usize),
        arguments: &AirArguments,
    ) -> Result<(LocalAttachment<StreamedAir>, ProcessSeat), DriverError> {
        for (key, count) in [("tx", transmit), ("rx", receive)] {
            if count > CHANNELS {
                let expected = format!(
                    "radios of the air of one process have {CHANNELS} channels at most; serve an ether"
                );
                return Err(DriverError::BadArgument { key, value: count.to_string(), expected });
            }
        }
        let air = Self::of_process(arguments)?;
        let mut taken = lock(&air.taken);
        for number in (0..SEATS).filter(|number| !taken[*number]) {
            let ports = |count| (number * CHANNELS..).take(count).collect();
            let place = Place { name: name.into(), transmit: ports(transmit), receive: ports(receive) };
            match air.ether.attach(place) {
                // What a radio said that is gone still goes out.
                Err(RadioError::NoSuchPort { .. }) => continue,
                Err(error) => return Err(error.into()),
                Ok(place) => {
                    taken[number] = true;
                    drop(taken);
                    return Ok((place, ProcessSeat { air, number }));
                }
            }
        }
        let expected = format!("{SEATS} radios stand in the air of this process already; serve an ether");
        Err(DriverError::BadArgument { key: "radio", value: name.into(), expected })
    }

    /// Returns the air of this process, which has to be as it is asked for.
    fn of_process(arguments: &AirArguments) -> Result<Arc<Self>, DriverError> {
        let mut place = lock(&AIR);
        if let Some(air) = place.upgrade() {
            air.settings.agree(arguments)?;
            return Ok(air);
        }
        let settings = Settings {
            rate_hz: arguments.rate_hz.unwrap_or(RATE_HZ),
            clock: arguments.clock.unwrap_or_default(),
            loopback: arguments.loopback.unwrap_or(false),
            radios: arguments.radios.unwrap_or(0),
        };
        let (ether, taken) = (settings.ether()?, Mutex::new([false; SEATS]));
        let air = Arc::new(Self { settings, ether, taken });
        *place = Arc::downgrade(&air);
        Ok(air)
    }
}

impl Settings {
    fn agree(&self, arguments: &AirArguments) -> Result<(), DriverError> {
        let differ = |key, asked: Option<String>, is: String| match asked.filter(|asked| *asked != is) {
            None => Ok(()),
            Some(value) => {
                let expected = format!("the air of this process has {key}={is}, as its first radio said");
                Err(DriverError::BadArgument { key, value, expected })
            }
        };
        let clock = |clock| if clock == Clock::Wall { "wall" } else { "lockstep" }.to_string();
        differ("rate", arguments.rate_hz.map(|rate| rate.to_string()), self.rate_hz.to_string())?;
        differ("clock", arguments.clock.map(clock), clock(self.clock))?;
        differ("loopback", arguments.loopback.map(|on| on.to_string()), self.loopback.to_string())?;
        differ("radios", arguments.radios.map(|count| count.to_string()), self.radios.to_string())
    }

    fn ether(&self) -> Result<Ether<StreamedAir>, DriverError> {
        let ports = SEATS * CHANNELS;
        let pairs = (0..ports).flat_map(|t| (0..ports).map(move |r| (t, r)));
        let pairs: Vec<_> = pairs.filter(|(t, r)| self.loopback || t / CHANNELS != r / CHANNELS).collect();
        let seeds = Seeds::new(0);
        let taps = Fading::new(Profile::flat(f64::INFINITY), 1e9, 0.0).draw(&seeds, 0, 0..pairs.len());
        let filter = Arc::new(FilterBank::new(&[0.0], self.rate_hz, &FractionalDelay::new(0.8, -60.0)));
        let link =
            |(taps, (transmit, receive))| Link { transmit, receive, taps, filter: Arc::clone(&filter) };
        let links = taps.into_iter().zip(pairs).map(link).collect();
        let config =
            AirConfig { sample_rate_hz: self.rate_hz, noise_power: 0.0, origin: 0, receive_ports: ports };
        let noise = seeds.stream(Purpose::Noise, 0, 0);
        let air = StreamedAir::new(config, links, noise).map_err(|error| RadioError::Air(Box::new(error)))?;
        let config = EtherConfig::new((ports, ports), air.precursor_samples());
        Ok(Ether::new(EtherConfig { clock: self.clock, radios: self.radios, ..config }, air)?)
    }
}
