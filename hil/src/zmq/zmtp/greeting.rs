//! The first 64 bytes of either side.
//!
//! ```text
//! 0     1..9     9     10     11     12..32      32         33..64
//! 0xFF  padding  0x7F  major  minor  mechanism   as-server  zeros
//! ```

use super::broken::Broken;

/// Length of a greeting in bytes.
pub const LENGTH: usize = 64;

const MECHANISM: std::ops::Range<usize> = 12..32;

/// Returns our greeting: version 3.1, mechanism NULL.
pub fn greeting() -> [u8; LENGTH] {
    let mut bytes = [0; LENGTH];
    (bytes[0], bytes[9], bytes[10], bytes[11]) = (0xFF, 0x7F, 3, 1);
    bytes[MECHANISM][..4].copy_from_slice(b"NULL");
    bytes
}

/// Checks what has come of a greeting, so that rubbish is known before all of it is there.
///
/// # Errors
/// What is wrong with it: signature, version or mechanism.
pub fn check(bytes: &[u8]) -> Result<(), Broken> {
    if bytes.first().is_some_and(|byte| *byte != 0xFF) || bytes.get(9).is_some_and(|byte| byte & 1 == 0) {
        return Err(Broken::Rubbish("a greeting without its signature"));
    }
    if let Some(major) = bytes.get(10).filter(|major| **major < 3) {
        return Err(Broken::Version(*major));
    }
    let Some(mechanism) = bytes.get(MECHANISM) else { return Ok(()) };
    if mechanism != &greeting()[MECHANISM] {
        let name = mechanism.split(|byte| *byte == 0).next().unwrap_or_default();
        return Err(Broken::Mechanism(String::from_utf8_lossy(name).escape_default().to_string()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_greeting_is_that_of_the_specification() {
        // The worked example of 23/ZMTP, with the minor version of 37/ZMTP.
        let mut example = vec![0xFF, 0, 0, 0, 0, 0, 0, 0, 0, 0x7F, 3, 1, b'N', b'U', b'L', b'L'];
        example.resize(64, 0);
        assert_eq!(greeting().as_slice(), example);
        assert!((0..=64).all(|end| check(&example[..end]).is_ok()));
        // Padding means nothing, later versions are taken.
        (example[3], example[10], example[11]) = (77, 4, 9);
        assert!(check(&example).is_ok());
    }

    #[test]
    fn what_is_no_greeting_is_refused_by_name() {
        assert!(matches!(check(b"GET / HTTP/1.1"), Err(Broken::Rubbish(_))));
        let mut bytes = greeting();
        bytes[10] = 1;
        assert!(matches!(check(&bytes[..11]), Err(Broken::Version(1))));
        let mut bytes = greeting();
        bytes[12..17].copy_from_slice(b"CURVE");
        assert!(matches!(check(&bytes), Err(Broken::Mechanism(name)) if name == "CURVE"));
    }
}
