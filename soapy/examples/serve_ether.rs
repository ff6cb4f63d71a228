//! Serves an ether for SoapySDR programs until its standard input ends.
//!
//! ```text
//! serve_ether socket=PATH [rate=1e6] [noise_power=0] [ports=1,1] [radios=0] [clock=lockstep] [seed=1] [taps=DELAY_S:POWER_DB,..]
//! ```
//!
//! Every port that transmits is heard at every port that receives, through Rayleigh taps that stand still, or as it is without any. The
//! taps that are drawn are told, a line each, and then that the ether is ready.

use airloop_baseband::units::power_from_db;
use airloop_baseband::{Complex32, Purpose, Seeds};
use airloop_channels::{
    AirConfig, Fading, FilterBank, FractionalDelay, Link, PathKind, PathSpec, Profile, StreamedAir, Taps,
    TimeGrid,
};
use airloop_hil::{Clock, Ether, EtherConfig, EtherServer};
use std::collections::HashMap;
use std::error::Error;
use std::io::{Read, Write};
use std::str::FromStr;
use std::sync::Arc;

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let pairs = words.iter().map(|word| word.split_once('=').ok_or(format!("{word} is no KEY=VALUE")));
    let mut given: HashMap<&str, &str> = pairs.collect::<Result<_, _>>()?;
    let socket = given.remove("socket").ok_or("socket=PATH is expected")?;
    let sample_rate_hz: f64 = take(&mut given, "rate", 1e6)?;
    let noise_power: f64 = take(&mut given, "noise_power", 0.0)?;
    let (radios, seed) = (take(&mut given, "radios", 0)?, take(&mut given, "seed", 1)?);
    let ports = given.remove("ports").unwrap_or("1,1");
    let (transmit, receive) = ports.split_once(',').ok_or("ports=TRANSMIT,RECEIVE is expected")?;
    let ports: (usize, usize) = (transmit.parse()?, receive.parse()?);
    let clock = match given.remove("clock").unwrap_or("lockstep") {
        "lockstep" => Clock::Lockstep,
        "wall" => Clock::Wall,
        other => return Err(format!("clock={other}: lockstep or wall is expected").into()),
    };
    let profile = given.remove("taps").map_or(Ok(Profile::flat(f64::INFINITY)), profile)?;
    if let Some(key) = given.keys().next() {
        return Err(format!("there is no argument {key}").into());
    }

    let seeds = Seeds::new(seed);
    let delays: Vec<f64> = profile.paths().iter().map(|path| path.delay_s).collect();
    let filter = Arc::new(FilterBank::new(&delays, sample_rate_hz, &FractionalDelay::new(0.8, -60.0)));
    let pairs: Vec<_> = (0..ports.0).flat_map(|t| (0..ports.1).map(move |r| (t, r))).collect();
    let taps = Fading::new(profile, 1e9, 0.0).draw(&seeds, 0, 0..pairs.len());
    taps.iter().zip(&pairs).for_each(|(taps, pair)| tell(taps, *pair));
    let link = |(taps, (transmit, receive))| Link { transmit, receive, taps, filter: Arc::clone(&filter) };
    let links = taps.into_iter().zip(pairs).map(link).collect();
    let config = AirConfig { sample_rate_hz, noise_power, origin: 0, receive_ports: ports.1 };
    let air = StreamedAir::new(config, links, seeds.stream(Purpose::Noise, 0, 0))?;
    let config = EtherConfig { clock, radios, ..EtherConfig::new(ports, air.precursor_samples()) };
    let _server = EtherServer::bind(socket, Ether::new(config, air)?)?;
    println!("ready");
    std::io::stdout().flush()?;
    std::io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}

fn take<T: FromStr>(given: &mut HashMap<&str, &str>, key: &str, otherwise: T) -> Result<T, String> {
    let wrong = |value: &str| format!("{key}={value} is no number of its kind");
    given.remove(key).map_or(Ok(otherwise), |value| value.parse().map_err(|_| wrong(value)))
}

fn profile(words: &str) -> Result<Profile, Box<dyn Error>> {
    let path = |word: &str| -> Result<PathSpec, Box<dyn Error>> {
        let (delay_s, power_db) = word.split_once(':').ok_or("taps=DELAY_S:POWER_DB,.. is expected")?;
        let power = power_from_db(power_db.parse()?);
        Ok(PathSpec { delay_s: delay_s.parse()?, power, kind: PathKind::Rayleigh })
    };
    Ok(Profile::new(words.split(',').map(path).collect::<Result<_, _>>()?)?)
}

/// Tells the taps of a link: ports, delay in seconds, complex gain.
fn tell(taps: &Taps, (transmit, receive): (usize, usize)) {
    let mut gains = vec![Complex32::default(); taps.paths()];
    taps.gains(TimeGrid { start_s: 0.0, step_s: 0.0, count: 1 }, &mut gains);
    for (delay_s, gain) in taps.delays_s().iter().zip(&gains) {
        println!("tap {transmit} {receive} {delay_s:e} {} {}", gain.re, gain.im);
    }
}
