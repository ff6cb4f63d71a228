//! Which devices there are.

use super::error::refused;
use super::ffi::{self, Pairs};
use crate::error::RadioError;
use std::fmt;

/// A device that was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Key of the driver.
    pub driver: String,
    /// What the driver calls it.
    pub label: String,
    /// Serial; empty where the driver gives none.
    pub serial: String,
    /// Arguments that open it.
    pub args: String,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { driver, label, serial, args } = self;
        let label = if label.is_empty() { driver } else { label };
        let serial = if serial.is_empty() { "no serial" } else { serial };
        write!(f, "{label} ({driver}, {serial}): {args}")
    }
}

impl Found {
    fn new(pairs: &Pairs) -> Self {
        let of = |name| pairs.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value).to_owned();
        Self { driver: of("driver"), label: of("label"), serial: of("serial"), args: markup(pairs) }
    }
}

/// Returns the devices that answer to some arguments; to none of them, all.
///
/// # Errors
/// [`RadioError::Driver`] when the arguments are no `key=value` pairs, or a driver fails.
pub fn enumerate(args: &str) -> Result<Vec<Found>, RadioError> {
    let found = ffi::enumerate(&pairs(args)?).map_err(refused("of any kind", "look for devices"))?;
    Ok(found.iter().map(Found::new).collect())
}

/// Returns the one device that answers to some arguments, as it was found.
pub(super) fn the_one(args: &str) -> Result<Pairs, RadioError> {
    let mut found = ffi::enumerate(&pairs(args)?).map_err(refused("of any kind", "look for devices"))?;
    match (found.len(), found.pop()) {
        (1, Some(device)) => Ok(device),
        (_, last) => {
            found.extend(last);
            let found = found.iter().map(|device| Found::new(device).to_string()).collect();
            Err(RadioError::WhichDevice { args: args.into(), found })
        }
    }
}

/// Reads `key=value` pairs that are separated by commas.
pub(super) fn pairs(args: &str) -> Result<Pairs, RadioError> {
    let parts = args.split(',').map(str::trim).filter(|part| !part.is_empty());
    let pair = |part: &str| match part.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => Ok((key.trim().into(), value.trim().into())),
        _ => Err(RadioError::Driver {
            radio: "of any kind".into(),
            action: format!("read the arguments {args:?}"),
            reason: format!("{part:?} is no key=value pair (driver=uhd,serial=30AD123)"),
        }),
    };
    parts.map(pair).collect()
}

fn markup(pairs: &Pairs) -> String {
    // Labels hold spaces and commas; whatever opens a device says the same without them.
    let parts = pairs.iter().filter(|(key, _)| key != "label");
    parts.map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::{Found, pairs};

    #[test]
    fn arguments_are_pairs() {
        let read = pairs(" driver=uhd, type = b200,,serial=30AD123 ").unwrap();
        assert_eq!(read[1], ("type".into(), "b200".into()));
        let found = Found::new(&read);
        assert_eq!(found.args, "driver=uhd,type=b200,serial=30AD123");
        assert_eq!(found.to_string(), "uhd (uhd, 30AD123): driver=uhd,type=b200,serial=30AD123");
        assert_eq!(pairs("").unwrap(), []);
        let said = pairs("driver=uhd,b200").unwrap_err().to_string();
        assert!(said.contains("\"b200\" is no key=value pair"), "{said}");
    }
}
