//! Errors on their way back to the radio that they concern.

use super::{Cursor, Fields};
use crate::error::RadioError;
use crate::radio::Direction;

/// What is wrong with a port; other words become the last of them.
const REASONS: [&str; 4] = ["does not exist", "belongs to another radio", "is named twice", "cannot be had"];

/// Most bytes of words that are passed on.
const MOST_TEXT: usize = 4096;

fn number(direction: Direction) -> u64 {
    (direction == Direction::Receive).into()
}

/// Reads a direction.
pub fn direction(number: u64) -> Option<Direction> {
    [Direction::Transmit, Direction::Receive].get(usize::try_from(number).ok()?).copied()
}

fn cut(text: &str) -> &str {
    let mut end = text.len().min(MOST_TEXT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Returns the bytes of an error; what the ether never says of itself goes as words.
pub fn encode_failure(error: &RadioError) -> Vec<u8> {
    use RadioError as E;
    let mut fields = Fields::default();
    let f = &mut fields;
    match error {
        E::NoSuchChannel { radio, direction, channel, channels } => f
            .number(1)
            .text(radio)
            .number(number(*direction))
            .number(*channel as u64)
            .number(*channels as u64),
        E::NotActive { radio, direction } => f.number(2).text(radio).number(number(*direction)),
        E::Active { radio, direction } => f.number(3).text(radio).number(number(*direction)),
        E::Overlap { radio, start, position } => f.number(4).text(radio).number(*start).number(*position),
        E::Late { radio, start, now } => f.number(5).text(radio).number(*start).number(*now),
        E::TimedOut { radio, waited_s, position, waits_for } => f
            .number(6)
            .text(radio)
            .number(waited_s.to_bits())
            .number(*position)
            .maybe(waits_for.as_deref(), |f, name| _ = f.text(name)),
        E::NameTaken { radio } => f.number(7).text(radio),
        E::NoSuchPort { radio, direction, port, reason } => {
            let reason = REASONS.iter().position(|known| known == reason).unwrap_or(REASONS.len() - 1);
            f.number(8).text(radio).number(number(*direction)).number(*port as u64).number(reason as u64)
        }
        E::NoFreePorts { radio, direction, wanted, free } => {
            f.number(9).text(radio).number(number(*direction)).number(*wanted as u64).number(*free as u64)
        }
        E::Ended { radio, reason } => f.number(10).text(radio).text(cut(reason)),
        E::NoSuchName { radio, names } => {
            f.number(12).text(radio).number(names.len() as u64);
            names.iter().fold(f, |f, name| f.text(name))
        }
        E::Air(error) => f.number(11).text(cut(&error.to_string())),
        other => f.number(11).text(cut(&other.to_string())),
    };
    fields.0
}

/// Reads an error.
pub fn decode_failure(bytes: &[u8]) -> Option<RadioError> {
    use RadioError as E;
    let mut c = Cursor(bytes);
    let tag = c.number()?;
    if tag == 11 {
        return Some(E::Air(c.text()?.into()));
    }
    let radio = c.text()?;
    let error = match tag {
        1 => E::NoSuchChannel {
            radio,
            direction: direction(c.number()?)?,
            channel: c.count()?,
            channels: c.count()?,
        },
        2 => E::NotActive { radio, direction: direction(c.number()?)? },
        3 => E::Active { radio, direction: direction(c.number()?)? },
        4 => E::Overlap { radio, start: c.number()?, position: c.number()? },
        5 => E::Late { radio, start: c.number()?, now: c.number()? },
        6 => E::TimedOut {
            radio,
            waited_s: f64::from_bits(c.number()?),
            position: c.number()?,
            waits_for: c.maybe(Cursor::text)?,
        },
        7 => E::NameTaken { radio },
        8 => E::NoSuchPort {
            radio,
            direction: direction(c.number()?)?,
            port: c.count()?,
            reason: REASONS.get(c.count()?)?,
        },
        9 => {
            E::NoFreePorts { radio, direction: direction(c.number()?)?, wanted: c.count()?, free: c.count()? }
        }
        10 => E::Ended { radio, reason: c.text()? },
        12 => E::NoSuchName { radio, names: c.list(Cursor::text)? },
        _ => return None,
    };
    c.end()?;
    Some(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_come_back_as_they_were() {
        use RadioError as E;
        let radio = || "r".to_string();
        let direction = Direction::Receive;
        let waits_for = Some("b".into());
        for error in [
            E::NoSuchChannel { radio: radio(), direction, channel: 3, channels: 2 },
            E::NotActive { radio: radio(), direction },
            E::Active { radio: radio(), direction: Direction::Transmit },
            E::Overlap { radio: radio(), start: 5, position: 6 },
            E::Late { radio: radio(), start: 5, now: 6 },
            E::TimedOut { radio: radio(), waited_s: 0.5, position: 6, waits_for },
            E::NameTaken { radio: radio() },
            E::NoSuchPort { radio: radio(), direction, port: 9, reason: "is named twice" },
            E::NoFreePorts { radio: radio(), direction, wanted: 2, free: 1 },
            E::Ended { radio: radio(), reason: "of this".into() },
            E::NoSuchName { radio: radio(), names: vec!["a".into(), "b".into()] },
            E::Air("rained".into()),
        ] {
            let bytes = encode_failure(&error);
            let back = decode_failure(&bytes).unwrap();
            assert_eq!(format!("{back:?}"), format!("{error:?}"));
            assert!(decode_failure(&bytes[..bytes.len() - 1]).is_none(), "{error:?}");
        }
        let long = E::Ended { radio: radio(), reason: "ä".repeat(5000) };
        assert!(decode_failure(&encode_failure(&long)).unwrap().to_string().len() < 5000);
        let other = E::WrongBuffers { radio: radio(), direction, found: 1, channels: 2 };
        let back = decode_failure(&encode_failure(&other)).unwrap();
        assert!(back.to_string().contains("1 buffers for 2 receive channels"), "{back}");
    }
}
