//! What a program asks for: `driver=airloop,ether=PATH,radio=NAME,..`.

use crate::error::DriverError;
use airloop_hil::Clock;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Every argument that there is, for messages.
const KEYS: [&str; 11] =
    ["driver", "ether", "radio", "tx", "rx", "persona", "seed", "rate", "clock", "loopback", "radios"];

/// Arguments that other software leaves on their way here: labels of what was found, UHD's name of its module and how it searches,
/// SoapyRemote's address.
const FOREIGN: [&str; 6] = ["label", "serial", "type", "find_all", "remote", "soapy_remote_no_deeper"];

/// Most channels of a direction.
const MOST_CHANNELS: usize = 64;

/// What a radio is to be.
#[derive(Clone, Debug, PartialEq)]
pub struct Arguments {
    /// Socket of the ether; `None` is the air of this process.
    pub ether: Option<PathBuf>,
    /// Name of the radio; `None` is one of the driver's choice.
    pub radio: Option<String>,
    /// Channels that transmit.
    pub transmit: Option<usize>,
    /// Channels that receive.
    pub receive: Option<usize>,
    /// What the radio is like.
    pub persona: String,
    /// Root of what its hardware is drawn from.
    pub seed: u64,
    /// What the air of this process is to be.
    pub air: AirArguments,
}

/// What the air of a process is to be, as far as it is said.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AirArguments {
    /// Sample rate, in hertz.
    pub rate_hz: Option<f64>,
    /// Whose time it keeps.
    pub clock: Option<Clock>,
    /// Whether radios hear themselves.
    pub loopback: Option<bool>,
    /// Radios that must be active before time begins.
    pub radios: Option<usize>,
}

impl Arguments {
    /// Reads arguments, a `key=value` line each.
    pub fn read(lines: &str) -> Result<Self, DriverError> {
        let mut given = split(lines);
        given.retain(|key, _| *key != "driver" && !FOREIGN.contains(key) && !key.starts_with("remote:"));
        let mut take = |key: &'static str| given.remove(key).filter(|value| !value.is_empty());
        let ether = take("ether").map(PathBuf::from);
        let channels = format!("a number of channels from 0 to {MOST_CHANNELS} is expected");
        let arguments = Self {
            radio: take("radio").map(str::to_string),
            transmit: number(take("tx"), "tx", &channels, |n| *n <= MOST_CHANNELS)?,
            receive: number(take("rx"), "rx", &channels, |n| *n <= MOST_CHANNELS)?,
            persona: take("persona").unwrap_or("ideal").to_string(),
            seed: number(take("seed"), "seed", "a whole number is expected", |_| true)?.unwrap_or(0),
            air: AirArguments {
                rate_hz: number(take("rate"), "rate", "a rate in hertz from 1 to 1e10 is expected", |r| {
                    (1.0..=1e10).contains(r)
                })?,
                clock: choice(
                    take("clock"),
                    "clock",
                    [("lockstep", Clock::Lockstep), ("wall", Clock::Wall)],
                )?,
                loopback: choice(take("loopback"), "loopback", [("true", true), ("false", false)])?,
                radios: number(take("radios"), "radios", "a number of radios is expected", |_| true)?,
            },
            ether,
        };
        if let Some(key) = given.keys().next() {
            return Err(unknown(key));
        }
        arguments.check()
    }

    fn check(self) -> Result<Self, DriverError> {
        if (self.transmit, self.receive) == (Some(0), Some(0)) {
            let expected = "a radio without channels does nothing; one of tx and rx is 1 or more".into();
            return Err(DriverError::BadArgument { key: "tx", value: "0,rx=0".into(), expected });
        }
        match &self.ether {
            Some(path) if self.air != AirArguments::default() => Err(DriverError::BadArgument {
                key: "ether",
                value: path.display().to_string(),
                expected:
                    "who serves an ether says its rate, clock, loopback and radios; leave these arguments out"
                        .into(),
            }),
            _ => Ok(self),
        }
    }
}

/// Returns what is found by a program that looks for radios, a `key=value` line each: nothing unless it means this driver.
///
/// No socket is touched: what is there is seen when a radio is made. All that was asked for is part of the answer, because SoapySDR
/// takes devices that were found with the same words for the same device.
pub fn find(lines: &str) -> Option<String> {
    let given = split(lines);
    let ours = match given.get("driver") {
        Some(driver) => *driver == "airloop",
        None => given.contains_key("ether"),
    };
    if !ours {
        return None;
    }
    let radio = given.get("radio").map_or("airloop radio".into(), |name| format!("airloop radio {name}"));
    let place = given.get("ether").map_or("this process".into(), |path| format!("the ether at {path}"));
    let mut found = format!("driver=airloop\nlabel={radio} in {place}\n");
    for (key, value) in given.iter().filter(|(key, _)| !["driver", "label"].contains(key)) {
        found += &format!("{key}={value}\n");
    }
    Some(found)
}

fn split(lines: &str) -> BTreeMap<&str, &str> {
    lines
        .lines()
        .filter_map(|line| line.split_once('='))
        .map(|(key, value)| (key.trim(), value.trim()))
        .collect()
}

fn number<T: std::str::FromStr>(
    value: Option<&str>,
    key: &'static str,
    expected: &str,
    is_right: impl Fn(&T) -> bool,
) -> Result<Option<T>, DriverError> {
    let Some(value) = value else { return Ok(None) };
    match value.parse().ok().filter(is_right) {
        Some(number) => Ok(Some(number)),
        None => Err(DriverError::BadArgument { key, value: value.into(), expected: expected.into() }),
    }
}

fn choice<T: Copy, const N: usize>(
    value: Option<&str>,
    key: &'static str,
    choices: [(&str, T); N],
) -> Result<Option<T>, DriverError> {
    let Some(value) = value else { return Ok(None) };
    match choices.iter().find(|(name, _)| *name == value) {
        Some((_, choice)) => Ok(Some(*choice)),
        None => {
            let expected = format!("{} is expected", choices.map(|(name, _)| name).join(" or "));
            Err(DriverError::BadArgument { key, value: value.into(), expected })
        }
    }
}

fn unknown(key: &str) -> DriverError {
    let close = |known: &&&str| strsim::damerau_levenshtein(key, known) <= 2;
    let near = KEYS.iter().filter(close).min_by_key(|known| strsim::damerau_levenshtein(key, known));
    DriverError::UnknownArgument { key: key.into(), near: near.copied(), known: KEYS.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says(lines: &str, words: &[&str]) {
        let error = Arguments::read(lines).unwrap_err().to_string();
        assert!(words.iter().all(|word| error.contains(word)), "{error}");
    }

    #[test]
    fn arguments_are_read_and_wrong_ones_refused() {
        let read = Arguments::read(
            "driver=airloop\nlabel=x\nremote=tcp://h\nremote:type=null\nether=/run/a=b\nradio=a\ntx=2\nrx=0",
        )
        .unwrap();
        assert_eq!(read.ether, Some(PathBuf::from("/run/a=b")));
        assert_eq!((read.radio.as_deref(), read.transmit, read.receive), (Some("a"), Some(2), Some(0)));
        let own = Arguments::read("rate=2e6\nclock=wall\nloopback=true\nradios=2").unwrap().air;
        assert_eq!((own.rate_hz, own.clock), (Some(2e6), Some(Clock::Wall)));
        assert_eq!((own.loopback, own.radios), (Some(true), Some(2)));
        says("raido=a", &["no argument raido", "did you mean radio?", "ether, radio"]);
        says("zzzzzzzz=1", &["no argument zzzzzzzz;"]);
        says("tx=-1", &["tx=-1", "0 to 64"]);
        says("rate=nan", &["rate=nan", "hertz"]);
        says("clock=sun", &["lockstep or wall"]);
        says("loopback=1", &["true or false"]);
        says("tx=0\nrx=0", &["without channels"]);
        says("ether=a\nrate=1e6", &["who serves an ether says its rate"]);
    }

    #[test]
    fn only_who_means_this_driver_finds_it() {
        assert_eq!(find(""), None);
        assert_eq!(find("driver=rtlsdr\nether=a"), None);
        assert_eq!(find("serial=4"), None);
        let found = find("driver=airloop\nradio=a\nether=p\nrx=2").unwrap();
        assert!(found.contains("label=airloop radio a in the ether at p\n"), "{found}");
        assert!(found.contains("radio=a\n") && found.contains("rx=2\n"), "{found}");
        assert_ne!(find("driver=airloop\nradio=a"), find("driver=airloop\nradio=b"));
        Arguments::read(&found).unwrap();
    }
}
