//! Radios that the tests share.

use airloop_hil::{Direction, Radio, RadioError, SoapyConfig, SoapyRadio, Span, TransmitPermit, Tuning};

/// How the emulated radios are set.
pub const SETTING: Tuning = Tuning { centre_hz: 1e9, sample_rate_hz: 1e6, gain_db: 0.0 };

/// A permit for what the tests send.
pub fn permit() -> TransmitPermit {
    TransmitPermit {
        device: "driver=airloop".into(),
        bands_hz: vec![Span { least: 0.9e9, most: 1.1e9 }],
        most_gain_db: 10.0,
        most_level: 0.9,
        most_duty: 0.5,
    }
}

/// Returns the config of an emulated radio.
pub fn config(name: &str, args: &str) -> SoapyConfig {
    let args = format!("driver=airloop,radio={name},{args}");
    SoapyConfig { transmit_channels: vec![0], ..SoapyConfig::new(name, args) }
}

/// Returns the config of one that only hears.
pub fn ear(name: &str, args: &str) -> SoapyConfig {
    SoapyConfig { transmit_channels: vec![], ..config(name, &format!("tx=0,{args}")) }
}

/// Returns the config of one that only sends, and may.
pub fn mouth(name: &str, args: &str) -> SoapyConfig {
    let permit = Some(permit());
    SoapyConfig { receive_channels: vec![], permit, ..config(name, &format!("rx=0,{args}")) }
}

/// Opens one that sends, and tunes it.
pub fn open_tuned(config: SoapyConfig) -> SoapyRadio {
    let mut radio = SoapyRadio::open(config).unwrap();
    assert_eq!(radio.tune(Direction::Transmit, 0, &SETTING).unwrap(), SETTING);
    radio
}

/// Checks that something is refused with certain words.
pub fn says<T>(result: Result<T, RadioError>, words: &[&str]) {
    let Err(error) = result else { panic!("{words:?} is no error") };
    let error = error.to_string();
    assert!(words.iter().all(|word| error.contains(word)), "{error:?} does not say {words:?}");
}
