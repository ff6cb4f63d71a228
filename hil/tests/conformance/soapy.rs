//! Radios behind SoapySDR, on the emulated driver.

use super::listens::{listens, of_pair};
use super::pair::Pair;
use super::talks::talks;
use airloop_hil::{Direction, Radio, SoapyConfig, SoapyRadio, Span, TransmitPermit, Tuning};
use std::time::Duration;

#[path = "../soapy/module.rs"]
mod module;

fn permit() -> TransmitPermit {
    TransmitPermit {
        device: "driver=airloop".into(),
        bands_hz: vec![Span { least: -1e9, most: 1e13 }],
        most_gain_db: 100.0,
        most_level: 1.0,
        most_duty: 1.0,
    }
}

fn pair(timeout: Duration) -> Pair {
    let open = |name: &str, channels: (usize, usize), args: &str| {
        let args = format!("driver=airloop,radio={name},{args}");
        SoapyRadio::open(SoapyConfig {
            transmit_channels: (0..channels.0).collect(),
            receive_channels: (0..channels.1).collect(),
            permit: (channels.0 > 0).then(permit),
            timeout,
            ..SoapyConfig::new(name, args)
        })
        .unwrap()
    };
    let mut sender = open("a", (1, 0), "tx=1,rx=0,rate=1e6,radios=2");
    let listener = open("b", (0, 1), "tx=0,rx=1");
    let setting = Tuning { centre_hz: 1e9, sample_rate_hz: 1e6, gain_db: 0.0 };
    sender.tune(Direction::Transmit, 0, &setting).unwrap();
    Pair { sender: Box::new(sender), listener: Box::new(listener), _air: Box::new(()) }
}

#[test]
fn radios_behind_soapysdr() {
    if module::is_loaded("soapy::radios_behind_soapysdr") {
        listens(|| of_pair(pair(Duration::from_secs(20))));
        talks(|| pair(Duration::from_millis(500)));
    }
}
