//! Radios with hardware between them and the ether whose indices are not the air's, but whose samples are.

use super::air::{RATE_HZ, UNIT, attach};
use super::listens::{listens, of_pair};
use super::pair::Pair;
use super::talks::talks;
use airloop_baseband::{Resampler, Seeds};
use airloop_channels::FrontEndConfig;
use airloop_channels::impairment::SampleClock;
use airloop_hil::ether::Attachment;
use airloop_hil::{Device, DeviceConfig, Hardware, HardwareSetting, Persona, VirtualRadio};
use std::sync::Arc;
use std::time::Duration;

/// Two devices alike: what is wrong with the one undoes what is wrong with the other.
fn alike(config: &DeviceConfig, timeout: Duration) -> Pair {
    let ether = UNIT.ether(UNIT.config());
    let radio = |name: &str, ports: (&[usize], &[usize])| {
        VirtualRadio::new(Device::new(attach(&ether, name, ports), config.clone()).unwrap())
    };
    let (sender, listener) = (radio("a", (&[0], &[])), radio("b", (&[], &[0])).with_timeout(timeout));
    Pair { sender: Box::new(sender), listener: Box::new(listener), _air: Box::new(ether) }
}

/// Time that begins later than the air's, within the same block of it.
fn late() -> DeviceConfig {
    let ether = UNIT.ether(UNIT.config());
    let place = attach(&ether, "a", (&[0], &[]));
    let setting = HardwareSetting::at(place.info(), Seeds::new(8), 1, 1e9);
    let persona = Persona { start_offset_s: 15.0 / RATE_HZ, ..Persona::ideal() };
    let config = DeviceConfig::draw(persona, &setting).unwrap();
    let truth = Device::new(place, config.clone()).unwrap().truth();
    assert!(truth.transmit.origin.is_some_and(|origin| origin > 0), "{truth:?}");
    config
}

/// A clock that is three whole samples late.
fn shifted() -> DeviceConfig {
    let clocks = FrontEndConfig { timing_offset_s: 3.0 / RATE_HZ, ..FrontEndConfig::default() };
    let clock = SampleClock { sample_rate_hz: RATE_HZ, origin: 0 };
    let hardware = Hardware::of_clocks(clocks, clock, Arc::new(Resampler::new(0.8, -80.0))).unwrap();
    DeviceConfig::new(Persona::ideal(), hardware)
}

#[test]
fn devices_whose_indices_are_their_own() {
    for config in [late(), shifted()] {
        listens(|| of_pair(alike(&config, Duration::from_secs(20))));
        talks(|| alike(&config, Duration::from_millis(300)));
    }
}
