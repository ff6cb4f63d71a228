//! What a radio asks for, and where it comes to stand.

use super::{Cursor, Fields, MOST_NAME};
use crate::error::RadioError;
use crate::ether::{EtherInfo, Place};

/// What a radio asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Ports of its own choice.
    At(Place),
    /// The place that the ether keeps for its name.
    Named(String),
    /// Free ports, the lowest first: which ones depends on who came before.
    Anywhere {
        /// Name of the radio.
        name: String,
        /// Channels that transmit.
        transmit: usize,
        /// Channels that receive.
        receive: usize,
    },
}

impl From<Place> for Wanted {
    fn from(place: Place) -> Self {
        Self::At(place)
    }
}

impl Wanted {
    /// Returns the name of the radio.
    pub fn name(&self) -> &str {
        match self {
            Self::At(place) => &place.name,
            Self::Named(name) | Self::Anywhere { name, .. } => name,
        }
    }

    /// Refuses names that are too long.
    ///
    /// # Errors
    /// [`RadioError::OutOfRange`] with the longest.
    pub fn check(&self) -> Result<(), RadioError> {
        let length = self.name().len();
        if (1..=MOST_NAME).contains(&length) {
            return Ok(());
        }
        let radio = self.name().chars().take(20).collect();
        let ranges = format!("1 to {MOST_NAME}");
        Err(RadioError::OutOfRange { radio, what: "bytes of its name", value: length as f64, ranges })
    }

    /// Returns its bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut fields = Fields::default();
        match self {
            Self::At(place) => encode_place(fields.number(0), place),
            Self::Named(name) => {
                fields.number(2).text(name);
            }
            Self::Anywhere { name, transmit, receive } => {
                fields.number(1).text(name).number(*transmit as u64).number(*receive as u64);
            }
        }
        fields.0
    }

    /// Reads its bytes.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let mut cursor = Cursor(bytes);
        let wanted = match cursor.number()? {
            0 => Self::At(decode_place(&mut cursor)?),
            1 => Self::Anywhere { name: cursor.text()?, transmit: cursor.count()?, receive: cursor.count()? },
            2 => Self::Named(cursor.text()?),
            _ => return None,
        };
        cursor.end()?;
        wanted.check().ok()?;
        Some(wanted)
    }
}

fn encode_place(fields: &mut Fields, place: &Place) {
    fields.text(&place.name).numbers(&place.transmit).numbers(&place.receive);
}

fn decode_place(cursor: &mut Cursor<'_>) -> Option<Place> {
    Some(Place { name: cursor.text()?, transmit: cursor.numbers()?, receive: cursor.numbers()? })
}

/// Returns the bytes of what a radio must know.
pub fn encode_info(info: &EtherInfo) -> Vec<u8> {
    let mut fields = Fields::default();
    // No centre is the frequency that no air has.
    let centre_hz = info.centre_hz.unwrap_or(f64::NAN);
    fields.number(info.sample_rate_hz.to_bits()).number(info.lead_samples as u64).number(centre_hz.to_bits());
    encode_place(&mut fields, &info.place);
    fields.0
}

/// Reads what a radio must know.
pub fn decode_info(bytes: &[u8]) -> Option<EtherInfo> {
    let mut cursor = Cursor(bytes);
    let (sample_rate_hz, lead_samples) = (f64::from_bits(cursor.number()?), cursor.count()?);
    let centre_hz = Some(f64::from_bits(cursor.number()?)).filter(|centre_hz| !centre_hz.is_nan());
    let info = EtherInfo { place: decode_place(&mut cursor)?, sample_rate_hz, lead_samples, centre_hz };
    cursor.end()?;
    Some(info)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_come_back_and_long_names_do_not() {
        let place = Place { name: "a".into(), transmit: vec![4, 0], receive: vec![] };
        let anywhere = |name: &str| Wanted::Anywhere { name: name.into(), transmit: 1, receive: 2 };
        for wanted in [Wanted::At(place.clone()), anywhere("b"), Wanted::Named("c".into())] {
            let bytes = wanted.encode();
            assert_eq!(Wanted::decode(&bytes), Some(wanted));
            assert_eq!(Wanted::decode(&bytes[1..]), None);
            assert_eq!(Wanted::decode(&bytes[..bytes.len() - 1]), None);
        }
        assert_eq!(Wanted::decode(&anywhere(&"n".repeat(257)).encode()), None);
        assert_eq!(Wanted::decode(&anywhere("").encode()), None);
        for centre_hz in [None, Some(0.0), Some(2.4e9)] {
            let info = EtherInfo { place: place.clone(), sample_rate_hz: 1e6, lead_samples: 7, centre_hz };
            assert_eq!(decode_info(&encode_info(&info)), Some(info));
        }
    }
}
