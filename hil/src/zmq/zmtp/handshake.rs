//! The NULL handshake: each side says what socket it is.
//!
//! ```text
//! READY = 5 "READY" *(length of the name, name, length of the value in 4 bytes, value)
//! ```

use super::broken::Broken;
use super::frame::{Frame, Kind, put_head};

/// What socket we are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SocketType {
    /// Asks.
    Request,
    /// Answers.
    Reply,
}

impl SocketType {
    fn name(self) -> &'static str {
        match self {
            Self::Request => "REQ",
            Self::Reply => "REP",
        }
    }

    /// Returns the sockets that go with this one, by the table of 23/ZMTP, and how to say so.
    fn partners(self) -> ([&'static str; 2], &'static str) {
        match self {
            Self::Request => (["REP", "ROUTER"], "REP"),
            Self::Reply => (["REQ", "DEALER"], "REQ"),
        }
    }
}

/// Writes our READY command.
pub fn put_ready(out: &mut Vec<u8>, own: SocketType) {
    let mut body = b"\x05READY\x0BSocket-Type".to_vec();
    body.extend_from_slice(&(own.name().len() as u32).to_be_bytes());
    body.extend_from_slice(own.name().as_bytes());
    put_head(out, Kind::Command, body.len());
    out.extend_from_slice(&body);
}

/// Writes an ERROR command: why we refuse.
pub fn put_error(out: &mut Vec<u8>, reason: &str) {
    let reason = &reason.as_bytes()[..reason.len().min(255)];
    put_head(out, Kind::Command, 7 + reason.len());
    out.extend_from_slice(b"\x05ERROR");
    out.push(reason.len() as u8);
    out.extend_from_slice(reason);
}

/// Splits a command into its name and data.
///
/// # Errors
/// When it has no name.
pub fn command(body: &[u8]) -> Result<(&[u8], &[u8]), Broken> {
    let (length, rest) = body.split_first().ok_or(Broken::Rubbish("a command without a name"))?;
    rest.split_at_checked(usize::from(*length)).ok_or(Broken::Rubbish("a command without its name"))
}

/// Checks the first frame of a peer: a READY command of a socket that goes with ours. A peer need not name its socket.
///
/// # Errors
/// When it is something else, or refuses us.
pub fn check_ready(frame: &Frame, own: SocketType) -> Result<(), Broken> {
    if frame.kind != Kind::Command {
        return Err(Broken::Rubbish("a message before the handshake"));
    }
    let mut properties = match command(&frame.body)? {
        (b"READY", properties) => properties,
        (b"ERROR", reason) => return Err(refusal(reason)),
        _ => return Err(Broken::Rubbish("a handshake without READY")),
    };
    while !properties.is_empty() {
        let (name, value, rest) =
            property(properties).ok_or(Broken::Rubbish("a property that ends too soon"))?;
        properties = rest;
        let (partners, expected) = own.partners();
        if name.eq_ignore_ascii_case(b"Socket-Type") && !partners.iter().any(|p| p.as_bytes() == value) {
            let found = String::from_utf8_lossy(&value[..value.len().min(32)]).escape_default().to_string();
            return Err(Broken::Socket { found, expected });
        }
    }
    Ok(())
}

/// Returns why a peer refused, from the data of its ERROR command.
pub fn refusal(reason: &[u8]) -> Broken {
    let text = String::from_utf8_lossy(reason.get(1..).unwrap_or_default());
    Broken::Refused(text.escape_default().to_string())
}

/// Takes the first property: name, value, and what follows.
fn property(bytes: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let (length, rest) = bytes.split_first().filter(|(length, _)| **length > 0)?;
    let (name, rest) = rest.split_at_checked(usize::from(*length))?;
    let (length, rest) = rest.split_first_chunk()?;
    let (value, rest) = rest.split_at_checked(u32::from_be_bytes(*length) as usize)?;
    Some((name, value, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ready(properties: &[u8]) -> Frame {
        Frame { kind: Kind::Command, body: [b"\x05READY", properties].concat() }
    }

    #[test]
    fn a_command_is_that_of_the_specification() {
        let mut out = Vec::new();
        put_ready(&mut out, SocketType::Request);
        // The worked example of 23/ZMTP with another socket: 25 bytes of body.
        assert_eq!(out, b"\x04\x19\x05READY\x0BSocket-Type\x00\x00\x00\x03REQ");
        out.clear();
        put_error(&mut out, "no");
        assert_eq!(out, b"\x04\x09\x05ERROR\x02no");
    }

    #[test]
    fn sockets_that_go_together_are_taken() {
        // The example's own command: a DEALER with an empty identity.
        let dealer = ready(b"\x0BSocket-Type\x00\x00\x00\x06DEALER\x08Identity\x00\x00\x00\x00");
        assert!(check_ready(&dealer, SocketType::Reply).is_ok());
        let refused = check_ready(&dealer, SocketType::Request).unwrap_err();
        assert_eq!(refused.to_string(), "the peer's socket is a DEALER: REP is expected");
        let other_case = ready(b"\x0Bsocket-TYPE\x00\x00\x00\x03REP");
        assert!(check_ready(&other_case, SocketType::Request).is_ok());
        assert!(check_ready(&ready(b""), SocketType::Request).is_ok());
    }

    #[test]
    fn properties_that_lie_are_refused() {
        for bytes in [b"\x00".as_slice(), b"\x0BSock", b"\x01a\x00\x00", b"\x01a\xFF\xFF\xFF\xFFvalue"] {
            assert!(matches!(check_ready(&ready(bytes), SocketType::Reply), Err(Broken::Rubbish(_))));
        }
        let error = Frame { kind: Kind::Command, body: b"\x05ERROR\x04full".to_vec() };
        assert!(matches!(check_ready(&error, SocketType::Reply), Err(Broken::Refused(why)) if why == "full"));
        let message = Frame { kind: Kind::Last, body: b"\x05READY".to_vec() };
        assert!(check_ready(&message, SocketType::Reply).is_err());
    }
}
