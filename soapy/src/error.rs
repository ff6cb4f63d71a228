//! Errors of the driver, as programs get to read them.

use airloop_hil::RadioError;

/// What can be wrong with the use of the driver.
#[derive(Debug, thiserror::Error)]
pub enum DriverError {
    /// An argument that there is not.
    #[error("airloop: there is no argument {key}{}; there are {known}", nearest(.near))]
    UnknownArgument {
        /// Its key.
        key: String,
        /// What was meant, perhaps.
        near: Option<&'static str>,
        /// What there is.
        known: String,
    },
    /// An argument whose value is wrong.
    #[error("airloop: {key}={value}: {expected}")]
    BadArgument {
        /// Its key.
        key: &'static str,
        /// Its value.
        value: String,
        /// What would be right.
        expected: String,
    },
    /// Something that the radio does not have.
    #[error("airloop: radio {radio} has no {what} {name:?}; it has {known}")]
    Unknown {
        /// The radio.
        radio: String,
        /// What it is.
        what: &'static str,
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// A second stream of a direction.
    #[error(
        "airloop: radio {radio} has a {direction} stream already: close it, or set up one stream of several channels"
    )]
    StreamOpen {
        /// The radio.
        radio: String,
        /// Which way.
        direction: airloop_hil::Direction,
    },
    /// A radio that was closed before its streams.
    #[error("airloop: radio {radio} is closed")]
    Closed {
        /// The radio.
        radio: String,
    },
    /// What the ether or the radio says.
    #[error("airloop: {0}")]
    Radio(#[from] RadioError),
}

fn nearest(near: &Option<&'static str>) -> String {
    near.map_or(String::new(), |near| format!(" (did you mean {near}?)"))
}
