//! What the driver does not have, or cannot do now.

use super::module;
use super::radios::{SETTING, config, ear, mouth, open_tuned, says};
use airloop_hil::{ClockStatus, Direction, Radio, SoapyConfig, SoapyRadio, Tuning};

#[test]
fn what_a_device_does_not_have_comes_with_what_it_has() {
    if !module::is_loaded("refused::what_a_device_does_not_have_comes_with_what_it_has") {
        return;
    }
    let open = |config| SoapyRadio::open(config).map(|_| ());
    let antenna = SoapyConfig { receive_antenna: Some("RX9".into()), ..ear("a", "") };
    says(open(antenna), &["radio a has no antenna called \"RX9\": it offers RX"]);
    let clock = SoapyConfig { clock_source: Some("sun".into()), ..ear("a", "") };
    says(open(clock), &["no clock source called \"sun\": it offers internal, external"]);
    let time = SoapyConfig { time_source: Some("moon".into()), ..ear("a", "") };
    says(open(time), &["no time source called \"moon\"", "internal, external"]);
    let channels = SoapyConfig { receive_channels: vec![0, 3], ..ear("a", "rx=2") };
    says(open(channels), &["radio a has 2 receive channels", "no channel 3"]);
    let twice = SoapyConfig { receive_channels: vec![1, 1], ..ear("a", "rx=2") };
    says(open(twice), &["receive channel 1 is named twice"]);
    says(open(ear("a", "persona=pluot")), &["cannot open the device", "persona=pluot"]);
    let right = SoapyConfig {
        receive_antenna: Some("RX".into()),
        clock_source: Some("external".into()),
        time_source: Some("external".into()),
        ..ear("a", "")
    };
    let mut radio = SoapyRadio::open(right).unwrap();
    let clocks = radio.clocks().unwrap();
    assert_eq!((clocks.clock_source.as_str(), clocks.time_source.as_str()), ("external", "external"));
    assert_eq!(radio.is_locked().unwrap(), Some(true));
    radio.check_locked().unwrap();
    let external = || Some("external".to_string());
    let said = ClockStatus { clock_source: external(), time_source: external(), ..ClockStatus::internal() };
    // Emulated time waits for who hears.
    assert_eq!(radio.clock_status().unwrap(), said);
    radio.check_times().unwrap();
}

#[test]
fn settings_out_of_range_and_filters() {
    if !module::is_loaded("refused::settings_out_of_range_and_filters") {
        return;
    }
    let mut radio = SoapyRadio::open(ear("a", "persona=b210")).unwrap();
    let tune = |radio: &mut SoapyRadio, tuning| radio.tune(Direction::Receive, 0, &tuning);
    assert_eq!(tune(&mut radio, SETTING).unwrap(), SETTING);
    says(
        tune(&mut radio, Tuning { sample_rate_hz: 70e6, ..SETTING }),
        &["sample_rate_hz = 70000000", "61440000"],
    );
    says(tune(&mut radio, Tuning { gain_db: 80.0, ..SETTING }), &["gain_db = 80 is out of range: 0 to 76"]);
    says(tune(&mut radio, Tuning { centre_hz: 1e13, ..SETTING }), &["centre_hz", "70000000 to 6000000000"]);
    drop(radio);
    let wide = SoapyConfig { bandwidth_hz: Some(7e7), ..ear("a", "persona=b210") };
    let mut radio = SoapyRadio::open(wide).unwrap();
    says(tune(&mut radio, SETTING), &["bandwidth_hz = 70000000 is out of range", "61440000"]);
}

#[test]
fn times_are_set_while_no_stream_runs() {
    if !module::is_loaded("refused::times_are_set_while_no_stream_runs") {
        return;
    }
    let mut radio = SoapyRadio::open(ear("a", "")).unwrap();
    radio.start(Direction::Receive).unwrap();
    says(radio.set_time_at_pulse(0), &["cannot set its time at a pulse", "stop them first"]);
    radio.stop(Direction::Receive).unwrap();
    says(radio.stop(Direction::Receive), &["receive stream is not active"]);
    radio.set_time_at_pulse(5_000_000_000).unwrap();
    let mut mute = SoapyRadio::open(ear("b", "")).unwrap();
    says(mute.start(Direction::Transmit), &["radio b has 0 transmit channels"]);
    drop(open_tuned(mouth("c", "")));
    drop(SoapyRadio::open(config("d", "")).unwrap());
}
