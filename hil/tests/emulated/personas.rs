//! Kinds of radios: what they can do, what they admit to, and what they refuse.

use super::air::{Local, Parts, RATE_HZ, UNIT, attach, signal};
use super::devices::{AIR_HZ, FILTERS, PATIENCE, apart, ether, ideal, read, set, write};
use airloop_baseband::{Complex32, Seeds};
use airloop_channels::StreamedAir;
use airloop_channels::impairment::Preset;
use airloop_hil::Direction::{Receive, Transmit};
use airloop_hil::ether::Attachment;
use airloop_hil::{
    Device, DeviceConfig, Ether, EtherConfig, HardwareSetting, PERSONAS, Persona, Radio, RadioError, Tuning,
    VirtualRadio,
};
use std::time::Duration;

fn says<T: std::fmt::Debug>(result: Result<T, RadioError>, words: &[&str]) {
    let message = result.unwrap_err().to_string();
    words.iter().for_each(|word| assert!(message.contains(word), "{message:?} does not say {word:?}"));
}

/// Draws a Pluto whose hardware, but for its counts, is perfect.
fn pluto(ether: &Ether<StreamedAir>, number: u64) -> Device<Local> {
    let place = attach(ether, &format!("pluto {number}"), (&[0], &[0]));
    let setting = HardwareSetting::at(place.info(), Seeds::new(3), number, 0.0);
    let persona = Persona { preset: Preset::default(), ..Persona::named("pluto").unwrap() };
    Device::new(place, DeviceConfig::draw(persona, &setting).unwrap()).unwrap()
}

fn pulse(n: f64) -> Complex32 {
    Complex32::new((-0.5 * (n / 6.0).powi(2)).exp() as f32, 0.0)
}

#[test]
fn counts_of_a_radio_without_times_begin_where_it_says_the_truth_is() {
    let mut origins = Vec::new();
    for (number, began) in [(1, 0), (1, 5000), (2, 0)] {
        let parts = Parts { transmit: 2, receive: 2, ..UNIT };
        let ether = parts.ether(EtherConfig { centre_hz: Some(AIR_HZ), radios: 2, ..parts.config() });
        let mut pluto = pluto(&ether, number);
        let mut bare = attach(&ether, "bare", (&[1], &[1]));
        let can = pluto.capabilities().clone();
        assert!(!can.timestamps && !can.timed_bursts && pluto.truth().transmit.origin.is_none());
        for direction in [Transmit, Receive] {
            set(&mut pluto, direction, (0.5, 0.0, if direction == Transmit { 60.0 } else { 40.0 }));
            // In samples of its own, as if it had begun with the air; then it counts anew.
            assert_eq!(pluto.activate(direction, Some(began / 2)).unwrap(), 0);
        }
        for direction in [Transmit, Receive] {
            bare.activate(direction, Some(0)).unwrap();
        }
        let truth = pluto.truth();
        let [sends, hears] = [truth.transmit.origin.unwrap(), truth.receive.origin.unwrap()];
        let offsets = [sends - began, hears - began];
        assert!(offsets[0] != offsets[1] && offsets.iter().all(|offset| *offset <= 10_000), "{offsets:?}");
        origins.push(offsets);
        // Two pulses of each, at times of who sends: a run has one origin.
        let times = [2000u64, 7000];
        for time in times {
            let own: Vec<Complex32> = (-100..100).map(|n| pulse(f64::from(n))).collect();
            write(&mut pluto, time - 100, &own, 33);
            let air: Vec<Complex32> = (-100..100).map(|n| pulse(f64::from(n) / 2.0)).collect();
            write(&mut bare, 13_000 + 2 * time - 100, &air, 200);
        }
        pluto.silent_until(30_000).unwrap();
        bare.silent_until(60_000).unwrap();
        let heard = read(&mut bare, 40_000, 40_000);
        let own = read(&mut pluto, 14_000, 14_000);
        let bare_pulses = |n: f64| -> Complex32 {
            times.iter().map(|time| pulse((n - 13_000.0) / 2.0 - *time as f64)).sum()
        };
        let pluto_pulses = |n: f64| -> Complex32 {
            times.iter().map(|time| pulse((n - sends as f64) / 2.0 - *time as f64)).sum()
        };
        // Both are heard at both ends: the channel is one for all.
        let sum = |n: f64| bare_pulses(n) + pluto_pulses(n);
        let expected: Vec<Complex32> = (0..40_000).map(|n| sum(f64::from(n))).collect();
        let worst = apart(&heard, &expected);
        assert!(worst < 2.0 * FILTERS, "{number} {began} {worst:e}");
        let expected: Vec<Complex32> = (0..14_000).map(|n| sum(f64::from(n) * 2.0 + hears as f64)).collect();
        assert!(apart(&own, &expected) < 2.0 * FILTERS);
        // Its time is told in what it has sent, half a filter later.
        let (air, own) = (bare.now().unwrap(), pluto.now().unwrap());
        assert!(own >= (air - sends) / 2 && own <= (air - sends) / 2 + 40, "{own} {air} {sends}");
    }
    assert!(origins[0] == origins[1] && origins[0] != origins[2]);
}

#[test]
fn directions_of_a_radio_with_times_share_one_origin() {
    let ether = ether();
    let place = attach(&ether, "a", (&[0], &[0]));
    let setting = HardwareSetting::at(place.info(), Seeds::new(3), 1, 0.0);
    let persona = Persona { start_offset_s: 0.02, ..Persona::ideal() };
    let mut device = Device::new(place, DeviceConfig::draw(persona, &setting).unwrap()).unwrap();
    let truth = device.truth();
    let origin = truth.transmit.origin.unwrap();
    assert!(truth.receive.origin == Some(origin) && (1..=20_000).contains(&origin));
    // What it sends at one of its own times it hears at that time.
    assert_eq!(device.activate(Transmit, Some(0)).unwrap(), 0);
    device.write(0, (Some(3000), &signal(0, 500), false), PATIENCE).unwrap();
    let from = device.activate(Receive, Some(0)).unwrap();
    device.silent_until(10_000).unwrap();
    let heard = read(&mut device, 5000, 5000);
    assert!(from < 3000 && heard[(3000 - from as usize)..][..500] == signal(0, 500));
    assert_eq!(device.truth(), truth);
}

#[test]
fn personas_are_what_they_are_called_and_their_first_settings_are_their_own() {
    for name in PERSONAS {
        let ether = ether();
        let place = attach(&ether, name, (&[0], &[0]));
        let setting = HardwareSetting::at(place.info(), Seeds::new(3), 1, 0.0);
        let persona = Persona::named(name).unwrap();
        let device = Device::new(place, DeviceConfig::draw(persona.clone(), &setting).unwrap()).unwrap();
        let mut radio = VirtualRadio::new(device);
        let can = radio.capabilities().clone();
        assert!(persona.name == name && can.hardware.contains(name) && can.name == name);
        assert_eq!(can.timestamps, name != "pluto");
        for direction in [Transmit, Receive] {
            let least = Tuning {
                centre_hz: AIR_HZ,
                sample_rate_hz: can.sample_rates_hz[0].most.min(RATE_HZ),
                gain_db: can.gain_db(direction).least,
            };
            assert_eq!(radio.tune(direction, 0, &least).unwrap(), least, "{name}");
            let beyond = Tuning { gain_db: can.gain_db(direction).most + 1.0, ..least };
            says(radio.tune(direction, 0, &beyond), &["gain_db", " to "]);
        }
    }
    assert_eq!(Persona::named("usrp"), None);
    let lime = Persona::named("lime").unwrap();
    assert!(lime.sample_rates_hz.len() == 2 && lime.sample_rates_hz.iter().all(|span| !span.holds(60e6)));
}

#[test]
fn settings_that_do_not_fit_the_air_are_refused_with_what_would() {
    let ether = ether();
    let mut a = ideal(&ether, "a", (&[0], &[0]));
    let right = Tuning { centre_hz: AIR_HZ, sample_rate_hz: 0.5 * RATE_HZ, gain_db: 0.0 };
    let rate = |sample_rate_hz| Tuning { sample_rate_hz, ..right };
    says(
        a.tune(Transmit, 0, &rate(RATE_HZ / std::f64::consts::SQRT_2)),
        &[
            "sample_rate_hz = 707106.78",
            "fractions of the air's 1000000 Hz",
            "such as 714285.71",
            "or 707105.7",
        ],
    );
    says(a.tune(Transmit, 0, &rate(2e6)), &["sample_rate_hz = 2000000", "3906.25 to 1000000"]);
    says(a.tune(Transmit, 0, &rate(f64::NAN)), &["sample_rate_hz = NaN"]);
    says(a.tune(Receive, 0, &rate(1000.0)), &["3906.25 to 1000000"]);
    says(a.tune(Receive, 1, &right), &["has 1 receive channels"]);
    a.tune(Transmit, 0, &right).unwrap();
    a.activate(Transmit, None).unwrap();
    says(a.tune(Transmit, 0, &rate(250e3)), &["250000", "500000 until its transmit stream is stopped"]);
    // Half a band apart: while it streams refused at once, else when it starts.
    let half = Tuning { centre_hz: AIR_HZ + 0.4e6, ..right };
    let words = [
        "centre_hz = 2400400000",
        "at 500000 samples a second",
        "within the air's from 2399750000 to 2400250000",
        "apart from it from 0 to 2399250000, 2400750000 to 1000000000000",
    ];
    says(a.tune(Transmit, 0, &half), &words);
    a.tune(Receive, 0, &half).unwrap();
    says(a.activate(Receive, None), &words);
    a.tune(Receive, 0, &right).unwrap();
    a.activate(Receive, None).unwrap();
    // The other direction goes by its own rate.
    a.deactivate(Transmit).unwrap();
    a.tune(Transmit, 0, &rate(250e3)).unwrap();
    let samples = signal(0, 10);
    says(a.write(0, (None, &samples, false), PATIENCE), &["transmit stream is not active"]);
    a.activate(Transmit, None).unwrap();
    says(a.write(2, (None, &samples, false), PATIENCE), &["no channel 2"]);
    says(a.write(0, (Some(u64::MAX), &samples, true), PATIENCE), &["sample index", "0 to 4398046511104"]);
    let soon = a.now().unwrap() + 1000;
    a.write(0, (Some(soon), &samples, true), PATIENCE).unwrap();
    let message = format!("{} begins before sample {}", soon + 5, soon + 10);
    says(a.write(0, (Some(soon + 5), &samples, true), PATIENCE), &[&message]);
    a.silent_until(u64::MAX).unwrap();
    a.skip(0, u64::MAX).unwrap();
    says(a.write(0, (Some(20_000), &samples, true), PATIENCE), &["20000 begins before sample"]);
}

#[test]
fn kinds_that_do_not_reach_the_air_are_refused_a_place() {
    let stand = |config: EtherConfig, name: &str| {
        let ether = UNIT.ether(config);
        let place = attach(&ether, "a", (&[0], &[]));
        let setting = HardwareSetting::at(place.info(), Seeds::new(3), 1, 2.4e9);
        let config = DeviceConfig::draw(Persona::named(name).unwrap(), &setting).unwrap();
        Device::new(place, config).map(|mut device| device.activate(Transmit, None))
    };
    // An air of 5 GHz is none of a LimeSDR's: it is apart, sends nothing, and time goes on.
    let far = EtherConfig { centre_hz: Some(5e9), ..UNIT.config() };
    assert!(stand(far, "lime").unwrap().is_ok());
    let narrow = Persona { sample_rates_hz: vec![], ..Persona::ideal() };
    let ether = ether();
    let config = DeviceConfig::new(narrow, Default::default());
    let none = Device::new(attach(&ether, "a", (&[0], &[])), config).map(|_| ());
    says(none, &["the air's sample_rate_hz", "ideal"]);
}

#[test]
fn an_air_without_a_carrier_takes_every_centre_as_its_own() {
    let ether = UNIT.ether(UNIT.config());
    let mut a = ideal(&ether, "a", (&[0], &[]));
    let mut b = ideal(&ether, "b", (&[], &[0]));
    for (device, direction, centre_hz) in [(&mut a, Transmit, 1e9), (&mut b, Receive, 5e9)] {
        device.tune(direction, 0, &Tuning { centre_hz, sample_rate_hz: RATE_HZ, gain_db: 0.0 }).unwrap();
        device.activate(direction, Some(0)).unwrap();
    }
    write(&mut a, 100, &signal(0, 500), 500);
    a.silent_until(10_000).unwrap();
    let mut out = vec![Complex32::default(); 1000];
    let heard = b.read(0, &mut out, Duration::ZERO).unwrap();
    assert!(heard.count == 1000 && out[100..600] == signal(0, 500));
}
