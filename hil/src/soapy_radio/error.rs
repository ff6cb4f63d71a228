//! What drivers say, as errors of radios.

use crate::error::RadioError;

/// Makes an error of what a driver says when something was to be done.
pub(super) fn refused(radio: &str, action: &str) -> impl FnOnce(String) -> RadioError + use<> {
    let (radio, action) = (radio.to_owned(), action.to_owned());
    move |reason| RadioError::Driver { radio, action, reason }
}

/// Makes an error of what a driver says when a device was to be opened: one that another program has is the usual reason.
pub(super) fn not_opened(radio: &str, args: &str) -> impl FnOnce(String) -> RadioError + use<> {
    let (radio, action) = (radio.to_owned(), format!("open the device {args:?}"));
    move |said| {
        let words = said.to_lowercase();
        let is_busy = ["busy", "in use", "claim", "already open", "access", "permission"];
        let hint = match is_busy.iter().any(|word| words.contains(word)) {
            true => " (is another program using it, and may this user open it?)",
            false => "",
        };
        RadioError::Driver { radio, action, reason: format!("{said}{hint}") }
    }
}

/// Checks that a name is among what a radio offers.
pub(super) fn offered(
    radio: &str,
    what: &'static str,
    (asked, offered): (&str, Vec<String>),
) -> Result<(), RadioError> {
    if offered.iter().any(|name| name == asked) {
        return Ok(());
    }
    Err(RadioError::NotOffered { radio: radio.into(), what, asked: asked.into(), offered })
}

#[cfg(test)]
mod tests {
    use super::{not_opened, offered};

    #[test]
    fn a_device_that_another_program_has() {
        let said = not_opened("a", "driver=rtlsdr")("usb_claim_interface error -6".into()).to_string();
        assert!(said.contains("usb_claim_interface error -6") && said.contains("another program"), "{said}");
        let said = not_opened("a", "driver=rtlsdr")("firmware is too old".into()).to_string();
        assert!(!said.contains("another program"), "{said}");
    }

    #[test]
    fn what_there_is_not_comes_with_what_there_is() {
        let list = || vec!["TX/RX".into(), "RX2".into()];
        offered("a", "antenna", ("RX2", list())).unwrap();
        let said = offered("a", "antenna", ("RX3", list())).unwrap_err().to_string();
        assert_eq!(said, r#"radio a has no antenna called "RX3": it offers TX/RX, RX2"#);
    }
}
