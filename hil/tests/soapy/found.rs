//! Which devices there are and what they can do.

use super::module;
use super::radios::says;
use airloop_hil::SoapyConfig;
use airloop_hil::SoapyRadio;
use airloop_hil::soapy_radio::{enumerate, probe};

/// Runs a test without any module.
fn without_modules(test: &str, check: fn()) {
    if std::env::var_os("AIRLOOP_SOAPY_TEST").is_some() {
        return check();
    }
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("no-modules");
    std::fs::create_dir_all(&folder).unwrap();
    module::run(test, &folder);
}

#[test]
fn no_device_and_arguments_that_are_none() {
    without_modules("found::no_device_and_arguments_that_are_none", || {
        assert_eq!(enumerate("").unwrap(), []);
        let open = |args: &str| SoapyRadio::open(SoapyConfig::new("a", args)).map(|_| ());
        says(open("driver=uhd"), &["0 devices answer to \"driver=uhd\"", "plugged in", "module installed"]);
        says(probe("driver=uhd").map(|_| ()), &["0 devices"]);
        // SoapySDR's own stand-in is none of those that are found.
        says(open("driver=null"), &["0 devices answer to \"driver=null\""]);
        says(open("b200"), &["\"b200\" is no key=value pair", "driver=uhd"]);
        says(open("driver=u\0hd"), &["zero byte"]);
        let config = SoapyConfig { depth_s: 1e9, ..SoapyConfig::new("a", "driver=null") };
        says(SoapyRadio::open(config).map(|_| ()), &["depth_s = 1000000000", "0.01 to 60"]);
    });
}

#[test]
fn an_emulated_device_says_what_it_can_do() {
    if !module::is_loaded("found::an_emulated_device_says_what_it_can_do") {
        return;
    }
    let found = enumerate("driver=airloop,radio=x").unwrap();
    assert_eq!(found.len(), 1);
    assert!(found[0].label.contains("radio x") && found[0].args.contains("radio=x"), "{}", found[0]);
    let probed = probe("driver=airloop,radio=x,tx=1,rx=2,persona=b210").unwrap();
    assert_eq!(probed.channels.len(), 3);
    let (abilities, clocks) = (&probed.capabilities, &probed.clocks);
    assert_eq!((abilities.transmit_channels, abilities.receive_channels), (1, 2));
    assert!(abilities.timestamps && abilities.timed_bursts && clocks.has_time && clocks.has_pps);
    assert_eq!((abilities.sample_rates_hz[0].most, probed.assumed.len()), (61.44e6, 0));
    assert_eq!((abilities.receive_gain_db.most, abilities.transmit_gain_db.most), (76.0, 89.75));
    let words = probed.to_string();
    for word in ["receive channel 1", "61440000 Hz", "70000000 to 6000000000 Hz", "ref_locked = true"] {
        assert!(words.contains(word), "{words}");
    }
}
